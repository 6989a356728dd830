"""What an action is worth: small cases worked out by hand, and laws."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decision import ActionKind, Cause, ErrorRate
from app.error_rate.actions import kind_of
from app.error_rate.estimate import estimate
from app.error_rate.variables import Chance, Hidden, Presence, Spread, Variable
from tests.error_rate.test_estimate import BASE, KNOWN, a_case

ASK: Final = "source:vehicle:m1"


def a_car(mean: float, action: str = "") -> Hidden:
    return Hidden(
        cause=Cause.SOURCE_GAP,
        total="vehicles",
        probability=Chance(mean, KNOWN),
        median=1.0,
        sigma=0.0,
        whole=True,
        action=action,
    )


def a_record(amount: float, mean: float, action: str, *, counted: bool = False) -> Presence:
    return Presence(
        cause=Cause.IDENTITY,
        probability=Chance(mean, KNOWN),
        effects={"financial_assets": amount},
        counted=counted,
        action=action,
    )


def an_income(low: float, high: float, action: str) -> Spread:
    return Spread(
        cause=Cause.AMOUNT,
        total="monthly_income",
        low=low,
        high=high,
        base=low,
        sigma=0.0,
        action=action,
    )


@pytest.mark.parametrize(
    ("variables", "rate", "after"),
    [
        ([a_car(0.04, ASK)], 0.04, 0.0),
        ([a_car(0.04, ASK), a_car(0.01)], 1 - 0.96 * 0.99, 0.96 * 0.01),
        ([a_car(0.2, ASK), a_car(0.2)], 0.36, 0.8 * 0.2),
        ([a_car(0.2, ASK), a_car(0.9)], 0.08, 0.08),
        ([a_record(50_000.0, 0.7, ASK)], 0.3, 0.0),
        ([a_record(20_000.0, 0.5, ASK), a_record(20_000.0, 0.5, ASK)], 0.25, 0.0),
        ([an_income(1500.0, 3060.0, ASK)], 0.5, 0.0),
        ([an_income(1500.0, 2400.0, ASK), a_car(0.1)], 1 - 0.9 * 0.8666, 0.8666 * 0.1),
    ],
)  # fmt: skip
def test_what_an_action_leaves(variables: Sequence[Variable], rate: float, after: float) -> None:
    base = {"monthly_income": 1500.0, "financial_assets": 20_000.0}
    found = estimate(a_case(*variables, base=base, favours=None), seed=3)
    assert found.rate == pytest.approx(rate, abs=2e-3)
    left = {one.subject: one.expected_rate for one in found.actions}
    assert left.get(ASK, found.rate) == pytest.approx(after, abs=4e-3)


def test_the_most_useful_action_comes_first_and_useless_ones_not_at_all() -> None:
    found = estimate(
        a_case(
            a_car(0.02, "source:vehicle:m1"),
            a_car(0.05, "source:vehicle:m2"),
            a_record(100.0, 0.5, "review:ev_1"),
            a_car(0.01),
        ),
        seed=1,
    )
    assert [one.subject for one in found.actions] == ["source:vehicle:m2", "source:vehicle:m1"]
    assert all(one.kind is ActionKind.ASK_SOURCE for one in found.actions)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("source:bank:m1", ActionKind.ASK_SOURCE),
        ("review:ev_1|ev_2", ActionKind.REVIEW_RECORD),
        ("household:members", ActionKind.ASK_HOUSEHOLD),
    ],
)
def test_a_subject_names_its_kind(subject: str, kind: ActionKind) -> None:
    assert kind_of(subject) is kind


def test_far_from_every_limit_nothing_is_worth_doing() -> None:
    found = estimate(a_case(a_record(10.0, 0.5, "review:ev_1")), seed=1)
    assert found.actions == ()


ACTIONS: Final = st.sampled_from(["", "source:bank:m1", "source:bank:m2", "review:ev_1"])


@st.composite
def some_variables(draw: st.DrawFn) -> list[Variable]:
    one = st.one_of(
        st.builds(a_car, st.floats(0.001, 0.6), ACTIONS),
        st.builds(a_record, st.floats(10.0, 90_000.0), st.floats(0.01, 0.99), ACTIONS),
        st.builds(an_income, st.floats(0.0, 1500.0), st.floats(1500.0, 4000.0), ACTIONS),
    )
    return draw(st.lists(one, min_size=1, max_size=8))


@given(some_variables(), st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_an_action_never_makes_a_decision_less_sure(variables: list[Variable], seed: int) -> None:
    income = sum(one.base for one in variables if isinstance(one, Spread))
    found = estimate(
        a_case(*variables, base={"monthly_income": income or 1500.0}, favours=None), seed=seed
    )
    assert found.rate <= 0.5 + 1e-9
    reductions = [one.reduction for one in found.actions]
    assert reductions == sorted(reductions, reverse=True)
    for one in found.actions:
        assert 0.0 <= one.expected_rate <= found.rate
        assert one.reduction == pytest.approx(found.rate - one.expected_rate)


def both(*variables: Variable) -> tuple[ErrorRate, ErrorRate]:
    told = estimate(a_case(*variables, base=BASE, favours=None), seed=9)
    named = estimate(a_case(*variables, base=BASE, favours=told.favours_confirmed), seed=9)
    return told, named


def test_without_a_named_outcome_the_likelier_one_is_judged() -> None:
    for mean in (0.2, 0.49, 0.51, 0.8):
        told, named = both(a_car(mean))
        assert told == named
        assert told.favours_confirmed is (mean < 0.5)
        assert told.rate == pytest.approx(min(mean, 1.0 - mean))
