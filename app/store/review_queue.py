"""The review worklist in its order: the most error saved a review first, page by page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.review import ItemState
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.review_items import ReviewItem, is_free, opened
from app.store.tables import verification
from app.store.tables_review import review_item

_columns = review_item.c
_ORDER = (_columns.expected_reduction.desc(), _columns.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Which items, as one reviewer sees them: below a region; None: whatever it is."""

    region: str
    reviewer: str
    state: ItemState | None = None
    kind: ActionKind | None = None
    programme: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order: that of the item with this reduction and id."""

    expected_reduction: float
    id: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An item with its verification's case number and status."""

    item: ReviewItem
    case_reference: str
    status: str


@dataclass(frozen=True, slots=True)
class Worth:
    """How many items are open, what they are expected to save, and what the first of them do."""

    items: int
    reduction: float
    of_first: float


class ReviewQueue:
    """Reads of the worklist, and the taking of its next item.

    What a reviewer sees in one state may stand in several: each part is read along the index, and
    only the best of each are put in order.
    """

    def page(
        self, tx: sa.Connection, queue: Queue, *, after: Place | None, limit: int
    ) -> list[Listed]:
        best = _best(
            queue, _parts(queue), *(() if after is None else (_after(after),)), limit=limit
        )
        return self._listed(tx, best, limit)

    def worth(self, tx: sa.Connection, queue: Queue, *, first: int) -> Worth:
        """Of the queue, and of its first items."""
        sums = [
            tx.execute(
                sa.select(sa.func.count(), sa.func.sum(_columns.expected_reduction)).where(
                    part, *_within(queue)
                )
            ).one()
            for part in _parts(queue)
        ]
        best = _best(queue, _parts(queue), limit=first).subquery()
        rows = tx.execute(
            sa.select(best.c.expected_reduction)
            .order_by(best.c.expected_reduction.desc())
            .limit(first)
        )
        return Worth(
            items=sum(count for count, _ in sums),
            reduction=float(sum(reduction or 0.0 for _, reduction in sums)),
            of_first=float(sum(row.expected_reduction for row in rows)),
        )

    def take(
        self, tx: sa.Connection, queue: Queue, *, now: datetime, until: datetime
    ) -> Listed | None:
        """The best item that the reviewer may decide and nobody works on, locked for him or her."""
        me = queue.reviewer
        third = sa.and_(
            _columns.state == ItemState.DISAGREED.value,
            _columns.first_reviewer != me,
            _columns.second_reviewer != me,
        )
        parts = (*_parts(replace(queue, state=ItemState.OPEN)), third)
        found = None
        while found is None:
            candidates = self._listed(tx, _best(queue, parts, is_free(now), limit=1), 1)
            if not candidates:
                return None
            id_ = candidates[0].item.id
            # Whoever was a moment earlier has it: then the next best.
            taken = tx.execute(
                review_item.update()
                .where(_columns.id == id_, is_free(now), sa.or_(*parts))
                .values(locked_by=me, locked_until=until)
            )
            found = self.listed(tx, id_) if taken.rowcount == 1 else None
        return found

    def listed(self, tx: sa.Connection, id_: str) -> Listed:
        (found,) = self._listed(tx, sa.select(_columns.id).where(_columns.id == id_), 1)
        return found

    def _listed(self, tx: sa.Connection, ids: Any, limit: int) -> list[Listed]:
        some = ids.subquery()
        rows = tx.execute(
            sa.select(review_item, verification.c.case_reference, verification.c.status)
            .join(some, some.c.id == _columns.id)
            .join(verification, verification.c.id == _columns.verification_id)
            .order_by(*_ORDER)
            .limit(limit)
        )
        return [Listed(opened(row), row.case_reference, row.status) for row in rows]


def _best(
    queue: Queue,
    parts: Iterable[sa.ColumnElement[bool]],
    *conditions: sa.ColumnElement[bool],
    limit: int,
) -> Any:
    """The ids of the best of each part."""
    selected = [
        sa.select(_columns.id, _columns.expected_reduction)
        .where(part, *_within(queue), *conditions)
        .order_by(*_ORDER)
        .limit(limit)
        .subquery()
        for part in parts
    ]
    return sa.union_all(*(sa.select(one.c.id, one.c.expected_reduction) for one in selected))


def _within(queue: Queue) -> Iterator[sa.ColumnElement[bool]]:
    length = len(queue.region)
    if length:
        yield sa.func.substr(_columns.region, 1, length) == queue.region
    if queue.kind is not None:
        yield _columns.kind == queue.kind.value
    if queue.programme is not None:
        yield _columns.programmes.contains(f" {queue.programme} ", autoescape=True)
    if queue.reach is not None:
        # The case's number stands with the verification.
        number = sa.select(verification.c.case_reference).where(
            verification.c.id == _columns.verification_id
        )
        of = CaseColumns(
            _columns.verification_id,
            number.correlate(review_item).scalar_subquery(),
            _columns.region,
        )
        yield from within_reach(queue.reach, of)


def _parts(queue: Queue) -> tuple[sa.ColumnElement[bool], ...]:
    """To all but the first reviewer an item that waits for the second is one like any other."""
    state = queue.state
    waits = _columns.state == ItemState.AWAITING_SECOND.value
    match state:
        case None:
            return tuple(_columns.state == one.value for one in ItemState)
        case ItemState.OPEN:
            of_others = sa.and_(waits, _columns.first_reviewer != queue.reviewer)
            return (_columns.state == ItemState.OPEN.value, of_others)
        case ItemState.AWAITING_SECOND:
            return (sa.and_(waits, _columns.first_reviewer == queue.reviewer),)
        case ItemState.ASKED | ItemState.DISAGREED | ItemState.DECIDED | ItemState.CLOSED:
            return (_columns.state == state.value,)
        case _:
            assert_never(state)


def _after(place: Place) -> sa.ColumnElement[bool]:
    return sa.or_(
        _columns.expected_reduction < place.expected_reduction,
        sa.and_(_columns.expected_reduction == place.expected_reduction, _columns.id < place.id),
    )
