"""Tests over intervals: below and at most, at the limit, by the cent and astride."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Outcome, TestResult
from app.domain.interval import Interval, Truth, all_of
from app.domain.profile import EMPTY_TOTALS, Totals
from app.programmes.conditions import evaluate, monthly_gap, outcome_of
from app.programmes.standard import Standards

D = Decimal
YES, NO, OPEN = Truth.YES, Truth.NO, Truth.OPEN
DAY: Final = date(2026, 11, 24)
STANDARDS: Final = Standards.load()
DIBAO: Final = STANDARDS.in_force("urban_dibao", "220102003", DAY)
MEDICAL: Final = STANDARDS.in_force("medical_relief", "220102003", DAY)
LEGAL_AID: Final = STANDARDS.in_force("legal_aid", "220102003", DAY)
HOUSING: Final = STANDARDS.in_force("housing_relief", "220102003", DAY)
NO_CATEGORY: Final = dict.fromkeys(LEGAL_AID.holds_one_of, NO)


def of(low: str, high: str | None = "=") -> Interval:
    return Interval(D(low), D(low) if high == "=" else None if high is None else D(high))


def totals(**known: Interval) -> Totals:
    return replace(EMPTY_TOTALS, **known)


def result_of(results: tuple[TestResult, ...], test: str) -> TestResult:
    return next(result for result in results if result.test == test)


@pytest.mark.parametrize(
    ("total", "value", "test", "passed"),
    [
        ("monthly_income", of("759.99"), "monthly_income_per_person", YES),
        ("monthly_income", of("760.00"), "monthly_income_per_person", NO),
        ("monthly_income", of("759.994"), "monthly_income_per_person", YES),
        ("monthly_income", of("759.995"), "monthly_income_per_person", NO),  # rounds to 760.00
        ("monthly_income", of("760.01"), "monthly_income_per_person", NO),
        ("monthly_income", of("0", "759.99"), "monthly_income_per_person", YES),
        ("monthly_income", of("0", "760"), "monthly_income_per_person", OPEN),
        ("monthly_income", of("0", None), "monthly_income_per_person", OPEN),
        ("monthly_income", of("760", None), "monthly_income_per_person", NO),
        ("financial_assets", of("18240.00"), "financial_assets_per_person", YES),
        ("financial_assets", of("18240.004"), "financial_assets_per_person", YES),
        ("financial_assets", of("18240.005"), "financial_assets_per_person", NO),
        ("financial_assets", of("18240.01"), "financial_assets_per_person", NO),
        ("financial_assets", of("20000", None), "financial_assets_per_person", NO),
        ("financial_assets", of("0", "20000"), "financial_assets_per_person", OPEN),
        ("homes", of("1"), "homes", YES),
        ("homes", of("2"), "homes", NO),
        ("homes", of("1", "2"), "homes", OPEN),
        ("vehicles", of("0"), "vehicles", YES),
        ("vehicles", of("1"), "vehicles", NO),
        ("vehicles", of("0", None), "vehicles", OPEN),
        ("vessels", of("0"), "vessels", YES),
        ("vessels", of("1"), "vessels", NO),
        ("business_capital", of("100000.00"), "business_capital", YES),
        ("business_capital", of("100000.01"), "business_capital", NO),
        ("business_capital", of("99999", "100001"), "business_capital", OPEN),
    ],
)
def test_each_test_of_dibao(total: str, value: Interval, test: str, passed: Truth) -> None:
    results, met = evaluate(DIBAO, totals(**{total: value}), {})
    assert result_of(results, test).passed is passed
    assert met is passed  # every other test passes


@pytest.mark.parametrize(
    ("income", "size", "passed"),
    [
        (of("2279.97"), of("3"), YES),  # 759.99
        (of("2279.985"), of("3"), NO),  # 759.995
        (of("2280"), of("3"), NO),
        (of("2280"), of("3", "4"), OPEN),
        (of("2280"), of("4", "5"), YES),
        (of("3040"), of("3", "4"), NO),
    ],
)
def test_income_is_shared_among_the_members(
    income: Interval, size: Interval, passed: Truth
) -> None:
    _, met = evaluate(DIBAO, totals(monthly_income=income, household_size=size), {})
    assert met is passed


@pytest.mark.parametrize(
    ("area", "passed"), [("44.98", YES), ("44.985", NO), ("45", NO), ("60", NO)]
)
def test_floor_area_is_shared_among_the_members(area: str, passed: Truth) -> None:
    known = totals(floor_area=of(area), household_size=of("3"))
    results, _ = evaluate(HOUSING, known, {})
    assert result_of(results, "floor_area_per_person").passed is passed


def test_a_test_that_surely_fails_beats_an_open_one() -> None:
    known = totals(vehicles=of("1"), financial_assets=of("0", None))
    results, met = evaluate(DIBAO, known, {})
    assert result_of(results, "financial_assets_per_person").passed is OPEN
    assert met is NO


def test_an_open_test_says_what_would_settle_it() -> None:
    known = totals(financial_assets=of("0", None), vehicles=of("0", None))
    settled_by = {
        "financial_assets": ("bank: m1", "securities: m1"),
        "household_size": ("household_registry: m1", "bank: m1"),
        "monthly_income": ("tax: m1",),
    }
    results, _ = evaluate(DIBAO, known, {}, settled_by)
    by_test = {result.test: result.missing for result in results}
    assert by_test["financial_assets_per_person"] == (
        "bank: m1", "securities: m1", "household_registry: m1",
    )  # fmt: skip
    assert by_test["vehicles"] == ()
    assert by_test["monthly_income_per_person"] == ()  # not open: nothing to settle


@pytest.mark.parametrize(
    ("held", "passed", "missing"),
    [
        (NO_CATEGORY, NO, ()),
        (NO_CATEGORY | {"urban_dibao": YES}, YES, ()),
        (NO_CATEGORY | {"dibao_edge": YES, "orphan": OPEN}, YES, ()),
        (NO_CATEGORY | {"orphan": OPEN}, OPEN, ("orphan",)),
        ({"urban_dibao": NO}, OPEN, ("special_support", "orphan", "dibao_edge")),
        (NO_CATEGORY | {"rural_dibao": YES}, NO, ()),  # no rural dibao in town
    ],
)
def test_a_programme_that_rests_on_a_category(
    held: dict[str, Truth], passed: Truth, missing: tuple[str, ...]
) -> None:
    results, met = evaluate(MEDICAL, EMPTY_TOTALS, held)
    assert met is passed
    assert [(result.test, result.missing) for result in results] == [("holds_one_of", missing)]


@pytest.mark.parametrize(
    ("category", "income", "met"),
    [
        (YES, "1140.00", YES),
        (YES, "100.00", YES),
        (NO, "1139.99", YES),
        (NO, "1140.00", NO),
        (OPEN, "1139.99", YES),
        (OPEN, "1140.00", OPEN),
    ],
)
def test_a_category_or_tests_of_its_own(category: Truth, income: str, met: Truth) -> None:
    held = NO_CATEGORY | {"dibao_edge": category}
    assert evaluate(LEGAL_AID, totals(monthly_income=of(income)), held)[1] is met


@pytest.mark.parametrize(
    ("truth", "outcome"),
    [(YES, Outcome.CONFIRMED), (NO, Outcome.NOT_CONFIRMED), (OPEN, Outcome.UNDETERMINED)],
)
def test_the_outcome_in_words(truth: Truth, outcome: Outcome) -> None:
    assert outcome_of(truth) is outcome


@pytest.mark.parametrize(
    ("income", "size", "gap"),
    [
        (of("866.67"), of("3"), of("1413.33")),
        (of("2600"), of("3"), of("0")),
        (of("0"), of("2"), of("1520")),
        (of("1000", "1500"), of("2", "3"), of("20", "1280")),
        (of("1000", None), of("2"), of("0", "520")),
    ],
)
def test_the_gap_that_dibao_fills(income: Interval, size: Interval, gap: Interval) -> None:
    assert monthly_gap(DIBAO, totals(monthly_income=income, household_size=size)) == gap


def test_a_programme_that_pays_no_gap_has_none() -> None:
    assert monthly_gap(MEDICAL, EMPTY_TOTALS) is None


CENTS = st.integers(0, 4_000_000).map(lambda cents: D(cents) / 100)
INTERVALS = st.tuples(CENTS, CENTS).map(lambda pair: Interval(min(pair), max(pair)))
INSIDE = st.integers(0, 100).map(lambda percent: D(percent) / 100)


@given(INTERVALS, INTERVALS, INSIDE)
def test_what_is_sure_of_an_interval_holds_for_every_value_in_it(
    income: Interval, money: Interval, where: Decimal
) -> None:
    def at(interval: Interval) -> Interval:
        assert interval.high is not None
        return Interval.exactly(interval.low + (interval.high - interval.low) * where)

    _, sure = evaluate(DIBAO, totals(monthly_income=income, financial_assets=money), {})
    inside = totals(monthly_income=at(income), financial_assets=at(money))
    _, known = evaluate(DIBAO, inside, {})
    assert known is not OPEN
    assert sure in {OPEN, known}


@given(st.lists(st.sampled_from(Truth), min_size=1, max_size=6))
def test_more_tests_never_make_it_easier(truths: list[Truth]) -> None:
    order = {NO: 0, OPEN: 1, YES: 2}
    assert order[all_of(*truths)] <= order[all_of(*truths[:-1])]
