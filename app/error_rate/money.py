"""Expected yuan a month paid too much or too little under the favoured outcome 金额差错."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from app.domain.decision import MoneyError
from app.domain.money import round_yuan
from app.error_rate.draws import Draws
from app.error_rate.model import Case
from app.error_rate.shape import SIZE, Array, Flags

_INCOME = "monthly_income"


def money_error(
    case: Case, drawn: Draws, truth: tuple[Mapping[str, Array], Flags], *, favours_confirmed: bool
) -> MoneyError | None:
    """What is paid by the totals as counted, less what each draw says is due.

    `truth`: the draws' totals, and where they meet the standard. None where the rule does not look
    at income, so that nothing is drawn of it.
    """
    totals, confirmed = truth
    if case.pay is None or _INCOME not in totals:
        return None
    paid = 0.0
    if favours_confirmed:
        paid = max(0.0, case.pay.standard * case.size - case.base[_INCOME])
    gap = case.pay.standard * np.maximum(totals[SIZE], 1.0) - np.maximum(totals[_INCOME], 0.0)
    due = np.where(confirmed, np.maximum(gap, 0.0), 0.0)
    over = case.pay.share * float(drawn.probability @ np.maximum(paid - due, 0.0))
    under = case.pay.share * float(drawn.probability @ np.maximum(due - paid, 0.0))
    return MoneyError(over=_yuan(over), under=_yuan(under))


def _yuan(expected: float) -> Decimal:
    """An expectation is no amount of money until here, where it is rounded once."""
    return round_yuan(Decimal(repr(expected)))
