"""What people of the county really are, earn and own; registers are keyed from it, never it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

MONEY_KINDS = frozenset({"01", "02", "03", "04"})
"""Kinds of account whose balance is an asset (09 is a loan)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the county."""

    id: str
    name: str
    former_name: str | None
    id_number: str
    """18 characters, or a passport's number where `id_type` says so."""
    id_type: str
    """`resident_id` or `passport`."""
    sex: str
    """1 male, 2 female."""
    ethnic: str
    """GB/T 3304: 01 Han, 10 Korean, 11 Manchu, 05 Mongol, 09 Uyghur here."""
    birth: date
    household: str
    """Household number (户号)."""
    relation: str
    """Relation to the head of the register household (GB/T 4761)."""
    rural: bool
    marital: str
    registered_address: str
    dead_on: date | None
    left_household: str | None
    """An earlier household number, under which the person now stands as moved out."""
    registered: bool
    """False for somebody no register has ever heard of (a child not yet registered)."""
    old_number: bool
    """Registers from before the change still hold this person's 15-digit number."""

    def age(self, day: date) -> int:
        """Whole years on that day."""
        return (
            day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))
        )


@dataclass(frozen=True, slots=True)
class Employer:
    """Who pays wages."""

    name: str
    code: str
    low: int
    high: int
    reports_tax: bool
    fund: float


@dataclass(frozen=True, slots=True)
class Wage:
    """What one employer really paid for one month, in yuan."""

    month: str
    """YYYYMM."""
    item: str
    """0101 wages, 0103 yearly bonus, 0400 labour service."""
    gross: Decimal
    tax: Decimal
    own_insurance: Decimal
    own_fund: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax - self.own_insurance - self.own_fund


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One entry a withholding agent made, corrections included, in yuan."""

    month: str
    item: str
    gross: Decimal
    tax: Decimal
    correction: bool


@dataclass(frozen=True, slots=True)
class FundAccount:
    """A housing-fund account, in yuan."""

    number: str
    employer: Employer
    base: Decimal
    monthly: Decimal
    """Person and employer together."""
    balance: Decimal
    state: str
    last_month: str


@dataclass(frozen=True, slots=True)
class Job:
    """Work for one employer within the window."""

    employer: Employer
    wages: tuple[Wage, ...]
    tax_lines: tuple[TaxLine, ...]
    insured_base: Decimal | None
    """Contribution base a month, between floor and ceiling; None where nothing is contributed."""


@dataclass(frozen=True, slots=True)
class OtherIncome:
    """Income of one month that is no wage from an employer, in yuan."""

    kind: str
    """`wage` (odd jobs), `business`, `property`, `transfer`."""
    source: str | None
    """`tax`, `social_insurance`, or None where no source can show it."""
    code: str
    """Tax item, kind of benefit, or a word for what no source shows."""
    month: str
    amount: Decimal
    payer: str
    payer_code: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account, in its own currency."""

    bank: str
    number: str
    kind: str
    currency: str
    balance: Decimal
    balance_date: date
    branch: str
    state: str
    money_in: Decimal
    money_out: Decimal

    @property
    def is_asset(self) -> bool:
        return self.kind in MONEY_KINDS and self.state != "9"


@dataclass(frozen=True, slots=True)
class Holding:
    """A line of securities; `cash` is the whole 一码通账号's and stands on each of its lines."""

    account: str
    market: str
    code: str
    title: str
    kind: str
    quantity: int
    value: Decimal
    cash: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy seen from one person's role in it, in yuan."""

    number: str
    insurer: str
    product: str
    kind: str
    role: str
    state: str
    since: date
    paid_how: str
    premium: Decimal
    premiums: Decimal
    cash_value: Decimal
    annuity: Decimal


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner of a unit and the share as the certificate words it."""

    person: str
    name: str
    id_number: str
    share: str
    part: Decimal
    """The share as a number; joint owners hold equal parts."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One home or other building unit, under its new certificate, its old one, or both."""

    code: str
    certificate: str | None
    old_certificate: str | None
    address: str
    old_address: str
    area: Decimal
    use: str
    mode: str
    owners: tuple[Owner, ...]
    registered: date
    old_registered: date
    in_force: bool
    mortgaged: bool


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle in one person's name."""

    plate: str
    plate_kind: str
    kind: str
    vin: str
    use: str
    registered: date
    state: str
    engine: int
    seats: int

    @property
    def counts(self) -> bool:
        """A passenger car or lorry still on the road."""
        return self.kind[0] in "KH" and self.state in "AH"


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel in one person's name."""

    name: str
    number: str
    kind: str
    tonnage: Decimal
    registered: date
    state: str


@dataclass(frozen=True, slots=True)
class Business:
    """One person's part in one enterprise; capital in units of 10,000 yuan."""

    name: str
    code: str
    kind: str
    """9600 sole trader, 9100 cooperative, 1130 company."""
    state: str
    role: str
    """`legalRepresentative`, `shareholder`, `manager`."""
    founded: date
    capital: Decimal
    paid_in: Decimal
    share: Decimal


@dataclass(slots=True)
class PersonTruth:
    """What one person really earns in the window and owns at `as_of`."""

    person: str
    jobs: list[Job] = field(default_factory=list)
    other_income: list[OtherIncome] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)
    vessels: list[Vessel] = field(default_factory=list)
    businesses: list[Business] = field(default_factory=list)
    funds: list[FundAccount] = field(default_factory=list)
    alive: bool = True

    def net_wages(self) -> Decimal:
        """All wages of employers in the window after tax and own contributions."""
        return sum((wage.net for job in self.jobs for wage in job.wages), Decimal(0))

    def income(self, kind: str) -> Decimal:
        """Income of the window of one kind: wages with odd jobs, property with annuities."""
        other = sum((line.amount for line in self.other_income if line.kind == kind), Decimal(0))
        if kind == "wage":
            return other + self.net_wages()
        if kind == "property":
            return other + sum((policy.annuity for policy in self.policies), Decimal(0))
        return other

    def deposits(self, currency: str = "CNY") -> Decimal:
        """Balances of open accounts that are assets, in that currency."""
        return sum(
            (item.balance for item in self.accounts if item.is_asset and item.currency == currency),
            Decimal(0),
        )
