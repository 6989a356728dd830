"""The shapes of what a source's clerks answer by hand 人工录入."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.staff import SourceName
from app.api.schemas.verification import Day, NeededText, Ref, Text
from app.domain.household import IdType, Purpose

TaskState = Literal["open", "second", "done", "closed"]
Outcome = Literal["found", "no_record", "unavailable"]
Reason = Literal["system_down", "no_access", "not_covered", "not_searchable"]
_ID = Annotated[str, Field(pattern="^aq_")]
_MOST_RECORDS = 60


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class TasksQuery(_In):
    """Which tasks of one's own source, from where on; `after`: as the page before says."""

    state: Literal["waiting", "done", "closed"] = "waiting"
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[Text, Field(max_length=90)] | None = None


class OwnerIn(_In):
    """An owner in common 共有人; empty: not told."""

    name: Annotated[NeededText, Field(max_length=100)]
    id_number: Annotated[Text, Field(max_length=40)] = ""
    share: Annotated[Text, Field(max_length=40, examples=["1/2"])] = ""


class RecordIn(_In):
    """A record as typed: whom it names (null: as asked), and texts by field; empty: not told.

    `others`: with whom a home is owned in common; `name` is the first owner.
    """

    type: Annotated[str, Field(max_length=40)]
    name: Annotated[NeededText, Field(max_length=100)] | None = None
    id_number: Annotated[Text, Field(max_length=40)] | None = None
    fields: dict[Annotated[str, Field(max_length=40)], Annotated[Text, Field(max_length=200)]]
    others: Annotated[list[OwnerIn], Field(max_length=20)] = []


class EntryIn(_In):
    """What the source holds: records, explicitly none, or why it could not be searched."""

    version: Annotated[int, Field(ge=1, description="As the task was read; another one is 409.")]
    outcome: Outcome
    records: Annotated[list[RecordIn], Field(max_length=_MOST_RECORDS)] = []
    reason: Reason | None = None
    data_as_of: Annotated[Day | None, Field(description="The day of which the data are")] = None


class TurnIn(_In):
    """A source that failed is answered by its clerks instead; null: about all whom it failed."""

    source: SourceName
    persons: Annotated[list[Ref], Field(min_length=1)] | None = None
    reason: Annotated[NeededText, Field(max_length=1000)]


class AskedPersonOut(BaseModel):
    """Whom the task is about; masked in lists and once nobody is to look any more."""

    name: str
    id_type: IdType
    id_number: str
    masked: bool


class TaskRowOut(BaseModel):
    """A task in a list. `turn`: whether the caller is the first, the second, or has entered it."""

    id: _ID
    source: SourceName
    institution: str | None
    person: AskedPersonOut
    purpose: Purpose
    state: TaskState
    why_closed: str | None
    turn: Literal["first", "second", "none"]
    went_back: Annotated[bool, Field(description="Two clerks entered what differed")]
    created_at: datetime
    deadline_at: datetime
    version: int


class TaskPageOut(BaseModel):
    """What is due first comes first; `counts`: by state."""

    source: SourceName
    tasks: list[TaskRowOut]
    counts: dict[str, int]
    next: str | None


class MonthsOut(BaseModel):
    """The months asked about, whole ones."""

    first: date
    last: date


class FormFieldOut(BaseModel):
    """A field of a record: what is typed, in which unit, from which choices."""

    name: str
    kind: Literal[
        "text", "money", "number", "share", "fraction", "date", "month", "yes_no", "choice"
    ]
    unit: str | None
    choices: list[str]
    required: bool


class RecordFormOut(BaseModel):
    """A type of record that the source may hold."""

    type: str
    fields: list[FormFieldOut]


class TaskOut(TaskRowOut):
    """A task with what the question to the source would hold, and nothing of other sources."""

    months: MonthsOut
    as_of: date
    consent: Annotated[
        Literal["valid"] | str, Field(description="`valid`, or why the question may not be put")
    ]
    differences: Annotated[
        list[str], Field(description="Fields in which the last two entries differed: `1/balance`")
    ]
    forms: list[RecordFormOut]


class TurnedOut(BaseModel):
    """The verification in which clerks are asked, and how many tasks there are for them."""

    verification: Annotated[str, Field(pattern="^vf_")]
    tasks: int
