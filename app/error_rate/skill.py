"""How good predicted rates are: Brier score with its parts, calibration error, discrimination."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from scipy.special import expit, logit

from matching.calibration.labelled import Floats, Integers, effective
from matching.calibration.reliability import jeffreys, log_loss

LEVEL: Final = 0.95
BINS: Final = 10
_NORMAL_95: Final = 1.96
_FEWEST: Final = 5.0  # effective decisions of either kind for an interval of the AUC


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table 可靠性表: decisions, mean rate, share wrong, its interval.

    `low` and `high`: Jeffreys' interval at 95 % of the share, by the effective number.
    """

    count: int
    effective: float
    mass: float  # of all that the decisions stand for
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Auc:
    """Probability that a wrong decision had a higher rate than a right one; 0.5 is no skill.

    `interval` at 95 % (DeLong, DeLong & Clarke-Pearson 1988, weighted); None with fewer than five
    of either, or where all are in order: then nothing varies that could be measured.
    """

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Skill:
    """`brier` = `reliability` - `resolution` + `uncertainty` + `within` (Murphy 1973; the last is
    what rates differ within a bin, Stephenson et al. 2008). `ece`: mean distance of predicted and
    observed over the bins. `log_loss` in nats. `auc` is None where all were right, or all wrong.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    ece: float
    log_loss: float
    auc: Auc | None


def reliability_table(
    predicted: Floats, wrong: Floats, weights: Floats, bins: int = BINS
) -> tuple[Bin, ...]:
    """Predicted and observed over bins of equal mass, lowest first; equal rates share a bin."""
    number = _bin_numbers(predicted, weights, bins)
    total = float(weights.sum())
    rows = []
    for one in np.unique(number):
        here = number == one
        share, count = weights[here], effective(weights[here])
        mass = float(share.sum())
        observed = min(1.0, float(share @ wrong[here]) / mass)
        rows.append(
            Bin(
                int(here.sum()),
                count,
                mass / total,
                float(share @ predicted[here]) / mass,
                observed,
                *jeffreys(observed * count, count, LEVEL),
            )
        )
    return tuple(rows)


def _bin_numbers(predicted: Floats, weights: Floats, bins: int) -> Integers:
    """The bin of each, by where the middle of its equals lies in the mass of all."""
    _, equals = np.unique(predicted, return_inverse=True)
    mass = np.bincount(equals, weights=weights)
    middle = np.cumsum(mass) - mass / 2.0
    bin_of = np.floor(middle / mass.sum() * bins).astype(np.int64)
    return np.asarray(bin_of[equals], dtype=np.int64)


def skill_of(predicted: Floats, wrong: Floats, weights: Floats, bins: int = BINS) -> Skill:
    """The scores of rates; all means are over what the decisions stand for."""
    table = reliability_table(predicted, wrong, weights, bins)
    mass = weights / weights.sum()
    overall = float(mass @ wrong)
    brier = float(mass @ (predicted - wrong) ** 2)
    apart = sum(one.mass * (one.predicted - one.observed) ** 2 for one in table)
    resolved = sum(one.mass * (one.observed - overall) ** 2 for one in table)
    uncertain = overall * (1.0 - overall)
    return Skill(
        brier=brier,
        reliability=apart,
        resolution=resolved,
        uncertainty=uncertain,
        within=brier - (apart - resolved + uncertain),
        ece=sum(one.mass * abs(one.predicted - one.observed) for one in table),
        log_loss=log_loss(predicted, wrong, weights),
        auc=auc(predicted, wrong, weights),
    )


def auc(predicted: Floats, wrong: Floats, weights: Floats) -> Auc | None:
    """The area under the ROC curve; ties count half."""
    is_wrong = wrong > 0.0
    if is_wrong.all() or not is_wrong.any():
        return None
    bad, good = predicted[is_wrong], predicted[~is_wrong]
    of_bad, of_good = weights[is_wrong], weights[~is_wrong]
    above = _mass_below(bad, good, of_good)  # of each wrong one: right ones below it
    below = 1.0 - _mass_below(good, bad, of_bad)
    value = float(of_bad @ above / of_bad.sum())
    few = min(effective(of_bad), effective(of_good)) < _FEWEST
    variance = _variance(above, of_bad, value) + _variance(below, of_good, value)
    if few or variance <= 0.0 or not 0.0 < value < 1.0:
        return Auc(value, None)
    half = _NORMAL_95 * sqrt(variance) / (value * (1.0 - value))
    low, high = expit(logit(value) - half), expit(logit(value) + half)
    return Auc(value, (float(low), float(high)))


def _mass_below(these: Floats, those: Floats, weights: Floats) -> Floats:
    """For each of `these` the share of `those` below it by weight, ties half."""
    order = np.argsort(those, kind="stable")
    ladder = np.concatenate([[0.0], np.cumsum(weights[order])])
    under = ladder[np.searchsorted(those[order], these, side="left")]
    up_to = ladder[np.searchsorted(those[order], these, side="right")]
    return np.asarray((under + up_to) / 2.0 / ladder[-1], dtype=np.float64)


def _variance(parts: Floats, weights: Floats, mean: float) -> float:
    """Of a weighted mean of the parts."""
    share, count = weights / weights.sum(), effective(weights)
    spread = float(share**2 @ (parts - mean) ** 2)
    return spread * count / (count - 1.0) if count > 1.0 else 0.0
