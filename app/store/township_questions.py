"""What a county asked a township to look into 请乡镇核实, and has not settled yet."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.review import Choice, ItemState
from app.store.crypto import FieldCipher
from app.store.review_decisions import ReviewDecisions
from app.store.tables_review import review_decision, review_item

_ITEM, _WORD = review_item.c, review_decision.c
_later = review_decision.alias("later")
_LAST: Final = ~sa.exists().where(
    _later.c.item_id == _WORD.item_id, _later.c.version > _WORD.version
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipQuestion:
    """Of one item: what it is about, and what the county's reviewer wrote."""

    item: str
    kind: str
    person: str | None
    source: str | None
    words: str = field(repr=False)
    asked_at: datetime


def _asked() -> "sa.Select[tuple[str, str]]":
    """The item and verification of each."""
    return (
        sa.select(_WORD.verification_id, _WORD.item_id)
        .join(review_item, _ITEM.id == _WORD.item_id)
        .where(
            _ITEM.state == ItemState.ASKED.value,
            _WORD.choice == Choice.ASK_TOWNSHIP.value,
            _LAST,
        )
    )


def is_asked(verification_id: "sa.ColumnElement[str]") -> "sa.ColumnElement[bool]":
    """Something of the verification is for the township to look into."""
    asked = _asked().subquery()
    return verification_id.in_(sa.select(asked.c.verification_id))


class TownshipQuestions:
    """Reads of them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._words = ReviewDecisions(cipher)

    def of(
        self, tx: sa.Connection, verifications: Collection[str]
    ) -> Mapping[str, Sequence[TownshipQuestion]]:
        """By verification, the oldest first."""
        some = sorted(set(verifications))
        if not some:
            return {}
        asked = _asked().where(_WORD.verification_id.in_(some)).subquery()
        items = {
            row.id: row
            for row in tx.execute(
                sa.select(_ITEM.id, _ITEM.kind, _ITEM.person, _ITEM.source).join(
                    asked, asked.c.item_id == _ITEM.id
                )
            )
        }
        found: dict[str, list[TownshipQuestion]] = defaultdict(list)
        for id_, row in items.items():
            word = self._words.all_of(tx, id_)[-1]
            question = TownshipQuestion(
                item=id_,
                kind=row.kind,
                person=row.person,
                source=row.source,
                words=word.reason,
                asked_at=word.decided_at,
            )
            found[word.verification_id].append(question)
        return {id_: sorted(some, key=lambda one: one.asked_at) for id_, some in found.items()}
