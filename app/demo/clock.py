"""The demo's clock: it begins some weeks ago, runs, is moved on, and ends as the clock of all."""

from datetime import UTC, datetime, timedelta


class PastClock:
    """Runs as time does, `behind` so much; what was is never told twice."""

    def __init__(self) -> None:
        self._behind = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self._behind

    def begin(self, at: datetime) -> None:
        """From now on it is that moment, whatever it was."""
        self._behind = datetime.now(UTC) - at

    def move_to(self, at: datetime) -> None:
        """On to that moment; where it is over already, or not yet come at all, it stays."""
        wanted = max(datetime.now(UTC) - at, timedelta(0))
        self._behind = min(self._behind, wanted)

    def to_the_present(self) -> None:
        """From now on it is the clock of everybody."""
        self._behind = timedelta(0)
