"""Where a reviewer stands: what was done today, what may be undone, what others decided alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.domain.review import Choice, ItemState
from app.store.base import in_region
from app.store.review_decisions import IS_LAST
from app.store.tables import verification
from app.store.tables_audits import audit_item, audit_sample
from app.store.tables_review import review_decision, review_item
from app.store.verifications import CLOSED_STATUSES

_SAID = review_decision.c
_ITEM = review_item.c
_STANDS = (ItemState.DECIDED.value, ItemState.ASKED.value, ItemState.AWAITING_SECOND.value)


@dataclass(frozen=True, slots=True)
class Undoable:
    """A reviewer's last word, while nobody has spoken after it."""

    item_id: str
    version: int
    choice: str
    decided_at: datetime


def done_since(tx: sa.Connection, reviewer: str, since: datetime) -> int:
    """How many items the reviewer gave a word on; what was taken back is none."""
    back = review_decision.alias("back")
    taken_back = sa.exists().where(
        back.c.item_id == _SAID.item_id, back.c.reverses == _SAID.version
    )
    found: int = tx.execute(
        sa.select(sa.func.count(_SAID.item_id.distinct())).where(
            _SAID.reviewer == reviewer,
            _SAID.decided_at >= since,
            _SAID.choice != Choice.REVERSED.value,
            ~taken_back,
        )
    ).scalar_one()
    return found


def undoable(tx: sa.Connection, reviewer: str, since: datetime) -> Undoable | None:
    """The newest word of the reviewer that stands last on its item; what is final is not edited."""
    row = tx.execute(
        sa.select(_SAID.item_id, _SAID.version, _SAID.choice, _SAID.decided_at)
        .join(review_item, _ITEM.id == _SAID.item_id)
        .join(verification, verification.c.id == _SAID.verification_id)
        .where(
            _SAID.reviewer == reviewer,
            _SAID.decided_at >= since,
            _SAID.choice != Choice.REVERSED.value,
            _ITEM.state.in_(_STANDS),
            sa.or_(~_SAID.judged, verification.c.status.not_in(CLOSED_STATUSES)),
            IS_LAST,
        )
        .order_by(_SAID.decided_at.desc(), _SAID.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Undoable(*row)


def decided_alike(
    tx: sa.Connection, region: str, *, source: str, difference: str, but: str
) -> dict[str, int]:
    """By choice, how items of the same source and difference were decided in the region."""
    rows = tx.execute(
        sa.select(_SAID.choice, sa.func.count())
        .join(review_item, _ITEM.id == _SAID.item_id)
        .where(
            _ITEM.difference == difference,
            _ITEM.source == source,
            _ITEM.state == ItemState.DECIDED.value,
            _ITEM.id != but,
            in_region(_ITEM.region, region),
            IS_LAST,
        )
        .group_by(_SAID.choice)
    )
    return {choice: count for choice, count in rows}  # noqa: C416 - rows are no pairs to dict


def in_open_sample(tx: sa.Connection, verification_ids: Sequence[str]) -> set[str]:
    """Those of the verifications that are read for an audit that is not closed."""
    rows = tx.execute(
        sa.select(audit_item.c.verification_id)
        .join(audit_sample, audit_sample.c.id == audit_item.c.sample_id)
        .where(
            audit_item.c.verification_id.in_(list(verification_ids)),
            audit_sample.c.closed_at.is_(None),
        )
    )
    return set(rows.scalars())
