"""Rates of several sources together: each is drawn to its type's, the type's to the assumed one.

A source's rate has a Beta prior about what its type expects of it: the assumed rate, with odds that
are `factor` times the assumed ones for all sources of the type. `factor`, and how firmly sources
hold to it, are the most likely under the beta-binomial likelihood of all counts and a prior that
the assumptions are right (empirical Bayes, e.g. Gelman et al., Bayesian Data Analysis, ch. 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt
from typing import Final

import scipy  # its parts are loaded where they are first used
from scipy.special import betaln, expit, logit

from app.error_rate.variables import Chance

_LEAST: Final = 1e-6  # rates nearer to 0 or 1 are taken for this in the likelihood
_FARTHEST: Final = log(20.0)  # an assumed odds is not believed to be off by more than that factor
_WIDEST: Final = 1.0  # nats: assumed odds that are off by a factor of 2.7 surprise nobody
_FIRMEST: Final = log(4.0)  # sources hold to their type at most so much more, or less, than assumed
_FIRMNESS: Final = 0.7  # nats, about what is assumed
_TAILS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Count:
    """`hits` of `trials`, as many equal ones as tell as much where they had unequal weights."""

    hits: float = 0.0
    trials: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.hits <= self.trials:
            raise ValueError("hits are from 0 up to as many as the trials")


@dataclass(frozen=True, slots=True)
class Posterior:
    """A learned rate: `expected` of the type before the source's own count, then with it."""

    expected: float
    mean: float
    weight: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the rate is with 95 %."""
        if self.mean in {0.0, 1.0} or not isfinite(self.weight):
            return self.mean, self.mean
        hits = self.mean * self.weight
        low, high = scipy.stats.beta.ppf(_TAILS, hits, self.weight - hits)
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Pooled:
    """What a type's sources show: their odds are `factor` times the assumed ones.

    `firmness`: the weight of the type's expectation, in weights of the assumed rates.
    """

    factor: float
    firmness: float
    rates: Mapping[str, Posterior]


def pooled(assumed: Mapping[str, Chance], counts: Mapping[str, Count]) -> Pooled:
    """The rates of one type's sources. Without any trial they are the assumed ones, exactly."""
    seen = {
        name: counts[name]
        for name in sorted(assumed)
        if name in counts and counts[name].trials > 0.0 and isfinite(assumed[name].weight)
    }
    shift, firm = _most_likely(assumed, seen) if seen else (0.0, 0.0)
    rates = {
        name: _posterior(chance, counts.get(name, Count()), shift, firm)
        for name, chance in assumed.items()
    }
    return Pooled(exp(shift), exp(firm), rates)


def _posterior(assumed: Chance, count: Count, shift: float, firm: float) -> Posterior:
    if not isfinite(assumed.weight):
        return Posterior(assumed.mean, assumed.mean, assumed.weight)
    expected = assumed.mean if shift == 0.0 else float(expit(logit(assumed.mean) + shift))
    weight = assumed.weight * exp(firm)
    if count.trials == 0.0:
        return Posterior(expected, expected, weight)
    mean = (expected * weight + count.hits) / (weight + count.trials)
    return Posterior(expected, mean, weight + count.trials)


def _most_likely(assumed: Mapping[str, Chance], seen: Mapping[str, Count]) -> tuple[float, float]:
    """Logarithms of factor and firmness.

    How alike sources are is only told by two that have more trials than the assumption is worth.
    """
    telling = [name for name, one in seen.items() if one.trials >= assumed[name].weight]
    sure = sum(_sureness(assumed[name]) for name in seen) / len(seen)
    spread = min(_WIDEST, 1.0 / sqrt(sure)) if sure > 0.0 else _WIDEST

    def cost(shift: float, firm: float) -> float:
        fit = sum(_loss(assumed[name], seen[name], shift, firm) for name in seen)
        return fit + (shift / spread) ** 2 / 2.0 + (firm / _FIRMNESS) ** 2 / 2.0

    def best_shift(firm: float) -> float:
        return _least(lambda shift: cost(shift, firm), _FARTHEST)

    if len(telling) < 2:
        return best_shift(0.0), 0.0
    firm = _least(lambda firm: cost(best_shift(firm), firm), _FIRMEST)
    return best_shift(firm), firm


def _least(cost: object, reach: float) -> float:
    found = scipy.optimize.minimize_scalar(
        cost, bounds=(-reach, reach), method="bounded", options={"xatol": 1e-6}
    )
    return float(found.x)


def _sureness(chance: Chance) -> float:
    """One over the variance of the assumed rate's log odds, roughly."""
    return chance.weight * chance.mean * (1.0 - chance.mean)


def _loss(assumed: Chance, count: Count, shift: float, firm: float) -> float:
    """Minus the logarithm of the beta-binomial likelihood, less what no parameter changes."""
    within = min(max(assumed.mean, _LEAST), 1.0 - _LEAST)
    mean, weight = float(expit(logit(within) + shift)), assumed.weight * exp(firm)
    hits, misses = mean * weight, (1.0 - mean) * weight
    likelihood = betaln(hits + count.hits, misses + count.trials - count.hits)
    return float(betaln(hits, misses) - likelihood)
