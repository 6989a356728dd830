"""The shapes of alerts: what reviewers send, what is documented of the answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.alerts.kinds import ChangeKind
from app.alerts.life import Action, AlertOutcome, AlertState
from app.api.schemas.answers import MoneyOut
from app.api.schemas.verification import NeededText, Text

Reason = Annotated[NeededText, Field(max_length=1000)]
EvidenceReference = Annotated[NeededText, Field(max_length=100)]
Version = Annotated[int, Field(ge=1, description="As the alert was read; another one is 409.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class AlertsQuery(_In):
    """Which alerts, from where on; `after`: as the page before says."""

    region: Annotated[
        str, Field(pattern="^[0-9]{0,12}$", description="A region's subtree within your own.")
    ] = ""
    kind: ChangeKind | None = None
    state: AlertState | None = None
    positive: bool | None = None
    decisive: bool | None = None
    case_reference: Annotated[Text, Field(max_length=100)] | None = None
    mine: Annotated[bool, Field(description="Those alone that are assigned to you.")] = False
    facts: Annotated[
        bool, Field(description="With what was found, as GET /v1/alerts/{alert_id} tells it.")
    ] = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[Text, Field(max_length=100)] | None = None


class AssignmentIn(_In):
    """Whose the alert is to handle; yours where nobody is named."""

    version: Version
    to: Annotated[Text, Field(max_length=40)] | None = None


class ExplanationIn(_In):
    """What the household said 说明, and what it showed."""

    version: Version
    words: Annotated[NeededText, Field(max_length=4000)]
    evidence_reference: EvidenceReference | None = None


class HandlingIn(_In):
    """What came of an alert 处置; what is lowered or stopped rests on named evidence."""

    version: Version
    outcome: AlertOutcome
    reason: Reason
    evidence_reference: EvidenceReference | None = None
    grace_months: Annotated[
        int | None, Field(ge=1, le=60, description="渐退期, for income from work.")
    ] = None


class CheckIn(_In):
    """Another person's word: it is so, or it is to be handled again."""

    version: Version
    agrees: bool
    reason: Reason


_PERSON_NAME = Annotated[
    str | None, Field(description="Masked; null where it is about the household.")
]


class AlertFactsOut(BaseModel):
    """What an alert is about: the household's head and the person (masked), and what changed."""

    household: str | None
    person_name: _PERSON_NAME
    sources: Annotated[list[str], Field(description="That can show such a change.")]
    before: str
    after: str
    money_monthly: MoneyOut


class AlertOut(BaseModel):
    """An alert 预警 as the list shows it; nothing that was found stands in it.

    `rank` is an order alone: decisive ones first, then the money at stake, then the error rate.
    """

    id: Annotated[str, Field(pattern="^al_")]
    verification: Annotated[str, Field(pattern="^vf_")]
    case_reference: str
    recipient: str | None
    region: str
    kind: ChangeKind
    positive: Annotated[bool, Field(description="In the household's favour.")]
    decisive: Annotated[bool, Field(description="A test's result would be another without it.")]
    rank: float
    person: str | None
    state: AlertState
    outcome: AlertOutcome | None
    raised_at: datetime
    explain_until: Annotated[
        datetime | None, Field(description="Before then nothing is lowered or stopped unheard.")
    ]
    due_at: datetime | None
    overdue: bool
    assigned_to: str | None
    changed_at: datetime
    version: int
    repeats: Annotated[int, Field(description="How often it was found again, unchanged.")]
    repeated_at: datetime | None
    facts: AlertFactsOut | None = None


class AlertPageOut(BaseModel):
    """A page of alerts, the highest rank first; `next`: the next page."""

    alerts: list[AlertOut]
    next: str | None


class AlertStepOut(BaseModel):
    """One step of the handling, which stays."""

    number: int
    action: Action
    actor: str
    at: datetime
    to: str | None
    outcome: AlertOutcome | None
    words: str | None
    evidence_reference: str | None
    grace_months: int | None


class AlertWholeOut(AlertOut):
    """An alert with what changed, the yuan a month at stake, and every step of its handling."""

    before: str
    after: str
    money_monthly: MoneyOut
    sources: list[str]
    household: str | None
    person_name: _PERSON_NAME
    people: Annotated[dict[str, str], Field(description="Names of colleagues, by id.")]
    steps: list[AlertStepOut]


class AlertCountOut(BaseModel):
    """How many of a kind are in a state."""

    kind: ChangeKind
    state: AlertState
    alerts: int
    decisive: int


class AlertCountsOut(BaseModel):
    """How many alerts there are, in all and by kind and state."""

    alerts: int
    decisive: int
    counts: list[AlertCountOut]
