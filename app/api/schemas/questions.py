"""The shapes of questions that a person settles, and of sources that did not answer."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.answers import Amount, MoneyOut
from app.api.schemas.findings import FindingOut
from app.api.schemas.verification import Money, Text
from app.domain.evidence import SourceState, Unasked
from app.domain.settlement import SettledAs
from app.verification.merge.comparisons import Compared
from app.verification.merge.conflicts import Basis, ConflictOf
from app.verification.merge.explanations import Effect

_From = Annotated[date | None, Field(alias="from")]


class PreviewQuery(BaseModel):
    """What an answer that needs an amount would lead to; nothing is stored."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    amount: Money | None = None
    explanation: Annotated[Text, Field(max_length=64)] | None = None


class ValueOut(BaseModel):
    """What one source tells; `holds`: it counts where nobody chooses. Null: without a value."""

    model_config = ConfigDict(populate_by_name=True)

    key: str
    source: str
    value: Amount | None
    basis: Basis
    from_: _From
    to: date | None
    months: int | None
    evidence: list[str]
    holds: bool


class ConflictOut(BaseModel):
    """Sources that tell of one value differently 来源冲突."""

    about: ConflictOf
    unit: Literal["yuan_a_month", "yuan", "square_metres"]
    values: list[ValueOut]


class ComparisonOut(BaseModel):
    """Declared beside verified, of a member and kind 申报与核定."""

    subject: str
    person: str
    kind: str
    declared: MoneyOut | None
    verified: Amount | None
    things: int
    compared: Compared


class WordsOut(BaseModel):
    """The same in both languages."""

    zh: str
    en: str


class ExplanationOut(BaseModel):
    """What a household may say of a difference, and what accepting it does."""

    code: str
    words: WordsOut
    effect: Effect
    needs_amount: bool
    needs_proof: bool
    two_persons: bool


class DeclaredOut(BaseModel):
    """All that was declared and shown, and the explanations that there are of this difference."""

    comparisons: list[ComparisonOut]
    explanations: list[ExplanationOut]


class AnomalyOut(BaseModel):
    """A value outside of what is usual 异常; `repeats`: the record that it is the same as."""

    rule: str
    words: WordsOut
    field: str | None
    value: str | None
    usual: Annotated[list[str | None], Field(min_length=2, max_length=2)]
    likely: list[Literal["unit_fen", "unit_wan", "unit_area", "swapped", "duplicate"]]
    repeats: str | None


class MemberOut(BaseModel):
    """Somebody registered and not declared: nothing else is told before he or she consents."""

    relation: str | None
    source: str | None


class SettledOut(BaseModel):
    """What a version of the decisions settled 核定; `in_force`: it is what counts now."""

    version: int
    in_force: bool
    how: SettledAs
    option: str | None
    amount: str | None
    explanation: str | None
    proofs: list[str]


class QuestionOut(BaseModel):
    """A question that a person settles; one of `conflict`, `declared`, `anomaly`, `member`."""

    subject: str
    finding: FindingOut
    conflict: ConflictOut | None
    declared: DeclaredOut | None
    anomaly: AnomalyOut | None
    member: MemberOut | None
    settled: list[SettledOut]


class InstitutionOut(BaseModel):
    """How far one institution of a source is."""

    institution: str | None
    state: str


class FailureOut(BaseModel):
    """A source that did not answer 来源失败: what was tried, and when it is tried next."""

    source: str
    person: str
    state: SourceState
    reason: Unasked | None
    attempts: int
    institutions: list[InstitutionOut]
    errors: list[str]
    asked_at: list[datetime]
    next_try: datetime | None
    deadline: datetime | None
    connected: bool
