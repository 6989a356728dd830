"""Batches: what may be asked for besides the roster, and the shapes of what is told."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl

from app.api.schemas.verification import Day
from app.domain.household import Purpose

_WORD = r"^[a-z][a-z0-9_]{0,63}(,[a-z][a-z0-9_]{0,63}){0,29}$"
_MOST_URL: Final = 2_000
BatchStatus = Literal["reading", "held", "running", "paused", "cancelled", "done", "failed"]
Stage = Literal["todo", "asking", "waiting", "ready", "done", "failed", "cancelled"]


def _bounded(url: HttpUrl) -> HttpUrl:
    if len(str(url)) > _MOST_URL:
        raise ValueError(f"at most {_MOST_URL} characters")
    return url


class BatchTermsIn(BaseModel):
    """What holds for all households of a roster; in the query, or as fields of the form."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    programmes: Annotated[
        str | None,
        Field(pattern=_WORD, description="By commas: for households that name none."),
    ] = None
    purpose: Purpose = Purpose.REVERIFICATION
    as_of: Annotated[Day | None, Field(description="Default: today (China's).")] = None
    callback_url: Annotated[HttpUrl, AfterValidator(_bounded)] | None = None

    hold: Annotated[
        bool, Field(description="Only read it: it begins with POST /v1/batches/{batch_id}/confirm.")
    ] = False

    @property
    def programme_keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.programmes or "").split(","))) if self.programmes else ()


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BatchHeadOut(_Out):
    """A batch without its progress; `failure` says why its file cannot be used."""

    id: str
    region: str
    status: BatchStatus
    failure: str | None
    origin: Literal["roster", "recipients"]
    format: str
    purpose: Purpose
    as_of: date
    programmes: list[str]
    rows: int
    rejected_rows: int
    households: int
    created_at: str
    started_at: str | None
    ended_at: str | None


class BatchSourceOut(_Out):
    """Persons of whom a source was asked, and what came of it so far."""

    source: str
    asked: int
    answered: int
    failed: int
    outstanding: int


class RowErrorOut(_Out):
    """Why a row is rejected; row 1 is the first after the header. Never holds a person's value."""

    row: int
    column: str
    code: str
    detail: str


class BatchOut(BatchHeadOut):
    """A batch as it stands.

    Accepted and rejected rows are all rows. `eta_range` is where the end most probably lies; both
    are null while nothing is known. Outcomes are those of the first programme asked for.
    `sources_estimated`: counts of open households come from a sample.
    """

    done: int
    failed: int
    cancelled: int
    confirmed: int
    not_confirmed: int
    undetermined: int
    changed: int
    per_hour: Annotated[int | None, Field(description="Households that ended, at this pace.")]
    eta_seconds: int | None
    eta_range: Annotated[list[int], Field(min_length=2, max_length=2)] | None
    stages: dict[Stage, int]
    sources: list[BatchSourceOut]
    sources_estimated: bool
    errors: list[RowErrorOut]
    errors_url: Annotated[str | None, Field(description="Further errors, where there are more.")]


class BatchesOut(_Out):
    """The newest first; `next` is the next page."""

    batches: list[BatchHeadOut]
    next: str | None


class RowErrorsOut(_Out):
    """A page of rejected rows; `next` is the next page."""

    errors: list[RowErrorOut]
    next: str | None


_TERMS: dict[str, Any] = BatchTermsIn.model_json_schema()["properties"]
ROSTER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "One person a row; rows of one `case_reference` make a household. CSV (UTF-8, "
            "GB18030, UTF-16 with its mark; comma, semicolon or tab), xlsx, or JSON lines; at most "
            "1,000,000 rows and 512 MiB."
        ),
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["roster"],
                    "properties": {
                        "roster": {"type": "string", "contentMediaType": "text/csv"},
                        **{
                            name: {"type": "string", "description": f"As `{name}` of the query."}
                            for name in _TERMS
                        },
                    },
                }
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}
