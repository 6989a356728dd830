"""The shapes of answers, for the interface's document alone: nothing is made or checked by them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from app.api.schemas.consents import ConsentOut
from app.api.schemas.findings import FindingOut
from app.domain.decision import ActionKind, Cause, Outcome
from app.domain.evidence import SourceState, Unasked
from app.domain.household import AssetKind, IncomeKind, Purpose
from app.domain.profile import IdentityState

MoneyOut = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["2600.00"])]
Share = Annotated[float, Field(ge=0, le=1)]
Status = Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]


def _may_be_absent(schema: dict[str, Any]) -> None:
    """Absent is not null."""
    del schema["default"]


_From = Annotated[date, Field(alias="from")]


class MoneyRange(BaseModel):
    """What is not known exactly: at least, at most (null: no bound)."""

    min: MoneyOut
    max: MoneyOut | None


class CountRange(BaseModel):
    """A count that is not known exactly: at least, at most (null: no bound)."""

    min: int
    max: int | None


Amount = MoneyOut | MoneyRange
Count = int | CountRange


class SourceOut(BaseModel):
    """What came of asking one source about one person.

    `reason` says why it was not asked, or not at all its institutions; `detail` says it in words.
    """

    source: Annotated[str, Field(examples=["bank"])]
    person: str
    state: SourceState
    records: int
    answered_at: datetime | None
    attempts: int
    data_as_of: date | None
    reason: Unasked | None
    detail: str | None
    by_hand: Annotated[bool, Field(description="Its clerks typed what it holds")]


class IdentityOut(BaseModel):
    """Who the person is by the household registry 户籍."""

    state: IdentityState
    probability: Share | None


class PersonOut(BaseModel):
    """One person; `alive` is null where it is not known, `why` says why one does not count."""

    ref: str
    identity: IdentityOut
    alive: bool | None
    counted: bool
    why: str | None


class RegisteredOut(BaseModel):
    """Somebody registered in the household who was not declared."""

    evidence: str
    relation: str | None


class CompositionOut(BaseModel):
    """The registered household against the declared one; `known` is false without the registry."""

    registered_not_declared: list[RegisteredOut]
    declared_not_registered: list[str]
    known: bool


class IncomeOut(BaseModel):
    """Income 收入 of one person and kind, yuan a month over the window."""

    id: str
    person: str
    kind: IncomeKind
    monthly: Amount
    first: _From
    to: date
    sources: list[str]
    evidence: list[str]
    counted: bool
    why: str | None
    payer: str | None
    verified: bool
    imputed: bool


class AssetOut(BaseModel):
    """One asset 财产; yuan where it has a value."""

    id: str
    person: str
    kind: AssetKind
    value: Amount | None
    on: date | None
    details: dict[str, str]
    sources: list[str]
    evidence: list[str]
    counted: bool
    why: str | None


class TotalsOut(BaseModel):
    """The household's totals: yuan, square metres, counts."""

    household_size: Count
    monthly_income: Amount
    monthly_income_per_person: Amount
    financial_assets: Amount
    financial_assets_per_person: Amount
    homes: Count
    floor_area: Amount
    vehicles: Count
    vessels: Count
    businesses: Count
    business_capital: Amount
    housing_fund_balance: Amount


class ProfileOut(BaseModel):
    """The verified profile 核对结果, so far or in the end."""

    as_of: date
    persons: list[PersonOut]
    composition: CompositionOut
    income: list[IncomeOut]
    assets: list[AssetOut]
    deductions_monthly: MoneyOut
    totals: TotalsOut


class TestOut(BaseModel):
    """One test 核对项; `passed` is null while it is open: `missing` would settle it."""

    __test__ = False  # not a test case of the test runner

    test: str
    value: Amount | Count | None
    limit: MoneyOut | int | None
    passed: bool | None
    missing: list[str]


class MoneyErrorOut(BaseModel):
    """Expected yuan a month paid too much 多发 and too little 少发 under the favoured outcome."""

    over: MoneyOut
    under: MoneyOut


class ActionOut(BaseModel):
    """What would make the decision surer, and the error rate expected after it."""

    kind: ActionKind
    subject: Annotated[
        str,
        Field(
            description="`source:NAME:PERSON`, `review:EVIDENCE|…` or `household:WHAT:PERSON`.",
            examples=["source:bank:m1"],
        ),
    ]
    expected_rate: Share
    reduction: Share


class DecisionOut(BaseModel):
    """A programme's outcome 认定建议 and how likely it is to be wrong, with parts that add up."""

    programme: Annotated[str, Field(examples=["urban_dibao"])]
    standard: Annotated[str, Field(examples=["urban_dibao@2026-01-01/220102"])]
    outcome: Outcome
    favours: Annotated[
        Outcome | SkipJsonSchema[None],
        Field(
            description="Only where the outcome is undetermined: what is more likely.",
            json_schema_extra=_may_be_absent,
        ),
    ] = None
    tests: list[TestOut]
    error_rate: Share
    error_rate_interval: Annotated[list[Share], Field(min_length=2, max_length=2)]
    error_causes: dict[Cause, Share]
    wrongly_confirmed: Share
    wrongly_refused: Share
    money_error: Annotated[
        MoneyErrorOut | None,
        Field(description="Null where no amount follows from the totals."),
    ]
    next_actions: Annotated[list[ActionOut], Field(description="Best first.")]
    missing: list[str]
    benefit: dict[str, str]


class ReportOut(BaseModel):
    """The report 核对报告 that was issued, and the code with which anybody can check it."""

    number: Annotated[str, Field(examples=["HD-220102-2026-0000123"])]
    version: int
    verification_code: Annotated[str, Field(examples=["7K2M-Q9XD"])]
    valid_until: date


class VerificationOut(BaseModel):
    """A verification 核对 as it stands."""

    id: Annotated[str, Field(pattern="^vf_")]
    case_reference: Annotated[str, Field(examples=["220102-2026-000123"])]
    region: Annotated[str, Field(examples=["220102003"])]
    purpose: Purpose
    as_of: date
    status: Status
    requested_at: datetime
    final_at: datetime | None
    recheck_of: str | None
    consent: ConsentOut
    sources: list[SourceOut]
    profile: ProfileOut | None
    findings: list[FindingOut]
    decisions: list[DecisionOut]
    also_confirmed_for: Annotated[
        list[str],
        Field(
            description="Other programmes whose standard the household surely meets, as far as "
            "sources can tell: what only the case system knows (age, illness) is not judged."
        ),
    ]
    report: ReportOut | None


class NoticeOut(BaseModel):
    """A change of status 回调通知; the same event can come more than once."""

    event_id: str
    type: Literal["verification.status_changed"]
    verification: str
    case_reference: str
    status: Status
    at: datetime
