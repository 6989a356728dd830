"""What is told of a held batch, and of changes as JSON."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.verification import Text


class ChangesForm(StrEnum):
    """Changes as a file, or a page of them as JSON."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class ChangesQuery(BaseModel):
    """Which changes; `limit` and `after` are for JSON alone."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    format: ChangesForm = ChangesForm.CSV
    decisive: Annotated[bool, Field(description="Those alone that flip a test.")] = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[Text, Field(max_length=100)] | None = None


class ListedChangeOut(BaseModel):
    """A change since the household's previous verification."""

    case_reference: str
    verification: str
    kind: str
    person: str | None
    before: str
    after: str
    decisive: bool


class ChangesOut(BaseModel):
    changes: list[ListedChangeOut]
    next: str | None


class SampledOut(BaseModel):
    """A household that was drawn."""

    case_reference: str
    verification: str


class SampleOut(BaseModel):
    """Households of a batch at random."""

    households: list[SampledOut]


class ColumnOut(BaseModel):
    """A column that a roster may have; `filled`: some row of this one fills it."""

    name: str
    required: bool
    filled: bool


class PreviewRowOut(BaseModel):
    """A person of the roster, name and number masked; without a consent nobody is asked."""

    case_reference: str
    region: str
    ref: str
    relationship: str
    name: str
    id_number: str
    programmes: list[str]
    consent_reference: str
    consent_until: str
    consent_holds: bool


class SourceOutlookOut(BaseModel):
    """When a source may be asked next; `seconds_at_least` null: no limit of it is known."""

    source: str
    window: str | None
    opens_at: str
    seconds_at_least: int | None


class PreviewOut(BaseModel):
    """What a held batch would do; `estimated`: numbers of persons come from a sample.

    `seconds`: at least (by limits and windows), and at the pace of the batch before; null: unknown.
    """

    columns: list[ColumnOut]
    rows: list[PreviewRowOut]
    persons: int
    without_consent: int
    estimated: bool
    sources: list[SourceOutlookOut]
    seconds: Annotated[list[int | None], Field(min_length=2, max_length=2)]
