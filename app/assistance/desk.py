"""Takes in another centre's question, asks our own source as for a case of ours, keeps the answer.

A question is known by its client and request id: sent again it gives the same answer, and where
that was unknown it is asked anew. Only our own sources are asked: what comes from another centre is
never passed on to a third one.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from app.access.consent import consent_holds, withdrawn_since
from app.access.tokens import Caller
from app.assistance.question import member_of, query_of, request_of
from app.assistance.replied import Replied, refused_for, replied_bytes, replied_of
from app.assistance.smallest import smallest
from app.audit.chain import Entry
from app.domain.errors import AuditUnanchored, HeduiError
from app.domain.instants import china_day
from app.store.assistance import Assistances, StoredAssistance
from app.store.audit_reads import ASKED_ABOUT
from app.verification.answers import read_ticket, ticket_bytes
from app.verification.errands import Desk
from connectors.by_hand import ByHand
from connectors.centre.messages import Question, Reason, State, read_question
from connectors.contract import Progress, Source, SourceQuery, SourceReply, Unknown
from connectors.failure import Failure, FailureKind, NotPermitted, SourceError

log = structlog.get_logger()
_LEASE: Final = timedelta(seconds=120)
"""A process that dies delays an answer by so long at most."""


@dataclass(frozen=True, kw_only=True)
class AssistanceDesk:
    """All that answering needs, built once; `answers_for`: the regions that are ours.

    `institutions`: of a source with many, by its name the one that is of the place; the others
    answer for the whole country, and are asked by whoever wants to know.
    """

    desk: Desk
    stored: Assistances
    answers_for: tuple[str, ...]
    institutions: Mapping[str, str] = field(default_factory=dict)
    _done: dict[str, asyncio.Event] = field(default_factory=dict, init=False)

    def accept(
        self, tx: sa.Connection, who: Caller, question: Question, body: bytes
    ) -> StoredAssistance:
        """Kept, once; with the entry that tells who asked whom about whom, on which consent."""
        self.stored.alone(tx, who.actor, question.request_id)
        known = self.stored.of_request(tx, who.actor, question.request_id)
        if known is not None and (not known.is_answered or known.outcome != State.UNKNOWN.value):
            return known
        now = self.desk.now()
        new = StoredAssistance(
            id=self.desk.new_id("as") if known is None else known.id,
            region=question.person.registered_region,
            client_id=who.actor,
            request_id=question.request_id,
            case_reference=question.case,
            consent_reference=question.consent.reference,
            source=question.source,
            purpose=question.purpose,
            state="asking",
            sequence=self._sequence(tx, question, now),
            tries=1 if known is None else known.tries + 1,
            question=body,
            asked_at=now,
            deadline_at=now + self._patience(question.source),
        )
        if known is None:
            self.stored.put(tx, new, member_of(question))
        else:
            self.stored.change(tx, new)
        self._tell(tx, new, "assistance_accepted", who.actor, _asked(question))
        return new

    async def run(self, id_: str) -> None:
        """Ask our source, or look for its answer; safe to repeat at any moment."""
        now = self.desk.now()
        try:
            stored = await self.desk.database.write(
                lambda tx: self.stored.lease(tx, id_, now, _LEASE)
            )
            if stored is not None:
                changed = await self._worked_on(stored, now)
                await self.desk.database.write(lambda tx: self._keep(tx, changed))
        finally:
            event = self._done.pop(id_, None)
            if event is not None:
                event.set()

    async def wait(self, id_: str, seconds: float) -> None:
        """Until somebody here has worked on it, or the time is over."""
        event = self._done.setdefault(id_, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    async def _worked_on(self, stored: StoredAssistance, now: datetime) -> StoredAssistance:
        """Whoever was not even asked within the source's deadline is asked no more."""
        if stored.ticket is None and now >= stored.deadline_at:
            return self._answered(stored, replied_of(Unknown(_LATE)))
        return await self._changed(stored, read_question(stored.question))

    async def _changed(self, stored: StoredAssistance, question: Question) -> StoredAssistance:
        """With what came of asking: the answer, or the ticket with which it is looked for."""
        reason = self._not_ours(question)
        if reason is not None:
            return self._answered(stored, refused_for(reason))
        source = self.desk.sources[question.source]
        now = self.desk.now()
        query = query_of(question, stored.id, stored.sequence, china_day(now))
        if question.source in self.institutions:
            query = replace(query, institutions=(self.institutions[question.source],))
        try:
            progress = await self._put(source, stored, query)
        except NotPermitted as refusal:
            needless = refusal.code == Reason.NOT_NEEDED.value
            why = Reason.NOT_NEEDED if needless else Reason.NO_CONSENT
            return self._answered(stored, refused_for(why))
        return await self._read(stored, question, (query, progress))

    async def _put(self, source: Source, stored: StoredAssistance, query: SourceQuery) -> Progress:
        async def permit() -> None:
            try:
                await self.desk.database.write(lambda tx: self._permit(tx, stored))
            except AuditUnanchored:
                if self.desk.anchor_now is not None:
                    await self.desk.anchor_now()
                await self.desk.database.write(lambda tx: self._permit(tx, stored))

        try:
            if stored.ticket is None:
                return await source.ask(query, permit)
            return await source.collect(read_ticket(stored.ticket), query, permit)
        except (NotPermitted, HeduiError):
            raise
        except Exception as fault:  # noqa: BLE001 - a connector's fault is an unknown answer
            log.error("connector_failed", source=source.name, error=type(fault).__name__)
            failure = Failure(FailureKind.MALFORMED, "the connector failed")
            if isinstance(fault, SourceError):
                failure = fault.failure
        gap = SourceReply(person=ASKED_ABOUT, outcome=Unknown(failure))
        return Progress((gap,))

    async def _read(
        self,
        stored: StoredAssistance,
        question: Question,
        came: tuple[SourceQuery, Progress],
    ) -> StoredAssistance:
        query, progress = came
        (person,) = query.persons
        reply = next((one for one in progress.replies if one.person == person.ref), None)
        if reply is not None:
            if await self.desk.database.read(lambda tx: self._is_withdrawn(tx, question)):
                return self._answered(stored, refused_for(Reason.NO_CONSENT))
            return self._answered(stored, replied_of(smallest(person, reply.outcome), reply))
        if progress.ticket is not None and self.desk.now() < stored.deadline_at:
            return replace(stored, state="waiting", ticket=ticket_bytes(progress.ticket))
        failure = next((one.failure for one in progress.again), _LATE)
        return self._answered(stored, replied_of(Unknown(failure)))

    def _not_ours(self, question: Question) -> Reason | None:
        """Whether region and source are ours to answer for."""
        region = question.person.registered_region
        sources = self.desk.sources
        is_ours = any(region.startswith(one) for one in self.answers_for)
        if not is_ours or sources.centres.responsible(region) is not None:
            return Reason.NOT_RESPONSIBLE
        source = sources.get(question.source)
        if source is None or isinstance(source, ByHand):
            return Reason.NOT_CONNECTED
        is_one = source.institutions == ("",) or question.source in self.institutions
        return None if is_one else Reason.NOT_CONNECTED

    def _permit(self, tx: sa.Connection, stored: StoredAssistance) -> None:
        """Consent holds by our rules, now; the intent is on record before anything leaves."""
        question = read_question(stored.question)
        request, gate = request_of(question), self.desk.gate
        refusal = gate.needs.refusal(request.programmes, stored.source)
        if refusal is None:
            withdrawals = gate.withdrawals.of(tx, request.consent.references)
            refusal = consent_holds(
                request,
                (ASKED_ABOUT,),
                stored.source,
                withdrawals=[one for some in withdrawals.values() for one in some],
                now=self.desk.now(),
            ).refusal
        if refusal is not None:
            raise NotPermitted(refusal.words, refusal.reason.value)
        self._tell(tx, stored, "source_asked", stored.client_id, _asked(question))

    def _is_withdrawn(self, tx: sa.Connection, question: Question) -> bool:
        """Whoever takes a consent back wants no more to be told 个人信息保护法 15."""
        request = request_of(question)
        withdrawals = self.desk.gate.withdrawals.of(tx, request.consent.references)
        since = withdrawn_since(
            request,
            ASKED_ABOUT,
            question.source,
            [one for some in withdrawals.values() for one in some],
        )
        return since is not None and since <= self.desk.now()

    def _answered(self, stored: StoredAssistance, replied: Replied) -> StoredAssistance:
        failure = replied.reason or replied.failure
        return replace(
            stored,
            state="answered",
            outcome=replied.state.value,
            failure=None if failure is None else failure.value,
            answer=replied_bytes(replied),
            ticket=None,
            answered_at=self.desk.now(),
        )

    def _keep(self, tx: sa.Connection, changed: StoredAssistance) -> None:
        self.stored.change(tx, changed)
        if changed.is_answered:
            details = {"source": changed.source, "persons": ASKED_ABOUT}
            details["outcome"] = changed.outcome or ""
            if changed.failure is not None:
                details["failure"] = changed.failure
            self._tell(tx, changed, "assistance_answered", "service", details)

    def _tell(
        self,
        tx: sa.Connection,
        stored: StoredAssistance,
        action: str,
        actor: str,
        details: dict[str, str],
    ) -> None:
        """The last thing that a transaction does."""
        self.desk.audit.append_many(tx, [Entry(actor, action, stored.id, stored.region, details)])

    def _sequence(self, tx: sa.Connection, question: Question, now: datetime) -> int:
        source = self.desk.sources.get(question.source)
        if source is None or not source.answers_later:
            return 0
        region = question.person.registered_region[:6]
        return self.desk.askings.next_sequence(tx, source.name, region, china_day(now))

    def _patience(self, source: str) -> timedelta:
        patience = self.desk.patience.get(source)
        return timedelta(days=1) if patience is None else patience.deadline


_LATE: Final = Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline")


def _asked(question: Question) -> dict[str, str]:
    """What an entry tells of a question: who is meant is told by a keyed number elsewhere."""
    return {
        "source": question.source,
        "persons": ASKED_ABOUT,
        "consent": question.consent.reference,
        "purpose": question.purpose,
        "case": question.case,
        "office": question.asked_from,
    }
