"""Expected money errors: what is paid by the totals as counted against what is due."""

from decimal import Decimal

import pytest

from app.domain.decision import Cause, ErrorRate, MoneyError
from app.error_rate.estimate import estimate
from app.error_rate.model import Case, Pay
from app.error_rate.variables import Chance, Heads, Presence, Variable
from tests.error_rate.test_actions import a_car
from tests.error_rate.test_estimate import BASE, CARS, DIBAO, KNOWN

PAY = Pay(760.0, 1.0)


def judged(*variables: Variable, favours: bool = True, **changed: float) -> ErrorRate:
    case = Case(
        base=BASE | changed,
        size=3,
        variables=variables,
        rule=DIBAO,
        favours_confirmed=favours,
        pay=PAY,
    )
    return estimate(case, seed=5)


def a_wage(monthly: float, mean: float) -> Presence:
    return Presence(
        cause=Cause.IDENTITY,
        probability=Chance(mean, KNOWN),
        effects={"monthly_income": monthly},
        counted=False,
    )


def money(over: str, under: str) -> MoneyError:
    return MoneyError(over=Decimal(over), under=Decimal(under))


def test_whoever_should_not_be_paid_is_paid_all_too_much() -> None:
    # 3 × 760 − 1500 = 780 a month, one time in ten for nothing
    assert judged(a_car(0.1)).money == money("78.00", "0.00")


def test_a_smaller_gap_is_an_error_though_the_outcome_is_right() -> None:
    found = judged(a_wage(200.0, 0.25))
    assert found.rate == 0.0
    assert found.money == money("50.00", "0.00")


def test_whoever_is_refused_wrongly_lacks_the_whole_gap() -> None:
    found = judged(a_car(0.9), favours=False)
    assert found.rate == pytest.approx(0.1)
    assert found.money == money("0.00", "78.00")


def test_one_more_member_makes_the_gap_larger() -> None:
    more = Heads(cause=Cause.COMPOSITION, probability=Chance(0.5, KNOWN), change=1)
    assert judged(more).money == money("0.00", "380.00")


def test_nothing_is_said_of_programmes_that_pay_no_gap() -> None:
    case = Case(
        base=BASE, size=3, variables=(a_car(0.1),), rule=CARS, favours_confirmed=True, pay=PAY
    )
    assert estimate(case, seed=1).money is None
    assert judged(a_car(0.1)).money is not None
