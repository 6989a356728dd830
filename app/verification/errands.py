"""One asking of one source: its question, the gate at its sending, and its ticket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.audit.chain import NOT_ANCHORED, AuditTrail
from app.domain.errors import AuditUnanchored
from app.domain.household import Person, VerificationRequest
from app.domain.period import Window
from app.store.askings import Askings
from app.store.evidence import Replies
from app.store.manual_tasks import ManualTask, ManualTasks
from app.store.session import Database
from app.store.tasks import Tasks
from app.store.tickets import StoredTicket, Tickets
from app.store.verifications import StoredVerification, Verifications
from app.verification.answers import ticket_bytes, to_stored
from app.verification.elsewhere import Connected, is_elsewhere, mandate_of
from app.verification.gate import ConsentGate, not_permitted, refusal_of
from app.verification.intake import Intake
from app.verification.intents import Intent, Intents
from connectors.by_hand import ByHand, is_by_hand
from connectors.contract import (
    AskedPerson,
    IdType,
    Months,
    Permit,
    Source,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, NotPermitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one source may take: from its limits."""

    deadline: timedelta
    tries: int
    reuse_days: int = 0
    window: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that asking needs, built once."""

    database: Database
    sources: Connected
    patience: Mapping[str, Patience]
    verifications: Verifications
    askings: Askings
    tasks: Tasks
    replies: Replies
    tickets: Tickets
    gate: ConsentGate
    intents: Intents
    intake: Intake
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    manual: ManualTasks
    by_hand_deadline: timedelta
    """Until when clerks answer what was turned over to them."""
    anchor_now: Callable[[], Awaitable[None]] | None = None
    """Anchors the audit trail at once, where it can be: a machine that slept is behind with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One asking of one source; `tries` counts it and those that it repeats."""

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

    @property
    def by_hand(self) -> bool:
        """Nothing is sent: clerks of the source look it up."""
        return isinstance(self.source, ByHand)

    @property
    def institutions(self) -> tuple[str, ...]:
        return self.query.institutions or self.source.institutions

    def unknown(self, failure: Failure) -> tuple[SourceReply, ...]:
        """An unknown reply of every institution about every person asked about."""
        gap = Unknown(failure)
        return tuple(
            SourceReply(person=ref, institution=institution, outcome=gap)
            for ref in self.refs
            for institution in self.institutions
        )


def mandated(verification: StoredVerification, query: SourceQuery) -> SourceQuery:
    """With what it rests on, where another centre is asked (about one person at a time)."""
    if not is_elsewhere(query.institutions):
        return query
    return replace(query, mandate=mandate_of(verification, query.persons[0].ref))


def asked(person: Person) -> AskedPerson:
    """In the connectors' words."""
    id_type = IdType(person.id_type.value)
    return AskedPerson(person.ref, person.name, id_type, person.id_number, person.birth_date)


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
        persons=tuple(asked(persons[ref]) for ref in refs),
        window=Months(window.start, window.end),
        as_of=request.as_of,
        sent_on=sent_on,
        institutions=institutions,
    )


def errand_of(
    desk: Desk, verification: StoredVerification, stored: StoredTicket, ticket: Ticket
) -> Errand:
    """The asking that a stored ticket stands for."""
    query = query_of(
        verification.request,
        (ticket.persons, stored.institutions),
        reference=stored.reference,
        sequence=stored.sequence,
        sent_on=stored.sent_on,
    )
    source = desk.sources.at(stored.source, stored.institutions)
    if is_by_hand(ticket) and not isinstance(source, ByHand):
        source = ByHand(source.name, source.institutions)
    return Errand(
        verification=verification,
        source=source,
        query=mandated(verification, query),
        tries=stored.tries,
        deadline_at=stored.deadline_at,
    )


def stored_ticket(errand: Errand, ticket: Ticket | None, now: datetime) -> StoredTicket:
    """The row of a ticket; without one, of an asking whose replies are all in."""
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
        next_at=now if ticket is None else min(now + ticket.pause, errand.deadline_at),
        deadline_at=errand.deadline_at,
        batch_id=errand.verification.batch_id,
    )


def manual_task(
    stored: StoredTicket, person: str, institution: str, made: tuple[str, datetime]
) -> ManualTask:
    """The task beside a ticket that waits for clerks; `made`: by whom and when."""
    by, now = made
    return ManualTask(
        id=stored.reference,
        verification_id=stored.verification_id,
        region=stored.region,
        source=stored.source,
        person=person,
        institution=institution,
        made_by=by,
        created_at=now,
        deadline_at=stored.deadline_at,
        changed_at=now,
    )


def permit_of(desk: Desk, errand: Errand) -> Permit:
    intent = Intent(
        verification=errand.verification,
        source=errand.source.name,
        refs=errand.refs,
        reference=errand.query.reference,
        centre=errand.institutions[0] if is_elsewhere(errand.institutions) else None,
    )

    async def holds() -> None:
        """Consent holds now; that a clerk was asked is on record when one opens the task."""
        (refusal,) = await desk.database.write(
            lambda tx: desk.gate.refusals(tx, [intent], desk.now())
        )
        if refusal is not None:
            raise not_permitted(refusal)

    async def permit() -> None:
        """Consent holds now for everybody asked about, and the intent is on record first."""
        try:
            await desk.intents.enter(intent)
        except AuditUnanchored:
            await _anchored(desk, errand)
            await desk.intents.enter(intent)

    return holds if errand.by_hand else permit


async def _anchored(desk: Desk, errand: Errand) -> None:
    """What is held up says so, until it is answered; then the trail is tried to be anchored."""
    where = errand.verification.id, errand.source.name
    await desk.database.write(lambda tx: desk.tasks.hold(tx, where, set(errand.refs), NOT_ANCHORED))
    if desk.anchor_now is not None:
        await desk.anchor_now()


async def not_asked(desk: Desk, errand: Errand, met: NotPermitted) -> None:
    """The gate was shut: nothing left for these persons, and nothing more is looked for.

    Who has replies already (of other institutions, or of an earlier asking) has unknown ones of
    these: the source as a whole has failed then, for it was asked.
    """
    gaps = errand.unknown(met.failure)

    def work(tx: sa.Connection) -> None:
        name, id_ = errand.source.name, errand.verification.id
        heads = desk.replies.heads(tx, id_)
        replied = {head.person for head in heads if head.source == name}
        if errand.query.institutions is not None and not is_elsewhere(errand.institutions):
            replied |= set(errand.refs)
        replied |= _asked_in_parts(desk, errand)
        rows = [
            to_stored(gap, where=errand.where, source=name, now=desk.now())
            for gap in gaps
            if gap.person in replied
        ]
        desk.replies.put(tx, rows)
        desk.tasks.refuse(tx, (id_, name), set(errand.refs) - replied, refusal_of(met))
        desk.tickets.put(tx, stored_ticket(errand, None, desk.now()))
        if errand.by_hand:
            desk.manual.close(
                tx, [errand.query.reference], refusal_of(met).reason.value, desk.now()
            )

    await desk.database.write(work)


def _asked_in_parts(desk: Desk, errand: Errand) -> set[str]:
    """Persons about whom this asking is not all that the source is asked, here and elsewhere."""
    name = errand.source.name
    if not desk.sources.centres.by_region or name not in desk.sources:
        return set()
    persons = {one.ref: one for one in errand.verification.request.household.persons}
    needed = {ref: desk.sources.institutions_of(name, persons.get(ref)) for ref in errand.refs}
    return {ref for ref, every in needed.items() if set(every) - set(errand.institutions)}
