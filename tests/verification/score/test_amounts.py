"""Amounts as variables: as sure as their sources, their age, and what they were taken from."""

from dataclasses import replace
from decimal import Decimal
from math import hypot
from typing import Any, Final

import pytest

from app.domain.decision import Cause
from app.domain.evidence import Evidence
from app.domain.household import Exclusion, IncomeBasis
from app.error_rate.variables import Spread
from app.verification.score.amounts import amounts
from app.verification.score.known import Known
from connectors.records import AnyRecord, BenefitKind, PolicyState, Sharing
from tests.builders import (
    a_consent,
    a_member,
    a_request,
    a_supporter,
    accepted,
    declared,
    declared_income,
    in_review,
)
from tests.records import (
    WINDOW,
    a_benefit,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_holding,
    a_home,
    a_limit,
    a_policy,
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    an_account,
    stranger,
    subject,
)
from tests.verification.score.knowing import FAILED, aged, holding, known_of, priors

D = Decimal
BANK: Final = priors().deposit_at_a_bank


def wages(gross: str | None = "3000.00", months: int = 12) -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in WINDOW[:months]]


def pension(amount: str | None = "700.00") -> list[AnyRecord]:
    return [a_benefit(BenefitKind.OLD_AGE_PENSION, amount, month) for month in WINDOW]


def only(known: Known) -> Spread:
    (spread,) = amounts(known)
    return spread


def ends(spread: Spread) -> tuple[float, float | None, float]:
    return spread.low, spread.high, spread.base


# Of sources that tell an amount


@pytest.mark.parametrize(
    ("rows", "total", "amount", "source"),
    [
        (wages(), "monthly_income", 3000.0, "tax"),
        (pension(), "monthly_income", 700.0, "social_insurance"),
        ([an_account("900.00")], "financial_assets", 900.0, "bank"),
        ([a_policy("8000.00")], "financial_assets", 8000.0, "insurance"),
        ([a_holding("2931.00")], "financial_assets", 2931.0, "securities"),
    ],
)
def test_an_amount_is_as_sure_as_its_source(
    rows: list[AnyRecord], total: str, amount: float, source: str
) -> None:
    spread = only(known_of(*rows))
    assert (spread.total, spread.cause, spread.action) == (total, Cause.AMOUNT, "")
    assert ends(spread) == (amount, amount, amount)
    prior = priors().sources[source]
    assert (spread.sigma, spread.median) == (prior.amount_sigma, None)
    assert spread.off == pytest.approx(prior.amount_off.mean)


@pytest.mark.parametrize("months", [1, 4, 18])
def test_what_is_old_is_less_sure(months: int) -> None:
    known = known_of(an_account("900.00"), states={("m1", "bank"): aged(months)})
    spread, bank = only(known), priors().sources["bank"]
    age = known.months_old("bank", "m1")
    assert spread.sigma == pytest.approx(hypot(bank.amount_sigma, bank.sigma_per_month * age))
    assert spread.sigma > bank.amount_sigma
    assert spread.off == bank.off_after(age) > bank.amount_off.mean
    assert spread.cause is Cause.STALENESS


def test_an_age_that_makes_little_of_the_doubt_is_not_its_cause() -> None:
    spread = only(known_of(*pension(), states={("m1", "social_insurance"): aged(1)}))
    assert spread.sigma > priors().sources["social_insurance"].amount_sigma
    assert spread.cause is Cause.AMOUNT


def test_the_surest_of_two_sources_stands() -> None:
    rows = [*wages(), a_fund_account("3100.00")]
    spread = only(known_of(*rows))
    sure, surer = (priors().sources[one].amount_sigma for one in ("tax", "housing_fund"))
    assert spread.sigma == min(sure, surer)
    old = known_of(*rows, states={("m1", "tax"): aged(24)})
    assert only(old).sigma == priors().sources["housing_fund"].amount_sigma


def test_two_sources_that_differ_leave_a_conflict() -> None:
    spread = only(known_of(*wages("3000.00"), a_fund_account("6000.00")))
    assert (spread.cause, spread.sigma) == (Cause.CONFLICT, priors().conflict_sigma)
    assert spread.off == 1.0
    assert spread.action == "household:income_proof:m1"


@pytest.mark.parametrize(
    "rows",
    [
        [a_contribution("3800.00", month) for month in WINDOW],
        [*wages(months=11), a_contribution("3800.00", WINDOW[11])],
    ],
    ids=["all of it", "a month of it"],
)
def test_what_is_taken_from_a_base_is_imputed(rows: list[AnyRecord]) -> None:
    spread = only(known_of(*rows))
    assert (spread.cause, spread.sigma) == (Cause.IMPUTATION, priors().imputed_sigma)
    assert spread.off == priors().imputed_off.mean
    assert spread.action == "household:income_proof:m1"


def test_what_is_only_declared_is_imputed() -> None:
    odd = declared_income("400.00", basis=IncomeBasis.ODD_JOBS.value)
    spread = only(known_of(request=a_request(declared=declared(odd))))
    assert (spread.cause, spread.action) == (Cause.IMPUTATION, "household:income_proof:m1")
    assert ends(spread) == (400.0, 400.0, 400.0)


def test_what_a_supporter_declares_is_for_the_supporter_to_prove() -> None:
    supporter = a_supporter("s1", declared_payment_monthly=D("300.00"))
    consent = a_consent(signatories=("m1",))
    spread = only(known_of(request=a_request(a_member("m1"), supporter, consent=consent)))
    assert (spread.base, spread.action) == (300.0, "household:income_proof:s1")


def test_what_a_supporter_has_to_pay_is_as_it_is_computed() -> None:
    rows = [accepted(a_tax_entry("9000.00", m, subjects=(subject("s1"),)), "s1") for m in WINDOW]
    request = a_request(a_member("m1"), a_supporter("s1"))
    known = known_of(*rows, request=request)
    assert known.base["monthly_income"] > 0.0
    assert list(amounts(known)) == []


def test_a_figure_that_may_be_taken_back_is_likely_as_it_came() -> None:
    known = known_of(*wages(), states={("m1", "tax"): FAILED})
    spread = only(known)
    assert ends(spread) == (3000.0, 3000.0, 3000.0)
    assert spread.base == known.base["monthly_income"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        wages("0.00"),
        [an_account("0.00")],
        [a_vehicle()],
        [a_home()],
        [a_benefit(BenefitKind.RESIDENTS_BASIC_PENSION, "90.00", WINDOW[0])],
        [a_policy("9000.00", state=PolicyState.ENDED)],
        [in_review(an_account("900.00"))],
        [a_shareholding("30000.00")],
    ],
    ids=str,
)
def test_what_is_nothing_or_does_not_count_has_no_spread(rows: list[Any]) -> None:
    assert list(amounts(known_of(*rows))) == []


def test_who_does_not_count_has_no_amounts() -> None:
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT))
    hers = accepted(an_account(subjects=(subject("m2"),)), "m2")
    assert list(amounts(known_of(hers, request=request))) == []


# Of sources that tell no amount, or a part of it


@pytest.mark.parametrize(("over", "low", "high"), [(True, 2e4, None), (False, 0.0, 2e4)])
def test_a_bank_that_tells_a_limit_gives_a_lognormal_cut_at_it(
    over: bool, low: float, high: float | None
) -> None:
    spread = only(known_of(a_limit(over=over)))
    assert ends(spread) == (low, high, low)
    assert (spread.median, spread.sigma) == (BANK.median, BANK.sigma)
    assert (spread.cause, spread.action) == (Cause.AMOUNT, "household:asset_proof:m1")


@pytest.mark.parametrize(
    ("record", "median"),
    [
        (an_account(None), BANK.median),
        (an_account("700.00", currency="XAU"), BANK.median),
        (a_policy(None), holding("insurance", "cash_value").median),
        (a_holding(None), holding("securities", "holdings").median),
    ],
    ids=["balance", "rate", "cash value", "market value"],
)
def test_money_of_an_amount_that_is_not_told_is_as_much_as_usual(
    record: AnyRecord, median: float
) -> None:
    spread = only(known_of(record))
    assert ends(spread) == (0.0, None, 0.0)
    assert (spread.total, spread.median) == ("financial_assets", median)
    assert spread.action == "household:asset_proof:m1"


def test_an_account_whose_state_is_not_read_may_hold_any_part() -> None:
    spread = only(known_of(an_account("900.00", state=None)))
    assert ends(spread) == (0.0, 900.0, 0.0)
    assert (spread.cause, spread.action) == (Cause.AMOUNT, "household:asset_proof:m1")


@pytest.mark.parametrize(
    ("rows", "low", "usual"),
    [
        (wages(None), 0.0, ("tax", "wage")),
        ([*wages("1200.00", 6), a_tax_entry(None, WINDOW[7])], 600.0, ("tax", "wage")),
        (pension(None), 0.0, ("social_insurance", "pension")),
    ],
    ids=["no month read", "a month not read", "a pension"],
)
def test_an_income_with_a_part_not_read_is_at_least_what_was(
    rows: list[AnyRecord], low: float, usual: tuple[str, str]
) -> None:
    spread = only(known_of(*rows))
    assert ends(spread) == (low, None, low)
    assert (spread.median, spread.sigma) == (holding(*usual).median, holding(*usual).sigma)
    assert spread.action == "household:income_proof:m1"


def test_an_income_that_was_not_read_is_about_as_declared() -> None:
    request = a_request(declared=declared(declared_income("1800.00")))
    spread = only(known_of(*wages(None), request=request))
    assert (spread.median, spread.sigma) == (1800.0, priors().declared_sigma)


@pytest.mark.parametrize(
    ("told", "median", "sigma"),
    [
        ([], priors().business_income.median, priors().business_income.sigma),
        ([declared_income("0.00", "business")], priors().business_income.median, None),
        ([declared_income("1500.00", "business")], 1500.0, priors().declared_sigma),
        ([declared_income("1500.00", "wage")], priors().business_income.median, None),
    ],
)
def test_a_traders_untold_income_is_as_declared_or_as_usual(
    told: list[Any], median: float, sigma: float | None
) -> None:
    known = known_of(a_business_interest(), request=a_request(declared=declared(*told)))
    spread = only(known)
    assert ends(spread) == (0.0, None, 0.0)
    assert (spread.median, spread.sigma) == (median, sigma or priors().business_income.sigma)
    assert (spread.cause, spread.action) == (Cause.IMPUTATION, "household:business_income:m1")


def test_capital_that_is_not_told_is_as_much_as_usual() -> None:
    spread = only(known_of(a_shareholding(None)))
    usual = holding("business_registration", "enterprise")
    assert (spread.total, ends(spread)) == ("business_capital", (0.0, None, 0.0))
    assert (spread.median, spread.sigma) == (usual.median, usual.sigma)
    assert spread.action == "household:asset_proof:m1"


def test_of_an_enterprise_in_doubt_the_capital_is_in_doubt_with_it() -> None:
    assert list(amounts(known_of(a_shareholding(None, state=None)))) == []


HALF: Final[dict[str, Any]] = {"subjects": (subject(), stranger()), "sharing": Sharing.JOINT}


@pytest.mark.parametrize(("home", "part"), [(a_home(area=None), 1), (a_home(area=None, **HALF), 2)])
def test_a_home_without_an_area_is_as_large_as_usual(home: AnyRecord, part: int) -> None:
    spread = only(known_of(home))
    usual = holding("property", "first_home").floor_area
    assert (spread.total, ends(spread)) == ("floor_area", (0.0, None, 0.0))
    assert (spread.median, spread.sigma) == (usual / part, priors().imputed_sigma)
    assert (spread.cause, spread.action) == (Cause.IMPUTATION, "household:asset_proof:m1")


def test_without_a_prior_an_amount_that_is_not_told_stays_open() -> None:
    bare = replace(priors(), sources={})
    rows: list[Evidence[AnyRecord] | AnyRecord] = [a_policy(None), a_home(area=None), *wages(None)]
    found = {one.total: one for one in amounts(known_of(*rows, parameters=bare))}
    assert set(found) == {"monthly_income", "financial_assets"}
    assert {one.median for one in found.values()} == {None}
    assert {one.sigma for one in found.values()} == {bare.imputed_sigma}
