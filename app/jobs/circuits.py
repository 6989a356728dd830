"""Whether a client's address is worth another try just now: one circuit a client."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

FAILURES_TO_OPEN: Final = 5
"""Failures in a row after which a client is left alone for a while."""

_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_LONGEST_HOLD: Final = timedelta(hours=1)
_LONGEST_WISH: Final = timedelta(days=1)  # of a Retry-After


@dataclass(slots=True)
class Circuit:
    """Opens after failures in a row; then one notice at a time is tried until one gets through.

    `spread`: stretches a pause by a chance part, so that many senders do not come at once.
    """

    spread: Callable[[timedelta], timedelta]
    failures: int = 0
    openings: int = 0
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.open_until is not None and now < self.open_until

    def room(self, most: int) -> int:
        """How many notices may be under way."""
        return most if self.openings == 0 else 1

    def answered(self) -> bool:
        """The address works; True where it had been left alone."""
        was_away = self.openings > 0
        self.failures, self.openings, self.open_until = 0, 0, None
        return was_away

    def failed(self, now: datetime) -> bool:
        """The address does not work; True where it is left alone from now on."""
        if self.is_open(now):
            return False
        self.failures += 1
        if self.failures < FAILURES_TO_OPEN:
            return False
        pause: timedelta = min(_FIRST_PAUSE * 2 ** min(self.openings, 10), _LONGEST_PAUSE)
        self.open_until = now + self.spread(pause)
        self.openings += 1
        return self.openings == 1

    def held(self, now: datetime, wish: timedelta) -> None:
        """The client asked to be left alone for so long (`Retry-After`)."""
        until = now + min(wish, _LONGEST_HOLD)
        if self.open_until is None or until > self.open_until:
            self.open_until = until


def wished(header: str | None, now: datetime) -> timedelta | None:
    """`Retry-After`, in seconds or as a date; None where it is neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), _LONGEST_WISH.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(timedelta(), min(until - now, _LONGEST_WISH))
