"""What a conclusion leaves behind, in one transaction: result, status, notice, audit, report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.evidence import SourceState
from app.domain.review import WhyClosed
from app.store.evidence import DecisionRow, EvidenceRow, Replies, ReplyHead, Results, StoredResult
from app.store.judgements import Judgements
from app.store.outbox import Notice, Outbox
from app.store.review_items import ReviewItems
from app.store.session import Database
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import (
    CLOSED_STATUSES,
    OPEN_STATUSES,
    StoredVerification,
    Verifications,
)
from app.verification.conclude import Case, Conclusion
from app.verification.document import (
    decision_document,
    evidence_document,
    finding_document,
    profile_document,
)
from app.verification.facts import FactWriter, Kept
from app.verification.worklist import Occasion, bring_up


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a verification became final with."""

    case: Case
    conclusion: Conclusion
    result: StoredResult
    at: datetime


OnFinal = Callable[[sa.Connection, StoredVerification, Concluded], None]
"""Called in the transaction that makes a verification final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The stores that a verification is read from and written to."""

    database: Database
    verifications: Verifications
    tasks: Tasks
    replies: Replies
    tickets: Tickets
    judgements: Judgements
    review_items: ReviewItems
    results: Results
    facts: FactWriter
    outbox: Outbox


@dataclass(frozen=True, slots=True)
class Basis:
    """What a conclusion rests on; where it is another by now, the conclusion is stale."""

    replies: frozenset[ReplyHead]
    waiting: frozenset[str]
    states: frozenset[tuple[str, str, SourceState]]
    judgements: frozenset[tuple[str, bool, str]]


def basis_of(shelf: Shelf, tx: sa.Connection, id_: str) -> Basis:
    """The basis as it stands in this transaction."""
    judged = shelf.judgements.all_of(tx, id_).items()
    return Basis(
        replies=shelf.replies.heads(tx, id_),
        waiting=shelf.tickets.waiting_references(tx, id_),
        states=frozenset(
            (one.person, one.source, one.state) for one in shelf.tasks.all_of(tx, id_)
        ),
        judgements=frozenset((record, same, who) for record, (same, who) in judged),
    )


class Keeper:
    """Writes status changes with all that belongs to them."""

    def __init__(
        self,
        shelf: Shelf,
        audit: AuditTrail,
        *,
        on_final: OnFinal,
        now: Callable[[], datetime],
        model: dict[str, str],
    ) -> None:
        self._shelf = shelf
        self._audit = audit
        self._on_final = on_final
        self._now = now
        self._model = model

    def keep(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        read: tuple[Case, Basis],
        conclusion: Conclusion,
    ) -> bool:
        """Store the conclusion; false where it is stale: more has come since it was read."""
        shelf, (case, basis) = self._shelf, read
        if shelf.verifications.status_of(tx, case.id) in CLOSED_STATUSES:
            return True
        if basis_of(shelf, tx, case.id) != basis:
            return False
        before = {(one.person, one.source): one for one in shelf.tasks.all_of(tx, case.id)}
        for one in case.statuses:
            if one != before.get((one.person, one.source)):
                shelf.tasks.update(tx, case.id, one)
        newest = shelf.results.newest(tx, case.id)
        version = 1 if newest is None else newest.version + 1
        result = result_of(conclusion, self._model, self._now(), version)
        if newest is None or newest.digest != result.digest:
            where = (case.id, case.request.region)
            rows = _decision_rows(conclusion), _evidence_rows(conclusion)
            shelf.results.put(tx, where, result, *rows)
        occasion = Occasion(case.id, case.request.region, self._now())
        bring_up(shelf.review_items, tx, occasion, conclusion)
        status = _status(case, conclusion)
        moved = self._moved(tx, verification, status, OPEN_STATUSES)
        shelf.facts.kept(tx, verification, Kept(case, conclusion, status, moved, self._now()))
        if moved:
            if status == "final":
                self._close_items(tx, verification.recheck_of, WhyClosed.RECHECKED)
                concluded = Concluded(case, conclusion, result, self._now())
                self._on_final(tx, verification, concluded)
            self._announce(tx, verification, status)
        return True

    def enter(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        status: str,
        *,
        only_from: tuple[str, ...] = OPEN_STATUSES,
    ) -> bool:
        """Move on to a status, with its notice and its audit entry; false where it stays."""
        moved = self._moved(tx, verification, status, only_from)
        if moved:
            if status == "querying":
                self._shelf.facts.begun(tx, verification)
            if status == "cancelled":
                self._close_items(tx, verification.id, WhyClosed.CANCELLED)
                self._shelf.facts.cancelled(tx, verification, self._now())
            self._announce(tx, verification, status)
        return moved

    def _close_items(self, tx: sa.Connection, id_: str | None, why: WhyClosed) -> None:
        """Of this verification, nothing waits for a person any more."""
        if id_ is not None:
            self._shelf.review_items.close_all(tx, id_, why, now=self._now())

    def _moved(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        status: str,
        only_from: tuple[str, ...],
    ) -> bool:
        changeable = tuple(one for one in only_from if one != status)
        return self._shelf.verifications.set_status(
            tx, verification.id, status, now=self._now(), only_from=changeable
        )

    def _announce(self, tx: sa.Connection, verification: StoredVerification, status: str) -> None:
        """The audit entry comes last: appending holds up everybody else's."""
        self._notify(tx, verification, status, self._now())
        request = verification.request
        self._audit.append(
            tx,
            actor=verification.client_id,
            action=f"verification_{status}",
            about=(verification.id, request.region),
            details={"case": request.case_reference},
        )

    def _notify(
        self, tx: sa.Connection, verification: StoredVerification, status: str, now: datetime
    ) -> None:
        request = verification.request
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


def _status(case: Case, conclusion: Conclusion) -> str:
    if any(one.state is SourceState.PENDING for one in case.statuses):
        return "partial"
    return "in_review" if conclusion.needs_review else "final"


def result_of(
    conclusion: Conclusion, model: dict[str, str], now: datetime, version: int
) -> StoredResult:
    """The result's canonical JSON and its digest."""
    body = orjson.dumps(
        {
            "profile": profile_document(conclusion.profile),
            "findings": [finding_document(one) for one in conclusion.profile.findings],
            "decisions": [decision_document(one) for one in conclusion.decisions],
            "also_confirmed_for": list(conclusion.also_confirmed_for),
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return StoredResult(
        version=version,
        body=body,
        digest=f"sha256:{sha256(body).hexdigest()}",
        model=model,
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
