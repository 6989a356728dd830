"""Spans of requests, stages and calls to sources, where somebody is told of them.

Without an endpoint nothing is traced and OpenTelemetry need not be installed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from app.domain.errors import ConfigurationError

Value = str | int | float | bool
ALLOWED: Final = frozenset(
    {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "source",
        "failure",
        "stage",
        "verification",
        "batch",
        "unit",
        "households",
        "rows",
        "attempts",
    }
)
"""Names of attributes that may leave the process; everything else is dropped, whatever it holds."""


class Span:
    """One that nobody sees."""

    def set(self, values: Mapping[str, Value]) -> None:
        """Add attributes that were not known at the start."""

    def failed(self, kind: str) -> None:
        """It came to nothing, for this reason (never an error's text)."""


class Traces:
    """Traces nothing."""

    @contextmanager
    def span(
        self, name: str, values: Mapping[str, Value], *, traceparent: str | None = None
    ) -> Iterator[Span]:
        """For as long as the block lasts, below the span around it or `traceparent` (W3C)."""
        yield Span()

    def ended(self, name: str, seconds: float, values: Mapping[str, Value]) -> None:
        """What took so long and has just ended, below the span around it."""

    def close(self) -> None:
        """Hand over what is left."""


def traces_to(endpoint: str | None, *, version: str, worker: str) -> Traces:
    """Traces that go to an OTLP endpoint over HTTP, or nowhere.

    Raises ConfigurationError where OpenTelemetry is wanted and not installed.
    """
    if endpoint is None:
        return Traces()
    try:
        # An optional part of the installation: looked for only where it is asked for.
        otlp = import_module("app.observe.otlp")
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"HEDUI_OTLP_ENDPOINT: {missing.name} is not installed; install hedui[otel]"
        ) from None
    traces: Traces = otlp.OtlpTraces.to(endpoint, version=version, worker=worker)
    return traces


def allowed(values: Mapping[str, Value]) -> dict[str, Value]:
    """Only attributes that are on the list."""
    return {name: value for name, value in values.items() if name in ALLOWED}
