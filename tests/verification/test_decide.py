"""A programme's outcome: what follows surely, what is open and would settle it, what decides."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from statistics import fmean
from typing import Final

import pytest

from app.domain.decision import ActionKind, Cause, Decision, Outcome, TestResult
from app.domain.evidence import Link
from app.domain.household import IdType
from app.domain.interval import Interval, Truth
from app.domain.profile import FindingCode
from app.verification.decide import with_decisive
from connectors.records import AnyRecord, BenefitKind
from tests.builders import a_member, a_request, a_supporter, declared, declared_asset
from tests.concluding import Told, told
from tests.records import (
    WINDOW,
    a_benefit,
    a_fund_account,
    a_home,
    a_limit,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
    stranger,
    subject,
)

D = Decimal
THREE = a_request(a_member("m1"), a_member("m2"), a_member("m3"))


def wages(gross: str) -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in WINDOW]


def passed(decision: Decision) -> Mapping[str, Truth]:
    return {test.test: test.passed for test in decision.tests}


def decisive(case: Told) -> set[tuple[str, str | None]]:
    """The findings that could change an outcome, with their details."""
    found = case.conclusion().profile.findings
    assert all(one.decisive is not None for one in found)
    return {(one.code.value, one.detail) for one in found if one.decisive}


def test_all_tests_passed_is_confirmed() -> None:
    decision = told().decision()
    assert decision.outcome is decision.favours is Outcome.CONFIRMED
    assert set(passed(decision).values()) == {Truth.YES}
    assert decision.missing == ()
    assert decision.standard == "urban_dibao@2026-01-01/220102"
    assert [test.test for test in decision.tests] == [
        "monthly_income_per_person",
        "financial_assets_per_person",
        "homes",
        "vehicles",
        "vessels",
        "business_capital",
    ]


def test_one_test_surely_failed_is_not_confirmed_whatever_is_open() -> None:
    decision = told(a_vehicle(), failed=[("m1", "tax"), ("m1", "bank")]).decision()
    assert decision.outcome is Outcome.NOT_CONFIRMED
    assert passed(decision)["vehicles"] is Truth.NO
    assert passed(decision)["monthly_income_per_person"] is Truth.OPEN
    assert decision.missing == ()


@pytest.mark.parametrize(
    ("source", "tests"),
    [
        ("tax", {"monthly_income_per_person"}),
        ("social_insurance", {"monthly_income_per_person"}),
        ("housing_fund", {"monthly_income_per_person"}),
        ("business_registration", {"monthly_income_per_person", "business_capital"}),
        ("property", {"homes"}),
        ("vehicle", {"vehicles", "vessels"}),
        ("bank", {"financial_assets_per_person"}),
        ("insurance", {"monthly_income_per_person", "financial_assets_per_person"}),
        ("securities", {"financial_assets_per_person"}),
        ("household_registry", {"identity_verified"}),
    ],
)
def test_a_failed_source_can_never_confirm(source: str, tests: set[str]) -> None:
    for how in ("failed", "partial"):
        decision = told(**{how: [("m1", source)]}).decision()
        assert decision.outcome is Outcome.UNDETERMINED
        opened = {name for name, truth in passed(decision).items() if truth is Truth.OPEN}
        assert opened == tests
        wanted = "identity:m1" if source == "household_registry" else f"source:{source}:m1"
        assert wanted in decision.missing
        assert decision.error.causes.get(Cause.SOURCE_GAP, 1.0) > 0


def test_a_failed_source_for_one_of_three_is_enough() -> None:
    decision = Told(request=THREE, failed=[("m3", "bank")]).decision()
    assert (decision.outcome, decision.missing) == (Outcome.UNDETERMINED, ("source:bank:m3",))


def test_a_missing_answer_that_no_test_asks_for_changes_nothing() -> None:
    """Legal aid looks at income alone."""
    request = a_request(programmes=("legal_aid",))
    decision = told(request=request, failed=[("m1", "vehicle")]).decision()
    assert decision.outcome is Outcome.CONFIRMED


def test_a_supporters_missing_answer_is_named() -> None:
    request = a_request(a_member("m1"), a_supporter())
    decision = Told(request=request, failed=[("s1", "insurance"), ("s1", "bank")]).decision()
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing == ("source:insurance:s1",)


@pytest.mark.parametrize(
    ("gross", "favours"), [("300.00", Outcome.CONFIRMED), ("4000.00", Outcome.NOT_CONFIRMED)]
)
def test_an_open_outcome_says_what_the_evidence_favours(gross: str, favours: Outcome) -> None:
    """The tax office's answer came in part: what stands may be taken back, but likely is not."""
    decision = told(*wages(gross), partial=[("m1", "tax")]).decision()
    assert (decision.outcome, decision.favours) == (Outcome.UNDETERMINED, favours)
    assert decision.error.rate < 0.5


def test_a_base_stands_for_the_wage_that_the_tax_office_did_not_tell() -> None:
    decision = told(a_fund_account("3800.00"), failed=[("m1", "tax")]).decision()
    assert (decision.outcome, decision.favours) == (Outcome.UNDETERMINED, Outcome.NOT_CONFIRMED)


# Identity


@pytest.mark.parametrize("number", ["name differs", "nobody"])
def test_a_member_in_doubt_is_never_confirmed(number: str) -> None:
    record = a_registered_person("m1", subjects=(subject(name="赵四海"),))
    registered = {"m1": [record] if number == "name differs" else []}
    decision = Told(registered=registered).decision()
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing[0] == "identity:m1"


def test_who_has_no_resident_identity_card_stands_in_no_registry() -> None:
    guest = a_member("m1", id_type=IdType.PASSPORT, id_number="E12345678")
    assert Told(request=a_request(guest), registered={}).decision().outcome is Outcome.CONFIRMED


def test_a_household_without_anybody_who_counts_is_not_confirmed() -> None:
    decision = Told(registered={"m1": [a_registered_person("m1", dead=True)]}).decision()
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing == ("members:none_counted",)


def test_a_record_in_review_that_could_change_a_test_leaves_it_open() -> None:
    doubtful = a_vehicle(subjects=(subject(name="赵四海"),))
    conclusion = told(doubtful).conclusion()
    (decision,) = conclusion.decisions
    assert [row.link for row in conclusion.evidence] == [Link.ACCEPTED, Link.IN_REVIEW]
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing == ("review:ev_vehicle_m1_1",)
    assert conclusion.needs_review


# Benefits


@pytest.mark.parametrize(
    ("gross", "gap"), [("500.00", "260.00"), ("759.99", "0.01"), (None, "760.00")]
)
def test_a_confirmed_dibao_tells_the_gap(gross: str | None, gap: str) -> None:
    rows = [] if gross is None else wages(gross)
    assert told(*rows).decision().benefit == {"monthly_gap": gap}


def test_no_gap_is_told_where_nothing_is_confirmed() -> None:
    assert told(a_vehicle()).decision().benefit == {}
    assert told(failed=[("m1", "tax")]).decision().benefit == {}


# Decisive findings


def test_a_finding_on_the_only_test_that_fails_is_decisive() -> None:
    case = told(a_vehicle(), an_account("500.00"))
    assert decisive(case) == {("asset_not_declared", "vehicle")}


def test_where_two_tests_fail_neither_finding_alone_could_change_it() -> None:
    assert decisive(told(a_vehicle(), an_account("90000.00"))) == set()


def test_an_income_above_the_declared_is_decisive_where_income_alone_fails() -> None:
    assert decisive(told(*wages("2600.00"))) == {("income_not_declared", "wage")}
    assert decisive(told(*wages("600.00"))) == set()


def test_a_failed_source_is_decisive_where_its_test_is_open() -> None:
    case = told(failed=[("m1", "bank")])
    assert {code for code, _ in decisive(case)} == {"source_failed"}
    assert decisive(told(a_vehicle(), failed=[("m1", "bank")])) == {
        ("asset_not_declared", "vehicle")
    }


def test_what_is_declared_and_not_found_is_never_decisive() -> None:
    request = a_request(declared=declared(declared_asset("vessel")))
    case = told(request=request, failed=[("m1", "bank")])
    assert {code for code, _ in decisive(case)} == {"source_failed"}


def test_somebody_not_declared_could_change_a_confirmed_household() -> None:
    listed = a_registered_person("m3", subjects=(stranger(),), in_household=True)
    case = Told(registered={"m1": [a_registered_person("m1"), listed]})
    assert case.decision().outcome is Outcome.CONFIRMED
    assert {code for code, _ in decisive(case)} == {"registered_not_declared"}


def test_each_finding_is_told_apart_by_the_decisions_given() -> None:
    profile = told(a_vehicle()).conclusion().profile
    assert [one.decisive for one in with_decisive(profile.findings, ())] == [False]
    open_test = TestResult(
        test="vehicles", value=Interval(D(0), D(1)), limit=D(0), passed=Truth.OPEN
    )
    decision = told().decision()
    undetermined = replace(decision, outcome=Outcome.UNDETERMINED, tests=(open_test,))
    assert [one.decisive for one in with_decisive(profile.findings, (undetermined,))] == [True]
    codes = [one.code for one in profile.findings]
    assert codes == [FindingCode.ASSET_NOT_DECLARED]


# The error rate


def test_an_error_rate_is_a_probability_with_an_interval_and_causes_that_add_up() -> None:
    pension = [a_benefit(BenefitKind.OLD_AGE_PENSION, "700.00", month) for month in WINDOW]
    for case in (told(), told(*pension), told(a_limit(over=False)), told(failed=[("m1", "tax")])):
        error = case.decision().error
        low, high = error.interval
        assert 0.0 <= low <= error.rate <= high <= 1.0
        assert sum(error.causes.values()) == pytest.approx(error.rate)
        assert error.wrongly_confirmed + error.wrongly_refused == pytest.approx(error.rate)


def test_a_missing_answer_makes_a_decision_less_sure() -> None:
    assert told(failed=[("m1", "bank")]).decision().error.rate > told().decision().error.rate


HOUSEHOLDS: Final = (
    told(),
    told(*wages("300.00")),
    told(*(a_benefit(BenefitKind.OLD_AGE_PENSION, "500.00", month) for month in WINDOW)),
    told(an_account("900.00"), a_home()),
    Told(request=a_request(declared=declared(declared_asset("deposit", "2000.00")))),
    Told(request=a_request(a_member("m1"), a_member("m2"))),
)
"""All of them confirmed where every source told all."""


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("tax", 0.1),
        ("social_insurance", 0.03),
        ("property", 0.005),
        ("business_registration", 0.003),
        ("housing_fund", 0.003),
        ("vehicle", 0.02),
        ("bank", 0.045),
        ("insurance", 0.003),
        ("securities", 0.002),
    ],
)
def test_without_an_answer_households_are_less_sure_on_the_whole(source: str, least: float) -> None:
    """By at least so much: more than the simulation's noise over all of them."""
    assert {case.decision().outcome for case in HOUSEHOLDS} == {Outcome.CONFIRMED}
    known = fmean(case.decision().error.rate for case in HOUSEHOLDS)
    cases = [replace(case, failed=[("m1", source)]) for case in HOUSEHOLDS]
    assert fmean(case.decision().error.rate for case in cases) > known + least


@pytest.mark.parametrize("source", ["tax", "property", "vehicle", "bank"])
def test_of_a_couple_it_is_all_one_of_whom_the_answer_is_missing(source: str) -> None:
    couple = HOUSEHOLDS[-1]
    one, other = (
        replace(couple, failed=[(person, source)]).decision().error.rate for person in ("m1", "m2")
    )
    assert one == pytest.approx(other, abs=0.02)


@pytest.mark.parametrize("source", ["tax", "property", "vehicle", "bank", "securities"])
def test_what_would_make_it_surer_is_to_ask_the_source(source: str) -> None:
    actions = {one.subject: one for one in told(failed=[("m1", source)]).decision().error.actions}
    assert actions[f"source:{source}:m1"].kind is ActionKind.ASK_SOURCE
    known = told().decision().error.actions
    assert not any(one.kind is ActionKind.ASK_SOURCE for one in known)


def test_the_likelier_outcome_is_favoured_where_it_is_open() -> None:
    for case in (
        told(failed=[("m1", "vehicle")]),
        told(*wages("4000.00"), partial=[("m1", "tax")]),
    ):
        error = case.decision().error
        assert error.favours_confirmed is (case.decision().favours is Outcome.CONFIRMED)
        assert error.rate <= 0.5
