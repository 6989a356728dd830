"""Declared against verified 申报与核对: under-declared, omitted, not found, by person and kind."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from app.domain.household import AssetKind, IncomeBasis, IncomeKind
from app.domain.interval import NOTHING, Interval
from app.domain.money import as_text
from app.domain.profile import AssetLine, Finding, FindingCode, IncomeLine, Severity
from app.verification.merge.explanations import subject_of
from app.verification.merge.records import Material
from app.verification.merge.support import INCOME_SOURCES

_VALUED = (
    AssetKind.DEPOSIT,
    AssetKind.WEALTH_PRODUCT,
    AssetKind.SECURITY,
    AssetKind.FUND,
    AssetKind.INSURANCE,
)


def new_finding(
    code: FindingCode,
    severity: Severity,
    person: str | None,
    *,
    evidence: Iterable[str] = (),
    detail: str | None = None,
) -> Finding:
    return Finding(
        id="",
        code=code,
        severity=severity,
        person=person,
        evidence=tuple(evidence),
        detail=detail,
    )


def asked(found: Finding, subject: str) -> Finding:
    """A finding that a person can settle."""
    return replace(found, subject=subject)


def income_differences(material: Material, lines: Iterable[IncomeLine]) -> Iterator[Finding]:
    every = tuple(lines)
    for member in material.counted:
        for kind in IncomeKind:
            some = [
                line
                for line in every
                if line.person == member.ref
                and line.kind is kind
                and line.verified
                and line.counted
            ]
            declared = sum(
                (
                    one.monthly
                    for one in material.request.declared.income
                    if one.person == member.ref
                    and one.kind is kind
                    and one.basis is IncomeBasis.EMPLOYMENT
                ),
                Decimal(0),
            )
            verified = monthly_of(material, member.ref, some)
            evidence = [one for line in some for one in line.evidence]
            yield from _differs(material, (member.ref, kind), (declared, verified), evidence)


def monthly_of(material: Material, ref: str, lines: list[IncomeLine]) -> Interval:
    """Yuan a month; while a source is open that shows income, more of it may come."""
    months = Interval.exactly(material.counting.window_months)
    known = sum((line.total for line in lines), NOTHING).per(months)
    is_open = any(material.is_open(ref, source) for source in INCOME_SOURCES)
    return Interval(known.low, None) if is_open else known


def _differs(
    material: Material,
    what: tuple[str, IncomeKind],
    amounts: tuple[Decimal, Interval],
    evidence: list[str],
) -> Iterator[Finding]:
    declared, verified = amounts
    tolerance = material.counting.declared_tolerance
    code = None
    if verified.low > 0 and not declared:
        code = FindingCode.INCOME_NOT_DECLARED
    elif verified.low > declared * (1 + tolerance):
        code = FindingCode.INCOME_ABOVE_DECLARED
    elif verified.high is not None and declared and verified.high == 0:
        code = FindingCode.DECLARED_NOT_FOUND
    elif verified.high is not None and verified.high < declared * (1 - tolerance):
        code = FindingCode.INCOME_BELOW_DECLARED
    if code is None:
        return
    mild = code in (FindingCode.INCOME_BELOW_DECLARED, FindingCode.DECLARED_NOT_FOUND)
    found = new_finding(
        code,
        Severity.INFO if mild else Severity.WARNING,
        what[0],
        evidence=evidence,
        detail=what[1].value,
    )
    found = asked(found, subject_of("income", *what))
    yield replace(found, declared=as_text(declared), verified=as_text(verified.low))


def asset_differences(material: Material, lines: tuple[AssetLine, ...]) -> Iterator[Finding]:
    for member in material.counted:
        for kind in AssetKind:
            some = [line for line in lines if line.person == member.ref and line.kind is kind]
            counted = [line for line in some if line.counted]
            declared = [
                one
                for one in material.request.declared.assets
                if one.person == member.ref and one.kind is kind
            ]
            evidence = [one for line in counted for one in line.evidence]
            if counted and not declared:
                yield from _asset_not_declared(material, (member.ref, kind), counted)
            elif declared and not counted and not _may_be_missing(material, member.ref, kind):
                missing = new_finding(
                    FindingCode.DECLARED_NOT_FOUND, Severity.INFO, member.ref, detail=kind.value
                )
                yield asked(missing, subject_of("asset", member.ref, kind))
            elif kind in _VALUED and counted:
                told = sum((one.value or Decimal(0) for one in declared), Decimal(0))
                yield from _above(material, (member.ref, kind), (told, counted), evidence)


def _asset_not_declared(
    material: Material, what: tuple[str, AssetKind], counted: list[AssetLine]
) -> Iterator[Finding]:
    found = sum((line.value for line in counted if line.value is not None), NOTHING)
    if what[1] in _VALUED and found.low == 0:
        return  # nothing is known to be there
    serious = what[1] not in (AssetKind.HOUSING_FUND, AssetKind.INSURANCE)
    finding = new_finding(
        FindingCode.ASSET_NOT_DECLARED,
        Severity.WARNING if serious else Severity.INFO,
        what[0],
        evidence=[one for line in counted for one in line.evidence],
        detail=what[1].value,
    )
    finding = asked(finding, subject_of("asset", *what))
    has_value = any(line.value is not None for line in counted)
    yield replace(finding, verified=as_text(found.low) if has_value else str(len(counted)))


def _above(
    material: Material,
    what: tuple[str, AssetKind],
    amounts: tuple[Decimal, list[AssetLine]],
    evidence: list[str],
) -> Iterator[Finding]:
    told, counted = amounts
    found = sum((line.value for line in counted if line.value is not None), NOTHING)
    if found.low > told * (1 + material.counting.declared_tolerance):
        finding = new_finding(
            FindingCode.ASSET_ABOVE_DECLARED,
            Severity.WARNING,
            what[0],
            evidence=evidence,
            detail=what[1].value,
        )
        finding = asked(finding, subject_of("asset", *what))
        yield replace(finding, declared=as_text(told), verified=as_text(found.low))


SHOWN_BY = {
    AssetKind.HOME: ("property",),
    AssetKind.OTHER_BUILDING: ("property",),
    AssetKind.VEHICLE: ("vehicle",),
    AssetKind.VESSEL: ("vehicle",),
    AssetKind.BUSINESS: ("business_registration",),
    AssetKind.HOUSING_FUND: ("housing_fund",),
    AssetKind.INSURANCE: ("insurance",),
    AssetKind.SECURITY: ("securities",),
    AssetKind.FUND: ("securities",),
    AssetKind.DEPOSIT: ("bank",),
    AssetKind.WEALTH_PRODUCT: ("bank",),
}


def _may_be_missing(material: Material, ref: str, kind: AssetKind) -> bool:
    return any(material.is_open(ref, source) for source in SHOWN_BY[kind])


def shown_by(kind: AssetKind) -> tuple[str, ...]:
    """The sources that would show such a thing."""
    return SHOWN_BY[kind]


def valued(kind: AssetKind) -> bool:
    """Whether such things are compared by their value."""
    return kind in _VALUED
