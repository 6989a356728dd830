"""The whole profile 核对档案 of a household as the interface shows it: masked throughout. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.access.masking import Mask
from app.domain.evidence import SourceStatus
from app.domain.instants import rfc3339
from app.domain.interval import Interval
from app.domain.money import as_text
from app.domain.review import STILL_TO_DO
from app.dossier.coverage import Replied
from app.dossier.lines import amount, income_lines, interval_of, total
from app.dossier.people import household_name, persons_document, supporters_document
from app.dossier.sheet import Sheet
from app.programmes.standard import Standard, Standards
from app.store.review_items import ReviewItem
from app.verification.conclude import Case, Knowledge
from app.verification.identify import identify
from app.verification.merge.records import Material
from app.verification.questions import in_place

_PLACES: Final = 6
_SOURCES_WORDS: Final = ("payer", "details", "detail")


@dataclass(frozen=True, kw_only=True)
class File:
    """What is stored of a case: its evidence, its newest result, what waits for a person."""

    case: Case
    body: Mapping[str, Any] = field(repr=False)
    version: int
    computed_at: datetime | None
    items: Sequence[ReviewItem] = ()
    newer: str | None = None


def dossier(file: File, knowledge: Knowledge) -> dict[str, Any]:
    """Persons, values with what they rest on, supporters, standards, and what is still open."""
    request, profile = file.case.request, file.body.get("profile")
    first = _standard(knowledge.standards, file.case, request.programmes[0])
    mask = Mask.of(request.household.persons)
    rows: list[dict[str, Any]] = []
    supporters: list[dict[str, Any]] = []
    if profile is not None:
        material = _material(file.case, knowledge, first)
        sheet = Sheet.of(material, Replied(file.case.statuses, file.case.replies), profile)
        rows = sheet.rows()
        for row in rows:
            row["lines"] = [_masked(mask, one) for one in row["lines"]]
        supporters = supporters_document(material, income_lines(profile))
    return {
        "household": {
            "name": household_name(request),
            "size": len(request.household.members),
        },
        "persons": persons_document(request, profile),
        "programmes": list(request.programmes),
        "standards": [
            _standard_document(_standard(knowledge.standards, file.case, key))
            for key in request.programmes
        ],
        "totals": None if profile is None else dict(profile["totals"]),
        "income_before_deductions": None if profile is None else _income(profile),
        "rows": rows,
        "supporters": supporters,
        "rule": {
            "standard": first.id,
            "since": first.valid_from.isoformat(),
            "tolerance": f"{first.counting.declared_tolerance:f}",
            "local_standard": as_text(first.counting.local_standard),
        },
        "progress": _progress(file.case.statuses),
        "open_items": [_item(one) for one in file.items if one.state in STILL_TO_DO],
        "result_version": file.version,
        "computed_at": rfc3339(file.computed_at),
        "superseded_by": file.newer,
    }


def _income(profile: Mapping[str, Any]) -> Any:
    """Of all that counts, a month, before proven expenses are deducted."""
    known, found = total(income_lines(profile)), interval_of(profile["totals"]["monthly_income"])
    return amount(Interval(known.low, None if found.high is None else known.high))


def masked_shown(case: Case, shown: Mapping[str, Any]) -> dict[str, Any]:
    """A verification's document without a name in what payers, products and findings are called."""
    mask, profile = Mask.of(case.request.household.persons), shown["profile"]
    if profile is not None:
        profile = {
            **profile,
            "income": [_masked(mask, one) for one in profile["income"]],
            "assets": [_masked(mask, one) for one in profile["assets"]],
        }
    findings = [_masked(mask, one) for one in shown["findings"]]
    return {**shown, "profile": profile, "findings": findings}


def _masked(mask: Mask, one: Mapping[str, Any]) -> dict[str, Any]:
    """Words of sources alone: an amount is no number of anybody."""
    return {
        name: mask.anywhere(value) if name in _SOURCES_WORDS else value
        for name, value in one.items()
    }


def _material(case: Case, knowledge: Knowledge, standard: Standard) -> Material:
    evidence = identify(case.replies, case.request, knowledge.weights, case.judgements)
    return Material(
        request=case.request,
        evidence=evidence,
        statuses=case.statuses,
        counting=standard.counting,
        rates=knowledge.rates,
        settled=in_place(case.settlements, evidence),
    )


def _standard(standards: Standards, case: Case, programme: str) -> Standard:
    return standards.in_force(programme, case.request.region, case.request.as_of)


def _standard_document(one: Standard) -> dict[str, Any]:
    return {
        "programme": one.programme,
        "id": one.id,
        "region": one.region,
        "since": one.valid_from.isoformat(),
        "name": dict(one.name),
        "example": one.example,
        "holds_one_of": list(one.holds_one_of),
        "left_to_case_system": list(one.left_to_case_system),
    }


def _progress(statuses: Sequence[SourceStatus]) -> dict[str, Any]:
    """Sources that have answered about everybody they were asked about, of those asked."""
    asked = sorted({one.source for one in statuses if one.state.value != "not_asked"})
    open_ones = {one.source for one in statuses if one.state.value in ("failed", "pending")}
    return {
        "asked": len(asked),
        "answered": len([one for one in asked if one not in open_ones]),
        "missing": [one for one in asked if one in open_ones],
        "answers": sum(one.state.value in ("answered", "no_record") for one in statuses),
    }


def _item(one: ReviewItem) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "action": one.subject,
        "person": one.person,
        "source": one.source,
        "state": one.state.value,
        "needed": one.needed,
        "evidence": list(one.evidence),
        "expected_reduction": round(one.expected_reduction, _PLACES),
    }
