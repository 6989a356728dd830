"""Reviewers' words on items, written down: next version, the item as it then stands, the trail."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never

import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.errors import Conflict
from app.domain.review import Choice, ItemState, ReasonCode, Role, Settling
from app.store.review_decisions import RecordSeen, ReviewDecision, ReviewDecisions
from app.store.review_items import ReviewItem, ReviewItems

CHANGED_FROM: Final = "changed_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a reviewer says of an item, and why."""

    choice: Choice
    reason_code: ReasonCode
    reason: str = field(repr=False)
    by: str
    settle: Settling | None = None
    chosen: Choice | None = None
    """What the reviewer had chosen before he or she was shown how likely it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """In whose place a word is given, how the item then stands, and what the word rests on."""

    role: Role
    state: ItemState
    adverse: bool = False
    records: tuple[RecordSeen, ...] = ()
    judgements: tuple[str, ...] = ()
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A word as it was stored, and the item as it stands after it."""

    item: ReviewItem
    decision: ReviewDecision


@dataclass(frozen=True, kw_only=True)
class WordBook:
    """Where words are written, each a version that stays."""

    items: ReviewItems
    decisions: ReviewDecisions
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    def current(self, tx: sa.Connection, item: ReviewItem, by: str) -> ReviewItem:
        """The item as it is stored by now. Raises Conflict where another reviewer works on it."""
        stored = self.items.find(tx, item.id) or item
        if stored.locked_against(by, self.now()):
            raise Conflict("another reviewer works on this item: take another one, or wait")
        return stored

    def write(self, tx: sa.Connection, item: ReviewItem, word: Word, standing: Standing) -> Given:
        """The word as the item's next version, the item after it, and both on the audit trail."""
        decision = ReviewDecision(
            id=self.new_id("rd"),
            item_id=item.id,
            verification_id=item.verification_id,
            region=item.region,
            version=len(self.decisions.all_of(tx, item.id)) + 1,
            choice=word.choice,
            role=standing.role,
            reviewer=word.by,
            reason_code=word.reason_code,
            reason=word.reason,
            adverse=standing.adverse,
            records=standing.records,
            judgements=standing.judgements,
            reverses=standing.reverses,
            decided_at=self.now(),
        )
        self.decisions.add(tx, decision)
        after = _in_round(item, decision).moved(standing.state, self.now())
        self.items.change(tx, (after,))
        self.audit.append(
            tx,
            actor=word.by,
            action="review_decided",
            about=(item.verification_id, item.region),
            details={
                "item": item.id,
                "choice": word.choice.value,
                "role": standing.role.value,
                "before": item.state.value,
                "after": standing.state.value,
                **_changed(word),
            },
        )
        return Given(after, decision)


def _changed(word: Word) -> dict[str, str]:
    """That the reviewer chose otherwise once the numbers were shown."""
    if word.chosen is None or word.chosen is word.choice:
        return {}
    return {CHANGED_FROM: word.chosen.value}


def _in_round(item: ReviewItem, decision: ReviewDecision) -> ReviewItem:
    """With the reviewers of the round that the word belongs to."""
    match decision.role:
        case Role.FIRST:
            return replace(item, first_reviewer=decision.reviewer, second_reviewer=None)
        case Role.SECOND:
            return replace(item, second_reviewer=decision.reviewer)
        case Role.THIRD | Role.ASIDE:
            return item
        case Role.REVERSAL:
            return replace(item, first_reviewer=None, second_reviewer=None)
        case _:
            assert_never(decision.role)
