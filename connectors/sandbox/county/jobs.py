"""Work for an employer: wages month by month, tax withheld, contributions, housing fund."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

from connectors.sandbox.county.truth import Employer, FundAccount, Job, TaxLine, Wage
from connectors.sandbox.county.world import World

BASE_FLOOR: Final = Decimal(3600)
BASE_CEILING: Final = Decimal(18000)
FUND_PERCENTS: Final = (5, 6, 8, 12)
OWN_RATES: Final = {"110": Decimal("0.08"), "310": Decimal("0.02"), "210": Decimal("0.003")}
EMPLOYER_RATES: Final = {"110": Decimal("0.16"), "310": Decimal("0.07"), "210": Decimal("0.007")}

_NONE: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_TAX_FREE: Final = Decimal(5000)
_BANDS: Final = (
    (Decimal(3000), Decimal("0.03"), Decimal(0)),
    (Decimal(12000), Decimal("0.1"), Decimal(210)),
    (Decimal(25000), Decimal("0.2"), Decimal(1410)),
)
"""Monthly withholding: taxable up to, rate, quick deduction (individual income tax law)."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is to be like; the wage in yuan a month before anything is taken off."""

    employer: Employer
    wage: int
    months: tuple[str, ...]
    insured: bool = True
    fund: int = 0
    """Per cent of the base that either side pays into the housing fund; 0 for no account."""
    varies: bool = True
    """False pays the same every month, without bonus and without corrections."""


def work(world: World, wanted: Work) -> tuple[Job, FundAccount | None]:
    """The job, and the housing-fund account that belongs to it."""
    base = insured_base(wanted.wage) if wanted.insured else None
    fund = _paying_fund(world, wanted) if wanted.fund else None
    own_fund = fund.monthly / 2 if fund else _NONE
    wages = [
        _wage(month, _gross(world, wanted), own_insurance(base), own_fund)
        for month in wanted.months
    ]
    if wanted.varies and wanted.employer.reports_tax and world.chance(0.15):
        wages.extend(_bonus(wanted))
    lines = _tax_lines(world, wanted, wages) if wanted.employer.reports_tax else ()
    return Job(wanted.employer, tuple(wages), tuple(lines), base), fund


def insured_base(wage: int) -> Decimal:
    """The monthly contribution base to a wage: to ten yuan, between floor and ceiling."""
    return min(max(Decimal(wage // 10 * 10), BASE_FLOOR), BASE_CEILING)


def own_insurance(base: Decimal | None) -> Decimal:
    """The person's own contributions of a month on a base."""
    if base is None:
        return _NONE
    return sum((contribution(base, rate) for rate in OWN_RATES.values()), _NONE)


@cache
def contribution(base: Decimal, rate: Decimal) -> Decimal:
    return (base * rate).quantize(_CENT, ROUND_HALF_UP)


def withheld(taxable: Decimal) -> Decimal:
    """Tax of a month on what is left above the tax-free amount."""
    if taxable <= 0:
        return _NONE
    for upper, rate, quick in _BANDS:
        if taxable <= upper:
            return (taxable * rate - quick).quantize(_CENT, ROUND_HALF_UP)
    return (taxable * Decimal("0.25") - 2660).quantize(_CENT, ROUND_HALF_UP)


def sealed_fund(world: World, employer: Employer) -> FundAccount:
    """An account left behind with an earlier employer, no longer paid into."""
    base = Decimal(world.rng.randrange(1800, 4600, 10))
    monthly = _both_halves(base, 6)
    month = f"{world.rng.randrange(2015, world.as_of.year)}{world.rng.randrange(1, 13):02d}"
    number = f"2201{world.rng.randrange(10**8):08d}"
    balance = monthly * world.rng.randrange(6, 60)
    return FundAccount(number, employer, base, monthly, balance, "02", month)


def _paying_fund(world: World, wanted: Work) -> FundAccount:
    base = Decimal(wanted.wage // 10 * 10)
    monthly = _both_halves(base, wanted.fund)
    return FundAccount(
        number=f"2201{world.rng.randrange(10**8):08d}",
        employer=wanted.employer,
        base=base,
        monthly=monthly,
        balance=monthly * world.rng.randrange(12, 90) + world.yuan(0, 300),
        state="01" if wanted.months[-1] == world.months[-1] else "02",
        last_month=wanted.months[-1],
    )


def _both_halves(base: Decimal, percent: int) -> Decimal:
    """A monthly contribution: either half a whole number of yuan."""
    return 2 * (base * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)


def _gross(world: World, wanted: Work) -> Decimal:
    if not wanted.varies or world.chance(0.6):
        return Decimal(wanted.wage)
    return Decimal(round(wanted.wage * world.rng.uniform(0.94, 1.06)))


def _wage(month: str, gross: Decimal, insurance: Decimal, fund: Decimal) -> Wage:
    tax = withheld(gross - insurance - fund - _TAX_FREE)
    return Wage(month, "0101", gross, tax, insurance, fund)


def _bonus(wanted: Work) -> list[Wage]:
    """A yearly bonus in January, where the job has one."""
    months = [month for month in wanted.months if month.endswith("01")]
    gross = Decimal(wanted.wage // 100 * 50)
    tax = (gross * Decimal("0.03")).quantize(_CENT) if wanted.wage > _TAX_FREE else _NONE
    return [Wage(month, "0103", gross, tax, _NONE, _NONE) for month in months]


def _tax_lines(world: World, wanted: Work, wages: list[Wage]) -> list[TaxLine]:
    """The agent's entries: one a wage, some wrong at first, taken back and entered anew."""
    lines: list[TaxLine] = []
    for wage in wages:
        right = TaxLine(wage.month, wage.item, wage.gross, wage.tax, correction=False)
        if wanted.varies and world.chance(0.02):
            wrong = wage.gross + 10 * world.rng.randrange(1, 40)
            lines.append(TaxLine(wage.month, wage.item, wrong, wage.tax, correction=False))
            lines.append(TaxLine(wage.month, wage.item, -wrong, -wage.tax, correction=True))
            lines.append(TaxLine(wage.month, wage.item, wage.gross, wage.tax, correction=True))
        else:
            lines.append(right)
    if wanted.varies and wanted.months[0] != world.months[0] and world.chance(0.2):
        lines[:0] = _taken_back(world, wanted)
    return lines


def _taken_back(world: World, wanted: Work) -> list[TaxLine]:
    """A month before the person began, entered by mistake and cancelled: no income."""
    before = world.months[world.months.index(wanted.months[0]) - 1]
    gross = Decimal(wanted.wage)
    return [
        TaxLine(before, "0101", gross, _NONE, correction=False),
        TaxLine(before, "0101", -gross, _NONE, correction=True),
    ]
