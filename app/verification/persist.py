"""What a conclusion leaves behind, in one transaction: result, status, notice, audit, report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.domain.evidence import SourceState, SourceStatus
from app.domain.review import WhyClosed
from app.store.batch_households import BatchHouseholds
from app.store.batch_units import BatchUnits
from app.store.evidence import Replies, ReplyHead
from app.store.judgements import Judgements
from app.store.manual_tasks import ManualTasks
from app.store.moves import move_many
from app.store.outbox import Outbox
from app.store.results import NewResult, Results, StoredResult
from app.store.review_items import ReviewItems
from app.store.session import Database
from app.store.settlements import StoredSettlements
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import (
    CLOSED_STATUSES,
    OPEN_STATUSES,
    StoredVerification,
    Verifications,
)
from app.verification.conclude import Case, Conclusion
from app.verification.facts import FactWriter, Kept
from app.verification.rows import decision_rows, evidence_rows, result_of, status_notice
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
    manual: ManualTasks
    judgements: Judgements
    settlements: StoredSettlements
    review_items: ReviewItems
    results: Results
    facts: FactWriter
    outbox: Outbox
    batch_units: BatchUnits
    batch_households: BatchHouseholds


@dataclass(frozen=True, slots=True)
class Basis:
    """What a conclusion rests on; where it is another by now, the conclusion is stale."""

    replies: frozenset[ReplyHead]
    waiting: frozenset[str]
    states: frozenset[tuple[str, str, SourceState]]
    judgements: frozenset[tuple[str, bool, str]]
    settled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keeping:
    """A conclusion to be stored, with what it was drawn from."""

    verification: StoredVerification
    case: Case
    basis: Basis
    conclusion: Conclusion


def basis_of(shelf: Shelf, tx: sa.Connection, id_: str) -> Basis:
    """The basis as it stands in this transaction."""
    return bases_of(shelf, tx, shelf.tasks.of_many(tx, [id_]), [id_])[id_]


def bases_of(
    shelf: Shelf,
    tx: sa.Connection,
    statuses: Mapping[str, Iterable[SourceStatus]],
    ids: Sequence[str],
) -> Mapping[str, Basis]:
    """The bases of many, of which the source statuses were read in the same transaction."""
    replies = shelf.replies.heads_of_many(tx, ids)
    waiting = shelf.tickets.waiting_references(tx, ids)
    judged, settled = shelf.judgements.of_many(tx, ids), shelf.settlements.of_many(tx, ids)
    return {
        id_: basis_from(
            replies.get(id_, ()),
            waiting.get(id_, ()),
            statuses.get(id_, ()),
            (judged.get(id_, {}), [one.id for one in settled.get(id_, {}).values()]),
        )
        for id_ in ids
    }


def basis_from(
    replies: Iterable[ReplyHead],
    waiting: Iterable[str],
    statuses: Iterable[SourceStatus],
    said: tuple[Mapping[str, tuple[bool, str]], Iterable[str]],
) -> Basis:
    """The basis of what was read; `waiting` are references of tickets, `said` words of persons."""
    return Basis(
        replies=frozenset(replies),
        waiting=frozenset(waiting),
        states=frozenset((one.person, one.source, one.state) for one in statuses),
        judgements=frozenset((record, same, who) for record, (same, who) in said[0].items()),
        settled=frozenset(said[1]),
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
        return not self.keep_many(tx, [Keeping(verification, *read, conclusion)])

    def keep_many(self, tx: sa.Connection, items: Sequence[Keeping]) -> frozenset[str]:
        """Store the conclusions of different verifications; gives the ids of the stale ones.

        Nothing is stored of what is closed by now, nor of what is stale.
        """
        shelf = self._shelf
        standing = shelf.verifications.statuses_of(tx, [one.case.id for one in items])
        items = [one for one in items if standing[one.case.id] not in CLOSED_STATUSES]
        ids = [one.case.id for one in items]
        before = shelf.tasks.of_many(tx, ids) if ids else {}
        bases = bases_of(shelf, tx, before, ids) if ids else {}
        fresh = [one for one in items if bases[one.case.id] == one.basis]
        if fresh:
            self._keep(tx, fresh, before, standing)
        return frozenset(ids) - {one.case.id for one in fresh}

    def _keep(
        self,
        tx: sa.Connection,
        items: Sequence[Keeping],
        before: Mapping[str, Iterable[SourceStatus]],
        standing: Mapping[str, str],
    ) -> None:
        shelf, now = self._shelf, self._now()
        shelf.tasks.update_many(tx, [one for item in items for one in _changed(item, before)])
        results = self._put_results(tx, items, now)
        occasions = [Occasion(one.case.id, one.case.request.region, now) for one in items]
        conclusions = [one.conclusion for one in items]
        bring_up(shelf.review_items, tx, list(zip(occasions, conclusions, strict=True)))
        to = {one.case.id: _status(one.case, one.conclusion) for one in items}
        moved = {id_: status for id_, status in to.items() if standing[id_] != status}
        move_many(tx, moved, now=now)
        shelf.facts.kept_many(
            tx,
            [
                Kept(
                    one.verification,
                    one.case,
                    one.conclusion,
                    to[one.case.id],
                    one.case.id in moved,
                    now,
                )
                for one in items
            ],
        )
        for one in items:
            if moved.get(one.case.id) == "final":
                self._close_items(tx, one.verification.recheck_of, WhyClosed.RECHECKED)
                concluded = Concluded(one.case, one.conclusion, results[one.case.id], now)
                self._on_final(tx, one.verification, concluded)
        announced = [one.verification for one in items if one.case.id in moved]
        self._announce(tx, [(one, moved[one.id]) for one in announced])

    def _put_results(
        self, tx: sa.Connection, items: Sequence[Keeping], now: datetime
    ) -> Mapping[str, StoredResult]:
        """New versions where something is other than in the newest; gives the result of each."""
        newest = self._shelf.results.versions(tx, [one.case.id for one in items])
        results, new = {}, []
        for one in items:
            version, digest = newest.get(one.case.id, (0, ""))
            result = result_of(one.conclusion, self._model, now, version + 1)
            results[one.case.id] = result
            if result.digest != digest:
                new.append(
                    NewResult(
                        verification_id=one.case.id,
                        region=one.case.request.region,
                        result=result,
                        decisions=decision_rows(one.conclusion),
                        evidence=evidence_rows(one.conclusion),
                    )
                )
        self._shelf.results.put_many(tx, new)
        return results

    def enter(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        status: str,
        *,
        only_from: tuple[str, ...] = OPEN_STATUSES,
    ) -> bool:
        """Move on to a status, with its notice and its audit entry; false where it stays."""
        changeable = tuple(one for one in only_from if one != status)
        moved = self._shelf.verifications.set_status(
            tx, verification.id, status, now=self._now(), only_from=changeable
        )
        if moved:
            if status == "querying":
                self._shelf.facts.begun(tx, verification)
            if status == "cancelled":
                self._close_items(tx, verification.id, WhyClosed.CANCELLED)
                self._shelf.facts.cancelled(tx, verification, self._now())
            self._announce(tx, [(verification, status)])
        return moved

    def _close_items(self, tx: sa.Connection, id_: str | None, why: WhyClosed) -> None:
        """Of this verification, nothing waits for a person any more."""
        if id_ is not None:
            self._shelf.review_items.close_all(tx, id_, why, now=self._now())

    def _announce(self, tx: sa.Connection, moved: Sequence[tuple[StoredVerification, str]]) -> None:
        """The audit entries come last: appending holds up everybody else's."""
        now = self._now()
        notices = [status_notice(verification, status, now) for verification, status in moved]
        self._shelf.outbox.add_all(tx, [one for one in notices if one is not None])
        self._audit.append_many(tx, [_entry(*one) for one in moved])


def _changed(
    item: Keeping, before: Mapping[str, Iterable[SourceStatus]]
) -> list[tuple[str, SourceStatus]]:
    """The source statuses that are not stored yet as the conclusion rests on them."""
    stored = {(one.person, one.source): one for one in before.get(item.case.id, ())}
    return [
        (item.case.id, one)
        for one in item.case.statuses
        if one != stored.get((one.person, one.source))
    ]


def _entry(verification: StoredVerification, status: str) -> Entry:
    request = verification.request
    return Entry(
        actor=verification.client_id,
        action=f"verification_{status}",
        object=verification.id,
        region=request.region,
        details={"case": request.case_reference},
    )


def _status(case: Case, conclusion: Conclusion) -> str:
    if any(one.state is SourceState.PENDING for one in case.statuses):
        return "partial"
    return "in_review" if conclusion.needs_review else "final"
