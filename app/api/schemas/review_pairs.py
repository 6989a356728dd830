"""The shapes of a pair side by side, and of the counts beside the worklist; for the document."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.api.schemas.answers import Share
from app.api.schemas.review_items import EffectOut, ReviewDecisionOut, ReviewItemOut
from app.domain.household import Purpose
from app.domain.review import Choice

Words = Annotated[dict[str, str], Field(examples=[{"zh": "一致", "en": "equal"}])]


class UndoableOut(BaseModel):
    """Your last word, which you may take back until then, unless somebody speaks before."""

    item: str
    version: int
    choice: Choice
    until: datetime


class DeskOut(BaseModel):
    """Items by kind, the words that you gave today (China's), what you may undo."""

    counts: dict[str, int]
    done_today: int
    undoable: UndoableOut | None


class PieceOut(BaseModel):
    """A stretch of a masked value; `differs`: the other side has something else."""

    text: str
    differs: bool


class PairFieldOut(BaseModel):
    """One field: both sides, the comparison in words, its weight (log2 of a Bayes factor).

    `words` say how they compare and `more` what differs; `full` says all, also how it counts.
    """

    field: str
    name: Words
    level: str
    sign: Annotated[str, Field(examples=["same", "near", "diff", "void"])]
    weight: float | None
    counted: Annotated[str, Field(examples=["in_full", "as_one_home", "not"])]
    words: Words
    more: Words
    full: Words
    note: Words
    left: list[PieceOut]
    right: list[PieceOut]
    points: Annotated[list[str], Field(description="Code points of variant characters")]


class PairNumbersOut(BaseModel):
    """Prior, weights and correction add up to `log2_odds`, those of the probability."""

    probability: Share
    interval_level: Share
    interval: Annotated[list[Share], Field(min_length=2, max_length=2)]
    prior: float
    correction: float
    log2_odds: float
    review_from: Share
    accept_from: Share


class PairRecordOut(BaseModel):
    """A record against the person; `numbers` is null for whoever must not know them yet."""

    id: str
    source: str
    institution: str | None
    person: str
    rule: str | None
    answered_at: datetime
    as_of: date | None
    raw_digest: str
    problems: list[str]
    prior_words: Words
    fields: list[PairFieldOut]
    numbers: PairNumbersOut | None


class BesideOut(BaseModel):
    """Another one of the household, of whom the same source has records."""

    person: str
    institution: str | None


class IdenticalOut(BaseModel):
    """An open item with the very same difference."""

    id: str
    records: int


class PairOut(BaseModel):
    """All that a decision on whose records these are needs; nothing that is masked is in it.

    `alike`: how the same kind of difference was decided in the county; `identical`: items that
    may be decided along with this one; `candidates`: this one and others of the same question.
    """

    item: ReviewItemOut
    version: str
    names: dict[str, str]
    relations: dict[str, str]
    household_size: int
    purpose: Purpose
    records: list[PairRecordOut]
    effects: list[EffectOut] | None
    changes_answer: bool
    household: list[BesideOut]
    alike: dict[str, int]
    identical: list[IdenticalOut]
    candidates: list[str]
    decisions: list[ReviewDecisionOut]
