"""Wages: one figure a month and employer, never the sum of what several sources say of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.evidence import Evidence
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.period import month_of
from app.verification.merge.records import Material
from connectors.records import (
    AccountState,
    AnyRecord,
    Contribution,
    FundAccount,
    IncomeEntry,
    IncomeItem,
    InsuranceKind,
)

WAGE_ITEMS = frozenset(
    {
        IncomeItem.WAGES,
        IncomeItem.YEARLY_BONUS,
        IncomeItem.LABOUR_SERVICE,
        IncomeItem.AUTHORS_FEE,
        IncomeItem.ROYALTY,
    }
)
EMPLOYEES = frozenset(
    {
        InsuranceKind.PENSION_ENTERPRISE,
        InsuranceKind.PENSION_GOVERNMENT,
        InsuranceKind.MEDICAL_EMPLOYEES,
    }
)
HALF = Decimal("0.5")


@dataclass
class Job:
    """One employer of one person over the window; amounts in yuan by month."""

    employer: str | None
    gross: dict[date, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    regular: dict[date, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    tax: dict[date, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    insured: dict[date, Decimal] = field(default_factory=dict)
    own: dict[date, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    fund_base: Decimal | None = None
    fund_own: Decimal = ZERO
    fund_until: date | None = None
    unreadable: bool = False
    evidence: list[Evidence[AnyRecord]] = field(default_factory=list)

    def fund_covers(self, month: date) -> bool:
        return self.fund_base is not None and (self.fund_until or date.min) >= month


@dataclass(frozen=True)
class Wage:
    """What one job paid over the window, net, and how its sources compare."""

    job: Job
    net: Interval
    from_base_months: int
    differ: bool

    @property
    def evidence(self) -> list[Evidence[AnyRecord]]:
        return self.job.evidence


def wages_of(material: Material, person: str) -> list[Wage]:
    """Every job of a person: gross less tax and own contributions, by month and employer.

    Gross is what the tax office saw; for a month without it the housing fund's base, else the
    social insurance's base (one equal to the floor counts as the minimum wage where lower).
    """
    jobs = _jobs(material, person)
    return [wage for job in jobs if (wage := _wage(material, person, job)) is not None]


def _jobs(material: Material, person: str) -> list[Job]:
    book = _Employers()
    for row, entry in material.of(person, IncomeEntry):
        if entry.item in WAGE_ITEMS:
            _add_entry(book.job(entry.payer, entry.payer_code), row, entry, material)
    for row, account in material.of(person, FundAccount):
        if account.state is AccountState.PAYING:
            _add_account(book.job(account.employer, account.employer_code), row, account)
    for row, paid in material.of(person, Contribution):
        employed = paid.employer or paid.employer_code
        if employed and paid.month is not None and material.window.holds(paid.month):
            _add_contribution(book.job(paid.employer, paid.employer_code), row, paid)
    return list(book.jobs)


class _Employers:
    """Employers are one by unified social credit code, or by name where a source lacks it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._by_key: dict[str, Job] = {}

    def job(self, name: str | None, code: str | None) -> Job:
        keys = [key for key in (code, name) if key]
        found = next((self._by_key[key] for key in keys if key in self._by_key), None)
        if found is None:
            found = Job(name or code)
            self.jobs.append(found)
        for key in keys or [""]:
            self._by_key.setdefault(key, found)
        return found


def _add_entry(job: Job, row: Evidence[AnyRecord], entry: IncomeEntry, material: Material) -> None:
    job.evidence.append(row)
    if entry.gross is None or entry.period_from is None:
        job.unreadable = True
        return
    if not material.window.holds(entry.period_from):
        return
    month = month_of(entry.period_from)
    job.gross[month] += entry.gross
    job.tax[month] += entry.tax or ZERO
    if entry.item is not IncomeItem.YEARLY_BONUS:
        job.regular[month] += entry.gross


def _add_account(job: Job, row: Evidence[AnyRecord], account: FundAccount) -> None:
    job.evidence.append(row)
    if account.base is None or account.last_month is None:
        job.unreadable = True
        return
    job.fund_base = account.base
    job.fund_own = (account.monthly or ZERO) * HALF
    job.fund_until = account.last_month


def _add_contribution(job: Job, row: Evidence[AnyRecord], paid: Contribution) -> None:
    if paid.month is None:
        return
    job.evidence.append(row)
    month = month_of(paid.month)
    job.own[month] += paid.own or ZERO
    if paid.insurance in EMPLOYEES:
        if paid.base is None:
            job.unreadable = True
        else:
            job.insured[month] = max(job.insured.get(month, ZERO), paid.base)


def _wage(material: Material, person: str, job: Job) -> Wage | None:
    low = high = ZERO
    from_base = 0
    for month in material.window.months:
        gross, is_base = _gross(material, job, month)
        if gross is None:
            continue
        from_base += is_base
        net = max(ZERO, gross - job.tax[month] - job.own[month] - _fund_own(job, month))
        high += net
        low += max(ZERO, net - _most_unseen(material, person, job, (month, gross)))
    if not high and not job.gross and not job.insured and not job.unreadable:
        return None
    net_total = Interval(low, None if job.unreadable else high)
    return Wage(job, net_total, from_base, _differ(material, job))


def _gross(material: Material, job: Job, month: date) -> tuple[Decimal | None, bool]:
    bonus = job.gross[month] - job.regular[month]
    if job.regular[month]:
        return job.gross[month], False
    if job.fund_covers(month):
        return (job.fund_base or ZERO) + bonus, True
    if month in job.insured:
        return _from_base(material, job.insured[month]) + bonus, True
    return (bonus, False) if bonus else (None, False)


def _from_base(material: Material, base: Decimal) -> Decimal:
    counting = material.counting
    return min(base, counting.minimum_wage) if base == counting.contribution_floor else base


def _fund_own(job: Job, month: date) -> Decimal:
    return job.fund_own if job.fund_covers(month) else ZERO


def _most_unseen(
    material: Material, person: str, job: Job, month_and_gross: tuple[date, Decimal]
) -> Decimal:
    """What own contributions can be at most where a source that shows them did not answer."""
    month, gross = month_and_gross
    counting = material.counting
    base = min(max(gross, counting.contribution_floor), counting.contribution_ceiling)
    unseen = ZERO
    if material.is_open(person, "social_insurance") and not job.own[month]:
        unseen += base * counting.own_contribution_rate_most
    if material.is_open(person, "housing_fund") and not job.fund_covers(month):
        unseen += gross * counting.own_fund_rate_most
    return unseen


def _differ(material: Material, job: Job) -> bool:
    """Tax and housing fund differ by more than the tolerance over the months that both cover."""
    months = [
        month for month in material.window.months if job.regular[month] and job.fund_covers(month)
    ]
    if not months or job.fund_base is None:
        return False
    taxed = sum((job.regular[month] for month in months), ZERO)
    funded = job.fund_base * len(months)
    return abs(taxed - funded) > material.counting.wage_difference_tolerance * max(taxed, funded)


def by_item(
    material: Material, person: str, items: Iterable[IncomeItem]
) -> Mapping[IncomeItem, list[tuple[Evidence[AnyRecord], IncomeEntry]]]:
    """The person's tax entries of other items, those within the window or of unreadable date."""
    wanted = frozenset(items)
    found: dict[IncomeItem, list[tuple[Evidence[AnyRecord], IncomeEntry]]] = defaultdict(list)
    for row, entry in material.of(person, IncomeEntry):
        within = entry.period_from is None or material.window.holds(entry.period_from)
        if entry.item in wanted and within:
            found[entry.item].append((row, entry))
    return found
