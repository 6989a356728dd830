"""Facts about employments and benefits: what runs at the time of a verification."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.alerts.reading import Reading
from app.alerts.snapshot import Fact, FactKind
from app.domain.money import ZERO, as_text
from app.domain.period import month_of, plus_months
from connectors.records import (
    AccountState,
    Benefit,
    BenefitKind,
    Contribution,
    FundAccount,
    IncomeEntry,
    IncomeItem,
)

_REPORTED_LATE: Final = 1
"""Months by which employers and offices report late: what was paid until then still runs."""


@dataclass(frozen=True, slots=True)
class _Stint:
    """A month of an employment as one source tells it; yuan."""

    source: str
    code: str
    name: str
    month: date
    base: Decimal | None = None
    gross: Decimal | None = None


def jobs(reading: Reading) -> Iterator[Fact]:
    """Employments that run 在职, each once a person and employer, whichever sources tell of it.

    An employer that one source tells by name and another by code is one.
    """
    since = plus_months(reading.window.last, -_REPORTED_LATE)
    stints: dict[str, list[_Stint]] = defaultdict(list)
    for ref, stint in _stints(reading):
        stints[ref].append(stint)
    for ref, some in stints.items():
        codes = {stint.name: stint.code for stint in some if stint.code and stint.name}
        by_employer: dict[str, list[_Stint]] = defaultdict(list)
        for stint in some:
            by_employer[stint.code or codes.get(stint.name, stint.name)].append(stint)
        for employer, those in by_employer.items():
            if any(stint.month >= since for stint in those):
                yield _job(reading, (ref, employer), those, since)


def _stints(reading: Reading) -> Iterator[tuple[str, _Stint]]:
    """Who pays all contributions alone 灵活就业 has no employer, and no job that could start."""
    for row, one in reading.of(Contribution):
        if one.month is not None and (one.employer_code or one.employer):
            who = one.employer_code or "", _name(one.employer)
            yield row.person, _Stint(row.source, *who, one.month, base=one.base)
    for row, entry in reading.of(IncomeEntry):
        if entry.item is IncomeItem.WAGES and entry.period_from is not None:
            who = entry.payer_code or "", _name(entry.payer)
            if any(who):
                month = month_of(entry.period_from)
                yield row.person, _Stint(row.source, *who, month, gross=entry.gross)
    for row, account in reading.of(FundAccount):
        paying = account.state is AccountState.PAYING and account.last_month is not None
        if paying and (account.employer_code or account.employer):
            who = account.employer_code or "", _name(account.employer)
            month = account.last_month or date.min
            yield row.person, _Stint(row.source, *who, month, base=account.base)


def _name(name: str | None) -> str:
    return "".join((name or "").split())


def _job(reading: Reading, who: tuple[str, str], stints: Sequence[_Stint], since: date) -> Fact:
    ref, employer = who
    sources = sorted({stint.source for stint in stints if stint.month >= since})
    names = dict.fromkeys(name for stint in stints for name in (stint.code, stint.name) if name)
    values = {"employer": next((stint.name for stint in stints if stint.name), employer)}
    bases = [(stint.month, stint.base) for stint in stints if stint.base is not None]
    if bases:
        newest = max(month for month, _ in bases)
        base = max(base for month, base in bases if month == newest)
        values["base"] = as_text(base)
    monthly = _monthly(stints)
    if monthly is not None:
        values["monthly"] = as_text(monthly)
    return Fact(
        kind=FactKind.JOB,
        person=reading.index[ref],
        thing=employer,
        values=values,
        marks=reading.marks(ref, sources),
        aliases=tuple(names),
    )


def _monthly(stints: Iterable[_Stint]) -> Decimal | None:
    """Taxed wages of the newest month that has any."""
    months: dict[date, Decimal] = {}
    for stint in stints:
        if stint.gross is not None:
            months[stint.month] = months.get(stint.month, ZERO) + stint.gross
    paid = [month for month, gross in months.items() if gross > 0]
    return months[max(paid)] if paid else None


def benefits(reading: Reading) -> Iterator[Fact]:
    """Benefits that are being paid 待遇, each kind once a person, with the newest amount."""
    since = plus_months(reading.window.last, -_REPORTED_LATE)
    newest: dict[tuple[str, BenefitKind], tuple[date, Decimal]] = {}
    for row, one in reading.of(Benefit):
        if one.kind is None or one.month is None or one.month < since:
            continue
        key, paid = (row.person, one.kind), (one.month, one.amount or ZERO)
        newest[key] = max(paid, newest.get(key, paid))
    for (ref, kind), (_, amount) in newest.items():
        yield Fact(
            kind=FactKind.BENEFIT,
            person=reading.index[ref],
            thing=kind.value,
            values={"kind": kind.value, "monthly": as_text(amount)},
            marks=reading.marks(ref, ("social_insurance",)),
        )
