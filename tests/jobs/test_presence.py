"""Processes among each other: heartbeats, elections, the dead, and the one clock."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from app.domain.errors import ConfigurationError
from app.jobs.presence import DEAD_AFTER, DUTY_LEASE, Presence
from app.jobs.timekeeping import ServiceClock
from app.store.batch_units import BatchUnits
from app.store.batches import reader_of
from app.store.crypto import FieldCipher
from app.store.session import Database, connect
from app.store.tables_batch import batch, batch_unit
from app.store.verifications import Verifications
from app.store.workers import Workers
from tests.service_parts import NOON, Clock


@pytest.fixture
async def database(database_url: str) -> Database:
    return connect(database_url)


def a_presence(database: Database, name: str, clock: Clock) -> Presence:
    return Presence(
        database=database,
        workers=Workers(),
        verifications=Verifications(FieldCipher(bytes(32))),
        units=BatchUnits(),
        name=name,
        kind="worker",
        started_at=NOON,
        now=clock,
    )


async def names(database: Database) -> list[str]:
    return [one.name for one in await database.read(Workers().all)]


async def test_a_process_without_a_heartbeat_is_dead_for_the_others(database: Database) -> None:
    clock = Clock()
    one, two = a_presence(database, "w-1", clock), a_presence(database, "w-2", clock)
    await one.begin()
    await two.begin()
    clock.forward(seconds=DEAD_AFTER.total_seconds() + 1)
    await two.beat()
    assert await two.reap() == 1
    assert await names(database) == ["w-2"]
    await one.beat()  # it was only slow: it is there again
    assert await two.reap() == 0
    assert await names(database) == ["w-1", "w-2"]
    await one.leave()
    assert await names(database) == ["w-2"]
    await database.aclose()


async def test_a_roster_that_a_dead_process_was_reading_is_free(database: Database) -> None:
    clock, reader = Clock(), reader_of("w-1")

    def read(tx: sa.Connection) -> None:
        values = {
            "id": "bt_1",
            "region": "220102",
            "client_id": "cl_1",
            "origin": "roster",
            "format": "csv",
            "purpose": "reverification",
            "as_of": NOON.date(),
            "status": "reading",
            "rows": 0,
            "rejected_rows": 0,
            "households": 0,
            "created_at": NOON,
            "leased_by": reader,
            "leased_until": NOON + timedelta(minutes=15),
        }
        tx.execute(batch.insert().values(**values))

    await database.write(read)
    held = sa.select(batch.c.leased_by)
    await a_presence(database, "w-10", clock).begin()  # another one, whose name begins alike
    assert await database.read(lambda tx: tx.execute(held).scalar()) == reader
    await a_presence(database, "w-1", clock).begin()
    assert await database.read(lambda tx: tx.execute(held).scalar()) is None
    await database.aclose()


async def test_only_units_that_a_worker_is_at_stay_its_own(database: Database) -> None:
    """One that it took without knowing, for a commit's answer was lost, runs out."""
    clock = Clock()
    presence = a_presence(database, "w-1", clock)
    until = NOON + timedelta(seconds=60)

    def taken(tx: sa.Connection) -> None:
        values = {"region": "220102", "state": "running", "leased_by": "w-1", "first": 0, "last": 9}
        for number in (1, 2):
            tx.execute(
                batch_unit.insert().values(
                    batch_id="bt_1", number=number, leased_until=until, **values
                )
            )

    await database.write(taken)
    presence.held.add(("bt_1", 2))
    clock.forward(seconds=30)
    await presence.beat()
    ends = sa.select(batch_unit.c.leased_until).order_by(batch_unit.c.number)
    found: list[datetime] = await database.read(lambda tx: list(tx.execute(ends).scalars()))
    assert found == [until, until + timedelta(seconds=30)]
    await database.aclose()


async def test_a_third_worker_on_sqlite_is_refused(database: Database) -> None:
    clock = Clock()
    for name in ("w-1", "w-2", "w-1"):
        await a_presence(database, name, clock).begin()
    third = a_presence(database, "w-3", clock)
    if database.dialect == "postgresql":
        await third.begin()
    else:
        with pytest.raises(ConfigurationError, match="at most 2 workers"):
            await third.begin()
    await database.aclose()


async def test_a_duty_is_one_processs_until_its_lease_ends(database: Database) -> None:
    clock = Clock()
    done: list[str] = []
    duties = {}
    for name in ("w-1", "w-2"):

        async def work(name: str = name) -> int:
            done.append(name)
            return 1

        duties[name] = a_presence(database, name, clock).elected("finish", work)
    for name in ("w-1", "w-2", "w-1"):
        await duties[name]()
    assert done == ["w-1", "w-1"]
    clock.forward(seconds=DUTY_LEASE.total_seconds() + 1)
    assert await duties["w-2"]() == 1
    assert await duties["w-1"]() is None
    await a_presence(database, "w-2", clock).leave()
    clock.forward(seconds=DUTY_LEASE.total_seconds() / 4)
    assert await duties["w-1"]() == 1
    await database.aclose()


async def test_the_clock_is_the_databases(database: Database) -> None:
    """A machine whose clock is an hour ahead keeps the time that all others keep."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with time_machine.travel(ahead, tick=True):
        clock = ServiceClock()
        off = await clock.correct(database)
        told = clock()
    really = datetime.fromtimestamp(time.time(), UTC)
    if database.dialect == "postgresql":
        assert off is not None
        assert abs(off - timedelta(hours=1)) < timedelta(seconds=60)
        assert abs(told - really) < timedelta(seconds=60)
    else:
        assert off is None  # SQLite has no clock but the process's
    await database.aclose()


async def test_a_clock_set_back_meanwhile_does_not_run_backwards() -> None:
    clock = ServiceClock()
    before = clock()
    with time_machine.travel(datetime.now(UTC) - timedelta(days=1), tick=True):
        assert clock() >= before
