"""Appends entries, each carrying the HMAC of itself and the one before."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from app.store.audit_entries import AuditEntries, AuditRow
from app.store.scope import Crossing, across_in

FIRST = b"\x00" * 32
"""What the first entry names as the one before."""


def mac_of(key: bytes, row: AuditRow) -> bytes:
    """HMAC-SHA256 over all fields of the entry and the previous entry's HMAC."""
    body = json.dumps(
        [
            row.position,
            row.at.isoformat(),
            row.actor,
            row.action,
            row.object,
            row.region,
            row.details,
            row.previous.hex(),
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hmac.digest(key, body.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Entry:
    """What to append; `object` is the object's id, `details` never hold personal data."""

    actor: str
    action: str
    object: str
    region: str
    details: Mapping[str, str]


class AuditTrail:
    """Appends within the transaction of what it tells: no entry, no effect."""

    def __init__(self, key: bytes, entries: AuditEntries, now: Callable[[], datetime]) -> None:
        self._key = key
        self._entries = entries
        self._now = now

    def append(
        self,
        tx: sa.Connection,
        *,
        actor: str,
        action: str,
        about: tuple[str, str],
        details: Mapping[str, str],
    ) -> None:
        """`about` is the object's id and region; `details` never hold personal data."""
        self.append_many(tx, [Entry(actor, action, *about, details)])

    def append_many(self, tx: sa.Connection, entries: Sequence[Entry]) -> None:
        """Append in this order, all at one time; the last thing that a transaction does.

        Until it ends, nobody else can append.
        """
        if not entries:
            return
        with across_in(tx, Crossing.AUDIT_HEAD):
            self._entries.lock(tx)
            last = self._entries.last(tx)
            newest, previous = (0, FIRST) if last is None else last
            at, rows = self._now(), []
            for position, entry in enumerate(entries, newest + 1):
                row = _unsigned(entry, at, position, previous)
                previous = mac_of(self._key, row)
                rows.append(replace(row, mac=previous))
            self._entries.add(tx, rows)


def _unsigned(entry: Entry, at: datetime, position: int, previous: bytes) -> AuditRow:
    return AuditRow(
        position=position,
        at=at,
        actor=entry.actor,
        action=entry.action,
        object=entry.object,
        region=entry.region,
        details=json.dumps(dict(entry.details), ensure_ascii=False, sort_keys=True),
        previous=previous,
        mac=b"",
    )
