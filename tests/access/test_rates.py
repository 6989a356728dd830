"""Rates: no window gives out more than its quota, however many processes count."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.rates import CLASSES, Rates, Sweep, policies
from app.domain.errors import ConfigurationError, StorageUnavailable
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine
from app.store.session import Database, connect
from app.store.tables_clients import client_assertion, rate_count
from tests.service_parts import Clock

CIPHER = FieldCipher(bytes(32))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = connect(database_url)
    yield opened
    await opened.aclose()


def process(database: Database, clock: Clock, text: str) -> Rates:
    """What one process counts by."""
    return Rates(database, CIPHER, policies(text), clock)


async def admitted(rates: Rates, calls: int, client: str = "cl_1") -> int:
    taken = [await rates.of_client(client, "read", "") for _ in range(calls)]
    return sum(one.is_allowed for one in taken)


@pytest.mark.promise(28)
async def test_processes_count_together(database: Database) -> None:
    """Planted: with each process's own bucket, three admitted 300 of a quota of 100."""
    clock = Clock()
    several = [process(database, clock, "read=100/60") for _ in range(3)]
    sums = await asyncio.gather(*(admitted(one, 150) for one in several))
    assert sum(sums) <= 100
    assert sum(sums) >= 95  # what a process took and did not need is lost with the window
    clock.forward(seconds=60)
    assert await admitted(several[0], 10) == 10


@pytest.mark.promise(28)
async def test_a_restart_forgets_nothing(database: Database) -> None:
    """Planted: with `before` taken for 0, a process after a restart admitted 40 more."""
    clock = Clock()
    assert await admitted(process(database, clock, "read=40/60"), 50) == 40
    assert await admitted(process(database, clock, "read=40/60"), 50) == 0


async def test_clients_and_classes_are_counted_apart(database: Database) -> None:
    rates = process(database, Clock(), "read=2/60,write=2/60")
    assert await admitted(rates, 3) == 2
    assert await admitted(rates, 3, "cl_2") == 2
    assert (await rates.of_client("cl_1", "write", "")).is_allowed
    own = [await rates.of_client("cl_3", "read", "read=5/60") for _ in range(6)]
    assert [one.is_allowed for one in own] == [True] * 5 + [False]
    assert own[-1].fields == {"RateLimit-Policy": '"read";q=5;w=60', "RateLimit": '"read";r=0;t=60'}


async def test_what_is_left_is_told(database: Database) -> None:
    clock = Clock()
    rates = process(database, clock, "read=100/60")
    told = [await rates.of_client("cl_1", "read", "") for _ in range(100)]
    assert [one.left for one in told] == list(range(99, -1, -1))
    clock.forward(seconds=59.5)
    assert (await rates.of_client("cl_1", "read", "")).resets_in == 1


@pytest.mark.promise(28)
async def test_a_clock_that_is_behind_gives_out_nothing_again(database: Database) -> None:
    """Planted: a window that was taken over whatever its end gave the late process all of it."""
    clock, late = Clock(), Clock()
    late.forward(seconds=-30)
    assert await admitted(process(database, clock, "read=50/20"), 60) == 50
    assert await admitted(process(database, late, "read=50/20"), 60) == 0


async def test_a_flood_writes_little(database: Database) -> None:
    writes = 0
    plain = database.write

    class Counting:
        dialect = database.dialect

        async def write(self, work):  # type: ignore[no-untyped-def]
            nonlocal writes
            writes += 1
            return await plain(work)

    rates = Rates(Counting(), CIPHER, policies("read=1000/60"), Clock())  # type: ignore[arg-type]
    assert await admitted(rates, 5_000) == 1_000
    assert writes <= 150


async def test_an_address_is_not_kept_in_the_clear(database: Database) -> None:
    await process(database, Clock(), "").of_address("203.0.113.9", "public")
    (row,) = await database.read(lambda tx: tx.execute(rate_count.select()).all())
    keyed = CIPHER.blind("rate_count.bucket", "203.0.113.9").hex()
    assert row.bucket == f"public:{keyed}"


async def test_old_counts_and_assertions_are_forgotten(database: Database) -> None:
    clock, clients = Clock(), Clients()
    await admitted(process(database, clock, ""), 1)
    until = clock() + timedelta(minutes=5)
    await database.write(lambda tx: clients.use_assertion(tx, "cl_1", "0" * 64, until))
    sweep = Sweep(database, clients.forget_assertions, clock)
    assert await sweep.run() == 0
    clock.forward(hours=2)
    assert await sweep.run() == 2
    for table in (rate_count, client_assertion):
        left = await database.read(lambda tx, table=table: tx.execute(table.select()).all())  # type: ignore[misc]
        assert left == []


async def test_without_the_database_nobody_is_admitted(tmp_path: Path) -> None:
    opened = connect(f"sqlite:///{tmp_path / 'nothing' / 'hedui.sqlite3'}")
    with pytest.raises(StorageUnavailable):
        await process(opened, Clock(), "").of_client("cl_1", "read", "")
    await opened.aclose()


@pytest.mark.parametrize(
    "text", ["read", "read=", "read=0/60", "read=1/0", "all=1/1", "read=１/60", "read=-1/60"]
)
def test_a_rate_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CLASS=CALLS/SECONDS"):
        policies(text)


def test_what_is_not_named_stays() -> None:
    found = policies("read=5/1")
    assert (found["read"].quota, found["read"].seconds) == (5, 1)
    assert set(found) == set(CLASSES)
    assert policies("", found) == found


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 30), st.sampled_from([0, 0, 0, 3, 10])),
    max_size=25,
)


@pytest.mark.promise(28)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=STEPS, quota=st.integers(1, 60))
async def test_no_window_gives_out_more_than_its_quota(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int]], quota: int
) -> None:
    """Which process is asked how often, and how far the clock moves in between: it never matters.

    Planted: with `given` not bounded by the quota, found: two processes at a quota of 1.
    """
    url = f"sqlite:///{tmp_path_factory.mktemp('law') / 'hedui.sqlite3'}"
    engine = sync_engine(url)
    rate_count.create(engine)
    engine.dispose()
    database, clock = connect(url), Clock()
    processes = [process(database, clock, f"read={quota}/10") for _ in range(3)]
    given_out: dict[int, int] = {}
    for which, calls, seconds in steps:
        window = int(clock().timestamp()) // 10
        given_out[window] = given_out.get(window, 0) + await admitted(processes[which], calls)
        clock.forward(seconds=seconds)
    await database.aclose()
    assert all(count <= quota for count in given_out.values())
