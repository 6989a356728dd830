"""The only place where stages meet I/O: load → stages → persist → notice."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from weakref import WeakValueDictionary

import orjson
import sqlalchemy as sa

from app.domain.errors import NotFound
from app.domain.evidence import SourceState, SourceStatus
from app.store.evidence import (
    DecisionRow,
    EvidenceRow,
    Judgements,
    Replies,
    Results,
    StoredResult,
)
from app.store.outbox import Notice, Outbox
from app.store.session import Database
from app.store.tickets import StoredTicket, Tickets
from app.store.verifications import StoredVerification, Tasks, Verifications
from app.verification.answers import (
    Reply,
    by_person_and_source,
    from_stored,
    read_ticket,
    status_of,
)
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.document import (
    decision_document,
    evidence_document,
    finding_document,
    profile_document,
)
from app.verification.query import Desk, ask_pending, collect, errand_of, take_in
from app.verification.receive import Counter, read, ticket_of
from connectors.contract import Callback

_LEASE = 120
_POLLED_AT_ONCE = 200
OnFinal = Callable[[sa.Connection, StoredVerification, bytes], None]
"""Called in the transaction that makes a verification final, with the result's JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The stores that a verification is read from and written to."""

    database: Database
    verifications: Verifications
    tasks: Tasks
    replies: Replies
    tickets: Tickets
    judgements: Judgements
    results: Results
    outbox: Outbox


class Verifier:
    """Carries verifications from accepted to final, whatever happens in between."""

    def __init__(
        self,
        shelf: Shelf,
        desk: Desk,
        knowledge: Knowledge,
        *,
        on_final: OnFinal,
        worker: str,
    ) -> None:
        self._shelf = shelf
        self._desk = desk
        self._knowledge = knowledge
        self._on_final = on_final
        self._worker = worker
        self._changed: dict[str, asyncio.Event] = {}
        # Two parts of one reply that arrive at once must not overwrite each other's progress.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, id_: str) -> None:
        """Ask what is still to be asked, then conclude. Safe to repeat at any moment."""
        database, verifications = self._shelf.database, self._shelf.verifications
        now = self._desk.now()
        mine = await database.write(
            lambda tx: verifications.lease(tx, id_, worker=self._worker, now=now, seconds=_LEASE)
        )
        if not mine:
            return
        try:
            verification = await self.load(id_)
            if verification.status in ("accepted", "querying"):
                await self._move(verification, "querying", ("accepted",))
                await ask_pending(self._desk, verification, await self._statuses(id_))
            await self.settle(id_)
        finally:
            await database.write(lambda tx: verifications.release(tx, id_, worker=self._worker))

    async def load(self, id_: str) -> StoredVerification:
        return await self._shelf.database.read(
            lambda tx: self._shelf.verifications.get(tx, id_, region="")
        )

    async def _statuses(self, id_: str) -> tuple[SourceStatus, ...]:
        return await self._shelf.database.read(lambda tx: self._shelf.tasks.all_of(tx, id_))

    async def settle(self, id_: str) -> None:
        """Conclude from what is stored, store the result, and move the status on."""
        verification = await self.load(id_)
        if verification.status in ("final", "cancelled"):
            return
        case = await self._case(verification)
        conclusion = await asyncio.to_thread(conclude, case, self._knowledge)
        status = _status(case.statuses, conclusion)
        await self._shelf.database.write(
            lambda tx: self._persist(tx, verification, case, (conclusion, status))
        )
        self._tell(id_)

    async def _case(self, verification: StoredVerification) -> Case:
        shelf, id_ = self._shelf, verification.id

        def load(tx: sa.Connection) -> Case:
            replies = tuple(from_stored(row) for row in shelf.replies.all_of(tx, id_))
            grouped = by_person_and_source(replies)
            waiting = _outstanding(shelf.tickets.waiting_of(tx, id_))
            statuses = tuple(
                self._updated(status, grouped.get((status.person, status.source), []), waiting)
                for status in shelf.tasks.all_of(tx, id_)
            )
            earlier = shelf.verifications.earlier(tx, verification.request, before=id_)
            return Case(
                id=id_,
                request=verification.request,
                replies=replies,
                statuses=statuses,
                judgements=shelf.judgements.all_of(tx, id_),
                other_cases=tuple(earlier),
            )

        return await shelf.database.read(load)

    def _updated(
        self, status: SourceStatus, replies: Sequence[Reply], waiting: frozenset[tuple[str, str]]
    ) -> SourceStatus:
        """The state that follows from the replies; what a ticket is open for stays pending."""
        if status.state is SourceState.NOT_ASKED and not replies:
            return status
        source = self._desk.sources.get(status.source)
        institutions = source.institutions if source is not None else ("",)
        updated = status_of(status, replies, institutions)
        if (status.source, status.person) in waiting:
            return replace(updated, state=SourceState.PENDING, complete=False)
        return updated

    def _persist(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        case: Case,
        concluded: tuple[Conclusion, str],
    ) -> None:
        conclusion, status = concluded
        shelf, now = self._shelf, self._desk.now()
        before = {(one.person, one.source): one for one in shelf.tasks.all_of(tx, case.id)}
        for one in case.statuses:
            if one != before.get((one.person, one.source)):
                shelf.tasks.update(tx, case.id, one)
        newest = shelf.results.newest(tx, case.id)
        result = result_of(
            conclusion, self._knowledge, now, 1 if newest is None else newest.version + 1
        )
        if newest is None or newest.digest != result.digest:
            where = (case.id, case.request.region)
            shelf.results.put(
                tx, where, result, _decision_rows(conclusion), _evidence_rows(conclusion)
            )
        self._enter(tx, verification, status, result.body)

    def _enter(
        self, tx: sa.Connection, verification: StoredVerification, status: str, body: bytes
    ) -> None:
        """The new status, its notice, its audit entry and, when final, its report: together."""
        now = self._desk.now()
        sources = ("accepted", "querying", "partial", "in_review")
        changeable = tuple(one for one in sources if one != status)
        moved = self._shelf.verifications.set_status(
            tx, verification.id, status, now=now, only_from=changeable
        )
        if not moved:
            return
        if status == "final":
            self._on_final(tx, verification, body)
        self._notify(tx, verification, status, now)

    def _notify(
        self, tx: sa.Connection, verification: StoredVerification, status: str, now: datetime
    ) -> None:
        request = verification.request
        self._desk.audit.append(
            tx,
            actor=verification.client_id,
            action=f"verification_{status}",
            about=(verification.id, request.region),
            details={"case": request.case_reference},
        )
        if request.callback_url is None:
            return
        event_id = f"ev_{sha256(f'{verification.id}/{status}'.encode()).hexdigest()[:32]}"
        body = {
            "event_id": event_id,
            "type": "verification.status_changed",
            "verification": verification.id,
            "case_reference": request.case_reference,
            "status": status,
            "at": now.isoformat().replace("+00:00", "Z"),
        }
        self._shelf.outbox.add(
            tx,
            Notice(
                event_id=event_id,
                verification_id=verification.id,
                region=request.region,
                client_id=verification.client_id,
                url=request.callback_url,
                body=orjson.dumps(body),
                attempts=0,
                created_at=now,
            ),
        )

    async def _move(
        self, verification: StoredVerification, status: str, only_from: tuple[str, ...]
    ) -> None:
        def work(tx: sa.Connection) -> None:
            now = self._desk.now()
            if self._shelf.verifications.set_status(
                tx, verification.id, status, now=now, only_from=only_from
            ):
                self._notify(tx, verification, status, now)

        await self._shelf.database.write(work)

    async def cancel(self, verification: StoredVerification) -> None:
        """Nothing more is asked; what came stays on record."""

        def work(tx: sa.Connection) -> None:
            now = self._desk.now()
            open_ = ("accepted", "querying", "partial", "in_review")
            if self._shelf.verifications.set_status(
                tx, verification.id, "cancelled", now=now, only_from=open_
            ):
                self._shelf.tickets.close_all(tx, verification.id)
                self._notify(tx, verification, "cancelled", now)

        await self._shelf.database.write(work)
        self._tell(verification.id)

    async def collect_due(self) -> int:
        """One round of the poller: every due ticket once; gives how many there were."""
        now = self._desk.now()
        due = await self._shelf.database.write(
            lambda tx: self._shelf.tickets.take_due(
                tx, now=now, limit=_POLLED_AT_ONCE, lease=timedelta(seconds=_LEASE)
            )
        )
        async with asyncio.TaskGroup() as group:
            for stored in due:
                group.create_task(self._collect(stored))
        for id_ in dict.fromkeys(stored.verification_id for stored in due):
            await self._settle_if_told(id_)
        return len(due)

    async def _collect(self, stored: StoredTicket) -> None:
        verification = await self.load(stored.verification_id)
        if verification.status in ("final", "cancelled"):
            await self._shelf.database.write(
                lambda tx: self._shelf.tickets.close_all(tx, verification.id)
            )
            return
        async with self._turns.setdefault(stored.reference, asyncio.Lock()):
            current = await self._shelf.database.read(
                lambda tx: self._shelf.tickets.get(tx, stored.reference)
            )
            if current is not None and current.state == "waiting":
                await collect(self._desk, verification, current)

    async def _settle_if_told(self, id_: str) -> None:
        """Conclude anew only where nothing more is outstanding (or the first time)."""
        verification = await self.load(id_)
        if verification.status != "partial":
            return
        case = await self._case(verification)
        if not any(one.state is SourceState.PENDING for one in case.statuses):
            await self.settle(id_)

    async def receive(self, counter: Counter, source: str, callback: Callback) -> None:
        """A source's callback: checked, stored once, and the verification concluded anew."""
        stored = await ticket_of(counter, source, callback)
        if stored is None or stored.ticket is None:
            return
        async with self._turns.setdefault(stored.reference, asyncio.Lock()):
            current = await ticket_of(counter, source, callback)
            if current is None or current.ticket is None:
                return
            verification = await self.load(current.verification_id)
            ticket = read_ticket(current.ticket)
            errand = errand_of(self._desk, verification, current, ticket)
            progress = read(counter, source, callback, (ticket, errand.query))
            await take_in(self._desk, errand, progress)
        await self._settle_if_told(verification.id)

    async def replay(self, id_: str) -> tuple[bool, StoredResult, StoredResult]:
        """Compute again from stored evidence; whether it equals the stored result."""
        verification = await self.load(id_)
        stored = await self._shelf.database.read(lambda tx: self._shelf.results.newest(tx, id_))
        if stored is None:
            raise NotFound("this verification has no result yet")
        conclusion = conclude(await self._case(verification), self._knowledge)
        again = result_of(conclusion, self._knowledge, self._desk.now(), stored.version)
        return again.digest == stored.digest, stored, again

    async def wait_changed(self, id_: str, seconds: float) -> None:
        """Until the verification's status changes in this process, or the time is over."""
        event = self._changed.setdefault(id_, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return

    def _tell(self, id_: str) -> None:
        event = self._changed.pop(id_, None)
        if event is not None:
            event.set()


def _outstanding(tickets: Sequence[StoredTicket]) -> frozenset[tuple[str, str]]:
    """(source, person) for whom more is to come."""
    return frozenset(
        (one.source, ref)
        for one in tickets
        if one.ticket is not None
        for ref in read_ticket(one.ticket).persons
    )


def _status(statuses: Sequence[SourceStatus], conclusion: Conclusion) -> str:
    if any(one.state is SourceState.PENDING for one in statuses):
        return "partial"
    return "in_review" if conclusion.needs_review else "final"


def result_of(
    conclusion: Conclusion, knowledge: Knowledge, now: datetime, version: int
) -> StoredResult:
    """The result's canonical JSON and its digest."""
    body = orjson.dumps(
        {
            "profile": profile_document(conclusion.profile),
            "findings": [finding_document(one) for one in conclusion.profile.findings],
            "decisions": [decision_document(one) for one in conclusion.decisions],
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return StoredResult(
        version=version,
        body=body,
        digest=f"sha256:{sha256(body).hexdigest()}",
        model=knowledge.model,
        computed_at=now,
    )


def _decision_rows(conclusion: Conclusion) -> list[DecisionRow]:
    return [
        DecisionRow(
            programme=one.programme,
            standard=one.standard,
            outcome=one.outcome.value,
            favours=one.favours.value,
            error_rate=one.error.rate,
            interval=one.error.interval,
        )
        for one in conclusion.decisions
    ]


def _evidence_rows(conclusion: Conclusion) -> list[EvidenceRow]:
    return [
        EvidenceRow(
            id=one.id,
            source=one.source,
            person=one.person,
            link=one.link.value,
            body=orjson.dumps(evidence_document(one)),
        )
        for one in conclusion.evidence
    ]
