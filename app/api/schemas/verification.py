"""The body of POST /v1/verifications, and what it becomes."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    WithJsonSchema,
)

from app.domain.household import (
    AssetKind,
    Consent,
    Declared,
    DeclaredAsset,
    DeclaredExpense,
    DeclaredIncome,
    Exclusion,
    ExpenseKind,
    Household,
    IdType,
    IncomeBasis,
    IncomeKind,
    Member,
    Purpose,
    Relationship,
    Supporter,
    VerificationRequest,
)

_MOST_PERSONS = 40


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('money is a decimal string in yuan, such as "2600.00"')
    return value


def _whole_dates_only(value: object) -> object:
    if not isinstance(value, str | date):
        raise ValueError("a date is a string, YYYY-MM-DD")
    return value


def _no_control(value: str) -> str:
    if any(ord(char) < ord(" ") or ord(char) == 0x7F for char in value):
        raise ValueError("control characters are not allowed")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise ValueError("unpaired surrogates are not allowed")
    return value


def _not_blank(value: str) -> str:
    if value and not value.strip():
        raise ValueError("blanks alone are not allowed")
    return value


Text = Annotated[str, AfterValidator(_no_control)]
NeededText = Annotated[Text, AfterValidator(_not_blank), Field(min_length=1)]
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Money = Annotated[
    Decimal,
    BeforeValidator(_only_text),
    Field(ge=0, le=Decimal("999999999999.99"), decimal_places=2),
    # The library's own schema would allow a JSON number, which is refused.
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$", "examples": ["2600.00"]}
    ),
]
Day = Annotated[date, BeforeValidator(_whole_dates_only)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PersonIn(_In):
    """A person as the application names him or her."""

    ref: Ref
    name: Annotated[NeededText, Field(max_length=100)]
    id_type: IdType
    id_number: Annotated[Text, Field(max_length=40)] = ""
    relationship: Relationship
    birth_date: Day | None = None
    address: Annotated[Text, Field(max_length=300)] | None = None
    phone: Annotated[Text, Field(max_length=40)] | None = None
    former_name: Annotated[Text, Field(max_length=100)] | None = None


class MemberIn(PersonIn):
    """A declared member of the household."""

    in_school: bool = False
    excluded: Exclusion | None = None


class SupporterIn(PersonIn):
    """A supporter 赡养人 with a household of his or her own."""

    supports: Annotated[list[Ref], Field(min_length=1, max_length=_MOST_PERSONS)]
    household_size: Annotated[int, Field(ge=1, le=50, strict=True)]
    declared_payment_monthly: Money | None = None


class ConsentIn(_In):
    """The signed authorisation 授权."""

    reference: Annotated[NeededText, Field(max_length=100)]
    signed_on: Day
    valid_until: Day
    document_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    signatories: Annotated[list[Ref], Field(min_length=1, max_length=_MOST_PERSONS)]


class HouseholdIn(_In):
    """Who is verified."""

    address: Annotated[Text, Field(max_length=300)] | None = None
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=_MOST_PERSONS)]
    supporters: Annotated[list[SupporterIn], Field(max_length=_MOST_PERSONS)] = []


class IncomeIn(_In):
    """Declared income, yuan a month."""

    person: Ref
    kind: IncomeKind
    monthly: Money
    basis: IncomeBasis = IncomeBasis.EMPLOYMENT


class AssetIn(_In):
    """A declared asset, yuan where it has a value."""

    person: Ref
    kind: AssetKind
    value: Money | None = None


class ExpenseIn(_In):
    """A declared rigid expense, yuan a year."""

    person: Ref
    kind: ExpenseKind
    yearly: Money
    proven: bool = False


class DeclaredIn(_In):
    """What the household declared."""

    income: Annotated[list[IncomeIn], Field(max_length=400)] = []
    assets: Annotated[list[AssetIn], Field(max_length=400)] = []
    expenses: Annotated[list[ExpenseIn], Field(max_length=400)] = []


class VerificationIn(_In):
    """One household to verify."""

    case_reference: Annotated[NeededText, Field(max_length=100)]
    region: Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$")]
    purpose: Purpose
    as_of: Day
    programmes: Annotated[list[str], Field(min_length=1, max_length=30)]
    consent: ConsentIn
    household: HouseholdIn
    declared: DeclaredIn = DeclaredIn()
    callback_url: HttpUrl | None = None

    def to_domain(self) -> VerificationRequest:
        return VerificationRequest(
            case_reference=self.case_reference,
            region=self.region,
            purpose=self.purpose,
            as_of=self.as_of,
            programmes=tuple(dict.fromkeys(self.programmes)),
            consent=Consent(
                reference=self.consent.reference,
                signed_on=self.consent.signed_on,
                valid_until=self.consent.valid_until,
                document_sha256=self.consent.document_sha256,
                signatories=tuple(self.consent.signatories),
            ),
            household=Household(
                address=self.household.address,
                members=tuple(Member(**_person(one)) for one in self.household.members),
                supporters=tuple(
                    Supporter(**{**_person(one), "supports": tuple(one.supports)})
                    for one in self.household.supporters
                ),
            ),
            declared=Declared(
                income=tuple(DeclaredIncome(**dict(one)) for one in self.declared.income),
                assets=tuple(DeclaredAsset(**dict(one)) for one in self.declared.assets),
                expenses=tuple(DeclaredExpense(**dict(one)) for one in self.declared.expenses),
            ),
            callback_url=None if self.callback_url is None else str(self.callback_url),
        )


def _person(one: PersonIn) -> dict[str, Any]:
    values = dict(one)
    values["id_number"] = one.id_number.strip().upper()
    return values


class ObjectionIn(_In):
    """An objection 复核申请: what is disputed and why."""

    by: Ref
    about: Annotated[NeededText, Field(max_length=200)]
    reason: Annotated[NeededText, Field(max_length=4000)]


class JudgementIn(_In):
    """A reviewer's word on whose record it is."""

    same_person: bool
    reason: Annotated[NeededText, Field(max_length=1000)]


class WithdrawalIn(_In):
    """A consent withdrawn 撤回授权: from now on nothing is asked under it."""

    region: Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$")]
    reference: Annotated[NeededText, Field(max_length=100)]


class TokenOut(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the standard
    expires_in: int
    scope: str
