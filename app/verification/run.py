"""The only place where stages meet I/O: load → stages → persist → notice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

import sqlalchemy as sa

from app.domain.errors import NotFound, StorageUnavailable
from app.domain.evidence import SourceState, SourceStatus
from app.store.results import StoredResult
from app.store.tickets import StoredTicket
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.answers import read_ticket
from app.verification.conclude import Case, conclude
from app.verification.errands import Desk, errand_of
from app.verification.library import Library
from app.verification.persist import Basis, Keeper, OnFinal, Shelf
from app.verification.query import ask_pending, collect, take_in
from app.verification.reading import read_case
from app.verification.receive import Counter, read, ticket_of
from app.verification.rows import result_of
from connectors.contract import Callback

_LEASE = 120
_RENEWED_EVERY = 40
_TICKET_LEASE = timedelta(seconds=60)
"""A process that dies delays what it was looking for by so long at most."""
_POLLED_AT_ONCE = 200

OnCancelled = Callable[[sa.Connection, StoredVerification, Sequence[SourceStatus], str], None]
"""Called in the transaction that cancels a verification, with how far it was, and why."""


@dataclass(frozen=True, slots=True)
class OnEnd:
    """What else is done where a verification ends."""

    final: OnFinal
    cancelled: OnCancelled


class Verifier:
    """Carries verifications from accepted to final, whatever happens in between."""

    def __init__(
        self,
        shelf: Shelf,
        desk: Desk,
        library: Library,
        *,
        on_end: OnEnd,
        worker: str,
    ) -> None:
        self._shelf = shelf
        self._desk = desk
        self._library = library
        self._knowledge = library.knowledge
        self.keeper = Keeper(
            shelf, desk.audit, on_final=on_end.final, now=desk.now, model=self._knowledge.model
        )
        self._on_cancelled = on_end.cancelled
        self._worker = worker
        self._running: set[str] = set()
        self._changed: dict[str, asyncio.Event] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, id_: str) -> None:
        """Ask what is still to be asked, then conclude. Safe to repeat at any moment."""
        if id_ in self._running:
            return
        self._running.add(id_)
        try:
            verification = await self._shelf.database.write(lambda tx: self._taken(tx, id_))
            if verification is not None:
                await self._leased_run(verification)
        finally:
            self._running.discard(id_)

    def _taken(self, tx: sa.Connection, id_: str) -> StoredVerification | None:
        """Leased to this process and begun, in one transaction; None where another has it."""
        now, verifications = self._desk.now(), self._shelf.verifications
        if not verifications.lease(tx, id_, worker=self._worker, now=now, seconds=_LEASE):
            return None
        verification = verifications.get(tx, id_, region="")
        if verification.status == "accepted":
            self.keeper.enter(tx, verification, "querying", only_from=("accepted",))
        return verification

    async def _leased_run(self, verification: StoredVerification) -> None:
        id_ = verification.id
        async with self._renewing(id_):
            if verification.status not in (*CLOSED_STATUSES, "in_review"):
                await ask_pending(self._desk, verification, await self._statuses(id_))
            await self.settle(id_)
        # After a failure the lease runs out by itself: the next attempt waits as long.
        await self._shelf.database.write(
            lambda tx: self._shelf.verifications.release(tx, id_, worker=self._worker)
        )

    async def _lease(self, id_: str) -> bool:
        now = self._desk.now()
        return await self._shelf.database.write(
            lambda tx: self._shelf.verifications.lease(
                tx, id_, worker=self._worker, now=now, seconds=_LEASE
            )
        )

    @asynccontextmanager
    async def _renewing(self, id_: str) -> AsyncIterator[None]:
        """The lease lasts as long as the work, however slow the sources are."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(_RENEWED_EVERY)
                with suppress(StorageUnavailable):
                    await self._lease(id_)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    async def load(self, id_: str) -> StoredVerification:
        return await self._shelf.database.read(
            lambda tx: self._shelf.verifications.get(tx, id_, region="")
        )

    async def _statuses(self, id_: str) -> tuple[SourceStatus, ...]:
        return await self._shelf.database.read(lambda tx: self._shelf.tasks.all_of(tx, id_))

    async def settle(self, id_: str) -> None:
        """Conclude from what is stored, store the result, and move the status on.

        Where more came in meanwhile, conclude anew: replies are finite, so this ends.
        """
        kept = False
        while not kept:
            verification = await self.load(id_)
            if verification.status in CLOSED_STATUSES:
                return
            kept = await self._settle_once(verification)
        self.tell(id_)

    async def _settle_once(self, verification: StoredVerification) -> bool:
        read_now = await self.case_of(verification)
        conclusion = await asyncio.to_thread(conclude, read_now[0], self._knowledge)
        return await self._shelf.database.write(
            lambda tx: self.keeper.keep(tx, verification, read_now, conclusion)
        )

    async def case_of(self, verification: StoredVerification) -> tuple[Case, Basis]:
        """All that is stored of it, and the basis that a conclusion from it rests on."""
        return await self._shelf.database.read(
            lambda tx: read_case(self._shelf, self._desk.sources, tx, verification)
        )

    async def cancel(self, verification: StoredVerification, reason: str) -> None:
        """Nothing more is asked; what came stays on record, and the reason is told of."""

        await self._shelf.database.write(lambda tx: self.end(tx, verification, reason))
        self.tell(verification.id)

    def end(self, tx: sa.Connection, verification: StoredVerification, reason: str) -> None:
        """Cancelled, where it is still open, with its suspension report 中止报告."""
        if self.keeper.enter(tx, verification, "cancelled"):
            self._shelf.tickets.close_all(tx, verification.id)
            self._desk.manual.close_of(tx, verification.id, "cancelled", self._desk.now())
            statuses = self._shelf.tasks.all_of(tx, verification.id)
            self._on_cancelled(tx, verification, statuses, reason)

    async def collect_due(self) -> int:
        """One round of the poller: every due ticket once; gives how many there were.

        Raises an `ExceptionGroup` of what failed, after all the others had their turn.
        """
        now = self._desk.now()
        due = await self._shelf.database.write(
            lambda tx: self._shelf.tickets.take_due(
                tx,
                now=now,
                limit=_POLLED_AT_ONCE,
                lease=_TICKET_LEASE,
                of_batches=False,
            )
        )
        done = await asyncio.gather(
            *(self._collect(stored) for stored in due), return_exceptions=True
        )
        ids = dict.fromkeys(stored.verification_id for stored in due)
        done += await asyncio.gather(
            *(self.settle_if_told(id_) for id_ in ids), return_exceptions=True
        )
        failures = [one for one in done if isinstance(one, Exception)]
        if failures:
            raise ExceptionGroup("a round of the poller", failures)
        return len(due)

    async def _collect(self, stored: StoredTicket) -> None:
        verification = await self.load(stored.verification_id)
        if verification.status in CLOSED_STATUSES or stored.source not in self._desk.sources:
            await self._shelf.database.write(
                lambda tx: self._shelf.tickets.close(tx, stored.reference)
            )
            return
        async with self._turn(stored.reference):
            current = await self._shelf.database.read(
                lambda tx: self._shelf.tickets.get(tx, stored.reference)
            )
            if current is not None and current.state == "waiting":
                await collect(self._desk, verification, current)

    def _turn(self, reference: str) -> asyncio.Lock:
        """Two parts of one reply that arrive at once must not overwrite each other's progress."""
        return self._turns.setdefault(reference, asyncio.Lock())

    async def settle_if_told(self, id_: str) -> None:
        """Conclude anew only where nothing more is outstanding (or the first time)."""
        verification = await self.load(id_)
        if verification.status != "partial":
            return
        case, _ = await self.case_of(verification)
        if not any(one.state is SourceState.PENDING for one in case.statuses):
            await self.settle(id_)

    async def receive(self, counter: Counter, source: str, callback: Callback) -> None:
        """A source's callback: checked, stored once, and the verification concluded anew."""
        stored = await ticket_of(counter, source, callback)
        if stored is None or stored.ticket is None:
            return
        async with self._turn(stored.reference):
            current = await ticket_of(counter, source, callback)
            if current is None or current.ticket is None:
                return
            verification = await self.load(current.verification_id)
            ticket = read_ticket(current.ticket)
            errand = errand_of(self._desk, verification, current, ticket)
            progress = read(counter, source, callback, (ticket, errand.query))
            await take_in(self._desk, errand, progress)
        if verification.batch_id is None:
            await self.settle_if_told(verification.id)
        else:  # it is concluded by a worker, once everything is in
            await self._shelf.database.write(
                lambda tx: self._shelf.batch_households.settle(tx, [verification.id])
            )

    async def replay(self, id_: str) -> tuple[bool, StoredResult, StoredResult]:
        """Compute again from stored evidence, by the versions that the stored result names.

        Tells whether it is the same. Raises MissingModel where a version is not here any more.
        """
        verification = await self.load(id_)
        stored = await self._shelf.database.read(lambda tx: self._shelf.results.newest(tx, id_))
        if stored is None:
            raise NotFound("this verification has no result yet")
        case, _ = await self.case_of(verification)
        knowledge = self._library.named(stored.model)
        conclusion = await asyncio.to_thread(conclude, case, knowledge)
        again = result_of(conclusion, stored.model, self._desk.now(), stored.version)
        return again.digest == stored.digest, stored, again

    async def wait_changed(self, id_: str, seconds: float) -> None:
        """Until the verification's status changes in this process, or the time is over."""
        event = self._changed.setdefault(id_, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return

    def tell(self, id_: str) -> None:
        event = self._changed.pop(id_, None)
        if event is not None:
            event.set()
