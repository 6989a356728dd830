"""Maps from the model's log2 odds to corrected ones; none of them turns an order round."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

import numpy as np
from pydantic import ConfigDict, Field
from scipy.special import expit

from matching.calibration.labelled import CalibrationError, Floats

LN2: Final = math.log(2)
MOST: Final = 50.0  # bits: beyond, a probability could not be told from 0 or 1 in a double
FARTHEST: Final = 1000.0  # bits: a raw value beyond is taken for this one
STRICT: Final = ConfigDict(extra="forbid", allow_inf_nan=False)


class Curve(ABC):
    """What all maps can do: arrays of log2 odds in, arrays of the same shape out."""

    __slots__ = ()

    @abstractmethod
    def bent(self, raw: Floats) -> Floats:
        """The corrected log2 odds, without limits."""

    def log2_odds(self, raw: Floats) -> Floats:
        """The corrected log2 odds, never beyond ±50."""
        near = np.clip(np.asarray(raw, dtype=np.float64), -FARTHEST, FARTHEST)
        return np.clip(self.bent(near), -MOST, MOST)

    def probabilities(self, raw: Floats) -> Floats:
        """The corrected probabilities: above 0, below 1."""
        return np.asarray(expit(self.log2_odds(raw) * LN2), dtype=np.float64)

    def corrected(self, log2_odds: float) -> float:
        """The corrected log2 odds of one pair."""
        return float(self.log2_odds(np.array([log2_odds]))[0])


@dataclass(frozen=True, slots=True)
class Identity(Curve):
    """Nothing was learned: the model's own odds."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["identity"] = "identity"

    def bent(self, raw: Floats) -> Floats:
        return raw


@dataclass(frozen=True, slots=True)
class Platt(Curve):
    """A line through the log odds (Platt scaling): slope · log2 odds + intercept (bits)."""

    __pydantic_config__: ClassVar = STRICT
    slope: float
    intercept: float
    kind: Literal["platt"] = "platt"

    def __post_init__(self) -> None:
        if not self.slope >= 0:
            raise CalibrationError("a slope below 0 would turn the order round")

    def bent(self, raw: Floats) -> Floats:
        return self.slope * raw + self.intercept


@dataclass(frozen=True, slots=True)
class Beta(Curve):
    """Beta calibration (Kull et al. 2017): ln odds = a · ln p - b · ln(1 - p) + c (nats).

    On the side of low odds the slope tends to `a`, on the side of high odds to `b`.
    """

    __pydantic_config__: ClassVar = STRICT
    a: float
    b: float
    c: float
    kind: Literal["beta"] = "beta"

    def __post_init__(self) -> None:
        if not (self.a >= 0 and self.b >= 0):
            raise CalibrationError("a or b below 0 would turn the order round")

    def bent(self, raw: Floats) -> Floats:
        nats = beta_columns(raw * LN2) @ np.array([self.a, self.b, self.c])
        return np.asarray(nats / LN2, dtype=np.float64)


def beta_columns(nats: Floats) -> Floats:
    """ln p, -ln(1 - p) and 1 for log odds in nats, exact in both tails; one row each."""
    return np.stack([-np.logaddexp(0, -nats), np.logaddexp(0, nats), np.ones_like(nats)], axis=-1)


@dataclass(frozen=True, slots=True)
class Isotonic(Curve):
    """Straight between knots (raw → corrected, bits); `slope` holds outside of them."""

    __pydantic_config__: ClassVar = STRICT
    raw: tuple[float, ...]
    fitted: tuple[float, ...]
    slope: float
    kind: Literal["isotonic"] = "isotonic"

    def __post_init__(self) -> None:
        if not self.raw or len(self.raw) != len(self.fitted) or not self.slope >= 0:
            raise CalibrationError("an isotonic map needs as many fitted values as knots")
        if np.any(np.diff(self.raw) <= 0) or np.any(np.diff(self.fitted) < 0):
            raise CalibrationError("the knots of an isotonic map must rise")

    def bent(self, raw: Floats) -> Floats:
        inner = np.interp(raw, self.raw, self.fitted)
        below = np.minimum(raw - self.raw[0], 0) * self.slope
        above = np.maximum(raw - self.raw[-1], 0) * self.slope
        return np.asarray(inner + below + above, dtype=np.float64)


Shared = Annotated[Identity | Platt | Beta | Isotonic, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Steepened(Curve):
    """A source's map: that of all sources, its log odds stretched by the source's `slope`."""

    __pydantic_config__: ClassVar = STRICT
    shared: Shared
    slope: float
    kind: Literal["steepened"] = "steepened"

    def __post_init__(self) -> None:
        if not self.slope >= 0:
            raise CalibrationError("a slope below 0 would turn the order round")

    def bent(self, raw: Floats) -> Floats:
        return self.slope * self.shared.log2_odds(raw)


Map = Annotated[Identity | Platt | Beta | Isotonic | Steepened, Field(discriminator="kind")]
