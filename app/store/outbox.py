"""Notices to case systems: stored with the change they tell, sent until accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables import outbox
from app.store.tables_dci_later import dci_told

OF_REGISTRY: Final = "registry."
"""How types of messages to DCI partners begin: they hold records, and go once they are accepted."""
STATUS_CHANGED: Final = "verification.status_changed"
_earlier = outbox.alias("earlier")
_PRUNED_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event for one address; the id is stable, so a repeat can be recognised.

    `type` says what it tells of; of the ids after it those are set that it is about. The body
    holds no personal data, unless it goes to a DCI partner (`is_of_registry`).
    """

    event_id: str
    type: str = STATUS_CHANGED
    verification_id: str | None = None
    batch_id: str | None = None
    alert_id: str | None = None
    region: str
    client_id: str
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    attempts: int = 0
    created_at: datetime

    @property
    def is_of_registry(self) -> bool:
        return self.type.startswith(OF_REGISTRY)


@dataclass(frozen=True, slots=True)
class Dressed:
    """A message to a DCI partner as it leaves: signed now, with the partner's own token.

    `asked_for`: the token, where it was asked for and may be asked for anew.
    """

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    asked_for: str = field(default="", repr=False)


class TokenUnavailable(Exception):  # noqa: N818 - what is wrong, in two words
    """The token that a partner asks for cannot be had just now; the text tells no secret."""


class Outbox:
    """Queries of the sender over notices; `Events` has those of who looks on."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: Notice) -> None:
        """To be sent once this transaction is committed; an event that is there already stays."""
        self.add_all(tx, (new,))

    def add_all(self, tx: sa.Connection, new: Sequence[Notice]) -> None:
        """Many at once; each is later than every notice of its verification before it."""
        if not new:
            return
        ciphers = self._keys.sealers(
            tx, {one.verification_id: one.region for one in new if one.verification_id is not None}
        )
        tx.execute(_add(tx.dialect.name), [self._values(one, ciphers) for one in new])

    def _values(self, new: Notice, ciphers: Ciphers) -> Mapping[str, Any]:
        seal = ciphers[new.verification_id].seal
        return {
            "event_id": new.event_id,
            "type": new.type,
            "verification_id": new.verification_id,
            "batch_id": new.batch_id,
            "alert_id": new.alert_id,
            "region": new.region,
            "client_id": new.client_id,
            "sealed_url": seal(Cell("outbox", "sealed_url", new.event_id), new.url.encode()),
            "sealed_body": seal(Cell("outbox", "sealed_body", new.event_id), new.body),
            "next_at": new.created_at,
            "of": new.verification_id,
            "at": new.created_at,
        }

    def clients_due(self, tx: sa.Connection, now: datetime) -> tuple[str, ...]:
        """Clients for whom something is due; a few steps in an index, however much waits."""
        return tuple(tx.execute(_CLIENTS_DUE, {"now": now}).scalars())

    def take_due(
        self,
        tx: sa.Connection,
        *,
        now: datetime,
        limit: int,
        lease: timedelta,
        client: str | None = None,
    ) -> tuple[Notice, ...]:
        """Due notices; moved on by the lease so that nobody else sends them meanwhile.

        Of one verification never more than the earliest that is not yet accepted or given up, so
        that a client never hears of a later status first.
        """
        due = sa.select(outbox.c.event_id).where(
            outbox.c.state == "waiting",
            outbox.c.next_at <= now,
            ~_earlier_one_waits(),
        )
        if client is not None:
            due = due.where(outbox.c.client_id == client)
        # As the index has it: sorting all that is due for each few would take ever longer.
        due = due.order_by(outbox.c.next_at).limit(limit)
        if tx.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True, of=outbox)
        rows = tx.execute(
            outbox.update()
            .where(outbox.c.event_id.in_(due.scalar_subquery()))
            .values(next_at=now + lease, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        opened = [self._opened(row, ciphers) for row in rows]
        return tuple(sorted(opened, key=lambda one: one.created_at))

    def forget(self, tx: sa.Connection, event_id: str) -> None:
        """A message to a DCI partner was accepted, or may not be sent: its records go."""
        tx.execute(dci_told.delete().where(dci_told.c.event_id == event_id))
        tx.execute(outbox.delete().where(outbox.c.event_id == event_id))

    def delivered(self, tx: sa.Connection, event_id: str, now: datetime) -> None:
        tx.execute(
            outbox.update()
            .where(outbox.c.event_id == event_id)
            .values(state="delivered", delivered_at=now, last_error=None)
        )

    def failed(
        self, tx: sa.Connection, event_id: str, *, error: str, next_at: datetime | None
    ) -> None:
        """Try again at `next_at`, or give up (a dead letter) where that is None.

        What another sender has delivered meanwhile stays delivered.
        """
        values: dict[str, object] = {"last_error": error[:200]}
        if next_at is None:
            values["state"] = "dead"
        else:
            values["next_at"] = next_at
        where = outbox.c.event_id == event_id, outbox.c.state == "waiting"
        tx.execute(outbox.update().where(*where).values(**values))

    def expire(self, tx: sa.Connection, *, due_before: datetime) -> int:
        """Give up what was due so long ago and could not even be tried; gives how many."""
        done = tx.execute(
            outbox.update()
            .where(outbox.c.state == "waiting", outbox.c.next_at < due_before)
            .values(state="dead")
        )
        return done.rowcount

    def prune(self, tx: sa.Connection, *, delivered_before: datetime) -> int:
        """Forget what was accepted so long ago, a part at a time; gives how many."""
        old = (
            sa.select(outbox.c.event_id)
            .where(outbox.c.state == "delivered", outbox.c.delivered_at < delivered_before)
            .limit(_PRUNED_AT_ONCE)
        )
        done = tx.execute(outbox.delete().where(outbox.c.event_id.in_(old.scalar_subquery())))
        return done.rowcount

    def _opened(self, row: "sa.Row[tuple[object, ...]]", ciphers: Ciphers) -> Notice:
        open_ = ciphers[row.verification_id].open
        id_ = row.event_id
        return Notice(
            event_id=id_,
            type=row.type,
            verification_id=row.verification_id,
            batch_id=row.batch_id,
            alert_id=row.alert_id,
            region=row.region,
            client_id=row.client_id,
            url=open_(Cell("outbox", "sealed_url", id_), row.sealed_url).decode(),
            body=open_(Cell("outbox", "sealed_body", id_), row.sealed_body),
            attempts=row.attempts,
            created_at=row.created_at,
        )


def _earlier_one_waits() -> "sa.ColumnElement[bool]":
    return sa.exists().where(
        _earlier.c.verification_id == outbox.c.verification_id,
        _earlier.c.client_id == outbox.c.client_id,
        _earlier.c.state == "waiting",
        _earlier.c.created_at < outbox.c.created_at,
    )


@cache
def _add(dialect: str) -> Any:
    """Its time is after the verification's last, even by the clock of another machine.

    The columns that it does not name are its parameters, and so are `of` (the verification) and
    `at`.
    """
    at: sa.BindParameter[datetime] = sa.bindparam("at", type_=outbox.c.created_at.type)
    of: sa.BindParameter[str | None] = sa.bindparam("of", type_=sa.String())
    last = (
        sa.select(sa.type_coerce(sa.func.max(_earlier.c.created_at), sa.BigInteger) + 1)
        .where(_earlier.c.verification_id == of)
        .scalar_subquery()
    )
    after = sa.func.coalesce(last, 0)
    # Both sides are microseconds; the type is taken off so that they compare as numbers.
    created = sa.case((after > sa.type_coerce(at, sa.BigInteger), after), else_=at)
    return (
        upsert_in(dialect, outbox)
        .values(
            state="waiting",
            attempts=0,
            created_at=created,
        )
        .on_conflict_do_nothing()
    )


def _clients_due() -> "sa.Select[str]":
    """From client to client along the index, instead of past every notice that waits."""
    columns = outbox.c
    first = sa.select(sa.func.min(columns.client_id).label("client_id")).where(
        columns.state == "waiting"
    )
    some = first.cte("some", recursive=True)
    following = first.where(columns.client_id > some.c.client_id).scalar_subquery()
    some = some.union_all(sa.select(following).where(some.c.client_id.is_not(None)))
    due = sa.exists().where(
        columns.state == "waiting",
        columns.client_id == some.c.client_id,
        columns.next_at <= sa.bindparam("now"),
    )
    return sa.select(some.c.client_id).where(due).order_by(some.c.client_id)


_CLIENTS_DUE = _clients_due()
