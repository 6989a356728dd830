"""Notices as who looks on sees them: what waits, what was given up, what is to be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from app.store.base import storable
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables import outbox

EventState = Literal["waiting", "delivered", "dead"]
STATES: Final[tuple[EventState, ...]] = ("waiting", "delivered", "dead")
_SHOWN = (
    outbox.c.event_id,
    outbox.c.type,
    outbox.c.verification_id,
    outbox.c.batch_id,
    outbox.c.alert_id,
    outbox.c.client_id,
    outbox.c.state,
    outbox.c.attempts,
    outbox.c.region,
    outbox.c.created_at,
    outbox.c.next_at,
    outbox.c.delivered_at,
    outbox.c.last_error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A notice without its address; `next_at` is when it is, or was last, due."""

    event_id: str
    type: str
    verification_id: str | None
    batch_id: str | None
    alert_id: str | None
    client_id: str
    region: str
    state: EventState
    attempts: int
    created_at: datetime
    next_at: datetime
    delivered_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of events ended."""

    next_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of one client or of all, in one state or in any."""

    client_id: str | None = None
    state: EventState | None = None


class Events:
    """Queries over notices that were or are to be sent."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def page(
        self, tx: sa.Connection, wanted: Wanted, *, after: Place | None, limit: int
    ) -> tuple[Event, ...]:
        """The latest due first. One look into the index a state: none of them is sorted whole."""
        states = STATES if wanted.state is None else (wanted.state,)
        found: list[Event] = []
        for state in states:
            query = sa.select(*_SHOWN).where(outbox.c.state == state)
            if wanted.client_id is not None:
                query = query.where(outbox.c.client_id == wanted.client_id)
            if after is not None:
                place = sa.tuple_(outbox.c.next_at, outbox.c.event_id)
                query = query.where(
                    place < sa.tuple_(_instant(after.next_at), sa.literal(after.event_id))
                )
            query = query.order_by(outbox.c.next_at.desc(), outbox.c.event_id.desc()).limit(limit)
            found += [Event(**row._mapping) for row in tx.execute(query)]
        found.sort(key=lambda one: (one.next_at, one.event_id), reverse=True)
        return tuple(found[:limit])

    def get(self, tx: sa.Connection, event_id: str) -> Event | None:
        if not storable(event_id):
            return None
        query = sa.select(*_SHOWN).where(outbox.c.event_id == event_id)
        row = tx.execute(query).one_or_none()
        return None if row is None else Event(**row._mapping)

    def body(self, tx: sa.Connection, event_id: str) -> bytes:
        """What is sent; the event must be there."""
        query = sa.select(outbox.c.sealed_body, outbox.c.verification_id)
        row = tx.execute(query.where(outbox.c.event_id == event_id)).one()
        cipher = self._keys.opener(tx, row.verification_id)
        return cipher.open(Cell("outbox", "sealed_body", event_id), row.sealed_body)

    def replay(self, tx: sa.Connection, ids: Sequence[str], *, now: datetime) -> int:
        """Send again, under the same event ids and with all tries anew; gives how many are.

        What waits is due at once and keeps count of its tries.
        """
        columns = outbox.c
        done = tx.execute(
            outbox.update()
            .where(columns.event_id.in_(list(ids)))
            .values(
                attempts=sa.case((columns.state == "waiting", columns.attempts), else_=0),
                state="waiting",
                next_at=now,
                delivered_at=None,
            )
        )
        return done.rowcount

    def replay_dead(self, tx: sa.Connection, client_id: str | None, *, now: datetime) -> int:
        """All that was given up, of one client or of all."""
        which = outbox.c.state == "dead"
        if client_id is not None:
            which = which & (outbox.c.client_id == client_id)
        done = tx.execute(
            outbox.update().where(which).values(state="waiting", attempts=0, next_at=now)
        )
        return done.rowcount


def _instant(at: datetime) -> "sa.BindParameter[datetime]":
    return sa.literal(at, outbox.c.next_at.type)
