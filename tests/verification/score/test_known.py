"""What of a household the variables are made from, and its likely totals."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.evidence import SourceState, SourceStatus, Unasked
from app.domain.household import AssetKind, IncomeBasis, IncomeKind
from app.domain.interval import Interval
from app.domain.profile import EMPTY_TOTALS
from app.verification.score.known import (
    SCORED,
    lacks_consent,
    likely,
    stands_open,
    what_tells,
)
from connectors.records import AnyRecord
from tests.builders import (
    a_member,
    a_request,
    a_supporter,
    accepted,
    an_expense,
    declared,
    declared_asset,
    declared_income,
    in_review,
)
from tests.records import (
    WINDOW,
    a_contribution,
    a_home,
    a_limit,
    a_tax_entry,
    a_vehicle,
    an_account,
    subject,
)
from tests.verification.score.knowing import FAILED, NOT_CONNECTED, UNSIGNED, aged, known_of

D = Decimal
WAGE: Final = IncomeKind.WAGE


def wages(gross: str = "3000.00", months: int = 12) -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in WINDOW[:months]]


# The base


def test_the_base_is_what_is_settled_by_name() -> None:
    base = known_of(*wages(), a_home(), a_vehicle(), an_account("900.00")).base
    assert set(base) == set(SCORED)
    assert base == {
        **dict.fromkeys(SCORED, 0.0),
        "monthly_income": 3000.0,
        "financial_assets": 900.0,
        "homes": 1.0,
        "floor_area": 60.0,
        "vehicles": 1.0,
    }


@pytest.mark.parametrize("row", [a_vehicle(), an_account("90000.00"), a_home(), a_tax_entry()])
def test_what_a_person_must_judge_is_not_in_the_base(row: AnyRecord) -> None:
    assert known_of(in_review(row)).base == known_of().base
    beside = known_of(*wages(), in_review(row))
    assert beside.base == known_of(*wages()).base


def test_a_limit_counts_at_its_lower_end() -> None:
    assert known_of(a_limit(over=True)).base["financial_assets"] == 20000.0
    assert known_of(a_limit(over=False)).base["financial_assets"] == 0.0


def test_all_that_came_is_likely_though_the_tax_office_may_take_it_back() -> None:
    states = {("m1", "tax"): FAILED}
    known = known_of(*wages(), states=states)
    assert known.settled.monthly_income == Interval.at_least(0)
    assert known.base["monthly_income"] == 3000.0
    # A base stands in its month, as sure as the rest.
    known = known_of(
        *wages(months=6), *(a_contribution("3800.00", m) for m in WINDOW[6:]), states=states
    )
    assert known.base["monthly_income"] == 3400.0


@pytest.mark.parametrize(("cost", "monthly"), [("0.00", 3000.0), ("17000.00", 2000.0)])
@pytest.mark.parametrize("states", [{}, {("m1", "tax"): FAILED}])
def test_what_is_deducted_is_deducted_once(
    cost: str, monthly: float, states: dict[tuple[str, str], Any]
) -> None:
    request = a_request(declared=declared(an_expense(cost)))
    known = known_of(*wages(), request=request, states=states)
    assert known.base["monthly_income"] == pytest.approx(monthly)


def test_no_income_is_less_than_nothing() -> None:
    request = a_request(declared=declared(an_expense("90000.00")))
    known = known_of(*wages("100.00"), request=request, states={("m1", "tax"): FAILED})
    assert known.base["monthly_income"] == 0.0


def test_without_an_open_line_the_settled_total_holds() -> None:
    total = Interval(D("812.50"), None)
    totals = replace(EMPTY_TOTALS, monthly_income=total)
    assert likely(totals, (), D(0))["monthly_income"] == 812.5


@given(st.decimals(1, 50000, places=2), st.decimals(0, 50000, places=2), st.decimals(0, 600000))
def test_the_likely_income_lies_between_nothing_and_all_that_came(
    low: Decimal, more: Decimal, deducted: Decimal
) -> None:
    (line,) = known_of(*wages(months=1)).profile.income
    lines = [
        replace(line, total=Interval(D(0), more)),
        replace(line, total=Interval(low, low + more)),
        replace(line, total=Interval(D(9), D(9)), counted=False),
    ]
    income = likely(EMPTY_TOTALS, lines, deducted)["monthly_income"]
    assert income == pytest.approx(max(0.0, float(low + more - deducted) / 12) if more else 0.0)


@pytest.mark.parametrize(
    ("total", "is_open"),
    [
        (Interval(D(0), D(12)), True),
        (Interval(D(1), D(12)), False),
        (Interval(D(0), D(0)), False),
        (Interval(D(0), None), False),
    ],
)
def test_a_figure_of_which_nothing_is_sure_stands_open(total: Interval, is_open: bool) -> None:
    (line,) = known_of(*wages(months=1)).profile.income
    assert stands_open(replace(line, total=total)) is is_open


# Persons, lines, declarations


def test_who_counts_and_who_supports() -> None:
    known = known_of(request=a_request(a_member("m1"), a_member("m3"), a_supporter("s1")))
    assert known.counted == {"m1", "m3"}
    assert known.adults == {"m1"}
    assert known.supporters == {"s1"}


def test_an_income_is_there_where_a_source_shows_it() -> None:
    odd = declared_income("200.00", basis=IncomeBasis.ODD_JOBS.value)
    request = a_request(declared=declared(odd))
    assert not known_of(request=request).has_income("m1", WAGE)
    known = known_of(*wages())
    assert known.has_income("m1", WAGE)
    assert not known.has_income("m1", IncomeKind.TRANSFER)
    assert not known.has_income("m2", WAGE)


def test_an_asset_is_there_where_it_counts() -> None:
    cars = frozenset({AssetKind.VEHICLE})
    assert known_of(a_vehicle()).has_asset("m1", cars)
    assert not known_of(a_vehicle()).has_asset("m1", frozenset({AssetKind.VESSEL}))
    assert not known_of(a_vehicle(plate_kind="13")).has_asset("m1", cars)
    couple = a_request(a_member("m1"), a_member("m2"))
    hers = accepted(a_vehicle(subjects=(subject("m2"),)), "m2")
    assert not known_of(hers, request=couple).has_asset("m1", cars)


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ([], None),
        ([declared_income("900.00")], 900.0),
        ([declared_income("900.00"), declared_income("100.50")], 1000.5),
        ([declared_income("0.00")], None),
        ([declared_income("900.00", "transfer")], None),
        ([declared_income("900.00", person="m2")], None),
        ([declared_income("900.00", basis=IncomeBasis.ODD_JOBS.value)], None),
        ([declared_income("900.00", basis=IncomeBasis.RELIEF.value)], None),
    ],
)
def test_what_of_an_income_is_declared_that_a_source_could_show(
    told: list[Any], amount: float | None
) -> None:
    known = known_of(request=a_request(declared=declared(*told)))
    assert known.declared_income("m1", WAGE) == amount


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ([], None),
        ([declared_asset("deposit")], 0.0),
        ([declared_asset("deposit", "50.00"), declared_asset("wealth_product", "7.00")], 57.0),
        ([declared_asset("deposit", "50.00"), declared_asset("vehicle", "7.00")], 50.0),
        ([declared_asset("deposit", "50.00", person="m2")], None),
    ],
)
def test_what_of_an_asset_is_declared(told: list[Any], amount: float | None) -> None:
    known = known_of(request=a_request(declared=declared(*told)))
    kinds = frozenset({AssetKind.DEPOSIT, AssetKind.WEALTH_PRODUCT})
    assert known.declared_assets("m1", kinds) == amount
    assert known.declares_anything is bool(told)


# Age and state


@pytest.mark.parametrize("months", [0, 1, 7, 30])
def test_how_old_an_answer_is(months: int) -> None:
    known = known_of(states={("m1", "bank"): aged(months)})
    assert known.months_old("bank", "m1") == pytest.approx(months, abs=0.02)
    assert known.months_old("bank", "m2") == known.months_old("tax", "m1") == 0.0


def test_an_answer_of_tomorrow_is_not_younger_than_new() -> None:
    assert known_of(states={("m1", "bank"): aged(-2)}).months_old("bank", "m1") == 0.0


def test_the_findings_tell_whose_answers_are_stale() -> None:
    known = known_of(an_account(), states={("m1", "bank"): aged(30)})
    assert known.is_stale("m1") is ("m1" in known.persons_with("source_stale")) is True
    assert not known.is_stale("m2")


@pytest.mark.parametrize(
    ("state", "lacks", "action"),
    [
        (FAILED, False, "source:bank:m1"),
        (UNSIGNED, True, "household:consent:m1"),
        (NOT_CONNECTED, False, ""),
        ({"state": SourceState.FAILED, "reason": Unasked.WITHDRAWN}, False, "source:bank:m1"),
    ],
)
def test_what_would_bring_an_answer(state: dict[str, Any], lacks: bool, action: str) -> None:
    values = {"source": "bank", "person": "m1", "complete": False, **state}
    status = SourceStatus(**values)
    assert lacks_consent(status) is lacks
    assert what_tells(status) == action
