"""A stratum's counts, and the stratified share that follows from them.

The estimator of a domain's share is Hájek's (1971): errors by inverse inclusion probability over
units by the same. Where the domain is whole strata its size is known, and the estimator is the
stratified mean (Cochran 1977, 5.4). The variance is that of the ratio by linearisation, stratum by
stratum with finite-population correction (Cochran 1977, 5A.14; Lohr 2010, 4.3).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from app.review.sampling.frame import Unit
from app.review.sampling.readings import Audit, Fault, Reading, Reviewed, is_wrong

Within: TypeAlias = Callable[[Unit], bool]
"""A domain: a region, a group of households, a programme."""
Best: TypeAlias = Callable[[Reviewed], Reading | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One stratum: of `size` units `drawn`, of them `inside` the domain, `read`, `found` wrong."""

    size: int
    drawn: int
    inside: int
    read: int
    found: int

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.read <= self.inside <= self.drawn <= self.size:
            raise ValueError(f"{self}: each number is at most the one before")

    @property
    def domain(self) -> float:
        """Units of the domain in the stratum, as estimated."""
        return self.size * self.inside / self.drawn

    @property
    def rate(self) -> float:
        return self.found / self.read

    @property
    def looked_at(self) -> float:
        """Share of the domain that was read: the finite-population correction is what is left."""
        return self.read / self.domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A stratified share: estimate, variance, weight of one more error, units it speaks of.

    `unread`: the estimated share of the domain whose reading tells nothing.
    """

    rate: float
    variance: float
    one_more: float
    size: float
    unread: float


def tallies(
    audit: Audit, faults: Collection[Fault], within: Within, *, spared_fen: int = 0
) -> tuple[Tally, ...]:
    """Counts by the first readings, for the strata that reach into the domain."""
    by_stratum: defaultdict[str, list[bool | None]] = defaultdict(list)
    for one in audit.units:
        if within(one.unit):
            wrong = is_wrong(one.unit, one.first, faults, spared_fen)
            by_stratum[one.stratum].append(wrong)
    return tuple(
        Tally(
            size=stratum.size,
            drawn=stratum.drawn,
            inside=len(by_stratum[stratum.name]),
            read=sum(wrong is not None for wrong in by_stratum[stratum.name]),
            found=sum(wrong is True for wrong in by_stratum[stratum.name]),
        )
        for stratum in audit.strata
        if by_stratum[stratum.name]
    )


def share(strata: Sequence[Tally]) -> Share:
    """The stratified share; every stratum has at least one unit inside and read.

    Unread units are taken to be like the read ones of their stratum: `unread` says how many.
    """
    size = sum(one.domain for one in strata)
    rate = sum(one.domain * one.rate for one in strata) / size
    weights = [_weight(one, size) for one in strata]
    total = sum(one.read * weight for one, weight in zip(strata, weights, strict=True))
    squares = sum(one.read * weight**2 for one, weight in zip(strata, weights, strict=True))
    return Share(
        rate=rate,
        variance=sum(_variance(one, rate) for one in strata) / size**2,
        one_more=squares / total if total > 0.0 else 0.0,
        size=size,
        unread=sum(one.domain * (1.0 - one.read / one.inside) for one in strata) / size,
    )


def _weight(one: Tally, size: float) -> float:
    """What one error of the stratum adds to the rate, less what is certain of it."""
    return one.domain / one.read / size * sqrt(max(0.0, 1.0 - one.looked_at))


def _variance(one: Tally, rate: float) -> float:
    """Of the stratum's linearised total: spread of its units, and of how many are inside."""
    inside = one.inside / one.drawn
    lone = one.read == 1 and one.domain > 1.0
    spread = rate * (1.0 - rate) if lone else one.rate * (1.0 - one.rate)
    left = max(0.0, 1.0 - one.looked_at)
    of_units = one.inside / one.read * left * inside * spread
    of_size = (1.0 - one.drawn / one.size) * inside * (1.0 - inside) * (one.rate - rate) ** 2
    return float(one.size**2 / max(one.drawn - 1, 1) * (of_units + of_size))
