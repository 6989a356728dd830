"""The body of POST /v1/verifications, and what it becomes."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    WithJsonSchema,
)

from app.api.schemas.consents import MOST_PERSONS, ConsentIn, Day, NeededText, Ref, Text
from app.domain.household import (
    AssetKind,
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
from app.domain.suspension import SuspensionReason


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('money is a decimal string in yuan, such as "2600.00"')
    return value


__all__ = ["ConsentIn", "Day", "Money", "NeededText", "Ref", "Text", "VerificationIn"]
Money = Annotated[
    Decimal,
    BeforeValidator(_only_text),
    Field(ge=0, le=Decimal("999999999999.99"), decimal_places=2),
    # The library's own schema would allow a JSON number, which is refused.
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$", "examples": ["2600.00"]}
    ),
]


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
    registered_region: (
        Annotated[
            str,
            Field(
                pattern=r"^[0-9]{4,12}$",
                description="Where he or she is registered (GB/T 2260, a city at least); "
                "default: the request's region.",
            ),
        ]
        | None
    ) = None


class MemberIn(PersonIn):
    """A declared member of the household."""

    in_school: bool = False
    excluded: Exclusion | None = None


class SupporterIn(PersonIn):
    """A supporter 赡养人 with a household of his or her own."""

    supports: Annotated[list[Ref], Field(min_length=1, max_length=MOST_PERSONS)]
    household_size: Annotated[int, Field(ge=1, le=50, strict=True)]
    declared_payment_monthly: Money | None = None


class HouseholdIn(_In):
    """Who is verified."""

    address: Annotated[Text, Field(max_length=300)] | None = None
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=MOST_PERSONS)]
    supporters: Annotated[list[SupporterIn], Field(max_length=MOST_PERSONS)] = []


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
            consent=self.consent.to_domain(),
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


class CancelIn(_In):
    """Why a verification is ended 中止原因; stands in the suspension report."""

    reason: SuspensionReason = SuspensionReason.NOT_GIVEN


class JudgementIn(_In):
    """A reviewer's word on whose record it is."""

    same_person: bool
    reason: Annotated[NeededText, Field(max_length=1000)]


class TokenOut(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the standard
    expires_in: int
    scope: str


class JwkOut(BaseModel):
    """The public part of a key (RFC 7517, RFC 8037): parts of its kind alone are there."""

    kty: Literal["OKP", "RSA"]
    crv: Literal["Ed25519", "X25519"] | None = None
    x: str | None = None
    n: str | None = None
    e: str | None = None
    kid: str
    use: Literal["sig", "enc"]
    alg: Literal["Ed25519", "EdDSA", "RS256", "ECDH-ES+A256KW", "RSA-OAEP-256"]


class JwksOut(BaseModel):
    """Keys that access tokens may be signed by just now, and those of DCI messages."""

    keys: list[JwkOut]
