"""Per programme: tests, outcome, error rate and its causes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from app.domain.decision import Decision, ErrorRate, Outcome, TestResult
from app.domain.household import IdType, VerificationRequest
from app.domain.interval import Truth, all_of
from app.domain.money import as_text
from app.domain.profile import FEEDS, Finding, FindingCode, IdentityState, PersonProfile, Profile
from app.error_rate.estimate import estimate
from app.error_rate.model import Case, Pay
from app.error_rate.shape import Shape
from app.programmes.conditions import evaluate, monthly_gap, outcome_of
from app.programmes.standard import Standard
from app.verification.score.score import Scored

IDENTITY_TEST = "identity_verified"
_TOTALS_OF: Mapping[FindingCode, tuple[str, ...]] = {
    FindingCode.INCOME_ABOVE_DECLARED: ("monthly_income",),
    FindingCode.INCOME_BELOW_DECLARED: ("monthly_income",),
    FindingCode.INCOME_NOT_DECLARED: ("monthly_income",),
    FindingCode.WAGE_SOURCES_DIFFER: ("monthly_income",),
    FindingCode.BUSINESS_INCOME_UNKNOWN: ("monthly_income",),
    FindingCode.REGISTERED_NOT_DECLARED: ("monthly_income", "financial_assets"),
}


@dataclass(frozen=True, slots=True)
class View:
    """A profile counted by one standard's rules, with what is uncertain in it."""

    standard: Standard
    profile: Profile
    scored: Scored


def truth_of(view: View, held: Mapping[str, Truth]) -> tuple[tuple[TestResult, ...], Truth]:
    """The tests and whether the standard is met, identity of the members included."""
    tests, truth = evaluate(view.standard, view.profile.totals, held, view.scored.open_by_total)
    return tests, truth


def identity_test(request: VerificationRequest, profile: Profile) -> TestResult | None:
    """Open where it is not sure who a counted member is, or that he or she is alive.

    Such a household is never confirmed: what the registry did not tell may be a death.
    """
    kinds = {member.ref: member.id_type for member in request.household.members}
    doubtful = [
        person.ref
        for person in profile.persons
        if person.counted
        and (
            _in_doubt(person, kinds.get(person.ref))
            or (person.ref, "household_registry") in profile.open_sources
        )
    ]
    if not doubtful and any(person.counted for person in profile.persons):
        return None
    return TestResult(
        test=IDENTITY_TEST,
        value=None,
        limit=None,
        passed=Truth.OPEN,
        missing=_settling(profile, doubtful) or ("members:none_counted",),
    )


def _in_doubt(person: PersonProfile, id_type: IdType | None) -> bool:
    if person.identity is IdentityState.NOT_FOUND:
        return id_type is IdType.RESIDENT_ID  # other documents stand in no household registry
    if person.identity is IdentityState.VERIFIED:
        return person.alive is None  # a death that may be the person's
    return person.identity in (IdentityState.UNCERTAIN, IdentityState.MISMATCH)


def _settling(profile: Profile, doubtful: Sequence[str]) -> tuple[str, ...]:
    """Who is in doubt, and the registry's records that a person can judge."""
    records = [
        f"review:{row}"
        for finding in profile.findings
        if finding.code in (FindingCode.IDENTITY_UNCERTAIN, FindingCode.IDENTITY_MISMATCH)
        and finding.person in doubtful
        and finding.detail in tuple(IdentityState)
        for row in finding.evidence
    ]
    return (*(f"identity:{ref}" for ref in doubtful), *records)


def decide(
    view: View,
    request: VerificationRequest,
    held: Mapping[str, Truth],
    shape: Shape,
    *,
    seed: str,
) -> Decision:
    """The outcome that follows surely from the evidence, else undetermined, with what is missing.

    `error.rate` is the probability that the outcome would be another one; for an undetermined
    outcome, of the one that the evidence favours.
    """
    tests, truth = truth_of(view, held)
    doubt = identity_test(request, view.profile)
    if doubt is not None:
        tests, truth = (*tests, doubt), all_of(truth, doubt.passed)
    outcome = outcome_of(truth)
    error = _estimated(view, shape, outcome, seed)
    missing = dict.fromkeys(item for test in tests for item in test.missing)
    return Decision(
        programme=view.standard.programme,
        standard=view.standard.id,
        outcome=outcome,
        favours=Outcome.CONFIRMED if error.favours_confirmed else Outcome.NOT_CONFIRMED,
        tests=tests,
        error=error,
        missing=tuple(missing) if outcome is Outcome.UNDETERMINED else (),
        benefit=_benefit(view, outcome),
    )


_FAVOURS: Mapping[Outcome, bool | None] = {
    Outcome.CONFIRMED: True,
    Outcome.NOT_CONFIRMED: False,
    Outcome.UNDETERMINED: None,
}


def _estimated(view: View, shape: Shape, outcome: Outcome, seed: str) -> ErrorRate:
    number = int.from_bytes(sha256(f"{seed}/{view.standard.id}".encode()).digest()[:4])
    share = view.standard.benefits.get("gap_share")
    pay = None
    if share is not None:
        pay = Pay(float(view.standard.counting.local_standard), float(share))
    case = Case(
        base=view.scored.base,
        size=view.scored.size,
        variables=view.scored.variables,
        rule=shape,
        favours_confirmed=_FAVOURS[outcome],
        pay=pay,
    )
    return estimate(case, seed=number)


def _benefit(view: View, outcome: Outcome) -> Mapping[str, str]:
    """What a consumer needs to compute the amount: the gap 补差, where the programme pays it."""
    if outcome is not Outcome.CONFIRMED:
        return {}
    gap = monthly_gap(view.standard, view.profile.totals)
    if gap is None or not gap.is_exact:
        return {}
    return {"monthly_gap": as_text(gap.low)}


def with_decisive(
    findings: Sequence[Finding], decisions: Sequence[Decision]
) -> tuple[Finding, ...]:
    """Each finding with whether it could change an outcome."""
    return tuple(replace(one, decisive=_decisive(one, decisions)) for one in findings)


def _decisive(finding: Finding, decisions: Sequence[Decision]) -> bool:
    """It bears on a test that is open, or on the only ones that fail.

    Somebody who was not declared may earn and own what no source was asked about: that bears on a
    household that is confirmed, too.
    """
    totals = _bears_on(finding)
    undeclared = finding.code is FindingCode.REGISTERED_NOT_DECLARED
    for decision in decisions:
        if undeclared and decision.outcome is Outcome.CONFIRMED:
            return True
        failed = {_total(test.test) for test in decision.tests if test.passed is Truth.NO}
        still_open = {_total(test.test) for test in decision.tests if test.passed is Truth.OPEN}
        if decision.outcome is Outcome.UNDETERMINED and still_open & totals:
            return True
        if decision.outcome is Outcome.NOT_CONFIRMED and failed and failed <= totals:
            return True
    return False


def _total(test: str) -> str:
    return test.removesuffix("_per_person")


def _bears_on(finding: Finding) -> set[str]:
    every = {
        "monthly_income",
        "financial_assets",
        "homes",
        "vehicles",
        "vessels",
        "business_capital",
        "floor_area",
        IDENTITY_TEST,
    }
    if finding.code in _TOTALS_OF:
        return set(_TOTALS_OF[finding.code])
    if finding.code in (FindingCode.ASSET_NOT_DECLARED, FindingCode.ASSET_ABOVE_DECLARED):
        return _ASSET_TOTALS.get(finding.detail or "", {"financial_assets"})
    if finding.code is FindingCode.SOURCE_FAILED:
        source = (finding.detail or "").split(":", maxsplit=1)[0]
        whole = source == "household_registry" or source not in FEEDS
        return every if whole else set(FEEDS[source])
    informative = (FindingCode.DECLARED_NOT_FOUND, FindingCode.DECLARED_NOT_REGISTERED)
    return set() if finding.code in informative else every


_ASSET_TOTALS = {
    "home": {"homes", "floor_area"},
    "other_building": set[str](),
    "vehicle": {"vehicles"},
    "vessel": {"vessels"},
    "business": {"businesses", "business_capital"},
    "housing_fund": {"housing_fund_balance"},
}
