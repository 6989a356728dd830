"""Wages: one figure a month and employer, never the sum of what several sources say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from unicodedata import normalize

from app.domain.evidence import Evidence
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.period import month_of
from app.domain.settlement import Settlement
from app.verification.merge.records import Material
from app.verification.merge.wage_bases import from_base, unseen
from app.verification.merge.wage_sums import Pay, Sums
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
ByMonth = dict[date, Decimal]


@dataclass(frozen=True, slots=True)
class Fund:
    """A paying housing-fund account: base and own part a month, up to the last month paid."""

    until: date
    base: Decimal
    own: Decimal | None


@dataclass
class Job:
    """One employer of one person over the window; amounts in yuan by month."""

    employer: str | None
    wages: ByMonth = field(default_factory=dict)
    bonus: ByMonth = field(default_factory=dict)
    tax: ByMonth = field(default_factory=dict)
    insured: ByMonth = field(default_factory=dict)
    own: ByMonth = field(default_factory=dict)
    told_nothing: set[date] = field(default_factory=set)  # an entry of 0.00 is an entry
    vague: set[date] = field(default_factory=set)  # what was deducted could not be read
    funds: list[Fund] = field(default_factory=list)
    unreadable: bool = False
    evidence: list[Evidence[AnyRecord]] = field(default_factory=list)

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.id for row in self.evidence))

    def subject(self, person: str) -> str:
        """The question which of the job's sources holds."""
        return f"conflict:wage:{person}:{min(self.evidence_ids)}"

    def is_taxed(self, month: date) -> bool:
        """A tax entry stands; one that is wholly taken back is none."""
        return bool(self.wages.get(month)) or month in self.told_nothing

    def fund_in(self, month: date) -> Fund | None:
        paid = (fund for fund in self.funds if fund.until >= month)
        return max(paid, key=lambda fund: (fund.until, fund.base, fund.own or ZERO), default=None)


@dataclass(frozen=True)
class Wage:
    """What one job paid over the window, net, and how its sources compare."""

    job: Job
    net: Interval
    from_base_months: int
    differ: bool
    settled: Settlement | None = None  # a person said which figure holds
    sums: Sums = field(default_factory=Sums)

    @property
    def evidence(self) -> list[Evidence[AnyRecord]]:
        return self.job.evidence


def wages_of(material: Material, person: str) -> list[Wage]:
    """Every job of a person: gross less tax and own contributions, by month and employer.

    Gross is what the tax office saw; for a month without it the housing fund's base, else the
    social insurance's base (one equal to the floor counts as the minimum wage where lower).
    """
    jobs = jobs_of(material, person)
    return [wage for job in jobs if (wage := _wage(material, person, job)) is not None]


def jobs_of(material: Material, person: str) -> list[Job]:
    """A person's employers, each with what sources tell of it by month."""
    entries = [pair for pair in material.of(person, IncomeEntry) if pair[1].item in WAGE_ITEMS]
    paying = [
        pair for pair in material.of(person, FundAccount) if pair[1].state is AccountState.PAYING
    ]
    insured = [
        pair
        for pair in material.of(person, Contribution)
        if pair[1].employer or pair[1].employer_code
    ]
    book = _Employers(
        [
            *((one.payer, one.payer_code) for _, one in entries),
            *((one.employer, one.employer_code) for _, one in paying),
            *((one.employer, one.employer_code) for _, one in insured),
        ]
    )
    for row, entry in entries:
        _add_entry(book.job(entry.payer, entry.payer_code), row, entry, material)
    for row, account in paying:
        _add_account(book.job(account.employer, account.employer_code), row, account)
    for row, paid in insured:
        if paid.month is not None and material.window.holds(paid.month):
            _add_contribution(book.job(paid.employer, paid.employer_code), row, paid)
    return list(book.jobs.values())


class _Employers:
    """Employers are one by unified social credit code, or by name where a source lacks it.

    All names are read first: which employer a name means must not hang on the order of records.
    """

    def __init__(self, named: Iterable[tuple[str | None, str | None]]) -> None:
        self.jobs: dict[str, Job] = {}
        self._code_of: dict[str, str] = {}
        for name, code in named:
            if name and code:
                plain = _plain(name)
                self._code_of[plain] = min(code, self._code_of.get(plain, code))

    def job(self, name: str | None, code: str | None) -> Job:
        plain = _plain(name or "")
        key = code or self._code_of.get(plain, plain)
        return self.jobs.setdefault(key, Job(name or code))


def _plain(name: str) -> str:
    """Registers write brackets and blanks of one name in either width."""
    return "".join(normalize("NFKC", name).split())


def _add(amounts: ByMonth, month: date, amount: Decimal) -> None:
    amounts[month] = amounts.get(month, ZERO) + amount


def _add_entry(job: Job, row: Evidence[AnyRecord], entry: IncomeEntry, material: Material) -> None:
    job.evidence.append(row)
    if entry.gross is None or entry.period_from is None:
        job.unreadable = True
        return
    if not material.window.holds(entry.period_from):
        return
    month = month_of(entry.period_from)
    is_bonus = entry.item is IncomeItem.YEARLY_BONUS
    _add(job.bonus if is_bonus else job.wages, month, entry.gross)
    if entry.gross == 0 and not is_bonus:
        job.told_nothing.add(month)
    if entry.tax is None:
        job.vague.add(month)
    else:
        _add(job.tax, month, entry.tax)


def _add_account(job: Job, row: Evidence[AnyRecord], account: FundAccount) -> None:
    job.evidence.append(row)
    if account.base is None or account.last_month is None:
        job.unreadable = True
        return
    own = None if account.monthly is None else account.monthly * HALF
    job.funds.append(Fund(account.last_month, account.base, own))


def _add_contribution(job: Job, row: Evidence[AnyRecord], paid: Contribution) -> None:
    if paid.month is None:
        return
    job.evidence.append(row)
    month = month_of(paid.month)
    if paid.own is None:
        job.vague.add(month)
    else:
        _add(job.own, month, paid.own)
    if paid.insurance in EMPLOYEES:
        if paid.base is None:
            job.unreadable = True
        else:
            job.insured[month] = max(job.insured.get(month, ZERO), paid.base)


def _wage(material: Material, person: str, job: Job) -> Wage | None:
    low, sums = ZERO, Sums()
    months = from_base = 0
    settled = material.settled_of(job.subject(person), job.evidence_ids)
    chosen = None if settled is None else settled.option
    for month in material.window.months:
        pay = _pay(material, person, job, month, chosen)
        if pay is None:
            continue
        months += 1
        from_base += pay.is_base
        fund = job.fund_in(month)
        own = job.own.get(month, ZERO)
        funded = ZERO if fund is None else fund.own or ZERO
        net = sums.add(month, pay, tax=job.tax.get(month, ZERO), own=own + funded)
        vague = month in job.vague or (fund is not None and fund.own is None)
        if pay.sure and not vague:
            low += max(ZERO, net - unseen(material, person, pay.gross, (own, funded)))
    if not months and not job.unreadable:
        return None
    if settled is not None and settled.amount is not None:
        net_set = Interval.exactly(settled.amount * months)
        return Wage(job, net_set, 0, differ=False, settled=settled)
    net_total = Interval(low, None if job.unreadable else sums.net)
    differ = settled is None and _differ(material, job)
    return Wage(job, net_total, from_base, differ, settled, sums)


def _pay(
    material: Material, person: str, job: Job, month: date, chosen: str | None = None
) -> Pay | None:
    """By order of trust, or of the chosen source; an answer of tax that is missing may undo it."""
    taxed = not material.is_open(person, "tax")
    funded = taxed and not material.is_open(person, "housing_fund")
    bonus = job.bonus.get(month, ZERO)
    fund = job.fund_in(month)
    told: list[Pay] = []
    if job.is_taxed(month):
        gross = job.wages[month] + bonus
        told.append(Pay(source="tax", gross=gross, is_base=False, sure=taxed))
    if fund is not None:
        gross = fund.base + bonus
        told.append(Pay(source="housing_fund", gross=gross, is_base=True, sure=funded))
    if month in job.insured:
        told.append(_insured(material, job.insured[month], bonus, sure=funded))
    for pay in told:
        if pay.source == chosen:
            return replace(pay, sure=True)
    if told:
        return told[0]
    return Pay(source="tax", gross=bonus, is_base=False, sure=funded) if bonus else None


def _insured(material: Material, base: Decimal, bonus: Decimal, *, sure: bool) -> Pay:
    wage = from_base(material, base)
    return Pay(
        source="social_insurance",
        gross=wage + bonus,
        is_base=True,
        sure=sure,
        at_floor=wage != base,
    )


def _differ(material: Material, job: Job) -> bool:
    """Tax and housing fund differ by more than the tolerance over the months that both cover."""
    taxed = funded = ZERO
    for month in material.window.months:
        fund = job.fund_in(month)
        if fund is not None and job.is_taxed(month):
            taxed += job.wages[month]
            funded += fund.base
    return abs(taxed - funded) > material.counting.wage_difference_tolerance * max(taxed, funded)
