"""How many to draw 样本量: for a precision, to show a rate below a limit, and after a pilot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final

import scipy  # its parts are loaded where they are first used

from app.review.sampling.allocation import LEAST, allocate
from app.review.sampling.errors import InvalidDesign
from app.review.sampling.intervals import LEVEL, of_share

POWER: Final = 0.8


def size_for(
    rate: float,
    half_width: float,
    population: int | None = None,
    *,
    design_effect: float = 1.0,
    level: float = LEVEL,
) -> int:
    """n that measures a rate to ± `half_width` (a share, not points): deff·z²p(1−p)/d², with FPC.

    Cochran 1977, 4.4. At 5 % ± 2 points that is 456.2, so 457; of a population of 2,000, 372.
    `population` None: without end. By the normal approximation, which is short below about five
    expected errors: hold a small rate against a limit with `plan_below` instead.
    """
    if not 0.0 <= rate <= 1.0 or half_width <= 0.0 or design_effect <= 0.0:
        raise InvalidDesign(
            f"a rate of {rate} to ± {half_width} with design effect {design_effect} "
            "cannot be planned: a rate is from 0 to 1, the others above 0"
        )
    unlimited = design_effect * _normal(level) ** 2 * rate * (1.0 - rate) / half_width**2
    if population is None:
        return max(1, ceil(unlimited))
    if unlimited <= 1.0:
        return min(1, population)
    return min(population, ceil(unlimited / (1.0 + (unlimited - 1.0) / population)))


@dataclass(frozen=True, slots=True)
class Expected:
    """A stratum as it is expected: units, error rate, and its pull in the allocation."""

    size: int
    rate: float
    pull: float


def half_width_of(strata: Sequence[Expected], n: int, *, level: float = LEVEL) -> float:
    """Half width expected of n units so allocated (Cochran 1977, 5.4), by the normal."""
    numbers = _numbers(strata, n)
    total = sum(one.size for one in strata)
    variance = sum(
        (one.size / total) ** 2 * (1 - n / one.size) * one.rate * (1 - one.rate) / n
        for one, n in zip(strata, numbers, strict=True)
    )
    return _normal(level) * sqrt(variance)


def size_for_strata(
    strata: Sequence[Expected],
    half_width: float,
    *,
    design_effect: float = 1.0,
    level: float = LEVEL,
) -> int:
    """The least n in whole numbers that brings the stratified rate to ± `half_width`.

    `design_effect` is what comes on top of the strata's own, for readers or clusters.
    """
    wanted = half_width / sqrt(design_effect)
    low = sum(min(LEAST, one.size) for one in strata)
    high = sum(one.size for one in strata)
    while low < high:  # a larger sample holds the smaller one, so that the width never grows
        middle = (low + high) // 2
        if half_width_of(strata, middle, level=level) <= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _numbers(strata: Sequence[Expected], n: int) -> tuple[int, ...]:
    return allocate([one.size for one in strata], n, pulls=[one.pull for one in strata])


@dataclass(frozen=True, slots=True)
class BelowPlan:
    """Draw `n`; with at most `at_most` errors found the rate is shown to be below the limit.

    `power` is the chance of that at the rate planned for.
    """

    n: int
    at_most: int
    power: float


def plan_below(
    limit: float,
    rate: float,
    population: int,
    *,
    power: float = POWER,
    design_effect: float = 1.0,
) -> BelowPlan:
    """The least sample that shows a rate to be below `limit` with that power, by our interval.

    Power goes up and down with n, as one more error is or is not allowed: the plan is for its `n`,
    the first peak that is high enough, and a larger one is only better from the next peak on. All
    are read where nothing less shows it. InvalidDesign where the limit is not above the rate.
    """
    if not 0.0 <= rate < limit <= 1.0:
        raise InvalidDesign(
            f"a rate of {rate} cannot be shown to be below {limit}: it has to be below it"
        )

    def showing(at_most: int) -> BelowPlan:
        n = _least_showing(limit, at_most, population, design_effect)
        reached = power_below(limit, rate, population, n, design_effect=design_effect)
        return BelowPlan(n, at_most, reached)

    def is_enough(plan: BelowPlan) -> bool:
        return plan.power >= power or plan.n >= population

    low, high = 0, 1
    while not is_enough(showing(high)):
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        if is_enough(showing(middle)):
            high = middle
        else:
            low = middle + 1
    return showing(low)


def power_below(
    limit: float, rate: float, population: int, n: int, *, design_effect: float = 1.0
) -> float:
    """Chance that a sample of n shows a rate to be below the limit, by our interval.

    With a design effect the sample counts as one of n/deff.
    """
    counting = max(1, round(n / design_effect))
    allowed = _allowed(limit, counting, n / population)
    if allowed < 0:
        return 0.0
    return float(scipy.stats.hypergeom.cdf(allowed, population, round(rate * population), counting))


def _least_showing(limit: float, at_most: int, population: int, design_effect: float) -> int:
    """The least n of which `at_most` errors still show it; the population where none does."""
    low, high = at_most + 1, population
    while low < high:
        middle = (low + high) // 2
        counting = max(1, round(middle / design_effect))
        if _upper(at_most, counting, middle / population) < limit:
            high = middle
        else:
            low = middle + 1
    return low


def _allowed(limit: float, n: int, looked_at: float) -> int:
    """The most errors of n that still show it, −1 where none does."""
    low, high = -1, n
    while low < high:
        middle = (low + high + 1) // 2
        if _upper(middle, n, looked_at) < limit:
            low = middle
        else:
            high = middle - 1
    return low


def _upper(found: int, n: int, looked_at: float) -> float:
    """Upper limit of our interval in a simple sample."""
    if found >= n:
        return 1.0
    y, left = found / n, max(0.0, 1.0 - looked_at)
    variance = left * y * (1.0 - y) / max(n - 1, 1)
    return of_share(y, variance, sqrt(left) / n)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What a first sample measured: size of the frame, n read, rate, variance, weight of one more.

    The last three are those of `tally.share`.
    """

    population: int
    n: int
    rate: float
    variance: float
    one_more: float


def more_after(pilot: Pilot, half_width: float, *, level: float = LEVEL) -> int:
    """How many more to draw in the same way, until our interval is within ± `half_width`.

    Rate and relative weights are taken to stay as in the pilot; variance and weight then fall as
    1/n − 1/N. Where the pilot found nothing, the weight of one more error alone makes the width.
    0 where the pilot does.
    """
    low, high = pilot.n, pilot.population
    while low < high:
        middle = (low + high) // 2
        if _half_width_at(pilot, middle, level) <= half_width:
            high = middle
        else:
            low = middle + 1
    return low - pilot.n


def _half_width_at(pilot: Pilot, n: int, level: float) -> float:
    if n >= pilot.population:
        return 0.0
    left = (1.0 / n - 1.0 / pilot.population) / (1.0 / pilot.n - 1.0 / pilot.population)
    weight = pilot.one_more * sqrt(left * pilot.n / n)
    low, high = of_share(pilot.rate, pilot.variance * left, weight, level=level)
    return (high - low) / 2.0


def _normal(level: float) -> float:
    return NormalDist().inv_cdf((1.0 + level) / 2.0)
