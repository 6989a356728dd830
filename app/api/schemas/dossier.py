"""The shape of a case's profile beside what it rests on."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.api.schemas.answers import (
    Amount,
    Count,
    IdentityOut,
    MoneyOut,
    Share,
    TotalsOut,
    VerificationOut,
)
from app.api.schemas.cases import HouseholdHeadOut
from app.domain.decision import ActionKind
from app.domain.evidence import SourceState, Unasked
from app.domain.review import ItemState
from app.dossier.coverage import Use
from app.dossier.lines import Compared


class PersonViewOut(BaseModel):
    """One person, masked."""

    ref: str
    role: Literal["member", "supporter"]
    name: str
    id_type: str
    id_number: str
    relationship: str
    age: int | None
    in_school: bool | None
    excluded: str | None
    supports: list[str]
    signed: bool
    identity: IdentityOut | None
    alive: bool | None
    counted: bool | None
    why: str | None


class StandardOut(BaseModel):
    """The standard 执行标准 by which a programme was judged."""

    programme: str
    id: str
    region: str
    since: date
    name: dict[str, str]
    example: bool
    holds_one_of: list[str]
    left_to_case_system: list[str]


class MonthOut(BaseModel):
    """A month of a source: it has a record, has none, or nobody knows."""

    month: date
    state: Literal["record", "none", "unknown"]


class InstitutionsOut(BaseModel):
    """Of how many institutions answers are there."""

    asked: int
    answered: int


class ToldOut(BaseModel):
    """What one source says of a value, whether it was used and why."""

    source: str
    state: SourceState
    use: Use
    why: Annotated[
        str | None,
        Field(
            description="Of a wage: first_in_order, fills_months, fills_jobs, "
            "agrees_with_used, later_in_order, base_at_floor, chosen_by_person, "
            "another_source_chosen, amount_set_by_person. Of anything else: the rule by which it "
            "counts, or not."
        ),
    ]
    monthly: MoneyOut | None
    months: list[MonthOut] | None
    records: int
    institutions: InstitutionsOut | None
    probability: Share | None
    answered_at: datetime | None
    data_as_of: date | None
    attempts: int
    reason: Unasked | None
    detail: str | None
    evidence: list[str]


class LineOut(BaseModel):
    """A line of the profile."""

    id: str
    value: Amount | None
    counted: bool
    why: str | None
    on: date | None
    payer: str | None
    details: dict[str, str]
    evidence: list[str]


class WageSumOut(BaseModel):
    """gross − tax − own + raised = counted, yuan over `months`; ÷ `window_months` is a month.

    `own`: own contributions and own payments to the housing fund. `raised`: deductions beyond a
    month's gross, for no month is below zero. `exact`: no source that is open can change it. In
    `floor_months` the base of contributions stood at its `floor`: `minimum_wage` counts instead.
    """

    gross: MoneyOut
    tax: MoneyOut
    own: MoneyOut
    raised: MoneyOut
    counted: MoneyOut
    months: int
    window_months: int
    exact: bool
    floor_months: int
    floor: MoneyOut
    minimum_wage: MoneyOut


class RowOut(BaseModel):
    """An item declared, verified or left open; `verified` is null where nothing is known.

    `comparison` is null for what nobody has to declare: what supporters pay. `wage_sum`: how a wage
    comes from what its sources tell; null for anything else, and where a person set the amount.
    """

    id: str
    group: Literal["income", "financial", "things", "expenses"]
    kind: str
    basis: str | None
    unit: Literal["yuan_month", "yuan_year", "yuan", "pieces"]
    persons: list[str]
    declared: MoneyOut | int | None
    verified: Amount | Count | None
    comparison: Compared | None
    difference: Amount | Count | None
    counted: bool
    why: str | None
    first: Annotated[date | None, Field(alias="from")]
    to: date | None
    on: date | None
    wage_sum: WageSumOut | None
    lines: list[LineOut]
    sources: list[ToldOut]


class FormulaOut(BaseModel):
    """(income ÷ household − standard) × share × `supported` ÷ `of`, a month."""

    income_monthly: Amount | None
    household_size: int
    income_per_person: Amount | None
    standard: MoneyOut
    share: str
    supported: int
    of: int


class SupporterViewOut(BaseModel):
    """What a supporter 赡养人 has to pay the household a month."""

    ref: str
    household_size: int
    supports: list[str]
    signed: bool
    declared: MoneyOut | None
    payment: Amount | None
    basis: Literal["computed", "declared", "not_asked"]
    formula: FormulaOut | None


class RuleOut(BaseModel):
    """By which standard the values were counted."""

    standard: str
    since: date
    tolerance: str
    local_standard: MoneyOut


class ProgressOut(BaseModel):
    """Sources that were asked, have answered about everybody, or are still missing."""

    asked: int
    answered: int
    missing: list[str]
    answers: int


class OpenItemOut(BaseModel):
    """An item of the worklist that somebody has yet to do."""

    id: str
    kind: ActionKind
    action: str
    person: str | None
    source: str | None
    state: ItemState
    needed: bool
    evidence: list[str]
    expected_reduction: float


class RightOut(BaseModel):
    """Whether the caller may do something with the case just now, and why not."""

    action: Literal["history", "recheck", "objection", "export", "report", "cancel", "reveal"]
    allowed: bool
    why: str | None


class ProfileViewOut(BaseModel):
    """All that a case shows, masked."""

    verification: VerificationOut
    changed_at: datetime
    household: HouseholdHeadOut
    persons: list[PersonViewOut]
    programmes: list[str]
    standards: list[StandardOut]
    totals: TotalsOut | None
    income_before_deductions: Amount | None
    rows: list[RowOut]
    supporters: list[SupporterViewOut]
    rule: RuleOut
    progress: ProgressOut
    open_items: list[OpenItemOut]
    result_version: int
    computed_at: datetime | None
    superseded_by: str | None
    rights: list[RightOut]
