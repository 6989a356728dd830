"""Predicted against observed 预测与抽查: how well rates hold, and the map that corrects them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from typing import Final

import numpy as np

from app.domain.decision import ErrorRate
from app.error_rate.shape import Array

IDENTITY_VERSION: Final = "identity"
_NORMAL_95: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One audited decision: the rate that was predicted, whether it was wrong, its sample weight.

    The weight is the number of decisions that the sampled one stands for.
    """

    predicted: float
    wrong: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A versioned map from raw rates to calibrated ones: straight between knots, never falling."""

    version: str
    knots: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        raw, fitted = zip(*self.knots, strict=True)
        rising = all(here < there for here, there in pairwise(raw))
        if raw[0] != 0.0 or raw[-1] != 1.0 or not rising:
            raise ValueError("the knots must run from raw rate 0 to 1, each above the one before")
        if list(fitted) != sorted(fitted) or fitted[0] < 0.0 or fitted[-1] > 1.0:
            raise ValueError("calibrated rates must lie from 0 to 1 and never fall")

    def calibrated(self, rate: float) -> float:
        raw, fitted = zip(*self.knots, strict=True)
        return float(np.interp(rate, raw, fitted))

    def apply(self, error: ErrorRate) -> ErrorRate:
        """The error rate with rate, interval, causes and direction calibrated alike."""
        rate = self.calibrated(error.rate)
        low, high = (self.calibrated(end) for end in error.interval)
        factor = rate / error.rate if error.rate > 0.0 else 0.0
        return replace(
            error,
            rate=rate,
            interval=(min(low, rate), max(high, rate)),
            causes={cause: part * factor for cause, part in error.causes.items()},
            wrongly_confirmed=rate if error.wrongly_confirmed > 0.0 else 0.0,
            wrongly_refused=rate if error.wrongly_refused > 0.0 else 0.0,
        )


IDENTITY: Final = Calibration(IDENTITY_VERSION)


def fit(audited: Sequence[Audited], version: str) -> Calibration:
    """The isotonic fit: the never falling map that lies nearest to what was observed.

    Pooled neighbours give one knot at their mean raw rate. Without audits, or below the first knot
    and above the last, the map runs straight to 0 and to 1.
    """
    pools: list[_Pool] = []
    for one in sorted(audited, key=lambda one: one.predicted):
        pools.append(_Pool(one.weight, one.weight * one.predicted, one.weight * one.wrong))
        while len(pools) > 1 and (
            pools[-2].observed >= pools[-1].observed or pools[-2].raw >= pools[-1].raw
        ):
            last = pools.pop()
            pools[-1] = pools[-1].joined(last)
    inner = tuple((pool.raw, pool.observed) for pool in pools if 0.0 < pool.raw < 1.0)
    return Calibration(version, ((0.0, 0.0), *inner, (1.0, 1.0)))


@dataclass(frozen=True, slots=True)
class _Pool:
    weight: float
    weighted_raw: float
    weighted_wrong: float

    @property
    def raw(self) -> float:
        return self.weighted_raw / self.weight

    @property
    def observed(self) -> float:
        return min(1.0, self.weighted_wrong / self.weight)

    def joined(self, other: "_Pool") -> "_Pool":
        return _Pool(
            self.weight + other.weight,
            self.weighted_raw + other.weighted_raw,
            self.weighted_wrong + other.weighted_wrong,
        )


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table 可靠性表; `observed_interval` is Wilson's at 95 %."""

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    observed_interval: tuple[float, float]


def reliability(audited: Sequence[Audited], edges: Sequence[float]) -> tuple[Bin, ...]:
    """Predicted and observed rates by bins of the predicted one; empty bins are left out.

    `edges` ascend from 0 to 1; a bin holds its lower edge, the last one its upper edge too.
    """
    predicted, wrong, weight = _columns(audited)
    number = np.minimum(np.searchsorted(edges, predicted, side="right") - 1, len(edges) - 2)
    bins = []
    for index in range(len(edges) - 1):
        here = number == index
        if not here.any():
            continue
        share = weight[here] / weight[here].sum()
        observed = float(share @ wrong[here])
        # Unequal weights carry less: as many equal ones as would give the same variance.
        effective = 1.0 / float(share @ share)
        bins.append(
            Bin(
                low=edges[index],
                high=edges[index + 1],
                count=int(here.sum()),
                predicted=float(share @ predicted[here]),
                observed=observed,
                observed_interval=wilson(observed, effective),
            )
        )
    return tuple(bins)


def brier(audited: Sequence[Audited]) -> float:
    """Brier score: weighted mean square of predicted less observed; 0 is perfect."""
    predicted, wrong, weight = _columns(audited)
    return float(weight @ (predicted - wrong) ** 2 / weight.sum())


def expected_calibration_error(audited: Sequence[Audited], edges: Sequence[float]) -> float:
    """ECE: mean distance of predicted and observed over the bins, by their weight."""
    predicted, _, weight = _columns(audited)
    total = 0.0
    for one in reliability(audited, edges):
        last = one.high == edges[-1]
        here = (predicted >= one.low) & ((predicted < one.high) | last)
        total += float(weight[here].sum()) * abs(one.predicted - one.observed)
    return total / float(weight.sum())


def wilson(observed: float, count: float) -> tuple[float, float]:
    """Wilson's interval of a share at 95 %, of `count` observations."""
    square = _NORMAL_95**2
    middle = (observed + square / (2 * count)) / (1 + square / count)
    inner = observed * (1 - observed) / count + square / (4 * count**2)
    half = _NORMAL_95 * sqrt(max(0.0, inner)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _columns(audited: Sequence[Audited]) -> tuple[Array, Array, Array]:
    if not audited:
        raise ValueError("no audited decisions: there is nothing to compare with")
    table = np.array([(one.predicted, one.wrong, one.weight) for one in audited], dtype=np.float64)
    return table[:, 0], table[:, 1], table[:, 2]
