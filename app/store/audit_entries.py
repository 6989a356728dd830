"""Rows of the audit trail 审计记录, in order, and the row that says where they end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.errors import AuditBroken
from app.store.tables import audit_entry
from app.store.tables_audit import audit_head

HMAC_SHA256: Final = "hmac-sha256"
_ADD = audit_entry.insert()
_LAST = (
    sa.select(audit_entry.c.position, audit_entry.c.mac)
    .order_by(audit_entry.c.position.desc())
    .limit(1)
)
_END = sa.select(audit_head.c.position, audit_head.c.mac, audit_head.c.waiting_since)
_HELD = _END.with_for_update()
_MOVE = audit_head.update().values(
    position=sa.bindparam("new_position"),
    mac=sa.bindparam("new_mac"),
    waiting_since=sa.func.coalesce(
        audit_head.c.waiting_since, sa.bindparam("new_at", type_=audit_head.c.waiting_since.type)
    ),
)
_SINCE = sa.select(audit_head.c.waiting_since)


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
    algorithm: str = HMAC_SHA256


_BEFORE_ALL: Final = -(2**63)
_AT_ONCE: Final = 5_000
UNREADABLE: Final = (DBAPIError, TypeError, ValueError, OverflowError, OSError)
"""What a value that is none of its column's type raises on its way here."""
_UNREADABLE_ROW: Final = AuditRow(
    position=_BEFORE_ALL,
    at=datetime(1970, 1, 1, tzinfo=UTC),
    actor="",
    action="",
    object="",
    region="",
    details="",
    previous=b"",
    mac=b"",
)


@dataclass(frozen=True, slots=True)
class End:
    """Where the trail ends, and since when an entry waits to be anchored (None: none waits)."""

    position: int
    mac: bytes
    waiting_since: datetime | None


class AuditEntries:
    """Queries over audit entries."""

    def last(self, tx: sa.Connection) -> tuple[int, bytes] | None:
        """Position and HMAC of the newest entry; none where the trail is empty."""
        row = tx.execute(_LAST).one_or_none()
        return None if row is None else (row.position, row.mac)

    def hold(self, tx: sa.Connection) -> End:
        """The trail's end, locked until the transaction ends: two at once must not fork the chain.

        Raises `AuditBroken` where its row is gone: then nothing can be appended.
        """
        return _end(tx.execute(_HELD).one_or_none())

    def end(self, tx: sa.Connection) -> End:
        """The same without the lock."""
        return _end(tx.execute(_END).one_or_none())

    def waiting_since(self, tx: sa.Connection) -> datetime | None:
        """Since when an entry waits to be anchored. Raises `AuditBroken` as `hold` does."""
        row = tx.execute(_SINCE).one_or_none()
        if row is None:
            raise AuditBroken("the row that says where the audit trail ends is gone")
        since: datetime | None = row.waiting_since
        return since

    def add(self, tx: sa.Connection, new: Sequence[AuditRow]) -> None:
        """Append them, in order, after `hold` in the same transaction."""
        tx.execute(_ADD, [_values(row) for row in new])
        values = {"new_position": new[-1].position, "new_mac": new[-1].mac, "new_at": new[0].at}
        tx.execute(_MOVE, values)

    def anchored(self, tx: sa.Connection, position: int) -> None:
        """All up to this position is anchored: what comes after it waits from its own time."""
        end = self.hold(tx)
        since = None
        if end.position > position:
            following = sa.select(audit_entry.c.at).where(audit_entry.c.position == position + 1)
            since = tx.execute(following).scalar_one_or_none() or end.waiting_since
        tx.execute(audit_head.update().values(waiting_since=since))

    def all(self, tx: sa.Connection) -> Iterator[AuditRow]:
        rows = tx.execute(sa.select(audit_entry).order_by(audit_entry.c.position))
        return (_row(row) for row in rows)

    def stream(self, tx: sa.Connection) -> Iterator[AuditRow]:
        """All, some thousand at a time; one that cannot be read comes as one that does not hold."""
        position = _BEFORE_ALL
        while True:
            some = self._some(tx, position)
            yield from some
            if not some:
                return
            position = some[-1].position

    def _some(self, tx: sa.Connection, position: int) -> Sequence[AuditRow]:
        try:
            return self.after(tx, position, _AT_ONCE)
        except UNREADABLE:
            return self._up_to_unreadable(tx, position)

    def _up_to_unreadable(self, tx: sa.Connection, position: int) -> Sequence[AuditRow]:
        rows: list[AuditRow] = []
        try:
            while len(rows) < _AT_ONCE:
                rows += self.after(tx, rows[-1].position if rows else position, 1)
        except UNREADABLE:
            rows.append(_UNREADABLE_ROW)
        return rows

    def after(self, tx: sa.Connection, position: int, limit: int) -> list[AuditRow]:
        """The next entries behind a position."""
        query = (
            sa.select(audit_entry)
            .where(audit_entry.c.position > position)
            .order_by(audit_entry.c.position)
            .limit(limit)
        )
        return [_row(row) for row in tx.execute(query)]


def _end(row: "sa.Row[tuple[int, bytes, datetime]] | None") -> End:
    if row is None:
        raise AuditBroken("the row that says where the audit trail ends is gone")
    return End(row.position, bytes(row.mac), row.waiting_since)


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
        "algorithm": row.algorithm,
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
        algorithm=row.algorithm,
    )
