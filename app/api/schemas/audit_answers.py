"""The shapes of audits and worklists as /v1/audits answers them, for its document alone."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.api.schemas.answers import Share
from app.review.audit_plan import Measure
from app.review.sampling.allocation import Allocation
from app.review.sampling.frame import Decided

AuditId = Annotated[str, Field(pattern="^as_", examples=["as_01JD9Z3K7Q8M2V5X4T6W0Y1ABC"])]
Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]


class AuditHeadOut(BaseModel):
    """An audit in a list."""

    id: AuditId
    region: str
    state: Literal["open", "closed"]
    programmes: list[str]
    kinds: list[Decided]
    drawn_at: datetime
    closed_at: datetime | None


class AuditsOut(BaseModel):
    """A page of audits, the newest first; `next` is the next page's URL."""

    audits: list[AuditHeadOut]
    next: str | None


class AuditFrameOut(BaseModel):
    """Which decisions were drawn from, when they were looked at, and the digest of what they were.

    `digests` are each kind's own, which the seed is used with; `digest` is of them all.
    """

    final_from: date
    final_until: date
    looked_at: datetime
    digest: Digest
    digests: dict[Decided, Digest]


class StratumOut(BaseModel):
    """A stratum: its decisions in the frame, those drawn, and those of them that two read.

    `cells` are the programme, region and band of predicted rate (0 the lowest) that were joined.
    """

    kind: Decided
    stratum: Annotated[str, Field(examples=["urban_dibao/220102003/0+2"])]
    cells: list[str]
    frame: Count
    drawn: Count
    second: Count


class RiskPartOut(BaseModel):
    """What was drawn by predicted rate, apart from the random part."""

    kind: Decided
    drawn: Count
    second: Count


class PlannedOut(BaseModel):
    """How surely a kind's rate will be known if it is as large as predicted, and what it takes.

    `half_width` is that of the 95 % interval; `power` the probability that the interval will lie
    below the tolerance, null where there is none.
    """

    kind: Decided
    measure: Measure
    frame: Count
    drawn: Count
    expected_rate: Share
    half_width: Share | None
    tolerance: Share | None
    power: Share | None


class AuditOut(AuditHeadOut):
    """An audit 抽查: its design, the frame and the sizes of its strata."""

    frame: AuditFrameOut
    seed: Annotated[int, Field(ge=0)]
    size: int | None
    half_width: float | None
    allocation: Allocation
    risk_supplement: Count
    second_reading_share: Share
    tolerance: dict[Measure, Share]
    smallest_stratum: dict[Decided, Count]
    strata: list[StratumOut]
    risk: list[RiskPartOut]
    planned: list[PlannedOut]


class OpenAuditOut(BaseModel):
    """An open audit, and how many of its decisions are due for whoever asks."""

    id: AuditId
    region: str
    drawn_at: datetime
    due: Count


class OpenAuditsOut(BaseModel):
    """Open audits with decisions of one's region, the newest first."""

    audits: list[OpenAuditOut]


class WorkOut(BaseModel):
    """A decision to read; `reading` is the one that is due for whoever asks."""

    verification_id: Annotated[str, Field(pattern="^vf_")]
    case_reference: str
    programme: str
    region: str
    position: Annotated[int, Field(ge=1)]
    reading: Literal[1, 2]


class WorklistOut(BaseModel):
    """A page of a reader's worklist, in the sample's random order."""

    decisions: list[WorkOut]
    next: str | None


class FoundOut(BaseModel):
    """A finding as it was stored."""

    audit: AuditId
    verification_id: Annotated[str, Field(pattern="^vf_")]
    programme: str
    reading: Literal[1, 2]
    version: Annotated[int, Field(ge=1)]
    found_at: datetime
