"""How far a batch is and when it may end: a range, from how fast it has gone so far (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt
from typing import Final

import sqlalchemy as sa

from app.store.batch_progress import ENDED, STATES, BatchProgress, SourceCounts
from app.store.batches import StoredBatch

WINDOWS: Final = 12
"""Parts in which the last while is looked at."""
_LONGEST: Final = timedelta(minutes=20)
_SHORTEST: Final = timedelta(seconds=12)
_MOST_SECONDS: Final = 366 * 86_400
_SURE: Final = 2.0  # standard errors
_SAMPLED: Final = 40  # stretches of places
_STRETCH: Final = 50


@dataclass(frozen=True, slots=True)
class Eta:
    """Seconds until the end: at least, most likely, at most."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A batch's progress; counts of sources are estimated from a sample where it is large."""

    stages: Mapping[str, int]
    outcomes: Mapping[str, int]
    changed: int
    sources: Mapping[str, SourceCounts]
    sampled: bool
    eta: Eta | None
    per_hour: int | None


def eta(done: Sequence[int], seconds: float, remaining: int) -> Eta | None:
    """When `remaining` households will have ended, from how many did in each equal span of time.

    `seconds`: the length of one span. The spread of the spans gives the range; None where nothing
    ended yet, for then nothing is known.
    """
    if remaining <= 0:
        return Eta(0, 0, 0)
    total = sum(done)
    if not total or seconds <= 0:
        return None
    mean = total / len(done)
    spread = sum((one - mean) ** 2 for one in done) / max(len(done) - 1, 1)
    # Of few households even a steady pace is known badly: at least what chance alone makes.
    error = _SURE * sqrt(max(spread, mean) / len(done))
    slow, fast = max(mean - error, mean / 4), mean + error
    low, middle, high = (_seconds(remaining, pace, seconds) for pace in (fast, mean, slow))
    return Eta(low, middle, high)


def _seconds(remaining: int, pace: float, seconds: float) -> int:
    return min(ceil(remaining / pace * seconds), _MOST_SECONDS)


def instants_of(first: datetime, now: datetime) -> list[datetime]:
    """The ends of equal spans up to now: of the last 20 minutes, or since the first end."""
    length = max(min(now - first, _LONGEST), _SHORTEST)
    return [now - length + length * place / WINDOWS for place in range(WINDOWS + 1)]


def stretches(households: int) -> list[tuple[int, int]]:
    """Places to look at: all of them, or evenly spread ones where there are many."""
    if households <= _SAMPLED * _STRETCH:
        return [(0, max(households - 1, 0))]
    step = households / _SAMPLED
    return [(int(step * one), int(step * one) + _STRETCH - 1) for one in range(_SAMPLED)]


class Progress:
    """Reads what is counted of a batch."""

    def __init__(self, counts: BatchProgress) -> None:
        self._counts = counts

    def read(self, tx: sa.Connection, batch: StoredBatch, now: datetime) -> Told:
        stages = self._counts.stages(tx, batch.id, batch.households)
        outcomes, changed = self._counts.outcomes(tx, batch.id)
        sources, sampled = self._sources(tx, batch, stages)
        eta_, per_hour = self._pace(tx, batch, stages, now)
        return Told(
            stages=stages,
            outcomes=outcomes,
            changed=changed,
            sources=sources,
            sampled=sampled,
            eta=eta_,
            per_hour=per_hour,
        )

    def _pace(
        self, tx: sa.Connection, batch: StoredBatch, stages: Mapping[str, int], now: datetime
    ) -> tuple[Eta | None, int | None]:
        """When it may end, and how many end in an hour; None where that is not known."""
        if batch.status != "running":
            return None, None
        remaining = sum(stages[state] for state in STATES if state not in ENDED)
        first = self._counts.first_end(tx, batch.id)
        if first is None or first >= now:
            return None, None
        instants = instants_of(first, now)
        span = (instants[1] - instants[0]).total_seconds()
        done = self._counts.ended_between(tx, batch.id, instants)
        per_hour = round(sum(done) / (len(done) * span) * 3600)
        return eta(done, span, remaining), per_hour

    def _sources(
        self, tx: sa.Connection, batch: StoredBatch, stages: Mapping[str, int]
    ) -> tuple[Mapping[str, SourceCounts], bool]:
        """Counted where the batch is small; else what is done is counted, what is open sampled."""
        places = stretches(batch.households)
        sampled = len(places) > 1
        here, looked_at = self._counts.of_places(tx, batch.id, places, ended=not sampled)
        if not sampled:
            return here, False
        done = self._counts.of_done(tx, batch.id)
        still_open = stages["asking"] + stages["waiting"] + stages["ready"]
        factor = still_open / looked_at if looked_at else 0.0
        sums = {source: _times(counts, factor) for source, counts in here.items()}
        for source, counts in done.items():
            sums[source] = sums.get(source, SourceCounts()) + counts
        return sums, bool(still_open)


def _times(counts: SourceCounts, factor: float) -> SourceCounts:
    return SourceCounts(
        round(counts.asked * factor),
        round(counts.answered * factor),
        round(counts.failed * factor),
    )
