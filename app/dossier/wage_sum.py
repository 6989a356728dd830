"""How the amounts of sources lead to a wage that is verified: a sum that adds up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.domain.money import ZERO, as_text, round_yuan
from app.dossier.lines import Line, total
from app.verification.merge.records import Material
from app.verification.merge.wages import Wage

_FEN: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class WageSum:
    """gross − tax − own + raised = counted, over `months`; counted ÷ `window_months` = a month.

    `raised`: deductions beyond a month's gross, for no month is below zero. In `floor_months` the
    base of contributions stood at its `floor`, and `minimum_wage` counts in its place.
    """

    gross: Decimal
    tax: Decimal
    raised: Decimal
    counted: Decimal
    months: int
    window_months: int
    exact: bool
    floor_months: int
    floor: Decimal
    minimum_wage: Decimal

    @property
    def own(self) -> Decimal:
        """What remains: an own part may be half a fen, and the sum is to add up as it is shown."""
        return self.gross - self.tax + self.raised - self.counted

    def document(self) -> dict[str, Any]:
        return {
            "gross": as_text(self.gross),
            "tax": as_text(self.tax),
            "own": as_text(self.own),
            "raised": as_text(self.raised),
            "counted": as_text(self.counted),
            "months": self.months,
            "window_months": self.window_months,
            "exact": self.exact,
            "floor_months": self.floor_months,
            "floor": as_text(self.floor),
            "minimum_wage": as_text(self.minimum_wage),
        }


def wage_sum(material: Material, lines: Sequence[Line], wages: Sequence[Wage]) -> WageSum | None:
    """None where the verified value is no such sum: a person set or explained it, or none is known.

    Months of two jobs are counted once.
    """
    counted = [one for one in lines if one.counted]
    if not counted or not wages or any(wage.net.high is None for wage in wages):
        return None
    if any(wage.settled is not None and wage.settled.amount is not None for wage in wages):
        return None
    sums = [wage.sums for wage in wages]
    net = sum((one.net for one in sums), ZERO)
    known, window = total(counted), material.counting.window_months
    if known.high is None or abs(known.high - net / window) > _FEN * len(counted):
        return None
    return WageSum(
        gross=round_yuan(sum((one.gross for one in sums), ZERO)),
        tax=round_yuan(sum((one.tax for one in sums), ZERO)),
        raised=round_yuan(sum((one.raised for one in sums), ZERO)),
        counted=round_yuan(net),
        months=len({month for one in sums for month in one.sources}),
        window_months=window,
        exact=known.is_exact,
        floor_months=sum(one.floor_months for one in sums),
        floor=material.counting.contribution_floor,
        minimum_wage=material.counting.minimum_wage,
    )
