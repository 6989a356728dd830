"""The error rate: laws, exact small cases, and what the causes and the interval promise."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import erf, exp, isclose, log, sqrt
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.decision import Cause, Comparison, ErrorRate
from app.error_rate.estimate import estimate
from app.error_rate.model import Case
from app.error_rate.shape import ALWAYS, AllOf, AnyOf, Shape, TestShape, holds
from app.error_rate.variables import Chance, Heads, Hidden, Presence, Spread, Variable

BELOW, AT_MOST = Comparison.BELOW, Comparison.AT_MOST
INCOME: Final = TestShape("monthly_income", True, BELOW, 760.0)
MONEY: Final = TestShape("financial_assets", True, AT_MOST, 18240.0)
CARS: Final = TestShape("vehicles", False, AT_MOST, 0.0)
DIBAO: Final = AllOf((INCOME, MONEY, CARS))
BASE: Final = {"monthly_income": 1500.0, "financial_assets": 15000.0, "vehicles": 0.0}
KNOWN: Final = float("inf")


def a_case(
    *variables: Variable,
    base: dict[str, float] | None = None,
    rule: Shape = DIBAO,
    favours: bool | None = True,
) -> Case:
    return Case(
        base=BASE | (base or {}), size=3, variables=variables, rule=rule, favours_confirmed=favours
    )


def a_car(mean: float, cause: Cause = Cause.SOURCE_GAP, weight: float = KNOWN) -> Hidden:
    chance = Chance(mean, weight)
    return Hidden(
        cause=cause, total="vehicles", probability=chance, median=1.0, sigma=0.0, whole=True
    )


def a_record(
    total: str,
    amount: float,
    mean: float,
    *,
    counted: bool = False,
    cause: Cause = Cause.IDENTITY,
    group: str = "",
) -> Presence:
    return Presence(
        cause=cause,
        probability=Chance(mean, KNOWN),
        effects={total: amount},
        counted=counted,
        group=group,
    )


def a_spread(low: float, high: float | None, base: float, sigma: float = 0.0) -> Spread:
    return Spread(
        cause=Cause.AMOUNT, total="monthly_income", low=low, high=high, base=base, sigma=sigma
    )


def normal(z: float) -> float:
    return (1.0 + erf(z / sqrt(2.0))) / 2.0


def some_money(mean: float, total: str = "financial_assets") -> Hidden:
    """An account of which the bank did not tell."""
    return Hidden(
        cause=Cause.SOURCE_GAP,
        total=total,
        probability=Chance(mean, KNOWN),
        median=3000.0,
        sigma=1.6,
        whole=False,
    )


@pytest.mark.parametrize("mean", [0.3, 0.499, 0.501, 0.75, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_an_amount_that_is_likelier_there_than_not_is_drawn_as_evenly_as_any(
    mean: float, seed: int
) -> None:
    """Beside many things of which each is rare, so that the state of all in common is one draw."""
    rare = [a_car(1e-7) for _ in range(12)]
    base = {"financial_assets": 0.0, "monthly_income": 0.0}
    case = replace(a_case(some_money(mean), *rare, base=base), size=1)
    true = mean * (1.0 - normal(log(18240.0 / 3000.0) / 1.6))
    found = estimate(case, seed=seed)
    assert found.rate == pytest.approx(true, abs=0.012)
    assert found.interval[0] <= true <= found.interval[1]


def test_without_anything_uncertain_the_rate_is_nothing() -> None:
    result = estimate(a_case(), draws=2048, seed=1)
    assert result.rate == 0.0
    assert result.interval == (0.0, 3 / 2048)
    assert result.causes == {}


@pytest.mark.parametrize("favours", [True, False])
def test_what_cannot_change_the_outcome_counts_for_nothing(favours: bool) -> None:
    elsewhere = a_record("homes", 5.0, 0.5)
    small = a_record("monthly_income", 100.0, 0.5)
    base = {} if favours else {"vehicles": 1.0}
    result = estimate(a_case(elsewhere, small, base=base, favours=favours), seed=1)
    assert result.rate == 0.0


@pytest.mark.parametrize(
    ("variables", "rate"),
    [
        ([a_car(0.04)], 0.04),
        ([a_car(0.001)], 0.001),
        ([a_car(0.1), a_car(0.2)], 1 - 0.9 * 0.8),
        ([a_record("financial_assets", 50_000.0, 0.03)], 0.03),
        ([a_record("financial_assets", 30_000.0, 0.3), a_record("financial_assets", 30_000.0, 0.4)],
         0.12),
        ([Heads(cause=Cause.COMPOSITION, probability=Chance(0.05, KNOWN), change=-2)], 0.05),
        ([a_spread(1500.0, 3060.0, 1500.0)], 780.015 / 1560.0),
        ([a_spread(1500.0, 1500.0, 1500.0, 0.5)], 1 - normal(log(2279.985 / 1500.0) / 0.5)),
        ([a_spread(1140.0, None, 1140.0, 0.3)], 1 - normal(log(1139.985 / 1140.0) / 0.3)),
    ],
)  # fmt: skip
def test_rates_that_can_be_worked_out(variables: Sequence[Variable], rate: float) -> None:
    base = {"monthly_income": sum(one.base for one in variables if isinstance(one, Spread))}
    result = estimate(a_case(*variables, base=base if base["monthly_income"] else {}), seed=7)
    assert result.rate == pytest.approx(rate, abs=1.5e-3)
    assert result.interval[0] <= rate + 1e-9


def test_a_member_who_died_makes_the_share_greater() -> None:
    gone = Heads(cause=Cause.COMPOSITION, probability=Chance(0.05, KNOWN), change=-1)
    result = estimate(a_case(gone, base={"monthly_income": 1600.0}), seed=1)  # 533 or 800 each
    assert result.rate == pytest.approx(0.05)
    assert result.causes == {Cause.COMPOSITION: pytest.approx(0.05)}


def test_a_refusal_is_wrong_where_the_record_is_another_persons() -> None:
    other = a_record("vehicles", 1.0, 0.7, counted=True)
    result = estimate(a_case(other, base={"vehicles": 1.0}, favours=False), seed=1)
    assert result.rate == pytest.approx(0.3)
    assert (result.wrongly_confirmed, result.wrongly_refused) == (0.0, result.rate)


def test_a_record_that_is_more_likely_anothers_still_counts_both_ways() -> None:
    record = a_record("vehicles", 1.0, 0.2, counted=True)
    refused = estimate(a_case(record, base={"vehicles": 1.0}, favours=False), seed=1)
    confirmed = estimate(a_case(record, base={"vehicles": 1.0}, favours=True), seed=1)
    assert refused.rate == pytest.approx(0.8)
    assert confirmed.rate == pytest.approx(0.2)
    assert sum(confirmed.causes.values()) == pytest.approx(0.2)


@pytest.mark.parametrize(("group", "rate"), [("one identity", 0.1), ("", 0.01)])
def test_a_group_stands_or_falls_together(group: str, rate: float) -> None:
    records = [a_record("financial_assets", 25_000.0, 0.1, group=group) for _ in range(2)]
    assert estimate(a_case(*records), seed=1).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("rule", "rate"),
    [
        (DIBAO, 0.05),
        (AnyOf((DIBAO, INCOME)), 0.0),  # a category not held, but the income suffices
        (AnyOf((ALWAYS, DIBAO)), 0.0),
        (AllOf((AnyOf((CARS, MONEY)), INCOME)), 0.0),
    ],
)
def test_nested_conditions(rule: Shape, rate: float) -> None:
    assert estimate(a_case(a_car(0.05), rule=rule), seed=1).rate == pytest.approx(rate)


def exactly(case: Case) -> float:
    """The rate by going through all combinations of counts hidden, in plain Python."""
    wrong = 0.0
    things = [one for one in case.variables if isinstance(one, Hidden | Presence)]
    for there in product((False, True), repeat=len(things)):
        weight, money, vehicles = 1.0, case.base["financial_assets"], 0.0
        for one, so in zip(things, there, strict=True):
            weight *= one.probability.mean if so else 1.0 - one.probability.mean
            if isinstance(one, Hidden):
                vehicles += so
            else:
                money += one.effects["financial_assets"] * so
        is_met = vehicles <= 0.0 and round(money / case.size, 2) <= 18240.0
        wrong += weight * (is_met != case.favours_confirmed)
    return wrong


SMALL: Final = st.floats(0.0, 0.5)
CARS_AND_RECORDS: Final = st.lists(
    st.one_of(
        st.builds(a_car, SMALL),
        st.builds(a_record, st.just("financial_assets"), st.floats(1.0, 45_000.0), SMALL),
    ),
    min_size=1,
    max_size=7,
)
FEW: Final = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(CARS_AND_RECORDS)
def test_few_events_are_enumerated(variables: list[Variable]) -> None:
    case = a_case(*variables)
    result = estimate(case, seed=3)
    assert result.rate == pytest.approx(exactly(case), abs=1e-9)


@FEW
@given(CARS_AND_RECORDS, st.integers(0, 2**32))
def test_draws_agree_with_enumeration(variables: list[Variable], seed: int) -> None:
    idle = a_spread(500.0, 501.0, 500.0)  # an amount that cannot matter forbids enumeration
    case = a_case(*variables)
    drawn = estimate(a_case(*variables, idle), seed=seed)
    standard_error = sqrt(max(drawn.rate * (1.0 - drawn.rate), 1e-3) / 512)
    assert abs(drawn.rate - exactly(case)) <= 3.0 * standard_error


@st.composite
def cases(draw: st.DrawFn) -> Case:
    cause, weight = st.sampled_from(Cause), st.floats(1.0, 500.0)
    chance = st.builds(Chance, st.floats(0.0, 1.0), weight)
    total = st.sampled_from(["monthly_income", "financial_assets", "vehicles", "homes"])
    presence = st.builds(
        Presence,
        cause=cause,
        probability=chance,
        effects=st.dictionaries(total, st.floats(0.0, 20_000.0), max_size=2),
        counted=st.booleans(),
        group=st.sampled_from(["", "", "a", "b"]),
    )
    hidden = st.builds(
        Hidden,
        cause=cause,
        total=total,
        probability=chance,
        median=st.floats(1.0, 20_000.0),
        sigma=st.floats(0.0, 2.0),
        whole=st.booleans(),
    )
    amount = st.floats(0.0, 3000.0)
    spread = st.builds(
        lambda cause, ends, open_, sigma: Spread(
            cause=cause,
            total="monthly_income",
            low=min(ends),
            high=None if open_ else max(ends),
            base=min(ends),
            sigma=sigma,
        ),
        cause,
        st.tuples(amount, amount),
        st.booleans(),
        st.floats(0.0, 1.0),
    )
    heads = st.builds(Heads, cause=cause, probability=chance, change=st.integers(-3, 3))
    one = st.one_of(presence, hidden, spread, heads)
    variables = draw(st.lists(one, max_size=14))
    base = {"monthly_income": draw(amount), "vehicles": draw(st.sampled_from([0.0, 0.0, 1.0]))}
    rules: list[Shape] = [DIBAO, AnyOf((DIBAO, INCOME)), CARS]
    rule = draw(st.sampled_from(rules))
    return a_case(*variables, base=base, rule=rule, favours=draw(st.booleans()))


def contradicts(case: Case) -> bool:
    """The totals as counted give the other outcome than the favoured one."""
    totals = {name: np.array([value]) for name, value in case.base.items()}
    met = holds(case.rule, totals | {"household_size": np.array([float(case.size)])})
    return bool(met[0]) != case.favours_confirmed


@FEW
@given(cases(), st.integers(0, 2**32))
def test_rate_interval_and_causes_hold_together(case: Case, seed: int) -> None:
    result = estimate(case, draws=512, seed=seed)
    low, high = result.interval
    assert 0.0 <= low <= result.rate <= high <= 1.0
    assert all(part >= 0.0 for part in result.causes.values())
    if result.causes or not contradicts(case):
        assert isclose(sum(result.causes.values()), result.rate, abs_tol=1e-9)
    assert result.wrongly_confirmed + result.wrongly_refused == result.rate
    assert result == estimate(case, draws=512, seed=seed)


@FEW
@given(cases(), st.integers(0, 2**32))
def test_the_other_outcome_has_the_other_rate(case: Case, seed: int) -> None:
    other = replace(case, favours_confirmed=not case.favours_confirmed)
    rates = [estimate(one, draws=512, seed=seed).rate for one in (case, other)]
    assert sum(rates) == pytest.approx(1.0)


@FEW
@given(cases(), st.integers(0, 2**32))
def test_without_its_causes_nothing_is_left(case: Case, seed: int) -> None:
    result = estimate(replace(case, variables=()), draws=512, seed=seed)
    assert result.rate == float(contradicts(case))
    assert result.causes == {}


@FEW
@given(SMALL, st.floats(0.0, 1.0), CARS_AND_RECORDS)
def test_a_smaller_chance_never_raises_the_rate_of_a_confirmation(
    mean: float, share: float, variables: list[Variable]
) -> None:
    more = estimate(a_case(a_car(mean), *variables), seed=5).rate
    less = estimate(a_case(a_car(mean * share), *variables), seed=5).rate
    assert less <= more + 1e-9


@FEW
@given(st.lists(st.floats(0.0, 0.4), min_size=1, max_size=12), st.integers(0, 2**32))
def test_far_from_the_limit_amounts_do_not_matter(sigmas: list[float], seed: int) -> None:
    each = 300.0 / len(sigmas)
    spreads = [a_spread(each, each, each, sigma) for sigma in sigmas]
    result = estimate(a_case(*spreads, base={"monthly_income": 300.0}), seed=seed)
    assert result.rate < 1e-3


def test_nearer_to_the_limit_the_rate_is_higher() -> None:
    rates = []
    for income in (1200.0, 1700.0, 2100.0, 2250.0):
        spread = a_spread(income, income, income, 0.15)
        rates.append(estimate(a_case(spread, base={"monthly_income": income}), seed=2).rate)
    assert rates == sorted(rates)
    assert rates[0] < 0.001 < 0.4 < rates[-1]


def test_causes_take_their_part() -> None:
    result = estimate(
        a_case(a_car(0.02), a_car(0.01, Cause.CONSENT_GAP), a_record("homes", 1.0, 0.5)), seed=1
    )
    assert result.causes == {
        Cause.SOURCE_GAP: pytest.approx(0.02 - 0.0001),
        Cause.CONSENT_GAP: pytest.approx(0.01 - 0.0001),
    }


def test_causes_that_only_matter_together_share_alike() -> None:
    first = a_record("financial_assets", 25_000.0, 0.2)
    second = a_record("financial_assets", 25_000.0, 0.2, cause=Cause.STALENESS)
    result = estimate(a_case(first, second), seed=1)
    assert result.causes == {
        Cause.IDENTITY: pytest.approx(0.02),
        Cause.STALENESS: pytest.approx(0.02),
    }


def test_a_cause_that_works_against_the_error_has_no_part() -> None:
    one_more = Heads(cause=Cause.COMPOSITION, probability=Chance(0.5, KNOWN), change=1)
    income = a_record("monthly_income", 1000.0, 0.1)
    result = estimate(a_case(one_more, income), seed=1)
    assert result.rate == pytest.approx(0.05)
    assert set(result.causes) == {Cause.IDENTITY}


def test_thin_knowledge_makes_the_interval_wide() -> None:
    def width(weight: float) -> float:
        low, high = estimate(a_case(a_car(0.05, weight=weight)), seed=1).interval
        return high - low

    assert width(20.0) > width(200.0) > width(2000.0) > width(KNOWN) == 0.0


def test_one_shared_rate_is_less_sure_than_many_of_their_own() -> None:
    def width(shared: str) -> float:
        chance = Chance(0.03, 50.0, shared)
        cars = [replace(a_car(0.03), probability=chance) for _ in range(8)]
        low, high = estimate(a_case(*cars), seed=1).interval
        return high - low

    assert width("miss_rate of vehicle") > 1.5 * width("")


def many_variables() -> list[Variable]:
    rare: list[Variable] = [a_car(0.0002) for _ in range(20)]
    rare += [a_record("financial_assets", 60_000.0, 0.0001) for _ in range(20)]
    return [*rare, *(a_spread(100.0, 100.0, 100.0, 0.05) for _ in range(15))]


@pytest.mark.parametrize("seed", range(5))
def test_small_rates_of_many_variables_are_told_from_nothing(seed: int) -> None:
    exact = 1.0 - (1.0 - 0.0002) ** 20 * (1.0 - 0.0001) ** 20
    result = estimate(a_case(*many_variables()), seed=seed)
    assert result.rate == pytest.approx(exact, rel=0.02)
    assert result.interval[0] <= exact + 1e-12  # all chances are known: it may have no width
    assert exact <= result.interval[1] + 1e-12


def covers(result: ErrorRate, rate: float) -> bool:
    return result.interval[0] <= rate <= result.interval[1]


def test_the_interval_covers_the_error_of_the_simulation() -> None:
    rate = 1 - normal(log(2279.985 / 1500.0) / 0.25)
    parts: list[Variable] = [a_car(0.01) for _ in range(12)]
    spread = a_spread(1500.0, 1500.0, 1500.0, 0.25)
    exact = 1.0 - (1.0 - rate) * exp(12 * log(0.99))
    results = [estimate(a_case(*parts, spread), draws=512, seed=seed) for seed in range(40)]
    assert sum(covers(result, exact) for result in results) >= 38
