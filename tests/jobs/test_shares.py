"""All processes together keep what a source bears, and single verifications have their part."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.jobs.shares import BATCH, INTERACTIVE, Books, SharedPace, ShareKeeper, lanes_of
from app.store.session import Database, connect
from app.store.source_pace import Share, SourcePace
from connectors.transport.limits import Limits
from tests.new_databases import brought_up
from tests.service_parts import NOON, Clock

RATE, SHARE = 20.0, 0.2


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    url = f"sqlite:///{tmp_path_factory.mktemp('pace') / 'hedui.sqlite3'}"
    brought_up(url)
    return sa.create_engine(url)


@dataclass(frozen=True)
class Wish:
    """A call that somebody wants to begin."""

    after: float
    """Seconds since the wish before."""
    lane: str


wishes = st.lists(
    st.builds(Wish, st.floats(0, 0.4, allow_nan=False), st.sampled_from([INTERACTIVE, BATCH])),
    min_size=1,
    max_size=150,
)


def starts_of(engine: sa.Engine, asked: Sequence[Wish]) -> list[tuple[str, float, float]]:
    """Lane, wish and start of each, in seconds, by the books alone."""
    pace, now, begun = SourcePace(), NOON, []
    with engine.connect() as tx:
        for wish in asked:
            now += timedelta(seconds=wish.after)
            start = pace.take(tx, lanes_of("tax", RATE, SHARE, wish.lane), now)
            begun.append((wish.lane, _seconds(now), _seconds(max(start, now))))
        tx.rollback()
    return begun


def _seconds(at: datetime) -> float:
    return (at - NOON).total_seconds()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes)
def test_no_second_has_more_starts_than_the_rate(engine: sa.Engine, asked: list[Wish]) -> None:
    starts = sorted(start for _, _, start in starts_of(engine, asked))
    for place, start in enumerate(starts):
        within = sum(start <= other < start + 0.999 for other in starts[place:])
        assert within <= RATE + 1


def test_a_single_verification_does_not_wait_behind_a_batch(engine: sa.Engine) -> None:
    """A batch has taken what comes in the next minutes; four calls still begin at once."""
    batch = [Wish(0.0, BATCH)] * 3000
    begun = starts_of(engine, [*batch, *[Wish(0.0, INTERACTIVE)] * 4])
    assert begun[2999][2] > 200
    assert [start - wish for _, wish, start in begun[3000:]] == [0.0] * 4


def test_alone_a_single_verification_has_the_batches_lane_too(engine: sa.Engine) -> None:
    begun = starts_of(engine, [Wish(0.0, INTERACTIVE)] * 16)
    assert max(start for _, _, start in begun) < 1.0


asks = st.lists(
    st.tuples(
        st.sampled_from(["api-1", "api-2", "w-1", "w-2", "w-3"]),
        st.integers(1, 300),
        st.floats(0, 10, allow_nan=False),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(asks, st.integers(6, 64))
def test_shares_together_stay_within_the_limit(
    engine: sa.Engine, asked: list[tuple[str, int, float]], everything: int
) -> None:
    """Whoever asks, in whatever order; everybody has at least one."""
    pace, now = SourcePace(), NOON
    held: dict[str, tuple[int, datetime]] = {}
    with engine.connect() as tx:
        for holder, wanted, after in asked:
            now += timedelta(seconds=after)
            lane = INTERACTIVE if holder.startswith("api") else BATCH
            share = Share(source="tax", holder=holder, lane=lane, wanted=wanted)
            slots = pace.share(tx, share, (everything, 2), now)
            held[holder] = (slots, now + timedelta(seconds=15))
            alive = [one for one, until in held.values() if until >= now]
            assert slots >= 1
            assert sum(alive) <= everything + len(alive) - 1
        tx.rollback()


def test_a_batch_leaves_what_is_kept_for_single_verifications(engine: sa.Engine) -> None:
    pace = SourcePace()
    with engine.connect() as tx:
        batch = Share(source="tax", holder="w-1", lane=BATCH, wanted=500)
        single = Share(source="tax", holder="api", lane=INTERACTIVE, wanted=3)
        assert pace.share(tx, batch, (10, 2), NOON) == 8
        assert pace.share(tx, single, (10, 2), NOON) == 2
        pace.give_back(tx, "tax", "w-1")
        assert pace.share(tx, single, (10, 2), NOON) == 10
        assert pace.share(tx, batch, (10, 2), NOON) == 1  # until the other shrinks
        assert pace.share(tx, single, (10, 2), NOON) == 2
        assert pace.share(tx, batch, (10, 2), NOON) == 8
        tx.rollback()


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    return connect(url)


def books(database: Database, lane: str, clock: Clock, holder: str = "w-1") -> Books:
    return Books(database=database, pace=SourcePace(), holder=holder, lane=lane, now=clock)


async def test_slots_wait_for_a_share_and_for_each_other(database: Database) -> None:
    keeper = ShareKeeper(books(database, BATCH, Clock()))
    slots = keeper.slots("tax", Limits(concurrency=4, interactive_share=0.5))
    takers = [asyncio.create_task(slots.acquire()) for _ in range(5)]
    await asyncio.sleep(0)
    assert slots.wanted == 5
    await keeper.renew()
    await asyncio.sleep(0)
    assert [taker.done() for taker in takers] == [True, True, False, False, False]
    takers[2].cancel()
    await asyncio.gather(takers[2], return_exceptions=True)
    slots.release()
    await asyncio.sleep(0)
    assert takers[3].done()
    assert not takers[4].done()
    slots.resize(3)
    await asyncio.wait_for(takers[4], 10)
    assert slots.in_use == 3
    for _ in range(3):
        slots.release()
    await keeper.renew()
    assert slots.size == 0  # nothing wanted: another may have it
    await database.aclose()


async def test_a_pace_takes_starts_for_all_who_wait(database: Database) -> None:
    clock = Clock()
    pace = SharedPace(books(database, BATCH, clock), "tax", Limits(rate=1e6))
    async with asyncio.timeout(20):
        await asyncio.gather(*(pace.wait() for _ in range(50)))
    await database.aclose()
