"""The window, who counts, and what a missing answer or a doubtful record leaves open."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.household import Exclusion
from app.domain.interval import Interval
from app.domain.period import Window
from app.domain.profile import IdentityState, Totals
from app.verification.merge.profile import merge, with_review, without
from app.verification.plan import SOURCES
from connectors.records import AnyRecord, BenefitKind
from tests.builders import (
    a_material,
    a_member,
    a_request,
    a_supporter,
    accepted,
    in_review,
    refused,
)
from tests.records import (
    WINDOW,
    a_benefit,
    a_contribution,
    a_fund_account,
    a_home,
    a_policy,
    a_registered_person,
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    an_account,
)

D = Decimal


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        (date(2026, 11, 24), date(2025, 11, 1), date(2026, 10, 1)),
        (date(2026, 11, 1), date(2025, 11, 1), date(2026, 10, 1)),
        (date(2026, 10, 31), date(2025, 10, 1), date(2026, 9, 1)),
        (date(2026, 1, 15), date(2025, 1, 1), date(2025, 12, 1)),
        (date(2024, 2, 29), date(2023, 2, 1), date(2024, 1, 1)),
    ],
)
def test_the_window_is_the_12_whole_months_before_the_month_of_as_of(
    as_of: date, first: date, last: date
) -> None:
    window = Window.before(as_of)
    assert (window.first, window.last, len(window.months)) == (first, last, 12)


# Who counts


def size(*members: Any, evidence: tuple[Any, ...] = ()) -> Interval:
    return merge(a_material(*evidence, request=a_request(*members))).totals.household_size


def test_living_declared_members_count_and_supporters_do_not() -> None:
    assert size(a_member("m1"), a_member("m2"), a_member("m3"), a_supporter()) == (
        Interval.exactly(3)
    )


@pytest.mark.parametrize("excluded", list(Exclusion))
def test_the_excluded_are_neither_in_the_size_nor_in_the_sums(excluded: Exclusion) -> None:
    request = a_request(a_member("m1"), a_member("m2", excluded=excluded))
    rows = [accepted(a_tax_entry("3000.00", month), "m2") for month in WINDOW]
    rows += [
        accepted(record, "m2")
        for record in (an_account(), a_vehicle(), a_home("m2"), a_shareholding("9.00"))
    ]
    profile = merge(a_material(*rows, request=request))
    assert profile.totals == merge(a_material(request=a_request(a_member("m1")))).totals
    why = f"excluded_{excluded.value}"
    assert {(one.counted, one.why) for one in profile.income} == {(False, why)}
    assert {(one.counted, one.why) for one in profile.assets} == {(False, why)}
    assert [one.why for one in profile.persons] == [None, why]


def test_a_member_found_dead_is_excluded() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    dead = accepted(a_registered_person("m2", dead=True, died_on=date(2026, 5, 1)), "m2")
    pension = accepted(a_benefit(BenefitKind.OLD_AGE_PENSION, "1200.00"), "m2")
    profile = merge(a_material(dead, pension, request=request))
    assert profile.totals.household_size == Interval.exactly(1)
    assert profile.totals.monthly_income == Interval.exactly(0)
    person = profile.persons[1]
    assert (person.identity, person.alive, person.counted, person.why) == (
        IdentityState.DECEASED,
        False,
        False,
        "deceased",
    )


def test_a_death_in_the_households_list_is_no_record_about_the_member() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    listed = accepted(a_registered_person("m2", dead=True, in_household=True), "m2")
    totals = merge(a_material(listed, request=request)).totals
    assert totals.household_size == Interval.exactly(2)


def test_a_household_whose_registry_is_silent_may_be_smaller() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    material = a_material(
        a_tax_entry("1200.00"), request=request, failed=[("m2", "household_registry")]
    )
    totals = merge(material).totals
    assert totals.household_size == Interval(D(1), D(2))
    assert totals.monthly_income_per_person == Interval(D(50), D(100))


def test_nobody_counted_is_nobody() -> None:
    request = a_request(a_member("m1", excluded=Exclusion.MISSING))
    assert merge(a_material(request=request)).totals.household_size == Interval.exactly(0)


# Failed sources


ROWS: tuple[AnyRecord, ...] = (
    a_tax_entry("1200.00"),
    a_contribution("3600.00"),
    a_fund_account(last_month=WINDOW[0], balance=D(100)),
    an_account("500.00"),
    a_policy("850.00"),
    a_home(),
    a_vehicle(),
    a_shareholding("9000.00"),
)
OPENED_BY = {
    "household_registry": {"household_size"},
    "tax": {"monthly_income"},
    "social_insurance": {"monthly_income"},
    "housing_fund": {"monthly_income", "housing_fund_balance"},
    "business_registration": {"monthly_income", "businesses", "business_capital"},
    "property": {"homes", "floor_area"},
    "vehicle": {"vehicles", "vessels"},
    "bank": {"financial_assets"},
    "securities": {"financial_assets"},
    "insurance": {"financial_assets", "monthly_income"},
}


def opened(totals: Totals) -> set[str]:
    return {one.name for one in fields(totals) if not getattr(totals, one.name).is_exact}


@pytest.mark.parametrize("source", SOURCES)
def test_a_failed_source_leaves_its_totals_open_and_no_others(source: str) -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    assert opened(merge(a_material(*ROWS, request=request)).totals) == set()
    totals = merge(a_material(*ROWS, request=request, failed=[("m2", source)])).totals
    assert opened(totals) == OPENED_BY[source]
    for name in OPENED_BY[source] - {"household_size"}:
        assert getattr(totals, name).high is None


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_failed_for_somebody_who_does_not_count_opens_nothing(source: str) -> None:
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.MISSING))
    totals = merge(a_material(*ROWS, request=request, failed=[("m2", source)])).totals
    assert opened(totals) == set()


def test_a_source_that_nobody_knows_of_is_open() -> None:
    material = a_material(request=a_request(a_member("m1")))
    object.__setattr__(material, "statuses", ())
    totals = merge(material).totals
    assert opened(totals) == {one.name for one in fields(totals)} - {"household_size"}


# Records in review


def test_totals_hold_with_and_without_a_record_in_review() -> None:
    profile = merge(a_material(an_account("500.00"), in_review(a_vehicle())))
    assert profile.totals.vehicles == Interval(D(0), D(1))
    assert [line.kind.value for line in profile.assets] == ["deposit"]


def test_a_death_in_review_hides_no_income_that_is_in_review_too() -> None:
    """The wage may be the person's while the death is another's."""
    alive = accepted(a_registered_person("m1"))
    dead = in_review(a_registered_person("m1", dead=True))
    wages = [in_review(a_tax_entry("3000.00", month)) for month in WINDOW]
    totals = merge(a_material(alive, dead, *wages)).totals
    assert totals.monthly_income == Interval(D(0), D(3000))


def test_a_wage_in_review_hides_no_base_in_review() -> None:
    rows = [in_review(a_tax_entry("1200.00", month)) for month in WINDOW]
    totals = merge(a_material(*rows, in_review(a_fund_account("3800.00")))).totals
    assert totals.monthly_income == Interval(D(0), D(3800))


def test_refused_records_are_nobodys() -> None:
    plain = merge(a_material(an_account("500.00")))
    strangers = [refused(record) for record in ROWS]
    assert merge(a_material(an_account("500.00"), *strangers)).totals == plain.totals


def test_records_can_be_looked_at_as_the_persons_or_as_anothers() -> None:
    material = a_material(accepted(an_account("500.00"), id="a"), in_review(a_vehicle(), id="b"))
    assert merge(without(material, frozenset("a"))).assets == ()
    assert merge(with_review(material, frozenset("b"))).totals.vehicles == Interval.exactly(1)
    assert merge(with_review(material)).totals.vehicles == Interval.exactly(1)
