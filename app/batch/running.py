"""What a worker does for batches: takes units, collects slow answers, concludes, finishes."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from app.batch.units import LEASE, UnitWork
from app.domain.errors import is_storage_away
from app.store.batch_units import Unit
from app.store.left_over import waiting_after
from app.store.tickets import StoredTicket
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.errands import Desk
from app.verification.persist import Shelf
from app.verification.query import collect

log = structlog.get_logger()
OnFinished = Callable[[sa.Connection, str, datetime], None]
"""Called in the transaction that ends a batch, with its id."""
_TICKETS_AT_ONCE: Final = 200
_TICKET_LEASE: Final = timedelta(seconds=60)
_LOOKED_AT_ONCE: Final = 500
_AGAIN: Final = 2.0  # seconds
_BEGINNING: Final = ("", -1)


class BatchWork:
    """Each method is one round of a loop; it gives how much there was to do."""

    def __init__(
        self,
        shelf: Shelf,
        desk: Desk,
        units: UnitWork,
        *,
        holder: tuple[str, set[tuple[str, int]]],
        on_finished: OnFinished,
    ) -> None:
        """`holder`: the worker's name, and where it notes the units that it is at."""
        self._shelf = shelf
        self._desk = desk
        self._units = units
        self._worker, self._held = holder
        self._on_finished = on_finished
        self._turn = 0
        self._looked_at = _BEGINNING

    async def take_unit(self) -> int:
        """The next unit of any running batch; batches take turns, so none waits for another."""
        if not await self._shelf.database.read(self._shelf.batch_units.running):
            return 0  # without a write, while nothing is to be done
        unit = await self._shelf.database.write(self._claim)
        if unit is None:
            return 0
        await self._worked(unit)
        return 1

    async def _worked(self, unit: Unit) -> None:
        """To its end, also where the database is away for a while; what is stored is skipped."""
        key = unit.batch_id, unit.number
        self._held.add(key)
        try:
            while not await self._tried(unit):  # noqa: ASYNC110 - nobody tells when it is back
                await asyncio.sleep(_AGAIN)
        finally:
            self._held.discard(key)

    async def _tried(self, unit: Unit) -> bool:
        """False where the database was away; any other fault is raised: the lease runs out."""
        try:
            await self._units.run(unit)
        except Exception as error:
            if not is_storage_away(error):
                raise
            log.warning("storage_unavailable", batch=unit.batch_id, unit=unit.number)
            return False
        return True

    def _claim(self, tx: sa.Connection) -> Unit | None:
        units, now = self._shelf.batch_units, self._desk.now()
        running = units.running(tx)
        for place in range(len(running)):
            batch_id = running[(self._turn + place) % len(running)]
            unit = units.claim(tx, batch_id, worker=self._worker, now=now, until=now + LEASE)
            if unit is not None:
                self._turn += place + 1
                return unit
        return None

    async def collect_due(self) -> int:
        """One round of the poller over batches' tickets."""
        now = self._desk.now()
        due = await self._shelf.database.write(
            lambda tx: self._shelf.tickets.take_due(
                tx, now=now, limit=_TICKETS_AT_ONCE, lease=_TICKET_LEASE, of_batches=True
            )
        )
        if not due:
            return 0
        ids = {one.verification_id for one in due}
        there = await self._shelf.database.read(
            lambda tx: self._shelf.verifications.get_many(tx, ids)
        )
        done = await asyncio.gather(
            *(self._collect(there.get(one.verification_id), one) for one in due),
            return_exceptions=True,
        )
        await self._shelf.database.write(lambda tx: self._shelf.batch_households.settle(tx, ids))
        failures = [one for one in done if isinstance(one, Exception)]
        if failures:
            raise ExceptionGroup("a round of the poller", failures)
        return len(due)

    async def _collect(self, verification: StoredVerification | None, one: StoredTicket) -> None:
        gone = verification is None or verification.status in CLOSED_STATUSES
        if verification is None or gone or one.source not in self._desk.sources:
            await self._shelf.database.write(
                lambda tx: self._shelf.tickets.close(tx, one.reference)
            )
            return
        await collect(self._desk, verification, one)

    async def settle_left(self) -> None:
        """Households of which the last answer was stored by a worker that ended right then.

        Some at a time, round and round: a batch may have a million that wait for banks.
        """

        def work(tx: sa.Connection) -> tuple[str, int]:
            some = waiting_after(tx, self._looked_at, _LOOKED_AT_ONCE)
            self._shelf.batch_households.settle(tx, [id_ for _, _, id_ in some])
            return some[-1][:2] if len(some) == _LOOKED_AT_ONCE else _BEGINNING

        if await self._shelf.database.read(self._shelf.batch_units.running):
            self._looked_at = await self._shelf.database.write(work)

    async def finish(self) -> int:
        """Batches of which nothing is left to do are done."""

        def work(tx: sa.Connection) -> int:
            now, finished = self._desk.now(), self._shelf.batch_units.finished(tx)
            for batch_id in finished:
                if self._shelf.batch_units.finish(tx, batch_id, now):
                    self._on_finished(tx, batch_id, now)
            return len(finished)

        return await self._shelf.database.write(work)
