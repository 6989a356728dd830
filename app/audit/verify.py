"""Reads the trail through and names the first entry that does not hold."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from app.audit.chain import FIRST, mac_of
from app.store.audit_entries import AuditRow


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken_at` is the position of the first entry that was changed, removed or put in."""

    entries: int
    broken_at: int | None
    head: str


def verify(rows: Iterable[AuditRow], key: bytes) -> Verdict:
    """Check numbering, linkage and HMAC of every entry, in order."""
    previous, count = FIRST, 0
    for row in rows:
        count += 1
        whole = row.position == count and hmac.compare_digest(row.previous, previous)
        if not whole or not hmac.compare_digest(row.mac, mac_of(key, row)):
            return Verdict(count, count, previous.hex())
        previous = row.mac
    return Verdict(count, None, previous.hex())
