"""Tickets: askings whose replies are outstanding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.store.base import storable, upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables import ticket

_WAITING = sa.select(ticket).where(
    ticket.c.verification_id == sa.bindparam("of"), ticket.c.state == "waiting"
)
_WAITING_OF_MANY = sa.select(ticket).where(
    ticket.c.verification_id.in_(sa.bindparam("ids", expanding=True)), ticket.c.state == "waiting"
)
_REFERENCES = _WAITING_OF_MANY.with_only_columns(ticket.c.verification_id, ticket.c.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTicket:
    """An asking whose replies are outstanding; `ticket` is the connector's own (opened)."""

    reference: str
    verification_id: str
    region: str
    source: str
    institutions: tuple[str, ...] | None
    sequence: int
    sent_on: date
    tries: int
    ticket: bytes | None = field(repr=False)
    state: str
    next_at: datetime
    deadline_at: datetime
    batch_id: str | None = None


@cache
def _putting(dialect: str) -> Any:
    insert = upsert_in(dialect, ticket)
    changing = {one.name: insert.excluded[one.name] for one in ticket.c if one.name != "reference"}
    return insert.on_conflict_do_update(
        index_elements=["reference"], set_=changing, where=ticket.c.state != "done"
    )


class Tickets:
    """Waiting is a row, not a held worker."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def put(self, tx: sa.Connection, new: StoredTicket) -> None:
        self.put_many(tx, [new])

    def put_many(self, tx: sa.Connection, new: Sequence[StoredTicket]) -> None:
        """Add or change; a ticket that is done stays so."""
        if new:
            ciphers = self._keys.sealers(tx, {one.verification_id: one.region for one in new})
            rows = [self._values(one, ciphers[one.verification_id]) for one in new]
            tx.execute(_putting(tx.dialect.name), rows)

    def _values(self, new: StoredTicket, cipher: FieldCipher) -> dict[str, object]:
        sealed = None
        if new.ticket is not None:
            sealed = cipher.seal(Cell("ticket", "sealed_ticket", new.reference), new.ticket)
        return {
            "reference": new.reference,
            "verification_id": new.verification_id,
            "batch_id": new.batch_id,
            "region": new.region,
            "source": new.source,
            "institutions": None if new.institutions is None else ",".join(new.institutions),
            "sequence": new.sequence,
            "sent_on": new.sent_on,
            "tries": new.tries,
            "sealed_ticket": sealed,
            "state": new.state,
            "next_at": new.next_at,
            "deadline_at": new.deadline_at,
            "leased_until": None,
        }

    def get(self, tx: sa.Connection, reference: str) -> StoredTicket | None:
        if not storable(reference):
            return None
        row = tx.execute(sa.select(ticket).where(ticket.c.reference == reference)).one_or_none()
        return None if row is None else self._all_opened(tx, (row,))[0]

    def waiting_of(self, tx: sa.Connection, verification_id: str) -> tuple[StoredTicket, ...]:
        return self._all_opened(tx, tx.execute(_WAITING, {"of": verification_id}).all())

    def waiting_of_many(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, tuple[StoredTicket, ...]]:
        """By verification."""
        found: dict[str, list[StoredTicket]] = {}
        for one in self._all_opened(tx, tx.execute(_WAITING_OF_MANY, {"ids": sorted(ids)}).all()):
            found.setdefault(one.verification_id, []).append(one)
        return {id_: tuple(some) for id_, some in found.items()}

    def waiting_references(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, frozenset[str]]:
        """By verification, of those that wait for something."""
        found: dict[str, set[str]] = {}
        for id_, reference in tx.execute(_REFERENCES, {"ids": sorted(ids)}):
            found.setdefault(id_, set()).add(reference)
        return {id_: frozenset(references) for id_, references in found.items()}

    def take_due(
        self, tx: sa.Connection, *, now: datetime, limit: int, lease: timedelta, of_batches: bool
    ) -> tuple[StoredTicket, ...]:
        """Due tickets, leased so that no other poller takes them at the same time."""
        free = sa.or_(ticket.c.leased_until.is_(None), ticket.c.leased_until < now)
        whose = ticket.c.batch_id.is_not(None) if of_batches else ticket.c.batch_id.is_(None)
        due = (
            sa.select(ticket.c.reference)
            .where(ticket.c.state == "waiting", ticket.c.next_at <= now, free, whose)
            .order_by(ticket.c.next_at)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        rows = tx.execute(
            ticket.update()
            .where(ticket.c.reference.in_(due.scalar_subquery()))
            .values(leased_until=now + lease)
            .returning(ticket)
        ).all()
        return self._all_opened(tx, rows)

    def close(self, tx: sa.Connection, reference: str) -> None:
        """Nothing is looked for any more."""
        tx.execute(
            ticket.update()
            .where(ticket.c.reference == reference, ticket.c.state == "waiting")
            .values(state="dropped")
        )

    def hurry(self, tx: sa.Connection, verification_id: str, source: str, now: datetime) -> None:
        """What the source still owes is looked for at once."""
        tx.execute(
            ticket.update()
            .where(
                ticket.c.verification_id == verification_id,
                ticket.c.source == source,
                ticket.c.state == "waiting",
            )
            .values(next_at=now)
        )

    def close_all(self, tx: sa.Connection, verification_id: str) -> None:
        tx.execute(
            ticket.update()
            .where(ticket.c.verification_id == verification_id, ticket.c.state == "waiting")
            .values(state="dropped")
        )

    def _all_opened(self, tx: sa.Connection, rows: Sequence[Any]) -> tuple[StoredTicket, ...]:
        sealed = {row.verification_id for row in rows if row.sealed_ticket is not None}
        ciphers = self._keys.openers(tx, sealed) if sealed else None
        return tuple(self._opened(row, ciphers) for row in rows)

    def _opened(self, row: Any, ciphers: Ciphers | None) -> StoredTicket:
        opened = None
        if row.sealed_ticket is not None and ciphers is not None:
            opened = ciphers[row.verification_id].open(
                Cell("ticket", "sealed_ticket", row.reference), row.sealed_ticket
            )
        return StoredTicket(
            reference=row.reference,
            verification_id=row.verification_id,
            region=row.region,
            source=row.source,
            institutions=None if row.institutions is None else tuple(row.institutions.split(",")),
            sequence=row.sequence,
            sent_on=row.sent_on,
            tries=row.tries,
            ticket=opened,
            state=row.state,
            next_at=row.next_at,
            deadline_at=row.deadline_at,
            batch_id=row.batch_id,
        )
