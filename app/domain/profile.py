"""The verified income-and-asset profile 核对结果: persons, income, assets, totals, findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.household import AssetKind, IncomeKind
from app.domain.interval import NOTHING, Interval


class IdentityState(StrEnum):
    """Who the person is, by the household registry."""

    VERIFIED = "verified"
    MISMATCH = "mismatch"
    UNCERTAIN = "uncertain"
    NOT_FOUND = "not_found"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonProfile:
    """One person: identity by the registry, alive (None: not known), counted as a member or not."""

    ref: str
    identity: IdentityState
    probability: float | None
    alive: bool | None
    counted: bool
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredRelative:
    """Somebody registered in the household who was not declared: relation and evidence only."""

    evidence: str
    relation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """Registered household against declared members."""

    registered_not_declared: tuple[RegisteredRelative, ...] = ()
    declared_not_registered: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IncomeLine:
    """Income of one person and kind over the window; `total` is the window's sum, yuan."""

    id: str
    person: str
    kind: IncomeKind
    total: Interval
    months: int
    first: date
    last: date
    sources: tuple[str, ...]
    evidence: tuple[str, ...]
    counted: bool
    why: str | None = None  # the rule for which it is not counted, or how it came about
    payer: str | None = field(default=None, repr=False)
    verified: bool = True
    imputed: bool = False

    @property
    def monthly(self) -> Interval:
        return self.total.times(Decimal(1) / Decimal(self.months))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AssetLine:
    """One asset; `value` in yuan where it has one, `number` what a count adds."""

    id: str
    person: str
    kind: AssetKind
    value: Interval | None
    on: date | None
    details: Mapping[str, str]
    sources: tuple[str, ...]
    evidence: tuple[str, ...]
    counted: bool
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Totals:
    """The household's totals, unrounded; counts are intervals of whole numbers."""

    household_size: Interval
    monthly_income: Interval
    financial_assets: Interval
    homes: Interval
    floor_area: Interval
    vehicles: Interval
    vessels: Interval
    businesses: Interval
    business_capital: Interval
    housing_fund_balance: Interval

    @property
    def monthly_income_per_person(self) -> Interval:
        return self.monthly_income.per(self.household_size)

    @property
    def financial_assets_per_person(self) -> Interval:
        return self.financial_assets.per(self.household_size)

    @property
    def floor_area_per_person(self) -> Interval:
        return self.floor_area.per(self.household_size)

    def value(self, name: str) -> Interval:
        """A total by the name that tests use, rounded where it is money."""
        value: Interval = getattr(self, name)
        return value.rounded() if name in MONEY_TOTALS else value


MONEY_TOTALS = frozenset(
    {
        "monthly_income",
        "monthly_income_per_person",
        "financial_assets",
        "financial_assets_per_person",
        "business_capital",
        "housing_fund_balance",
        "floor_area",
        "floor_area_per_person",
    }
)
COUNT_TOTALS = frozenset({"household_size", "homes", "vehicles", "vessels", "businesses"})
EMPTY_TOTALS = Totals(
    household_size=Interval.exactly(1),
    monthly_income=NOTHING,
    financial_assets=NOTHING,
    homes=NOTHING,
    floor_area=NOTHING,
    vehicles=NOTHING,
    vessels=NOTHING,
    businesses=NOTHING,
    business_capital=NOTHING,
    housing_fund_balance=NOTHING,
)


FINANCIAL = frozenset(
    {
        AssetKind.DEPOSIT,
        AssetKind.WEALTH_PRODUCT,
        AssetKind.SECURITY,
        AssetKind.FUND,
        AssetKind.INSURANCE,
    }
)
"""Kinds of assets that make up the total `financial_assets` 货币财产."""
FEEDS: Mapping[str, tuple[str, ...]] = {
    "household_registry": ("household_size",),
    "tax": ("monthly_income",),
    "social_insurance": ("monthly_income",),
    "property": ("homes", "floor_area"),
    "business_registration": ("businesses", "business_capital", "monthly_income"),
    "housing_fund": ("housing_fund_balance", "monthly_income"),
    "vehicle": ("vehicles", "vessels"),
    "bank": ("financial_assets",),
    "insurance": ("financial_assets", "monthly_income"),
    "securities": ("financial_assets",),
    "relief_register": (),
}
"""Which totals a source's missing answer leaves open."""


class FindingCode(StrEnum):
    """What is to be looked at 核对发现."""

    REGISTERED_NOT_DECLARED = "registered_not_declared"
    DECLARED_NOT_REGISTERED = "declared_not_registered"
    DECEASED = "deceased"
    IDENTITY_MISMATCH = "identity_mismatch"
    IDENTITY_UNCERTAIN = "identity_uncertain"
    INCOME_ABOVE_DECLARED = "income_above_declared"
    INCOME_BELOW_DECLARED = "income_below_declared"
    INCOME_NOT_DECLARED = "income_not_declared"
    ASSET_NOT_DECLARED = "asset_not_declared"
    ASSET_ABOVE_DECLARED = "asset_above_declared"
    DECLARED_NOT_FOUND = "declared_not_found"
    WAGE_SOURCES_DIFFER = "wage_sources_differ"
    BUSINESS_INCOME_UNKNOWN = "business_income_unknown"
    ASSET_DISPOSED_RECENTLY = "asset_disposed_recently"
    HOUSEHOLD_SPLIT_RECENTLY = "household_split_recently"
    DUPLICATE_RELIEF = "duplicate_relief"
    SOURCE_FAILED = "source_failed"
    SOURCE_STALE = "source_stale"
    IMPLAUSIBLE_VALUE = "implausible_value"
    VALUES_DIFFER = "values_differ"
    VALUE_SETTLED = "value_settled"


class Severity(StrEnum):
    """How a finding is shown."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding; `decisive` where it could change an outcome (None: not judged yet)."""

    id: str
    code: FindingCode
    severity: Severity
    person: str | None
    declared: str | None = None
    verified: str | None = None
    evidence: tuple[str, ...] = ()
    detail: str | None = None
    decisive: bool | None = None
    subject: str | None = None  # the question that a person can settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that was verified of a household as of a day."""

    as_of: date
    persons: tuple[PersonProfile, ...]
    composition: Composition
    income: tuple[IncomeLine, ...]
    assets: tuple[AssetLine, ...]
    deductions: Decimal  # yuan over the window
    totals: Totals
    findings: tuple[Finding, ...] = ()
    open_sources: tuple[tuple[str, str], ...] = ()  # (person, source) that may hold more
