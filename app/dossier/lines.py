"""Lines of a stored profile, what was declared beside them, and how the two compare. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.household import AssetKind, Declared, IncomeBasis
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.money import ZERO, as_text

COUNTED_ONES: Final = frozenset(
    {
        AssetKind.HOME,
        AssetKind.OTHER_BUILDING,
        AssetKind.VEHICLE,
        AssetKind.VESSEL,
        AssetKind.BUSINESS,
    }
)
"""Kinds that are counted in pieces; the others are amounts."""


class Compared(StrEnum):
    """Declared beside verified 比对: how a difference is told, without any blame."""

    EQUAL = "equal"
    UNDER_DECLARED = "under_declared"
    OVER_DECLARED = "over_declared"
    OMITTED = "omitted"
    NOT_CONFIRMED = "not_confirmed_by_sources"
    CANNOT_CHECK = "cannot_be_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of income or assets; `value` is yuan (income: a month), None where it has none."""

    id: str
    person: str
    kind: str
    value: Interval | None
    counted: bool
    why: str | None
    verified: bool
    evidence: frozenset[str]
    sources: tuple[str, ...]
    first: str | None
    last: str | None
    on: str | None
    payer: str | None
    details: Mapping[str, str]


def income_lines(profile: Mapping[str, Any]) -> list[Line]:
    """Of a profile's document."""
    return [
        _line(one, value=interval_of(one["monthly"]), first=one["from"], last=one["to"])
        for one in profile["income"]
    ]


def asset_lines(profile: Mapping[str, Any]) -> list[Line]:
    """Of a profile's document."""
    return [
        _line(
            one,
            value=None if one["value"] is None else interval_of(one["value"]),
            on=one["on"],
            details=one["details"],
        )
        for one in profile["assets"]
    ]


def _line(one: Mapping[str, Any], **more: Any) -> Line:
    values: dict[str, Any] = {
        "first": None,
        "last": None,
        "on": None,
        "details": {},
        **more,
    }
    return Line(
        id=one["id"],
        person=one["person"],
        kind=one["kind"],
        counted=one["counted"],
        why=one["why"],
        verified=one.get("verified", True),
        evidence=frozenset(one["evidence"]),
        sources=tuple(one["sources"]),
        payer=one.get("payer"),
        **values,
    )


def interval_of(shown: Any) -> Interval:
    """A decimal string, a count, or `{min, max}`."""
    if isinstance(shown, Mapping):
        high = shown["max"]
        return Interval(Decimal(str(shown["min"])), None if high is None else Decimal(str(high)))
    return Interval.exactly(Decimal(str(shown)))


def amount(value: Interval, *, pieces: bool = False) -> Any:
    """As the interface shows it; None where nothing at all is known."""
    if value == UNKNOWN:
        return None
    if pieces:
        low, high = int(value.low), None if value.high is None else int(value.high)
        return low if low == high else {"min": low, "max": high}
    if value.is_exact:
        return as_text(value.low)
    return {"min": as_text(value.low), "max": None if value.high is None else as_text(value.high)}


def declared_income(
    declared: Declared, person: str, kind: str, *, basis: IncomeBasis | None = None
) -> Decimal | None:
    """Yuan a month; None where nothing was declared. `basis`: that one alone, else what sources
    could show."""
    told = [
        one.monthly
        for one in declared.income
        if (one.person, one.kind.value) == (person, kind)
        and one.basis is (basis or IncomeBasis.EMPLOYMENT)
    ]
    return sum(told, ZERO) if told else None


def declared_asset(declared: Declared, person: str, kind: AssetKind) -> Decimal | None:
    """Yuan, or pieces; None where nothing was declared."""
    told = [one for one in declared.assets if (one.person, one.kind) == (person, kind)]
    if not told:
        return None
    if kind in COUNTED_ONES:
        return Decimal(len(told))
    return sum((one.value or ZERO for one in told), ZERO)


def total(lines: Iterable[Line]) -> Interval:
    """Of the lines that count."""
    return sum((one.value for one in lines if one.counted and one.value is not None), NOTHING)


def pieces(lines: Iterable[Line]) -> Interval:
    """How many things count; one of which it is not sure may be none."""
    some = [one for one in lines if one.counted]
    sure = sum("doubtful" not in one.details for one in some)
    return Interval(Decimal(sure), Decimal(len(some)))


def compared(
    declared: Decimal | None, verified: Interval, tolerance: Decimal
) -> tuple[Compared, Interval | None]:
    """In one word, and by how much they differ."""
    told = declared or ZERO
    if not told and verified.low > 0:
        return Compared.OMITTED, verified
    if verified.low > told * (1 + tolerance):
        high = None if verified.high is None else verified.high - told
        return Compared.UNDER_DECLARED, Interval(verified.low - told, high)
    if verified.high is None:
        return Compared.CANNOT_CHECK, None
    if told and verified.high == 0:
        return Compared.NOT_CONFIRMED, Interval.exactly(told)
    if verified.high < told * (1 - tolerance):
        return Compared.OVER_DECLARED, Interval(told - verified.high, told - verified.low)
    if verified.low < told * (1 - tolerance) or verified.high > told * (1 + tolerance):
        return Compared.CANNOT_CHECK, None
    return Compared.EQUAL, None


def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
