"""What sources show of one person's income: wages, business, property, transfers, as lines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.evidence import Evidence
from app.domain.household import IncomeKind
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.money import ZERO
from app.domain.profile import IncomeLine
from app.verification.merge.records import Material, evidence_ids, sources
from app.verification.merge.things import once
from app.verification.merge.wages import Wage, wages_of
from connectors.records import (
    AnyRecord,
    Benefit,
    BenefitKind,
    BusinessInterest,
    EnterpriseKind,
    EnterpriseState,
    IncomeEntry,
    IncomeItem,
    InterestRole,
    Policy,
    PolicyClass,
)

Found = tuple[list[Evidence[AnyRecord]], Interval]
Entries = Sequence[tuple[Evidence[AnyRecord], IncomeEntry]]
Benefits = Sequence[tuple[Evidence[AnyRecord], Benefit]]
_PAYS_NO_ANNUITY = frozenset(
    {PolicyClass.HEALTH, PolicyClass.ACCIDENT, PolicyClass.MOTOR, PolicyClass.PROPERTY}
)
_MONTHS_OF_ANNUITIES = Decimal(12)


def lines_of(
    material: Material, person: str, told: frozenset[str] = frozenset()
) -> list[IncomeLine]:
    """A person's verified lines; the policies `told` already gave their annuities elsewhere."""
    lines = [_wage_line(material, person, wage) for wage in wages_of(material, person)]
    lines += _business(material, person)
    lines += _property(material, person, told)
    lines += _transfer(material, person)
    return lines


def line_of(
    material: Material, person: str, kind: IncomeKind, found: Found, *, why: str | None = None
) -> IncomeLine:
    """A line over the window that counts, not numbered yet."""
    rows, total = found
    return IncomeLine(
        id="",
        person=person,
        kind=kind,
        total=total,
        months=material.counting.window_months,
        first=material.window.start,
        last=material.window.end,
        sources=sources(rows),
        evidence=evidence_ids(rows),
        counted=True,
        why=why,
    )


def _wage_line(material: Material, person: str, wage: Wage) -> IncomeLine:
    why = f"base_for_{wage.from_base_months}_months" if wage.from_base_months else None
    line = line_of(material, person, IncomeKind.WAGE, (wage.evidence, wage.net), why=why)
    return replace(line, payer=wage.job.employer, imputed=wage.from_base_months > 0)


def _by_item(
    material: Material, person: str, items: Iterable[IncomeItem]
) -> Mapping[IncomeItem, Entries]:
    """The person's tax entries of these items, those within the window or of unreadable date."""
    wanted = frozenset(items)
    found: dict[IncomeItem, list[tuple[Evidence[AnyRecord], IncomeEntry]]] = defaultdict(list)
    for row, entry in material.of(person, IncomeEntry):
        within = entry.period_from is None or material.window.holds(entry.period_from)
        if entry.item in wanted and within:
            found[entry.item].append((row, entry))
    return found


def _summed(material: Material, person: str, found: Entries) -> Found:
    """Corrections take back what they correct; an entry without an amount leaves it open.

    While an answer of the tax office is missing, so may be a correction: nothing is sure then.
    """
    total = certain = ZERO
    for _, entry in found:
        total += entry.gross or ZERO
        certain += (entry.gross or ZERO) if entry.period_from is not None else ZERO
    readable = all(entry.gross is not None for _, entry in found)
    low = ZERO if material.is_open(person, "tax") else max(ZERO, min(total, certain))
    high = max(low, total, certain) if readable else None
    return [row for row, _ in found], Interval(low, high)


def is_sole_trader(record: BusinessInterest) -> bool:
    """In business as a sole trader 个体工商户."""
    return (
        record.kind is EnterpriseKind.SOLE_TRADER
        and record.state is EnterpriseState.IN_BUSINESS
        and record.role is InterestRole.LEGAL_REPRESENTATIVE
    )


def _business(material: Material, person: str) -> list[IncomeLine]:
    taxed = _by_item(material, person, (IncomeItem.BUSINESS,))
    if IncomeItem.BUSINESS in taxed:
        found = _summed(material, person, taxed[IncomeItem.BUSINESS])
        return [line_of(material, person, IncomeKind.BUSINESS, found)]
    trading = [row for row, one in material.of(person, BusinessInterest) if is_sole_trader(one)]
    if not trading:
        return []
    monthly = material.counting.imputed_sole_trader_monthly
    if monthly is None:
        unknown = line_of(
            material, person, IncomeKind.BUSINESS, (trading, UNKNOWN), why="business_income_unknown"
        )
        return [replace(unknown, verified=False)]
    imputed = monthly * material.counting.window_months
    total = Interval(ZERO if material.is_open(person, "tax") else imputed, imputed)
    line = line_of(
        material, person, IncomeKind.BUSINESS, (trading, total), why="imputed_sole_trader_monthly"
    )
    return [replace(line, imputed=True)]


def _property(material: Material, person: str, told: frozenset[str]) -> list[IncomeLine]:
    items = (IncomeItem.INTEREST_DIVIDENDS, IncomeItem.RENT)
    lines = [
        line_of(
            material,
            person,
            IncomeKind.PROPERTY,
            _summed(material, person, found),
            why=item.value,
        )
        for item, found in _by_item(material, person, items).items()
    ]
    annuities = _annuities(material, person, told)
    if annuities[1] != NOTHING:
        lines.append(
            line_of(material, person, IncomeKind.PROPERTY, annuities, why="annuity_received")
        )
    for found in _by_item(material, person, (IncomeItem.SALE_OF_PROPERTY,)).values():
        sold = _summed(material, person, found)
        line = line_of(material, person, IncomeKind.PROPERTY, sold, why="sale_of_property")
        lines.append(replace(line, counted=False))
    return lines


def _annuities(material: Material, person: str, told: frozenset[str]) -> Found:
    """Annuities received in 12 months, once a policy; unknown where an annuity has no amount."""
    found = once(
        ((row, one) for row, one in material.of(person, Policy) if one.number not in told),
        lambda one: one.number,
        lambda one: (one.annuity_received is None, one.annuity_received or ZERO),
    )
    rows, total, readable = [], ZERO, True
    for row, policy in found:
        untold = policy.annuity_received is None and policy.policy_class not in _PAYS_NO_ANNUITY
        if policy.annuity_received or untold:
            rows.append(row)
            total += policy.annuity_received or ZERO
            readable = readable and not untold
    total = total * material.counting.window_months / _MONTHS_OF_ANNUITIES
    return rows, Interval(total, total if readable else None)


def annuity_policies(material: Material, person: str) -> frozenset[str]:
    """The numbers of the policies of which the person's records tell an annuity."""
    policies = (one for _, one in material.of(person, Policy) if one.annuity_received)
    return frozenset(one.number for one in policies if one.number)


def _transfer(material: Material, person: str) -> list[IncomeLine]:
    lines = []
    benefits = material.of(person, Benefit)
    for kind in (*BenefitKind, None):
        rows = [(row, one) for row, one in benefits if one.kind is kind]
        if kind is BenefitKind.RESIDENTS_BASIC_PENSION:
            lines += _residents_pension(material, person, rows)
        elif rows and kind is not None:
            lines.append(_benefit_line(material, person, rows, why=kind.value))
        elif rows:
            lines.append(_of_unknown_kind(material, person, rows))
    items = _by_item(material, person, (IncomeItem.ACCIDENTAL,))
    lines += (
        line_of(
            material,
            person,
            IncomeKind.TRANSFER,
            _summed(material, person, found),
            why="accidental",
        )
        for found in items.values()
    )
    return lines


def _benefit_line(material: Material, person: str, rows: Benefits, *, why: str) -> IncomeLine:
    within = [
        (row, one) for row, one in rows if one.month is None or material.window.holds(one.month)
    ]
    readable = all(one.amount is not None for _, one in within)
    certain = sum((one.amount or ZERO for _, one in within if one.month is not None), ZERO)
    total = sum((one.amount or ZERO for _, one in within), ZERO)
    found = ([row for row, _ in within], Interval(certain, total if readable else None))
    return line_of(material, person, IncomeKind.TRANSFER, found, why=why)


def _of_unknown_kind(material: Material, person: str, rows: Benefits) -> IncomeLine:
    """It may be one that does not count."""
    line = _benefit_line(material, person, rows, why="benefit_of_unknown_kind")
    return replace(line, total=Interval(ZERO, line.total.high))


def _residents_pension(material: Material, person: str, rows: Benefits) -> list[IncomeLine]:
    """Residents' basic pension 城乡居民基本养老金 counts from a month on (a dated rule)."""
    start = material.counting.residents_pension_counted_from
    before = [(row, one) for row, one in rows if start is None or (one.month or start) < start]
    after = [(row, one) for row, one in rows if start is not None and (one.month or start) >= start]
    lines = []
    if before:
        line = _benefit_line(material, person, before, why="residents_pension_not_counted")
        lines.append(replace(line, counted=False))
    if after:
        lines.append(
            _benefit_line(material, person, after, why=BenefitKind.RESIDENTS_BASIC_PENSION.value)
        )
    return lines
