"""Rosters read durably, on both databases: from the start where it broke off, nothing twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.batch.roster.programmes import programme_names
from app.batch.roster.reading import RosterReading
from app.domain.errors import StorageUnavailable
from app.domain.household import Purpose
from app.store.audit_entries import AuditEntries
from app.store.batch_households import BatchHouseholds
from app.store.batch_rosters import BatchRosters, LeaseLost, Sums
from app.store.batches import Batches, NewBatch, StoredBatch
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.session import Database, connect
from app.store.tables import audit_entry
from app.store.tables_batch import (
    batch_file,
    batch_household,
    batch_row_error,
    batch_unit,
)
from app.wiring import new_id
from tests.batch.rosters import AS_OF, a_family, a_row, as_csv
from tests.builders import shipped
from tests.service_parts import Clock

CIPHER = FieldCipher(bytes(range(32)))
WHERE = ("bt_01JD0000000000000000000001", "220102")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = connect(database_url)
    yield opened
    await opened.aclose()


class Desk:
    """A reader over a database, and what the tests look at."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = Clock()
        self.batches, self.rosters = Batches(CIPHER), BatchRosters(CIPHER)
        self.reading = RosterReading(
            database=database,
            batches=self.batches,
            rosters=self.rosters,
            clients=Clients(),
            audit=AuditTrail(bytes(32), AuditEntries(), self.clock),
            names=lambda: programme_names(shipped()),
            in_force=shipped().in_force,
            now=self.clock,
            new_id=new_id,
            folder=folder,
        )

    async def receive(self, data: bytes, *, part: int = 700) -> None:
        new = NewBatch(
            id=WHERE[0],
            region=WHERE[1],
            client_id="cl_1",
            origin="roster",
            format="unknown",
            purpose=Purpose.REVERIFICATION,
            as_of=AS_OF,
            created_at=self.clock(),
        )

        def work(tx: sa.Connection) -> None:
            self.batches.add(tx, new, "reading")
            for number, start in enumerate(range(0, len(data), part)):
                self.rosters.add_part(tx, WHERE, number, data[start : start + part])

        await self.database.write(work)

    async def batch(self) -> StoredBatch:
        return await self.database.read(lambda tx: self.batches.get(tx, WHERE[0], region=WHERE[1]))

    async def rows(self, table: sa.Table) -> list[Any]:
        ordered = sa.select(table).order_by(*table.primary_key.columns)
        return await self.database.read(lambda tx: list(tx.execute(ordered)))


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def many(households: int) -> bytes:
    rows = []
    for place in range(households):
        rows += a_family(f"case-{place:05d}")
        if place % 10 == 3:
            rows[-1]["name"] = ""
    return as_csv(rows)


async def test_a_roster_becomes_households_in_units(desk: Desk) -> None:
    await desk.receive(many(120))
    assert await desk.reading.read_due() == 1
    assert await desk.reading.read_due() == 0
    batch = await desk.batch()
    assert (batch.status, batch.format, batch.rows) == ("running", "csv", 360)
    assert (batch.rejected_rows, batch.households) == (36, 108)
    assert batch.started_at == desk.clock()
    households = await desk.rows(batch_household)
    assert [one.position for one in households] == list(range(108))
    assert households[3].case_reference == "case-00004"
    assert households[3].first_row == 13
    assert households[0].verification_id == "vf_01JD00000000000000000000010000000"
    assert {one.state for one in households} == {"todo"}
    units = await desk.rows(batch_unit)
    assert [(one.number, one.first, one.last) for one in units] == [
        (0, 0, 49),
        (1, 50, 99),
        (2, 100, 107),
    ]
    errors = await desk.rows(batch_row_error)
    assert len(errors) == 36
    assert {one.code for one in errors} == {"name.missing", "household.rejected"}
    assert await desk.rows(batch_file) == []
    entries = await desk.rows(audit_entry)
    assert [one.action for one in entries] == ["batch_read"]
    assert "case-" not in entries[0].details


async def test_what_is_read_can_be_worked_on(desk: Desk) -> None:
    await desk.receive(as_csv(a_family()))
    await desk.reading.read_due()
    households = BatchHouseholds(CIPHER)
    [row] = await desk.database.read(lambda tx: households.of_unit(tx, WHERE[0], (0, 49)))
    assert row.request is not None
    assert row.request.household.members[0].name == "李明"
    assert row.request.consent.signed_on is None


class Breaking:
    """A database that is lost at the n-th write."""

    def __init__(self, database: Database, at: int) -> None:
        self._database = database
        self._left = at
        self.dialect = database.dialect

    async def write(self, work: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise StorageUnavailable("lost")
        return await self._database.write(work)

    async def read(self, work: Any) -> Any:
        return await self._database.read(work)

    async def aclose(self) -> None:
        await self._database.aclose()


@pytest.mark.parametrize("at", range(5))
async def test_broken_off_anywhere_it_starts_again_and_adds_nothing_twice(
    desk: Desk, at: int
) -> None:
    await desk.receive(many(620))
    breaking = replace(desk.reading, database=Breaking(desk.database, at))
    with pytest.raises(StorageUnavailable):
        await breaking.read_due()
    if at:
        assert await desk.reading.read_due() == 0  # another one may still be at it
    desk.clock.forward(minutes=16)
    assert await desk.reading.read_due() == 1
    batch = await desk.batch()
    assert (batch.households, batch.rows, batch.rejected_rows) == (558, 1860, 186)
    assert len(await desk.rows(batch_household)) == 558
    assert len(await desk.rows(batch_row_error)) == 186


async def test_a_reader_that_was_too_slow_writes_nothing_more(desk: Desk) -> None:
    await desk.receive(many(3))
    now = desk.clock()
    first = await desk.database.write(lambda tx: desk.rosters.take(tx, "one", now=now, until=now))
    assert first is not None
    desk.clock.forward(seconds=1)
    assert await desk.reading.read_due() == 1
    sums = Sums(format="csv", rows=0, rejected_rows=0, households=0)
    with pytest.raises(LeaseLost):
        await desk.database.write(lambda tx: desk.rosters.hold(tx, first, now))
    assert (await desk.batch()).households != sums.households


async def test_a_roster_that_is_cancelled_is_read_no_further(desk: Desk) -> None:
    await desk.receive(many(3))
    now = desk.clock()
    await desk.database.write(
        lambda tx: desk.batches.set_status(
            tx, WHERE[0], "cancelled", only_from=("reading",), now=now
        )
    )
    assert await desk.reading.read_due() == 0
    assert (await desk.batch()).status == "cancelled"
    assert await desk.rows(batch_file) == []  # swept


async def test_a_file_that_cannot_be_used_fails_its_batch(desk: Desk) -> None:
    await desk.receive(b"a,b,c\n1,2,3\n")
    assert await desk.reading.read_due() == 1
    batch = await desk.batch()
    assert (batch.status, batch.failure, batch.rows) == ("failed", "header.missing", 0)
    assert batch.ended_at == desk.clock()
    assert await desk.rows(batch_file) == []
    assert await desk.reading.read_due() == 0


async def test_a_roster_of_bad_rows_alone(desk: Desk) -> None:
    await desk.receive(as_csv([a_row(case_reference=str(place), name="") for place in range(9)]))
    await desk.reading.read_due()
    batch = await desk.batch()
    assert (batch.rows, batch.rejected_rows, batch.households) == (9, 9, 0)
    assert await desk.rows(batch_unit) == []


async def test_nothing_of_a_person_stands_open_in_the_rows(desk: Desk) -> None:
    await desk.receive(as_csv(a_family()))
    parts = await desk.rows(batch_file)
    assert not any("李明".encode() in bytes(one.sealed_part) for one in parts)
    await desk.reading.read_due()
    [household] = await desk.rows(batch_household)
    assert "李明".encode() not in bytes(household.sealed_request)


async def test_a_file_that_never_came_to_its_end_is_swept_away(desk: Desk) -> None:
    await desk.receive(as_csv(a_family()))
    now = desk.clock()
    await desk.database.write(
        lambda tx: tx.execute(
            sa.text("UPDATE batch SET status = 'receiving', leased_until = :at"),
            {"at": int(now.timestamp() * 1_000_000)},
        )
    )
    desk.clock.forward(minutes=3)
    for _ in range(3):
        assert await desk.reading.read_due() == 0
    assert await desk.rows(batch_file) == []
