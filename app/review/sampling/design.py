"""A sample as planned and as drawn 抽样设计: who is read, by one reader or two, with what chance.

Two parts that are never mixed. The **random** part is a stratified simple random sample without
replacement: each unit of stratum h has the chance n/N of it, and it alone gives the official rate.
The **risk** part goes where errors are expected: units that the random part left, by systematic
sampling in proportion to risk. Its chances hold given the random part; with them
Σ(random) y + Σ(risk) y/π is an unbiased total of its own (Horvitz & Thompson 1952), for the tuning
of the predicted rates and for search, not for the measured rate.

Second readers get a simple random part of each stratum's random part, drawn before anybody reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

from app.review.sampling.allocation import LEAST, Allocation, allocate, pull
from app.review.sampling.errors import InvalidDesign
from app.review.sampling.frame import Decided, Frame
from app.review.sampling.lottery import Lottery, by_size, systematic
from app.review.sampling.strata import Cell, Stratification, Stratum, stratify

_FIRST: Final = "first"
_SECOND: Final = "second"
_BY_RISK: Final = "risk"
_SETTLED: Final = Stratification()


class Part(StrEnum):
    """How a unit came into the sample."""

    RANDOM = "random"
    RISK = "risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to draw: `n` units at random, `risk` more by risk, so many shares of n read twice.

    No stratum gets fewer than two units, nor two second readings where there are any, or all it
    has: a variance needs two.
    """

    n: int
    allocation: Allocation = Allocation.NEYMAN
    stratification: Stratification = _SETTLED
    second_share: float = 0.0
    risk: int = 0

    def __post_init__(self) -> None:
        if self.n < 1 or self.risk < 0:
            raise InvalidDesign(f"{self.n} at random and {self.risk} by risk cannot be drawn")
        if not 0.0 <= self.second_share <= 1.0:
            raise InvalidDesign(f"the share read twice runs from 0 to 1: {self.second_share}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStratum:
    """A stratum's numbers: its units, those drawn at random, those of them read twice."""

    name: str
    cells: tuple[Cell, ...]
    size: int
    drawn: int
    twice: int

    @property
    def chance(self) -> float:
        """Of each of its units, to be in the random part."""
        return self.drawn / self.size

    @property
    def second_chance(self) -> float:
        """Of each of its drawn units, to be read twice."""
        return self.twice / self.drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One unit of the sample; `chance` is its inclusion probability 入样概率 in its part."""

    unit: str
    stratum: str
    part: Part
    chance: float
    twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A drawn sample, with all it takes to draw it again: seed, plan, digest of the frame."""

    decided: Decided
    seed: int
    plan: Plan
    digest: str
    strata: tuple[DrawnStratum, ...]
    units: tuple[Drawn, ...]

    @property
    def size(self) -> int:
        """Units of the frame."""
        return sum(stratum.size for stratum in self.strata)


def draw(frame: Frame, plan: Plan, seed: int) -> Sample:
    """The sample of that frame, plan and seed: always the same.

    A larger `n` under the same frame and seed keeps what a smaller one drew at random. The seed
    should be chosen after the frame's digest is on record. Raises InvalidDesign, InvalidFrame.
    """
    strata = stratify(frame, plan.stratification)
    digest = frame.digest
    pulls = [pull(stratum, plan.allocation) for stratum in strata]
    sizes = [len(stratum.units) for stratum in strata]
    numbers = allocate(sizes, plan.n, pulls=pulls)
    first = Lottery(seed, digest, _FIRST)
    taken = [
        first.lowest([unit.id for unit in stratum.units], n)
        for stratum, n in zip(strata, numbers, strict=True)
    ]
    second = Lottery(seed, digest, _SECOND)
    twice = [
        second.lowest(names, n)
        for names, n in zip(taken, _second_numbers(numbers, plan.second_share), strict=True)
    ]
    tables = tuple(map(_table, strata, taken, twice))
    random = [
        _drawn_at_random(name, table, reread)
        for names, table, reread in zip(taken, tables, twice, strict=True)
        for name in names
    ]
    drawn_already = {one.unit for one in random}
    by_risk = _by_risk(strata, drawn_already, plan.risk, Lottery(seed, digest, _BY_RISK))
    return Sample(
        decided=frame.decided,
        seed=seed,
        plan=plan,
        digest=digest,
        strata=tables,
        units=(*random, *by_risk),
    )


def _second_numbers(numbers: Sequence[int], share: float) -> tuple[int, ...]:
    if share == 0.0:
        return (0,) * len(numbers)
    least = sum(min(LEAST, n) for n in numbers)
    wanted = max(least, ceil(share * sum(numbers)))
    return allocate(numbers, wanted, pulls=[float(n) for n in numbers])


def _table(stratum: Stratum, taken: Sequence[str], twice: Sequence[str]) -> DrawnStratum:
    return DrawnStratum(
        name=stratum.name,
        cells=stratum.cells,
        size=len(stratum.units),
        drawn=len(taken),
        twice=len(twice),
    )


def _drawn_at_random(name: str, table: DrawnStratum, twice: Sequence[str]) -> Drawn:
    return Drawn(
        unit=name, stratum=table.name, part=Part.RANDOM, chance=table.chance, twice=name in twice
    )


def _by_risk(
    strata: Sequence[Stratum], drawn_already: set[str], n: int, lottery: Lottery
) -> tuple[Drawn, ...]:
    left = {
        unit.id: (unit.risk, stratum.name)
        for stratum in strata
        for unit in stratum.units
        if unit.id not in drawn_already
    }
    names = sorted(left)
    chances = by_size(names, [left[name][0] for name in names], n)
    chance_of = dict(zip(names, chances, strict=True))
    return tuple(
        Drawn(
            unit=name,
            stratum=left[name][1],
            part=Part.RISK,
            chance=chance_of[name],
            twice=False,
        )
        for name in systematic(lottery, names, chances)
    )
