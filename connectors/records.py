"""What sources know, in one vocabulary: yuan as Decimal, real dates, closed codes.

Every record keeps the source's own fields in `raw` and says whom it may be about in `subjects`
(one, but for co-owners). None means that the source did not tell or told it unreadably; what was
unreadable is named in `problems` and never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator


class Sex(StrEnum):
    """GB/T 2261.1 性别."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Subject:
    """Whom a record may be about, as the register keyed it."""

    name: str | None = None
    id_number: str | None = field(default=None, repr=False)
    former_name: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    address: str | None = None
    household_number: str | None = None
    employer: str | None = None
    employer_code: str | None = None

    def __repr__(self) -> str:
        return "<Subject>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Record:
    """Common to all records."""

    subjects: tuple[Subject, ...] = field(repr=False)
    raw: Mapping[str, str | int | bool | None] = field(repr=False)
    problems: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Of what kind it is, and nothing of what it holds: a traceback may quote it."""
        return f"<{type(self).__name__}>"


class Relation(StrEnum):
    """Relation to the head of the registered household 与户主关系 (GB/T 4761)."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class MaritalStatus(StrEnum):
    """GB/T 2261.2 婚姻状况."""

    SINGLE = "single"
    MARRIED = "married"
    WIDOWED = "widowed"
    DIVORCED = "divorced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RegisteredPerson(Record):
    """A person in the household registry 户籍."""

    type: Literal["registered_person"] = "registered_person"
    household_number: str | None
    relation: Relation | None
    agricultural: bool | None
    marital_status: MaritalStatus | None
    ethnic_group: str | None
    dead: bool | None
    died_on: date | None
    moved_out: bool | None
    in_household: bool = False
    """True where the row came with a household's list and not for the person asked about."""


class IncomeItem(StrEnum):
    """Item of income of the tax authority 所得项目."""

    WAGES = "wages"  # 0101
    YEARLY_BONUS = "yearly_bonus"  # 0103
    BUSINESS = "business"  # 0200
    LABOUR_SERVICE = "labour_service"  # 0400
    AUTHORS_FEE = "authors_fee"  # 0500
    ROYALTY = "royalty"  # 0600
    INTEREST_DIVIDENDS = "interest_dividends"  # 0700
    RENT = "rent"  # 0801
    SALE_OF_PROPERTY = "sale_of_property"  # 0900
    ACCIDENTAL = "accidental"  # 1000


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IncomeEntry(Record):
    """A taxed income: yuan; negative where a correction takes back an earlier entry."""

    type: Literal["income_entry"] = "income_entry"
    item: IncomeItem | None
    gross: Decimal | None
    tax: Decimal | None
    period_from: date | None
    period_to: date | None
    payer: str | None
    payer_code: str | None
    correction: bool | None


class InsuranceKind(StrEnum):
    """Kind of social insurance 险种."""

    PENSION_ENTERPRISE = "pension_enterprise"  # 110
    PENSION_GOVERNMENT = "pension_government"  # 120
    PENSION_RESIDENTS = "pension_residents"  # 170
    UNEMPLOYMENT = "unemployment"  # 210
    MEDICAL_EMPLOYEES = "medical_employees"  # 310
    MEDICAL_RESIDENTS = "medical_residents"  # 390
    WORK_INJURY = "work_injury"  # 410
    MATERNITY = "maternity"  # 510


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Contribution(Record):
    """A month's social-insurance contribution 社保缴费, yuan; `month` is its first day."""

    type: Literal["contribution"] = "contribution"
    insurance: InsuranceKind | None
    month: date | None
    base: Decimal | None
    own: Decimal | None
    by_employer: Decimal | None
    employer: str | None
    employer_code: str | None


class BenefitKind(StrEnum):
    """Benefit paid 待遇类型."""

    OLD_AGE_PENSION = "old_age_pension"  # 01
    UNEMPLOYMENT = "unemployment"  # 02
    WORK_INJURY = "work_injury"  # 03
    SURVIVORS = "survivors"  # 04
    RESIDENTS_BASIC_PENSION = "residents_basic_pension"  # 05


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Benefit(Record):
    """A benefit paid in a month 社保待遇, yuan; `month` is its first day."""

    type: Literal["benefit"] = "benefit"
    kind: BenefitKind | None
    month: date | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReliefEnrolment(Record):
    """A programme in whose register of beneficiaries a person stands 在享救助.

    `amount`: of each payment, yuan; what is in another currency is not told.
    """

    type: Literal["relief_enrolment"] = "relief_enrolment"
    programme: str | None
    programme_code: str | None
    enrolled_on: date | None
    active: bool | None
    amount: Decimal | None


class Sharing(StrEnum):
    """Form of ownership 共有方式."""

    SOLE = "sole"  # 单独所有
    JOINT = "joint"  # 共同共有
    BY_SHARES = "by_shares"  # 按份共有


class PlannedUse(StrEnum):
    """Planned use 规划用途."""

    HOME = "home"  # 住宅
    COMMERCIAL = "commercial"  # 商业
    OFFICE = "office"  # 办公
    GARAGE = "garage"  # 车库
    INDUSTRIAL = "industrial"  # 工业
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Ownership(Record):
    """An immovable 不动产; `subjects` are all owners, `shares` theirs in the same order."""

    type: Literal["ownership"] = "ownership"
    unit: str | None
    certificate: str | None
    address: str | None
    area: Decimal | None  # square metres
    use: PlannedUse | None
    sharing: Sharing | None
    shares: tuple[Fraction | None, ...]
    registered_on: date | None
    in_force: bool | None
    mortgaged: bool | None
    sealed: bool | None


class InterestRole(StrEnum):
    """What a person is in an enterprise."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    SHAREHOLDER = "shareholder"
    MANAGER = "manager"


class EnterpriseState(StrEnum):
    """State of an enterprise 在业状态."""

    IN_BUSINESS = "in_business"  # 1
    REVOKED = "revoked"  # 2
    STRUCK_OFF = "struck_off"  # 3
    MOVED_OUT = "moved_out"  # 4


class EnterpriseKind(StrEnum):
    """What the type code of an enterprise says about how it counts."""

    SOLE_TRADER = "sole_trader"  # 9600 个体工商户
    COOPERATIVE = "cooperative"  # 9100 农民专业合作社
    SOLE_PROPRIETORSHIP = "sole_proprietorship"  # 4540
    COMPANY = "company"  # 1xxx


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BusinessInterest(Record):
    """A part in an enterprise 工商登记; capital and contributions in yuan."""

    type: Literal["business_interest"] = "business_interest"
    role: InterestRole
    enterprise: str | None
    enterprise_code: str | None
    kind: EnterpriseKind | None
    state: EnterpriseState | None
    established_on: date | None
    registered_capital: Decimal | None
    subscribed: Decimal | None
    paid_in: Decimal | None
    share: Decimal | None  # 0 to 1


class AccountState(StrEnum):
    """State of a housing-fund account 账户状态."""

    PAYING = "paying"  # 01
    SEALED = "sealed"  # 02
    CLOSED = "closed"  # 09


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FundAccount(Record):
    """A housing-fund account 住房公积金; yuan; `last_month` is the first day of the month."""

    type: Literal["fund_account"] = "fund_account"
    account: str | None
    employer: str | None
    employer_code: str | None
    base: Decimal | None
    monthly: Decimal | None
    balance: Decimal | None
    state: AccountState | None
    last_month: date | None
    changed_at: datetime | None


class VehicleState(StrEnum):
    """State of a vehicle (GA/T 16.4)."""

    NORMAL = "normal"  # A
    MOVED_OUT = "moved_out"  # B
    WRITTEN_OFF = "written_off"  # E
    OVERDUE_INSPECTION = "overdue_inspection"  # H
    TO_BE_SCRAPPED = "to_be_scrapped"  # M
    STOLEN = "stolen"  # P


class VehicleKind(StrEnum):
    """Kind of vehicle by the first letter of its type (GA/T 16.4)."""

    PASSENGER_CAR = "passenger_car"  # K
    LORRY = "lorry"  # H
    MOTORCYCLE = "motorcycle"  # M
    THREE_WHEELER = "three_wheeler"  # N
    TRACTOR = "tractor"  # T
    FARM_VEHICLE = "farm_vehicle"  # plate kind 13


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Vehicle(Record):
    """A registered vehicle 机动车."""

    type: Literal["vehicle"] = "vehicle"
    plate: str | None
    plate_kind: str | None
    kind: VehicleKind | None
    brand: str | None
    vin: str | None
    use: str | None
    state: VehicleState | None
    registered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Vessel(Record):
    """A registered vessel 船舶."""

    type: Literal["vessel"] = "vessel"
    vessel_name: str | None
    number: str | None
    kind: str | None
    tonnage: Decimal | None
    registered_on: date | None
    in_register: bool | None


class BankAccountKind(StrEnum):
    """Kind of bank account."""

    CURRENT = "current"  # 01
    TIME_DEPOSIT = "time_deposit"  # 02
    WEALTH_PRODUCT = "wealth_product"  # 03
    STRUCTURED_DEPOSIT = "structured_deposit"  # 04
    LOAN = "loan"  # 09, owed, no asset


class BankAccountState(StrEnum):
    """State of a bank account."""

    NORMAL = "normal"  # 0
    FROZEN = "frozen"  # 1
    DORMANT = "dormant"  # 2
    CLOSED = "closed"  # 9


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BankAccount(Record):
    """An account in its own currency; turnover of the last 12 months."""

    type: Literal["bank_account"] = "bank_account"
    bank: str
    account: str | None = field(repr=False)
    kind: BankAccountKind | None
    currency: str | None
    balance: Decimal | None
    balance_on: date | None
    branch: str | None
    state: BankAccountState | None
    money_in: Decimal | None
    money_out: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BalanceLimit(Record):
    """A bank that only tells whether the balances together are over its limit (yuan)."""

    type: Literal["balance_limit"] = "balance_limit"
    bank: str
    over: bool
    limit: Decimal


class PolicyClass(StrEnum):
    """Class of insurance 险种分类."""

    LIFE = "life"
    ANNUITY = "annuity"
    HEALTH = "health"
    ACCIDENT = "accident"
    MOTOR = "motor"
    PROPERTY = "property"


class PolicyRole(StrEnum):
    """What the person is in the policy 角色."""

    HOLDER = "holder"  # 投保人
    INSURED = "insured"  # 被保险人
    BENEFICIARY = "beneficiary"  # 受益人


class PolicyState(StrEnum):
    """State of a policy 保单状态."""

    IN_FORCE = "in_force"  # 有效
    LAPSED = "lapsed"  # 失效
    ENDED = "ended"  # 终止
    MATURED = "matured"  # 满期


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Policy(Record):
    """An insurance policy 保单; yuan."""

    type: Literal["policy"] = "policy"
    number: str | None
    insurer: str | None
    product: str | None
    policy_class: PolicyClass | None
    role: PolicyRole | None
    state: PolicyState | None
    effective_on: date | None
    payment: str | None
    yearly_premium: Decimal | None
    premiums_paid: Decimal | None
    cash_value: Decimal | None
    annuity_received: Decimal | None


class HoldingKind(StrEnum):
    """Kind of security 证券类别."""

    STOCK = "stock"  # 股票
    FUND = "fund"  # 基金
    BOND = "bond"  # 债券
    REPO = "repo"  # 回购
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holding(Record):
    """A holding and its account's cash, which stands on every row of the account; yuan."""

    type: Literal["holding"] = "holding"
    account: str | None = field(repr=False)  # 一码通账号, masked
    market: str | None
    code: str | None
    security: str | None
    kind: HoldingKind | None
    quantity: Decimal | None
    market_value: Decimal | None
    cash: Decimal | None
    valued_on: date | None


AnyRecord: TypeAlias = Annotated[
    RegisteredPerson
    | IncomeEntry
    | Contribution
    | Benefit
    | Ownership
    | BusinessInterest
    | FundAccount
    | Vehicle
    | Vessel
    | BankAccount
    | BalanceLimit
    | Policy
    | Holding
    | ReliefEnrolment,
    Discriminator("type"),
]
