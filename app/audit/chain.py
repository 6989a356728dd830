"""Appends entries, each carrying the HMAC of itself and the one before."""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from app.store.audit_entries import AuditEntries, AuditRow

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
        self._entries.lock(tx)
        last = self._entries.last(tx)
        row = AuditRow(
            position=1 if last is None else last.position + 1,
            at=self._now(),
            actor=actor,
            action=action,
            object=about[0],
            region=about[1],
            details=json.dumps(dict(details), ensure_ascii=False, sort_keys=True),
            previous=FIRST if last is None else last.mac,
            mac=b"",
        )
        self._entries.add(tx, replace(row, mac=mac_of(self._key, row)))
