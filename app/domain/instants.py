"""Instants as the interface writes them: RFC 3339 in UTC, with a Z."""

from datetime import datetime
from typing import overload


@overload
def rfc3339(at: datetime) -> str: ...
@overload
def rfc3339(at: datetime | None) -> str | None: ...
def rfc3339(at: datetime | None) -> str | None:
    """`2026-11-24T02:10:00Z`; None where it has not come yet."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
