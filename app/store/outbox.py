"""Notices to case systems: stored with the change they tell, sent until accepted."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.store.base import upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event for one address; the id is stable, so a repeat can be recognised."""

    event_id: str
    verification_id: str
    region: str
    client_id: str
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    attempts: int
    created_at: datetime


class Outbox:
    """Queries over notices."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: Notice) -> None:
        seal = self._cipher.seal
        tx.execute(
            upsert(tx, outbox)
            .values(
                event_id=new.event_id,
                verification_id=new.verification_id,
                region=new.region,
                client_id=new.client_id,
                sealed_url=seal(Cell("outbox", "sealed_url", new.event_id), new.url.encode()),
                sealed_body=seal(Cell("outbox", "sealed_body", new.event_id), new.body),
                state="waiting",
                attempts=0,
                next_at=new.created_at,
                created_at=new.created_at,
            )
            .on_conflict_do_nothing()
        )

    def take_due(
        self, tx: sa.Connection, *, now: datetime, limit: int, lease: timedelta
    ) -> tuple[Notice, ...]:
        """Due notices; moved on by the lease so that nobody else sends them meanwhile."""
        due = (
            sa.select(outbox.c.event_id)
            .where(outbox.c.state == "waiting", outbox.c.next_at <= now)
            .order_by(outbox.c.next_at)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        rows = tx.execute(
            outbox.update()
            .where(outbox.c.event_id.in_(due.scalar_subquery()))
            .values(next_at=now + lease, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        )
        return tuple(self._opened(row) for row in rows)

    def delivered(self, tx: sa.Connection, event_id: str, now: datetime) -> None:
        tx.execute(
            outbox.update()
            .where(outbox.c.event_id == event_id)
            .values(state="delivered", delivered_at=now, last_error=None)
        )

    def failed(
        self, tx: sa.Connection, event_id: str, *, error: str, next_at: datetime | None
    ) -> None:
        """Try again at `next_at`, or give up (a dead letter) where that is None."""
        values: dict[str, object] = {"last_error": error[:200]}
        if next_at is None:
            values["state"] = "dead"
        else:
            values["next_at"] = next_at
        tx.execute(outbox.update().where(outbox.c.event_id == event_id).values(**values))

    def _opened(self, row: "sa.Row[tuple[object, ...]]") -> Notice:
        open_ = self._cipher.open
        id_ = row.event_id
        return Notice(
            event_id=id_,
            verification_id=row.verification_id,
            region=row.region,
            client_id=row.client_id,
            url=open_(Cell("outbox", "sealed_url", id_), row.sealed_url).decode(),
            body=open_(Cell("outbox", "sealed_body", id_), row.sealed_body),
            attempts=row.attempts,
            created_at=row.created_at,
        )
