"""Is 0.9 right nine times in ten? Reliability on labelled pairs, and a correction."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SMALLEST: Final = 1e-12  # keeps a certain and wrong prediction from costing infinitely much
STEPS: Final = 100
RIDGE: Final = 1e-9


class CalibrationError(ValueError):
    """The labelled pairs do not allow what was asked."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the reliability table: pairs, mean prediction, share that are one person."""

    n: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """`ece`: mean distance of predicted and observed over pairs; `brier`: mean squared error."""

    bins: tuple[Bin, ...]
    brier: float
    ece: float
    log_loss: float


def _arrays(
    predicted: Sequence[float], observed: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not predicted or len(predicted) != len(observed):
        raise CalibrationError(f"{len(predicted)} predictions for {len(observed)} labels")
    return np.asarray(predicted, dtype=float), np.asarray(observed, dtype=float)


def reliability(
    predicted: Sequence[float], observed: Sequence[bool], *, bins: int = 10
) -> Reliability:
    """The table over bins of equally many pairs, lowest first; raises CalibrationError."""
    p, y = _arrays(predicted, observed)
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    table = tuple(Bin(part.size, float(p[part].mean()), float(y[part].mean())) for part in parts)
    ece = sum(row.n * abs(row.predicted - row.observed) for row in table) / p.size
    clipped = np.clip(p, SMALLEST, 1 - SMALLEST)
    loss = -(y * np.log(clipped) + (1 - y) * np.log1p(-clipped)).mean()
    return Reliability(table, float(((p - y) ** 2).mean()), ece, float(loss))


@dataclass(frozen=True, slots=True)
class Platt:
    """A line through the log odds (Platt scaling): corrected = slope · log2 odds + intercept."""

    slope: float
    intercept: float

    def corrected(self, log2_odds: float) -> float:
        """The corrected log2 odds."""
        return self.slope * log2_odds + self.intercept


def fit_platt(log2_odds: Sequence[float], labels: Sequence[bool]) -> Platt:
    """The line that fits labelled pairs best, by Newton steps on the log-loss.

    Labels are drawn in towards one half as Platt (1999) has it, so that separable pairs have a
    finite fit. Raises CalibrationError where all labels are alike.
    """
    x, y = _arrays(log2_odds, labels)
    x = x * math.log(2)
    ones = float(y.sum())
    if ones in (0.0, float(y.size)):
        raise CalibrationError("the labelled pairs are all of one kind")
    targets = np.where(y > 0, (ones + 1) / (ones + 2), 1 / (y.size - ones + 2))
    design = np.column_stack([x, np.ones_like(x)])
    line = np.array([1.0, 0.0], dtype=np.float64)
    for _ in range(STEPS):
        step = _newton_step(design, targets, line)
        np.subtract(line, step, out=line)
        if np.abs(step).max() < 1e-10:
            break
    return Platt(float(line[0]), float(line[1]) / math.log(2))


def _newton_step(
    design: NDArray[np.float64], targets: NDArray[np.float64], line: NDArray[np.float64]
) -> NDArray[np.float64]:
    p = 1 / (1 + np.exp(-np.clip(design @ line, -500, 500)))
    gradient = design.T @ (p - targets)
    curvature = design.T @ (design * (p * (1 - p))[:, None]) + RIDGE * np.eye(2)
    step = np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)
    longest = np.abs(step).max()
    return step / longest if longest > 1 else step  # a far start must not overshoot
