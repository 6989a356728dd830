"""Appends entries, each carrying the HMAC of itself and the one before."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from app.domain.errors import AuditBroken, AuditUnanchored
from app.store.audit_entries import HMAC_SHA256, AuditEntries, AuditRow
from app.store.scope import Crossing, across_in

FIRST = b"\x00" * 32
"""What the first entry names as the one before."""

HMAC_SM3: Final = "hmac-sm3"
SENDING: Final = frozenset({"source_asked"})
"""Actions whose entry stands before bytes leave for a source."""

LONGEST: Final = timedelta(hours=4)
"""How long an entry may wait to be anchored before nothing leaves any more (as X-Road's limit)."""


NOT_ANCHORED: Final = "audit_not_anchored"
"""Why nothing is asked then, as it stands with the sources."""


def is_overdue(waiting_since: datetime | None, now: datetime) -> bool:
    """Whether an entry has waited too long for its anchor."""
    return waiting_since is not None and now - waiting_since > LONGEST


def canonical(row: AuditRow) -> bytes:
    """The entry's bytes under its HMAC: every field but that, the previous one's included."""
    body: list[object] = [
        row.position,
        row.at.isoformat(),
        row.actor,
        row.action,
        row.object,
        row.region,
        row.details,
        row.previous.hex(),
    ]
    if row.algorithm != HMAC_SHA256:  # entries from before there was a choice name none
        body.append(row.algorithm)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def mac_of(key: bytes, row: AuditRow) -> bytes:
    """The HMAC by the entry's algorithm. Raises `AuditBroken` where it is none of ours."""
    match row.algorithm:
        case "hmac-sha256":
            return hmac.digest(key, canonical(row), "sha256")
        case "hmac-sm3":
            sm3 = HMAC(key, SM3())
            sm3.update(canonical(row))
            return sm3.finalize()
    raise AuditBroken(f"entry {row.position} names an unknown algorithm")


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

    def __init__(
        self,
        key: bytes,
        entries: AuditEntries,
        now: Callable[[], datetime],
        algorithm: str = HMAC_SHA256,
    ) -> None:
        """`algorithm`: that of new entries; older ones keep theirs."""
        self._key = key
        self._entries = entries
        self._now = now
        self._algorithm = algorithm

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

        Until it ends, nobody else can append. Raises `AuditUnanchored` for the entry of a sending
        while the trail has not been anchored for too long: no log, no query.
        """
        if not entries:
            return
        with across_in(tx, Crossing.AUDIT_HEAD):
            end = self._entries.hold(tx)
            at, rows, previous = self._now(), [], end.mac
            if is_overdue(end.waiting_since, at) and any(one.action in SENDING for one in entries):
                hours = LONGEST.total_seconds() / 3600
                raise AuditUnanchored(f"{NOT_ANCHORED}: entries wait for over {hours:g} h")
            for position, entry in enumerate(entries, end.position + 1):
                row = self._unsigned(entry, at, position, previous)
                previous = mac_of(self._key, row)
                rows.append(replace(row, mac=previous))
            self._entries.add(tx, rows)

    def holds(self, row: AuditRow) -> bool:
        """Whether the entry is as it was written, by itself. Raises where it is no entry."""
        return hmac.compare_digest(row.mac, mac_of(self._key, row))

    def waiting_since(self, tx: sa.Connection) -> datetime | None:
        """Since when an entry waits to be anchored; None where none waits."""
        return self._entries.waiting_since(tx)

    def _unsigned(self, entry: Entry, at: datetime, position: int, previous: bytes) -> AuditRow:
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
            algorithm=self._algorithm,
        )
