"""Figures in the metrics: kept for a while, read once, and absent where the database is."""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from app.domain.errors import StorageUnavailable
from app.observe.figures import Figures, FiguresCache, FiguresCollector


class Hand:
    """A clock moved by hand; `slow` seconds pass at every reading."""

    def __init__(self, slow: float = 0.0) -> None:
        self.now, self.slow, self.readings = 100.0, slow, 0
        self.gone = False

    def __call__(self) -> float:
        return self.now

    async def read(self) -> Figures:
        self.readings += 1
        self.now += self.slow
        if self.gone:
            raise StorageUnavailable("the database cannot be read: OperationalError")
        return Figures(notices={"waiting": 3, "dead": 1}, audit_entries=7)


async def read_at(hand: Hand, *steps: float) -> list[int]:
    cache, counts = FiguresCache(hand.read, clock=hand), []
    for step in steps:
        hand.now += step
        await cache.fresh()
        counts.append(hand.readings)
    return counts


async def test_they_are_read_every_ten_seconds_at_most() -> None:
    assert await read_at(Hand(), 0, 9, 0.9, 0.2, 1) == [1, 1, 1, 2, 2]


async def test_where_reading_takes_long_it_is_done_less_often() -> None:
    assert await read_at(Hand(slow=3.0), 0, 11, 40, 10) == [1, 1, 1, 2]


async def test_many_at_once_read_once() -> None:
    hand = Hand()
    cache = FiguresCache(hand.read, clock=hand)
    await asyncio.gather(*(cache.fresh() for _ in range(20)))
    assert hand.readings == 1


async def exposed(read: Callable[[], Awaitable[Figures]]) -> str:
    registry = CollectorRegistry()
    registry.register(FiguresCollector(FiguresCache(read), asyncio.get_running_loop()))
    return (await asyncio.to_thread(generate_latest, registry)).decode()


async def test_they_are_metrics() -> None:
    text = await exposed(Hand().read)
    assert "hedui_database_up 1.0" in text
    assert 'hedui_notices{state="dead"} 1.0' in text
    assert "hedui_audit_entries_total 7.0" in text
    assert "hedui_notice_age_seconds" not in text  # nothing waits of which to tell an age


async def test_a_database_that_is_gone_is_not_zero() -> None:
    hand = Hand()
    hand.gone = True
    text = await exposed(hand.read)
    assert "hedui_database_up 0.0" in text
    assert "hedui_notices" not in text
