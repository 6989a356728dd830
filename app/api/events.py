"""/v1/events: a client's own notices 回调通知: which wait, which were given up; send them again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.access.looking import Looker
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import ClientLooks, Shown, listing, shown_in_list
from app.api.schemas import documented as doc
from app.api.schemas.events import EventPageOut, EventWithBodyOut, State
from app.domain.errors import FieldError, InvalidRequest, NotFound
from app.store.events import Event, Events, Place, Wanted
from app.store.outbox import OF_REGISTRY
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/events", tags=["notices"], responses=doc.GUARDED)
_MOST = 100
_LIST = "notices"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


@router.get("", summary="Notices to this client", responses=doc.EVENTS)
async def listed(
    service: Service,
    who: ClientLooks,
    state: State | None = None,
    after: str = "",
    limit: int = _MOST,
) -> Response:
    """The latest due first, a page at a time; `after` is for the service's own `next`."""
    if not 1 <= limit <= _MOST:
        raise InvalidRequest((FieldError("/limit", "page.invalid", "limit is 1 to 100"),))
    place = _place(after) if after else None
    wanted = Wanted(client_id=who.actor, state=state)
    await listing(service, who, _LIST)
    page = await service.shelf.database.read(
        lambda tx: _events(service).page(tx, wanted, after=place, limit=limit + 1)
    )
    await _on_record(service, who, page[:limit])
    following = None
    if len(page) > limit:
        asked = {"after": _token(page[limit - 1]), "limit": str(limit)}
        asked |= {} if state is None else {"state": state}
        following = f"/v1/events?{urlencode(asked)}"
    document = {"events": [shown(one) for one in page[:limit]], "next": following}
    return json_answer(EventPageOut.model_validate(document).model_dump(mode="json"))


@router.get("/{event_id}", summary="A notice and what it says", responses=doc.EVENT)
async def read(event_id: str, service: Service, who: ClientLooks) -> Response:
    """How it fared, with the body that is sent."""

    def work(tx: sa.Connection) -> tuple[Event, bytes]:
        event = _own(tx, service, who, event_id)
        return event, _events(service).body(tx, event_id)

    event, body = await service.shelf.database.read(work)
    await listing(service, who, _LIST)
    await _on_record(service, who, [event])
    return json_answer(_with_body(event, body))


@router.post("/{event_id}/replay", summary="Send a notice again", responses=doc.EVENT)
async def replay(event_id: str, service: Service, who: ClientLooks) -> Response:
    """Due at once, under the same event id, with all its tries anew."""

    def work(tx: sa.Connection) -> tuple[Event, bytes]:
        _own(tx, service, who, event_id)
        events = _events(service)
        events.replay(tx, (event_id,), now=service.now())
        event = _own(tx, service, who, event_id)
        service.audit.append(
            tx,
            actor=who.actor,
            action="notice_replayed",
            about=(event_id, who.region),
            details={},
        )
        return event, events.body(tx, event_id)

    event, body = await service.shelf.database.write(work)
    await listing(service, who, _LIST)
    await _on_record(service, who, [event])
    return json_answer(_with_body(event, body))


async def _on_record(service: Parts, who: Looker, some: Sequence[Event]) -> None:
    """A notice names a verification or a household's alert, and how it stands; or a batch."""
    named = [(one.verification_id or one.alert_id, one.region) for one in some]
    cases = [Shown(id_, region) for id_, region in named if id_ is not None]
    await shown_in_list(service, who, _LIST, cases)


def shown(event: Event) -> dict[str, Any]:
    """The event's document."""
    return {
        "event_id": event.event_id,
        "type": event.type,
        "verification": event.verification_id,
        "batch": event.batch_id,
        "alert": event.alert_id,
        "state": event.state,
        "attempts": event.attempts,
        "created_at": event.created_at,
        "next_at": event.next_at if event.state == "waiting" else None,
        "delivered_at": event.delivered_at,
        "last_error": event.last_error,
    }


def _with_body(event: Event, body: bytes) -> dict[str, Any]:
    """A message to a partner of the registry interface may hold persons: it is not shown here."""
    told = {} if event.type.startswith(OF_REGISTRY) else orjson.loads(body)
    document = {**shown(event), "body": told}
    return EventWithBodyOut.model_validate(document).model_dump(mode="json")


def _events(service: Parts) -> Events:
    return Events(service.cipher)


def _own(tx: sa.Connection, service: Parts, who: Caller, event_id: str) -> Event:
    """The client's own event; anybody else's is as good as none."""
    event = _events(service).get(tx, event_id)
    if event is None or event.client_id != who.actor:
        raise NotFound("no such event")
    return event


def _token(event: Event) -> str:
    return f"{(event.next_at - _EPOCH) // timedelta(microseconds=1)}.{event.event_id}"


def _place(token: str) -> Place:
    micros, _, event_id = token.partition(".")
    known = micros.isascii() and micros.isdigit() and len(micros) <= 17
    if not known or not event_id or not event_id.isascii() or not event_id.isprintable():
        raise InvalidRequest((FieldError("/after", "page.invalid", "not a place in the list"),))
    return Place(min(_EPOCH + timedelta(microseconds=int(micros)), _LATEST), event_id[:40])
