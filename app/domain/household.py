"""Who is verified, with whose consent, and what they declared: a verification request."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Purpose(StrEnum):
    """What the verification is for 核对用途."""

    APPLICATION = "application"
    REVERIFICATION = "reverification"
    OBJECTION = "objection"
    SPOT_CHECK = "spot_check"


class IdType(StrEnum):
    """Kind of identity document 证件类型."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    NONE = "none"


class Relationship(StrEnum):
    """Relation to the applicant who heads the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class Exclusion(StrEnum):
    """Why a declared member does not count (no income, not in the denominator)."""

    SERVING_SENTENCE = "serving_sentence"
    MISSING = "missing"
    CONSCRIPT = "conscript"


class IncomeKind(StrEnum):
    """Class of income 收入类别."""

    WAGE = "wage"
    BUSINESS = "business"
    PROPERTY = "property"
    TRANSFER = "transfer"


class IncomeBasis(StrEnum):
    """What a declared income rests on; from odd_jobs on, no source can show it."""

    EMPLOYMENT = "employment"
    ODD_JOBS = "odd_jobs"
    GIFT = "gift"
    CARE_PAYMENT = "care_payment"
    HONOUR_PAYMENT = "honour_payment"
    SCHOLARSHIP = "scholarship"
    RELIEF = "relief"


class AssetKind(StrEnum):
    """Kind of asset 财产类别."""

    DEPOSIT = "deposit"
    WEALTH_PRODUCT = "wealth_product"
    SECURITY = "security"
    FUND = "fund"
    INSURANCE = "insurance"
    HOME = "home"
    OTHER_BUILDING = "other_building"
    VEHICLE = "vehicle"
    VESSEL = "vessel"
    BUSINESS = "business"
    HOUSING_FUND = "housing_fund"


class ExpenseKind(StrEnum):
    """Kind of rigid expense 刚性支出."""

    MEDICAL = "medical"
    EDUCATION = "education"
    DISABILITY = "disability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member 共同生活的家庭成员 or a supporter 赡养人, as the application names them.

    `registered_region`: where he or she is registered 户籍地; None: in the region of the request.
    """

    ref: str
    name: str = field(repr=False)
    id_type: IdType
    id_number: str = field(repr=False)
    relationship: Relationship
    birth_date: date | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    former_name: str | None = field(default=None, repr=False)
    registered_region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Person):
    """A declared member of the household."""

    in_school: bool = False
    excluded: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporter(Person):
    """Somebody outside the household with a duty to support members 赡养人 (own household)."""

    supports: tuple[str, ...]
    household_size: int
    declared_payment_monthly: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an authorisation 授权 covers; None: all that may be asked at all.

    `data_from`: the first day about which may be asked, where the question is about months.
    """

    sources: tuple[str, ...] | None = None
    programmes: tuple[str, ...] | None = None
    purposes: tuple[Purpose, ...] | None = None
    data_from: date | None = None


WITHOUT_LIMITS = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardianship:
    """Who signs for somebody who cannot 监护人: a minor, or a person without capacity."""

    person: str
    guardian: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonConsent:
    """The authorisation 授权 of one person where it is not the household's."""

    person: str
    reference: str
    valid_until: date
    scope: Scope = WITHOUT_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The signed authorisation 授权 that the request rests on.

    A roster 名册 names neither day nor document of a consent (None); each person's may be one of
    its own. For a minor whose guardian is not named, any adult member's signature stands.
    """

    reference: str
    signed_on: date | None
    valid_until: date
    document_sha256: str | None
    signatories: tuple[str, ...]
    of_persons: tuple[PersonConsent, ...] = ()
    scope: Scope = WITHOUT_LIMITS
    guardians: tuple[Guardianship, ...] = ()

    def of(self, ref: str) -> tuple[str, date]:
        """The reference and the last day of the consent that stands for a person."""
        own = self._own(ref)
        if own is None:
            return self.reference, self.valid_until
        return own.reference, own.valid_until

    def scope_of(self, ref: str) -> Scope:
        """What the consent that stands for a person covers."""
        own = self._own(ref)
        return self.scope if own is None else own.scope

    def guardian_of(self, ref: str) -> str | None:
        """Who was named to sign for a person; None where nobody was."""
        return next((one.guardian for one in self.guardians if one.person == ref), None)

    def _own(self, ref: str) -> PersonConsent | None:
        return next((one for one in self.of_persons if one.person == ref), None)

    @property
    def references(self) -> tuple[str, ...]:
        """All references, the household's first, each once."""
        return tuple(dict.fromkeys((self.reference, *(one.reference for one in self.of_persons))))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredIncome:
    """Declared income 申报收入, yuan a month."""

    person: str
    kind: IncomeKind
    monthly: Decimal = field(repr=False)
    basis: IncomeBasis = IncomeBasis.EMPLOYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAsset:
    """Declared asset 申报财产; value in yuan where it has one."""

    person: str
    kind: AssetKind
    value: Decimal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredExpense:
    """Rigid expense 刚性支出, yuan a year; `proven` where the case system holds the proof."""

    person: str
    kind: ExpenseKind
    yearly: Decimal = field(repr=False)
    proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the household declared 申报."""

    income: tuple[DeclaredIncome, ...] = ()
    assets: tuple[DeclaredAsset, ...] = ()
    expenses: tuple[DeclaredExpense, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The household assessed 共同生活家庭 and its supporters."""

    address: str | None = field(repr=False)
    members: tuple[Member, ...]
    supporters: tuple[Supporter, ...] = ()

    @property
    def persons(self) -> tuple[Member | Supporter, ...]:
        return (*self.members, *self.supporters)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequest:
    """One household to verify 核对委托: who, why, as of when, for which programmes."""

    case_reference: str
    region: str
    purpose: Purpose
    as_of: date
    programmes: tuple[str, ...]
    consent: Consent
    household: Household
    declared: Declared
    callback_url: str | None = None

    def has_signed(self, ref: str) -> bool:
        return ref in self.consent.signatories
