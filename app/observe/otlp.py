"""Spans by OpenTelemetry, sent over OTLP/HTTP. Imported only where an endpoint is configured."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.domain.errors import ConfigurationError
from app.observe.traces import Span, Traces, Value, allowed

_PROPAGATOR = TraceContextTextMapPropagator()


class _Shown(Span):
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, values: Mapping[str, Value]) -> None:
        self._span.set_attributes(allowed(values))

    def failed(self, kind: str) -> None:
        self._span.set_attributes({"failure": kind})
        self._span.set_status(Status(StatusCode.ERROR))


class OtlpTraces(Traces):
    """Spans of this process; the provider is its own and no global one."""

    def __init__(self, processor: SpanProcessor, *, version: str, worker: str) -> None:
        named = {"service.name": "hedui", "service.version": version, "service.instance.id": worker}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("hedui", version)

    @classmethod
    def to(cls, endpoint: str, *, version: str, worker: str) -> "OtlpTraces":
        """`endpoint`: an address with its path, or the collector's own (`/v1/traces` is added)."""
        parts = urlsplit(endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError("HEDUI_OTLP_ENDPOINT must be http(s)://host[:port][/path]")
        whole = endpoint if parts.path.strip("/") else f"{endpoint.rstrip('/')}/v1/traces"
        exporter = OTLPSpanExporter(endpoint=whole)
        return cls(BatchSpanProcessor(exporter), version=version, worker=worker)

    @contextmanager
    def span(
        self, name: str, values: Mapping[str, Value], *, traceparent: str | None = None
    ) -> Iterator[Span]:
        """An error's text may quote values: of an error only its kind is told."""
        above = None
        if traceparent is not None:
            above = _PROPAGATOR.extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span(
            name,
            above,
            attributes=allowed(values),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            shown = _Shown(span)
            try:
                yield shown
            except BaseException as error:
                shown.failed(type(error).__name__)
                raise

    def ended(self, name: str, seconds: float, values: Mapping[str, Value]) -> None:
        end = time.time_ns()
        span = self._tracer.start_span(
            name, start_time=end - int(seconds * 1e9), attributes=allowed(values)
        )
        if "failure" in values:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    def close(self) -> None:
        self._provider.shutdown()
