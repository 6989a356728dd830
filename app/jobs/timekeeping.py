"""The one clock: this machine's, corrected by the database's where that has one of its own.

Between two corrections it goes by the monotonic clock, so that a machine whose clock is set forth
or back keeps the time that all processes share (leases, consents, deadlines).
"""

import time
from datetime import UTC, datetime, timedelta

from app.store.session import Database
from app.store.workers import database_time


class ServiceClock:
    """Called, it tells the time."""

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._read_at = time.monotonic()

    def __call__(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._read_at)

    async def correct(self, database: Database) -> timedelta | None:
        """Take over the database's time; gives how far off the machine's own clock is.

        None for a database without a clock of its own: then the machine's holds.
        """
        before = time.monotonic()
        told = await database.read(database_time)
        now = time.monotonic()
        if told is None:
            self._base, self._read_at = datetime.now(UTC), now
            return None
        # When within the round trip it was told is not known: what agrees so far is right.
        trip = timedelta(seconds=now - before)
        if not told - trip <= self() <= told + trip:
            self._base, self._read_at = told + trip / 2, now
        return datetime.now(UTC) - self()
