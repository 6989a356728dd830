"""Messages of DCI partners that wait for their answer, and those that were answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import orjson
import sqlalchemy as sa

from app.store import leases
from app.store.base import storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables_dci_later import dci_reference, dci_task

State = Literal["waiting", "answered", "dead"]
Named = Literal["transaction", "reference", "correlation"]
_OF: Final = dci_task.c
_TRANSACTION: Final = "dci_task.message_index"
_REFERENCE: Final = "dci_reference.message_index"
_MOST_FOUND: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A message that was acknowledged: `content` is all that its answer needs, as JSON.

    `answer`: what was told, where that is kept. `references`: of its items, when it is added.
    """

    id: str
    client_id: str
    region: str
    action: str
    transaction: str = field(default="", repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    content: Mapping[str, Any] = field(repr=False)
    answer: Mapping[str, Any] | None = field(default=None, repr=False)
    state: State = "waiting"
    attempts: int = 0
    created_at: datetime


class Tasks:
    """Queries over them; ids that partners gave stand as keyed hashes alone."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: Task) -> None:
        """To be answered once this is committed; one that is there already stays as it is."""
        sealed = self._cipher.seal(_cell("sealed_message", new.id), orjson.dumps(new.content))
        adding = upsert(tx, dci_task).values(
            id=new.id,
            client_id=new.client_id,
            region=new.region,
            action=new.action,
            message_index=self._cipher.blind(_TRANSACTION, new.transaction),
            state="waiting",
            attempts=0,
            next_at=new.created_at,
            created_at=new.created_at,
            sealed_message=sealed,
        )
        if tx.execute(adding.on_conflict_do_nothing()).rowcount != 1:
            return
        rows = [
            {
                "item_id": new.id,
                "message_index": self._cipher.blind(_REFERENCE, one),
                "region": new.region,
                "client_id": new.client_id,
            }
            for one in dict.fromkeys(new.references)
        ]
        if rows:
            tx.execute(dci_reference.insert(), rows)

    def is_any_due(self, tx: sa.Connection, now: datetime) -> bool:
        return leases.is_any_due(tx, dci_task, now)

    def take_due(
        self, tx: sa.Connection, *, now: datetime, limit: int, lease: timedelta
    ) -> list[Task]:
        """Those that are due, the oldest first; nobody else takes them while the lease runs."""
        rows = leases.take_due(tx, dci_task, now=now, limit=limit, lease=lease)
        return sorted(map(self._opened, rows), key=lambda one: (one.created_at, one.id))

    def settle(
        self, tx: sa.Connection, id_: str, now: datetime, *, state: State = "answered"
    ) -> bool:
        """Whether it was this call that answered it: another process may have done so."""
        values: dict[str, object] = {"state": state, "answered_at": now}
        where = _OF.id == id_, _OF.state == "waiting"
        return bool(tx.execute(dci_task.update().where(*where).values(**values)).rowcount)

    def keep(self, tx: sa.Connection, id_: str, answer: Mapping[str, Any]) -> None:
        """What was told, for whoever asks again."""
        sealed = self._cipher.seal(_cell("sealed_answer", id_), orjson.dumps(answer))
        tx.execute(dci_task.update().where(_OF.id == id_).values(sealed_answer=sealed))

    def find(
        self, tx: sa.Connection, client_id: str, by: Named, words: Sequence[str]
    ) -> list[Task]:
        """The client's own, the oldest first, by ids that it gave or was given."""
        if by == "correlation":
            named = _OF.id.in_([one for one in words if storable(one)])
        elif by == "transaction":
            named = _OF.message_index.in_([self._cipher.blind(_TRANSACTION, one) for one in words])
        else:
            its = dci_reference.c
            index = [self._cipher.blind(_REFERENCE, one) for one in words]
            of_items = sa.select(its.item_id).where(
                its.client_id == client_id, its.message_index.in_(index)
            )
            named = _OF.id.in_(of_items)
        query = sa.select(dci_task).where(_OF.client_id == client_id, named)
        rows = tx.execute(query.order_by(_OF.created_at.desc(), _OF.id).limit(_MOST_FOUND)).all()
        return [self._opened(row) for row in reversed(rows)]

    def _opened(self, row: Any) -> Task:
        answer = None
        if row.sealed_answer is not None:
            cell = _cell("sealed_answer", row.id)
            answer = orjson.loads(self._cipher.open(cell, row.sealed_answer))
        content = self._cipher.open(_cell("sealed_message", row.id), row.sealed_message)
        return Task(
            id=row.id,
            client_id=row.client_id,
            region=row.region,
            action=row.action,
            content=orjson.loads(content),
            answer=answer,
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
        )


def _cell(column: str, id_: str) -> Cell:
    return Cell("dci_task", column, id_)
