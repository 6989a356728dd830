"""/metrics: who may read it, what it holds, and that no person is in it or in the log."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.logs import ALLOWED
from tests.service_parts import HEAD, NAMES, a_body, all_ten, running


async def test_it_holds_requests_by_route_and_what_the_database_tells(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        id_ = (await service.post()).json()["id"]
        await service.shown(id_)
        await service.http.get(f"/v1/verifications/{HEAD}/nowhere")
        text = (await service.get("/metrics")).text
    route = 'route="/v1/verifications/{verification_id}"'
    assert f'hedui_http_request_seconds_count{{method="GET",{route},status="200"}} 1.0' in text
    assert 'route="none",status="404"' in text
    assert "hedui_database_up 1.0" in text
    assert 'hedui_source_asked_total{source="tax"}' in text
    for secret in (id_, HEAD, HEAD[6:14], *NAMES.values(), "220102-2026-000123"):
        assert secret not in text


@pytest.mark.parametrize(
    ("metrics", "headers", "status"),
    [
        ("local", {}, 200),
        ("local", {"X-Forwarded-For": "10.0.0.7"}, 404),  # by a proxy on this machine
        ("local", {"Forwarded": "for=10.0.0.7"}, 404),
        ("anyone", {"X-Forwarded-For": "10.0.0.7"}, 200),
        ("off", {}, 404),
    ],
)
async def test_who_may_read_it(
    tmp_path: Path, metrics: str, headers: dict[str, str], status: int
) -> None:
    async with running(tmp_path, all_ten()) as service:
        service.app.state.parts = replace(service.parts, metrics=metrics)
        assert (await service.http.get("/metrics", headers=headers)).status_code == status


async def test_a_request_is_one_line_without_any_person(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        with capture_logs() as logged:
            await service.post(a_body(programmes=["nothing"]), wait=0)
            await service.http.get(f"/v1/verifications/{HEAD}?name={HEAD}")
            await service.get("/healthz")
            await service.http.request("BREW", f"/v1/{HEAD}")
    lines = [one for one in logged if one["event"] == "request"]
    shown = [(one["method"], one["route"], one["status"], "client" in one) for one in lines]
    assert shown == [
        ("POST", "/v1/verifications", 422, True),
        ("GET", "/v1/verifications/{verification_id}", 401, False),
        ("other", "none", 404, False),
    ]
    for one in lines:
        assert set(one) - {"log_level"} <= ALLOWED
        assert HEAD not in json.dumps(one)
