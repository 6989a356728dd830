"""The shipped standards: every programme, test, limit and counting rule, by day and region."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from app.domain.errors import NoStandardInForce, UnknownProgramme
from app.programmes.standard import Standard, Standards
from tests.programmes.drafts import A_DRAFT

D = Decimal
TOWN, COUNTRY = "220102003", "220102102"
IN_2014, IN_2026 = date(2014, 8, 1), date(2026, 11, 24)
STANDARDS: Final = Standards.load()
DIBAO_ASSETS: Final = (
    ("homes", "at_most", "1"),
    ("vehicles", "at_most", "0"),
    ("vessels", "at_most", "0"),
    ("business_capital", "at_most", "100000.00"),
)


def limits_of(programme: str, region: str, day: date) -> tuple[tuple[str, str, str], ...]:
    standard = STANDARDS.in_force(programme, region, day)
    return tuple((rule.test, str(rule.comparison), str(rule.limit)) for rule in standard.tests)


def income(comparison: str, limit: str) -> tuple[str, str, str]:
    return ("monthly_income_per_person", comparison, limit)


def assets(limit: str) -> tuple[str, str, str]:
    return ("financial_assets_per_person", "at_most", limit)


def test_there_is_a_standard_for_every_programme() -> None:
    assert set(STANDARDS.programmes) == {
        "urban_dibao", "rural_dibao", "dibao_edge", "special_support", "orphan", "medical_relief",
        "education_relief", "housing_relief", "dangerous_house", "employment_aid",
        "temporary_relief", "poverty_alleviation", "disabled_student", "worker_family_student",
        "legal_aid", "charity", "disaster_relief", "insurance_subsidy", "emergency_care",
        "disabled_employment", "retrenched_workers", "funeral_relief", "minors_at_risk",
        "urban_three_nos", "rigid_expenditure_hardship",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("programme", "region", "day", "expected"),
    [
        ("urban_dibao", TOWN, IN_2014, (income("below", "371.24"), assets("8909.76"))),
        ("urban_dibao", TOWN, IN_2026, (income("below", "760.00"), assets("18240.00"))),
        ("rural_dibao", COUNTRY, IN_2014, (income("below", "200.44"), assets("4810.56"))),
        ("rural_dibao", COUNTRY, IN_2026, (income("below", "520.00"), assets("12480.00"))),
        ("dibao_edge", TOWN, IN_2014, (income("below", "556.86"), assets("13364.64"))),
        ("dibao_edge", TOWN, IN_2026, (income("below", "1140.00"), assets("27360.00"))),
        ("dibao_edge", COUNTRY, IN_2026, (income("below", "780.00"), assets("18720.00"))),
        ("special_support", TOWN, IN_2026, (income("at_most", "760.00"), assets("18240.00"))),
        ("special_support", COUNTRY, IN_2026, (income("at_most", "520.00"), assets("12480.00"))),
        ("orphan", TOWN, IN_2026, (income("at_most", "760.00"), assets("18240.00"))),
        ("temporary_relief", TOWN, IN_2026, (income("below", "1520.00"), assets("27360.00"))),
    ],
)
def test_programmes_with_the_asset_tests_of_dibao(
    programme: str, region: str, day: date, expected: tuple[tuple[str, str, str], ...]
) -> None:
    assert limits_of(programme, region, day) == (*expected, *DIBAO_ASSETS)


@pytest.mark.parametrize(
    ("programme", "region", "expected"),
    [
        ("medical_relief", TOWN, ()),
        ("education_relief", TOWN, ()),
        ("disabled_student", TOWN, ()),
        ("legal_aid", TOWN, (income("below", "1140.00"),)),
        ("legal_aid", COUNTRY, (income("below", "780.00"),)),
        ("insurance_subsidy", COUNTRY, ()),
        ("funeral_relief", TOWN, ()),
        ("disaster_relief", TOWN, (income("below", "1520.00"), ("homes", "at_most", "1"))),
        ("emergency_care", COUNTRY, (income("below", "780.00"), assets("6240.00"))),
        ("retrenched_workers", COUNTRY, (income("below", "1040.00"),)),
        ("minors_at_risk", TOWN, (income("below", "1140.00"), assets("27360.00"))),
        (
            "disabled_employment",
            TOWN,
            (
                income("below", "1140.00"),
                assets("27360.00"),
                ("vehicles", "at_most", "0"),
                ("business_capital", "at_most", "100000.00"),
            ),
        ),
        (
            "rigid_expenditure_hardship",
            COUNTRY,
            (income("below", "1800.00"), assets("18720.00"), *DIBAO_ASSETS),
        ),
        ("charity", TOWN, (income("below", "1520.00"), assets("27360.00"))),
        (
            "housing_relief",
            TOWN,
            (
                income("below", "1520.00"),
                ("homes", "at_most", "1"),
                ("floor_area_per_person", "below", "15.00"),
                assets("36480.00"),
                ("vehicles", "at_most", "0"),
            ),
        ),
        (
            "dangerous_house",
            COUNTRY,
            (
                income("below", "780.00"),
                ("homes", "at_most", "1"),
                assets("18720.00"),
                ("vehicles", "at_most", "0"),
            ),
        ),
        (
            "employment_aid",
            TOWN,
            (
                income("below", "1140.00"),
                assets("27360.00"),
                ("vehicles", "at_most", "0"),
                ("business_capital", "at_most", "100000.00"),
            ),
        ),
        ("poverty_alleviation", COUNTRY, (income("below", "666.67"), *DIBAO_ASSETS)),
        (
            "worker_family_student",
            TOWN,
            (
                income("below", "1520.00"),
                assets("27360.00"),
                ("homes", "at_most", "1"),
                ("vehicles", "at_most", "0"),
            ),
        ),
    ],
)
def test_programmes_with_tests_of_their_own(
    programme: str, region: str, expected: tuple[tuple[str, str, str], ...]
) -> None:
    assert limits_of(programme, region, IN_2026) == expected


ANY_CATEGORY: Final = ("special_support", "orphan", "dibao_edge")


@pytest.mark.parametrize(
    ("programme", "town", "country"),
    [
        *(
            (name, ("urban_dibao", *ANY_CATEGORY), ("rural_dibao", *ANY_CATEGORY))
            for name in (
                "medical_relief", "education_relief", "employment_aid", "temporary_relief",
                "disabled_student", "worker_family_student", "legal_aid", "charity",
                "disaster_relief", "emergency_care", "disabled_employment", "minors_at_risk",
            )
        ),
        *(
            (name, (), ())
            for name in (
                "urban_dibao", "rural_dibao", "dibao_edge", "special_support", "orphan",
                "housing_relief", "retrenched_workers", "rigid_expenditure_hardship",
            )
        ),
        ("dangerous_house", *(("rural_dibao", "special_support", "dibao_edge"),) * 2),
        ("poverty_alleviation", *(("rural_dibao", "special_support"),) * 2),
        ("insurance_subsidy", *(("rural_dibao", "special_support"),) * 2),
        ("funeral_relief", ("urban_dibao",), ("rural_dibao",)),
    ],
)  # fmt: skip
def test_the_categories_that_suffice(
    programme: str, town: tuple[str, ...], country: tuple[str, ...]
) -> None:
    assert STANDARDS.in_force(programme, TOWN, IN_2026).holds_one_of == town
    assert STANDARDS.in_force(programme, COUNTRY, IN_2026).holds_one_of == country


@pytest.mark.parametrize(
    ("programme", "figure", "amount"),
    [
        ("urban_dibao", "gap_share", "1.00"),
        ("urban_dibao", "supplement_share", "0.50"),
        ("rural_dibao", "gap_share", "1.00"),
        ("rural_dibao", "supplement_share", "0.50"),
        ("insurance_subsidy", "insurance_subsidy_yearly", "90.00"),
        ("special_support", "rural_centralised_yearly", "4200.00"),
        ("special_support", "rural_scattered_yearly", "2800.00"),
        ("special_support", "medical_share", "1.00"),
        ("orphan", "institution_monthly", "1000.00"),
        ("orphan", "family_monthly", "600.00"),
        ("orphan", "medical_share", "1.00"),
        ("medical_relief", "own_cost_above_yearly", "5000.00"),
        ("medical_relief", "share_above", "0.60"),
        ("medical_relief", "cap_yearly", "12000.00"),
        ("medical_relief", "share_special_support", "1.00"),
        ("education_relief", "preschool_rural_yearly", "1500.00"),
        ("education_relief", "preschool_urban_yearly", "2000.00"),
        ("education_relief", "boarder_primary_yearly", "1000.00"),
        ("education_relief", "boarder_junior_yearly", "1250.00"),
        ("education_relief", "senior_grant_yearly", "1500.00"),
        ("education_relief", "vocational_private_fee_yearly", "2000.00"),
        ("education_relief", "university_grant_yearly", "3000.00"),
        ("disabled_student", "provincial_once", "3000.00"),
        ("disabled_student", "city_once", "2000.00"),
        ("disabled_student", "county_once", "1000.00"),
        ("worker_family_student", "minimum_wages_most", "2"),
        ("housing_relief", "area_per_person", "15"),
        ("housing_relief", "rent_share", "0.10"),
        ("dangerous_house", "subsidy_grade_d", "14000.00"),
        ("dangerous_house", "subsidy_grade_c", "6000.00"),
        ("employment_aid", "post_wage_multiple", "1.00"),
        ("temporary_relief", "amount_months", "6"),
        ("funeral_relief", "funeral_items_free", "6"),
        ("poverty_alleviation", "small_loan_most", "50000.00"),
        ("legal_aid", "fee_waived_share", "1.00"),
    ],
)
def test_the_figures_of_the_benefits(programme: str, figure: str, amount: str) -> None:
    standard = STANDARDS.in_force(programme, COUNTRY, IN_2026)
    assert standard.benefits[figure] == D(amount)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_months", 12),
        ("residents_pension_counted_from", date(2026, 1, 1)),
        ("minimum_wage", D("2120.00")),
        ("contribution_floor", D("3600.00")),
        ("contribution_ceiling", D("18000.00")),
        ("local_standard", D("760.00")),
        ("wage_difference_tolerance", D("0.20")),
        ("imputed_sole_trader_monthly", None),
        ("supporter_share", D("0.50")),
        ("supporter_share_many", D("0.40")),
        ("supporters_many", 3),
        ("medical_above_yearly", D("5000.00")),
        ("medical_limit_yearly", None),
        ("education_limit_yearly", D(0)),
        ("disability_limit_yearly", D(0)),
        ("own_contribution_rate_most", D("0.11")),
        ("own_fund_rate_most", D("0.12")),
        ("exempt_vehicle_kinds", ("motorcycle", "three_wheeler", "tractor", "farm_vehicle")),
        ("counted_vehicle_states", ("normal", "overdue_inspection")),
        ("declared_tolerance", D("0.10")),
        ("lookback_months", 12),
    ],
)
def test_the_counting_rules(name: str, value: object) -> None:
    standard = STANDARDS.in_force("urban_dibao", TOWN, IN_2026)
    assert getattr(standard.counting, name) == value


def test_every_source_has_an_age_from_which_it_is_stale() -> None:
    counting = STANDARDS.in_force("urban_dibao", TOWN, IN_2026).counting
    assert set(counting.stale_after_days) == {
        "household_registry", "tax", "social_insurance", "property", "business_registration",
        "housing_fund", "vehicle", "bank", "insurance", "securities",
    }  # fmt: skip
    assert all(days > 0 for days in counting.stale_after_days.values())


@pytest.mark.parametrize(
    ("yearly", "share", "monthly", "programme", "region"),
    [
        ("22274.60", "0.20", "371.24", "urban_dibao", TOWN),
        ("9621.21", "0.25", "200.44", "rural_dibao", COUNTRY),
    ],
)
def test_the_standards_of_2014_are_the_shares_of_the_incomes_of_2013(
    yearly: str, share: str, monthly: str, programme: str, region: str
) -> None:
    assert (D(yearly) * D(share) / 12).quantize(D("0.01")) == D(monthly)
    standard = STANDARDS.in_force(programme, region, IN_2014)
    assert standard.counting.local_standard == D(monthly)


@pytest.mark.parametrize(
    ("programme", "region", "day", "version"),
    [
        ("urban_dibao", "220102003", IN_2026, "urban_dibao@2026-01-01/220102"),
        ("urban_dibao", "220102", IN_2026, "urban_dibao@2026-01-01/220102"),
        ("urban_dibao", "222401001", IN_2026, "urban_dibao@2026-01-01/222401"),
        ("urban_dibao", "220199001", IN_2026, "urban_dibao@2026-01-01/22"),
        ("urban_dibao", "220102003", date(2025, 12, 31), "urban_dibao@2014-07-01/22"),
        ("dibao_edge", TOWN, IN_2026, "dibao_edge@2026-01-01/220102/urban"),
        ("dibao_edge", COUNTRY, IN_2026, "dibao_edge@2026-01-01/220102/rural"),
    ],
)
def test_the_version_names_newest_date_and_nearest_region(
    programme: str, region: str, day: date, version: str
) -> None:
    assert STANDARDS.in_force(programme, region, day).id == version


def standards_on(programme: str, region: str, day: date) -> list[Standard]:
    """The standard of that day, where there is one."""
    with suppress(NoStandardInForce):
        return [STANDARDS.in_force(programme, region, day)]
    return []


def test_equal_versions_are_equal_standards() -> None:
    days = [date(2014, 7, 1), date(2016, 2, 9), date(2016, 2, 10), date(2020, 5, 5)]
    days += [date(2025, 12, 31), date(2026, 1, 1), IN_2026]
    regions = [TOWN, COUNTRY, "220102", "222401001", "220199200"]
    for programme in STANDARDS.programmes:
        found = [
            one
            for region in regions
            for day in days
            for one in standards_on(programme, region, day)
        ]
        by_version = {standard.id: standard for standard in found}
        assert all(by_version[standard.id] == standard for standard in found)


def test_before_the_first_date_there_is_no_standard() -> None:
    with pytest.raises(NoStandardInForce) as raised:
        STANDARDS.in_force("urban_dibao", TOWN, date(2014, 6, 30))
    message = str(raised.value)
    for part in ("urban_dibao", TOWN, "2014-06-30", "the first starts 2014-07-01", "add the"):
        assert part in message


def test_a_province_without_values_has_no_standard() -> None:
    with pytest.raises(NoStandardInForce, match="no level of the region has a"):
        STANDARDS.in_force("urban_dibao", "110101001", IN_2026)


def test_an_unknown_programme_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownProgramme, match=r"dibao: no programme.*urban_dibao"):
        STANDARDS.in_force("dibao", TOWN, IN_2026)


def test_made_up_values_are_marked() -> None:
    assert STANDARDS.in_force("urban_dibao", TOWN, IN_2026).example


def test_a_programme_ends_with_its_last_day() -> None:
    last = STANDARDS.in_force("urban_three_nos", TOWN, date(2016, 2, 9))
    assert last.until == date(2016, 2, 9)
    assert last.id == "urban_three_nos@2014-07-01/22"
    with pytest.raises(NoStandardInForce, match=r"2016-02-10, its last day was 2016-02-09"):
        STANDARDS.in_force("urban_three_nos", TOWN, date(2016, 2, 10))


@pytest.mark.parametrize(
    ("region", "day", "holds", "version"),
    [
        (TOWN, date(2016, 2, 9), True, "medical_relief@2014-07-01/22/urban"),
        (TOWN, date(2016, 2, 10), False, "medical_relief@2016-02-10/22/urban"),
        (COUNTRY, date(2016, 2, 9), False, "medical_relief@2014-07-01/22/rural"),
        (COUNTRY, date(2016, 2, 10), False, "medical_relief@2014-07-01/22/rural"),
        (TOWN, IN_2026, False, "medical_relief@2026-01-01/220102/urban"),
    ],
)
def test_a_category_that_is_over_cannot_be_held_and_makes_a_version(
    region: str, day: date, holds: bool, version: str
) -> None:
    standard = STANDARDS.in_force("medical_relief", region, day)
    assert ("urban_three_nos" in standard.holds_one_of, standard.id) == (holds, version)


def test_a_category_that_has_not_begun_cannot_be_held() -> None:
    text = A_DRAFT[: A_DRAFT.index("tests:")] + (
        "holds_one_of: [urban_dibao, rigid_expenditure_hardship]\n"
    )
    standards, key = STANDARDS.with_draft(text)
    before, since = (standards.in_force(key, TOWN, date(2024, 10, day)) for day in (23, 24))
    assert before.holds_one_of == ("urban_dibao",)
    assert before.id == "a_draft@2014-07-01/22+draft"
    assert since.holds_one_of == ("urban_dibao", "rigid_expenditure_hardship")
    assert since.id == "a_draft@2024-10-24/22+draft"


def test_where_all_it_rests_on_is_over_there_is_no_standard() -> None:
    text = A_DRAFT[: A_DRAFT.index("tests:")] + "holds_one_of: [urban_three_nos]\n"
    standards, key = STANDARDS.with_draft(text)
    assert standards.in_force(key, TOWN, date(2016, 2, 9)).holds_one_of == ("urban_three_nos",)
    with pytest.raises(NoStandardInForce, match="nor for what it rests on"):
        standards.in_force(key, TOWN, date(2016, 2, 10))


@pytest.mark.parametrize(
    ("programme", "months"),
    [
        ("urban_dibao", 12),
        ("rural_dibao", 12),
        ("dibao_edge", 12),
        ("rigid_expenditure_hardship", 12),
        ("temporary_relief", None),
    ],
)
def test_for_how_long_a_decision_holds(programme: str, months: int | None) -> None:
    assert STANDARDS.in_force(programme, COUNTRY, IN_2026).valid_months == months


def test_every_programme_says_what_it_rests_on() -> None:
    for programme in STANDARDS.programmes:
        assert STANDARDS.file(programme).sources, programme
