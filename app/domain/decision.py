"""A programme's tests over a profile, the outcome, and how likely it is to be wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.interval import Interval, Truth

RISK_CUTS: Final = (0.05, 0.15)
"""Between the bands of predicted error rates 风险等级: low, middle, high."""


class Outcome(StrEnum):
    """What the evidence says of a programme's standard; the relief office decides."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    UNDETERMINED = "undetermined"


class Comparison(StrEnum):
    """How a total is held against a limit."""

    BELOW = "below"  # total < limit
    AT_MOST = "at_most"  # total ≤ limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """One test 核对项: the value as known, the limit, passed (yes, no, open)."""

    __test__ = False  # not a test case of the test runner

    test: str
    value: Interval | None
    limit: Decimal | None
    passed: Truth
    missing: tuple[str, ...] = ()  # what would settle an open test
    comparison: Comparison = Comparison.AT_MOST


class Cause(StrEnum):
    """Why a decision may be wrong 差错来源."""

    IDENTITY = "identity"
    SOURCE_GAP = "source_gap"
    STALENESS = "staleness"
    CONFLICT = "conflict"
    AMOUNT = "amount"
    IMPUTATION = "imputation"
    COMPOSITION = "composition"
    CONSENT_GAP = "consent_gap"


class ActionKind(StrEnum):
    """What can be done to make a decision surer."""

    ASK_SOURCE = "ask_source"  # a source is asked (again) about a person
    REVIEW_RECORD = "review_record"  # a person says whose a record is
    ASK_HOUSEHOLD = "ask_household"  # the household gives consent, proof or a statement
    CONFLICT = "conflict"  # a person says which source's value holds
    DECLARED = "declared"  # a person hears why the household declared otherwise
    ANOMALY = "anomaly"  # a person says what an unusual value is
    UNDECLARED = "undeclared"  # somebody registered in the household gives consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that would make the decision surer, and the error rate expected after it.

    `subject` names it: `source:bank:m1`, `review:ev_1|ev_2`, `household:consent:m2`.
    `expected_rate` is the mean over what may come of it, of the better outcome's rate then.
    """

    kind: ActionKind
    subject: str
    expected_rate: float
    reduction: float  # of the rate as it is, never negative


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyError:
    """Expected yuan a month paid too much 多发 and too little 少发 under the favoured outcome."""

    over: Decimal
    under: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """Predicted error rate 预测差错率 of a decision: probability, interval, parts that add up.

    `money` is None where the programme pays no amount that follows from the totals; `actions` come
    best first, those that would change nothing are left out.
    """

    rate: float
    interval: tuple[float, float]
    causes: Mapping[Cause, float]
    wrongly_confirmed: float  # probability that the favoured outcome confirms wrongly
    wrongly_refused: float
    favours_confirmed: bool = True  # the outcome whose error this is
    money: MoneyError | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A programme's outcome 认定建议 under the standard in force on the day of judgement."""

    programme: str
    standard: str
    outcome: Outcome
    favours: Outcome  # what the evidence favours; equal to the outcome where it is determined
    tests: tuple[TestResult, ...]
    error: ErrorRate
    missing: tuple[str, ...] = ()
    benefit: Mapping[str, str] = field(default_factory=dict)
