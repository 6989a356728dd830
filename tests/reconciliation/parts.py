"""What these tests share: a service that holds one household, and passes for it."""

import json
from typing import Any

import httpx

from tests.service_parts import Running

SCOPES = ("verify", "read", "review", "batch")
ROSTER = {"reference": "2026-11-nanguan", "rows": 200}


async def a_pass(
    service: Running, headers: dict[str, str] | None = None, **changes: Any
) -> dict[str, Any]:
    """A new pass; gives its document, with the path of its address."""
    sent = headers or service.headers
    made = await service.http.post("/v1/roster-passes", json={**ROSTER, **changes}, headers=sent)
    assert made.status_code == httpx.codes.CREATED, made.text
    document: dict[str, Any] = made.json()
    return {**document, "path": httpx.URL(document["url"]).path}


async def asked(
    service: Running, path: str, queries: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    """As a form; `queries` as text, or as what becomes JSON."""
    text = queries if isinstance(queries, str) else json.dumps(queries)
    return await service.http.post(path, data={"queries": text}, headers=headers)


def about(name: str, kind: str = "person", **properties: str) -> dict[str, Any]:
    """One query."""
    given = [{"pid": pid, "v": value} for pid, value in properties.items()]
    return {"query": name, "type": kind, "properties": given}


async def results(service: Running, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The candidates of one query."""
    reply = await asked(service, path, {"q0": query})
    assert reply.status_code == httpx.codes.OK, reply.text
    found: list[dict[str, Any]] = reply.json()["q0"]["result"]
    return found
