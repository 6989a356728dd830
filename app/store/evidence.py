"""Replies as they came, evidence, and results."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.tables import decision, evidence, reply, result


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
_REPLIES = (
    sa.select(reply)
    .where(reply.c.verification_id == _OF)
    .order_by(reply.c.source, reply.c.person, reply.c.institution)
)
_NEWEST = (
    sa.select(result)
    .where(result.c.verification_id == _OF)
    .order_by(result.c.version.desc())
    .limit(1)
)
_FORGET = evidence.delete().where(evidence.c.verification_id == _OF)
_ADD_RESULT, _ADD_DECISION, _ADD_EVIDENCE = result.insert(), decision.insert(), evidence.insert()


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
        self._cipher = cipher

    def put(self, tx: sa.Connection, replies: Iterable[StoredReply]) -> None:
        """Store; no failure replaces an answer, and a later part of a reply may add to it."""
        by_state: dict[str, list[dict[str, object]]] = {}
        for new in replies:
            by_state.setdefault(new.state, []).append(self._values(new))
        for state, rows in by_state.items():
            tx.execute(_putting(tx.dialect.name, state), rows)

    def heads(self, tx: sa.Connection, verification_id: str) -> frozenset[ReplyHead]:
        rows = tx.execute(_HEADS, {"of": verification_id})
        return frozenset(ReplyHead(*row) for row in rows)

    def _values(self, new: StoredReply) -> dict[str, object]:
        return {
            "id": new.id,
            "verification_id": new.verification_id,
            "person": new.person,
            "source": new.source,
            "institution": new.institution,
            "region": new.region,
            "state": new.state,
            "failure": new.failure,
            "sealed_outcome": self._cipher.seal(
                Cell("reply", "sealed_outcome", new.id), new.outcome
            ),
            "sealed_raw": self._cipher.seal(Cell("reply", "sealed_raw", new.id), new.raw),
            "raw_digest": new.raw_digest,
            "data_as_of": new.data_as_of,
            "answered_at": new.answered_at,
            "reused_from": new.reused_from,
        }

    def all_of(self, tx: sa.Connection, verification_id: str) -> tuple[StoredReply, ...]:
        rows = tx.execute(_REPLIES, {"of": verification_id})
        return tuple(self._opened(row) for row in rows)

    def _opened(self, row: "sa.Row[tuple[object, ...]]") -> StoredReply:
        return StoredReply(
            verification_id=row.verification_id,
            person=row.person,
            source=row.source,
            institution=row.institution,
            region=row.region,
            state=row.state,
            failure=row.failure,
            outcome=self._cipher.open(Cell("reply", "sealed_outcome", row.id), row.sealed_outcome),
            raw=self._cipher.open(Cell("reply", "sealed_raw", row.id), row.sealed_raw),
            raw_digest=row.raw_digest,
            data_as_of=row.data_as_of,
            answered_at=row.answered_at,
            reused_from=row.reused_from,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What statistics need of a decision, without amounts."""

    programme: str
    standard: str
    outcome: str
    favours: str
    error_rate: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One record with its judgement; `body` is the interface's JSON."""

    id: str
    source: str
    person: str
    link: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A computed profile with its decisions; `body` as JSON, `model` names what computed it."""

    version: int
    body: bytes = field(repr=False)
    digest: str
    model: dict[str, str]
    computed_at: datetime


def _decision_values(one: DecisionRow) -> dict[str, object]:
    return {
        "programme": one.programme,
        "standard": one.standard,
        "outcome": one.outcome,
        "favours": one.favours,
        "error_rate": one.error_rate,
        "error_rate_low": one.interval[0],
        "error_rate_high": one.interval[1],
    }


class Results:
    """Results are versions: computed anew they get the next number."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def put(
        self,
        tx: sa.Connection,
        where: tuple[str, str],
        new: StoredResult,
        decisions: Sequence[DecisionRow],
        rows: Sequence[EvidenceRow],
    ) -> None:
        id_, region = where
        cell = Cell("result", "sealed_result", f"{id_}/{new.version}")
        common = {"verification_id": id_, "version": new.version, "region": region}
        values = {
            "sealed_result": self._cipher.seal(cell, new.body),
            "digest": new.digest,
            "model": json.dumps(new.model, sort_keys=True),
            "computed_at": new.computed_at,
        }
        tx.execute(_ADD_RESULT, common | values)
        for one in decisions:
            tx.execute(_ADD_DECISION, common | _decision_values(one))
        self._replace_evidence(tx, where, rows)

    def _replace_evidence(
        self, tx: sa.Connection, where: tuple[str, str], rows: Sequence[EvidenceRow]
    ) -> None:
        id_, region = where
        tx.execute(_FORGET, {"of": id_})
        values = [
            {
                "verification_id": id_,
                "id": row.id,
                "region": region,
                "position": position,
                "source": row.source,
                "person": row.person,
                "link": row.link,
                "sealed_evidence": self._cipher.seal(
                    Cell("evidence", "sealed_evidence", f"{id_}/{row.id}"), row.body
                ),
            }
            for position, row in enumerate(rows)
        ]
        if values:
            tx.execute(_ADD_EVIDENCE, values)

    def newest(self, tx: sa.Connection, id_: str) -> StoredResult | None:
        row = tx.execute(_NEWEST, {"of": id_}).one_or_none()
        if row is None:
            return None
        cell = Cell("result", "sealed_result", f"{id_}/{row.version}")
        return StoredResult(
            version=row.version,
            body=self._cipher.open(cell, row.sealed_result),
            digest=row.digest,
            model=json.loads(row.model),
            computed_at=row.computed_at,
        )

    def evidence_page(
        self, tx: sa.Connection, id_: str, *, after: int, limit: int
    ) -> list[tuple[int, EvidenceRow]]:
        rows = tx.execute(
            sa.select(evidence)
            .where(evidence.c.verification_id == id_, evidence.c.position > after)
            .order_by(evidence.c.position)
            .limit(limit)
        )
        return [
            (
                row.position,
                EvidenceRow(
                    id=row.id,
                    source=row.source,
                    person=row.person,
                    link=row.link,
                    body=self._cipher.open(
                        Cell("evidence", "sealed_evidence", f"{id_}/{row.id}"),
                        row.sealed_evidence,
                    ),
                ),
            )
            for row in rows
        ]
