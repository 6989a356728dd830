"""The shapes of lists of cases, of a case's records and history, and of plain data revealed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.access.looking import LookPurpose
from app.api.schemas.answers import Share, Status
from app.api.schemas.consents import Ref, Text
from app.api.schemas.evidence import EvidenceOut
from app.domain.decision import ActionKind, Outcome
from app.domain.household import Purpose
from app.store.case_list import Order

_IN = ConfigDict(extra="forbid", hide_input_in_errors=True)


class CasesQuery(BaseModel):
    """Which cases, in which order, from where on."""

    model_config = _IN
    q: Annotated[
        Text,
        Field(
            max_length=100,
            description="The beginning of a case's number, a verification's id, or a report's "
            "number; never an identity number.",
        ),
    ] = ""
    region: Annotated[
        str, Field(pattern="^[0-9]{0,12}$", description="A region's subtree within your own.")
    ] = ""
    status: Status | None = None
    programme: Annotated[Text, Field(max_length=64)] = ""
    outcome: Annotated[Outcome | None, Field(description="Of the newest conclusion.")] = None
    purpose: Purpose | None = None
    since: Annotated[date | None, Field(description="Requested on this day or later.")] = None
    until: Annotated[date | None, Field(description="Requested on this day or before.")] = None
    open_items: Annotated[bool | None, Field(description="Whether somebody has to decide.")] = None
    township: Annotated[
        bool, Field(description="Those with something that a township was asked to look into.")
    ] = False
    sort: Order = "-requested"
    after: Annotated[Text | None, Field(max_length=40)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HouseholdHeadOut(BaseModel):
    """Of whom it is: the head's name, masked, and how many members there are."""

    name: Annotated[str, Field(examples=["李*"])]
    size: int


class ListedDecisionOut(BaseModel):
    """A programme's newest outcome and predicted error rate."""

    programme: str
    outcome: Outcome
    favours: Outcome
    error_rate: Share


class ReportNumberOut(BaseModel):
    """The report that was issued."""

    number: str
    version: int


class TownshipQuestionOut(BaseModel):
    """What a county asked the township to look into 请乡镇核实; `person` and `words` masked."""

    kind: ActionKind
    person: str | None
    source: str | None
    words: str
    asked_at: datetime


class CaseOut(BaseModel):
    """A verification as a list shows it; `household` is null where it was erased."""

    id: Annotated[str, Field(pattern="^vf_")]
    case_reference: str
    region: str
    purpose: Purpose
    as_of: date
    status: Status
    requested_at: datetime
    changed_at: datetime
    final_at: datetime | None
    recheck_of: str | None
    household: HouseholdHeadOut | None
    open_items: int
    report: ReportNumberOut | None
    decisions: list[ListedDecisionOut]
    township: Annotated[
        list[TownshipQuestionOut], Field(description="With `township`: what is asked.")
    ] = []


class CasesOut(BaseModel):
    """A page of cases; `next` is the next page's address."""

    verifications: list[CaseOut]
    next: str | None


class ReplyOut(BaseModel):
    """The reply in which a record came; its bytes stay sealed."""

    state: str
    institution: str | None
    data_as_of: date | None
    answered_at: datetime
    raw_digest: Annotated[str, Field(pattern="^sha256:")]


class RecordOut(BaseModel):
    """One record, masked, and the reply that it came in."""

    evidence: EvidenceOut
    reply: ReplyOut | None


class ProgressStateOut(BaseModel):
    """How far a verification is: persons and sources with an answer, and those still awaited."""

    status: Status
    changed_at: datetime
    answers: int
    pending: int


class HistoryEntryOut(BaseModel):
    """One entry about the case; `actor_name` of a colleague."""

    position: int
    at: datetime
    actor: str
    actor_name: str | None
    action: str
    person: str | None
    details: dict[str, Any]


class HistoryOut(BaseModel):
    """What happened with a case, the newest first."""

    entries: list[HistoryEntryOut]


class RevealField(StrEnum):
    """Groups of fields of a person that are revealed together."""

    NAME = "name"
    ID_NUMBER = "id_number"
    CONTACT = "contact"


class RevealIn(BaseModel):
    """Whose plain data is wanted, what for, and which of it."""

    model_config = _IN
    person: Ref
    purpose: LookPurpose
    fields: Annotated[list[RevealField], Field(min_length=1, max_length=3)]


class RevealedOut(BaseModel):
    """Plain data of one person, by group of fields; to be shown until `until`."""

    verification: str
    person: str
    fields: dict[RevealField, dict[str, str | None]]
    until: datetime


class RevealCountOut(BaseModel):
    """One member of staff."""

    staff: str
    name: str | None
    count: int


class RevealCountsOut(BaseModel):
    """Groups of fields revealed on a day in China."""

    day: date
    own: int
    staff: list[RevealCountOut]
