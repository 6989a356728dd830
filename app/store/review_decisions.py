"""Reviewers' words on items of the worklist: versions that are never changed afterwards."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.review import Choice, ItemState, ReasonCode, Role
from app.store.base import in_region
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables_review import review_decision, review_item

_columns = review_decision.c
_OF_ITEM = (
    sa.select(review_decision)
    .where(_columns.item_id == sa.bindparam("of"))
    .order_by(_columns.version)
)
_later = review_decision.alias("later")
IS_LAST: Final = ~sa.exists().where(
    _later.c.item_id == _columns.item_id, _later.c.version > _columns.version
)
"""No word was given on the item after this one."""
_AT_ONCE = 1_000
_LABELS = (Choice.SAME_PERSON.value, Choice.ANOTHER_PERSON.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeen:
    """A record as it was when a reviewer spoke of it: its key, and what the model thought.

    `log2_odds` are those of the comparison, before any calibration.
    """

    record: str
    source: str
    person: str
    log2_odds: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecision:
    """One word. `adverse`: it needed two persons; `judgements`: what it became, where it held."""

    id: str
    item_id: str
    verification_id: str
    region: str
    version: int
    choice: Choice
    role: Role
    reviewer: str
    reason_code: ReasonCode
    reason: str = field(repr=False)
    adverse: bool
    records: tuple[RecordSeen, ...]
    judgements: tuple[str, ...] = ()
    reverses: int | None = None
    decided_at: datetime

    @property
    def record_keys(self) -> frozenset[str]:
        return frozenset(one.record for one in self.records)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of a source: how many second words there are, and how many are those of the first."""

    source: str
    pairs: int
    agreed: int


class ReviewDecisions:
    """Queries over reviewers' words."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: ReviewDecision) -> None:
        details = {
            "records": [asdict(one) for one in new.records],
            "judgements": list(new.judgements),
        }
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        tx.execute(
            review_decision.insert().values(
                id=new.id,
                item_id=new.item_id,
                verification_id=new.verification_id,
                region=new.region,
                version=new.version,
                choice=new.choice.value,
                role=new.role.value,
                reviewer=new.reviewer,
                reason_code=new.reason_code.value,
                sealed_reason=cipher.seal(_cell(new.id), new.reason.encode()),
                adverse=new.adverse,
                judged=bool(new.judgements),
                reverses=new.reverses,
                details=json.dumps(details),
                decided_at=new.decided_at,
            )
        )

    def all_of(self, tx: sa.Connection, item_id: str) -> tuple[ReviewDecision, ...]:
        """In the order of their versions."""
        return self.opened(tx, tx.execute(_OF_ITEM, {"of": item_id}).all())

    def reviewers_of(self, tx: sa.Connection, verification_id: str) -> frozenset[str]:
        """Who has spoken on anything of a verification."""
        whose = sa.select(_columns.reviewer).where(_columns.verification_id == verification_id)
        return frozenset(tx.execute(whose.distinct()).scalars())

    def agreement(self, tx: sa.Connection, region: str) -> tuple[Agreement, ...]:
        """Second words on records beside the first ones that they follow, by source."""
        first = review_decision.alias("first")
        follows = sa.and_(
            first.c.item_id == _columns.item_id, first.c.version == _columns.version - 1
        )
        agrees = sa.case((first.c.choice == _columns.choice, 1), else_=0)
        rows = tx.execute(
            sa.select(review_item.c.source, sa.func.count(), sa.func.sum(agrees))
            .select_from(review_decision)
            .join(first, follows)
            .join(review_item, review_item.c.id == _columns.item_id)
            .where(
                _columns.role == Role.SECOND.value,
                first.c.role == Role.FIRST.value,
                review_item.c.kind == ActionKind.REVIEW_RECORD.value,
                in_region(_columns.region, region),
            )
            .group_by(review_item.c.source)
            .order_by(review_item.c.source)
        )
        return tuple(Agreement(*row) for row in rows)

    def waiting_for_second(self, tx: sa.Connection, region: str) -> int:
        """How many items of records have one word that needs another one's."""
        found: int = tx.execute(
            sa.select(sa.func.count())
            .select_from(review_item)
            .where(
                review_item.c.state == ItemState.AWAITING_SECOND.value,
                review_item.c.kind == ActionKind.REVIEW_RECORD.value,
                in_region(review_item.c.region, region),
            )
        ).scalar_one()
        return found

    def labels(self, tx: sa.Connection) -> Iterator[ReviewDecision]:
        """The last word on whose records they are, of every decided item, oldest first."""
        rows = tx.execute(
            sa.select(review_decision)
            .join(review_item, review_item.c.id == _columns.item_id)
            .where(
                _columns.choice.in_(_LABELS),
                sa.func.length(_columns.sealed_reason) > 0,  # nothing is told of what was erased
                review_item.c.state == ItemState.DECIDED.value,
                IS_LAST,
            )
            .order_by(_columns.decided_at, _columns.id)
        )
        for part in rows.partitions(_AT_ONCE):
            yield from self.opened(tx, part)

    def opened(self, tx: sa.Connection, rows: Sequence[Any]) -> tuple[ReviewDecision, ...]:
        """Rows of the table, in their order."""
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return tuple(_opened(row, ciphers[row.verification_id]) for row in rows)


def _opened(row: Any, cipher: FieldCipher) -> ReviewDecision:
    details = json.loads(row.details)
    return ReviewDecision(
        id=row.id,
        item_id=row.item_id,
        verification_id=row.verification_id,
        region=row.region,
        version=row.version,
        choice=Choice(row.choice),
        role=Role(row.role),
        reviewer=row.reviewer,
        reason_code=ReasonCode(row.reason_code),
        reason=cipher.open(_cell(row.id), row.sealed_reason).decode(),
        adverse=row.adverse,
        records=tuple(RecordSeen(**one) for one in details["records"]),
        judgements=tuple(details["judgements"]),
        reverses=row.reverses,
        decided_at=row.decided_at,
    )


def _cell(id_: str) -> Cell:
    return Cell("review_decision", "sealed_reason", id_)
