"""Uncertain amounts as arrays: where each goes, its distribution, how far it may reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from app.error_rate.shape import Array
from app.error_rate.variables import Spread

NDInt: TypeAlias = NDArray[np.intp]
NEVER: Final = 1e-12  # a chance below this is none
FAR_OUT: Final = 4.0  # standard deviations: once in 30,000, less than any rate that is reported
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Amounts:
    """Uncertain amounts, one entry each: the row of the change, and the distribution."""

    rows: NDInt
    base: Array
    low: Array
    width: Array  # of a uniform; 0 for a lognormal
    median: Array  # of the lognormal; 0 for a uniform
    sigma: Array
    cut_from: Array  # the part of the lognormal's distribution that is drawn from: 0 to 1, all
    cut_to: Array
    off: Array  # chance that it is not just as told


def amounts_of(spreads: Sequence[Spread], numbers: Sequence[int]) -> Amounts:
    """The spreads as arrays; `numbers` says in which row the change of each goes."""
    rows = []
    for one, start in zip(spreads, numbers, strict=True):
        cut = _cut(one)
        if cut is not None and one.median is not None:
            rows.append((start, one.base, 0.0, 0.0, one.median, one.sigma, *cut, 1.0))
        elif one.high is None:
            rows.append(
                (start, one.base, one.low, 0.0, max(one.low, 1.0), one.sigma, 0.0, 1.0, 1.0)
            )
        elif one.high > one.low:
            rows.append((start, one.base, one.low, one.high - one.low, 0.0, 0.0, 0.0, 1.0, 1.0))
        else:
            rows.append((start, one.base, 0.0, 0.0, one.base, one.sigma, 0.0, 1.0, one.off))
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 9)
    return Amounts(table[:, 0].astype(np.intp), *table[:, 1:].T)


def _cut(spread: Spread) -> tuple[float, float] | None:
    """The part of a spread's lognormal within its ends; None where it has next to none there."""
    if spread.median is None or spread.sigma <= 0.0:
        return None
    low, high = (
        _NORMAL.cdf(log(end / spread.median) / spread.sigma)
        if 0.0 < end < inf
        else float(end > 0.0)
        for end in (spread.low, inf if spread.high is None else spread.high)
    )
    return (low, high) if high - low > NEVER else None


def reaches(amounts: Amounts) -> tuple[Array, Array]:
    """How far each amount can lie below and above what the base totals hold of it."""
    ends = np.clip(ndtri([amounts.cut_from, amounts.cut_to]), -FAR_OUT, FAR_OUT)
    swing = np.exp(amounts.sigma * ends)
    lowest = amounts.low + amounts.median * swing[0]
    highest = amounts.low + amounts.width + amounts.median * swing[1]
    return np.maximum(amounts.base - lowest, 0.0), np.maximum(highest - amounts.base, 0.0)
