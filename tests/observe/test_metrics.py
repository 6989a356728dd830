"""What calls to sources come to in the metrics, and the port that they are read at."""

import httpx
import pytest
from prometheus_client.exposition import generate_latest

from app.domain.errors import ConfigurationError
from app.observe.metrics import Observed
from app.observe.serving import metrics_served
from connectors.failure import FailureKind, SourceError
from connectors.transport.limits import Gate, Limits, Shared


def exposed(observed: Observed) -> str:
    return generate_latest(observed.registry).decode()


async def call(gate: Gate, kind: FailureKind | None) -> None:
    async with gate.slot():
        if kind is not None:
            raise SourceError.of(kind, "as told")


async def test_a_gate_tells_what_its_calls_came_to() -> None:
    observed = Observed()
    gate = Gate("tax", Limits(), shared=Shared(watch=observed.sources))
    for kind in (None, None, FailureKind.TIMED_OUT, FailureKind.REJECTED):
        if kind is None:
            await call(gate, kind)
        else:
            with pytest.raises(SourceError):
                await call(gate, kind)
    text = exposed(observed)
    assert 'hedui_source_asked_total{source="tax"} 4.0' in text
    assert 'hedui_source_answered_total{source="tax"} 2.0' in text
    assert 'hedui_source_failed_total{kind="timed_out",source="tax"} 1.0' in text
    assert 'hedui_source_failed_total{kind="rejected",source="tax"} 1.0' in text
    assert 'hedui_source_in_flight{source="tax"} 0.0' in text
    assert 'hedui_source_seconds_count{source="tax"} 4.0' in text


async def test_a_source_that_is_left_alone_shows() -> None:
    observed = Observed()
    observed.sources.know("tax")
    assert 'hedui_source_breaker_open{source="tax"} 0.0' in exposed(observed)
    gate = Gate("tax", Limits(), shared=Shared(watch=observed.sources))
    for _ in range(8):
        with pytest.raises(SourceError):
            await call(gate, FailureKind.UNREACHABLE)
    assert 'hedui_source_breaker_open{source="tax"} 1.0' in exposed(observed)


async def test_they_are_served_on_a_port_of_their_own() -> None:
    observed = Observed()
    with metrics_served(observed.registry, "127.0.0.1", 0) as port:
        async with httpx.AsyncClient(trust_env=False) as http:
            reply = await http.get(f"http://127.0.0.1:{port}/metrics")
        assert reply.status_code == 200
        assert "process_resident_memory_bytes" in reply.text
        taken = metrics_served(observed.registry, "127.0.0.1", port)
        with pytest.raises(ConfigurationError, match="HEDUI_METRICS_PORT"):
            taken.__enter__()
    with metrics_served(observed.registry, "127.0.0.1", None) as none:
        assert none == 0
