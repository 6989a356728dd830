"""What is uncertain about a household, in terms of the totals that tests use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.domain.decision import Cause


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability that is itself estimated: Beta with that mean and weight.

    `weight` counts pseudo-observations; infinity is a probability known exactly. Chances that name
    the same `shared` rate, with the same mean and weight, move together: one source's miss rate is
    one unknown number, however many records it is used for.
    """

    mean: float
    weight: float
    shared: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.mean <= 1.0 or not self.weight > 0.0:
            raise ValueError("a chance has a mean from 0 to 1 and a weight above 0")

    def and_(self, other: "Chance") -> "Chance":
        """Both of two independent things: the Beta with the product's mean and variance."""
        mean = self.mean * other.mean
        second = self._second_moment * other._second_moment
        spread = second - mean * mean
        if spread <= 0.0 or mean in {0.0, 1.0}:
            return Chance(mean, min(self.weight, other.weight), self.shared or other.shared)
        weight = mean * (1.0 - mean) / spread - 1.0
        return Chance(mean, max(weight, 1e-3), self.shared or other.shared)

    @property
    def _second_moment(self) -> float:
        return self.mean**2 + self.mean * (1.0 - self.mean) / (self.weight + 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A thing that is truly the household's with `probability`; `effects` by total where it is.

    `counted`: the base totals hold the effects already. Things of one `group` stand or fall
    together (the records of one identity); their probability is the mean of the group's.
    `action` names, here and below, what would tell: see `Action.subject`; empty where nothing can.
    """

    cause: Cause
    probability: Chance
    effects: Mapping[str, float]
    counted: bool
    group: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Something that no source returned: a lognormal amount, or one more where `whole`.

    `median` in the total's unit (income: yuan a month), `sigma` of the logarithm.
    """

    cause: Cause
    total: str
    probability: Chance
    median: float
    sigma: float
    whole: bool
    group: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A counted amount's own uncertainty; `base` is what the base totals hold of it.

    Uniform within [low, high]; where low equals high, base times a lognormal of that sigma and
    median 1; where high is None, low plus a lognormal with median low (at least 1) and that sigma.
    With a `median` of its own: the lognormal of it and sigma, cut to [low, high]. `off` is the
    chance that an amount told exactly is another one at all.
    """

    cause: Cause
    total: str
    low: float
    high: float | None
    base: float
    sigma: float
    action: str = ""
    median: float | None = None
    off: float = 1.0

    def __post_init__(self) -> None:
        if self.high is not None and self.high < self.low:
            raise ValueError("a spread runs from low up to high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """A change of the household's size: a member not declared (+1), or one who died (-1)."""

    cause: Cause
    probability: Chance
    change: int
    group: str = ""
    action: str = ""


Variable: TypeAlias = Presence | Hidden | Spread | Heads
"""All that can be uncertain."""
Event: TypeAlias = Presence | Hidden | Heads
"""What is either so or not."""
