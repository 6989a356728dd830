"""How much there is to review 工作量, who did how much of it, and whether reviewers agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.review import STILL_TO_DO, Choice, Role
from app.store.base import in_region
from app.store.tables import audit_entry
from app.store.tables_review import review_decision, review_item

_ITEM: Final = review_item.c
_WORD: Final = review_decision.c
Span = tuple[datetime, datetime]
"""From the first moment to before the second."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open items of a kind; `late` of them by the moment that was asked about."""

    kind: str
    items: int
    late: int


@dataclass(frozen=True, slots=True)
class WordSaid:
    """A word on an item, and since when the item had been waiting."""

    kind: str
    reviewer: str
    role: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """Of a source, words that hold: whose record it is, or that it is another's."""

    source: str
    same: int
    another: int


@dataclass(frozen=True, slots=True)
class TwoWords:
    """The first and the second word on an item."""

    source: str
    first: str
    second: str


class ReviewFigures:
    """Queries that count; nobody of a household stands in what they give."""

    def waiting(
        self, tx: sa.Connection, region: str, before: datetime, *, by_term: bool
    ) -> list[Waiting]:
        """Open items by kind; late are those due before then, `by_term` those made before then."""
        since = _ITEM.created_at if by_term else _ITEM.due_at
        late = sa.func.sum(sa.case((since < before, 1), else_=0))
        rows = tx.execute(
            sa.select(_ITEM.kind, sa.func.count(), late)
            .where(
                in_region(_ITEM.region, region),
                _ITEM.state.in_([one.value for one in STILL_TO_DO]),
            )
            .group_by(_ITEM.kind)
            .order_by(_ITEM.kind)
        )
        return [Waiting(kind, int(items), int(late_ones)) for kind, items, late_ones in rows]

    def words(self, tx: sa.Connection, region: str, span: Span) -> Sequence[WordSaid]:
        """All words of the time, in their order."""
        rows = tx.execute(
            sa.select(_ITEM.kind, _WORD.reviewer, _WORD.role, _ITEM.created_at, _WORD.decided_at)
            .join(review_item, _ITEM.id == _WORD.item_id)
            .where(
                in_region(_WORD.region, region),
                _WORD.decided_at >= span[0],
                _WORD.decided_at < span[1],
            )
            .order_by(_WORD.decided_at, _WORD.id)
        )
        return [WordSaid(*row) for row in rows]

    def judged(self, tx: sa.Connection, region: str, span: Span) -> list[Judged]:
        """By source; a word that was taken back holds no more."""
        back = review_decision.alias("back")
        taken_back = sa.exists().where(
            back.c.item_id == _WORD.item_id, back.c.reverses == _WORD.version
        )
        same = _WORD.choice == Choice.SAME_PERSON.value
        another = _WORD.choice == Choice.ANOTHER_PERSON.value
        counts = [sa.func.sum(sa.case((one, 1), else_=0)) for one in (same, another)]
        rows = tx.execute(
            sa.select(_ITEM.source, *counts)
            .select_from(review_decision)
            .join(review_item, _ITEM.id == _WORD.item_id)
            .where(
                _WORD.judged,
                sa.or_(same, another),
                ~taken_back,
                in_region(_WORD.region, region),
                _WORD.decided_at >= span[0],
                _WORD.decided_at < span[1],
            )
            .group_by(_ITEM.source)
            .order_by(_ITEM.source)
        )
        return [Judged(source or "", int(one), int(other)) for source, one, other in rows]

    def changed(self, tx: sa.Connection, region: str, span: Span) -> dict[str, int]:
        """By person, words that were others once the numbers were shown, as the trail has them."""
        of = audit_entry.c
        rows = tx.execute(
            sa.select(of.actor, sa.func.count())
            .where(
                in_region(of.region, region),
                of.at >= span[0],
                of.at < span[1],
                of.action == "review_decided",
                of.details.contains('"changed_from"', autoescape=True),
            )
            .group_by(of.actor)
        )
        return {actor: int(count) for actor, count in rows}

    def pairs(self, tx: sa.Connection, region: str, span: Span) -> Sequence[TwoWords]:
        """Second words of the time with the first ones that they follow."""
        first = review_decision.alias("first")
        follows = sa.and_(first.c.item_id == _WORD.item_id, first.c.version == _WORD.version - 1)
        rows = tx.execute(
            sa.select(_ITEM.source, first.c.choice, _WORD.choice)
            .select_from(review_decision)
            .join(first, follows)
            .join(review_item, _ITEM.id == _WORD.item_id)
            .where(
                _WORD.role == Role.SECOND.value,
                in_region(_WORD.region, region),
                _WORD.decided_at >= span[0],
                _WORD.decided_at < span[1],
            )
            .order_by(_WORD.decided_at, _WORD.id)
        )
        return [TwoWords(source or "", one, other) for source, one, other in rows]
