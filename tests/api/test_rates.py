"""Calls are counted on every route: before a body is read, together with other processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.rates import OF_A_CLIENT
from app.api.rates import class_of
from app.main import create_app
from app.settings import Settings
from tests.client_parts import PROXIES, PROXY, ask, via
from tests.service_parts import all_ten, running

LOW = "verify=2/60,read=3/60,write=2/60,batch=2/60,public=2/60,token=2/60,address=4/60"
GONE = "/v1/verifications/vf_none"
OTHERS = {
    "POST /v1/verifications": "verify",
    "POST /v1/verifications/{verification_id}/recheck": "verify",
    "POST /v1/verifications/{verification_id}/objections": "verify",
    "POST /v1/batches": "batch",
    "POST /v1/recipients": "batch",
    "POST /v1/recipients/reverify": "batch",
    "POST /oauth/token": "token",
    "GET /v1/reports/{number}": "public",
    "GET /v1/reports/keys": "address",
    "GET /v1/notices/keys": "address",
    "GET /.well-known/jwks.json": "address",
    "POST /v1/callbacks/{source}": "address",
    "POST /oauth2/client/token": "token",
    "GET /.well-known/locations.json": "address",
    "GET /health": "address",
    "POST /registry/sync/search": "read",
    "POST /registry/sync/enrolled": "read",
    "POST /registry/sync/txn/status": "read",
    "GET /v1/assistance/keys": "address",
    "POST /v1/assistance": "verify",
    "GET /healthz": None,
    "GET /readyz": None,
    "GET /metrics": None,
    "GET /static/report.css": None,
}
"""Routes that are not counted for the client as what their method is: reading, or writing."""


def routes() -> Iterator[tuple[str, str]]:
    for path, methods in create_app(Settings()).openapi()["paths"].items():
        yield from ((method.upper(), path) for method in methods)
    yield from (("GET", "/metrics"), ("GET", "/static/report.css"))


@pytest.mark.promise(28)
@pytest.mark.parametrize(("method", "path"), sorted(routes()))
def test_every_route_is_counted_or_named_here(method: str, path: str) -> None:
    """Planted: `/v1/.*` among the unlimited ones failed on 60 routes."""
    expected = OTHERS.get(f"{method} {path}", "read" if method == "GET" else "write")
    assert class_of(method, path) == expected


@pytest.mark.promise(28)
async def test_one_floods_and_the_others_are_served(tmp_path: Path, database_url: str) -> None:
    """Two services on one database; a client asks both for all that it may, and more.

    Planted: with the client's id left out of the bucket, the others had 429 too.
    """
    async with (
        running(tmp_path / "a", [], database_url=database_url, rates=LOW) as one,
        running(
            tmp_path / "b",
            [],
            database_url=database_url,
            rates=LOW,
            worker="second",
            key_file=tmp_path / "a" / "master.key",
        ) as two,
    ):
        flooding, calm = await one.client(), await two.client()
        replies = [
            await service.http.get(GONE, headers=flooding)
            for _ in range(4)
            for service in (one, two)
        ]
        assert [reply.status_code for reply in replies].count(404) <= 3
        assert {reply.status_code for reply in replies[3:]} == {429}
        for service in (one, two):
            assert (await service.http.get(GONE, headers=calm)).status_code == 404
        one.clock.forward(seconds=60)
        assert (await one.http.get(GONE, headers=flooding)).status_code == 404


@pytest.mark.promise(28)
async def test_what_is_told_on_answers(tmp_path: Path) -> None:
    """On those that succeed as on those that do not; 429 says when.

    Planted: with the fields put on 429 alone, the first answer had none.
    """
    async with running(tmp_path, all_ten(), rates=LOW) as service:
        accepted = await service.post(wait=0)
        assert accepted.status_code == 202
        assert accepted.headers["ratelimit-policy"] == '"verify";q=2;w=60'
        assert accepted.headers["ratelimit"] == '"verify";r=1;t=60'
        invalid = await service.post({"region": "x"}, wait=0)
        assert (invalid.status_code, invalid.headers["ratelimit"]) == (422, '"verify";r=0;t=60')
        service.clock.forward(seconds=20)
        refused = await service.post(wait=0)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "40"
        assert refused.headers["ratelimit"] == '"verify";r=0;t=40'
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["cache-control"] == "no-store"
        assert refused.json()["type"] == "urn:hedui:problem:too-many-requests"
        assert (await service.http.get("/healthz")).headers.get("ratelimit") is None


async def test_a_flood_is_refused_before_its_body_is_read(tmp_path: Path) -> None:
    async with running(tmp_path, [], rates=LOW) as service:
        statuses = []
        for _ in range(3):
            broken = {**service.headers, "Content-Type": "application/json"}
            reply = await service.http.post("/v1/verifications", content=b"{", headers=broken)
            statuses.append(reply.status_code)
        assert statuses == [422, 422, 429]


@pytest.mark.promise(28)
async def test_the_public_routes_are_counted_by_address(tmp_path: Path) -> None:
    """The proxy's word on addresses counts, nobody else's.

    Planted: X-Forwarded-For believed from anybody gave a flooder as many addresses as it liked.
    """
    path = "/v1/reports/HD-1?code=x"
    async with running(tmp_path, [], rates=LOW, trusted_proxies=PROXIES) as service:

        async def statuses(address: str, forwarded: list[str]) -> list[int]:
            async with via(service, address) as http:
                replies = [
                    await http.get(path, headers={"X-Forwarded-For": one}) for one in forwarded
                ]
            return [reply.status_code for reply in replies]

        forged = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
        assert await statuses("203.0.113.9", forged) == [404, 404, 429]
        assert await statuses(PROXY, forged) == [404, 404, 404]
        behind = [f"1.2.3.{number}, 198.51.100.7, 10.0.0.9" for number in range(3)]
        assert await statuses(PROXY, behind) == [404, 404, 429]
        neighbours = [f"2001:db8:0:1::{number}" for number in range(3)]
        assert await statuses(PROXY, neighbours) == [404, 404, 429]


@pytest.mark.promise(28)
async def test_guesses_are_counted_by_address(tmp_path: Path) -> None:
    """Planted: without the class `address`, false tokens could be tried without end."""
    async with running(tmp_path, [], rates=LOW) as service:
        tokens = [await ask(service, client_id="cl_none", client_secret="x") for _ in range(3)]
        assert [reply.status_code for reply in tokens] == [401, 401, 429]
        headers = {"Authorization": "Bearer x.y.z"}
        guesses = [await service.http.get(GONE, headers=headers) for _ in range(5)]
        assert [reply.status_code for reply in guesses] == [401] * 4 + [429]
        assert (await service.get(GONE)).status_code == 404  # a client of that address


async def test_while_nobody_can_count_nothing_is_let_through(tmp_path: Path) -> None:
    async with running(tmp_path, [], rates=LOW) as service:
        database = service.parts.shelf.database
        await database.write(lambda tx: tx.exec_driver_sql("DROP TABLE rate_count"))
        reply = await service.get(GONE)
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
        assert reply.json()["type"] == "urn:hedui:problem:storage-unavailable"


def test_the_classes_of_clients_are_those_of_routes() -> None:
    found = {class_of(method, path) for method, path in routes()}
    assert set(OF_A_CLIENT) - {"wide"} <= found  # counted beside the call: tests/dci
