"""One thing that a household owns, between the records that show it and the profile's line."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.profile import AssetLine
from app.verification.merge.records import Material
from connectors.records import AnyRecord

R = TypeVar("R")
Rows = list[tuple[Evidence[AnyRecord], R]]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing found, before it becomes a line."""

    rows: tuple[Evidence[AnyRecord], ...]
    kind: AssetKind
    value: Interval | None
    on: date | None
    details: Mapping[str, str]
    why: str | None = None  # the rule for which it does not count
    doubtful: bool = False  # it may count: a state or a kind could not be read


def line_of(material: Material, person: str, thing: Thing, outside: str | None) -> AssetLine:
    """The line of a person's thing, not numbered yet; `outside`: why the person does not count."""
    return AssetLine(
        id="",
        person=person,
        kind=thing.kind,
        value=thing.value,
        on=thing.on or material.request.as_of,
        details={**thing.details, **({"doubtful": "true"} if thing.doubtful else {})},
        sources=tuple(dict.fromkeys(row.source for row in thing.rows)),
        evidence=tuple(dict.fromkeys(row.id for row in thing.rows)),
        counted=thing.why is None and outside is None,
        why=thing.why or outside,
    )


def once(
    rows: Iterable[tuple[Evidence[AnyRecord], R]],
    key: Callable[[R], Hashable],
    rank: Callable[[R], Any],
) -> Rows[R]:
    """Of the records that tell of one thing the one of highest rank, whatever their order.

    A key of None names nothing: such a record is a thing by itself.
    """
    best: dict[Hashable, tuple[Evidence[AnyRecord], R]] = {}
    for row, one in rows:
        name = key(one)
        place = row.id if name is None else ("named", name)
        if place not in best or rank(one) > rank(best[place][1]):
            best[place] = (row, one)
    return list(best.values())


def perhaps(value: Decimal, *, sure: bool) -> Interval:
    """The value, or anything down to nothing where it is not sure that it counts."""
    return Interval(value if sure else ZERO, value)


def word(value: object) -> str:
    """A closed word as a detail; empty where it is not known."""
    return "" if value is None else str(value)
