"""Declared beside verified 申报与核定, of each member and kind, in one of six words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.household import AssetKind, IncomeBasis, IncomeKind
from app.domain.interval import NOTHING, Interval
from app.domain.money import ZERO
from app.domain.profile import Profile
from app.verification.merge.differences import monthly_of, shown_by, valued
from app.verification.merge.explanations import subject_of
from app.verification.merge.records import Material


class Compared(StrEnum):
    """How what was declared stands to what the sources tell."""

    EQUAL = "equal"  # 一致
    UNDER_DECLARED = "under_declared"  # 少报
    OVER_DECLARED = "over_declared"  # 多报
    OMITTED = "omitted"  # 漏报
    NOT_CONFIRMED = "not_confirmed_by_sources"  # 未证实
    CANNOT_BE_CHECKED = "cannot_be_checked"  # 无法核对


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One member and kind; amounts are yuan (a month, for income), or None where things count."""

    subject: str
    person: str
    kind: str
    declared: Decimal | None
    verified: Interval | None
    things: int
    compared: Compared


def comparisons_of(material: Material, profile: Profile) -> tuple[Comparison, ...]:
    """All members and kinds of which something was declared, or is shown by a source."""
    return (*_income(material, profile), *_assets(material, profile))


def _income(material: Material, profile: Profile) -> Iterator[Comparison]:
    for member in material.counted:
        for kind in IncomeKind:
            some = [
                line
                for line in profile.income
                if (line.person, line.kind) == (member.ref, kind) and line.verified and line.counted
            ]
            amounts = [
                one.monthly
                for one in material.request.declared.income
                if (one.person, one.kind) == (member.ref, kind)
                and one.basis is IncomeBasis.EMPLOYMENT
            ]
            if not some and not amounts:
                continue
            declared = sum(amounts, ZERO)
            verified = monthly_of(material, member.ref, some)
            yield Comparison(
                subject=subject_of("income", member.ref, kind),
                person=member.ref,
                kind=kind.value,
                declared=declared,
                verified=verified,
                things=len(some),
                compared=_compared(declared, verified, material.counting.declared_tolerance),
            )


def _compared(declared: Decimal, verified: Interval, tolerance: Decimal) -> Compared:
    if verified.low > declared * (1 + tolerance):
        return Compared.UNDER_DECLARED if declared else Compared.OMITTED
    if verified.high is None:
        return Compared.CANNOT_BE_CHECKED
    if declared and verified.high == 0:
        return Compared.NOT_CONFIRMED
    if verified.high < declared * (1 - tolerance):
        return Compared.OVER_DECLARED
    return Compared.EQUAL


def _assets(material: Material, profile: Profile) -> Iterator[Comparison]:
    for member in material.counted:
        for kind in AssetKind:
            lines = [
                line
                for line in profile.assets
                if (line.person, line.kind) == (member.ref, kind) and line.counted
            ]
            told = [
                one.value
                for one in material.request.declared.assets
                if (one.person, one.kind) == (member.ref, kind)
            ]
            if not lines and not told:
                continue
            is_open = any(material.is_open(member.ref, one) for one in shown_by(kind))
            values = _sum(line.value for line in lines) if valued(kind) else None
            declared = sum((one or ZERO for one in told), ZERO) if told and valued(kind) else None
            yield Comparison(
                subject=subject_of("asset", member.ref, kind),
                person=member.ref,
                kind=kind.value,
                declared=declared,
                verified=values,
                things=len(lines),
                compared=_of_things(
                    (len(told), len(lines), is_open),
                    (declared, values),
                    material.counting.declared_tolerance,
                ),
            )


def _sum(values: Iterable[Interval | None]) -> Interval:
    return sum((one for one in values if one is not None), NOTHING)


def _of_things(
    numbers: tuple[int, int, bool],
    amounts: tuple[Decimal | None, Interval | None],
    tolerance: Decimal,
) -> Compared:
    told, found, is_open = numbers
    declared, verified = amounts
    if found and not told:
        return Compared.OMITTED
    if told and not found:
        return Compared.CANNOT_BE_CHECKED if is_open else Compared.NOT_CONFIRMED
    if declared is not None and verified is not None:
        return _compared(declared, verified, tolerance)
    return Compared.EQUAL
