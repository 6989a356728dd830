"""Answers that a source's clerks look up and type 人工录入, by two of them, blind of each other.

A task waits beside a ticket. Whoever opens it first has the question put: consent is checked and
the asking is on record before name and number are shown. What both entered alike goes the way of
every reply, marked as entered by hand; what differs goes back, and both begin anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.audit.chain import AuditTrail
from app.domain.consent import Refusal
from app.domain.errors import Conflict, NotAllowed
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import Person
from app.domain.instants import china_day
from app.store.evidence import ReplyHead
from app.store.manual_tasks import CLOSED, DONE, OPEN, SECOND, ManualTask, ManualTasks
from app.store.tickets import StoredTicket
from app.store.verifications import StoredVerification
from app.verification.answers import ticket_bytes, to_stored
from app.verification.errands import Desk, manual_task
from app.verification.gate import Intent
from app.verification.intake import EXPIRED, Arrival
from connectors.by_hand import ticket_by_hand
from connectors.contract import Found, NoRecord, Outcome, SourceReply, Unknown
from connectors.failure import Failure, FailureKind
from connectors.record_forms import differing
from connectors.records import AnyRecord

Unavailable = Literal["system_down", "no_access", "not_covered", "not_searchable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a clerk entered: records, explicitly none, or why the source could not be searched."""

    outcome: Literal["found", "no_record", "unavailable"]
    records: tuple[AnyRecord, ...] = ()
    reason: Unavailable | None = None
    data_as_of: date | None = None

    @property
    def as_outcome(self) -> Outcome:
        match self.outcome:
            case "found":
                return Found(self.records)
            case "no_record":
                return NoRecord()
            case "unavailable":
                words = f"by hand: the source could not be searched: {self.reason}"
                return Unknown(Failure(FailureKind.UNAVAILABLE, words))


ENTRY: Final = TypeAdapter(Entry)


def entries_differ(one: Entry, other: Entry) -> tuple[str, ...]:
    """In what two entries differ; nothing where they say the same."""
    plain = tuple(
        name
        for name in ("outcome", "reason", "data_as_of")
        if getattr(one, name) != getattr(other, name)
    )
    return plain or differing(one.records, other.records)


@dataclass(frozen=True, slots=True)
class Turned:
    """Tickets and tasks by which clerks are asked instead of a source that failed."""

    tickets: tuple[StoredTicket, ...]
    tasks: tuple[ManualTask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandWork:
    """What clerks do, each in one transaction of the caller's."""

    desk: Desk
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    @property
    def tasks(self) -> ManualTasks:
        return self.desk.manual

    def put(
        self, tx: sa.Connection, task: ManualTask, verification: StoredVerification
    ) -> ManualTask:
        """The question is put to a clerk, on record the first time; closed where it may not be."""
        task = self._still(tx, task, verification)
        if not task.waits or task.asked_at is not None:
            return task
        (refused,) = self.desk.intents.write(tx, [_intent(task, verification)])
        if refused is not None:
            raise refused
        return self._moved(tx, replace(task, asked_at=self.now()))

    def enter(
        self,
        tx: sa.Connection,
        task: ManualTask,
        verification: StoredVerification,
        given: tuple[str, Entry],
    ) -> ManualTask:
        """`given`: by whom, and what. Raises Conflict, NotAllowed for the same clerk twice."""
        task = self._still(tx, task, verification)
        if not task.waits:
            return task
        if task.asked_at is None:
            raise Conflict("the task was not opened: read it first")
        by, entry = given
        if task.state == OPEN:
            kept = replace(task, state=SECOND, first_clerk=by, entry=_packed(entry), detail=None)
            return self._noted(tx, self._moved(tx, kept), by, "manual_entry_made")
        if by == task.first_clerk:
            raise NotAllowed("whoever entered it first does not confirm it: another clerk does")
        differences = entries_differ(ENTRY.validate_json(task.entry or b""), entry)
        if differences:
            back = replace(
                task,
                state=OPEN,
                first_clerk=None,
                entry=None,
                detail=",".join(differences)[:400],
            )
            return self._noted(tx, self._moved(tx, back), by, "manual_entry_differed")
        self._taken_in(tx, task, verification, entry)
        done = replace(task, state=DONE, second_clerk=by, entry=None, detail=None)
        return self._noted(tx, self._moved(tx, done), by, "manual_entry_confirmed")

    def _still(
        self, tx: sa.Connection, task: ManualTask, verification: StoredVerification
    ) -> ManualTask:
        """As it stands now: closed where its time is over or the consent holds no more."""
        if not task.waits:
            return task
        if self.now() >= task.deadline_at:
            return self._closed(tx, task, EXPIRED)
        refusal = self.refusal(tx, task, verification)
        return task if refusal is None else self._closed(tx, task, refusal.reason.value)

    def refusal(
        self, tx: sa.Connection, task: ManualTask, verification: StoredVerification
    ) -> Refusal | None:
        """Why the question may not be put now."""
        (refusal,) = self.desk.gate.refusals(tx, [_intent(task, verification)], self.now())
        return refusal

    def _closed(self, tx: sa.Connection, task: ManualTask, why: str) -> ManualTask:
        return self._moved(tx, replace(task, state=CLOSED, why_closed=why, entry=None))

    def _moved(self, tx: sa.Connection, task: ManualTask) -> ManualTask:
        moved = replace(task, version=task.version + 1, changed_at=self.now())
        self.tasks.move(tx, moved)
        return moved

    def _noted(self, tx: sa.Connection, task: ManualTask, by: str, action: str) -> ManualTask:
        self.audit.append(
            tx,
            actor=by,
            action=action,
            about=(task.verification_id, task.region),
            details={"source": task.source, "persons": task.person, "task": task.id},
        )
        return task

    def _taken_in(
        self, tx: sa.Connection, task: ManualTask, verification: StoredVerification, entry: Entry
    ) -> None:
        """Through the same admission and the same store as every reply."""
        reply = SourceReply(
            person=task.person,
            institution=task.institution,
            outcome=entry.as_outcome,
            as_of=entry.data_as_of,
            raw=_packed(entry),
            by_hand=True,
        )
        where = task.verification_id, task.region
        row = to_stored(reply, where=where, source=task.source, now=self.now())
        ticket = self.desk.tickets.get(tx, task.id)
        done = None if ticket is None else replace(ticket, ticket=None, state="done")
        self.desk.intake.write(tx, [Arrival(verification, (row,), done)])

    def turned(
        self, verification: StoredVerification, gaps: Iterable[ReplyHead], by: str
    ) -> Turned:
        """For each answer that is missing, a ticket and a task; nothing is stored yet."""
        pairs = [self._turned(verification, gap, by) for gap in gaps]
        return Turned(tuple(ticket for ticket, _ in pairs), tuple(task for _, task in pairs))

    def _turned(
        self, verification: StoredVerification, gap: ReplyHead, by: str
    ) -> tuple[StoredTicket, ManualTask]:
        now, reference = self.now(), self.new_id("aq")
        deadline = now + self.desk.by_hand_deadline
        ticket = ticket_by_hand(reference, (gap.person,))
        stored = StoredTicket(
            reference=reference,
            verification_id=verification.id,
            region=verification.request.region,
            source=gap.source,
            institutions=(gap.institution,) if gap.institution else None,
            sequence=0,
            sent_on=china_day(now),
            tries=self.desk.patience[gap.source].tries,
            ticket=ticket_bytes(ticket),
            state="waiting",
            next_at=now + ticket.pause,
            deadline_at=deadline,
            batch_id=verification.batch_id,
        )
        return stored, manual_task(stored, gap.person, gap.institution, (by, now))


def missing_of(
    statuses: Sequence[SourceStatus], heads: Iterable[ReplyHead], source: str, persons: set[str]
) -> list[ReplyHead]:
    """Of a source that failed: each reply that is no whole answer, about these persons or all."""
    failed = {
        one.person for one in statuses if one.source == source and one.state is SourceState.FAILED
    }
    wanted = failed if not persons else failed & persons
    return [
        head
        for head in sorted(heads, key=lambda one: (one.person, one.institution))
        if head.source == source and head.person in wanted and head.state in ("unknown", "partial")
    ]


def person_of(verification: StoredVerification, task: ManualTask) -> Person:
    """Whom the task is about."""
    persons = verification.request.household.persons
    return next(one for one in persons if one.ref == task.person)


def _intent(task: ManualTask, verification: StoredVerification) -> Intent:
    return Intent(
        verification=verification, source=task.source, refs=(task.person,), reference=task.id
    )


def _packed(entry: Entry) -> bytes:
    return ENTRY.dump_json(entry)
