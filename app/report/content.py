"""What stands in a report 核对报告: facts as sources told them, in canonical JSON, never changed.

`form` names the shape of the content; reports of form 1 (before there was the word) have less in
them and are shown all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from app.access.consent import is_adult
from app.access.masking import masked_name, masked_number
from app.domain.evidence import Evidence, SourceState, SourceStatus, Unasked
from app.domain.household import Member, Person, Supporter, VerificationRequest
from app.domain.instants import rfc3339
from app.domain.money import as_text
from app.report.compared import Material, compared
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded
from connectors.records import AnyRecord, RegisteredPerson

_UNDECLARED: Final = {
    "zh": ("户籍同户有未申报且未授权的人员，未查询其收入和财产，本报告的家庭成员不完整。",),
    "en": (
        "The household is incomplete: somebody registered there was not declared, nor asked about.",
    ),
}
FORM: Final = 2
VERIFICATION: Final = "verification"
SUSPENSION: Final = "suspension"
"""Kinds of reports: of a verification that is final, and 中止报告 of one that was cancelled."""
NOTES: Final = {
    "zh": (
        "本报告只陈述核对时点各信息源反馈的事实（反馈疑似信息），系统建议由救助部门决定。",
        "未反馈的信息源按未知处理，不按零处理。",
        "对核对结果有异议的，可在规定期限内向受理申请的街道、乡镇提出复核申请并提交证据。",
        "扫描二维码，或凭报告编号和核验码，可查验真伪；查验页不显示个人信息。",
    ),
    "en": (
        "This report states what sources told as of the day; the relief office decides.",
        "A source that did not answer is unknown, not zero.",
        "An objection with evidence may be filed where the application was made, within the term.",
        "Scan the code, or enter number and code, to check it: that page shows no personal data.",
    ),
}
SUSPENDED_NOTES: Final = {
    "zh": ("本核对已中止，不作出任何结论；已反馈的信息留存备查。", NOTES["zh"][3]),
    "en": (
        "This verification was suspended: nothing is concluded; what was answered stays on record.",
        NOTES["en"][3],
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What names a report; `consent` is the state of the consent when it was issued."""

    number: str
    version: int
    issued_at: datetime
    valid_until: str
    centre: str
    consent: Mapping[str, Any]

    def document(self, verification: StoredVerification, kind: str) -> dict[str, Any]:
        request = verification.request
        return {
            "number": self.number,
            "version": self.version,
            "kind": kind,
            "supersedes": self.version - 1 or None,
            "issued_at": self.issued_at.isoformat(),
            "valid_until": self.valid_until,
            "centre": self.centre,
            "consent_state": dict(self.consent),
            "case_reference": request.case_reference,
            "region": request.region,
            "purpose": request.purpose.value,
            "as_of": request.as_of.isoformat(),
            "programmes": list(request.programmes),
            "consent": request.consent.reference,
            "requested_at": rfc3339(verification.requested_at),
        }


def content_of(verification: StoredVerification, concluded: Concluded, head: Head) -> bytes:
    """Canonical JSON: what digest and signature cover and every rendering shows."""
    request, statuses = verification.request, concluded.case.statuses
    material = Material(request, concluded.conclusion.profile, statuses)
    document = {
        "form": FORM,
        "head": head.document(verification, VERIFICATION)
        | {"models": dict(concluded.result.model)},
        "persons": [
            _person(one, request, head.consent, _registered(one.ref, concluded))
            for one in request.household.persons
        ],
        "sources": [_source(one) for one in statuses],
        "coverage": coverage(statuses),
        "values": compared(material),
        "result": orjson.Fragment(concluded.result.body),  # canonical as it is stored
        "notes": _notes(concluded),
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _notes(concluded: Concluded) -> dict[str, list[str]]:
    """What stands under every report, and that members are missing where some are."""
    composition = concluded.conclusion.profile.composition
    more = _UNDECLARED if composition.registered_not_declared else {}
    return {language: [*notes, *more.get(language, ())] for language, notes in NOTES.items()}


def suspension_of(
    verification: StoredVerification, statuses: Sequence[SourceStatus], head: Head, reason: str
) -> bytes:
    """Of a verification that was cancelled: why, and how far it was; no value, no outcome."""
    request = verification.request
    document = {
        "form": FORM,
        "head": head.document(verification, SUSPENSION) | {"reason": reason, "models": {}},
        "persons": [_person(one, request, head.consent, None) for one in request.household.persons],
        "sources": [_source(one) for one in statuses],
        "coverage": coverage(statuses),
        "values": [],
        "result": None,
        "notes": {language: list(notes) for language, notes in SUSPENDED_NOTES.items()},
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def coverage(statuses: Iterable[SourceStatus]) -> dict[str, Any]:
    """How many sources were asked, which told all they have, and which did not, of whom."""
    by_source: dict[str, list[SourceStatus]] = {}
    for one in statuses:
        if one.reason is not Unasked.NOT_NEEDED:
            by_source.setdefault(one.source, []).append(one)
    asked = {
        source: [one for one in some if one.state is not SourceState.NOT_ASKED]
        for source, some in by_source.items()
    }
    missing = [
        {
            "source": source,
            "persons": [one.person for one in some if not one.complete],
            "states": sorted({one.state.value for one in some if not one.complete}),
        }
        for source, some in asked.items()
        if any(not one.complete for one in some)
    ]
    count = sum(1 for some in asked.values() if some)
    return {
        "asked": count,
        "answered": count - len(missing),
        "missing": missing,
        "not_asked": [source for source, some in asked.items() if not some],
    }


def _person(
    one: Person,
    request: VerificationRequest,
    consent: Mapping[str, Any],
    registered: RegisteredPerson | None,
) -> dict[str, Any]:
    is_supporter = isinstance(one, Supporter)
    document: dict[str, Any] = {
        "ref": one.ref,
        "role": "supporter" if is_supporter else "member",
        "name": masked_name(one.name),
        "id_number": masked_number(one.id_number),
        "relationship": one.relationship.value,
        "excluded": one.excluded.value if isinstance(one, Member) and one.excluded else None,
        "consent": _consent(one, request, consent),
        "agricultural": None if registered is None else registered.agricultural,
        "in_registry": registered is not None,
    }
    if isinstance(one, Supporter):
        declared = one.declared_payment_monthly
        document |= {
            "supports": list(one.supports),
            "household_size": one.household_size,
            "declared_payment_monthly": None if declared is None else as_text(declared),
        }
    return document


def _consent(one: Person, request: VerificationRequest, consent: Mapping[str, Any]) -> str:
    """How the person's authorisation stood: a word for the report."""
    taken = [part for part in consent["parts"] if part["person"] in (None, one.ref)]
    if consent["state"] == "withdrawn" or any(part["source"] is None for part in taken):
        return "withdrawn"
    if taken:
        return "narrowed"
    if request.has_signed(one.ref):
        return "valid" if consent["state"] in ("valid", "narrowed") else str(consent["state"])
    guarded = any(pair.person == one.ref for pair in request.consent.guardians)
    if guarded or (isinstance(one, Member) and is_adult(one, request) is False):
        return "by_guardian"
    return "not_signed"


def _registered(ref: str, concluded: Concluded) -> RegisteredPerson | None:
    """The registry's accepted row of the person."""
    for one in concluded.conclusion.evidence:
        if one.person == ref and one.accepted and _is_own(one):
            record = one.record
            return record if isinstance(record, RegisteredPerson) else None
    return None


def _is_own(one: Evidence[AnyRecord]) -> bool:
    return isinstance(one.record, RegisteredPerson) and not one.record.in_household


def _source(one: SourceStatus) -> dict[str, Any]:
    return {
        "source": one.source,
        "person": one.person,
        "state": one.state.value,
        "complete": one.complete,
        "records": one.records,
        "answered_at": None if one.answered_at is None else one.answered_at.isoformat(),
        "data_as_of": None if one.data_as_of is None else one.data_as_of.isoformat(),
        "reason": None if one.reason is None else one.reason.value,
        "detail": one.detail,
    }
