"""Is 0.9 right nine times in ten? Predicted beside observed (可靠性表), on labelled pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaincinv

from matching.calibration.labelled import CalibrationError, Flags, Floats, effective

SMALLEST: Final = 1e-12  # keeps a certain and wrong prediction from costing infinitely much
LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Bin:
    """One row: pairs, mean prediction, share that are one person, Jeffreys interval of it."""

    n: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """`ece`: mean distance of predicted and observed over pairs; `brier`: mean squared error.

    All means are over what the pairs stand for, that is by their weights.
    """

    bins: tuple[Bin, ...]
    brier: float
    ece: float
    log_loss: float


def jeffreys(ones: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a share of which `ones` of `n` were seen; open at 0 and at `n`."""
    tail = (1 - level) / 2
    zeros = max(0.0, n - ones)
    low = 0.0 if ones <= 0 else float(betaincinv(ones + 0.5, zeros + 0.5, tail))
    high = 1.0 if zeros <= 0 else float(betaincinv(ones + 0.5, zeros + 0.5, 1 - tail))
    return low, high


def log_loss(predicted: Floats, observed: Floats, weights: Floats) -> float:
    """Mean of minus ln of the probability given to what was so; nats."""
    p = np.clip(predicted, SMALLEST, 1 - SMALLEST)
    costs = -(observed * np.log(p) + (1 - observed) * np.log1p(-p))
    return float(weights @ costs / weights.sum())


def reliability(
    predicted: Sequence[float] | Floats,
    observed: Sequence[bool] | Flags | Floats,
    *,
    weights: Sequence[float] | Floats | None = None,
    bins: int = 10,
) -> Reliability:
    """The table over bins of equal mass, lowest first; raises CalibrationError.

    Equal predictions share a bin, whatever their mass: cut apart, they would fall by chance.
    """
    p, y = np.asarray(predicted, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    w = np.ones_like(p) if weights is None else np.asarray(weights, dtype=np.float64)
    if not p.size or not len(p) == len(y) == len(w):
        raise CalibrationError(f"{len(p)} predictions for {len(y)} labels, {len(w)} weights")
    order = np.lexsort((w, y, p))
    p, y, w = p[order], y[order], w[order]
    number = _bin_numbers(p, w, bins)
    parts = [number == one for one in np.unique(number)]
    table = tuple(_bin(p[part], y[part], w[part]) for part in parts)
    masses = [float(w[part].sum()) for part in parts]
    gaps = [
        mass * abs(row.predicted - row.observed) for mass, row in zip(masses, table, strict=True)
    ]
    brier = float(w @ (p - y) ** 2 / w.sum())
    return Reliability(table, brier, min(1.0, sum(gaps) / sum(masses)), log_loss(p, y, w))


def _bin_numbers(p: Floats, w: Floats, bins: int) -> Floats:
    """Which bin each prediction is in, from where the middle of its equals lies in the mass."""
    _, equals = np.unique(p, return_inverse=True)
    mass = np.bincount(equals, weights=w)
    middle = np.cumsum(mass) - mass / 2
    return np.asarray(np.floor(middle / mass.sum() * bins)[equals], dtype=np.float64)


def _bin(p: Floats, y: Floats, w: Floats) -> Bin:
    observed, n = float(w @ y / w.sum()), effective(w)
    return Bin(len(p), float(w @ p / w.sum()), observed, *jeffreys(observed * n, n))
