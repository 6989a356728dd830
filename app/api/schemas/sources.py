"""The shapes of what is told of sources: counts and times, nothing of any person."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.jobs.source_states import SourceState


class SourceRowOut(BaseModel):
    """A source, or one institution of it, within a day; "today" is China's.

    `asked_today`: persons in questions to the source that left today. Times are from the first
    question about a person until the answer; `slow_seconds` is the 95th percentile. Shares and
    times are null where nothing is known. `strip`: replies and failures in each ten minutes of the
    last day, the oldest first.
    """

    source: str
    institution: str | None
    state: SourceState
    asked_today: int
    answered_today: int
    failed_today: int
    median_seconds: float | None
    slow_seconds: float | None
    failures: Annotated[dict[str, int], Field(description="Replies by kind of failure.")]
    no_record_share: float | None
    judged_share: Annotated[
        float | None, Field(description="Of the records of 30 days, those that a person judged.")
    ]
    outstanding: int
    oldest_asked_at: str | None
    data_as_of: str | None
    data_age_days: int | None
    fresh_days: Annotated[int | None, Field(description="So old the data may be.")]
    window: str | None
    window_opens_at: str | None
    agreement: str | None
    agreement_ends: str | None
    agreement_over: bool | None
    strip: list[Annotated[list[int], Field(min_length=2, max_length=2)]]


class SourcesOut(BaseModel):
    sources: list[SourceRowOut]


class LimitsOut(BaseModel):
    """What the source bears; null: no limit."""

    rate_per_second: float | None
    concurrency: int
    timeout_seconds: float
    deadline_seconds: float
    tries: int
    reuse_days: int
    persons_a_query: int


class BreakerOut(BaseModel):
    """A process that leaves the source alone, after so many failures in a row."""

    process: str
    failures: int
    until: str


class ErrorExampleOut(BaseModel):
    """In the service's own words: they quote no value."""

    institution: str | None
    at: str
    detail: str | None


class ErrorKindOut(BaseModel):
    """A kind of failure, of the newest 200 within a week."""

    failure: str
    replies: int
    examples: list[ErrorExampleOut]


class AttemptsOut(BaseModel):
    attempts: int
    persons: int


class UnreadOut(BaseModel):
    """What the mapping could not read, by the field of the source."""

    problem: str
    records: int


class SourceOut(BaseModel):
    """All that is told of a source; `unread` is of the newest `replies_looked_at` replies."""

    source: str
    connected: bool
    rows: list[SourceRowOut]
    contact: str | None
    mapping_version: str | None
    limits: LimitsOut | None
    breakers: list[BreakerOut]
    errors: list[ErrorKindOut]
    attempts: list[AttemptsOut]
    unread: list[UnreadOut]
    replies_looked_at: int


class OrderedOut(BaseModel):
    """Every process does it within seconds."""

    source: str
    action: Literal["probe", "restore"]
