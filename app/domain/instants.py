"""Moments: as the interface writes them (RFC 3339 in UTC, with a Z), and their day in China."""

from datetime import date, datetime, timedelta, timezone
from typing import Final, overload

CHINA: Final = timezone(timedelta(hours=8), "CST")
"""Where all days of this service are days; without summer time since 1991."""


def china_day(at: datetime) -> date:
    """The day of the moment in China."""
    return at.astimezone(CHINA).date()


@overload
def rfc3339(at: datetime) -> str: ...
@overload
def rfc3339(at: datetime | None) -> str | None: ...
def rfc3339(at: datetime | None) -> str | None:
    """`2026-11-24T02:10:00Z`; None where it has not come yet."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
