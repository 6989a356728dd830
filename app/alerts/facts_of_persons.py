"""Facts about persons: who they are, what they have to live on, what they spend on illness."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from app.alerts.reading import INCOME_SOURCES, REGISTRY, Reading
from app.alerts.snapshot import Fact, FactKind, Part
from app.domain.household import ExpenseKind, Member, Supporter
from app.domain.interval import NOTHING, Interval
from app.domain.money import ZERO, as_text
from connectors.records import MaritalStatus, RegisteredPerson

_FINE: Final = Decimal("0.0001")


def persons(reading: Reading) -> Iterator[Fact]:
    """Each person as the registry has him or her; what it did not tell is left out."""
    rows = {row.person: one for row, one in reading.of(RegisteredPerson) if not one.in_household}
    profiles = {one.ref: one for one in reading.conclusion.profile.persons}
    for person in reading.case.request.household.persons:
        profile = profiles[person.ref]
        values = {"as": "supporter" if isinstance(person, Supporter) else "member"}
        if isinstance(person, Member):
            values["in_school"] = _word(is_so=person.in_school)
            values["excluded"] = "" if person.excluded is None else person.excluded.value
        if profile.alive is not None:
            values["dead"] = _word(is_so=not profile.alive)
        values |= _registered(rows.get(person.ref))
        yield Fact(
            kind=FactKind.PERSON,
            person=reading.index[person.ref],
            values=values,
            parts={"household_size": (Decimal(1), Decimal(1))} if profile.counted else {},
            marks=reading.marks(person.ref, (REGISTRY,)),
        )


def _word(*, is_so: bool) -> str:
    return "true" if is_so else "false"


def _registered(row: RegisteredPerson | None) -> dict[str, str]:
    values: dict[str, str] = {}
    if row is None:
        return values
    if row.marital_status is not None and row.marital_status is not MaritalStatus.UNKNOWN:
        values["marital_status"] = row.marital_status.value
    if row.moved_out is not None:
        values["moved_out"] = _word(is_so=row.moved_out)
    return values


def relatives(reading: Reading) -> Iterator[Fact]:
    """Registered in the household and not declared: relation alone, they have not consented."""
    found = reading.conclusion.profile.composition.registered_not_declared
    if not found:
        return
    members = reading.case.request.household.members
    marks = tuple(mark for one in members for mark in reading.marks(one.ref, (REGISTRY,)))
    rows = {row.id: row.record for row in reading.conclusion.evidence}
    for relative in found:
        subject = rows[relative.evidence].subjects[0]
        words = subject.id_number or f"{subject.name}\n{subject.birth_date}"
        yield Fact(
            kind=FactKind.RELATIVE,
            thing=reading.digest(f"relative\n{words}"),
            values={} if relative.relation is None else {"relation": relative.relation},
            marks=marks,
        )


def incomes(reading: Reading) -> Iterator[Fact]:
    """What counts of each person's income, yuan a month over the window; a supporter's payment."""
    signed = reading.case.request.has_signed
    sums: dict[str, Interval] = defaultdict(lambda: NOTHING)
    for line in reading.conclusion.profile.income:
        if line.counted:
            sums[line.person] += line.total.per(Interval.exactly(line.months))
    for person in reading.case.request.household.persons:
        asked = isinstance(person, Member) or signed(person.ref)
        monthly = sums[person.ref]
        if monthly != NOTHING:
            yield Fact(
                kind=FactKind.INCOME,
                person=reading.index[person.ref],
                parts={"monthly_income": _short(monthly)},
                marks=reading.marks(person.ref, INCOME_SOURCES if asked else ()),
            )


def _short(value: Interval) -> Part:
    """Far finer than money, and not as long as a third of a yuan is."""
    high = None if value.high is None else value.high.quantize(_FINE)
    return value.low.quantize(_FINE), high


def expenses(reading: Reading) -> Iterator[Fact]:
    """Proven medical expenses 医疗支出 of a year, as the case system holds them."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in reading.case.request.declared.expenses:
        if one.proven and one.kind is ExpenseKind.MEDICAL and one.person in reading.index:
            sums[one.person] += one.yearly
    for ref, yearly in sums.items():
        yield Fact(
            kind=FactKind.EXPENSE,
            person=reading.index[ref],
            thing=ExpenseKind.MEDICAL.value,
            values={"yearly": as_text(yearly)},
        )
