"""How far told amounts are from true ones: a source's spread when fresh, and with each month.

The logarithm of a true amount by the told one has variance `fresh`² + (`per_month` · months)². Both
variances have a scaled inverse chi-square prior about what is assumed (the variance's part of a
normal-inverse-gamma, the mean known to be 0); the mode is found by expectation and maximisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
import scipy  # its parts are loaded where they are first used

from matching.calibration.labelled import Floats

ASSUMED_WEIGHT: Final = 30.0  # observations that an assumed spread stands for
_ANOTHER_UNIT: Final = log(5.0)  # more than five times: another unit, period or account, no spread
_FAR_OUT: Final = 4.0  # or so many assumed deviations, where those are wider
_ROUNDS: Final = 200
_CLOSE: Final = 1e-10
_SMALLEST: Final = 1e-6  # a variance to start from where none is assumed
_NORMAL_95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Deviation:
    """One amount: ln(true by told), how many months old it was, the weight of the observation."""

    log_ratio: float
    months: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Spreads:
    """A source's standard deviations of the logarithm; what they were learned from.

    `far_out` amounts differ by more than a spread does and are left out: such a record is false.
    `bias`: mean log ratio of the others, with its interval at 95 %; parameters hold no bias.
    """

    fresh: float
    per_month: float
    effective: float = 0.0
    aged: float = 0.0
    far_out: int = 0
    bias: tuple[float, float, float] | None = None


def spread_interval(spread: float, effective: float) -> tuple[float, float]:
    """Where a spread learned from so many amounts is with 95 %."""
    freedom = ASSUMED_WEIGHT + effective
    low, high = (
        sqrt(freedom / float(scipy.stats.chi2.ppf(tail, freedom))) for tail in (0.975, 0.025)
    )
    return spread * low, spread * high


def spreads(fresh: float, per_month: float, seen: Sequence[Deviation]) -> Spreads:
    """The spreads that `seen` makes of the assumed ones; without any, those exactly."""
    rows = sorted((one.log_ratio, one.months, one.weight) for one in seen)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 3)
    ratio, months = table[:, 0], np.maximum(table[:, 1], 0.0)
    reach = np.maximum(_ANOTHER_UNIT, _FAR_OUT * np.hypot(fresh, per_month * months))
    near = np.abs(ratio) <= reach
    far_out = int((~near).sum())
    if not near.any():
        return Spreads(fresh, per_month, far_out=far_out)
    ratio, months, weight = ratio[near], months[near], _scaled(table[near, 2])
    variances = _mode((fresh**2, per_month**2), ratio**2, months**2, weight)
    is_aged = months > 0.0
    return Spreads(
        fresh=sqrt(variances[0]),
        per_month=sqrt(variances[1]) if is_aged.any() else per_month,
        effective=float(weight.sum()),
        aged=float(weight[is_aged].sum()),
        far_out=far_out,
        bias=_bias(ratio, weight),
    )


def _scaled(weight: Floats) -> Floats:
    """Weights that add up to the effective number of observations (Kish)."""
    return np.asarray(weight * (weight.sum() / (weight @ weight)), dtype=np.float64)


def _mode(
    assumed: tuple[float, float], squares: Floats, ages: Floats, weight: Floats
) -> tuple[float, float]:
    fresh, monthly = (max(one, _SMALLEST) for one in assumed)
    is_aged = ages > 0.0
    aged = float(weight[is_aged].sum())
    for _ in range(_ROUNDS):
        part = fresh / (fresh + monthly * ages)
        both = part * monthly * ages  # what neither part tells of the other
        own = float(weight @ (part**2 * squares + both))
        others = ((1.0 - part[is_aged]) ** 2 * squares[is_aged] + both[is_aged]) / ages[is_aged]
        new = (
            (ASSUMED_WEIGHT * assumed[0] + own) / (ASSUMED_WEIGHT + float(weight.sum())),
            (ASSUMED_WEIGHT * assumed[1] + float(weight[is_aged] @ others))
            / (ASSUMED_WEIGHT + aged),
        )
        moved = max(abs(new[0] - fresh), abs(new[1] - monthly))
        fresh, monthly = new
        if moved < _CLOSE or fresh + monthly == 0.0:
            break
    return fresh, monthly


def _bias(ratio: Floats, weight: Floats) -> tuple[float, float, float] | None:
    total = float(weight.sum())
    if total < 2.0:
        return None
    mean = float(weight @ ratio) / total
    half = _NORMAL_95 * sqrt(float(weight @ (ratio - mean) ** 2) / (total - 1.0) / total)
    return mean, mean - half, mean + half
