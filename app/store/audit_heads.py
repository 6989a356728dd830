"""Signed heads of the audit trail, and which of them left for which anchor."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_audit import audit_anchored, audit_signed_head

_columns = audit_signed_head.c
_LAST: Final = sa.select(audit_signed_head).order_by(_columns.number.desc()).limit(1)
_ANCHORED: Final = sa.select(sa.func.max(_columns.position)).where(
    _columns.number.in_(sa.select(audit_anchored.c.number))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Vouches for the `entries` entries up to `position`; `hash` is over them alone.

    `previous` is the digest of the head `number - 1`; `after` is the number of the head before it
    in its database: another one only where heads were lost, as after a backup was restored.
    """

    number: int
    after: int
    position: int
    entries: int
    hash: bytes
    previous: bytes
    at: datetime
    algorithm: str
    signer: str = ""
    key_id: str = ""
    signature: bytes = field(default=b"", repr=False)


class AuditHeads:
    """Queries over heads."""

    def last(self, tx: sa.Connection) -> Head | None:
        row = tx.execute(_LAST).one_or_none()
        return None if row is None else _head(row)

    def all(self, tx: sa.Connection) -> Iterator[Head]:
        rows = tx.execute(sa.select(audit_signed_head).order_by(_columns.number))
        return (_head(row) for row in rows)

    def add(self, tx: sa.Connection, head: Head) -> bool:
        """False where another process has made one after the same head."""
        adding = upsert(tx, audit_signed_head).values(**asdict(head)).on_conflict_do_nothing()
        return bool(tx.execute(adding).rowcount == 1)

    def forget_after(self, tx: sa.Connection, number: int) -> None:
        """Heads that no anchor took, for it holds others of these numbers."""
        tx.execute(audit_signed_head.delete().where(_columns.number > number))

    def to_anchor(self, tx: sa.Connection, anchor: str, limit: int) -> Sequence[Head]:
        """The heads that this anchor has not taken yet, in order."""
        taken = sa.select(audit_anchored.c.number).where(audit_anchored.c.anchor == anchor)
        last = sa.select(sa.func.max(taken.subquery().c.number)).scalar_subquery()
        query = (
            sa.select(audit_signed_head)
            .where(_columns.number > sa.func.coalesce(last, 0))
            .order_by(_columns.number)
            .limit(limit)
        )
        return [_head(row) for row in tx.execute(query)]

    def taken_by(self, tx: sa.Connection, anchor: str, after: int, limit: int) -> Sequence[Head]:
        """The heads that this anchor has taken, behind a number, in order."""
        taken = sa.select(audit_anchored.c.number).where(audit_anchored.c.anchor == anchor)
        query = (
            sa.select(audit_signed_head)
            .where(_columns.number > after, _columns.number.in_(taken))
            .order_by(_columns.number)
            .limit(limit)
        )
        return [_head(row) for row in tx.execute(query)]

    def taken(
        self, tx: sa.Connection, anchor: str, number: int, *, at: datetime, receipt: bytes
    ) -> None:
        """An anchor has this head; said again, it changes nothing."""
        values = {"number": number, "anchor": anchor, "at": at, "receipt": receipt}
        tx.execute(upsert(tx, audit_anchored).values(**values).on_conflict_do_nothing())

    def anchored_to(self, tx: sa.Connection) -> int:
        """The position up to which all entries are anchored; 0 where none is."""
        return tx.execute(_ANCHORED).scalar() or 0


def _head(row: "sa.Row[tuple[object, ...]]") -> Head:
    return Head(
        number=row.number,
        after=row.after,
        position=row.position,
        entries=row.entries,
        hash=bytes(row.hash),
        previous=bytes(row.previous),
        at=row.at,
        algorithm=row.algorithm,
        signer=row.signer,
        key_id=row.key_id,
        signature=bytes(row.signature),
    )
