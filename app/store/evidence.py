"""Replies as they came, sealed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import Ciphers, SealedCell, SubjectKeys
from app.store.tables import reply


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReply:
    """One institution's reply for one person; `outcome` and `raw` are opened here."""

    verification_id: str
    person: str
    source: str
    institution: str
    region: str
    state: str
    failure: str | None
    outcome: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    raw_digest: str
    data_as_of: date | None
    answered_at: datetime
    reused_from: str | None = None

    @property
    def id(self) -> str:
        key = "\n".join((self.verification_id, self.person, self.source, self.institution))
        return sha256(key.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class ReadReply:
    """What a conclusion reads of a reply: all but its raw bytes."""

    verification_id: str
    person: str
    source: str
    institution: str
    state: str
    outcome: bytes = field(repr=False)
    raw_digest: str
    data_as_of: date | None
    answered_at: datetime


_REPLACED_BY = {
    "unknown": (),
    "partial": ("unknown",),
    "no_record": ("unknown", "partial"),
    "found": ("unknown", "partial", "no_record"),
}
"""What a reply may replace besides its like: no answer by a failure, no records by none."""


_OF: sa.BindParameter[str] = sa.bindparam("of")
_HEADS = sa.select(
    reply.c.source, reply.c.person, reply.c.institution, reply.c.state, reply.c.raw_digest
).where(reply.c.verification_id == _OF)
_HEADS_OF_MANY = sa.select(
    reply.c.verification_id,
    reply.c.source,
    reply.c.person,
    reply.c.institution,
    reply.c.state,
    reply.c.raw_digest,
).where(reply.c.verification_id.in_(sa.bindparam("ids", expanding=True)))
_REPLIES = (
    sa.select(reply)
    .where(reply.c.verification_id == _OF)
    .order_by(reply.c.source, reply.c.person, reply.c.institution)
)
_READ_OF_MANY = (
    sa.select(
        reply.c.id,
        reply.c.sealed_outcome,
        reply.c.verification_id,
        reply.c.person,
        reply.c.source,
        reply.c.institution,
        reply.c.state,
        reply.c.raw_digest,
        reply.c.data_as_of,
        reply.c.answered_at,
    )
    .where(reply.c.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(reply.c.verification_id, reply.c.source, reply.c.person, reply.c.institution)
)


@cache
def _putting(dialect: str, state: str) -> Any:
    """The upsert of a reply of this state: over a lesser one, or over another of the same state.

    The same reply again changes nothing.
    """
    insert = upsert_in(dialect, reply)
    new = insert.excluded
    other = sa.or_(
        reply.c.raw_digest != new.raw_digest, reply.c.failure.is_distinct_from(new.failure)
    )
    # No IN: what is expanded when it is sent cannot be sent for many rows at once.
    lesser = [reply.c.state == one for one in _REPLACED_BY[state]]
    better = sa.or_(*lesser, sa.and_(reply.c.state == new.state, other))
    changing = {column.name: new[column.name] for column in reply.c if column.name != "id"}
    return insert.on_conflict_do_update(index_elements=["id"], set_=changing, where=better)


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """Which reply is stored, without opening it."""

    source: str
    person: str
    institution: str
    state: str
    raw_digest: str


class Replies:
    """One row a verification, person, source and institution."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def put(self, tx: sa.Connection, replies: Iterable[StoredReply]) -> None:
        """Store; no failure replaces an answer, and a later part of a reply may add to it."""
        some = list(replies)
        if not some:
            return
        ciphers = self._keys.sealers(tx, {one.verification_id: one.region for one in some})
        by_state: dict[str, list[dict[str, object]]] = {}
        for new in some:
            by_state.setdefault(new.state, []).append(_values(new, ciphers[new.verification_id]))
        for state, rows in by_state.items():
            tx.execute(_putting(tx.dialect.name, state), rows)

    def heads(self, tx: sa.Connection, verification_id: str) -> frozenset[ReplyHead]:
        rows = tx.execute(_HEADS, {"of": verification_id})
        return frozenset(ReplyHead(*row) for row in rows)

    def origins(
        self, tx: sa.Connection, verification_id: str, of: tuple[str, str]
    ) -> tuple[str, ...]:
        """The verifications for which replies were given that this one rests on; `of`: the source
        with the person."""
        kept, first = reply.alias(), reply.alias()
        asked = (
            sa.select(first.c.verification_id)
            .join(kept, kept.c.reused_from == first.c.id)
            .where(
                kept.c.verification_id == verification_id,
                kept.c.source == of[0],
                kept.c.person == of[1],
            )
            .distinct()
        )
        return tuple(tx.execute(asked).scalars())

    def heads_of_many(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, frozenset[ReplyHead]]:
        """By verification."""
        found: dict[str, set[ReplyHead]] = {}
        for of, *head in tx.execute(_HEADS_OF_MANY, {"ids": sorted(ids)}):
            found.setdefault(of, set()).add(ReplyHead(*head))
        return {id_: frozenset(heads) for id_, heads in found.items()}

    def of_many(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[ReadReply, ...]]:
        """By verification, of those that have any; each in the order of `all_of`."""
        rows = tx.execute(_READ_OF_MANY, {"ids": sorted(ids)}).all()
        cells = [SealedCell(row[2], row[0], row[1]) for row in rows]
        ciphers = self._keys.openers(tx, {cell.subject for cell in cells})
        opened = ciphers.open_many(("reply", "sealed_outcome"), cells)
        found: dict[str, list[ReadReply]] = {}
        for (_, _, of, person, source, institution, state, *rest), outcome in zip(
            rows, opened, strict=True
        ):
            read = ReadReply(of, person, source, institution, state, outcome, *rest)
            found.setdefault(of, []).append(read)
        return {id_: tuple(replies) for id_, replies in found.items()}

    def all_of(self, tx: sa.Connection, verification_id: str) -> tuple[StoredReply, ...]:
        rows = tx.execute(_REPLIES, {"of": verification_id}).all()
        return opened_replies(rows, self._keys.openers(tx, (verification_id,)))


def _values(new: StoredReply, cipher: FieldCipher) -> dict[str, object]:
    return {
        "id": new.id,
        "verification_id": new.verification_id,
        "person": new.person,
        "source": new.source,
        "institution": new.institution,
        "region": new.region,
        "state": new.state,
        "failure": new.failure,
        "sealed_outcome": cipher.seal(Cell("reply", "sealed_outcome", new.id), new.outcome),
        "sealed_raw": cipher.seal(Cell("reply", "sealed_raw", new.id), new.raw),
        "raw_digest": new.raw_digest,
        "data_as_of": new.data_as_of,
        "answered_at": new.answered_at,
        "reused_from": new.reused_from,
    }


def opened_replies(rows: Sequence[Any], ciphers: Ciphers) -> tuple[StoredReply, ...]:
    """Whole rows, in their order."""

    def cells(name: str) -> list[bytes]:
        some = [SealedCell(row.verification_id, row.id, getattr(row, name)) for row in rows]
        return ciphers.open_many(("reply", name), some)

    return tuple(
        StoredReply(
            verification_id=row.verification_id,
            person=row.person,
            source=row.source,
            institution=row.institution,
            region=row.region,
            state=row.state,
            failure=row.failure,
            outcome=outcome,
            raw=raw,
            raw_digest=row.raw_digest,
            data_as_of=row.data_as_of,
            answered_at=row.answered_at,
            reused_from=row.reused_from,
        )
        for row, outcome, raw in zip(
            rows, cells("sealed_outcome"), cells("sealed_raw"), strict=True
        )
    )
