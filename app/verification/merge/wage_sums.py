"""How a wage comes from what sources tell: gross less tax and own contributions, added up."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One month's gross; `sure` where no source that is trusted more can still change it."""

    source: str
    gross: Decimal
    is_base: bool
    sure: bool
    at_floor: bool = False  # the base stood at its floor: the minimum wage counts in its place


@dataclass(slots=True)
class Sums:
    """What was added up over the months that count; `sources`: whose word gave a month's gross."""

    gross: Decimal = ZERO
    tax: Decimal = ZERO
    own: Decimal = ZERO
    raised: Decimal = ZERO  # deductions beyond a month's gross: a month is never below zero
    floor_months: int = 0
    sources: dict[date, str] = field(default_factory=dict)

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax - self.own + self.raised

    def add(self, month: date, pay: Pay, *, tax: Decimal, own: Decimal) -> Decimal:
        """The month's net."""
        left = pay.gross - tax - own
        net = max(ZERO, left)
        self.gross += pay.gross
        self.tax += tax
        self.own += own
        self.raised += net - left
        self.floor_months += pay.at_floor
        self.sources[month] = pay.source
        return net
