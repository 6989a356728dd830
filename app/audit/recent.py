"""Whether the newest part of the trail holds 链状态: what a page can check each time it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.audit.chain import FIRST, AuditTrail
from app.domain.errors import AuditBroken
from app.store.audit_entries import UNREADABLE, AuditEntries, AuditRow
from app.store.scope import Crossing, across_in

MOST: Final = 20_000
"""So many entries are looked at; `hedui audit verify` reads all, with heads and anchors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """Entries `first` to `last` were looked at; `broken_at` is the first that does not hold."""

    first: int
    last: int
    at: datetime | None
    broken_at: int | None


def recent(tx: sa.Connection, trail: AuditTrail, most: int = MOST) -> ChainState:
    """The newest entries: numbering, linkage, HMAC, and that the end is where the trail says.

    Whoever reads a region's part is told of all: an entry carries the HMAC of another region's.
    """
    entries = AuditEntries()
    with across_in(tx, Crossing.AUDIT_HEAD):
        try:
            end = entries.end(tx)
            behind = max(0, end.position - most)
            rows = entries.after(tx, max(0, behind - 1), most + 1)
        except (*UNREADABLE, AuditBroken):
            return ChainState(first=0, last=0, at=None, broken_at=0)
    before = FIRST if behind == 0 else None
    expected = behind or 1
    for row in rows:
        linked = before is None or row.previous == before
        if row.position != expected or not linked or not _holds(trail, row):
            return ChainState(
                first=behind + 1, last=end.position, at=rows[-1].at, broken_at=expected
            )
        before, expected = row.mac, expected + 1
    is_whole = (not rows and end.position == 0) or (bool(rows) and rows[-1].mac == end.mac)
    return ChainState(
        first=min(behind + 1, end.position),
        last=end.position,
        at=rows[-1].at if rows else None,
        broken_at=None if is_whole else expected,
    )


def _holds(trail: AuditTrail, row: AuditRow) -> bool:
    try:
        return trail.holds(row)
    except (AuditBroken, AttributeError, TypeError, ValueError):
        return False
