"""Questions of other centres 异地协查 as they are stored: each sealed with a secret of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from app.domain.household import Person
from app.store.base import hold, storable
from app.store.crypto import Cell, FieldCipher
from app.store.indexes import person_keys
from app.store.subject_keys import SubjectKeys
from app.store.tables_assistance import assistance
from app.store.tables_erasure import subject_key

_OF: Final = assistance.c
_PAGE: Final = 1_000
_GONE: Final = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAssistance:
    """A question as it stands; `question` as it came, `answer` and `ticket` once there are any."""

    id: str
    region: str
    client_id: str
    request_id: str
    case_reference: str
    consent_reference: str
    source: str
    purpose: str
    state: str
    outcome: str | None = None
    failure: str | None = None
    sequence: int
    tries: int
    question: bytes = field(repr=False)
    answer: bytes | None = field(default=None, repr=False)
    ticket: bytes | None = field(default=None, repr=False)
    asked_at: datetime
    answered_at: datetime | None = None
    deadline_at: datetime

    @property
    def is_answered(self) -> bool:
        return self.state == "answered"


_PLAIN: Final = tuple(
    name for name in StoredAssistance.__slots__ if name not in ("question", "answer", "ticket")
)
_SEALED: Final = ("question", "answer", "ticket")


class Assistances:
    """Queries over questions of other centres; each read names the client that asked."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._keys = SubjectKeys(cipher)

    def alone(self, tx: sa.Connection, client_id: str, request_id: str) -> None:
        """Until the transaction's end nobody else takes in this request: the next finds it kept."""
        digest = sha256(f"assistance {client_id} {request_id}".encode()).digest()
        hold(tx, int.from_bytes(digest[:8], signed=True))

    def put(self, tx: sa.Connection, new: StoredAssistance, person: Person) -> None:
        """Add it."""
        tx.execute(
            assistance.insert().values(
                **self._values(tx, new), person_key=person_keys(self._cipher, person)[0]
            )
        )

    def change(self, tx: sa.Connection, changed: StoredAssistance) -> None:
        """As given; whoever works on it has ended."""
        tx.execute(
            assistance.update()
            .where(_OF.id == changed.id)
            .values(**self._values(tx, changed), leased_until=None)
        )

    def of_request(
        self, tx: sa.Connection, client_id: str, request_id: str
    ) -> StoredAssistance | None:
        """The one that this request made, whatever became of it; raises `Erased`."""
        return self._one(tx, sa.and_(_OF.client_id == client_id, _OF.request_id == request_id))

    def get(self, tx: sa.Connection, id_: str, client_id: str) -> StoredAssistance | None:
        """None alike for another client's and for what is nowhere; raises `Erased`."""
        if not storable(id_):
            return None
        return self._one(tx, sa.and_(_OF.id == id_, _OF.client_id == client_id))

    def lease(
        self, tx: sa.Connection, id_: str, now: datetime, lasts: timedelta
    ) -> StoredAssistance | None:
        """To work on it; None where it is answered, or another process has it."""
        free = sa.or_(_OF.leased_until.is_(None), _OF.leased_until < now)
        done = tx.execute(
            assistance.update()
            .where(_OF.id == id_, _OF.state != "answered", free)
            .values(leased_until=now + lasts)
        )
        return self._one(tx, _OF.id == id_) if done.rowcount == 1 else None

    def left(self, tx: sa.Connection, now: datetime, before: datetime, most: int) -> list[str]:
        """Whose work nobody does any more, and what is over: ids, the oldest first.

        Taken in before then and never begun; begun, and the lease ran out; waited for too long.
        """
        untaken = _OF.leased_until.is_(None)
        is_left = sa.or_(
            _OF.leased_until < now,
            sa.and_(untaken, _OF.state == "asking", _OF.asked_at < before),
            sa.and_(untaken, _OF.deadline_at <= now),
        )
        query = sa.select(_OF.id).where(_OF.state != "answered", is_left)
        return [row.id for row in tx.execute(query.order_by(_OF.asked_at, _OF.id).limit(most))]

    def forget_contents(self, tx: sa.Connection, before: datetime, now: datetime) -> int:
        """A page of questions and answers of before then: their secrets go; gives how many.

        Who asked when, on which consent, stays, so that the person can be told.
        """
        query = (
            sa.select(_OF.id, _OF.region)
            .where(_OF.asked_at < before, _OF.sealed_question != _GONE)
            .limit(_PAGE)
        )
        regions = {row.id: row.region for row in tx.execute(query)}
        if regions:
            self._keys.destroy(tx, regions, now)
            empty = {f"sealed_{name}": None for name in _SEALED} | {"sealed_question": _GONE}
            here = _OF.id.in_(list(regions))
            tx.execute(assistance.update().where(here).values(**empty, state="answered"))
        return len(regions)

    def forget(self, tx: sa.Connection, before: datetime) -> int:
        """A page of what was asked before then, whole; gives how many."""
        query = sa.select(_OF.id).where(_OF.asked_at < before).limit(_PAGE)
        ids = [row.id for row in tx.execute(query)]
        if ids:
            tx.execute(subject_key.delete().where(subject_key.c.subject.in_(ids)))
            tx.execute(assistance.delete().where(_OF.id.in_(ids)))
        return len(ids)

    def _values(self, tx: sa.Connection, one: StoredAssistance) -> Mapping[str, object]:
        cipher = self._keys.sealer(tx, one.id, one.region)
        sealed = {
            f"sealed_{name}": None if value is None else cipher.seal(_cell(one.id, name), value)
            for name in _SEALED
            for value in (getattr(one, name),)
        }
        return {**{name: getattr(one, name) for name in _PLAIN}, **sealed}

    def _one(self, tx: sa.Connection, where: "sa.ColumnElement[bool]") -> StoredAssistance | None:
        row = tx.execute(sa.select(assistance).where(where)).one_or_none()
        if row is None:
            return None
        cipher = self._keys.opener(tx, row.id)
        opened: dict[str, Any] = {
            name: None if sealed is None else cipher.open(_cell(row.id, name), bytes(sealed))
            for name in _SEALED
            for sealed in (getattr(row, f"sealed_{name}"),)
        }
        return StoredAssistance(**{name: getattr(row, name) for name in _PLAIN}, **opened)


def _cell(id_: str, name: str) -> Cell:
    return Cell("assistance", f"sealed_{name}", id_)
