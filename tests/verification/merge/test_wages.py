"""Wages by the counting rules: net, a month and employer, in the order of trust, never summed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.evidence import Evidence
from app.domain.interval import Interval
from app.domain.profile import FindingCode
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from app.verification.merge.wages import wages_of
from connectors.records import AccountState, AnyRecord, IncomeItem, InsuranceKind
from tests.builders import a_material, in_review
from tests.records import (
    OTHER_WORKS,
    WINDOW,
    a_contribution,
    a_fund_account,
    a_tax_entry,
)

D = Decimal
ELSEWHERE: dict[str, Any] = {"payer": OTHER_WORKS[0], "payer_code": OTHER_WORKS[1]}
ELSEWHERE_INSURED: dict[str, Any] = {"employer": OTHER_WORKS[0], "employer_code": OTHER_WORKS[1]}
FIRST, SECOND, LAST = WINDOW[0], WINDOW[1], WINDOW[-1]


def over_the_window(material: Material) -> list[Interval]:
    """What each job of m1 paid over the 12 months."""
    return [wage.net for wage in wages_of(material, "m1")]


def exactly(*amounts: str) -> list[Interval]:
    return [Interval.exactly(D(amount)) for amount in amounts]


def test_net_is_gross_less_tax_and_the_own_part_of_insurance_and_fund() -> None:
    material = a_material(
        a_tax_entry("5000.00", FIRST, tax=D("45.00")),
        a_contribution("5000.00", FIRST, "400.00"),
        a_contribution("5000.00", FIRST, "25.00", insurance=InsuranceKind.UNEMPLOYMENT),
        # 1,000.00 a month for person and employer together: half of it is the person's.
        a_fund_account("5000.00", monthly=D("1000.00"), last_month=FIRST),
    )
    assert over_the_window(material) == exactly("4030.00")  # 5,000 − 45 − 400 − 25 − 500


@pytest.mark.parametrize(
    "item",
    [
        IncomeItem.WAGES,
        IncomeItem.YEARLY_BONUS,
        IncomeItem.LABOUR_SERVICE,
        IncomeItem.AUTHORS_FEE,
        IncomeItem.ROYALTY,
    ],
)
def test_all_items_of_work_are_wages(item: IncomeItem) -> None:
    assert over_the_window(a_material(a_tax_entry("800.00", item=item))) == exactly("800.00")


@pytest.mark.parametrize(
    "item",
    [one for one in IncomeItem if one.value not in
     {"wages", "yearly_bonus", "labour_service", "authors_fee", "royalty"}],
)  # fmt: skip
def test_no_other_item_is_a_wage(item: IncomeItem) -> None:
    assert over_the_window(a_material(a_tax_entry("800.00", item=item))) == []


def test_a_bonus_counts_whole_beside_the_month_it_was_paid_in() -> None:
    material = a_material(
        a_tax_entry("3000.00", FIRST),
        a_tax_entry("6000.00", FIRST, item=IncomeItem.YEARLY_BONUS, tax=D("180.00")),
    )
    assert over_the_window(material) == exactly("8820.00")


def test_a_correction_takes_back_what_it_corrects() -> None:
    material = a_material(
        a_tax_entry("2660.00"),
        a_tax_entry("-2660.00", correction=True),
        a_tax_entry("2560.00", correction=True),
    )
    assert over_the_window(material) == exactly("2560.00")


def test_an_entry_wholly_taken_back_leaves_the_month_to_the_fund() -> None:
    material = a_material(
        a_tax_entry("2660.00"),
        a_tax_entry("-2660.00", correction=True),
        a_fund_account("3100.00", last_month=FIRST),
    )
    assert over_the_window(material) == exactly("3100.00")


def test_a_tax_entry_of_nothing_is_a_tax_entry() -> None:
    material = a_material(a_tax_entry("0.00"), a_fund_account("3100.00", last_month=FIRST))
    assert over_the_window(material) == exactly("0")


@pytest.mark.parametrize("other", ["fund", "insurance", "both"])
def test_sources_of_one_wage_are_never_summed(other: str) -> None:
    """Wages of 3,000.00 by tax and a base of 3,600.00 or 3,800.00: the tax office's stand."""
    records: list[AnyRecord] = [a_tax_entry("3000.00", month) for month in WINDOW]
    if other != "insurance":
        records.append(a_fund_account("3800.00"))
    if other != "fund":
        records += [a_contribution("3600.00", month) for month in WINDOW]
    (wage,) = wages_of(a_material(*records), "m1")
    assert wage.net == Interval.exactly(36000)
    assert {row.source for row in wage.evidence} > {"tax"}


def test_a_month_without_tax_counts_the_base_of_the_fund() -> None:
    material = a_material(
        a_tax_entry("3000.00", FIRST),
        a_fund_account("3800.00", last_month=SECOND, monthly=D("760.00")),
        a_contribution("3700.00", SECOND, "300.00"),
    )
    # 3,000 − 380 for the first month; 3,800 − 380 − 300 for the second
    assert over_the_window(material) == exactly("5740.00")


def test_a_month_without_tax_and_fund_counts_the_base_of_the_insurance() -> None:
    material = a_material(a_contribution("4160.00", FIRST, "436.80"))
    assert over_the_window(material) == exactly("3723.20")
    (line,) = merge(material).income
    assert (line.why, line.imputed) == ("base_for_1_months", True)


@pytest.mark.parametrize(
    ("base", "minimum_wage", "counted"),
    [
        ("3600.00", "2120.00", "2120.00"),  # the floor says nothing of the wage
        ("3600.01", "2120.00", "3600.01"),
        ("3600.00", "4000.00", "3600.00"),  # only where the minimum wage is lower
    ],
)
def test_a_base_at_the_floor_is_the_minimum_wage(
    base: str, minimum_wage: str, counted: str
) -> None:
    material = a_material(a_contribution(base), minimum_wage=D(minimum_wage))
    assert over_the_window(material) == exactly(counted)


def test_the_floor_is_no_matter_where_the_fund_tells_the_base() -> None:
    material = a_material(a_fund_account("3600.00", last_month=FIRST))
    assert over_the_window(material) == exactly("3600.00")


@pytest.mark.parametrize("bases", [("4000.00", "4200.00"), ("4200.00", "4000.00")])
def test_several_insurances_of_one_month_are_one_base(bases: tuple[str, str]) -> None:
    material = a_material(
        a_contribution(bases[0]),
        a_contribution(bases[1], insurance=InsuranceKind.MEDICAL_EMPLOYEES),
    )
    assert over_the_window(material) == exactly("4200.00")


@pytest.mark.parametrize(
    ("insurance", "counts"),
    [(one, one.value in {"pension_enterprise", "pension_government", "medical_employees"})
     for one in InsuranceKind],
)  # fmt: skip
def test_only_an_employees_contribution_shows_a_wage(
    insurance: InsuranceKind, counts: bool
) -> None:
    material = a_material(a_contribution("4000.00", insurance=insurance))
    assert over_the_window(material) == (exactly("4000.00") if counts else [])


def test_who_insures_himself_has_no_wage_from_it() -> None:
    """Flexible employment 灵活就业: no employer, no pay."""
    alone = a_contribution("3600.00", employer=None, employer_code=None)
    assert over_the_window(a_material(alone)) == []


@pytest.mark.parametrize("state", [AccountState.SEALED, AccountState.CLOSED])
def test_an_account_that_is_not_paying_shows_no_wage(state: AccountState) -> None:
    assert over_the_window(a_material(a_fund_account(state=state))) == []


@pytest.mark.parametrize(
    ("until", "months"), [(date(2025, 10, 1), 0), (FIRST, 1), (LAST, 12), (date(2026, 11, 1), 12)]
)
def test_the_fund_counts_up_to_the_last_month_paid_within_the_window(
    until: date, months: int
) -> None:
    found = over_the_window(a_material(a_fund_account("3800.00", last_month=until)))
    assert sum((one.low for one in found), D(0)) == 3800 * months


@pytest.mark.parametrize("month", [date(2025, 10, 1), date(2026, 11, 1)])
def test_months_outside_the_window_do_not_count(month: date) -> None:
    material = a_material(a_tax_entry("9000.00", month), a_contribution("9000.00", month))
    assert over_the_window(material) == []


def test_two_employers_are_two_wages() -> None:
    material = a_material(a_tax_entry("2000.00"), a_tax_entry("900.00", **ELSEWHERE))
    assert over_the_window(material) == exactly("2000.00", "900.00")


def test_another_employers_base_stands_beside_a_taxed_wage() -> None:
    material = a_material(a_tax_entry("2000.00"), a_contribution("4000.00", **ELSEWHERE_INSURED))
    assert over_the_window(material) == exactly("2000.00", "4000.00")


@pytest.mark.parametrize("turned", [False, True])
def test_an_employer_without_a_code_is_known_by_name(turned: bool) -> None:
    """Older rows of the fund lack the code, and write the name in another width."""
    wide = "长春市某某（集团）物业有限公司　"
    records: list[AnyRecord] = [
        a_tax_entry("3000.00", payer="长春市某某(集团)物业有限公司"),
        a_fund_account("3800.00", employer=wide, employer_code=None, last_month=FIRST),
    ]
    assert over_the_window(a_material(*records[:: -1 if turned else 1])) == exactly("3000.00")


def test_which_employer_a_name_means_does_not_hang_on_the_order_of_records() -> None:
    records: list[AnyRecord] = [
        a_tax_entry("1000.00", payer="甲", payer_code=None),
        a_tax_entry("2000.00", payer="乙", payer_code=OTHER_WORKS[1]),
        a_tax_entry("4000.00", payer="甲", payer_code=OTHER_WORKS[1]),
    ]
    assert over_the_window(a_material(*records)) == exactly("7000.00")
    assert over_the_window(a_material(*reversed(records))) == exactly("7000.00")


@pytest.mark.parametrize(
    ("taxed", "funded", "differs"),
    [("3000.00", "3750.00", False), ("3000.00", "3750.01", True), ("3000.01", "2400.00", True)],
)
def test_more_than_a_fifth_between_tax_and_fund_is_a_finding(
    taxed: str, funded: str, differs: bool
) -> None:
    """A fifth of the greater: 3,750.00 less 20 % is 3,000.00."""
    material = a_material(*(a_tax_entry(taxed, month) for month in WINDOW), a_fund_account(funded))
    codes = [one.code for one in merge(material).findings]
    assert (FindingCode.WAGE_SOURCES_DIFFER in codes) is differs


def test_a_difference_between_tax_and_insurance_is_no_finding() -> None:
    """A base has a floor and a ceiling, so that it is not the wage."""
    material = a_material(a_tax_entry("3000.00"), a_contribution("9000.00"))
    codes = [one.code for one in merge(material).findings]
    assert FindingCode.WAGE_SOURCES_DIFFER not in codes


@pytest.mark.parametrize(
    "unreadable",
    [
        a_tax_entry(None),
        a_tax_entry("3000.00", None),
        a_fund_account(None),
        a_fund_account(last_month=None),
        a_contribution(None),
    ],
)
def test_what_cannot_be_read_has_no_upper_bound(unreadable: AnyRecord) -> None:
    (found,) = over_the_window(a_material(unreadable))
    assert found == Interval.at_least(0)


@pytest.mark.parametrize(
    "vague",
    [
        a_tax_entry("3000.00", tax=None),
        a_contribution("4000.00", FIRST, None),
        a_fund_account("3500.00", monthly=None, last_month=FIRST),
    ],
)
def test_a_deduction_that_cannot_be_read_is_not_nothing(vague: AnyRecord) -> None:
    (found,) = over_the_window(a_material(a_tax_entry("3000.00"), vague))
    assert found.low == 0
    assert found.high in (D(3000), D(6000))


@pytest.mark.parametrize(
    ("failed", "low"),
    [
        ("tax", "0"),  # a correction may be outstanding
        ("social_insurance", "2604.00"),  # 3,000 less 11 % of the least base, 3,600
        ("housing_fund", "2532.00"),  # 3,000 − 36 less 12 % of it
    ],
)
def test_a_source_that_failed_leaves_what_it_would_deduct_open(failed: str, low: str) -> None:
    material = a_material(
        a_tax_entry("3000.00"), a_contribution("3600.00", FIRST, "36.00"), failed=[("m1", failed)]
    )
    assert over_the_window(material) == [Interval(D(low), D("2964.00"))]


@pytest.mark.parametrize("failed", ["tax", "housing_fund"])
def test_a_base_is_not_sure_while_a_source_trusted_more_is_open(failed: str) -> None:
    material = a_material(a_contribution("4000.00"), failed=[("m1", failed)])
    assert over_the_window(material) == [Interval(D(0), D(4000))]


def test_a_base_of_the_fund_is_not_sure_while_the_fund_told_only_a_part() -> None:
    material = a_material(a_fund_account(last_month=FIRST), failed=[("m1", "housing_fund")])
    assert over_the_window(material) == [Interval(D(0), D(3800))]


def test_of_two_accounts_at_one_employer_the_one_paid_last_holds() -> None:
    records: list[AnyRecord] = [
        a_fund_account("3000.00", account="1", last_month=SECOND),
        a_fund_account("5000.00", account="2", last_month=FIRST),
    ]
    for order in (records, records[::-1]):
        assert over_the_window(a_material(*order)) == exactly("6000.00")


def test_a_record_in_review_is_in_no_line_and_widens_the_total() -> None:
    evidence: list[Evidence[AnyRecord]] = [in_review(a_tax_entry("1200.00"))]
    profile = merge(a_material(*evidence))
    assert profile.income == ()
    assert profile.totals.monthly_income == Interval(D(0), D(100))


def test_the_lines_window_is_twelve_whole_months() -> None:
    (line,) = merge(a_material(a_tax_entry())).income
    assert (line.first, line.last) == (date(2025, 11, 1), date(2026, 10, 31))
    assert line.months == 12
    assert line.payer == "长春市某某物业有限公司"
