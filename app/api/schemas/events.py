"""Wire models of /v1/events."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

State = Literal["waiting", "delivered", "dead"]


class EventOut(BaseModel):
    """A notice 回调通知 and how it fared; of the ids, those are set that it is about."""

    event_id: str
    type: str
    verification: str | None
    batch: str | None
    alert: str | None
    state: State
    attempts: Annotated[int, Field(ge=0, description="Times it was sent")]
    created_at: datetime
    next_at: Annotated[datetime | None, Field(description="When it is due again, while it waits")]
    delivered_at: datetime | None
    last_error: Annotated[
        str | None, Field(description="Why it was not accepted last: `http_503`, `ConnectError`, …")
    ]


class EventWithBodyOut(EventOut):
    """The same with what is sent."""

    body: dict[str, Any]


class ConsentWithdrawnOut(BaseModel):
    """A consent 授权 was taken back while the verification was open: no more is asked under it."""

    event_id: str
    type: Literal["consent.withdrawn"]
    verification: str
    case_reference: str
    consent: Annotated[str, Field(description="The consent's reference")]
    persons: Annotated[
        list[str] | None, Field(description="Refs of those who took it back; null: all")
    ]
    sources: Annotated[
        list[str] | None, Field(description="Sources that it is taken back of; null: all")
    ]
    at: datetime


class EventPageOut(BaseModel):
    """A page of events, the latest due first; `next` is the next page's URL."""

    events: list[EventOut]
    next: str | None
