"""The shapes of the review worklist: what reviewers send, what is documented of the answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api.schemas.answers import MoneyErrorOut, Share, Status, TotalsOut
from app.api.schemas.evidence import EvidenceOut
from app.api.schemas.questions import FailureOut, QuestionOut
from app.api.schemas.verification import Money, NeededText, Text
from app.domain.decision import ActionKind, Outcome
from app.domain.review import Choice, ItemState, Order, ReasonCode, Role, Settling, WhyClosed

Reason = Annotated[NeededText, Field(max_length=1000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ReviewDecisionIn(_In):
    """A reviewer's word on an item: whose the records are, or what came of asking.

    `unsure` needs `settle`, what would settle it: that becomes an item of its own. `version`: of
    the item as it was read; where it has changed since, the word is refused.
    """

    choice: Annotated[Choice, Field(description="One of the item's `choices`.")]
    reason_code: ReasonCode
    reason: Reason
    settle: Settling | None = None
    version: Annotated[str, Field(max_length=40)] | None = None
    option: Annotated[
        Text | None, Field(max_length=200, description="Of use_source: the value's `key`.")
    ] = None
    amount: Annotated[
        Money | None,
        Field(description="Yuan (a month, for income) or square metres, where the choice sets it."),
    ] = None
    explanation: Annotated[
        Text | None, Field(max_length=64, description="Of accept and not_accept: its code.")
    ] = None
    proofs: Annotated[
        list[Annotated[Text, Field(max_length=40)]],
        Field(max_length=20, description="Ids of proofs handed in for this item."),
    ] = []

    @field_validator("choice")
    @classmethod
    def _no_reversal(cls, choice: Choice) -> Choice:
        if choice is Choice.REVERSED:
            raise ValueError("a decision is taken back by its own route")
        return choice


class ReversalIn(_In):
    """Why a decision is taken back."""

    reason_code: ReasonCode = ReasonCode.MISTAKE
    reason: Reason


class _Which(_In):
    region: Annotated[
        str, Field(pattern="^[0-9]{0,12}$", description="A region's subtree within your own.")
    ] = ""
    kind: ActionKind | None = None
    programme: Annotated[Text, Field(max_length=64)] | None = None


class DeskQuery(_Which):
    """Which items. `todo`: what you may decide now, whatever its state; `mine`: what you work on
    or wait for; `returned`: what was taken back, or two reviewers differ on."""

    source: Annotated[Text, Field(max_length=64)] | None = None
    todo: bool = False
    mine: bool = False
    returned: bool = False
    due: Literal["today"] | None = None


class PairQuery(_In):
    """What has been chosen: from then on the probability is shown to whoever speaks second."""

    chosen: Literal[Choice.SAME_PERSON, Choice.ANOTHER_PERSON, Choice.UNSURE] | None = None


class LockQuery(_In):
    """`only`: what else you work on is free again."""

    only: bool = False


class WorklistQuery(DeskQuery):
    """Which items, in which order, from where on; `after`: as the page before says."""

    state: ItemState = ItemState.OPEN
    order: Order = Order.SAVING
    worth: Annotated[bool, Field(description="Whether `open` is worked out")] = True
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[Text, Field(max_length=100)] | None = None


class NextQuery(_Which):
    """Of which items the best one is taken."""


class AgreementQuery(_In):
    """Where reviewers agreed."""

    region: Annotated[
        str, Field(pattern="^[0-9]{0,12}$", description="A region's subtree within your own.")
    ] = ""


class GainOut(BaseModel):
    """One programme: its error rate, the one expected once this is done, what is saved."""

    programme: Annotated[str, Field(examples=["urban_dibao"])]
    error_rate: Share
    expected_rate: Share
    reduction: Share


class LockOut(BaseModel):
    """Somebody works on the item; `holder`: the name, where it is another one's of your staff."""

    yours: bool
    until: datetime
    holder: str | None = None


class ReviewItemOut(BaseModel):
    """One thing that a person could do 待复核事项.

    `needed`: it must be decided whatever it saves. An item that waits for a second reviewer is
    `open` to everybody but the first one. `name` is masked; `decisive`: an outcome turns on it;
    `probability`: that the records are the person's, never shown to whoever speaks second
    (`blind`); `settles`: the item that waits for this one.
    """

    id: Annotated[str, Field(pattern="^ri_")]
    verification: Annotated[str, Field(pattern="^vf_")]
    case_reference: str
    verification_status: Status
    region: str
    kind: ActionKind
    action: Annotated[str, Field(examples=["review:ev_bank_m1_icbc_1", "source:bank:m1"])]
    source: str | None
    person: str | None
    expected_reduction: Annotated[float, Field(ge=0, description="Summed over programmes")]
    error_rate: Share
    programmes: list[GainOut]
    needed: bool
    state: ItemState
    why_closed: WhyClosed | None
    since: datetime
    age_days: int
    lock: LockOut | None
    choices: list[Choice]
    name: str | None = None
    due: datetime | None = None
    decisive: bool = False
    blind: bool = False
    probability: Share | None = None
    settles: str | None = None


class WorthOut(BaseModel):
    """The open items that match: how many, what they save, and the share of the `first` ones."""

    items: int
    expected_reduction: Annotated[float, Field(ge=0)]
    first: int
    share_of_reduction: Share | None


class ReviewPageOut(BaseModel):
    """A page of the worklist, the most error saved a review first; `next`: the next page."""

    items: list[ReviewItemOut]
    open: WorthOut | None
    next: str | None


class NextItemOut(BaseModel):
    """The item that is now yours for fifteen minutes; null where nothing waits."""

    item: ReviewItemOut | None


class ReviewDecisionOut(BaseModel):
    """One word on an item, a version that stays; `reverses`: the version that it takes back."""

    version: int
    choice: Choice
    role: Role
    reviewer: str
    reason_code: ReasonCode
    reason: str
    two_persons: bool
    reverses: int | None
    decided_at: datetime


class ShortDecisionOut(BaseModel):
    """A programme's outcome in short; `favours` only where it is undetermined."""

    programme: str
    outcome: Outcome
    favours: Outcome | None = None
    error_rate: Share
    error_rate_interval: Annotated[list[Share], Field(min_length=2, max_length=2)]
    money_error: MoneyErrorOut | None
    benefit: dict[str, str]
    failed: Annotated[list[str], Field(description="The tests that fail")]
    limits: Annotated[dict[str, str | int], Field(description="By test, what the total may be")]


class ConcludedOut(BaseModel):
    """What is concluded: the household's totals and every programme's decision."""

    totals: TotalsOut
    decisions: list[ShortDecisionOut]


class EffectOut(ConcludedOut):
    """What a choice would lead to, and whether two reviewers must make it."""

    choice: Choice
    option: str | None = None
    amount: str | None = None
    explanation: str | None = None
    two_persons: bool
    changes_answer: bool


class AskingOut(BaseModel):
    """What is asked of whom."""

    whom: Annotated[str, Field(examples=["bank", "household"])]
    about: str | None
    what: Annotated[str, Field(examples=["answer", "consent", "income_proof"])]


class ReviewItemWholeOut(BaseModel):
    """An item with all that a decision needs.

    Of records: `evidence`, what is concluded `now`, the `effects` of each choice. Of an answer that
    is wanted: `asking`, and `failure` of a source. Of what a person settles: `question`.
    The word of a first reviewer is not shown to the second.
    """

    item: ReviewItemOut
    version: str
    decisions: list[ReviewDecisionOut]
    asking: AskingOut | None
    evidence: list[EvidenceOut] = []
    now: ConcludedOut | None = None
    effects: list[EffectOut] = []
    changes_answer: bool | None = None
    question: QuestionOut | None = None
    failure: FailureOut | None = None
    names: dict[str, str] | None = None


class WordGivenOut(BaseModel):
    """The word as stored, the item after it, and how the verification now stands."""

    item: ReviewItemOut
    decision: ReviewDecisionOut
    verification_status: Status
    decisions: list[ShortDecisionOut]


class SourceAgreementOut(BaseModel):
    """Of one source's records: second words, and how many were as the first."""

    pairs: int
    agreed: int
    rate: Share | None


class AgreementOut(SourceAgreementOut):
    """How often a second reviewer says what the first one did; null: there is none yet."""

    disagreed: int
    awaiting_second: int
    sources: dict[str, SourceAgreementOut]
