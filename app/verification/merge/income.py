"""The household's income: what counts, from which records, and what does not, with the rule."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from app.domain.household import DeclaredIncome, ExpenseKind, IncomeBasis
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.profile import IncomeLine
from app.verification.merge.explanations import explained_income
from app.verification.merge.person_income import annuity_policies, line_of, lines_of
from app.verification.merge.records import Material
from app.verification.merge.support import support_of

NOT_COUNTED = frozenset(
    {
        IncomeBasis.CARE_PAYMENT,
        IncomeBasis.HONOUR_PAYMENT,
        IncomeBasis.SCHOLARSHIP,
        IncomeBasis.RELIEF,
    }
)
_MONTHS_OF_EXPENSES = Decimal(12)


def income_of(material: Material) -> tuple[IncomeLine, ...]:
    """All lines of the household, supporters' payments included, numbered in_1, in_2, …

    A policy comes back for its holder and for the insured: its annuity is one all the same.
    """
    lines: list[IncomeLine] = []
    told: frozenset[str] = frozenset()
    for member in material.request.household.members:
        why = material.why_not_counted(member.ref)
        lines += (_outside(line, why) for line in lines_of(material, member.ref, told))
        lines += (_outside(line, why) for line in _declared_lines(material, member.ref))
        if why is None:
            told |= annuity_policies(material, member.ref)
    for supporter in material.request.household.supporters:
        lines += support_of(material, supporter)
    lines = explained_income(material, lines)
    return tuple(replace(line, id=f"in_{number}") for number, line in enumerate(lines, 1))


def _outside(line: IncomeLine, why: str | None) -> IncomeLine:
    """A member who does not count has no income that counts."""
    return line if why is None else replace(line, counted=False, why=why)


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
    line = line_of(material, one.person, one.kind, ([], total), why=f"declared_{one.basis.value}")
    return replace(line, verified=False, counted=one.basis not in NOT_COUNTED)


def deductions(material: Material) -> Decimal:
    """Proven rigid expenses 刚性支出 to deduct, yuan over the window.

    Limits are those of a year, a person and a kind of expense, however many bills there are.
    """
    proven: dict[tuple[str, ExpenseKind], Decimal] = defaultdict(lambda: ZERO)
    for one in material.request.declared.expenses:
        if one.proven and material.why_not_counted(one.person) is None:
            proven[one.person, one.kind] += one.yearly
    yearly = sum((_deducted(material, kind, cost) for (_, kind), cost in proven.items()), ZERO)
    return yearly * material.counting.window_months / _MONTHS_OF_EXPENSES


def _deducted(material: Material, kind: ExpenseKind, cost: Decimal) -> Decimal:
    counting = material.counting
    match kind:
        case ExpenseKind.MEDICAL:
            above = max(ZERO, cost - counting.medical_above_yearly)
            limit = counting.medical_limit_yearly
            return above if limit is None else min(above, limit)
        case ExpenseKind.EDUCATION:
            return min(cost, counting.education_limit_yearly)
        case ExpenseKind.DISABILITY:
            return min(cost, counting.disability_limit_yearly)
