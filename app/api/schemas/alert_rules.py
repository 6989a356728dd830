"""The shapes of rules of alerts, and of who may handle what they raise."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.alerts.kinds import ChangeKind
from app.api.schemas.verification import Day, NeededText


class MuteIn(BaseModel):
    """Why a rule raises nothing, and up to and including which day."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    until: Day
    reason: Annotated[NeededText, Field(max_length=400)]


class MuteOut(BaseModel):
    """Since when, by whom and in which region a rule is muted; below it, too."""

    region: str
    until: date
    reason: str
    by: str
    at: datetime


class RuleOut(BaseModel):
    """A kind of change as a rule; counts are of alerts raised in the last 365 days.

    `false_rate` is the share of false alerts among those handled, null where none was.
    """

    kind: ChangeKind
    positive: bool
    sources: list[str]
    raises: Annotated[bool, Field(description="Whether the rules in force raise alerts of it.")]
    alerts: int
    open: int
    handled: int
    false_alerts: int
    repeats: int
    false_rate: float | None
    muted: MuteOut | None


class RulesOut(BaseModel):
    """All rules that raise alerts, did so, or are muted."""

    rules: list[RuleOut]


class AssigneeOut(BaseModel):
    """A colleague who may handle alerts."""

    id: str
    name: str


class AssigneesOut(BaseModel):
    assignees: list[AssigneeOut]
