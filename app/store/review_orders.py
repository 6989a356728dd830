"""The orders in which the worklist is read, each with a place that a next page begins after."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.review import Order
from app.store.review_items import ReviewItem
from app.store.tables_review import review_item

_OF = review_item.c
_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)
_NO_DOUBT: Final = 1.0
_DUE = sa.func.coalesce(_OF.due_at, sa.bindparam("far", _FAR, _OF.due_at.type, unique=True))
_DOUBT = sa.func.coalesce(sa.func.abs(_OF.probability - 0.5), _NO_DOUBT)
_TURNS = sa.case((_OF.decisive, 1), else_=0)
_Key = tuple["sa.ColumnElement[Any]", bool]
_KEYS: Final[Mapping[Order, tuple[_Key, ...]]] = {
    Order.SAVING: ((_OF.expected_reduction, True), (_OF.id, True)),
    Order.EFFECT: ((_TURNS, True), (_DUE, False), (_OF.id, False)),
    Order.DUE: ((_DUE, False), (_OF.id, False)),
    Order.DOUBT: ((_DOUBT, False), (_OF.id, False)),
    Order.AREA: ((_OF.region, False), (_DUE, False), (_OF.id, False)),
}
"""By order: what is compared, and whether the greater comes first; the id settles what is alike."""


def keys_of(order: Order) -> list["sa.ColumnElement[Any]"]:
    """What the order compares, to be selected."""
    return [key for key, _ in _KEYS[order]]


def sorted_by(order: Order, of: Sequence["sa.ColumnElement[Any]"]) -> Iterator[Any]:
    """`of`: the columns that stand for `keys_of(order)`."""
    for (_, falls), column in zip(_KEYS[order], of, strict=True):
        yield column.desc() if falls else column.asc()


def is_after(order: Order, place: Sequence[Any]) -> "sa.ColumnElement[bool]":
    """What comes after the place: the values of `place_in` of the last item that was shown."""
    alternatives = []
    equal: list[sa.ColumnElement[bool]] = []
    for (key, falls), value in zip(_KEYS[order], place, strict=True):
        alternatives.append(sa.and_(*equal, key < value if falls else key > value))
        equal.append(key == value)
    return sa.or_(*alternatives)


def place_in(order: Order, item: ReviewItem) -> tuple[Any, ...]:
    """The item's place in the order."""
    due = item.due_at or _FAR
    match order:
        case Order.SAVING:
            return (item.expected_reduction, item.id)
        case Order.EFFECT:
            return (int(item.decisive), due, item.id)
        case Order.DUE:
            return (due, item.id)
        case Order.DOUBT:
            doubt = _NO_DOUBT if item.probability is None else abs(item.probability - 0.5)
            return (doubt, item.id)
        case Order.AREA:
            return (item.region, due, item.id)
