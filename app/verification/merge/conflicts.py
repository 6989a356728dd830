"""Sources that differ about one value 来源冲突: who tells what, and what was chosen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.evidence import Evidence
from app.domain.interval import Interval
from app.domain.settlement import Settlement
from app.verification.merge.homes import CONFLICT_AREA, Unit, area_of, units_of
from app.verification.merge.records import Material
from app.verification.merge.savings import accounts_told
from app.verification.merge.wages import Job, Wage, wages_of
from connectors.records import AnyRecord, BankAccount, Ownership

TAX: Final = "tax"
FUND: Final = "housing_fund"
INSURED: Final = "social_insurance"


class ConflictOf(StrEnum):
    """About what sources differ."""

    WAGE = "wage"  # yuan a month
    ACCOUNT = "account"  # yuan
    HOME = "home"  # square metres


class Basis(StrEnum):
    """What a source's value is."""

    TAXED_INCOME = "taxed_income"
    FUND_BASE = "fund_base"
    INSURED_BASE = "insured_base"
    BALANCE = "balance"
    REGISTERED_AREA = "registered_area"


_TWO: Final = 2
"""Records that it takes to differ."""
_BASES: Final = {TAX: Basis.TAXED_INCOME, FUND: Basis.FUND_BASE, INSURED: Basis.INSURED_BASE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What one source tells: `key` chooses it. Of income, the mean of the months it covers."""

    key: str
    source: str
    evidence: tuple[str, ...]
    value: Interval
    basis: Basis
    first: date | None
    last: date | None
    months: int | None = None
    holds: bool = False  # it is what counts where nobody chooses


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One value of which sources tell differently; `settled`: what a person chose."""

    subject: str
    what: ConflictOf
    person: str
    evidence: tuple[str, ...]
    options: tuple[Option, ...]
    settled: Settlement | None = None


def conflicts_of(material: Material) -> tuple[Conflict, ...]:
    """All of the counted members, settled ones too."""
    found: list[Conflict] = []
    for member in material.counted:
        found += (_of_wage(material, member.ref, wage) for wage in _differing(material, member.ref))
        found += _of_accounts(material, member.ref)
    found += _of_homes(material)
    return tuple(found)


def _differing(material: Material, person: str) -> Iterator[Wage]:
    return (wage for wage in wages_of(material, person) if wage.differ or wage.settled is not None)


def _of_wage(material: Material, person: str, wage: Wage) -> Conflict:
    job = wage.job
    return Conflict(
        subject=job.subject(person),
        what=ConflictOf.WAGE,
        person=person,
        evidence=job.evidence_ids,
        options=tuple(_told_wages(material, job)),
        settled=wage.settled,
    )


def _told_wages(material: Material, job: Job) -> Iterator[Option]:
    """Month by month what each source has; which of them holds is the first that has any."""
    months = material.window.months
    funds = {month: job.fund_in(month) for month in months}
    told: Mapping[str, dict[date, Decimal]] = {
        TAX: {month: job.wages[month] for month in months if job.is_taxed(month)},
        FUND: {month: fund.base for month, fund in funds.items() if fund is not None},
        INSURED: {month: job.insured[month] for month in months if month in job.insured},
    }
    holds = True
    for source, amounts in told.items():
        if amounts:
            yield Option(
                key=source,
                source=source,
                evidence=tuple(dict.fromkeys(r.id for r in job.evidence if r.source == source)),
                value=Interval.exactly(sum(amounts.values()) / Decimal(len(amounts))),
                basis=_BASES[source],
                first=min(amounts),
                last=max(amounts),
                months=len(amounts),
                holds=holds,
            )
            holds = False


def _of_accounts(material: Material, person: str) -> Iterator[Conflict]:
    """Newest balances of one account, of one day, that are not the same."""
    if len(material.of(person, BankAccount)) < _TWO:
        return
    for told in accounts_told(material, person):
        if told.differ:
            yield _of_records(
                (ConflictOf.ACCOUNT, told.subject, person),
                told.newest,
                (told.held, told.settled),
            )


def _of_records(
    what: tuple[ConflictOf, str, str],
    rows: Iterable[tuple[Evidence[AnyRecord], BankAccount | Ownership]],
    chosen: tuple[str, Settlement | None],
) -> Conflict:
    kind, subject, person = what
    held, settled = chosen
    options = tuple(_told(row, one, held=row.id == held) for row, one in rows)
    return Conflict(
        subject=subject,
        what=kind,
        person=person,
        evidence=tuple(one.key for one in options),
        options=options,
        settled=settled,
    )


def _told(row: Evidence[AnyRecord], one: BankAccount | Ownership, *, held: bool) -> Option:
    if isinstance(one, BankAccount):
        value, basis, day = one.balance, Basis.BALANCE, one.balance_on
    else:
        value, basis, day = area_of(one), Basis.REGISTERED_AREA, one.registered_on
    return Option(
        key=row.id,
        source=row.source,
        evidence=(row.id,),
        value=Interval.at_least(0) if value is None else Interval.exactly(max(Decimal(0), value)),
        basis=basis,
        first=day,
        last=day,
        holds=held,
    )


def _of_homes(material: Material) -> Iterator[Conflict]:
    """Registrations in force of one unit, with areas further apart than two measurements are."""
    members = material.request.household.members
    if sum(len(material.of(one.ref, Ownership)) for one in members) < _TWO:
        return  # telling units apart takes its time, and most households have one record or none
    for unit in units_of(material):
        rows = unit.in_force
        if len(rows) > 1 and _apart(unit):
            what = (ConflictOf.HOME, unit.subject, rows[0][0].person)
            yield _of_records(what, rows, (unit.held, unit.settled(material)))


def _apart(unit: Unit) -> bool:
    told = [area_of(one) for _, one in unit.in_force]
    areas = [area for area in told if area is not None]
    return len(areas) > 1 and max(areas) - min(areas) > CONFLICT_AREA
