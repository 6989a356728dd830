"""The shapes of objections 复核: what is sent, what is documented of the answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.verification import Day, NeededText, Ref, Text
from app.review.objections import ObjectionDecision, StepKind

State = Literal["filed", "in_progress", "upheld", "corrected", "withdrawn"]
ValueKind = Literal["finding", "income", "asset", "person", "decision"]
Version = Annotated[int, Field(ge=1, description="As the objection was read; another one is 409.")]
_ID = Annotated[str, Field(pattern="^ob_")]
_VERIFICATION = Annotated[str, Field(pattern="^vf_")]
_PEOPLE = Annotated[dict[str, str], Field(description="Names of colleagues, by id.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class DisputedIn(_In):
    """The value that is disputed: by its id in the verification, of a decision its programme."""

    kind: ValueKind
    id: Annotated[NeededText, Field(max_length=100)]


class ObjectionIn(_In):
    """An objection 复核申请: what is disputed and why; the terms run from `received_on`."""

    by: Ref
    about: Annotated[NeededText, Field(max_length=200)]
    reason: Annotated[NeededText, Field(max_length=4000)]
    value: DisputedIn | None = None
    received_on: Annotated[
        Day | None, Field(description="When the office had it; today where nothing is said.")
    ] = None


class ObjectionsQuery(_In):
    """Which objections, from where on; `after`: as the page before says."""

    region: Annotated[
        str, Field(pattern="^[0-9]{0,12}$", description="A region's subtree within your own.")
    ] = ""
    state: State | Literal["open"] | None = None
    mine: Annotated[bool, Field(description="Those alone that you handle.")] = False
    overdue: Annotated[bool, Field(description="Open ones alone whose term is over.")] = False
    programme: Annotated[Text, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[Text, Field(max_length=60)] | None = None


class StepIn(_In):
    """A step that needs no words."""

    version: Version


class ReasonedStepIn(_In):
    """A step with its reason."""

    version: Version
    reason: Annotated[NeededText, Field(max_length=1000)]


class AskAgainIn(_In):
    """Which sources are asked anew, about all persons; null: all of them."""

    version: Version
    sources: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1)] | None = (
        None
    )
    reason: Annotated[NeededText, Field(max_length=1000)]


class ObjectionDecisionIn(_In):
    """The report stands, or the later one takes its place; `answer`: what the household is told."""

    version: Version
    decision: ObjectionDecision
    answer: Annotated[NeededText, Field(max_length=4000)]


class ObjectionFiledOut(BaseModel):
    """An objection 复核申请 as filed; `recheck` is the verification that follows from it."""

    id: _ID
    state: Literal["filed"]
    recheck: _VERIFICATION
    due_on: date


class DisputedOut(BaseModel):
    """The value that is disputed."""

    kind: ValueKind
    id: str


class ObjectionRowOut(BaseModel):
    """An objection in a list; `days_left` in working days, below zero: so many over the term."""

    id: _ID
    verification: _VERIFICATION
    case_reference: str
    region: str
    state: State
    value_kind: ValueKind | None
    filed_at: datetime
    received_on: date | None
    due_on: date | None
    days_left: int | None
    overdue: bool
    in_time: bool | None
    proposal: Literal["uphold", "correct"] | None
    handler: str | None
    mine: bool


class ObjectionPageOut(BaseModel):
    """What is due first comes first; `counts`: by state, whatever the state asked for."""

    objections: list[ObjectionRowOut]
    counts: dict[str, int]
    people: _PEOPLE
    next: str | None


class ReportLinkOut(BaseModel):
    """A report's number and version, and whether another one took its place."""

    verification: _VERIFICATION
    number: str
    version: int
    superseded: bool


class RecheckOut(BaseModel):
    """The verification that followed, as it stands."""

    id: _VERIFICATION
    status: str


class OutcomeOut(BaseModel):
    """A programme's outcome as disputed, and as the newest recheck has it."""

    programme: str
    before: str
    after: str | None


class ObjectionStepOut(BaseModel):
    """What somebody did about it."""

    number: int
    action: StepKind
    actor: str
    at: datetime
    words: str | None


class ObjectionOut(ObjectionRowOut):
    """An objection with all that was done about it.

    `handled_by_others`: you decided something of the disputed report, so another person handles it.
    """

    version: int
    filed_by: str
    by: str
    about: str
    reason: str
    value: DisputedOut | None
    term: Annotated[str, Field(description="The rule that the term for an answer rests on")]
    recheck: RecheckOut | None
    outcomes: list[OutcomeOut]
    report: ReportLinkOut | None
    later_report: ReportLinkOut | None
    handled_by_others: bool
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    steps: list[ObjectionStepOut]
    people: _PEOPLE


class ObjectionChangedOut(BaseModel):
    """An objection has another state 复核通知."""

    event_id: str
    type: Literal["objection.state_changed"]
    objection: _ID
    verification: _VERIFICATION
    case_reference: str
    state: State
    at: datetime
