"""A dated parameter 参数: which value is in force in a region on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, Literal, TypeAlias, assert_never

Area: TypeAlias = Literal["urban", "rural"]
Value: TypeAlias = Decimal | int | date | tuple[str, ...] | Mapping[str, int] | None
Series: TypeAlias = tuple[tuple[date, Value], ...]
"""Dates of effect, ascending, each with the value from that day on."""
ByRegion: TypeAlias = Mapping[str, Series]

WHOLE_COUNTRY: Final = "all"
# GB/T 2260 and GB/T 10114: village, township, county, city, province
REGION_LENGTHS: Final = (12, 9, 6, 4, 2)
_TOWNSHIP_LENGTH: Final = 9
_FIRST_TOWN: Final = 100  # GB/T 10114: 001 to 099 streets 街道, from 100 on towns 镇 and 乡


class Kind(StrEnum):
    """What a parameter's values are."""

    AMOUNT = "amount"  # yuan, a ratio or a limit: text in the file, decimal here
    COUNT = "count"
    DAY = "day"
    WORDS = "words"
    DAYS_BY_SOURCE = "days_by_source"


@dataclass(frozen=True, slots=True)
class InForce:
    """A value with the day it took effect and the region that set it."""

    value: Value
    since: date
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: values by region and date of effect, apart for town and country or alike."""

    name: str
    reference: str
    example: bool
    by_area: Mapping[Area, ByRegion]

    def in_force(self, region: str, day: date, area: Area) -> InForce | None:
        """The newest value of the nearest level that has one by that day; None where none has.

        A level whose values all start later is passed over for the level above it.
        """
        regions = self.by_area[area]
        for level in levels_of(region):
            begun = [pair for pair in regions.get(level, ()) if pair[0] <= day]
            if begun:
                since, value = begun[-1]
                return InForce(value, since, level)
        return None

    def first_day(self, region: str, area: Area) -> date | None:
        """The first day on which any level above the region has a value; None where none has."""
        regions = self.by_area[area]
        firsts = [regions[level][0][0] for level in levels_of(region) if level in regions]
        return min(firsts, default=None)


def levels_of(region: str) -> tuple[str, ...]:
    """The region and the levels above it, nearest first, the whole country last."""
    above = (region[:length] for length in REGION_LENGTHS if length <= len(region))
    return (*above, WHOLE_COUNTRY)


def area_of(region: str) -> Area:
    """Town or country by the township's code 镇、乡 from 100 on; a whole county counts as urban."""
    if len(region) < _TOWNSHIP_LENGTH:
        return "urban"
    return "rural" if int(region[6:_TOWNSHIP_LENGTH]) >= _FIRST_TOWN else "urban"


def value_of(raw: object, kind: Kind) -> Value:
    """A value as the file has it, in our types; ValueError says what it must be."""
    match kind:
        case Kind.AMOUNT:
            return _amount(raw)
        case Kind.COUNT:
            return _count(raw)
        case Kind.DAY:
            if type(raw) is date:
                return raw
            raise ValueError("must be a date, YYYY-MM-DD without quotes")
        case Kind.WORDS:
            if isinstance(raw, list) and all(isinstance(word, str) for word in raw):
                return tuple(raw)
            raise ValueError("must be a list of words")
        case Kind.DAYS_BY_SOURCE:
            if isinstance(raw, dict) and all(isinstance(source, str) for source in raw):
                return {source: _count(days) for source, days in raw.items()}
            raise ValueError("must give whole days for each source")
        case _:
            assert_never(kind)


def _amount(raw: object) -> Decimal:
    """A decimal that is not negative, from text: a bare 371.24 would pass through a float."""
    if not isinstance(raw, str):
        raise ValueError("must be a decimal in quotes")
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        raise ValueError("must be a decimal in quotes") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be a finite decimal that is not negative")
    return amount


def _count(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("must be a whole number that is not negative")
    return raw
