"""What a county asked a township to look into 请乡镇核实, and has not settled yet."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.review import Choice, ItemState
from app.store.crypto import FieldCipher
from app.store.review_decisions import IS_LAST, ReviewDecisions
from app.store.tables_review import review_decision, review_item

_ITEM, _WORD = review_item.c, review_decision.c
_ASKED: Final = (
    _ITEM.state == ItemState.ASKED.value,
    _WORD.choice == Choice.ASK_TOWNSHIP.value,
    IS_LAST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipQuestion:
    """Of one item: what it is about, and what the county's reviewer wrote."""

    kind: str
    person: str | None
    source: str | None
    words: str = field(repr=False)
    asked_at: datetime


def is_asked(verification_id: "sa.ColumnElement[str]") -> "sa.ColumnElement[bool]":
    """Something of the verification is for the township to look into."""
    asked = sa.select(_WORD.verification_id).join(review_item, _ITEM.id == _WORD.item_id)
    return verification_id.in_(asked.where(*_ASKED))


class TownshipQuestions:
    """Reads of them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._words = ReviewDecisions(cipher)

    def of(
        self, tx: sa.Connection, verifications: Collection[str]
    ) -> Mapping[str, Sequence[TownshipQuestion]]:
        """By verification, the oldest first."""
        rows = tx.execute(
            sa.select(review_decision, _ITEM.kind, _ITEM.person, _ITEM.source)
            .join(review_item, _ITEM.id == _WORD.item_id)
            .where(*_ASKED, _WORD.verification_id.in_(sorted(set(verifications))))
            .order_by(_WORD.decided_at, _WORD.id)
        ).all()
        found: dict[str, list[TownshipQuestion]] = defaultdict(list)
        for row, word in zip(rows, self._words.opened(tx, rows), strict=True):
            question = TownshipQuestion(
                kind=row.kind,
                person=row.person,
                source=row.source,
                words=word.reason,
                asked_at=word.decided_at,
            )
            found[word.verification_id].append(question)
        return found
