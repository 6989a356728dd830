"""The shape of what an audit measures, for the interface's document alone."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from app.api.schemas.answers import MoneyOut, Share
from app.api.schemas.audit_answers import AuditId, Count
from app.domain.decision import Cause
from app.review.audit_findings import Procedure
from app.review.sampling.estimate import Lack, Verdict
from app.review.sampling.frame import Decided
from app.review.sampling.readings import Fault

Interval = Annotated[
    list[Annotated[float, Field(ge=0)]],
    Field(min_length=2, max_length=2, description="A share is at most 1, money may be more."),
]


def _may_be_absent(schema: dict[str, Any]) -> None:
    """Absent is not null."""
    del schema["default"]


class TooFewOut(BaseModel):
    """Why there is an interval and no point: `n` were read, about `needed` would have to be."""

    n: Count
    needed: Count
    why: Lack


class MeasuredRateOut(BaseModel):
    """A measured rate of `n` readings that tell, `found` of them errors.

    `rate` is null, with `too_few`, where no point can be given. `interval` (95 %) takes the
    `unread` ones to be like the others; `worst_case`, which a limit is held against, takes them
    all as right for its lower end and all as wrong for its upper one.
    """

    rate: Annotated[float, Field(ge=0)] | None
    interval: Interval
    worst_case: Interval
    n: Count
    found: Count
    unread: Count
    too_few: Annotated[
        TooFewOut | SkipJsonSchema[None], Field(json_schema_extra=_may_be_absent)
    ] = None


class ProgrammeRateOut(MeasuredRateOut):
    """Of one programme."""

    programme: str


class RegionRateOut(MeasuredRateOut):
    """Of one region of the level below the audit's."""

    region: str


class BandRateOut(MeasuredRateOut):
    """Of one band of the predicted rate."""

    band: Literal["low", "middle", "high"]


class DifferenceEstimateOut(BaseModel):
    """The difference estimate: unbiased, and without bounds."""

    rate: float
    standard_error: float


class SecondReadingOut(BaseModel):
    """The rate as second readers correct it.

    `upheld` of the decisions found wrong were found so again, `missed` of those found right were
    wrong; null where none was read again.
    """

    corrected: MeasuredRateOut
    verdict: Verdict | None
    upheld: Share | None
    missed: Share | None
    difference: DifferenceEstimateOut | None


class MeasureOut(BaseModel):
    """One kind of error among one kind of decision, by first readers; groups are of the same."""

    measure: Fault
    kind: Decided
    frame: Count
    drawn: Count
    tolerance: Share | None
    overall: MeasuredRateOut | None
    verdict: Verdict | None
    second_reading: SecondReadingOut | None
    programmes: list[ProgrammeRateOut]
    regions: list[RegionRateOut]
    bands: list[BandRateOut]


class MoneyRateOut(MeasuredRateOut):
    """By what is paid; the totals a month are those of the frame, as estimated, in yuan."""

    error_monthly: MoneyOut
    paid_monthly: MoneyOut


class MeasuredMoneyOut(BaseModel):
    """Paid too much, paid too little, and both together, of confirmed decisions 金额差错."""

    over: MoneyRateOut
    under: MoneyRateOut
    total: MoneyRateOut
    tolerance: Share | None
    verdict: Verdict | None


class MoneyUnknownOut(BaseModel):
    """Why nothing can be said of money yet."""

    unknown: str


class ReadingsDoneOut(BaseModel):
    """Readings due, done, and of those the ones that could not tell."""

    due: Count
    done: Count
    cannot_tell: Count


class AuditReadingsOut(BaseModel):
    """How far the readings are; the response rate is of first readings of the random part."""

    first: ReadingsDoneOut
    second: ReadingsDoneOut
    outstanding: Count
    response_rate: Share


class ReaderAgreementOut(BaseModel):
    """How far the second reader agrees with the first, beyond chance (Cohen's kappa)."""

    kind: Decided
    n: Count
    agreement: Share
    by_chance: Share
    kappa: float | None
    interval: Annotated[list[float], Field(min_length=2, max_length=2)] | None


class ProcedureRateOut(MeasuredRateOut):
    """Decisions of all kinds that came about wrongly in this way 程序差错."""

    procedure: Procedure


class RiskFoundOut(BaseModel):
    """What the risk part found, beside what was predicted of the decisions that were told."""

    kind: Decided
    drawn: Count
    told: Count
    wrong: Count
    predicted_wrong: Annotated[float, Field(ge=0)]


class ResultsOut(BaseModel):
    """What an audit measures so far 抽查结果.

    Rates are of the random part alone. Errors with a staff relation 人情保/关系保 are reported
    apart; `causes` are how often readers named each.
    """

    audit: AuditId
    state: Literal["open", "closed"]
    readings: AuditReadingsOut
    measures: list[MeasureOut]
    money: MeasuredMoneyOut | MoneyUnknownOut | None
    agreement: list[ReaderAgreementOut]
    procedure: list[ProcedureRateOut]
    staff_relation: MeasuredRateOut
    causes: dict[Cause, Count]
    risk_supplement: list[RiskFoundOut]
