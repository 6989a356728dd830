"""Units of a batch as work: claimed by lease, given back when a worker dies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.batches import read_by
from app.store.tables_batch import batch, batch_household, batch_unit

UNIT_SIZE: Final = 50
"""Households of a unit. Measured: from 50 on, what a unit costs by itself is no longer seen."""
_OPEN_STATES: Final = ("todo", "asking", "waiting", "ready")
_household, _unit = batch_household.c, batch_unit.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Some households of a batch, taken by one worker; `fence` tells this taking from others."""

    batch_id: str
    number: int
    first: int
    last: int
    attempts: int
    fence: int


RUNNING: Final = sa.select(batch.c.id).where(batch.c.status == "running")
"""Batches that are to be worked on."""


class BatchUnits:
    """Work of batches. A unit that a dead worker held is anybody's once its lease is over."""

    def running(self, tx: sa.Connection) -> Sequence[str]:
        """Batches that are to be worked on."""
        return list(tx.execute(RUNNING.order_by(batch.c.id)).scalars())

    def claim(
        self, tx: sa.Connection, batch_id: str, *, worker: str, now: datetime, until: datetime
    ) -> Unit | None:
        """The batch's first unit that nobody works on."""
        free = sa.or_(
            _unit.state == "todo", sa.and_(_unit.state == "running", _unit.leased_until < now)
        )
        found = (
            sa.select(_unit.number)
            .where(_unit.batch_id == batch_id, free)
            .order_by(_unit.number)
            .limit(1)
        )
        if tx.dialect.name == "postgresql":
            found = found.with_for_update(skip_locked=True)
        number = tx.execute(found).scalar()
        if number is None:
            return None
        row = tx.execute(
            batch_unit.update()
            .where(_unit.batch_id == batch_id, _unit.number == number, free)
            .values(
                state="running",
                leased_by=worker,
                leased_until=until,
                attempts=_unit.attempts + 1,
                fence=_unit.fence + 1,
                began_at=now,
            )
            .returning(_unit.first, _unit.last, _unit.attempts, _unit.fence)
        ).one_or_none()
        if row is None:
            return None
        return Unit(batch_id=batch_id, number=number, **row._mapping)

    def asking(self, tx: sa.Connection, unit: Unit) -> None:
        """Their verifications are made: the requests stand there now, and here no longer."""
        tx.execute(
            batch_household.update()
            .where(
                _household.batch_id == unit.batch_id,
                _household.position.between(unit.first, unit.last),
                _household.state == "todo",
            )
            .values(state="asking", sealed_request=None)
        )

    def asked(self, tx: sa.Connection, unit: Unit, now: datetime) -> bool:
        """All was asked, and the rest is waited for; false where another worker has the unit."""
        done = tx.execute(
            batch_unit.update()
            .where(
                _unit.batch_id == unit.batch_id,
                _unit.number == unit.number,
                _unit.fence == unit.fence,
            )
            .values(state="asked", ended_at=now, leased_by=None, leased_until=None)
        )
        if done.rowcount != 1:
            return False
        tx.execute(
            batch_household.update()
            .where(
                _household.batch_id == unit.batch_id,
                _household.position.between(unit.first, unit.last),
                _household.state == "asking",
            )
            .values(state="waiting")
        )
        return True

    def renew(
        self, tx: sa.Connection, held: Iterable[tuple[str, int]], *, worker: str, until: datetime
    ) -> None:
        """The units that this worker is at (batch, number) stay its own.

        What it took without knowing, as where the answer to a commit was lost, runs out.
        """
        for batch_id, number in held:
            tx.execute(
                batch_unit.update()
                .where(
                    _unit.batch_id == batch_id,
                    _unit.number == number,
                    _unit.leased_by == worker,
                    _unit.state == "running",
                )
                .values(leased_until=until)
            )

    def release_all(self, tx: sa.Connection, *, worker: str) -> None:
        """What a worker held before its end is free, a roster that it was reading, too."""
        tx.execute(batch.update().where(read_by(worker)).values(leased_by=None, leased_until=None))
        tx.execute(
            batch_unit.update()
            .where(_unit.leased_by == worker, _unit.state == "running")
            .values(state="todo", leased_by=None, leased_until=None)
        )
        tx.execute(
            batch_household.update()
            .where(_household.state == "ready", _household.leased_by == worker)
            .values(leased_by=None, leased_until=None)
        )

    def finished(self, tx: sa.Connection) -> Sequence[str]:
        """Running batches of which nothing is left to do."""
        left = sa.exists().where(
            _household.batch_id == batch.c.id, _household.state.in_(_OPEN_STATES)
        )
        units = sa.exists().where(
            _unit.batch_id == batch.c.id, _unit.state.in_(("todo", "running"))
        )
        return list(tx.execute(RUNNING.where(~units, ~left).order_by(batch.c.id)).scalars())

    def finish(self, tx: sa.Connection, batch_id: str, now: datetime) -> bool:
        done = tx.execute(
            batch.update()
            .where(batch.c.id == batch_id, batch.c.status == "running")
            .values(status="done", ended_at=now)
        )
        return bool(done.rowcount == 1)
