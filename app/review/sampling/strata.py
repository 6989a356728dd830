"""Strata 分层: programme × region × band of risk, and which small ones are joined.

A stratum with fewer than `smallest` units is joined, always within its programme:

1. with the next lower band of the same region, or the next higher where there is none;
2. a region that is still too small as a whole, with the next such regions in the order of their
   codes (neighbours under one prefecture meet first), until they are enough together;
3. what is left over, with the last of those pools, else with the programme's smallest stratum.

A programme that is too small as a whole is one stratum.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from app.domain.decision import RISK_CUTS
from app.review.sampling.errors import InvalidDesign, InvalidFrame
from app.review.sampling.frame import Frame, Unit

LEVELS: Final = (6, 9)  # digits of a county's code and of a town's


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratification:
    """How the frame is divided.

    `region_digits`: 6 county, 9 town. `cuts` divide the bands of risk; a cut belongs to the band
    below it (≤ 5 %, 5–15 %, > 15 % as decisions are banded).
    """

    region_digits: int = 6
    cuts: tuple[float, ...] = RISK_CUTS
    smallest: int = 10

    def __post_init__(self) -> None:
        if self.region_digits not in LEVELS:
            raise InvalidDesign(f"regions have {LEVELS} digits, not {self.region_digits}")
        if list(self.cuts) != sorted(set(self.cuts)) or not all(0 < cut < 1 for cut in self.cuts):
            raise InvalidDesign(f"cuts must rise between 0 and 1: {self.cuts}")
        if self.smallest < 1:
            raise InvalidDesign(f"the smallest stratum has at least one unit: {self.smallest}")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One programme, region and band; bands count from 0, the lowest risk."""

    programme: str
    region: str
    band: int

    def __str__(self) -> str:
        return f"{self.programme}/{self.region}/{self.band}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """The cells drawn from together and their units, both in order."""

    cells: tuple[Cell, ...]
    units: tuple[Unit, ...]

    @property
    def name(self) -> str:
        """The first cell, and how many were joined to it."""
        joined = len(self.cells) - 1
        return f"{self.cells[0]}+{joined}" if joined else str(self.cells[0])

    @property
    def risk(self) -> float:
        """Mean predicted error rate."""
        return sum(unit.risk for unit in self.units) / len(self.units)

    def joined(self, other: "Stratum") -> "Stratum":
        cells = tuple(sorted((*self.cells, *other.cells)))
        return Stratum(cells, tuple(sorted((*self.units, *other.units), key=lambda one: one.id)))


_Strata: TypeAlias = list[Stratum]


def stratify(frame: Frame, by: Stratification) -> tuple[Stratum, ...]:
    """Every unit in exactly one stratum; InvalidFrame where a region's code is too short."""
    units: defaultdict[Cell, list[Unit]] = defaultdict(list)
    for unit in frame.units:
        units[_cell(unit, by)].append(unit)
    cells = [Stratum((cell,), tuple(units[cell])) for cell in sorted(units)]
    strata: _Strata = []
    for _, programme in groupby(cells, key=lambda one: one.cells[0].programme):
        strata += _within_programme(list(programme), by.smallest)
    return tuple(sorted(strata, key=lambda stratum: stratum.cells))


def _cell(unit: Unit, by: Stratification) -> Cell:
    digits = by.region_digits
    if len(unit.region) < digits or not unit.region.isdecimal():
        raise InvalidFrame(f"{unit.id}: the region {unit.region!r} has not {digits} digits")
    return Cell(unit.programme, unit.region[:digits], bisect_left(by.cuts, unit.risk))


def _within_programme(cells: _Strata, smallest: int) -> _Strata:
    enough: _Strata = []
    small: _Strata = []
    for _, region in groupby(cells, key=lambda one: one.cells[0].region):
        bands = _joined_bands(list(region), smallest)
        is_small = len(bands) == 1 and len(bands[0].units) < smallest
        (small if is_small else enough).extend(bands)
    pools = _pooled(small, smallest)
    if pools and len(pools[-1].units) < smallest and enough:
        least = min(enough, key=lambda one: (len(one.units), one.cells))
        enough.remove(least)
        enough.append(least.joined(pools.pop()))
    return enough + pools


def _joined_bands(bands: _Strata, smallest: int) -> _Strata:
    while len(bands) > 1:
        small = [place for place, one in enumerate(bands) if len(one.units) < smallest]
        if not small:
            break
        lower = max(small[0] - 1, 0)
        bands[lower : lower + 2] = [bands[lower].joined(bands[lower + 1])]
    return bands


def _pooled(small: _Strata, smallest: int) -> _Strata:
    """Small regions in order, gathered until enough; only a lone pool is left too small."""
    pools: _Strata = []
    for region in small:
        if pools and len(pools[-1].units) < smallest:
            pools[-1] = pools[-1].joined(region)
        else:
            pools.append(region)
    if len(pools) > 1 and len(pools[-1].units) < smallest:
        last = pools.pop()
        pools[-1] = pools[-1].joined(last)
    return pools
