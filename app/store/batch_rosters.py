"""Rosters being read: the file in sealed parts, the lease on it, what comes of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.errors import Conflict
from app.domain.household import VerificationRequest
from app.store.base import upsert
from app.store.batch_households import sealed_household
from app.store.batch_units import UNIT_SIZE
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables_batch import batch, batch_file, batch_household, batch_row_error, batch_unit

_columns = batch.c
_AT_ONCE: Final = 2_000  # rows that one transaction takes away


class LeaseLost(Conflict):
    """The roster is another worker's by now, or is not to be read any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A roster that is this reader's to read, until another one takes it."""

    batch_id: str
    region: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHousehold:
    """A household of a batch; its verification's id follows from its place."""

    position: int
    request: VerificationRequest = field(repr=False)
    recipient_id: str | None = None
    first_row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRowError:
    """A fault of a row; `number` counts them."""

    number: int
    row: int
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What came of a roster: accepted and rejected rows are all of them."""

    format: str
    rows: int
    rejected_rows: int
    households: int
    columns: tuple[str, ...] = ()
    """Those of ours that any row fills."""


def verification_id(batch_id: str, position: int) -> str:
    """Fixed by batch and place: planning it again plans the same."""
    return f"vf_{batch_id.removeprefix('bt_')}{position:07d}"


class BatchRosters:
    """Queries of whoever receives and reads rosters."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add_part(self, tx: sa.Connection, where: tuple[str, str], part: int, data: bytes) -> None:
        """`where`: the batch and its region."""
        cipher = self._keys.sealer(tx, *where)
        sealed = cipher.seal(_part_cell(where[0], part), data)
        tx.execute(
            batch_file.insert().values(
                batch_id=where[0], part=part, region=where[1], sealed_part=sealed
            )
        )

    def part(self, tx: sa.Connection, batch_id: str, part: int) -> bytes | None:
        """None after the last one."""
        sealed = tx.execute(
            sa.select(batch_file.c.sealed_part).where(
                batch_file.c.batch_id == batch_id, batch_file.c.part == part
            )
        ).scalar_one_or_none()
        if sealed is None:
            return None
        return self._keys.opener(tx, batch_id).open(_part_cell(batch_id, part), sealed)

    def received(self, tx: sa.Connection, batch_id: str) -> None:
        """The file is all there, and to be read. Raises `LeaseLost` where it took too long."""
        done = tx.execute(
            batch.update()
            .where(_columns.id == batch_id, _columns.status == "receiving")
            .values(status="reading", leased_until=None)
        )
        if done.rowcount != 1:
            raise LeaseLost("the file took too long to come; send it again")

    def prolong(self, tx: sa.Connection, batch_id: str, until: datetime) -> None:
        """More of the file has come."""
        tx.execute(batch.update().where(_columns.id == batch_id).values(leased_until=until))

    def sweep(self, tx: sa.Connection, now: datetime) -> int:
        """Files that broke off, and parts that belong to no batch; gives how many rows went."""
        late = sa.and_(_columns.status == "receiving", _columns.leased_until < now)
        gone = tx.execute(batch.delete().where(late)).rowcount
        wanted = sa.select(_columns.id).where(_columns.status.in_(("receiving", "reading")))
        parts = (
            sa.select(batch_file.c.batch_id, batch_file.c.part)
            .where(batch_file.c.batch_id.not_in(wanted))
            .limit(16)
        )
        for row in tx.execute(parts).all():
            gone += tx.execute(
                batch_file.delete().where(
                    batch_file.c.batch_id == row.batch_id, batch_file.c.part == row.part
                )
            ).rowcount
        return gone

    def take(
        self, tx: sa.Connection, reader: str, *, now: datetime, until: datetime
    ) -> Lease | None:
        """The oldest roster that nobody reads."""
        free = sa.or_(_columns.leased_until.is_(None), _columns.leased_until < now)
        wanted = sa.and_(_columns.status == "reading", free)
        found = sa.select(_columns.id).where(wanted).order_by(_columns.id).limit(1)
        if tx.dialect.name == "postgresql":
            found = found.with_for_update(skip_locked=True)
        row = tx.execute(
            batch.update()
            .where(_columns.id == found.scalar_subquery(), wanted)
            .values(leased_by=reader, leased_until=until)
            .returning(_columns.id, _columns.region)
        ).one_or_none()
        return None if row is None else Lease(row.id, row.region, reader)

    def hold(self, tx: sa.Connection, lease: Lease, until: datetime) -> None:
        """Still this reader's; raises `LeaseLost`."""
        self._change(tx, lease, leased_until=until)

    def let_go(self, tx: sa.Connection, lease: Lease) -> None:
        """To be read again, by anybody."""
        self._change(tx, lease, leased_by=None, leased_until=None)

    def _change(self, tx: sa.Connection, lease: Lease, **values: object) -> None:
        done = tx.execute(
            batch.update()
            .where(
                _columns.id == lease.batch_id,
                _columns.status == "reading",
                _columns.leased_by == lease.reader,
            )
            .values(**values)
        )
        if done.rowcount != 1:
            raise LeaseLost("the roster is not this reader's any more")

    def forget_some(self, tx: sa.Connection, batch_id: str) -> int:
        """Rows that an earlier reading left when it broke off; gives how many went."""
        gone = 0
        for table, place in (
            (batch_household, batch_household.c.position),
            (batch_row_error, batch_row_error.c.number),
        ):
            some = (
                sa.select(place)
                .where(table.c.batch_id == batch_id)
                .order_by(place)
                .limit(_AT_ONCE)
                .scalar_subquery()
            )
            done = tx.execute(table.delete().where(table.c.batch_id == batch_id, place.in_(some)))
            gone += done.rowcount
        return gone

    def add_households(self, tx: sa.Connection, batch_id: str, new: Sequence[NewHousehold]) -> None:
        if not new:
            return
        ids = {one.position: verification_id(batch_id, one.position) for one in new}
        regions = {ids[one.position]: one.request.region for one in new}
        ciphers = self._keys.sealers(tx, regions)
        rows = [
            {
                "batch_id": batch_id,
                "position": one.position,
                "region": one.request.region,
                "case_reference": one.request.case_reference,
                "verification_id": ids[one.position],
                "recipient_id": one.recipient_id,
                "first_row": one.first_row,
                "state": "todo",
                "sealed_request": sealed_household(
                    ciphers[ids[one.position]], batch_id, one.position, one.request
                ),
            }
            for one in new
        ]
        tx.execute(upsert(tx, batch_household).on_conflict_do_nothing(), rows)

    def add_errors(
        self, tx: sa.Connection, where: tuple[str, str], errors: Sequence[StoredRowError]
    ) -> None:
        """`where`: the batch and its region."""
        rows = [
            {
                "batch_id": where[0],
                "number": one.number,
                "region": where[1],
                "row": one.row,
                "column": one.column,
                "code": one.code,
                "detail": one.detail,
            }
            for one in errors
        ]
        if rows:
            tx.execute(upsert(tx, batch_row_error).on_conflict_do_nothing(), rows)

    def errors(
        self, tx: sa.Connection, batch_id: str, *, after: int, limit: int
    ) -> Sequence[StoredRowError]:
        its = batch_row_error.c
        found = tx.execute(
            sa.select(its.number, its.row, its.column, its.code, its.detail)
            .where(its.batch_id == batch_id, its.number > after)
            .order_by(its.number)
            .limit(limit)
        )
        return [StoredRowError(**row._mapping) for row in found]

    def start(self, tx: sa.Connection, where: tuple[str, str], sums: Sums, now: datetime) -> None:
        """The households in units of work, and the batch running (done where there are none).

        One that is to be confirmed is held: nothing of it begins.
        """
        batch_id, region = where
        units = [
            {
                "batch_id": batch_id,
                "number": number,
                "region": region,
                "first": first,
                "last": min(first + UNIT_SIZE, sums.households) - 1,
                "state": "todo",
            }
            for number, first in enumerate(range(0, sums.households, UNIT_SIZE))
        ]
        if units:
            tx.execute(upsert(tx, batch_unit).on_conflict_do_nothing(), units)
        query = sa.select(_columns.held).where(_columns.id == batch_id)
        held: bool = tx.execute(query).scalar_one()
        begun: dict[str, object] = (
            {"status": "held"} if held else {"status": "running", "started_at": now}
        )
        self._end(tx, batch_id, sums, **begun)

    def failed(
        self, tx: sa.Connection, batch_id: str, sums: Sums, failure: str, now: datetime
    ) -> None:
        """The file cannot be used, or no row of it."""
        self._end(tx, batch_id, sums, status="failed", failure=failure, ended_at=now)

    def _end(self, tx: sa.Connection, batch_id: str, sums: Sums, **values: object) -> None:
        tx.execute(batch_file.delete().where(batch_file.c.batch_id == batch_id))
        tx.execute(
            batch.update()
            .where(_columns.id == batch_id)
            .values(
                format=sums.format,
                rows=sums.rows,
                rejected_rows=sums.rejected_rows,
                households=sums.households,
                columns=",".join(sums.columns),
                leased_by=None,
                leased_until=None,
                **values,
            )
        )


def _part_cell(batch_id: str, part: int) -> Cell:
    return Cell("batch_file", "sealed_part", f"{batch_id}/{part}")
