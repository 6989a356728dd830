"""What the database tells of the whole service, for every process's metrics alike."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.domain.errors import StorageUnavailable

AT_LEAST: Final = 10.0
"""Seconds for which figures serve again."""

_SHARE: Final = 20
"""Reading may take one part in so many of the time: where it takes long it is done less often."""
_PATIENCE: Final = 5.0  # seconds that a scrape waits for the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Ages in seconds; `None` where there is nothing of which to tell the age."""

    verifications: Mapping[str, int] = field(default_factory=dict)
    tickets_waiting: Mapping[str, int] = field(default_factory=dict)
    ticket_age: Mapping[str, float] = field(default_factory=dict)
    exchange_persons: Mapping[str, int] = field(default_factory=dict)
    exchange_files: Mapping[tuple[str, str], int] = field(default_factory=dict)
    exchange_file_age: Mapping[str, float] = field(default_factory=dict)
    batches: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    unit_seconds_median: float | None = None
    units_stuck: int = 0
    notices: Mapping[str, int] = field(default_factory=dict)
    notice_age: float | None = None
    workers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    audit_entries: int = 0
    audit_waiting: float = 0.0


class FiguresCache:
    """Reads the figures at most every ten seconds, and never twice at once."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Figures]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: Figures | None = None
        self._good_until = 0.0

    async def fresh(self) -> Figures | None:
        """None while the database cannot be read: then there are no figures, not zeros."""
        async with self._lock:
            began = self._clock()
            if began < self._good_until:
                return self._kept
            try:
                self._kept = await self._read()
            except StorageUnavailable:
                self._kept = None
            ended = self._clock()
            self._good_until = ended + max(AT_LEAST, _SHARE * (ended - began))
            return self._kept


class FiguresCollector(Collector):
    """For scrapes, which come in threads of their own; reads in the service's loop."""

    def __init__(self, cache: FiguresCache, loop: asyncio.AbstractEventLoop) -> None:
        self._cache = cache
        self._loop = loop

    def describe(self) -> Iterable[Metric]:
        """Names nothing: being registered must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        figures = self._figures()
        up = GaugeMetricFamily("hedui_database_up", "1 where the figures could be read.")
        up.add_metric([], 0 if figures is None else 1)
        yield up
        if figures is not None:
            yield from families(figures)

    def _figures(self) -> Figures | None:
        reading = asyncio.run_coroutine_threadsafe(self._cache.fresh(), self._loop)
        try:
            return reading.result(_PATIENCE)
        except FutureTimeout:
            reading.cancel()
            return None


def families(of: Figures) -> Iterator[Metric]:
    """The figures as Prometheus has them."""
    yield _by("hedui_verifications", "Open verifications.", "status", of.verifications)
    yield _by("hedui_tickets_waiting", "Askings not answered yet.", "source", of.tickets_waiting)
    yield _by(
        "hedui_queue_age_seconds",
        "How long the longest due ticket has not been looked at.",
        "source",
        of.ticket_age,
    )
    yield _by(
        "hedui_exchange_persons_waiting",
        "Persons to be put into a request file.",
        "source",
        of.exchange_persons,
    )
    files = GaugeMetricFamily(
        "hedui_exchange_files", "Request files not closed yet.", labels=["source", "state"]
    )
    for (source, state), count in of.exchange_files.items():
        files.add_metric([source, state], count)
    yield files
    yield _by(
        "hedui_exchange_file_age_seconds",
        "Age of the oldest request file that is not closed.",
        "source",
        of.exchange_file_age,
    )
    yield from _work(of)
    yield from _running(of)


def _work(of: Figures) -> Iterator[Metric]:
    yield _by("hedui_batches", "Batches.", "status", of.batches)
    yield _by("hedui_batch_units", "Units of batches under way.", "state", of.units)
    if of.unit_seconds_median is not None:
        yield _one(
            "hedui_batch_unit_seconds_median",
            "Median time that units took lately.",
            of.unit_seconds_median,
        )
    yield _one(
        "hedui_batch_units_stuck",
        "Units under way for over ten times the median.",
        of.units_stuck,
    )
    yield _by("hedui_notices", "Notices not accepted.", "state", of.notices)
    if of.notice_age is not None:
        yield _one(
            "hedui_notice_age_seconds", "Age of the oldest notice that waits.", of.notice_age
        )


def _running(of: Figures) -> Iterator[Metric]:
    beats = GaugeMetricFamily(
        "hedui_worker_heartbeat_age_seconds",
        "Since when a process has not told that it is alive.",
        labels=["worker", "kind"],
    )
    for (name, kind), age in of.workers.items():
        beats.add_metric([name, kind], age)
    yield beats
    yield CounterMetricFamily(
        "hedui_audit_entries", "Entries of the audit trail.", value=of.audit_entries
    )
    yield _one(
        "hedui_audit_anchor_age_seconds",
        "How long the oldest entry waits to be anchored; from 14400 on nothing is asked.",
        of.audit_waiting,
    )


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
