"""Intervals of rates, at 95 % unless told, that hold their level also where errors are few.

The interval of a stratified rate is that of the **mid-P** of a weighted sum. A confidence
distribution of the rate lies between two: one as if what was found were all there is (mean y,
variance v), one as if one more error had been found (y + w, v + w²). The limits are quantiles of
half the one and half the other (Fay & Kim 2017, who follow Fay & Feuer 1997), each matched by its
first two moments: by a Beta for a share, as Korn & Graubard 1998 do with the effective sample size
y(1−y)/v, by a Gamma for a sum of amounts. In a simple sample that is the mid-P interval of
Clopper & Pearson (Brown, Cai & DasGupta 2001).

w is the weight of one more error: Σw²/Σw over those drawn, the weight of the unit that stands for
an average unit of the frame. It keeps the interval right where the weights are unequal and the few
errors found are of light ones. Why not Wilson's or others: see the README.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import scipy  # its parts are loaded where they are first used
from scipy.special import betainc, gammainc

LEVEL: Final = 0.95
_PRECISION: Final = 1e-10
_FAR: Final = 10.0  # standard deviations, where the search for a quantile begins

Distribution: TypeAlias = Callable[[float], float]
"""Probability that the rate is at most so much."""


def exact(found: int, n: int, size: int, *, level: float = LEVEL) -> tuple[float, float]:
    """Share of a finite population of `size`, by a simple sample of n without replacement.

    Both tails of the hypergeometric distribution at most (1 − level)/2, as Clopper & Pearson 1934
    have it for the binomial (Cochran 1977, 3.6): never too short, mostly too long.
    """
    if not 0 <= found <= n <= size or n == 0:
        raise ValueError(f"{found} of {n} of {size} cannot have been found")
    tail = (1.0 - level) / 2.0
    least, most = found, size - (n - found)
    chance = scipy.stats.hypergeom
    low = _first(least, most, lambda wrong: chance.sf(found - 1, size, wrong, n) > tail)
    high = _first(least, most + 1, lambda wrong: chance.cdf(found, size, wrong, n) <= tail) - 1
    return low / size, max(low, high) / size


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number from which on it holds; `high` where it holds for none before."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def of_share(
    y: float, variance: float, one_more: float, *, level: float = LEVEL
) -> tuple[float, float]:
    """A share's interval: its estimate, the estimate's variance, the weight of one more error."""
    if one_more <= 0.0:
        return y, y
    if y > 0.5:  # what is right is then the rarer of the two
        low, high = of_share(1.0 - y, variance, one_more, level=level)
        return 1.0 - high, 1.0 - low
    more = min(y + one_more, 1.0)
    return mixed(
        (_share(y, variance, one_more), _share(more, variance + one_more**2, one_more)),
        top=1.0,
        level=level,
    )


def of_amount(
    y: float, variance: float, one_more: float, *, level: float = LEVEL
) -> tuple[float, float]:
    """The same of a sum of amounts, each by its weight: not negative, without an upper end."""
    if one_more <= 0.0:
        return y, y
    more, wider = y + one_more, variance + one_more**2
    top = more + _FAR * wider**0.5
    distributions = (_amount(y, variance, one_more), _amount(more, wider, one_more))
    return mixed(distributions, top=top, level=level)


def mixed(
    distributions: tuple[Distribution, ...], *, top: float, level: float
) -> tuple[float, float]:
    """Quantiles of an equal mixture of distributions on 0 … top, or a little beyond."""

    def at(rate: float) -> float:
        return sum(distribution(rate) for distribution in distributions) / len(distributions)

    def quantile(share: float) -> float:
        if at(0.0) >= share:
            return 0.0
        end = top
        while at(end) < share:
            end *= 2.0
        return float(
            scipy.optimize.brentq(lambda rate: at(rate) - share, 0.0, end, xtol=_PRECISION)
        )

    tail = (1.0 - level) / 2.0
    return quantile(tail), quantile(1.0 - tail)


def _share(mean: float, variance: float, one_more: float) -> Distribution:
    """Beta with x = n·mean and n − x + 1, where n = mean·(1 − mean)/variance."""
    if mean <= 0.0:
        return _nothing
    if mean >= 1.0:
        return lambda rate: float(rate >= 1.0)
    # No variance seen, yet not all looked at: as if every unit weighed what one more would.
    effective = mean * (1.0 - mean) / variance if variance > 0.0 else 1.0 / one_more
    x = effective * mean
    return lambda rate: float(betainc(x, effective - x + 1.0, rate))


def _amount(mean: float, variance: float, one_more: float) -> Distribution:
    """Gamma of that mean and variance."""
    if mean <= 0.0:
        return _nothing
    spread = variance if variance > 0.0 else mean * one_more
    return lambda amount: float(gammainc(mean**2 / spread, amount * mean / spread))


def _nothing(_rate: float) -> float:
    return 1.0
