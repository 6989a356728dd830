"""The handling of objections 复核办理: taken by somebody, looked into, decided, told.

Whoever handles one is nobody who decided what is disputed. Every step is kept and audited; a report
that was issued is never edited: where the objection is right, another one takes its place.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

import orjson
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.errors import Conflict, NotAllowed
from app.domain.instants import china_day, rfc3339
from app.review.audit_objections import CORRECT, ObjectionDesk
from app.review.objection_terms import ObjectionTerms
from app.store.objections import Objections, ObjectionStep, StoredObjection
from app.store.outbox import Notice, Outbox
from app.store.verifications import StoredVerification

STATE_CHANGED: Final = "objection.state_changed"


class ObjectionDecision(StrEnum):
    """The report stands 维持, or another one takes its place 更正."""

    UPHOLD = "uphold"
    CORRECT = "correct"


class StepKind(StrEnum):
    """What was done about an objection."""

    FILED = "filed"
    TAKEN = "taken"
    RELEASED = "released"
    ASKED_AGAIN = "asked_again"
    UPHELD = "upheld"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


_BECOMES: Final[Mapping[ObjectionDecision, StepKind]] = {
    ObjectionDecision.UPHOLD: StepKind.UPHELD,
    ObjectionDecision.CORRECT: StepKind.CORRECTED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step with which objection, at which version he or she has read it."""

    objection_id: str
    region: str
    by: str
    version: int
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RecheckState:
    """How the newest recheck stands; `has_report`: its report is a later version."""

    status: str | None
    has_report: bool


def taken(one: StoredObjection, by: str, deciders: Collection[str]) -> StoredObjection:
    """Raises Conflict, and NotAllowed for whoever decided what is disputed."""
    _must_be_open(one)
    _must_be_another(by, deciders)
    if one.handler is not None and one.handler != by:
        raise Conflict("somebody else handles this objection: it must be given back first")
    return replace(one, state="in_progress", handler=by, version=one.version + 1)


def decided(
    one: StoredObjection,
    decision: ObjectionDecision,
    recheck: RecheckState,
    step: tuple[str, str, datetime],
) -> StoredObjection:
    """`step`: by whom, what the household is told, when. Raises Conflict, saying what is needed."""
    by, answer, at = step
    _must_be_open(one)
    if one.handler != by:
        raise Conflict("take the objection first: whoever handles it decides")
    if recheck.status not in (None, "final", "cancelled"):
        raise Conflict(
            f"the recheck is {recheck.status}: decide once it is final, or cancel the recheck"
        )
    match decision:
        case ObjectionDecision.UPHOLD if one.proposal == CORRECT:
            raise Conflict("the recheck came to another outcome: the report does not stand")
        case ObjectionDecision.CORRECT if not recheck.has_report:
            raise Conflict("there is no later report: have sources asked again first")
        case _:
            pass
    return replace(
        one,
        state=_BECOMES[decision].value,
        decided_by=by,
        decided_at=at,
        answer=answer,
        version=one.version + 1,
    )


def withdrawn(one: StoredObjection, by: str, at: datetime) -> StoredObjection:
    """The household takes it back. Raises Conflict."""
    _must_be_open(one)
    return replace(one, state="withdrawn", decided_by=by, decided_at=at, version=one.version + 1)


def _must_be_open(one: StoredObjection) -> None:
    if not one.is_open:
        raise Conflict(f"the objection is {one.state} already")


def _must_be_another(by: str, deciders: Collection[str]) -> None:
    if by in deciders:
        raise NotAllowed(
            "you decided something of the disputed report: another person handles the objection"
        )


@dataclass(frozen=True, kw_only=True)
class ObjectionHandling:
    """Takes steps with objections, each in one transaction of the caller's."""

    desk: ObjectionDesk
    terms: ObjectionTerms
    outbox: Outbox
    audit: AuditTrail
    now: Callable[[], datetime]

    @property
    def stored(self) -> Objections:
        return self.desk.stored

    def file(self, tx: sa.Connection, new: StoredObjection) -> None:
        """With its first step."""
        self.desk.file(tx, new)
        self._step(tx, new, StepKind.FILED, Step(new.id, new.region, new.client_id, 1))

    def take(self, tx: sa.Connection, step: Step) -> StoredObjection:
        """Raises NotFound, Conflict, NotAllowed."""
        one = self._read(tx, step)
        deciders = self.stored.deciders(tx, one.verification_id)
        return self._moved(tx, taken(one, step.by, deciders), StepKind.TAKEN, step)

    def release(self, tx: sa.Connection, step: Step) -> StoredObjection:
        """Given back by whoever has it."""
        one = self._read(tx, step)
        _must_be_open(one)
        if one.handler != step.by:
            raise Conflict("you do not handle this objection")
        free = replace(one, state="filed", handler=None, version=one.version + 1)
        return self._moved(tx, free, StepKind.RELEASED, step)

    def ask_again(self, tx: sa.Connection, step: Step, recheck_id: str) -> StoredObjection:
        """By whoever has it: from now on that recheck is the one that it waits for."""
        one = self.may_ask_again(tx, step)
        again = replace(one, recheck_id=recheck_id, proposal=None, version=one.version + 1)
        return self._moved(tx, again, StepKind.ASKED_AGAIN, step)

    def may_ask_again(self, tx: sa.Connection, step: Step) -> StoredObjection:
        """Raises Conflict."""
        one = self._read(tx, step)
        _must_be_open(one)
        if one.handler != step.by:
            raise Conflict("take the objection first: whoever handles it has sources asked again")
        return one

    def decide(
        self, tx: sa.Connection, step: Step, decision: ObjectionDecision, recheck: RecheckState
    ) -> StoredObjection:
        """Raises NotFound, Conflict, NotAllowed."""
        one = self._read(tx, step)
        _must_be_another(step.by, self.stored.deciders(tx, one.verification_id))
        after = decided(one, decision, recheck, (step.by, step.words, self.now()))
        if one.due_on is not None:
            after = replace(after, kept_term=china_day(self.now()) <= one.due_on)
        return self._moved(tx, after, _BECOMES[decision], step)

    def withdraw(self, tx: sa.Connection, step: Step) -> StoredObjection:
        """Raises NotFound, Conflict."""
        after = withdrawn(self._read(tx, step), step.by, self.now())
        return self._moved(tx, after, StepKind.WITHDRAWN, step)

    def tell(self, tx: sa.Connection, one: StoredObjection, of: StoredVerification) -> None:
        """The case system of the disputed verification hears of the state, where it wants to."""
        url = of.request.callback_url
        if url is None:
            return
        now = self.now()
        key = f"{one.id}/{STATE_CHANGED}/{one.version}"
        event_id = f"ev_{sha256(key.encode()).hexdigest()[:32]}"
        body = {
            "event_id": event_id,
            "type": STATE_CHANGED,
            "objection": one.id,
            "verification": of.id,
            "case_reference": of.request.case_reference,
            "state": one.state,
            "at": rfc3339(now),
        }
        notice = Notice(
            event_id=event_id,
            type=STATE_CHANGED,
            verification_id=of.id,
            region=one.region,
            client_id=of.client_id,
            url=url,
            body=orjson.dumps(body),
            created_at=now,
        )
        self.outbox.add(tx, notice)

    def _read(self, tx: sa.Connection, step: Step) -> StoredObjection:
        one = self.stored.get(tx, step.objection_id, region=step.region)
        if one.version != step.version:
            raise Conflict("the objection has moved on since: read it again")
        return one

    def _moved(
        self, tx: sa.Connection, after: StoredObjection, kind: StepKind, step: Step
    ) -> StoredObjection:
        before = self.stored.get(tx, after.id, region=after.region)
        self.stored.move(tx, after, self._kept(after, kind, step))
        self._note(tx, after, kind, step, before=before.state)
        return after

    def _step(self, tx: sa.Connection, one: StoredObjection, kind: StepKind, step: Step) -> None:
        self.stored.add_step(tx, self._kept(one, kind, step))

    def _kept(self, one: StoredObjection, kind: StepKind, step: Step) -> ObjectionStep:
        return ObjectionStep(
            objection_id=one.id,
            number=one.version,
            verification_id=one.verification_id,
            region=one.region,
            action=kind.value,
            actor=step.by,
            at=self.now(),
            words=step.words,
        )

    def _note(
        self, tx: sa.Connection, one: StoredObjection, kind: StepKind, step: Step, **before: str
    ) -> None:
        """`before`: the state that it was in, where it is in another now."""
        self.audit.append(
            tx,
            actor=step.by,
            action=f"objection_{kind.value}",
            about=(one.id, one.region),
            details={
                "verification": one.verification_id,
                "recheck": one.recheck_id or "",
                **before,
                **({"after": one.state} if before else {}),
            },
        )
