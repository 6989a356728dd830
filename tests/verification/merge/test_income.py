"""Business, property and transfer income, what is declared, and what is deducted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.household import VerificationRequest
from app.domain.interval import UNKNOWN, Interval
from app.domain.profile import FindingCode, IncomeLine
from app.verification.document import profile_document
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from connectors.records import (
    AnyRecord,
    BenefitKind,
    EnterpriseKind,
    EnterpriseState,
    IncomeItem,
    InterestRole,
    PolicyClass,
    PolicyRole,
)
from tests.builders import (
    a_material,
    a_member,
    a_request,
    accepted,
    an_expense,
    counting,
    declared,
    declared_income,
)
from tests.records import (
    WINDOW,
    a_benefit,
    a_business_interest,
    a_policy,
    a_shareholding,
    a_tax_entry,
)

D = Decimal


def line(material: Material) -> IncomeLine:
    (found,) = merge(material).income
    return found


def monthly(material: Material) -> Interval:
    return merge(material).totals.value("monthly_income")


def asking(*items: Any) -> VerificationRequest:
    return a_request(declared=declared(*items))


# Business


def test_business_income_is_what_was_taxed() -> None:
    found = line(a_material(a_tax_entry("24000.00", item=IncomeItem.BUSINESS)))
    assert (found.kind.value, found.total) == ("business", Interval.exactly(24000))


def test_a_sole_trader_with_taxed_receipts_is_not_imputed_anything() -> None:
    material = a_material(
        a_tax_entry("2400.00", item=IncomeItem.BUSINESS),
        a_business_interest(),
        imputed_sole_trader_monthly=D(1000),
    )
    assert monthly(material) == Interval.exactly(200)


def test_a_sole_trader_without_taxed_receipts_has_an_unknown_income() -> None:
    profile = merge(a_material(a_business_interest()))
    (found,) = profile.income
    assert (found.total, found.why, found.verified) == (UNKNOWN, "business_income_unknown", False)
    codes = [one.code for one in profile.findings]
    assert FindingCode.BUSINESS_INCOME_UNKNOWN in codes


def test_receipts_before_the_window_do_not_tell_the_income() -> None:
    before = a_tax_entry("2400.00", date(2025, 10, 1), item=IncomeItem.BUSINESS)
    assert monthly(a_material(before, a_business_interest())) == UNKNOWN


def test_a_standard_can_impute_a_sole_traders_income() -> None:
    found = line(a_material(a_business_interest(), imputed_sole_trader_monthly=D(1500)))
    assert (found.total, found.imputed) == (Interval.exactly(18000), True)
    assert found.why == "imputed_sole_trader_monthly"


def test_what_is_imputed_is_not_sure_while_the_tax_office_is_silent() -> None:
    material = a_material(
        a_business_interest(), failed=[("m1", "tax")], imputed_sole_trader_monthly=D(1500)
    )
    assert line(material).total == Interval(D(0), D(18000))


@pytest.mark.parametrize(
    "interest",
    [
        a_business_interest(state=EnterpriseState.STRUCK_OFF),
        a_business_interest(state=EnterpriseState.REVOKED),
        a_business_interest(kind=EnterpriseKind.COMPANY),
        a_business_interest(role=InterestRole.MANAGER),
        a_shareholding("50000.00"),
    ],
)
def test_only_a_sole_trader_in_business_has_an_income_from_it(interest: AnyRecord) -> None:
    assert merge(a_material(interest)).income == ()


# Property


@pytest.mark.parametrize("item", [IncomeItem.INTEREST_DIVIDENDS, IncomeItem.RENT])
def test_interest_dividends_and_rent_count(item: IncomeItem) -> None:
    found = line(a_material(a_tax_entry("600.00", item=item)))
    assert (found.kind.value, found.total, found.counted) == (
        "property",
        Interval.exactly(600),
        True,
    )


def test_the_sale_of_property_is_no_income_and_is_a_finding() -> None:
    profile = merge(a_material(a_tax_entry("80000.00", item=IncomeItem.SALE_OF_PROPERTY)))
    (found,) = profile.income
    assert (found.counted, found.why) == (False, "sale_of_property")
    assert profile.totals.monthly_income == Interval.exactly(0)
    assert [one.code for one in profile.findings][-1] is FindingCode.ASSET_DISPOSED_RECENTLY


def test_an_annuity_received_is_income() -> None:
    found = line(a_material(a_policy("0.00", annuity_received=D("1200.00"))))
    assert (found.kind.value, found.why) == ("property", "annuity_received")
    assert found.total == Interval.exactly(1200)


def test_an_annuity_that_comes_back_for_holder_and_insured_is_one() -> None:
    """The policy is on record for the husband who pays and for the wife who is insured."""
    request = a_request(a_member("m1"), a_member("m2"))
    policy = a_policy("0.00", annuity_received=D("1200.00"))
    insured = a_policy("0.00", annuity_received=D("1200.00"), role=PolicyRole.INSURED)
    material = a_material(policy, insured, accepted(insured, "m2"), request=request)
    assert monthly(material) == Interval.exactly(100)


def test_policies_without_a_number_are_each_its_own() -> None:
    policy = a_policy("0.00", annuity_received=D("1200.00"), number=None)
    assert monthly(a_material(policy, policy)) == Interval.exactly(200)


@pytest.mark.parametrize(
    ("kind", "known"), [(PolicyClass.ANNUITY, False), (PolicyClass.MOTOR, True)]
)
def test_an_annuity_without_an_amount_is_unknown(kind: PolicyClass | None, known: bool) -> None:
    found = monthly(a_material(a_policy("0.00", annuity_received=None, policy_class=kind)))
    assert found == (Interval.exactly(0) if known else UNKNOWN)


# Transfer


@pytest.mark.parametrize(
    "kind",
    [
        BenefitKind.OLD_AGE_PENSION,
        BenefitKind.UNEMPLOYMENT,
        BenefitKind.WORK_INJURY,
        BenefitKind.SURVIVORS,
    ],
)
def test_pensions_and_benefits_count(kind: BenefitKind) -> None:
    material = a_material(*(a_benefit(kind, "1420.00", month) for month in WINDOW))
    assert line(material).kind.value == "transfer"
    assert monthly(material) == Interval.exactly(1420)


@pytest.mark.parametrize(
    ("as_of", "counted_months"),
    [
        (date(2025, 12, 31), 0),  # the window ends with November 2025
        (date(2026, 1, 31), 0),  # … with December 2025
        (date(2026, 2, 1), 1),
        (date(2026, 11, 24), 10),
        (date(2027, 1, 1), 12),
    ],
)
def test_the_residents_pension_counts_from_january_2026_on(
    as_of: date, counted_months: int
) -> None:
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(36)]
    rows = [a_benefit(BenefitKind.RESIDENTS_BASIC_PENSION, "120.00", month) for month in months]
    profile = merge(a_material(*rows, request=a_request(as_of=as_of)))
    assert profile.totals.monthly_income == Interval.exactly(10 * counted_months)
    (before,) = [one for one in profile.income if one.why == "residents_pension_not_counted"]
    assert not before.counted
    assert before.total == Interval.exactly(120 * (12 - counted_months))


def test_a_standard_can_leave_the_residents_pension_out_or_move_its_month() -> None:
    rows = [a_benefit(BenefitKind.RESIDENTS_BASIC_PENSION, "120.00", month) for month in WINDOW]
    assert monthly(a_material(*rows, residents_pension_counted_from=None)) == Interval.exactly(0)
    from_july = a_material(*rows, residents_pension_counted_from=date(2026, 7, 1))
    assert monthly(from_july) == Interval.exactly(40)


def test_accidental_income_counts_once_in_its_month() -> None:
    assert monthly(a_material(a_tax_entry("300.00", item=IncomeItem.ACCIDENTAL))) == (
        Interval.exactly(25)
    )


@pytest.mark.parametrize("month", [date(2025, 10, 1), date(2026, 11, 1)])
def test_payments_outside_the_window_do_not_count(month: date) -> None:
    material = a_material(
        a_benefit(BenefitKind.OLD_AGE_PENSION, "1420.00", month),
        a_tax_entry("300.00", month, item=IncomeItem.ACCIDENTAL),
        a_tax_entry("300.00", month, item=IncomeItem.RENT),
    )
    assert monthly(material) == Interval.exactly(0)


@pytest.mark.parametrize(
    ("benefit", "expected"),
    [
        (a_benefit(BenefitKind.OLD_AGE_PENSION, None), UNKNOWN),
        (a_benefit(BenefitKind.OLD_AGE_PENSION, "120.00", None), Interval(D(0), D(10))),
        (a_benefit(None, "120.00"), Interval(D(0), D(10))),
        (
            a_benefit(BenefitKind.RESIDENTS_BASIC_PENSION, "120.00", None),
            Interval(D(0), D(10)),
        ),
    ],
)
def test_a_benefit_that_cannot_be_read_is_not_nothing(
    benefit: AnyRecord, expected: Interval
) -> None:
    assert monthly(a_material(benefit)) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["600.00", "-600.00", "480.00"], Interval.exactly(40)),
        (["600.00", None], Interval(D(50), None)),
    ],
)
def test_corrections_and_unreadable_amounts_of_other_items(
    entries: list[str | None], expected: Interval
) -> None:
    rows = [a_tax_entry(gross, item=IncomeItem.RENT) for gross in entries]
    assert monthly(a_material(*rows)) == expected


def test_a_correction_of_an_unknown_month_leaves_open_whether_it_corrects_the_window() -> None:
    rows = [
        a_tax_entry("600.00", item=IncomeItem.RENT),
        a_tax_entry("-600.00", None, item=IncomeItem.RENT, correction=True),
    ]
    assert monthly(a_material(*rows)) == Interval(D(0), D(50))


def test_while_the_tax_office_is_open_a_correction_may_be_outstanding() -> None:
    material = a_material(a_tax_entry("600.00", item=IncomeItem.RENT), failed=[("m1", "tax")])
    assert line(material).total == Interval(D(0), D(600))


# Declared


@pytest.mark.parametrize(("basis", "counted"), [("odd_jobs", True), ("gift", True)])
def test_what_no_source_can_show_is_taken_as_declared(basis: str, counted: bool) -> None:
    material = a_material(request=asking(declared_income("300.00", basis=basis)))
    found = line(material)
    assert (found.counted, found.verified, found.why) == (counted, False, f"declared_{basis}")
    assert monthly(material) == Interval.exactly(300)


@pytest.mark.parametrize("basis", ["care_payment", "honour_payment", "scholarship", "relief"])
def test_what_does_not_count_is_kept_with_the_rule(basis: str) -> None:
    material = a_material(request=asking(declared_income("300.00", kind="transfer", basis=basis)))
    found = line(material)
    assert (found.counted, found.why) == (False, f"declared_{basis}")
    assert monthly(material) == Interval.exactly(0)


@pytest.mark.parametrize("verified", ["900.00", "3000.00"])
def test_where_verified_and_declared_differ_the_verified_figure_counts(verified: str) -> None:
    request = asking(declared_income("1200.00"))
    rows = [a_tax_entry(verified, month) for month in WINDOW]
    assert monthly(a_material(*rows, request=request)) == Interval.exactly(D(verified))
    assert monthly(a_material(request=request)) == Interval.exactly(0)


# Deductions


@pytest.mark.parametrize(
    ("expenses", "deducted"),
    [
        ([an_expense("8000.00")], "3000.00"),
        ([an_expense("5000.00")], "0"),
        ([an_expense("8000.00", proven=False)], "0"),
        # one person's bills are one year's cost
        ([an_expense("4000.00"), an_expense("4000.00")], "3000.00"),
        # two persons' are not
        ([an_expense("4000.00"), an_expense("4000.00", person="m2")], "0"),
        ([an_expense("8000.00"), an_expense("6000.00", person="m2")], "4000.00"),
        # not deducted by the default standard
        ([an_expense("8000.00", "education"), an_expense("8000.00", "disability")], "0"),
        ([an_expense("8000.00", person="s1")], "0"),
    ],
)
def test_medical_cost_above_5000_a_year_is_deducted(expenses: list[Any], deducted: str) -> None:
    request = a_request(a_member("m1"), a_member("m2"), declared=declared(*expenses))
    profile = merge(a_material(a_tax_entry("12000.00"), request=request))
    assert profile.deductions == D(deducted)
    assert profile.totals.monthly_income == Interval.exactly((12000 - D(deducted)) / 12)


def test_a_standard_can_deduct_other_kinds_up_to_its_limits() -> None:
    request = asking(
        an_expense("9000.00"),
        an_expense("3000.00", "education"),
        an_expense("700.00", "disability"),
    )
    profile = merge(
        a_material(
            request=request,
            medical_limit_yearly=D(1000),
            education_limit_yearly=D(2000),
            disability_limit_yearly=D(2000),
        )
    )
    assert profile.deductions == D(1000 + 2000 + 700)


def test_income_less_deductions_is_never_under_nothing() -> None:
    request = asking(an_expense("90000.00"))
    assert monthly(a_material(a_tax_entry("1200.00"), request=request)) == Interval.exactly(0)


# To the cent


@pytest.mark.parametrize(
    ("gross", "shown"),
    [
        ("31200.06", "2600.01"),  # 2,600.005 is half-way, and goes up
        ("31200.05", "2600.00"),
        ("0.06", "0.01"),
        ("10000.00", "833.33"),
    ],
)
def test_money_is_rounded_half_up_once(gross: str, shown: str) -> None:
    document = profile_document(merge(a_material(a_tax_entry(gross))))
    assert document["totals"]["monthly_income"] == shown
    assert document["income"][0]["monthly"] == shown


def test_a_part_for_each_person_is_taken_of_what_is_not_rounded_yet() -> None:
    """0.11 ÷ 12 = 0.00917, ÷ 2 = 0.0046; from the rounded 0.01 it would be 0.005, and go up."""
    request = a_request(a_member("m1"), a_member("m2"))
    totals = merge(a_material(a_tax_entry("0.11"), request=request)).totals
    assert totals.value("monthly_income") == Interval.exactly(D("0.01"))
    assert totals.value("monthly_income_per_person") == Interval.exactly(D("0.00"))


def test_the_window_can_be_another_one() -> None:
    six = a_material(
        *(a_tax_entry("1200.00", month) for month in WINDOW),
        a_policy("0.00", annuity_received=D("1200.00")),
        request=asking(an_expense("6200.00")),
        window_months=6,
    )
    # six months of wages, half a year's annuity, half a year's cost above 5,000.00
    assert merge(six).totals.monthly_income == Interval.exactly((7200 + 600 - 600) / D(6))
    assert counting().window_months == 12
