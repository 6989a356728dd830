"""What is known of a quantity: at least, at most; and what follows of a test over it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.money import ZERO, round_yuan


class Truth(StrEnum):
    """Kleene's three values."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of a quantity that is never negative; `high` None: no upper bound known."""

    low: Decimal
    high: Decimal | None

    def __post_init__(self) -> None:
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ValueError("an interval runs from a low that is not negative to a high above it")

    @classmethod
    def exactly(cls, value: Decimal | int) -> "Interval":
        number = Decimal(value)
        return cls(number, number)

    @classmethod
    def at_least(cls, value: Decimal | int) -> "Interval":
        return cls(Decimal(value), None)

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    def __add__(self, other: "Interval") -> "Interval":
        high = None if self.high is None or other.high is None else self.high + other.high
        return Interval(self.low + other.low, high)

    def less(self, amount: Decimal) -> "Interval":
        """Less a known amount, never under zero."""
        high = None if self.high is None else max(ZERO, self.high - amount)
        return Interval(max(ZERO, self.low - amount), high)

    def times(self, factor: Decimal) -> "Interval":
        """Times a factor that is not negative."""
        return Interval(self.low * factor, None if self.high is None else self.high * factor)

    def per(self, heads: "Interval") -> "Interval":
        """Divided among a number of heads that may itself be uncertain (at least one)."""
        most = heads.high if heads.high is not None else heads.low
        low = self.low / max(most, Decimal(1))
        high = None if self.high is None else self.high / max(heads.low, Decimal(1))
        return Interval(low, high)

    def rounded(self) -> "Interval":
        return Interval(round_yuan(self.low), None if self.high is None else round_yuan(self.high))


NOTHING = Interval(ZERO, ZERO)
UNKNOWN = Interval(ZERO, None)


def is_below(value: Interval, limit: Decimal) -> Truth:
    """value < limit."""
    if value.high is not None and value.high < limit:
        return Truth.YES
    return Truth.NO if value.low >= limit else Truth.OPEN


def is_at_most(value: Interval, limit: Decimal) -> Truth:
    """value ≤ limit."""
    if value.high is not None and value.high <= limit:
        return Truth.YES
    return Truth.NO if value.low > limit else Truth.OPEN


def all_of(*truths: Truth) -> Truth:
    """Surely no where one is surely no; surely yes where all are; else open."""
    if Truth.NO in truths:
        return Truth.NO
    return Truth.OPEN if Truth.OPEN in truths else Truth.YES


def any_of(*truths: Truth) -> Truth:
    """Surely yes where one is surely yes; surely no where all are; else open."""
    if Truth.YES in truths:
        return Truth.YES
    return Truth.OPEN if Truth.OPEN in truths else Truth.NO
