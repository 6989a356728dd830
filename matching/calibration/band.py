"""How far a corrected probability may be from the truth: an interval, by the labels near it."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit, ndtri

from matching.calibration.fit import Spread
from matching.calibration.labelled import CalibrationError, Floats, Labelled
from matching.calibration.maps import LN2, MOST, STRICT
from matching.calibration.near import PLACES, local_weights, shares_at

LEVEL: Final = 0.9
STEPS: Final = 200
LONGEST: Final = 2.0  # nats a step: a far start must not overshoot
CLOSE: Final = 1e-8
JITTER: Final = 1e-6  # keeps the covariance invertible


@dataclass(frozen=True, slots=True)
class Band:
    """Interval of the corrected log2 odds: at raw `at`, `below` and `above` the map's value, bits.

    The truth lies in it with probability `level`.
    """

    __pydantic_config__: ClassVar = STRICT
    level: float
    at: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.at or not len(self.at) == len(self.below) == len(self.above):
            raise CalibrationError("a band needs both distances at every place")
        if np.any(np.diff(self.at) <= 0) or min(*self.below, *self.above) < 0:
            raise CalibrationError("the places of a band must rise, its distances be 0 or more")
        if not 0 < self.level < 1:
            raise CalibrationError("the level of a band lies between 0 and 1")

    def limits(self, raw: Floats, corrected: Floats) -> tuple[Floats, Floats]:
        """Lower and upper probability for raw and corrected log2 odds; the map's is between."""
        low = np.clip(corrected - np.interp(raw, self.at, self.below), -MOST, MOST)
        high = np.clip(corrected + np.interp(raw, self.at, self.above), -MOST, MOST)
        return np.asarray(expit(low * LN2)), np.asarray(expit(high * LN2))


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """What is believed of the error of the model's log odds at `PLACES`: a Gaussian, nats."""

    mean: Floats
    covariance: Floats

    def spread_by(self, spread: Spread) -> "Errors":
        """The same, less sure: for a source beside the others."""
        return Errors(self.mean, self.covariance + covariance(spread))

    def band(self, corrected: Floats, level: float = LEVEL) -> Band:
        """The band about a map that says `corrected` (log2 odds) at `PLACES`."""
        half = np.sqrt(np.diag(self.covariance)) * float(ndtri((1 + level) / 2))
        middle = PLACES * LN2 + self.mean
        below = np.maximum(corrected - (middle - half) / LN2, 0.0)
        above = np.maximum((middle + half) / LN2 - corrected, 0.0)
        return Band(level, _tuple(PLACES), _tuple(below), _tuple(above))


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(one) for one in values)


def covariance(spread: Spread) -> Floats:
    """Of a slope, an offset and a bend at `PLACES`."""
    nats = PLACES * LN2
    apart = np.subtract.outer(nats, nats) / spread.reach
    bend = spread.bend**2 * np.exp(-np.square(apart) / 2)
    line = spread.offset**2 + spread.slope**2 * np.multiply.outer(nats, nats)
    return np.asarray(line + bend + JITTER * np.eye(len(PLACES)), dtype=np.float64)


def without_labels(spread: Spread) -> Errors:
    """What models of this kind are found to be wrong by: the wide default."""
    return Errors(np.zeros(len(PLACES)), covariance(spread))


def learned(before: Errors, pairs: Labelled) -> Errors:
    """What is believed after the labels (Gaussian process, Laplace approximation).

    A label tells most about the error where it stands, less about the error farther off, and where
    the model is sure either way it tells little: there the band stays wide.
    """
    raw = np.clip(pairs.log2_odds, PLACES[0], PLACES[-1])
    shares = shares_at(raw)
    weights = local_weights(pairs)
    stiffness = np.linalg.inv(before.covariance)
    error = before.mean.copy()
    curvature = stiffness
    for _ in range(STEPS):
        p = expit(raw * LN2 + shares.spread(error))
        uphill = shares.gathered(weights * (pairs.same - p)) - stiffness @ (error - before.mean)
        curvature = shares.squared(weights * p * (1 - p)) + stiffness
        step = np.linalg.solve(curvature, uphill)
        error = error + step * min(1.0, LONGEST / max(LONGEST, float(np.abs(step).max())))
        if np.abs(step).max() < CLOSE:
            break
    return Errors(error, np.linalg.inv(curvature))
