"""A person decides 复核: the word, the judgement and what follows from it in one transaction."""

import asyncio
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.errors import Conflict, FieldError, InvalidRequest
from app.domain.review import CHOICES, Choice, ItemState
from app.review.aside import answered, close_tasks, set_aside
from app.review.effects import WORDS, Effect, Effects, effects_of
from app.review.rounds import is_of_records, next_step, round_of, step_of_asking
from app.review.words import Given, Standing, Word, WordBook
from app.store.judgements import StoredJudgement
from app.store.review_decisions import ReviewDecisions
from app.store.review_items import ReviewItem
from app.store.review_queue import ReviewQueue
from app.store.scope import Crossing, across_in
from app.store.session import Database
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.conclude import Knowledge
from app.verification.errands import Desk
from app.verification.persist import Basis, Shelf, basis_of
from app.verification.run import Verifier
from app.verification.worklist import nothing_gained, review_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sitting:
    """A word on records, with all that was looked at for it."""

    item: ReviewItem
    word: Word
    verification: StoredVerification
    basis: Basis
    effects: Effects

    @property
    def effect(self) -> Effect:
        return self.effects.by_choice[self.word.choice]


@dataclass(frozen=True, kw_only=True)
class Reviewing:
    """What reviewers say of items; what stands is concluded from at once."""

    shelf: Shelf
    queue: ReviewQueue
    book: WordBook
    verifier: Verifier
    knowledge: Knowledge

    @classmethod
    def over(
        cls,
        desk: Desk,
        shelf: Shelf,
        decisions: ReviewDecisions,
        verifier: Verifier,
        knowledge: Knowledge,
    ) -> "Reviewing":
        """On the service's own parts."""
        book = WordBook(
            items=shelf.review_items,
            decisions=decisions,
            audit=desk.audit,
            now=desk.now,
            new_id=desk.new_id,
        )
        return cls(
            shelf=shelf, queue=ReviewQueue(), book=book, verifier=verifier, knowledge=knowledge
        )

    @property
    def database(self) -> Database:
        return self.shelf.database

    async def effects(self, item: ReviewItem, by: str) -> Effects:
        """What each word on the item's records would change. Raises Conflict where one is gone."""
        verification = await self.verifier.load(item.verification_id)
        case, _ = await self.verifier.case_of(verification)
        return await asyncio.to_thread(effects_of, case, self.knowledge, item.evidence, by)

    async def decide(self, item: ReviewItem, word: Word) -> Given:
        """Store the word; raises InvalidRequest for a choice of another kind, Conflict."""
        if word.choice not in CHOICES[item.kind]:
            possible = ", ".join(CHOICES[item.kind])
            detail = f"of this item one can decide: {possible}"
            raise InvalidRequest((FieldError("/choice", "choice.of_another_kind", detail),))
        if not is_of_records(item):
            return await self.database.write(lambda tx: self._of_asking(tx, item, word))
        if word.choice is Choice.UNSURE:
            return await self.database.write(lambda tx: self._unsure(tx, item, word))
        given = None
        while given is None:  # replies are finite: what comes in meanwhile comes to an end
            given = await self._of_records(item, word)
        self.verifier.tell(item.verification_id)
        return given

    async def judge(self, verification: StoredVerification, evidence: str, word: Word) -> Given:
        """A word on one record, whether or not anything named it. Raises Conflict."""
        now = self.book.now()
        item = ReviewItem(
            verification_id=verification.id,
            region=verification.request.region,
            subject=review_subject((evidence,)),
            kind=ActionKind.REVIEW_RECORD,
            person=None,
            source=None,
            gains=(),
            needed=False,
            created_at=now,
            changed_at=now,
        )
        return await self.decide(item, word)

    def _of_asking(self, tx: sa.Connection, item: ReviewItem, word: Word) -> Given:
        self.shelf.verifications.status_of(tx, item.verification_id)  # one word at a time
        current = self.book.current(tx, item, word.by)
        if current.state in (ItemState.AWAITING_SECOND, ItemState.DISAGREED):
            raise Conflict("somebody has answered: that is confirmed or decided before one asks")
        step = step_of_asking(current, word.choice)
        given = self.book.write(tx, current, word, Standing(role=step.role, state=step.state))
        if step.state is ItemState.DECIDED:
            answered(self.book, tx, given.item)
        return given

    def _unsure(self, tx: sa.Connection, item: ReviewItem, word: Word) -> Given:
        status = self.shelf.verifications.status_of(tx, item.verification_id)
        if status in CLOSED_STATUSES:
            raise closed(status)
        current = self.book.current(tx, self.shelf.review_items.find(tx, item.id) or item, word.by)
        return set_aside(self.book, tx, current, word)

    async def _of_records(self, item: ReviewItem, word: Word) -> Given | None:
        """None where more has come since the effects were worked out."""
        verification = await self.verifier.load(item.verification_id)
        case, basis = await self.verifier.case_of(verification)
        effects = await asyncio.to_thread(effects_of, case, self.knowledge, item.evidence, word.by)
        sitting = _Sitting(
            item=item, word=word, verification=verification, basis=basis, effects=effects
        )
        return await self.database.write(lambda tx: self._said(tx, sitting))

    def _said(self, tx: sa.Connection, sitting: _Sitting) -> Given | None:
        verification, effect, word = sitting.verification, sitting.effect, sitting.word
        status = self.shelf.verifications.status_of(tx, verification.id)
        if basis_of(self.shelf, tx, verification.id) != sitting.basis:
            return None
        item = self.book.current(tx, self._stored(tx, sitting), word.by)
        is_closed = status in CLOSED_STATUSES
        if status == "cancelled" or (is_closed and effect.changes):
            raise closed(status)
        records = sitting.effects.seen
        spoken = round_of(
            self.book.decisions.all_of(tx, item.id), frozenset(one.record for one in records)
        )
        step = next_step(item, spoken, word.choice, by=word.by, adverse=effect.adverse)
        judged = step.holds and not is_closed
        standing = Standing(
            role=step.role,
            state=step.state,
            adverse=effect.adverse,
            records=records,
            judgements=self._judged(tx, sitting) if judged else (),
        )
        given = self.book.write(tx, item, word, standing)
        if step.state is ItemState.DECIDED:
            close_tasks(self.book, tx, given.item)
        if judged:
            read = effect.case, basis_of(self.shelf, tx, verification.id)
            with across_in(tx, Crossing.CONCLUSION):
                self.verifier.keeper.keep(tx, verification, read, effect.conclusion)
        return given

    def _stored(self, tx: sa.Connection, sitting: _Sitting) -> ReviewItem:
        """The item; made here where a word is given on what no conclusion named."""
        stored = self.shelf.review_items.find(tx, sitting.item.id)
        if stored is not None:
            return stored
        row = sitting.effects.records[0]
        gains = tuple(nothing_gained(one) for one in sitting.effects.now.decisions)
        new = replace(sitting.item, source=row.source, person=row.person, gains=gains)
        self.shelf.review_items.add(tx, (new,))
        return new

    def _judged(self, tx: sa.Connection, sitting: _Sitting) -> tuple[str, ...]:
        """The word as a judgement on each record; gives the judgements' ids."""
        where = sitting.verification.id, sitting.verification.request.region
        ids = []
        for row, seen in zip(sitting.effects.records, sitting.effects.seen, strict=True):
            judgement = StoredJudgement(
                evidence_id=row.id,
                record=seen.record,
                same_person=WORDS[sitting.word.choice],
                reviewer=sitting.word.by,
                reason=sitting.word.reason,
                decided_at=self.book.now(),
            )
            ids.append(self.book.new_id("jd"))
            self.shelf.judgements.add(tx, where, ids[-1], judgement)
        return tuple(ids)


def closed(status: str) -> Conflict:
    """What is final stands as it was issued."""
    return Conflict(
        f"the verification is {status} and is not edited: recheck it, or file an objection"
    )
