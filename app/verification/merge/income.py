"""Income by kind: what is counted, from which records, and what is not, with the rule."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.evidence import Evidence
from app.domain.household import (
    DeclaredIncome,
    ExpenseKind,
    IncomeBasis,
    IncomeKind,
    Supporter,
)
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.money import ZERO
from app.domain.profile import IncomeLine
from app.verification.merge.records import Material, evidence_ids, sources
from app.verification.merge.wages import Wage, by_item, wages_of
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
)

NOT_COUNTED = frozenset(
    {
        IncomeBasis.CARE_PAYMENT,
        IncomeBasis.HONOUR_PAYMENT,
        IncomeBasis.SCHOLARSHIP,
        IncomeBasis.RELIEF,
    }
)
UNSHOWN = frozenset({IncomeBasis.ODD_JOBS, IncomeBasis.GIFT})
Found = tuple[list[Evidence[AnyRecord]], Interval]


def income_of(material: Material) -> tuple[IncomeLine, ...]:
    """All lines of the household, supporters' payments included, numbered in_1, in_2, …"""
    lines: list[IncomeLine] = []
    for member in material.request.household.members:
        why = material.why_not_counted(member.ref)
        lines += (_outside(line, why) for line in lines_of(material, member.ref))
        lines += (_outside(line, why) for line in _declared_lines(material, member.ref))
    for supporter in material.request.household.supporters:
        lines += _support(material, supporter)
    return tuple(replace(line, id=f"in_{number}") for number, line in enumerate(lines, 1))


def _outside(line: IncomeLine, why: str | None) -> IncomeLine:
    """A member who does not count has no income that counts."""
    return line if why is None else replace(line, counted=False, why=why)


def lines_of(material: Material, person: str) -> list[IncomeLine]:
    """A person's verified lines, by what sources show."""
    lines = [_wage_line(material, person, wage) for wage in wages_of(material, person)]
    lines += _business(material, person)
    lines += _property(material, person)
    lines += _transfer(material, person)
    return lines


def _line(
    material: Material, person: str, kind: IncomeKind, found: Found, *, why: str | None = None
) -> IncomeLine:
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
    line = _line(material, person, IncomeKind.WAGE, (wage.evidence, wage.net), why=why)
    return replace(line, payer=wage.job.employer, imputed=wage.from_base_months > 0)


def _summed(found: Iterable[tuple[Evidence[AnyRecord], IncomeEntry]]) -> Found:
    """Corrections take back what they correct; an entry without an amount leaves it open."""
    rows, total, certain, readable = [], ZERO, ZERO, True
    for row, entry in found:
        rows.append(row)
        if entry.gross is None:
            readable = False
            continue
        total += entry.gross
        certain += entry.gross if entry.period_from is not None else ZERO
    low = max(ZERO, min(total, certain))
    return rows, Interval(low, max(low, total) if readable else None)


def is_sole_trader(record: BusinessInterest) -> bool:
    """In business as a sole trader 个体工商户."""
    return (
        record.kind is EnterpriseKind.SOLE_TRADER
        and record.state is EnterpriseState.IN_BUSINESS
        and record.role is InterestRole.LEGAL_REPRESENTATIVE
    )


def _business(material: Material, person: str) -> list[IncomeLine]:
    taxed = by_item(material, person, (IncomeItem.BUSINESS,))
    if IncomeItem.BUSINESS in taxed:
        found = _summed(taxed[IncomeItem.BUSINESS])
        return [_line(material, person, IncomeKind.BUSINESS, found)]
    trading = [row for row, one in material.of(person, BusinessInterest) if is_sole_trader(one)]
    if not trading:
        return []
    monthly = material.counting.imputed_sole_trader_monthly
    if monthly is None:
        unknown = _line(
            material, person, IncomeKind.BUSINESS, (trading, UNKNOWN), why="business_income_unknown"
        )
        return [replace(unknown, verified=False)]
    total = Interval.exactly(monthly * material.counting.window_months)
    imputed = _line(
        material, person, IncomeKind.BUSINESS, (trading, total), why="imputed_sole_trader_monthly"
    )
    return [replace(imputed, imputed=True)]


def _property(material: Material, person: str) -> list[IncomeLine]:
    items = (IncomeItem.INTEREST_DIVIDENDS, IncomeItem.RENT)
    lines = [
        _line(material, person, IncomeKind.PROPERTY, _summed(found), why=item.value)
        for item, found in by_item(material, person, items).items()
    ]
    rows, total = _annuities(material, person)
    if total != NOTHING:
        lines.append(
            _line(material, person, IncomeKind.PROPERTY, (rows, total), why="annuity_received")
        )
    sale = by_item(material, person, (IncomeItem.SALE_OF_PROPERTY,))
    for found in sale.values():
        line = _line(material, person, IncomeKind.PROPERTY, _summed(found), why="sale_of_property")
        lines.append(replace(line, counted=False))
    return lines


def _annuities(material: Material, person: str) -> Found:
    """Annuities received in the last 12 months, once a policy."""
    rows, total, seen = [], ZERO, set()
    for row, policy in material.of(person, Policy):
        if policy.annuity_received and policy.number not in seen:
            seen.add(policy.number)
            rows.append(row)
            total += policy.annuity_received
    return rows, Interval.exactly(total)


def _transfer(material: Material, person: str) -> list[IncomeLine]:
    lines = []
    for kind in BenefitKind:
        rows = [(row, one) for row, one in material.of(person, Benefit) if one.kind is kind]
        if kind is BenefitKind.RESIDENTS_BASIC_PENSION:
            lines += _residents_pension(material, person, rows)
        elif rows:
            lines.append(_benefit_line(material, person, rows, why=kind.value))
    items = by_item(material, person, (IncomeItem.ACCIDENTAL,))
    lines += (
        _line(material, person, IncomeKind.TRANSFER, _summed(found), why="accidental")
        for found in items.values()
    )
    return lines


Benefits = Sequence[tuple[Evidence[AnyRecord], Benefit]]


def _benefit_line(material: Material, person: str, rows: Benefits, *, why: str) -> IncomeLine:
    within = [
        (row, one) for row, one in rows if one.month is None or material.window.holds(one.month)
    ]
    readable = all(one.amount is not None for _, one in within)
    certain = sum((one.amount or ZERO for _, one in within if one.month is not None), ZERO)
    total = sum((one.amount or ZERO for _, one in within), ZERO)
    found = ([row for row, _ in within], Interval(certain, total if readable else None))
    return _line(material, person, IncomeKind.TRANSFER, found, why=why)


def _residents_pension(material: Material, person: str, rows: Benefits) -> list[IncomeLine]:
    """Residents' basic pension 城乡居民基本养老金 counts from a month on (a dated rule)."""
    start = material.counting.residents_pension_counted_from
    before = [(row, one) for row, one in rows if start is None or (one.month or start) < start]
    after = [(row, one) for row, one in rows if (row, one) not in before]
    lines = []
    if before:
        line = _benefit_line(material, person, before, why="residents_pension_not_counted")
        lines.append(replace(line, counted=False))
    if after:
        lines.append(
            _benefit_line(material, person, after, why=BenefitKind.RESIDENTS_BASIC_PENSION.value)
        )
    return lines


def _declared_lines(material: Material, person: str) -> list[IncomeLine]:
    """What no source can show is taken as declared, marked unverified; or is not counted."""
    lines = []
    for one in material.request.declared.income:
        if one.person != person or one.basis is IncomeBasis.EMPLOYMENT:
            continue
        lines.append(_as_declared(material, one))
    return lines


def _as_declared(material: Material, one: DeclaredIncome) -> IncomeLine:
    total = Interval.exactly(one.monthly * material.counting.window_months)
    line = _line(material, one.person, one.kind, ([], total), why=f"declared_{one.basis.value}")
    return replace(line, verified=False, counted=one.basis not in NOT_COUNTED)


def _support(material: Material, supporter: Supporter) -> list[IncomeLine]:
    """A supporter's payment 赡养费: a share of the own household's excess over the standard.

    Who did not sign is not asked about: the declared payment stands, unverified.
    """
    months = material.counting.window_months
    if not material.request.has_signed(supporter.ref):
        declared = supporter.declared_payment_monthly or ZERO
        if not declared:
            return []
        total = Interval.exactly(declared * months)
        line = _line(
            material, supporter.ref, IncomeKind.TRANSFER, ([], total), why="support_declared"
        )
        return [replace(line, verified=False)]
    each, rows = _support_each(material, supporter)
    payment = each.times(Decimal(len(supporter.supports) * months))
    if payment == NOTHING:
        return []
    return [
        _line(material, supporter.ref, IncomeKind.TRANSFER, (rows, payment), why="support_computed")
    ]


def _support_each(
    material: Material, supporter: Supporter
) -> tuple[Interval, list[Evidence[AnyRecord]]]:
    """Yuan a month for each person supported."""
    counting = material.counting
    lines = [line for line in lines_of(material, supporter.ref) if line.counted]
    income = sum((line.monthly for line in lines), NOTHING)
    if any(material.is_open(supporter.ref, source) for source in INCOME_SOURCES):
        income = Interval(income.low, None)
    per_person = income.times(Decimal(1) / Decimal(supporter.household_size))
    many = len(supporter.supports) >= counting.supporters_many
    share = counting.supporter_share_many if many else counting.supporter_share
    excess = per_person.less(counting.local_standard)
    ids = {one for line in lines for one in line.evidence}
    rows = [row for row in material.accepted if row.id in ids]
    return excess.times(share / Decimal(len(supporter.supports))), rows


INCOME_SOURCES = (
    "tax",
    "social_insurance",
    "housing_fund",
    "business_registration",
    "insurance",
)
"""Sources without which a person's income is not known from above."""


def deductions(material: Material) -> Decimal:
    """Proven rigid expenses 刚性支出 to deduct, yuan over the window."""
    counting = material.counting
    total = ZERO
    for one in material.request.declared.expenses:
        if one.proven and material.why_not_counted(one.person) is None:
            match one.kind:
                case ExpenseKind.MEDICAL:
                    above = max(ZERO, one.yearly - counting.medical_above_yearly)
                    limit = counting.medical_limit_yearly
                    total += above if limit is None else min(above, limit)
                case ExpenseKind.EDUCATION:
                    total += min(one.yearly, counting.education_limit_yearly)
                case ExpenseKind.DISABILITY:
                    total += min(one.yearly, counting.disability_limit_yearly)
    return total * counting.window_months / Decimal(12)
