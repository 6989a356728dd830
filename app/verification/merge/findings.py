"""What is to be looked at: composition, identity, declared against verified, missing sources."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from app.domain.evidence import Link, SourceState, Unasked
from app.domain.interval import NOTHING
from app.domain.money import as_text
from app.domain.profile import (
    AssetLine,
    Composition,
    Finding,
    FindingCode,
    IdentityState,
    IncomeLine,
    PersonProfile,
    Severity,
)
from app.verification.merge.anomalies import anomalies_of, rules
from app.verification.merge.composition import registry_rows
from app.verification.merge.conflicts import ConflictOf, conflicts_of
from app.verification.merge.differences import (
    asked,
    asset_differences,
    income_differences,
    new_finding,
)
from app.verification.merge.records import Material
from connectors.records import Ownership, ReliefEnrolment

_IDENTITY = {
    IdentityState.DECEASED: (FindingCode.DECEASED, Severity.ERROR),
    IdentityState.MISMATCH: (FindingCode.IDENTITY_MISMATCH, Severity.ERROR),
    IdentityState.UNCERTAIN: (FindingCode.IDENTITY_UNCERTAIN, Severity.WARNING),
    IdentityState.NOT_FOUND: (FindingCode.IDENTITY_UNCERTAIN, Severity.WARNING),
}


@dataclass(frozen=True, slots=True)
class Merged:
    """The parts of a profile that findings are made from."""

    persons: tuple[PersonProfile, ...]
    composition: Composition
    income: tuple[IncomeLine, ...]
    assets: tuple[AssetLine, ...]


def findings_of(material: Material, merged: Merged) -> tuple[Finding, ...]:
    """All findings, numbered fi_1, fi_2, …, in a fixed order."""
    found = [
        *_persons(material, merged),
        *_composition(merged.composition),
        *_doubtful_records(material),
        *income_differences(material, merged.income),
        *_business_unknown(material, merged.income),
        *_conflicts(material),
        *asset_differences(material, merged.assets),
        *_disposed(material, merged),
        *_sources(material),
        *_problems(material),
        *_anomalies(material),
        *_settled(material),
        *_duplicates(material),
        *_enrolled(material),
    ]
    return tuple(replace(one, id=f"fi_{number}") for number, one in enumerate(found, 1))


def _persons(material: Material, merged: Merged) -> Iterator[Finding]:
    """Who a person is, and whether a death that nobody can place yet may be his or hers."""
    for person in merged.persons:
        is_known = person.identity is IdentityState.VERIFIED
        if is_known and person.alive is not None:
            continue
        if person.why == "supporter" and not material.request.has_signed(person.ref):
            continue
        code, severity = _IDENTITY.get(person.identity, _IDENTITY[IdentityState.UNCERTAIN])
        rows = [
            row.id
            for row in registry_rows(material, person.ref)
            if row.link is Link.IN_REVIEW or (row.accepted and not is_known)
        ]
        yield new_finding(code, severity, person.ref, evidence=rows, detail=person.identity.value)


def _composition(composition: Composition) -> Iterator[Finding]:
    for relative in composition.registered_not_declared:
        found = new_finding(
            FindingCode.REGISTERED_NOT_DECLARED,
            Severity.WARNING,
            None,
            evidence=(relative.evidence,),
            detail=relative.relation,
        )
        yield asked(found, f"undeclared:{relative.evidence}")
    for ref in composition.declared_not_registered:
        yield new_finding(FindingCode.DECLARED_NOT_REGISTERED, Severity.INFO, ref)


def _doubtful_records(material: Material) -> Iterator[Finding]:
    """Records that a person must say whose they are (the registry's are told by identity)."""
    seen = set()
    for row in material.evidence:
        key = (row.person, row.source)
        doubtful = row.link is Link.IN_REVIEW and row.source != "household_registry"
        if not doubtful or key in seen:
            continue
        seen.add(key)
        rows = [
            one.id
            for one in material.evidence
            if (one.person, one.source) == key and one.link is Link.IN_REVIEW
        ]
        yield new_finding(
            FindingCode.IDENTITY_UNCERTAIN,
            Severity.WARNING,
            row.person,
            evidence=rows,
            detail=f"{row.source}: {len(rows)} records for a reviewer",
        )


def _business_unknown(material: Material, lines: Iterable[IncomeLine]) -> Iterator[Finding]:
    counted = {member.ref for member in material.counted}
    for line in lines:
        if line.person in counted and line.why == "business_income_unknown":
            yield new_finding(
                FindingCode.BUSINESS_INCOME_UNKNOWN,
                Severity.WARNING,
                line.person,
                evidence=line.evidence,
                detail="a sole trader in business without taxed receipts in the window",
            )


def _conflicts(material: Material) -> Iterator[Finding]:
    """Sources that tell of one value differently, and nobody has chosen yet."""
    for one in conflicts_of(material):
        if one.settled is not None:
            continue
        is_wage = one.what is ConflictOf.WAGE
        words = "tax and housing fund differ by more than the tolerance"
        found = new_finding(
            FindingCode.WAGE_SOURCES_DIFFER if is_wage else FindingCode.VALUES_DIFFER,
            Severity.WARNING,
            one.person,
            evidence=one.evidence,
            detail=words if is_wage else one.what.value,
        )
        yield asked(found, one.subject)


def _disposed(material: Material, merged: Merged) -> Iterator[Finding]:
    """Sold within the window, or an ownership ended that was registered within the look-back."""
    for line in merged.income:
        if line.why == "sale_of_property" and line.total != NOTHING:
            found = new_finding(
                FindingCode.ASSET_DISPOSED_RECENTLY,
                Severity.WARNING,
                line.person,
                evidence=line.evidence,
                detail="sale_of_property",
            )
            told = line.total.low if line.total.high is None else line.total.high
            yield replace(found, verified=as_text(told))
    since = material.request.as_of - timedelta(days=31 * material.counting.lookback_months)
    for member in material.counted:
        for row, one in material.of(member.ref, Ownership):
            if one.in_force is False and one.registered_on and one.registered_on >= since:
                yield new_finding(
                    FindingCode.ASSET_DISPOSED_RECENTLY,
                    Severity.WARNING,
                    member.ref,
                    evidence=(row.id,),
                    detail="ownership_ended",
                )


def _sources(material: Material) -> Iterator[Finding]:
    stale = material.counting.stale_after_days
    for status in material.statuses:
        failed = status.state is SourceState.FAILED
        left_out = (
            status.state is SourceState.NOT_ASKED
            and status.reason is not Unasked.NOT_NEEDED
            and not _unsigned(material, status.person)
        )
        if failed or left_out:
            yield new_finding(
                FindingCode.SOURCE_FAILED,
                Severity.ERROR,
                status.person,
                detail=f"{status.source}: {status.detail or status.state.value}",
            )
        limit = stale.get(status.source)
        age = None if status.data_as_of is None else material.request.as_of - status.data_as_of
        if limit is not None and age is not None and age > timedelta(days=limit):
            yield new_finding(
                FindingCode.SOURCE_STALE,
                Severity.WARNING,
                status.person,
                detail=f"{status.source}: data of {status.data_as_of}",
            )


def _unsigned(material: Material, ref: str) -> bool:
    return material.why_not_counted(ref) == "supporter" and not material.request.has_signed(ref)


def _problems(material: Material) -> Iterator[Finding]:
    for row in material.accepted:
        if row.record.problems:
            yield new_finding(
                FindingCode.IMPLAUSIBLE_VALUE,
                Severity.WARNING,
                row.person,
                evidence=(row.id,),
                detail="; ".join(row.record.problems),
            )


def _anomalies(material: Material) -> Iterator[Finding]:
    """Values outside of what is usual; one that a person confirmed is told of as settled."""
    for one in anomalies_of(material):
        if not one.is_true(material):
            found = new_finding(
                FindingCode.IMPLAUSIBLE_VALUE,
                Severity.WARNING,
                one.row.person,
                evidence=(one.row.id,),
                detail=rules()[one.rule].en,
            )
            yield asked(found, one.subject)


def _settled(material: Material) -> Iterator[Finding]:
    """What a person settled is never hidden."""
    persons = {row.id: row.person for row in material.evidence}
    for subject in sorted(material.settled):
        settled = material.settled[subject]
        evidence = sorted(settled.evidence)
        found = new_finding(
            FindingCode.VALUE_SETTLED,
            Severity.INFO,
            persons.get(evidence[0]) if evidence else None,
            evidence=evidence,
            detail=settled.in_words,
        )
        yield asked(found, subject)


def _duplicates(material: Material) -> Iterator[Finding]:
    """That there are others, and in which counties; their numbers are not everybody's to see."""
    if material.other_cases:
        places = ", ".join(sorted({case[:6] for case in material.other_cases}))
        yield new_finding(
            FindingCode.DUPLICATE_RELIEF,
            Severity.ERROR,
            None,
            detail=f"the same persons stand in {len(material.other_cases)} other cases: {places}",
        )


def _enrolled(material: Material) -> Iterator[Finding]:
    """That a register of beneficiaries knows a person as enrolled: for somebody to look at."""
    for person in material.request.household.persons:
        rows = [
            (row.id, one.programme or one.programme_code or "?")
            for row, one in material.of(person.ref, ReliefEnrolment)
            if one.active is not False
        ]
        if rows:
            yield new_finding(
                FindingCode.DUPLICATE_RELIEF,
                Severity.WARNING,
                person.ref,
                evidence=sorted(id_ for id_, _ in rows),
                detail=f"enrolled already: {', '.join(sorted({name for _, name in rows}))}",
            )
