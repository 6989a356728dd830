"""Sends what is due: consent gate → intent stored → source asked → replies stored."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.access.consent import consent_holds
from app.audit.chain import AuditTrail
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import VerificationRequest
from app.domain.period import Window
from app.store.askings import Asking, Askings
from app.store.evidence import Replies
from app.store.session import Database
from app.store.tickets import StoredTicket, Tickets
from app.store.verifications import StoredVerification, Tasks
from app.verification.answers import read_ticket, ticket_bytes, to_stored
from app.verification.plan import packed
from connectors.contract import (
    AskAgain,
    AskedPerson,
    IdType,
    Months,
    Permit,
    Progress,
    Source,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind, NotPermitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one source may take: from its limits."""

    deadline: timedelta
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that asking needs, built once."""

    database: Database
    sources: Mapping[str, Source]
    patience: Mapping[str, Patience]
    askings: Askings
    tasks: Tasks
    replies: Replies
    tickets: Tickets
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One asking of one source."""

    verification: StoredVerification
    source: Source
    query: SourceQuery
    tries: int
    deadline_at: datetime

    @property
    def where(self) -> tuple[str, str]:
        return self.verification.id, self.verification.request.region

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(person.ref for person in self.query.persons)


async def ask_pending(
    desk: Desk, verification: StoredVerification, statuses: Sequence[SourceStatus]
) -> None:
    """Ask every source about every person still pending, all sources at once.

    What has a stored reply or a waiting ticket is not asked again: nothing is asked twice
    needlessly after a restart.
    """
    waiting = await desk.database.read(lambda tx: desk.tickets.waiting_of(tx, verification.id))
    replied = await desk.database.read(lambda tx: desk.replies.all_of(tx, verification.id))
    done = {(row.source, row.person) for row in replied}
    for stored in waiting:
        if stored.ticket is not None:
            done |= {(stored.source, ref) for ref in read_ticket(stored.ticket).persons}
    due: dict[str, list[str]] = {}
    for status in statuses:
        if status.state is SourceState.PENDING and (status.source, status.person) not in done:
            due.setdefault(status.source, []).append(status.person)
    async with asyncio.TaskGroup() as group:
        for name, refs in due.items():
            for some in packed(refs, desk.sources[name].persons_a_query):
                group.create_task(_ask_first(desk, verification, name, some))


async def _ask_first(
    desk: Desk, verification: StoredVerification, name: str, refs: tuple[str, ...]
) -> None:
    deadline = desk.now() + desk.patience[name].deadline
    await _ask(desk, verification, name, (refs, None, 1, deadline))


async def _ask(
    desk: Desk,
    verification: StoredVerification,
    name: str,
    what: tuple[tuple[str, ...], tuple[str, ...] | None, int, datetime],
) -> None:
    refs, institutions, tries, deadline = what
    query = await _query(desk, verification, name, (refs, institutions))
    errand = _Errand(
        verification=verification,
        source=desk.sources[name],
        query=query,
        tries=tries,
        deadline_at=deadline,
    )
    try:
        progress = await errand.source.ask(query, _permit(desk, errand))
    except NotPermitted as refusal:
        await _not_asked(desk, errand, refusal.detail)
        return
    await take_in(desk, errand, progress)


async def _query(
    desk: Desk,
    verification: StoredVerification,
    name: str,
    whom: tuple[tuple[str, ...], tuple[str, ...] | None],
) -> SourceQuery:
    request = verification.request
    region, today = request.region[:6], desk.now().date()
    number = 0
    if desk.sources[name].answers_later:
        number = await desk.database.write(
            lambda tx: desk.askings.next_sequence(tx, name, region, today)
        )
    return query_of(
        request,
        whom,
        reference=desk.new_id("aq"),
        sequence=number,
        sent_on=today,
    )


def query_of(
    request: VerificationRequest,
    whom: tuple[tuple[str, ...], tuple[str, ...] | None],
    *,
    reference: str,
    sequence: int,
    sent_on: date,
) -> SourceQuery:
    """The question in the connectors' words; window and day come from the request's as_of."""
    refs, institutions = whom
    window = Window.before(request.as_of)
    persons = {person.ref: person for person in request.household.persons}
    return SourceQuery(
        reference=reference,
        sequence=sequence,
        region=request.region,
        persons=tuple(
            AskedPerson(
                ref, persons[ref].name, IdType(persons[ref].id_type.value), persons[ref].id_number
            )
            for ref in refs
        ),
        window=Months(window.start, window.end),
        as_of=request.as_of,
        sent_on=sent_on,
        institutions=institutions,
    )


def _permit(desk: Desk, errand: _Errand) -> Permit:
    async def permit() -> None:
        """Consent holds now for everybody asked about, and the intent is on record first."""
        await desk.database.write(lambda tx: _enter_intent(desk, errand, tx))

    return permit


def _enter_intent(desk: Desk, errand: _Errand, tx: sa.Connection) -> None:
    now = desk.now()
    request = errand.verification.request
    withdrawn = desk.askings.withdrawn_at(
        tx, region=request.region, reference=request.consent.reference
    )
    decision = consent_holds(request, errand.refs, withdrawn_at=withdrawn, now=now)
    if not decision.covered:
        raise NotPermitted(decision.reason or "no consent")
    desk.askings.add(
        tx,
        Asking(
            id=desk.new_id("as"),
            verification_id=errand.verification.id,
            region=request.region,
            reference=errand.query.reference,
            source=errand.source.name,
            persons=errand.refs,
            consent_reference=request.consent.reference,
            purpose=request.purpose.value,
            asked_at=now,
        ),
    )
    desk.tasks.count_attempt(tx, errand.verification.id, errand.source.name, errand.refs)
    desk.audit.append(
        tx,
        actor=errand.verification.client_id,
        action="source_asked",
        about=(errand.verification.id, request.region),
        details={
            "source": errand.source.name,
            "persons": ",".join(errand.refs),
            "consent": request.consent.reference,
            "purpose": request.purpose.value,
        },
    )


async def _not_asked(desk: Desk, errand: _Errand, reason: str) -> None:
    def work(tx: sa.Connection) -> None:
        for ref in errand.refs:
            desk.tasks.update(
                tx,
                errand.verification.id,
                SourceStatus(
                    source=errand.source.name,
                    person=ref,
                    state=SourceState.NOT_ASKED,
                    complete=False,
                    detail=f"no_consent: {reason}",
                ),
            )
        if errand.query.reference:
            _close(desk, errand, tx)

    await desk.database.write(work)


def _close(desk: Desk, errand: _Errand, tx: sa.Connection) -> None:
    desk.tickets.put(tx, _stored_ticket(errand, None, desk.now()))


def _stored_ticket(errand: _Errand, ticket: Ticket | None, now: datetime) -> StoredTicket:
    return StoredTicket(
        reference=errand.query.reference,
        verification_id=errand.verification.id,
        region=errand.verification.request.region,
        source=errand.source.name,
        institutions=errand.query.institutions,
        sequence=errand.query.sequence,
        sent_on=errand.query.sent_on,
        tries=errand.tries,
        ticket=None if ticket is None else ticket_bytes(ticket),
        state="done" if ticket is None else "waiting",
        next_at=now if ticket is None else now + ticket.pause,
        deadline_at=errand.deadline_at,
    )


async def take_in(desk: Desk, errand: _Errand, progress: Progress) -> None:
    """Store what came, keep the ticket, and ask again what the source may be asked again."""
    again, given_up = _sorted_again(desk, errand, progress.again)
    replies = (*progress.replies, *given_up)

    def work(tx: sa.Connection) -> None:
        now = desk.now()
        desk.replies.put(
            tx,
            (
                to_stored(reply, where=errand.where, source=errand.source.name, now=now)
                for reply in replies
            ),
        )
        if errand.source.answers_later:
            desk.tickets.put(tx, _stored_ticket(errand, progress.ticket, now))

    await desk.database.write(work)
    for institution, refs in again.items():
        institutions = (institution,) if institution else None
        await _ask(
            desk,
            errand.verification,
            errand.source.name,
            (tuple(refs), institutions, errand.tries + 1, errand.deadline_at),
        )


def _sorted_again(
    desk: Desk, errand: _Errand, again: Sequence[AskAgain]
) -> tuple[dict[str, list[str]], tuple[SourceReply, ...]]:
    """By institution whom to ask again; and, where the tries are used up, the unknown replies."""
    if errand.tries >= desk.patience[errand.source.name].tries or (
        desk.now() >= errand.deadline_at
    ):
        return {}, tuple(
            SourceReply(
                person=one.person, institution=one.institution, outcome=Unknown(one.failure)
            )
            for one in again
        )
    grouped: dict[str, list[str]] = {}
    for one in again:
        grouped.setdefault(one.institution, []).append(one.person)
    return grouped, ()


async def collect(desk: Desk, verification: StoredVerification, stored: StoredTicket) -> None:
    """Look for the outstanding replies of one ticket; past its deadline they count as failed."""
    if stored.ticket is None:
        return
    ticket = read_ticket(stored.ticket)
    errand = errand_of(desk, verification, stored, ticket)
    try:
        progress = await errand.source.collect(ticket, errand.query, _permit(desk, errand))
    except NotPermitted as refusal:
        await _not_asked(desk, errand, refusal.detail)
        return
    if progress.ticket is not None and desk.now() >= stored.deadline_at:
        progress = _expired(errand, progress)
    await take_in(desk, errand, progress)


def errand_of(
    desk: Desk, verification: StoredVerification, stored: StoredTicket, ticket: Ticket
) -> _Errand:
    query = query_of(
        verification.request,
        (ticket.persons, stored.institutions),
        reference=stored.reference,
        sequence=stored.sequence,
        sent_on=stored.sent_on,
    )
    return _Errand(
        verification=verification,
        source=desk.sources[stored.source],
        query=query,
        tries=stored.tries,
        deadline_at=stored.deadline_at,
    )


def _expired(errand: _Errand, progress: Progress) -> Progress:
    """The deadline passed: whoever has no reply of an institution gets an unknown one."""
    answered = {(reply.person, reply.institution) for reply in progress.replies}
    answered |= {(one.person, one.institution) for one in progress.again}
    failure = Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline")
    institutions = errand.query.institutions or errand.source.institutions
    missing = (
        SourceReply(person=ref, institution=institution, outcome=Unknown(failure))
        for ref in errand.refs
        for institution in institutions
        if (ref, institution) not in answered
    )
    return Progress(replies=(*progress.replies, *missing), again=progress.again)
