"""The shapes of subscriptions and of the notices that they bring."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

from app.alerts.telling import Event
from app.api.schemas.verification import NeededText


class SubscriptionIn(BaseModel):
    """Of which household a client wants to hear what; exactly one of the two names it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    case_reference: Annotated[NeededText, Field(max_length=100)] | None = None
    verification: Annotated[NeededText, Field(max_length=40)] | None = None
    callback_url: HttpUrl
    events: Annotated[list[Event], Field(min_length=1, max_length=len(Event))] = list(Event)

    @model_validator(mode="after")
    def _one_household(self) -> "SubscriptionIn":
        if (self.case_reference is None) == (self.verification is None):
            raise ValueError("needs either case_reference or verification")
        return self


class SubscriptionOut(BaseModel):
    """A subscription 订阅, as it stands."""

    id: Annotated[str, Field(pattern="^sb_")]
    case_reference: str
    region: str
    callback_url: str
    events: list[Event]
    created_at: datetime


class SubscriptionsOut(BaseModel):
    """The client's own, the newest first."""

    subscriptions: list[SubscriptionOut]


class HouseholdNoticeOut(BaseModel):
    """What a notice of a subscription tells: that there is something to read, never what."""

    event_id: Annotated[str, Field(pattern="^ev_")]
    type: Event
    subscription: str
    verification: str
    case_reference: str
    alert: str | None = None
    at: datetime
