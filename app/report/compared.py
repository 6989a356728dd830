"""Declared against verified 申报与核定比对: one row for each person and kind, in the field's words.

A source that did not answer leaves a value unknown: such a row is never "equal" and never zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.evidence import SourceStatus
from app.domain.household import (
    AssetKind,
    DeclaredAsset,
    DeclaredIncome,
    IncomeKind,
    VerificationRequest,
)
from app.domain.interval import NOTHING, Interval
from app.domain.money import as_text
from app.domain.profile import FINANCIAL, AssetLine, FindingCode, IncomeLine, Profile
from app.verification.document import money
from app.verification.merge.differences import SHOWN_BY
from app.verification.merge.support import INCOME_SOURCES


class Compared(StrEnum):
    """How what was declared stands to what was found 比对结果."""

    EQUAL = "equal"
    UNDER_DECLARED = "under_declared"
    OVER_DECLARED = "over_declared"
    OMITTED = "omitted"
    NOT_FOUND = "not_found"
    UNCHECKED = "unchecked"


_OF_FINDING: Final[Mapping[FindingCode, Compared]] = {
    FindingCode.INCOME_ABOVE_DECLARED: Compared.UNDER_DECLARED,
    FindingCode.ASSET_ABOVE_DECLARED: Compared.UNDER_DECLARED,
    FindingCode.INCOME_BELOW_DECLARED: Compared.OVER_DECLARED,
    FindingCode.INCOME_NOT_DECLARED: Compared.OMITTED,
    FindingCode.ASSET_NOT_DECLARED: Compared.OMITTED,
    FindingCode.DECLARED_NOT_FOUND: Compared.NOT_FOUND,
}
SUPPORT: Final = "support"
"""The kind of what supporters pay."""
_THINGS: Final = frozenset(AssetKind) - FINANCIAL - {AssetKind.HOUSING_FUND}
"""Kinds of which there are so many, and not so much."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a report compares."""

    request: VerificationRequest
    profile: Profile
    statuses: Sequence[SourceStatus]

    def is_open(self, person: str, sources: Iterable[str]) -> bool:
        """One of the sources may hold something of the person that it did not tell."""
        wanted = set(sources)
        told = [one for one in self.statuses if one.person == person and one.source in wanted]
        return len(told) < len(wanted) or any(one.is_open for one in told)

    def found(self, person: str, kind: str) -> Compared | None:
        """What the findings say of the person's things of this kind."""
        for one in self.profile.findings:
            if one.person == person and one.detail == kind and one.code in _OF_FINDING:
                return _OF_FINDING[one.code]
        return None


def compared(material: Material) -> list[dict[str, Any]]:
    """Income, assets and expenses of every member, declared or found, and what supporters pay."""
    refs = [one.ref for one in material.request.household.members]
    return [
        *(row for ref in refs for row in _income(material, ref)),
        *_support(material),
        *(row for ref in refs for row in _assets(material, ref)),
        *_expenses(material),
    ]


def _income(material: Material, ref: str) -> Iterator[dict[str, Any]]:
    for kind in IncomeKind:
        lines = [one for one in material.profile.income if (one.person, one.kind) == (ref, kind)]
        said = [
            one for one in material.request.declared.income if (one.person, one.kind) == (ref, kind)
        ]
        if lines or said:
            yield _income_row(material, (ref, kind), lines, said)


def _income_row(
    material: Material,
    what: tuple[str, IncomeKind],
    lines: list[IncomeLine],
    said: list[DeclaredIncome],
) -> dict[str, Any]:
    shown = [one for one in lines if one.verified]
    known = sum((one.monthly for one in shown), NOTHING)
    is_open = material.is_open(what[0], INCOME_SOURCES)
    verified = Interval(known.low, None) if is_open else known
    told = sum((one.monthly for one in said), Decimal(0)) if said else None
    return {
        **_row("income", what, lines),
        "declared": None if told is None else as_text(told),
        "verified": None if not shown and is_open else money(verified),
        **_verdict(material, what, told, verified),
        "from": min((one.first.isoformat() for one in lines), default=None),
        "to": max((one.last.isoformat() for one in lines), default=None),
    }


def _support(material: Material) -> Iterator[dict[str, Any]]:
    """What supporters 赡养人 pay, computed or as declared: nobody has to declare it."""
    for one in material.request.household.supporters:
        lines = [line for line in material.profile.income if line.person == one.ref]
        if not lines:
            continue
        declared = one.declared_payment_monthly
        yield {
            **_row("income", (one.ref, SUPPORT), lines),
            "declared": None if declared is None else as_text(declared),
            "verified": money(sum((line.monthly for line in lines), NOTHING)),
            "compared": None,
            "difference": None,
            "from": min(line.first.isoformat() for line in lines),
            "to": max(line.last.isoformat() for line in lines),
        }


def _assets(material: Material, ref: str) -> Iterator[dict[str, Any]]:
    for kind in AssetKind:
        lines = [one for one in material.profile.assets if (one.person, one.kind) == (ref, kind)]
        said = [
            one for one in material.request.declared.assets if (one.person, one.kind) == (ref, kind)
        ]
        if lines or said:
            row = _thing_row if kind in _THINGS else _asset_row
            yield row(material, (ref, kind), lines, said)


def _asset_row(
    material: Material,
    what: tuple[str, AssetKind],
    lines: list[AssetLine],
    said: list[DeclaredAsset],
) -> dict[str, Any]:
    known = sum((one.value for one in lines if one.value is not None), NOTHING)
    is_open = material.is_open(what[0], SHOWN_BY[what[1]])
    verified = Interval(known.low, None) if is_open else known
    told = sum((one.value or Decimal(0) for one in said), Decimal(0)) if said else None
    return {
        **_row("assets", what, lines),
        "declared": None if told is None else as_text(told),
        "verified": None if not lines and is_open else money(verified),
        **_verdict(material, what, told, verified),
        "to": max((one.on.isoformat() for one in lines if one.on is not None), default=None),
    }


def _thing_row(
    material: Material,
    what: tuple[str, AssetKind],
    lines: list[AssetLine],
    said: list[DeclaredAsset],
) -> dict[str, Any]:
    is_open = material.is_open(what[0], SHOWN_BY[what[1]])
    verified = Interval(Decimal(len(lines)), None if is_open else Decimal(len(lines)))
    told = Decimal(len(said)) if said else None
    shown: Any = {"min": len(lines), "max": None} if is_open else len(lines)
    return {
        **_row("things", what, lines),
        "declared": None if not said else len(said),
        "verified": None if not lines and is_open else shown,
        **_verdict(material, what, told, verified),
        "to": max((one.on.isoformat() for one in lines if one.on is not None), default=None),
    }


def _row(
    group: str,
    what: tuple[str, str],
    lines: Sequence[IncomeLine] | Sequence[AssetLine],
) -> dict[str, Any]:
    return {
        "group": group,
        "person": what[0],
        "kind": str(what[1]),
        "sources": list(dict.fromkeys(source for one in lines for source in one.sources)),
        "counted": _counted([one.counted for one in lines]),
        "why": sorted({one.why for one in lines if one.why is not None}),
        "from": None,
        "to": None,
    }


def _counted(lines: Sequence[bool]) -> str | None:
    """None where there is nothing to count."""
    if not lines:
        return None
    return "whole" if all(lines) else "part" if any(lines) else "none"


def _verdict(
    material: Material,
    what: tuple[str, IncomeKind | AssetKind],
    told: Decimal | None,
    verified: Interval,
) -> dict[str, Any]:
    """The word, and by how much: of amounts that are known on both sides alone."""
    word = material.found(what[0], what[1].value)
    if word is None:
        word = _without_finding(told, verified)
    differs = word in (Compared.UNDER_DECLARED, Compared.OVER_DECLARED, Compared.OMITTED)
    difference = None
    if differs and verified.is_exact and what[1] not in _THINGS:
        difference = as_text(abs(verified.low - (told or Decimal(0))))
    return {"compared": word.value, "difference": difference}


def _without_finding(told: Decimal | None, verified: Interval) -> Compared:
    """Nothing was worth a finding: within the tolerance, or it cannot be said."""
    if not verified.is_exact:
        return Compared.UNCHECKED
    if told and verified.low == 0:
        return Compared.NOT_FOUND
    if told is None and verified.low > 0:
        return Compared.OMITTED
    return Compared.EQUAL


def _expenses(material: Material) -> Iterator[dict[str, Any]]:
    """Yuan a year, as declared: no source tells of them; the case system may hold proof."""
    for one in material.request.declared.expenses:
        word = Compared.EQUAL if one.proven else Compared.UNCHECKED
        yield {
            "group": "expenses",
            "person": one.person,
            "kind": one.kind.value,
            "declared": as_text(one.yearly),
            "verified": as_text(one.yearly) if one.proven else None,
            "compared": word.value,
            "difference": None,
            "sources": [],
            "counted": "whole" if one.proven else "none",
            "why": [],
            "from": None,
            "to": None,
        }
