"""The shape of evidence as it is shown, for the interface's document alone."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.api.schemas.answers import Share
from app.domain.evidence import Link


class DifferenceOut(BaseModel):
    """A stretch of two written values: equal, or how it differs; masked but for the difference."""

    kind: Annotated[str, Field(examples=["same", "replaced", "homophone", "hidden"])]
    left: str
    right: str
    part: str | None = None


class ComparedOut(BaseModel):
    """One field's comparison: level, weight (log2 of a Bayes factor), words.

    `differences` are given for records in review.
    """

    field: str
    level: str
    weight: float
    words: Annotated[dict[str, str], Field(examples=[{"zh": "一致", "en": "equal"}])]
    differences: list[DifferenceOut] = []


class EvidenceOut(BaseModel):
    """A record that came back, with the source's own fields, and whose it is."""

    id: str
    source: str
    institution: str | None
    person: str
    probability: Share
    link: Link
    accepted: bool
    decided_by: Annotated[str, Field(description="`rule`, `model` or a reviewer")]
    rule: str | None
    record: dict[str, Any]
    problems: list[str]
    prior: Annotated[float, Field(description="log2 odds before any field was compared")]
    comparison: list[ComparedOut]
    raw_digest: Annotated[str, Field(pattern="^sha256:")]
    answered_at: datetime
    by_hand: Annotated[bool, Field(description="Typed by the source's clerks")] = False


class EvidencePageOut(BaseModel):
    """A page of evidence 核对证据; `next` is the next page's address."""

    evidence: list[EvidenceOut]
    next: str | None
