"""Every number of the founding document's clauses 3 to 17 stands in its programme's file."""

from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from app.programmes.files import ProgrammeFile
from app.programmes.parameters import InForce, Parameter
from app.programmes.words import TOTALS
from tests.programmes.drafts import shipped

D = Decimal
BEFORE, IN_2014, IN_2017 = date(2014, 6, 30), date(2014, 7, 1), date(2017, 1, 1)

NUMBERS: Final = (
    # clause, programme, part of the file, name, day, value
    ("3", "urban_dibao", "targets", "standard_share_least", IN_2014, "0.20"),
    ("3", "urban_dibao", "targets", "income_last_year", IN_2014, "22274.60"),
    ("3", "urban_dibao", "targets", "standard_least_monthly", IN_2014, "371.24"),
    ("3", "urban_dibao", "targets", "coverage_least", IN_2014, "1"),
    ("3", "rural_dibao", "targets", "standard_share_least", IN_2014, "0.25"),
    ("3", "rural_dibao", "targets", "income_last_year", IN_2014, "9621.21"),
    ("3", "rural_dibao", "targets", "standard_least_yearly", IN_2014, "2405.30"),
    ("3", "rural_dibao", "targets", "coverage_least", IN_2014, "1"),
    ("3", "urban_dibao", "benefits", "gap_share", IN_2014, "1"),
    ("3", "rural_dibao", "benefits", "gap_share", IN_2014, "1"),
    ("3", "urban_dibao", "benefits", "supplement_share", IN_2014, "0.5"),
    ("3", "rural_dibao", "benefits", "supplement_share", IN_2014, "0.5"),
    ("4", "special_support", "benefits", "rural_centralised_yearly", BEFORE, "3900"),
    ("4", "special_support", "benefits", "rural_centralised_yearly", IN_2014, "4200"),
    ("4", "special_support", "benefits", "rural_scattered_yearly", BEFORE, "2500"),
    ("4", "special_support", "benefits", "rural_scattered_yearly", IN_2014, "2800"),
    ("4", "special_support", "targets", "rural_living_level_share_least", IN_2017, "1"),
    ("6", "insurance_subsidy", "benefits", "insurance_subsidy_yearly", IN_2014, "90"),
    ("6", "medical_relief", "benefits", "own_cost_above_yearly", IN_2014, "5000"),
    ("6", "medical_relief", "benefits", "share_above", IN_2014, "0.6"),
    ("6", "medical_relief", "benefits", "cap_yearly", IN_2014, "12000"),
    ("6", "medical_relief", "benefits", "share_special_support", IN_2014, "1"),
    ("7", "education_relief", "benefits", "preschool_rural_yearly", IN_2014, "1500"),
    ("7", "education_relief", "benefits", "preschool_urban_yearly", IN_2014, "2000"),
    ("7", "education_relief", "benefits", "boarder_primary_yearly", IN_2014, "1000"),
    ("7", "education_relief", "benefits", "boarder_junior_yearly", IN_2014, "1250"),
    ("7", "education_relief", "benefits", "senior_grant_yearly", IN_2014, "1500"),
    ("7", "education_relief", "benefits", "vocational_public_fee_share", IN_2014, "1"),
    ("7", "education_relief", "benefits", "vocational_private_fee_yearly", IN_2014, "2000"),
    ("7", "education_relief", "benefits", "university_grant_yearly", IN_2014, "3000"),
    ("8", "disabled_student", "benefits", "provincial_once", IN_2014, "3000"),
    ("8", "disabled_student", "benefits", "city_once", IN_2014, "2000"),
    ("8", "disabled_student", "benefits", "county_once", IN_2014, "1000"),
    ("8", "worker_family_student", "benefits", "minimum_wages_most", IN_2014, "2"),
    ("8", "worker_family_student", "targets", "students_yearly", IN_2014, "30000"),
    ("9", "dangerous_house", "targets", "houses_2014", IN_2014, "60000"),
    ("11", "employment_aid", "targets", "placed_yearly_least", IN_2014, "50000"),
    ("11", "employment_aid", "targets", "graduates_yearly_least", IN_2014, "15000"),
    ("12", "disabled_employment", "targets", "posts", IN_2014, "1500"),
    ("12", "disabled_employment", "targets", "town_jobs", IN_2014, "7000"),
    ("13", "retrenched_workers", "benefits", "raise_share", IN_2014, "1"),
    ("13", "funeral_relief", "benefits", "funeral_items_free", IN_2014, "6"),
    ("15", "poverty_alleviation", "targets", "households_lifted_2014", IN_2014, "100000"),
)


def parameters_of(file: ProgrammeFile) -> list[Parameter]:
    months = [] if file.valid_months is None else [file.valid_months]
    parts = (file.parameters, file.benefits, file.targets)
    return [*(one for part in parts for one in part.values()), *months]


def in_jilin(parameter: Parameter, day: date) -> InForce | None:
    return parameter.in_force("22", day, "urban")


def amount(found: InForce | None) -> Decimal:
    assert found is not None
    assert isinstance(found.value, Decimal)
    return found.value


@pytest.mark.parametrize(("clause", "programme", "part", "name", "day", "value"), NUMBERS)
def test_the_number_stands_in_the_file(
    clause: str, programme: str, part: str, name: str, day: date, value: str
) -> None:
    file = shipped().file(programme)
    parameter: Parameter = getattr(file, part)[name]
    found = in_jilin(parameter, day)
    assert file.clause == clause
    assert found is not None
    assert (found.value, found.region) == (D(value), "22")
    assert parameter.unit
    assert not parameter.example


@pytest.mark.parametrize(
    ("clause", "programmes"),
    [
        ("3", {"urban_dibao", "rural_dibao"}),
        ("4", {"special_support", "urban_three_nos", "orphan"}),
        ("5", {"disaster_relief"}),
        ("6", {"insurance_subsidy", "medical_relief", "emergency_care"}),
        ("7", {"education_relief"}),
        ("8", {"disabled_student", "worker_family_student"}),
        ("9", {"dangerous_house"}),
        ("10", {"housing_relief"}),
        ("11", {"employment_aid"}),
        ("12", {"disabled_employment"}),
        ("13", {"temporary_relief", "retrenched_workers", "funeral_relief"}),
        ("14", {"minors_at_risk"}),
        ("15", {"poverty_alleviation"}),
        ("16", {"legal_aid"}),
        ("17-20", {"charity"}),
        (None, {"dibao_edge", "rigid_expenditure_hardship"}),
    ],
)
def test_the_programmes_of_a_clause(clause: str | None, programmes: set[str]) -> None:
    files = [shipped().file(key) for key in shipped().programmes]
    assert {file.programme for file in files if file.clause == clause} == programmes


@pytest.mark.parametrize(
    ("programme", "words"),
    [
        ("special_support", ("no ability to work", "no supporter who is able")),
        ("urban_three_nos", ("no ability to work", "no supporter who is able")),
        ("orphan", ("both parents dead or missing", "guardianship")),
        ("disaster_relief", ("only house", "relief already had")),
        ("insurance_subsidy", ("insured in the year",)),
        ("medical_relief", ("after every reimbursement",)),
        ("emergency_care", ("who the patient is", "what is owed")),
        ("education_relief", ("stage and kind of school",)),
        ("disabled_student", ("disability certificate", "admission this year")),
        ("worker_family_student", ("trade union", "admission this year")),
        ("dangerous_house", ("grade of danger", "earlier subsidy")),
        ("housing_relief", ("public housing already held",)),
        ("employment_aid", ("ability to work", "graduate of a poor family")),
        ("disabled_employment", ("disability certificate", "ability to work")),
        ("temporary_relief", ("sudden event", "urgency")),
        ("retrenched_workers", ("retrenched from 1961", "draws no pension")),
        ("funeral_relief", ("day of death",)),
        ("minors_at_risk", ("guardians are in prison, missing",)),
        ("poverty_alleviation", ("list of poor households",)),
        (
            "rigid_expenditure_hardship",
            ("none of urban_dibao, rural_dibao, special_support and dibao_edge", "share of"),
        ),
    ],
)
def test_what_no_profile_tells_is_left_to_the_case_system(
    programme: str, words: tuple[str, ...]
) -> None:
    left = " ".join(shipped().file(programme).left_to_case_system)
    assert all(one in left for one in words)


def test_the_least_standards_follow_from_the_incomes() -> None:
    for programme, name, months in (
        ("urban_dibao", "standard_least_monthly", 12),
        ("rural_dibao", "standard_least_yearly", 1),
        ("rural_dibao", "standard_least_monthly", 12),
    ):
        targets = shipped().file(programme).targets
        share, income, least = (
            amount(in_jilin(targets[key], IN_2014))
            for key in ("standard_share_least", "income_last_year", name)
        )
        assert (share * income / months).quantize(D("0.01")) == least


def test_the_allowance_of_retrenched_workers_rises_as_the_rural_standard() -> None:
    region, day = "220102100", date(2026, 1, 1)
    standards = [shipped().in_force("rural_dibao", region, one) for one in (IN_2014, day)]
    before, after = (one.counting.local_standard for one in standards)
    allowance = shipped().in_force("retrenched_workers", region, IN_2014).benefits
    raised = shipped().in_force("retrenched_workers", region, day).benefits
    rise = 1 + (after / before - 1) * raised["raise_share"]
    expected = (allowance["allowance_monthly"] * rise).quantize(D("0.01"))
    assert raised["allowance_monthly"] == expected


def test_an_aid_in_multiples_of_the_minimum_wage_has_its_limit() -> None:
    standard = shipped().in_force("worker_family_student", "220102100", date(2026, 5, 1))
    limit = standard.benefits["minimum_wages_most"] * standard.counting.minimum_wage
    assert limit == D("4240.00")


@pytest.mark.parametrize("programme", shipped().programmes)
def test_every_value_says_where_it_comes_from_and_every_name_is_given(programme: str) -> None:
    file = shipped().file(programme)
    assert all(file.name[language] for language in ("zh", "en"))
    for parameter in parameters_of(file):
        assert all((parameter.reference, parameter.unit)), parameter.name
    assert all(line.test in TOTALS for line in file.tests)
