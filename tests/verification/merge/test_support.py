"""Supporters' payments: half (or two fifths) of what their households have above the standard."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.household import Exclusion, Supporter
from app.domain.interval import Interval
from app.domain.profile import IncomeLine
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from connectors.records import IncomeItem
from tests.builders import (
    a_consent,
    a_material,
    a_member,
    a_request,
    a_supporter,
    accepted,
    in_review,
)
from tests.records import WINDOW, a_registered_person, a_shareholding, a_tax_entry

D = Decimal
ALL_SIGNED = a_consent()
NOT_SIGNED = a_consent(signatories=("m1", "m2", "m4"))


def supported(
    income: str, supporter: Supporter | None = None, *, failed: str | None = None, **changes: Any
) -> Material:
    """m1, m2 and m4, and a supporter with that income a month."""
    one = supporter or a_supporter()
    request = a_request(a_member("m1"), a_member("m2"), a_member("m4"), one, **changes)
    rows = [accepted(a_tax_entry(income, month), one.ref) for month in WINDOW]
    gone = [] if failed is None else [(one.ref, failed)]
    return a_material(*rows, request=request, failed=gone)


def payment(material: Material) -> list[Interval]:
    """Yuan a month."""
    lines = [line for line in merge(material).income if line.person.startswith("s")]
    return [line.total.per(Interval.exactly(line.months)) for line in lines]


def the_line(material: Material) -> IncomeLine:
    (line,) = merge(material).income
    return line


@pytest.mark.parametrize(
    ("income", "size", "expected"),
    [
        ("2000.00", 1, "620.00"),  # (2,000 − 760) × 50 %
        ("2000.00", 2, "120.00"),  # (1,000 − 760) × 50 %
        ("760.00", 1, None),
        ("760.02", 1, "0.01"),
        ("500.00", 1, None),  # never negative
    ],
)
def test_half_of_what_is_above_the_standard(income: str, size: int, expected: str | None) -> None:
    found = payment(supported(income, a_supporter(household_size=size)))
    assert found == ([] if expected is None else [Interval.exactly(D(expected))])


@pytest.mark.parametrize(
    ("supports", "expected"),
    [
        (("m1",), "620.00"),
        (("m1", "m2"), "620.00"),  # 310.00 for each of two
        (("m1", "m2", "m4"), "496.00"),  # 40 % from three on
    ],
)
def test_the_share_is_divided_among_those_supported(
    supports: tuple[str, ...], expected: str
) -> None:
    found = payment(supported("2000.00", a_supporter(supports=supports)))
    assert found == [Interval.exactly(D(expected))]


def test_the_part_of_somebody_who_does_not_count_is_not_the_households() -> None:
    one = a_supporter(supports=("m1", "m4"))
    away = a_member("m4", excluded=Exclusion.MISSING)
    request = a_request(a_member("m1"), away, one)
    rows = [accepted(a_tax_entry("2000.00", month), "s1") for month in WINDOW]
    assert payment(a_material(*rows, request=request)) == [Interval.exactly(310)]


def test_a_computed_payment_counts_with_its_evidence() -> None:
    line = the_line(supported("2000.00"))
    assert (line.kind.value, line.why) == ("transfer", "support_computed")
    assert line.counted
    assert line.verified
    assert len(line.evidence) == 12


def test_two_supporters_pay_each() -> None:
    request = a_request(a_member("m1"), a_supporter("s1"), a_supporter("s2"))
    rows = [
        accepted(a_tax_entry("2000.00", month), ref) for ref in ("s1", "s2") for month in WINDOW
    ]
    totals = merge(a_material(*rows, request=request)).totals
    assert totals.monthly_income == Interval.exactly(1240)


@pytest.mark.parametrize(("declared", "expected"), [("150.00", "150.00"), (None, None)])
def test_who_did_not_sign_pays_what_is_declared(declared: str | None, expected: str | None) -> None:
    """Records that came all the same are not looked at."""
    amount = None if declared is None else D(declared)
    one = a_supporter(declared_payment_monthly=amount)
    material = supported("9000.00", one, consent=NOT_SIGNED)
    assert payment(material) == ([] if expected is None else [Interval.exactly(D(expected))])
    if expected is not None:
        line = the_line(material)
        assert (line.why, line.verified, line.counted) == ("support_declared", False, True)


def test_who_signed_pays_what_is_computed_and_not_what_is_declared() -> None:
    one = a_supporter(declared_payment_monthly=D(5000))
    assert payment(supported("2000.00", one, consent=ALL_SIGNED)) == [Interval.exactly(620)]


@pytest.mark.parametrize(
    "failed", ["tax", "social_insurance", "housing_fund", "business_registration", "insurance"]
)
def test_a_source_that_failed_for_a_supporter_leaves_the_payment_open(failed: str) -> None:
    material = supported("2000.00", failed=failed)
    (found,) = payment(material)
    assert found.high is None
    assert found.low <= 620
    assert merge(material).totals.monthly_income.high is None


@pytest.mark.parametrize("failed", ["bank", "property", "vehicle", "securities"])
def test_a_supporters_assets_are_no_matter(failed: str) -> None:
    material = supported("2000.00", failed=failed)
    assert merge(material).totals.monthly_income == Interval.exactly(620)
    rich = accepted(a_shareholding("900000.00"), "s1")
    totals = merge(a_material(rich, request=material.request)).totals
    assert totals.business_capital == Interval.exactly(0)


def test_income_that_does_not_count_is_no_income_of_a_supporter_either() -> None:
    request = a_request(a_member("m1"), a_supporter())
    sale = accepted(a_tax_entry("90000.00", item=IncomeItem.SALE_OF_PROPERTY), "s1")
    assert payment(a_material(sale, request=request)) == []


def test_a_supporter_who_is_dead_pays_nothing() -> None:
    request = a_request(a_member("m1"), a_supporter())
    rows = [accepted(a_tax_entry("2000.00", month), "s1") for month in WINDOW]
    dead = accepted(a_registered_person("s1", dead=True), "s1")
    assert payment(a_material(dead, *rows, request=request)) == []


def test_a_supporters_income_in_review_widens_the_total() -> None:
    request = a_request(a_member("m1"), a_supporter())
    rows = [in_review(a_tax_entry("2000.00", month), "s1") for month in WINDOW]
    totals = merge(a_material(*rows, request=request)).totals
    assert totals.monthly_income == Interval(D(0), D(620))
