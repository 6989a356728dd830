"""A person settles a question: word, settlement and what follows from it in one transaction."""

import asyncio
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.domain.errors import FieldError, InvalidRequest
from app.domain.review import ItemState, Role
from app.domain.settlement import Settlement
from app.review.answers import Answer, Answered, Asked, answered, asked, proof_wanted
from app.review.effects import seen_record
from app.review.judgement import Reviewing, closed
from app.review.rounds import Step, next_step, round_of
from app.review.words import Given, Standing, Word
from app.store.proofs import Owner, Proofs
from app.store.review_decisions import ReviewDecision
from app.store.review_items import ReviewItem
from app.store.scope import Crossing, across_in
from app.store.settlements import StoredSettlement
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.persist import Basis, basis_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sitting:
    """An answer, with all that was looked at for it."""

    word: Word
    verification: StoredVerification
    basis: Basis
    question: Asked
    given: Answered


@dataclass(frozen=True, kw_only=True)
class Settling:
    """What reviewers answer to questions; what stands is concluded from at once."""

    reviewing: Reviewing
    proofs: Proofs

    async def question(
        self, item: ReviewItem, *more: Answer
    ) -> tuple[Asked, list[Answered], dict[int, StoredSettlement]]:
        """The question, what follows of each answer, and what versions of it settled."""
        reviewing = self.reviewing
        verification = await reviewing.verifier.load(item.verification_id)
        case, _ = await reviewing.verifier.case_of(verification)
        question = await asyncio.to_thread(asked, case, reviewing.knowledge, item)
        answers = await asyncio.to_thread(answered, question, reviewing.knowledge, *more)
        settled = await reviewing.database.read(
            lambda tx: reviewing.shelf.settlements.of_item(tx, item.id)
        )
        return question, answers, settled

    async def decide(self, item: ReviewItem, answer: Answer, word: Word) -> Given:
        """Store the answer. Raises InvalidRequest, Conflict (what is final is not edited)."""
        given = None
        while given is None:  # replies are finite: what comes in meanwhile comes to an end
            given = await self._once(item, answer, word)
        self.reviewing.verifier.tell(item.verification_id)
        return given

    async def _once(self, item: ReviewItem, answer: Answer, word: Word) -> Given | None:
        reviewing = self.reviewing
        verification = await reviewing.verifier.load(item.verification_id)
        if verification.status in CLOSED_STATUSES:
            raise closed(verification.status)
        case, basis = await reviewing.verifier.case_of(verification)
        question = await asyncio.to_thread(asked, case, reviewing.knowledge, item)
        answers = await asyncio.to_thread(answered, question, reviewing.knowledge, answer)
        (given,) = [one for one in answers if one.answer == answer]
        sitting = _Sitting(
            word=word, verification=verification, basis=basis, question=question, given=given
        )
        return await reviewing.database.write(lambda tx: self._said(tx, sitting))

    def _said(self, tx: sa.Connection, sitting: _Sitting) -> Given | None:
        """None where more has come since the effects were worked out."""
        shelf, book = self.reviewing.shelf, self.reviewing.book
        verification, word, effect = sitting.verification, sitting.word, sitting.given.effect
        status = shelf.verifications.status_of(tx, verification.id)
        if status in CLOSED_STATUSES:
            raise closed(status)
        if basis_of(shelf, tx, verification.id) != sitting.basis:
            return None
        item = book.current(tx, sitting.question.item, word.by)
        self._check_proofs(tx, sitting)
        seen = tuple(seen_record(row) for row in sitting.question.rows)
        spoken = round_of(book.decisions.all_of(tx, item.id), frozenset(one.record for one in seen))
        step = next_step(item, spoken, word.choice, by=word.by, adverse=effect.adverse)
        step = self._step(tx, step, spoken, sitting.given.settlement)
        standing = Standing(role=step.role, state=step.state, adverse=effect.adverse, records=seen)
        given = book.write(tx, item, word, standing)
        self._settled(tx, given, sitting.given.settlement, holds=step.holds)
        if step.holds:
            read = effect.case, basis_of(shelf, tx, verification.id)
            with across_in(tx, Crossing.CONCLUSION):
                self.reviewing.verifier.keeper.keep(tx, verification, read, effect.conclusion)
        return given

    def _step(
        self,
        tx: sa.Connection,
        step: Step,
        spoken: tuple[ReviewDecision, ...],
        settled: Settlement,
    ) -> Step:
        """Two who choose alike and mean another value do not agree."""
        if step.role is not Role.SECOND or not step.holds:
            return step
        first = self.reviewing.shelf.settlements.of_item(tx, spoken[0].item_id)
        before = first.get(spoken[0].version)
        same = before is not None and _meaning(before.settled) == _meaning(settled)
        return step if same else Step(Role.SECOND, ItemState.DISAGREED, holds=False)

    def _check_proofs(self, tx: sa.Connection, sitting: _Sitting) -> None:
        answer, item = sitting.given.answer, sitting.question.item
        owner = Owner("review_item", item.id)
        there = {one.id for one in self.proofs.of_owner(tx, item.verification_id, owner)}
        if not there.issuperset(answer.proofs):
            words = "a proof was not handed in for this item"
            raise InvalidRequest((FieldError("/proofs", "proof.unknown", words),))
        if proof_wanted(sitting.question, answer) and not answer.proofs:
            words = "this choice stands on a proof: hand it in first"
            raise InvalidRequest((FieldError("/proofs", "proof.needed", words),))

    def _settled(
        self, tx: sa.Connection, given: Given, settled: Settlement, *, holds: bool
    ) -> None:
        book = self.reviewing.book
        self.reviewing.shelf.settlements.add(
            tx,
            StoredSettlement(
                id=book.new_id("se"),
                verification_id=given.item.verification_id,
                region=given.item.region,
                item_id=given.item.id,
                version=given.decision.version,
                settled=settled,
                holds=holds,
                reviewer=given.decision.reviewer,
                decided_at=given.decision.decided_at,
            ),
        )


def _meaning(one: Settlement) -> Settlement:
    """Without what it was shown by."""
    return replace(one, proofs=())
