"""Prometheus metrics of this process. Labels never hold a person, a case or a place."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
)

from app.observe.traces import Traces, Value

_SOURCE_SECONDS: Final = (
    0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
_REQUEST_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0)


class SourceWatch:
    """What calls to the sources came to, as the gate of each tells it."""

    def __init__(self, registry: CollectorRegistry, traces: Traces) -> None:
        self._traces = traces
        self._asked = Counter("hedui_source_asked", "Calls begun.", ["source"], registry=registry)
        self._answered = Counter(
            "hedui_source_answered", "Calls that were answered.", ["source"], registry=registry
        )
        self._failed = Counter(
            "hedui_source_failed",
            "Calls that failed, by kind of failure.",
            ["source", "kind"],
            registry=registry,
        )
        self._seconds = Histogram(
            "hedui_source_seconds",
            "How long a call took, from its start to its end.",
            ["source"],
            buckets=_SOURCE_SECONDS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "hedui_source_in_flight", "Calls under way.", ["source"], registry=registry
        )
        self._open = Gauge(
            "hedui_source_breaker_open",
            "1 while the source is left alone after failures in a row.",
            ["source"],
            registry=registry,
        )

    def know(self, source: str) -> None:
        """Show a source from the start: one that was never asked is at 0, not missing."""
        for metric in (self._asked, self._answered, self._seconds, self._in_flight, self._open):
            metric.labels(source)

    def begun(self, source: str) -> None:
        self._asked.labels(source).inc()
        self._in_flight.labels(source).inc()

    def ended(self, source: str, seconds: float, failure: str | None) -> None:
        self._in_flight.labels(source).dec()
        self._seconds.labels(source).observe(seconds)
        values: dict[str, Value] = {"source": source}
        if failure is None:
            self._answered.labels(source).inc()
        else:
            self._failed.labels(source, str(failure)).inc()
            values["failure"] = str(failure)
        self._traces.ended("source call", seconds, values)

    def breaker(self, source: str, *, open: bool) -> None:  # noqa: A002 - what it is called
        self._open.labels(source).set(int(open))


class RequestWatch:
    """Requests to the interface, by route (its template, never its path)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["method", "route", "status"]
        self._seconds = Histogram(
            "hedui_http_request_seconds",
            "How long a request took until its answer was sent.",
            labels,
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "hedui_http_requests_in_flight", "Requests under way.", registry=registry
        )

    def begun(self) -> None:
        self._in_flight.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        self._in_flight.dec()
        self._seconds.labels(method, route, str(status)).observe(seconds)


class Observed:
    """What this process shows of itself: one registry, one way for traces, none made at import."""

    def __init__(self, traces: Traces | None = None) -> None:
        self.traces = Traces() if traces is None else traces
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.sources = SourceWatch(self.registry, self.traces)
        self.requests = RequestWatch(self.registry)
