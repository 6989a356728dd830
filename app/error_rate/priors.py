"""What is assumed of one source, one kind of thing, one member who was left out 先验."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, hypot
from typing import Final

from app.domain.decision import Cause
from app.error_rate.variables import Chance, Hidden, Presence

OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Size:
    """A lognormal amount: median in the total's unit, sigma of the logarithm."""

    median: float
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A member who was left out: with means of the person's own, or without."""

    means: Chance
    income: Size  # yuan a month
    assets: Size  # yuan


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What an adult applicant may have in a source: one more of a count, or a lognormal amount."""

    kind: str
    total: str
    probability: Chance  # before the source is asked
    whole: bool
    median: float
    sigma: float
    floor_area: float  # square metres of a home, else 0

    def hidden(self, cause: Cause, probability: Chance) -> Hidden | Presence:
        """The thing as something uncertain that the totals do not hold."""
        if self.whole and self.floor_area > 0.0:
            effects = {self.total: 1.0, "floor_area": self.floor_area}
            return Presence(cause=cause, probability=probability, effects=effects, counted=False)
        return Hidden(
            cause=cause,
            total=self.total,
            probability=probability,
            median=self.median,
            sigma=self.sigma,
            whole=self.whole,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPrior:
    """What looking up and typing by hand 人工录入 adds, once two clerks have entered the same."""

    missed: Chance  # a record that the source holds was not looked up
    false_record: Chance  # one was entered that is wrong for this person
    amount_off: Chance
    amount_sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePrior:
    """One source: rates of missed and false records, spread and ageing of amounts, holdings."""

    source: str
    miss_rate: Chance
    false_record_rate: Chance
    amount_sigma: float
    amount_off: Chance  # that a fresh amount is another one at all
    sigma_per_month: float
    change_per_month: Chance
    has: Mapping[str, Holding]

    def by_hand(self, hand: HandPrior) -> "SourcePrior":
        """The same source, whose answer its clerks typed: its own faults and theirs."""
        return replace(
            self,
            miss_rate=_either(self.miss_rate, hand.missed),
            false_record_rate=_either(self.false_record_rate, hand.false_record),
            amount_sigma=hypot(self.amount_sigma, hand.amount_sigma),
            amount_off=_either(self.amount_off, hand.amount_off),
        )

    def off_after(self, months: float) -> float:
        """Chance that an amount told so many months ago is another one."""
        aged = self.sigma_per_month > 0.0 and months > 0.0
        same = (1.0 - self.amount_off.mean) * (exp(-months) if aged else 1.0)
        return 1.0 - same

    def sigma_after(self, months: float) -> float:
        """Spread of the logarithm of an amount that is so many months old."""
        return hypot(self.amount_sigma, self.sigma_per_month * max(0.0, months))


def _either(own: Chance, hand: Chance) -> Chance:
    """One of two independent faults; no surer than the less known of them."""
    mean = 1.0 - (1.0 - own.mean) * (1.0 - hand.mean)
    return Chance(mean, min(own.weight, hand.weight), f"{own.shared} by hand")
