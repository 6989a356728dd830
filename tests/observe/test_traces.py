"""Spans: nested, below the caller's, sent over OTLP, and without anything that is not allowed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from app.domain.errors import ConfigurationError
from app.observe.metrics import SourceWatch
from app.observe.otlp import OtlpTraces
from app.observe.traces import Traces, traces_to

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def recorded() -> tuple[OtlpTraces, InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    return OtlpTraces(SimpleSpanProcessor(kept), version="1", worker="w1"), kept


def by_name(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in kept.get_finished_spans()}


def test_spans_are_below_each_other_and_below_the_callers() -> None:
    traces, kept = recorded()
    watch = SourceWatch(CollectorRegistry(), traces)
    above = f"00-{TRACE}-{PARENT}-01"
    with (
        traces.span("POST request", {"http.request.method": "POST"}, traceparent=above),
        traces.span("conclude", {"stage": "conclude", "verification": "vf_1"}),
    ):
        watch.begun("tax")
        watch.ended("tax", 0.25, "timed_out")
    spans = by_name(kept)
    request, stage, call = spans["POST request"], spans["conclude"], spans["source call"]
    assert request.parent is not None
    assert format(request.parent.span_id, "016x") == PARENT
    assert {format(span.context.trace_id, "032x") for span in spans.values()} == {TRACE}
    assert stage.parent is not None
    assert stage.parent.span_id == request.context.span_id
    assert call.parent is not None
    assert call.parent.span_id == stage.context.span_id
    assert dict(call.attributes or {}) == {"source": "tax", "failure": "timed_out"}
    assert call.end_time is not None
    assert call.start_time is not None
    assert call.end_time - call.start_time == 250_000_000


def test_nothing_leaves_that_is_not_on_the_list() -> None:
    traces, kept = recorded()
    secret = "李明 229901198003071236"

    def work() -> None:
        with traces.span("stage", {"name": secret, "stage": "merge"}) as span:
            span.set({"id_number": secret, "rows": 3})
            raise ValueError(secret)

    with pytest.raises(ValueError, match="李明"):
        work()
    [span_] = kept.get_finished_spans()
    assert dict(span_.attributes or {}) == {"stage": "merge", "rows": 3, "failure": "ValueError"}
    assert secret[:4] not in span_.to_json()
    assert span_.events == ()
    assert json.loads(span_.to_json())["status"] == {"status_code": "ERROR"}


@pytest.mark.parametrize("above", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", "\xff" * 90])
def test_a_traceparent_that_is_none_begins_a_trace(above: str) -> None:
    traces, kept = recorded()
    with traces.span("GET request", {}, traceparent=above):
        pass
    assert by_name(kept)["GET request"].parent is None


def test_without_an_endpoint_nothing_is_traced() -> None:
    traces = traces_to(None, version="1", worker="w1")
    assert type(traces) is Traces
    with traces.span("GET request", {}) as span:
        span.set({"rows": 1})
        span.failed("x")
    traces.ended("source call", 1.0, {})
    traces.close()


@pytest.mark.parametrize("endpoint", ["", "collector:4318", "ftp://collector", "http://"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="HEDUI_OTLP_ENDPOINT"):
        traces_to(endpoint, version="1", worker="w1")


@dataclass
class Collector:
    came: list[tuple[str, ExportTraceServiceRequest]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        assert request.headers["Content-Type"] == "application/x-protobuf"
        self.came.append((request.path, ExportTraceServiceRequest.FromString(await request.read())))
        return web.Response()


@asynccontextmanager
async def a_collector() -> AsyncIterator[Collector]:
    collector, app = Collector(), web.Application()
    app.router.add_post("/{path:.*}", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield collector
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("path", ["", "/v1/traces"])
async def test_spans_arrive_at_the_collector(path: str) -> None:
    async with a_collector() as collector:
        traces = traces_to(f"{collector.url}{path}", version="1.2", worker="w1")
        with traces.span("stage", {"stage": "merge"}):
            pass
        await asyncio.to_thread(traces.close)
    [(where, sent)] = collector.came
    assert where == "/v1/traces"
    [resource] = sent.resource_spans
    named = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert (named["service.name"], named["service.instance.id"]) == ("hedui", "w1")
    assert [span.name for span in resource.scope_spans[0].spans] == ["stage"]
