"""Statistics: what may be asked, and the shapes of what is told."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.answers import MoneyOut, Share
from app.domain.profile import FindingCode
from app.report.statistics import Topic
from app.store.statistics import By, Period

_REGION = r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"
_WORD = r"^[a-z][a-z0-9_]{0,63}$"
LEVELS: Final = (2, 4, 6, 9, 12)
"""Digits of provinces, cities, counties, townships and villages (GB/T 2260, GB/T 10114)."""
_From = Annotated[date | None, Field(alias="from", description="First day; default: the year's.")]


class StatisticsQuery(BaseModel):
    """Whose and when (days are China's, both included), and broken down by what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[
        str | None, Field(pattern=_REGION, description="Its subtree; default: the client's own.")
    ] = None
    since: _From = None
    until: Annotated[date | None, Field(description="Last day; default: this month's.")] = None
    by: By | None = None
    level: Annotated[
        int | None,
        Field(
            description="Digits of the regions told apart; at most two levels below the region.",
            json_schema_extra={"enum": list(LEVELS)},
        ),
    ] = None
    period: Period = Period.MONTH
    programme: Annotated[str | None, Field(pattern=_WORD)] = None
    source: Annotated[str | None, Field(pattern=_WORD)] = None
    term_days: Annotated[
        int, Field(ge=0, le=365, description="Days after which a verification is late.")
    ] = 30


class _Values(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VerificationCounts(_Values):
    """Verifications asked for 核对委托: persons at each time, and persons and households once.

    `reports` were issued in the time 报告份数; `growth` is that of `requested` over the time
    before 环比; the different ones are not told by programme.
    """

    requested: int
    person_times: int
    different_persons: int | None
    different_households: int | None
    cancelled: int
    cancelled_share: Share | None
    suspended: int
    suspended_share: Share | None
    reports: int
    growth: float | None


class SourceCounts(_Values):
    """Persons by what a source said of them, of verifications that became final.

    `answered`: it has records of them; `detection_rate` 检出率 is their share of those asked about.
    """

    asked: int
    answered: int
    no_record: int
    failed: int
    not_asked: int
    records: int
    answer_rate: Share | None
    detection_rate: Share | None
    mean_seconds: float | None


class OutcomeCounts(_Values):
    """Decisions by outcome; `not_confirmed_rate` 不符合率; `stopped`: confirmed once, not now."""

    decisions: int
    confirmed: int
    not_confirmed: int
    undetermined: int
    not_confirmed_rate: Share | None
    stopped: int


class FindingCount(_Values):
    """Households with a finding, and those where it could change an outcome."""

    households: int
    rate: Share | None
    decisive: int


class FindingCounts(_Values):
    """Of final verifications; `under_declared` 少报, `not_declared` 漏报, and either of both."""

    final: int
    codes: dict[FindingCode, FindingCount]
    under_declared: int
    under_declared_rate: Share | None
    not_declared: int
    not_declared_rate: Share | None
    misdeclared: int
    misdeclared_rate: Share | None


class ReviewCounts(_Values):
    """Records that came, those that a person had to judge, and reviewers' words in the time.

    Words are not told by source.
    """

    records: int
    judged: int
    match_review_rate: Share | None
    decided: int | None
    reversed: int | None


class ObjectionCounts(_Values):
    """Objections filed in the time, as they stand now; `objection_rate` 复议率: to the reports.

    `upheld`: the report stands; `corrected`: another one took its place; `within_term`: decided by
    the day that the term for an answer ends.
    """

    reports: int
    filed: int
    waiting: int
    in_progress: int
    withdrawn: int
    upheld: int
    corrected: int
    decided: int
    within_term: int
    within_term_share: Share | None
    corrected_share: Share | None
    objection_rate: float | None


class TermCounts(_Values):
    """Final verifications by the days they took 超时限; those open over the term, in the total."""

    final: int
    mean_days: float | None
    over_term: int
    over_term_share: Share | None
    open_over_term: int | None


class BandCounts(_Values):
    """Decisions of a risk band and how many of them are expected to be wrong."""

    decisions: int
    expected_wrong: float


class Bands(_Values):
    """Up to 5 %, up to 15 %, above."""

    low: BandCounts
    middle: BandCounts
    high: BandCounts


class MoneySums(_Values):
    """Yuan a month expected to be paid too much and too little, where a programme pays a gap."""

    decisions: int
    over: MoneyOut
    under: MoneyOut


class ErrorRateCounts(_Values):
    """Predicted error rates 预测差错率 of decisions; `money` by whole counties and months."""

    decisions: int
    mean_error_rate: Share | None
    expected_wrong: float
    wrongly_confirmed: float
    wrongly_refused: float
    bands: Bands
    money: MoneySums | None


TopicValues = (
    VerificationCounts
    | SourceCounts
    | OutcomeCounts
    | FindingCounts
    | ReviewCounts
    | ObjectionCounts
    | TermCounts
    | ErrorRateCounts
)


class StatisticsRow(BaseModel):
    """One region, programme, source or period.

    `suppressed`: below county level, where there are fewer than five; `values` is null then.
    """

    key: Annotated[str, Field(examples=["220102"])]
    suppressed: bool
    values: TopicValues | None


class StatisticsOut(BaseModel):
    """A topic as a whole, and in rows where it is broken down."""

    topic: Topic
    region: str
    since: Annotated[date, Field(alias="from")]
    until: date
    by: By | None
    level: int | None
    period: Period | None
    programme: str | None
    source: str | None
    term_days: int | None
    total: TopicValues
    rows: list[StatisticsRow]
