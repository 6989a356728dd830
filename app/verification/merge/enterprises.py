"""What members have in enterprises: each once, with the capital that they subscribed."""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.profile import AssetLine
from app.verification.merge.records import Material
from app.verification.merge.things import Thing, line_of, word
from connectors.records import (
    AnyRecord,
    BusinessInterest,
    EnterpriseKind,
    EnterpriseState,
    InterestRole,
)

Parts = list[tuple[Evidence[AnyRecord], BusinessInterest]]


def enterprise_lines(material: Material) -> list[AssetLine]:
    """Once an enterprise and household; the capital is each member's subscribed contribution."""
    lines, seen = [], set()
    for member in material.request.household.members:
        outside = material.why_not_counted(member.ref)
        for key, parts in _by_enterprise(material, member.ref).items():
            thing = _enterprise(parts)
            if thing.why is None and outside is None and key in seen:
                thing = replace(thing, details={**thing.details, "same_enterprise": "true"})
            if thing.why is None and outside is None:
                seen.add(key)
            lines.append(line_of(material, member.ref, thing, outside))
    return lines


def _by_enterprise(material: Material, person: str) -> Mapping[str, Parts]:
    """The person's entries by enterprise; one that came twice is one."""
    grouped: dict[str, Parts] = {}
    for row, one in material.of(person, BusinessInterest):
        parts = grouped.setdefault(one.enterprise_code or one.enterprise or row.id, [])
        if all(one != other for _, other in parts):
            parts.append((row, one))
    return grouped


def _enterprise(parts: Parts) -> Thing:
    entries = [one for _, one in parts]
    details = {
        "kind": word(entries[0].kind),
        "state": word(entries[0].state),
        "roles": ",".join(sorted({one.role.value for one in entries})),
    }
    return Thing(
        rows=tuple(row for row, _ in parts),
        kind=AssetKind.BUSINESS,
        value=sum((_capital(one) for one in entries), NOTHING),
        on=None,
        details=details,
        why=_why_not(entries),
        doubtful=EnterpriseState.IN_BUSINESS not in {one.state for one in entries},
    )


def _why_not(entries: list[BusinessInterest]) -> str | None:
    """Farmers' cooperatives are listed; who only manages owns nothing."""
    states = {one.state for one in entries}
    if any(one.kind is EnterpriseKind.COOPERATIVE for one in entries):
        return "cooperative_not_counted"
    if not states & {EnterpriseState.IN_BUSINESS, None}:
        return "not_in_business"
    if all(one.role is InterestRole.MANAGER for one in entries):
        return "manager_only"
    return None


def _capital(one: BusinessInterest) -> Interval:
    """Subscribed by a shareholder, registered by a sole trader; not known where not told."""
    if one.role is InterestRole.SHAREHOLDER:
        capital = one.subscribed
    elif one.role is InterestRole.LEGAL_REPRESENTATIVE and one.kind is EnterpriseKind.SOLE_TRADER:
        capital = one.registered_capital
    else:
        return NOTHING
    return UNKNOWN if capital is None else Interval.exactly(capital)
