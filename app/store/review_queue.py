"""The review worklist in its order: the most error saved a review first, page by page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple, assert_never

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.review import STILL_TO_DO, Choice, ItemState, Order
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.review_items import ReviewItem, is_free, opened
from app.store.review_orders import is_after, keys_of, sorted_by
from app.store.tables import verification
from app.store.tables_review import review_decision, review_item
from app.store.verifications import CLOSED_STATUSES

_columns = review_item.c


_OF_WHAT_IS_OPEN: Final = tuple(
    one.value for one in (ActionKind.CONFLICT, ActionKind.DECLARED, ActionKind.ANOMALY)
)
"""What is final is not edited: such questions of it are for its recheck, and wait for nobody."""
_STATUS: Final = (
    sa.select(verification.c.status)
    .where(verification.c.id == _columns.verification_id)
    .correlate(review_item)
    .scalar_subquery()
)
"""Of its verification. Not EXISTS: for that PostgreSQL reads all final ones first."""


def may_be_settled() -> "sa.ColumnElement[bool]":
    """Not a question of a verification that is final."""
    return sa.not_(sa.and_(_columns.kind.in_(_OF_WHAT_IS_OPEN), _STATUS.in_(CLOSED_STATUSES)))


def came_back() -> "sa.ColumnElement[bool]":
    """Two persons differ, or a decision was taken back."""
    taken_back = review_decision.c.choice == Choice.REVERSED.value
    return sa.or_(
        _columns.state == ItemState.DISAGREED.value,
        sa.exists().where(review_decision.c.item_id == _columns.id, taken_back),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Which items, as one reviewer sees them: below a region; None: whatever it is.

    `todo`: what he or she may decide now, with what waits for a third one, whatever its state;
    `mine`: what he or she works on or waits for; `returned`: what was taken back or is disputed.
    """

    region: str
    reviewer: str
    state: ItemState | None = None
    kind: ActionKind | None = None
    programme: str | None = None
    reach: Reach | None = None
    order: Order = Order.SAVING
    source: str | None = None
    todo: bool = False
    mine: bool = False
    returned: bool = False
    due_before: datetime | None = None


class Place(NamedTuple):
    """A place in the order by what is saved: that of the item with this reduction and id."""

    expected_reduction: float
    id: str


def is_in(queue: Queue) -> list["sa.ColumnElement[bool]"]:
    """Whether an item is one of the queue's: for whoever counts without its order."""
    return [sa.or_(*_parts(queue)), *_within(queue)]


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
        self, tx: sa.Connection, queue: Queue, *, after: Sequence[Any] | None, limit: int
    ) -> list[Listed]:
        """`after`: a place in the queue's order."""
        further = () if after is None else (is_after(queue.order, after),)
        best = _best(queue, _parts(queue), *further, limit=limit)
        return self._listed(tx, best, limit, queue.order)

    def counts(self, tx: sa.Connection, queue: Queue) -> dict[str, int]:
        """How many there are of each kind."""
        found: dict[str, int] = {}
        for part in _parts(queue):
            rows = tx.execute(
                sa.select(_columns.kind, sa.func.count())
                .where(part, *_within(queue))
                .group_by(_columns.kind)
            )
            for kind, count in rows:
                found[kind] = found.get(kind, 0) + count
        return found

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
        queue = replace(queue, todo=True)
        parts = _parts(queue)
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
                .values(locked_by=queue.reviewer, locked_until=until)
            )
            found = self.listed(tx, id_) if taken.rowcount == 1 else None
        return found

    def listed(self, tx: sa.Connection, id_: str) -> Listed:
        (found,) = self._listed(tx, sa.select(_columns.id).where(_columns.id == id_), 1)
        return found

    def _listed(
        self, tx: sa.Connection, ids: Any, limit: int, order: Order = Order.SAVING
    ) -> list[Listed]:
        some = ids.subquery()
        rows = tx.execute(
            sa.select(review_item, verification.c.case_reference, verification.c.status)
            .join(some, some.c.id == _columns.id)
            .join(verification, verification.c.id == _columns.verification_id)
            .order_by(*sorted_by(order, keys_of(order)))
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
    keys = keys_of(queue.order)
    selected = [
        sa.select(_columns.id, _columns.expected_reduction)
        .where(part, *_within(queue), *conditions)
        .order_by(*sorted_by(queue.order, keys))
        .limit(limit)
        .subquery()
        for part in parts
    ]
    return sa.union_all(*(sa.select(one.c.id, one.c.expected_reduction) for one in selected))


def _within(queue: Queue) -> Iterator[sa.ColumnElement[bool]]:
    length = len(queue.region)
    if length:
        yield sa.func.substr(_columns.region, 1, length) == queue.region
    if queue.todo:
        yield may_be_settled()
    if queue.kind is not None:
        yield _columns.kind == queue.kind.value
    if queue.source is not None:
        yield _columns.source == queue.source
    if queue.due_before is not None:
        yield _columns.due_at < queue.due_before
    if queue.returned:
        yield came_back()
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
    if queue.mine:
        return _own(queue.reviewer)
    if queue.todo:
        third = sa.and_(
            _columns.state == ItemState.DISAGREED.value,
            _columns.first_reviewer != queue.reviewer,
            _columns.second_reviewer != queue.reviewer,
        )
        return (*_parts(replace(queue, todo=False, state=ItemState.OPEN)), third)
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


def _own(reviewer: str) -> tuple[sa.ColumnElement[bool], ...]:
    """What the reviewer works on, and what he or she has spoken of that is not done."""
    begun = (ItemState.ASKED.value, ItemState.AWAITING_SECOND.value)
    spoken = sa.and_(_columns.state.in_(begun), _columns.first_reviewer == reviewer)
    held = sa.and_(
        _columns.state.in_([one.value for one in STILL_TO_DO]),
        _columns.locked_by == reviewer,
        sa.or_(_columns.state.not_in(begun), _columns.first_reviewer.is_distinct_from(reviewer)),
    )
    return (held, spoken)
