"""Figures of the office's own work: what may be asked, and the shapes of what is told."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.answers import Share

_REGION: Final = r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"
_Since = Annotated[date | None, Field(alias="from", description="First day; default: the year's.")]
Kappa = Annotated[float, Field(ge=-1, le=1)]


class FiguresQuery(BaseModel):
    """Whose and when (days are China's, both included)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[
        str | None, Field(pattern=_REGION, description="Its subtree; default: the caller's own.")
    ] = None
    since: _Since = None
    until: Annotated[date | None, Field(description="Last day; default: today.")] = None


class WorkloadQuery(FiguresQuery):
    """The same with the days after which an open item is late; default: by its own time."""

    term_days: Annotated[int | None, Field(ge=0, le=365)] = None


class CalibrationQuery(BaseModel):
    """Whose decisions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[str | None, Field(pattern=_REGION)] = None


class WordsDoneOut(BaseModel):
    """Words given in the time; `second`: as second or third reviewer; `reversed`: taken back."""

    done: int
    second: int
    reversed: int
    median_hours: Annotated[float | None, Field(description="From the item's start to the word.")]


class ReviewQueueOut(WordsDoneOut):
    """Items of one kind: open ones, and those of them that are late."""

    kind: str
    open: int
    overdue: int


class WordsChangedOut(WordsDoneOut):
    """With words that were others once the numbers of a hidden item were shown."""

    changed: int


class ReviewerOut(WordsChangedOut):
    """What one member of staff, or one client, did."""

    person: str
    name: Annotated[str | None, Field(description="Of staff and clients of your region.")]


class ReviewersOut(WordsChangedOut):
    """What all of them did together."""

    persons: int


class WorkloadOut(BaseModel):
    """Workload 工作量. `persons` is null for whoever does not hand out or oversee the work."""

    region: str
    since: Annotated[date, Field(alias="from")]
    until: date
    term_days: int | None
    queues: list[ReviewQueueOut]
    persons: list[ReviewerOut] | None
    group: ReviewersOut


class ReviewersAgreedOut(BaseModel):
    """Second words, those like the first, and how far that is beyond chance (Cohen's kappa)."""

    pairs: int
    agreed: int
    rate: Share | None
    kappa: Kappa | None
    kappa_interval: Annotated[list[Kappa], Field(min_length=2, max_length=2)] | None


class SourceAgreedOut(ReviewersAgreedOut):
    """Of one source's records."""

    source: str


class JudgedOut(BaseModel):
    """Reviewers' words that hold, of one source's records: the person's, or another's."""

    source: str
    same_person: int
    another_person: int


class AgreedBySourceOut(ReviewersAgreedOut):
    """How far two reviewers agree 一致性."""

    region: str
    since: Annotated[date, Field(alias="from")]
    until: date
    sources: list[SourceAgreedOut]
    judged: list[JudgedOut]


class CalibrationBinOut(BaseModel):
    """Decisions with like predicted rates: the mean of those, and the share found wrong.

    `interval`: Jeffreys, 95 %.
    """

    count: int
    effective: float
    predicted: Share
    observed: Share
    interval: Annotated[list[Share], Field(min_length=2, max_length=2)]


class CalibrationOut(BaseModel):
    """Predicted beside found 可靠性, of decisions whose truth is known; `too_few` for any share."""

    region: str
    decisions: int
    effective: float
    needed: int
    too_few: bool
    predicted: Share | None
    observed: Share | None
    interval: Annotated[list[Share], Field(min_length=2, max_length=2)] | None
    bins: list[CalibrationBinOut]
