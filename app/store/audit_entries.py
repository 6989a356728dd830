"""Rows of the audit trail 审计记录, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.store.tables import audit_entry

_ADD = audit_entry.insert()
_LAST = (
    sa.select(audit_entry.c.position, audit_entry.c.mac)
    .order_by(audit_entry.c.position.desc())
    .limit(1)
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(724001)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry as stored; `details` is canonical JSON without personal data."""

    position: int
    at: datetime
    actor: str
    action: str
    object: str
    region: str
    details: str
    previous: bytes
    mac: bytes


class AuditEntries:
    """Queries over audit entries."""

    def last(self, tx: sa.Connection) -> tuple[int, bytes] | None:
        """Position and HMAC of the newest entry; none where the trail is empty."""
        row = tx.execute(_LAST).one_or_none()
        return None if row is None else (row.position, row.mac)

    def add(self, tx: sa.Connection, new: Sequence[AuditRow]) -> None:
        tx.execute(_ADD, [_values(row) for row in new])

    def lock(self, tx: sa.Connection) -> None:
        """Appends one at a time: two at once must not fork the chain."""
        if tx.dialect.name == "postgresql":
            tx.execute(_LOCK)

    def all(self, tx: sa.Connection) -> Iterator[AuditRow]:
        rows = tx.execute(sa.select(audit_entry).order_by(audit_entry.c.position))
        return (_row(row) for row in rows)


def _values(row: AuditRow) -> dict[str, object]:
    return {
        "position": row.position,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "object": row.object,
        "region": row.region,
        "details": row.details,
        "previous": row.previous,
        "mac": row.mac,
    }


def _row(row: "sa.Row[tuple[object, ...]]") -> AuditRow:
    return AuditRow(
        position=row.position,
        at=row.at,
        actor=row.actor,
        action=row.action,
        object=row.object,
        region=row.region,
        details=row.details,
        previous=row.previous,
        mac=row.mac,
    )
