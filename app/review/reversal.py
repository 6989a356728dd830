"""A decision is taken back 撤销复核: what held before holds again, nothing is overwritten."""

import asyncio
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from app.domain.review import Choice, ItemState, ReasonCode, Role
from app.domain.settlement import Settlements
from app.review.aside import close_tasks
from app.review.judgement import Reviewing, closed
from app.review.rounds import last_round, reversible
from app.review.words import Given, Standing, Word
from app.store.judgements import Withdrawal
from app.store.review_decisions import ReviewDecision
from app.store.review_items import ReviewItem
from app.store.scope import Crossing, across_in
from app.store.settlements import StoredSettlement
from app.store.verifications import CLOSED_STATUSES
from app.verification.conclude import Case, Conclusion, conclude
from app.verification.identify import Judgements
from app.verification.persist import Basis, basis_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Which version is taken back, by whom and why."""

    version: int
    reason_code: ReasonCode
    reason: str = field(repr=False)
    by: str

    @property
    def word(self) -> Word:
        return Word(
            choice=Choice.REVERSED, reason_code=self.reason_code, reason=self.reason, by=self.by
        )


@dataclass(frozen=True, slots=True)
class _Anew:
    """The case without what is taken back, what is concluded from it, and what that rests on."""

    taken: "_Taken"
    case: Case
    conclusion: Conclusion
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken back, and all that other words say without it."""

    decision: ReviewDecision
    settled: StoredSettlement | None
    judgements: Judgements
    settlements: Settlements

    @property
    def holds(self) -> bool:
        """Something was concluded from it."""
        return bool(self.decision.judgements) or self.settled is not None


async def reverse(reviewing: Reviewing, item: ReviewItem, reversal: Reversal) -> Given:
    """Take a decision back. Raises NotFound, Conflict (a final verification is not edited)."""
    given = None
    while given is None:  # replies are finite: what comes in meanwhile comes to an end
        given = await _once(reviewing, item, reversal)
    reviewing.verifier.tell(item.verification_id)
    return given


async def _once(reviewing: Reviewing, item: ReviewItem, reversal: Reversal) -> Given | None:
    verification = await reviewing.verifier.load(item.verification_id)
    case, basis = await reviewing.verifier.case_of(verification)
    taken = await reviewing.database.read(lambda tx: _taken_back(reviewing, tx, item, reversal))
    if taken.holds and verification.status in CLOSED_STATUSES:
        raise closed(verification.status)
    without = replace(case, judgements=taken.judgements, settlements=taken.settlements)
    conclusion = await asyncio.to_thread(conclude, without, reviewing.knowledge)
    anew = _Anew(taken, without, conclusion, basis)
    return await reviewing.database.write(lambda tx: _reversed(reviewing, tx, item, reversal, anew))


def _taken_back(
    reviewing: Reviewing, tx: sa.Connection, item: ReviewItem, reversal: Reversal
) -> _Taken:
    """The decision that is taken back, and what is left without it."""
    current = reviewing.book.current(tx, item, reversal.by)
    spoken = last_round(reviewing.book.decisions.all_of(tx, item.id))
    taken = reversible(current, spoken, reversal.version, by=reversal.by)
    id_, settlements = item.verification_id, reviewing.shelf.settlements
    said = settlements.of_item(tx, item.id).get(taken.version)
    settled = said if said is not None and said.holds else None
    less = () if settled is None else (settled.id,)
    return _Taken(
        decision=taken,
        settled=settled,
        judgements=reviewing.shelf.judgements.all_of(tx, id_, less=taken.judgements),
        settlements={
            subject: one.settled
            for subject, one in settlements.standing(tx, id_, less=less).items()
        },
    )


def _reversed(
    reviewing: Reviewing, tx: sa.Connection, item: ReviewItem, reversal: Reversal, anew: _Anew
) -> Given | None:
    """None where something else was decided, or has come, since."""
    shelf, id_ = reviewing.shelf, item.verification_id
    status = shelf.verifications.status_of(tx, id_)
    if basis_of(shelf, tx, id_) != anew.basis:
        return None
    taken = _taken_back(reviewing, tx, item, reversal)
    if taken.decision.id != anew.taken.decision.id:
        return None
    if taken.holds and status in CLOSED_STATUSES:
        raise closed(status)
    current = reviewing.book.current(tx, item, reversal.by)
    is_aside = taken.decision.role is Role.ASIDE
    standing = Standing(
        role=Role.ASIDE if is_aside else Role.REVERSAL,
        state=current.resumed if is_aside else ItemState.OPEN,
        reverses=taken.decision.version,
    )
    if is_aside:
        close_tasks(reviewing.book, tx, current)
    given = reviewing.book.write(tx, current, reversal.word, standing)
    if taken.holds:
        _withdraw(reviewing, tx, taken.decision, reversal)
        if taken.settled is not None:
            by = reviewing.book.new_id("se"), reversal.by, reviewing.book.now()
            shelf.settlements.withdraw(tx, taken.settled, by)
        read = anew.case, basis_of(shelf, tx, id_)
        verification = shelf.verifications.get(tx, id_, region="")
        with across_in(tx, Crossing.CONCLUSION):
            reviewing.verifier.keeper.keep(tx, verification, read, anew.conclusion)
    return given


def _withdraw(
    reviewing: Reviewing, tx: sa.Connection, taken: ReviewDecision, reversal: Reversal
) -> None:
    new_ids = {old: reviewing.book.new_id("jd") for old in taken.judgements}
    withdrawal = Withdrawal(
        of=new_ids, reviewer=reversal.by, reason=reversal.reason, at=reviewing.book.now()
    )
    reviewing.shelf.judgements.withdraw(tx, withdrawal)
