"""A line that dies at a COMMIT: whether it was carried out is not known, and must not matter.

For each write path the line is cut before the COMMIT arrives, as it arrives, and after it was
carried out but before its answer is heard.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web

from app.store.tables import consent_withdrawal, outbox, verification
from app.store.tables_review import review_decision
from tests.connectors.web_server import serving
from tests.durability.parts import bring_on, counted, finish, outside, the_trail, whole
from tests.durability.proxy import Fault, Proxy, When, proxied
from tests.postgresql import PostgresqlServer
from tests.review_parts import a_doubtful_account, reviewers
from tests.service_parts import (
    REGION,
    Running,
    ScriptedSource,
    a_body,
    found,
    registry,
    running,
)

pytestmark = pytest.mark.postgresql
PATHS = {
    "request accepted": "INSERT INTO verification ",
    "lease taken": "UPDATE verification SET leased_by",
    "status moved on": "INSERT INTO outbox",
    "intent to ask": "INSERT INTO asking",
    "replies taken in": "INSERT INTO reply",
    "ticket kept": "INSERT INTO ticket",
    "result kept": "INSERT INTO result",
    "report issued": "INSERT INTO report",
    "notice delivered": "UPDATE outbox SET state",
}
_TRIES = 6


@dataclass
class Receiver:
    """A case system's address: which events came, by verification."""

    events: dict[str, list[str]] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        document = await request.json()
        about = str(document.get("verification") or document.get("verification_id"))
        self.events.setdefault(about, []).append(request.headers["X-Hedui-Event"])
        return web.Response(status=204)


@dataclass(frozen=True)
class Stand:
    """A service behind a proxy, and the server's true address."""

    service: Running
    proxy: Proxy
    url: str
    receiver: Receiver
    callback_url: str

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """As a case system does: the same request again until it is answered."""
        for _ in range(_TRIES):
            reply = await self.service.http.post(
                path, json=body, headers={**self.service.headers, **headers}
            )
            if reply.status_code < 500:
                return reply
            assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE, reply.text
            assert reply.headers["retry-after"]
        pytest.fail(f"{path} is not answered")


@asynccontextmanager
async def standing(
    folder: Path, server: PostgresqlServer, url: str, sources: list[ScriptedSource]
) -> AsyncIterator[Stand]:
    receiver, between = Receiver(), folder / "proxy"
    between.mkdir()
    with proxied(between, server.folder) as proxy:
        async with (
            serving(receiver.take) as address,
            running(folder, sources, database_url=proxy.url(url)) as service,
        ):
            yield Stand(service, proxy, url, receiver, f"{address}/notices")


def two_sources() -> list[ScriptedSource]:
    bank = ScriptedSource("bank", persons_a_query=10, answers_later=True)
    return [registry(), bank]


@pytest.mark.promise(7)
@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_lost_or_doubled(
    tmp_path: Path, postgresql_server: PostgresqlServer, new_postgresql_url: str, path: str
) -> None:
    """Every write path, with the line cut before, at and after COMMIT.

    Planted: keys were neither looked up nor claimed: what is counted at the end was not what was
    asked for.
    """
    async with standing(tmp_path, postgresql_server, new_postgresql_url, two_sources()) as stand:
        ids = [await _one(stand, path, when) for when in When]
        await _all_told(stand, ids)
        with outside(stand.url) as tx:
            whole(tx)
            assert counted(tx, verification) == len(ids)
    assert the_trail(tmp_path, new_postgresql_url).broken_at is None


async def _one(stand: Stand, path: str, when: When) -> str:
    """A verification in whose course the line dies once; gives its id."""
    case = f"220102-2026-{when.value}"
    stand.proxy.fault = fault = Fault(PATHS[path], when)
    body = a_body(case_reference=case, callback_url=stand.callback_url)
    reply = await stand.post("/v1/verifications", body, **{"Idempotency-Key": case})
    assert reply.status_code in (201, 202), reply.text
    id_: str = reply.json()["id"]
    await finish(stand.service, stand.url, [id_])
    async with asyncio.timeout(30):
        while not fault.hits:  # a notice is delivered by a loop of its own
            await bring_on(stand.service, stand.url)
            await asyncio.sleep(0.05)
    return id_


async def _all_told(stand: Stand, ids: list[str]) -> None:
    """Every event reaches the case system, under one id however often."""
    async with asyncio.timeout(60):
        while await asyncio.to_thread(_untold, stand.url):
            await bring_on(stand.service, stand.url)
            await asyncio.sleep(0.05)
    with outside(stand.url) as tx:
        stored = {row.event_id: row for row in tx.execute(sa.select(outbox))}
    came = {event for events in stand.receiver.events.values() for event in events}
    assert came == stored.keys()
    assert {row.verification_id for row in stored.values()} == set(ids)


def _untold(url: str) -> int:
    with outside(url) as tx:
        return counted(tx, outbox, outbox.c.state != "delivered")


async def test_a_withdrawal_that_was_acknowledged_holds(
    tmp_path: Path, postgresql_server: PostgresqlServer, new_postgresql_url: str
) -> None:
    async with standing(tmp_path, postgresql_server, new_postgresql_url, two_sources()) as stand:
        for when in When:
            stand.proxy.fault = fault = Fault("INSERT INTO consent_withdrawal", when)
            reference = f"SQ-2026-{when.value}"
            words = {"region": REGION, "reference": reference}
            reply = await stand.post("/v1/consents/withdrawals", words)
            assert reply.status_code == httpx.codes.CREATED, reply.text
            assert fault.hits == 1
        with outside(stand.url) as tx:
            assert counted(tx, consent_withdrawal) == len(When)


async def test_a_reviewers_word_counts_once(
    tmp_path: Path, postgresql_server: PostgresqlServer, new_postgresql_url: str
) -> None:
    account = found(a_doubtful_account("90000.00"))
    sources = [registry(), ScriptedSource("bank", {"m1": account})]
    async with standing(tmp_path, postgresql_server, new_postgresql_url, sources) as stand:
        for number, when in enumerate(When, start=1):
            case = f"220102-2026-{when.value}"
            body = a_body(case_reference=case)
            reply = await stand.post("/v1/verifications", body, **{"Idempotency-Key": case})
            await finish(stand.service, stand.url, [reply.json()["id"]])
            first, *_ = await reviewers(stand.service)
            item = (await first.records())[0]
            stand.proxy.fault = fault = Fault("INSERT INTO review_decision", when)
            said = [await first.says(item["id"], "another_person") for _ in range(2)]
            assert fault.hits == 1
            assert said[0].status_code == httpx.codes.SERVICE_UNAVAILABLE, said[0].text
            assert said[1].status_code in (httpx.codes.CREATED, httpx.codes.CONFLICT), said[1].text
            with outside(stand.url) as tx:
                assert counted(tx, review_decision) == number
        with outside(stand.url) as tx:
            whole(tx)


async def test_the_proxy_sees_every_write_path(
    tmp_path: Path, postgresql_server: PostgresqlServer, new_postgresql_url: str
) -> None:
    """A path that is not in the table above would not be tested: this names it."""
    async with standing(tmp_path, postgresql_server, new_postgresql_url, two_sources()) as stand:
        body = a_body(callback_url=stand.callback_url)
        reply = await stand.post("/v1/verifications", body, **{"Idempotency-Key": "one"})
        await finish(stand.service, stand.url, [reply.json()["id"]])
        await _all_told(stand, [reply.json()["id"]])
        seen = {
            name
            for statements in stand.proxy.committed
            for name, start in PATHS.items()
            if any(one.startswith(start) for one in statements)
        }
    assert seen == set(PATHS)
