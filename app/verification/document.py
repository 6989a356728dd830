"""A conclusion as the interface's JSON: money as decimal strings, unknowns as intervals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.decision import Action, Decision, ErrorRate, Outcome, TestResult
from app.domain.evidence import Evidence, FieldEvidence
from app.domain.instants import rfc3339
from app.domain.interval import Interval, Truth
from app.domain.money import as_text
from app.domain.profile import (
    COUNT_TOTALS,
    AssetLine,
    Finding,
    IncomeLine,
    PersonProfile,
    Profile,
    Totals,
)
from connectors.records import AnyRecord

SHOWN_TOTALS = (
    "household_size",
    "monthly_income",
    "monthly_income_per_person",
    "financial_assets",
    "financial_assets_per_person",
    "homes",
    "floor_area",
    "vehicles",
    "vessels",
    "businesses",
    "business_capital",
    "housing_fund_balance",
)
_PLACES = 6


def money(value: Interval) -> Any:
    """A decimal string, or {"min", "max"} where not known exactly."""
    rounded = value.rounded()
    if rounded.is_exact:
        return as_text(rounded.low)
    high = None if rounded.high is None else as_text(rounded.high)
    return {"min": as_text(rounded.low), "max": high}


def count(value: Interval) -> Any:
    """A number, or {"min", "max"} where not known exactly."""
    if value.is_exact:
        return int(value.low)
    return {"min": int(value.low), "max": None if value.high is None else int(value.high)}


def _total(name: str, value: Interval) -> Any:
    return count(value) if name in COUNT_TOTALS else money(value)


def profile_document(profile: Profile) -> dict[str, Any]:
    return {
        "as_of": profile.as_of.isoformat(),
        "persons": [_person(one) for one in profile.persons],
        "composition": {
            "registered_not_declared": [
                {"evidence": one.evidence, "relation": one.relation}
                for one in profile.composition.registered_not_declared
            ],
            "declared_not_registered": list(profile.composition.declared_not_registered),
            "known": profile.composition.known,
        },
        "income": [_income(one) for one in profile.income],
        "assets": [_asset(one) for one in profile.assets],
        "deductions_monthly": as_text(profile.deductions / Decimal(12)),
        "totals": totals_document(profile.totals),
    }


def totals_document(totals: Totals) -> dict[str, Any]:
    return {name: _total(name, totals.value(name)) for name in SHOWN_TOTALS}


def _person(one: PersonProfile) -> dict[str, Any]:
    probability = None if one.probability is None else round(one.probability, _PLACES)
    return {
        "ref": one.ref,
        "identity": {"state": one.identity.value, "probability": probability},
        "alive": one.alive,
        "counted": one.counted,
        "why": one.why,
    }


def _income(one: IncomeLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "person": one.person,
        "kind": one.kind.value,
        "monthly": money(one.total.per(Interval.exactly(one.months))),
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "sources": list(one.sources),
        "evidence": list(one.evidence),
        "counted": one.counted,
        "why": one.why,
        "payer": one.payer,
        "verified": one.verified,
        "imputed": one.imputed,
    }


def _asset(one: AssetLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "person": one.person,
        "kind": one.kind.value,
        "value": None if one.value is None else money(one.value),
        "on": None if one.on is None else one.on.isoformat(),
        "details": dict(one.details),
        "sources": list(one.sources),
        "evidence": list(one.evidence),
        "counted": one.counted,
        "why": one.why,
    }


def finding_document(one: Finding) -> dict[str, Any]:
    document = {
        "id": one.id,
        "code": one.code.value,
        "severity": one.severity.value,
        "person": one.person,
        "declared": one.declared,
        "verified": one.verified,
        "evidence": list(one.evidence),
        "detail": one.detail,
        "decisive": one.decisive,
    }
    return document if one.subject is None else {**document, "subject": one.subject}


def decision_document(one: Decision) -> dict[str, Any]:
    document: dict[str, Any] = {
        "programme": one.programme,
        "standard": one.standard,
        "outcome": one.outcome.value,
        "tests": [_test(test) for test in one.tests],
        "error_rate": round(one.error.rate, _PLACES),
        "error_rate_interval": [round(end, _PLACES) for end in one.error.interval],
        "error_causes": {
            cause.value: round(part, _PLACES) for cause, part in one.error.causes.items() if part
        },
        "wrongly_confirmed": round(one.error.wrongly_confirmed, _PLACES),
        "wrongly_refused": round(one.error.wrongly_refused, _PLACES),
        "money_error": _money_error(one.error),
        "next_actions": [_action(action) for action in one.error.actions],
        "missing": list(one.missing),
        "benefit": dict(one.benefit),
    }
    if one.outcome is Outcome.UNDETERMINED:
        document["favours"] = one.favours.value
    return document


def _money_error(error: ErrorRate) -> dict[str, str] | None:
    if error.money is None:
        return None
    return {"over": as_text(error.money.over), "under": as_text(error.money.under)}


def _action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind.value,
        "subject": action.subject,
        "expected_rate": round(action.expected_rate, _PLACES),
        "reduction": round(action.reduction, _PLACES),
    }


_PASSED: Mapping[Truth, bool | None] = {Truth.YES: True, Truth.NO: False, Truth.OPEN: None}


def _test(one: TestResult) -> dict[str, Any]:
    limit = None
    if one.limit is not None:
        whole = one.test in COUNT_TOTALS
        limit = int(one.limit) if whole else as_text(one.limit)
    return {
        "test": one.test,
        "value": None if one.value is None else _total(one.test, one.value),
        "limit": limit,
        "passed": _PASSED[one.passed],
        "missing": list(one.missing),
    }


def comparison_document(comparison: Sequence[FieldEvidence]) -> list[dict[str, Any]]:
    """Field by field, with what differs."""
    return [
        {
            "field": part.field,
            "level": part.level,
            "weight": part.weight,
            "words": dict(part.words),
            "differences": [
                {"kind": one.kind, "left": one.left, "right": one.right, "part": one.part}
                for one in part.differences
            ],
        }
        for part in comparison
    ]


def evidence_document(one: Evidence[AnyRecord], comparison: Any = None) -> dict[str, Any]:
    """A record that came back, refused ones too, with the comparison that judged it.

    `comparison` is its document where that is there already.
    """
    return {
        "id": one.id,
        "source": one.source,
        "institution": one.institution or None,
        "person": one.person,
        "probability": round(one.probability, _PLACES),
        "link": one.link.value,
        "accepted": one.accepted,
        "decided_by": one.decided_by,
        "rule": one.rule,
        "record": dict(one.record.raw),
        "problems": list(one.record.problems),
        "prior": one.prior,
        "comparison": comparison_document(one.comparison) if comparison is None else comparison,
        "raw_digest": one.raw_digest,
        "answered_at": rfc3339(one.answered_at),
        "by_hand": one.by_hand,
    }
