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
_NORTH_AND_EAST = ("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35")
_SOUTH_AND_WEST = ("36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54")
_NORTH_WEST_AND_ISLANDS = ("61", "62", "63", "64", "65", "71", "81", "82")
PROVINCES: Final = frozenset((*_NORTH_AND_EAST, *_SOUTH_AND_WEST, *_NORTH_WEST_AND_ISLANDS))
"""Codes of the provinces (GB/T 2260)."""
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
    unit: str | None = None

    @property
    def regions(self) -> frozenset[str]:
        """Every region that the parameter has values for."""
        return frozenset(region for regions in self.by_area.values() for region in regions)

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

    def first(self, region: str, area: Area) -> InForce | None:
        """The earliest value of any level above the region; None where no level has one."""
        regions = self.by_area[area]
        levels = [level for level in levels_of(region) if level in regions]
        firsts = [InForce(regions[level][0][1], regions[level][0][0], level) for level in levels]
        return min(firsts, key=lambda one: one.since, default=None)

    def next_change(self, region: str, day: date, area: Area) -> InForce | None:
        """The next value to come into force after the day, as far as it is written down.

        A level further off than the one in force changes nothing.
        """
        now = self.in_force(region, day, area)
        levels = levels_of(region)
        heard = levels if now is None else levels[: levels.index(now.region) + 1]
        coming = [
            InForce(value, since, level)
            for level in heard
            for since, value in self.by_area[area].get(level, ())
            if since > day
        ]
        return min(coming, key=lambda one: one.since, default=None)


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
