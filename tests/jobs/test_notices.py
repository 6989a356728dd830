"""Notices: signed, repeated until accepted under one event id, and each once delivered."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web

from app.jobs.notices import Notifier, signature
from app.store.crypto import FieldCipher
from app.store.migrate import upgrade
from app.store.outbox import Notice, Outbox
from app.store.session import Database, connect
from app.store.tables import outbox
from tests.service_parts import NOON, REGION, Clock, a_body, all_ten, running

KEY = bytes(range(32))


@dataclass
class CaseSystem:
    """Takes notices; `statuses` are its next answers, 204 when they are used up."""

    statuses: list[int] = field(default_factory=list)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append((headers, await request.read()))
        if self.hold is not None and request.path == "/slow":
            await self.hold.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        headers = {"Location": f"{self.url}/elsewhere"} if status == 302 else {}
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def a_case_system(**given: Any) -> AsyncIterator[CaseSystem]:
    system = CaseSystem(**given)
    app = web.Application()
    app.router.add_post("/{path:.*}", system.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    system.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield system
    finally:
        await runner.cleanup()


@dataclass
class Bench:
    database: Database
    store: Outbox
    clock: Clock
    notifier: Notifier

    async def add(self, url: str, number: int = 1) -> None:
        new = Notice(
            event_id=f"ev_{number}",
            verification_id="vf_1",
            region=REGION,
            client_id="cl_1",
            url=url,
            body=b'{"status": "final"}',
            attempts=0,
            created_at=NOON,
        )
        await self.database.write(lambda tx: self.store.add(tx, new))

    async def rows(self) -> list[Any]:
        return await self.database.read(
            lambda tx: list(tx.execute(sa.select(outbox).order_by(outbox.c.event_id)))
        )


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    upgrade(url)
    database, store, clock = connect(url), Outbox(FieldCipher(KEY)), Clock()
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        notifier = Notifier(database, store, http, key_of=lambda _: KEY, now=clock)
        yield Bench(database, store, clock, notifier)
    await database.aclose()


async def test_a_notice_is_signed_over_its_time_and_body(bench: Bench) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await bench.notifier.send_due()
    [(headers, body)] = system.came
    stamp = headers["x-hedui-timestamp"]
    assert stamp == str(int(NOON.timestamp()))
    right = hmac.new(KEY, stamp.encode() + b"." + body, "sha256").hexdigest()
    assert headers["x-hedui-signature"] == f"sha256={right}"
    assert headers["x-hedui-event"] == "ev_1"
    assert headers["content-type"] == "application/json"
    assert signature(KEY, stamp, body + b" ") != f"sha256={right}"


async def test_it_is_repeated_until_accepted_and_then_no_more(bench: Bench) -> None:
    async with a_case_system(statuses=[500, 503, 302]) as system:
        await bench.add(f"{system.url}/verified")
        for _ in range(10):
            await bench.notifier.send_due()
            bench.clock.forward(hours=7)
    assert len(system.came) == 4  # a redirect is not followed and not taken for a yes
    assert {headers["x-hedui-event"] for headers, _ in system.came} == {"ev_1"}
    assert len({body for _, body in system.came}) == 1
    [row] = await bench.rows()
    assert (row.state, row.attempts, row.last_error) == ("delivered", 4, None)


async def test_it_is_not_repeated_before_its_pause_is_over(bench: Bench) -> None:
    async with a_case_system(statuses=[500] * 3) as system:
        await bench.add(f"{system.url}/verified")
        counts = []
        for pause in (0, 1, 1, 9, 1):
            bench.clock.forward(seconds=pause)
            await bench.notifier.send_due()
            counts.append(len(system.came))
    assert counts == [1, 1, 2, 2, 3]


async def test_a_receiver_that_is_away_is_tried_again_and_given_up_in_the_end(
    bench: Bench,
) -> None:
    await bench.add("http://127.0.0.1:1/verified")
    for _ in range(45):
        await bench.notifier.send_due()
        bench.clock.forward(hours=7)
    [row] = await bench.rows()
    assert (row.state, row.attempts, row.last_error) == ("dead", 40, "ConnectError")


async def test_a_slow_receiver_holds_up_nobody_else(bench: Bench) -> None:
    async with a_case_system(hold=asyncio.Event()) as system:
        await bench.add(f"{system.url}/slow", 1)
        await bench.add(f"{system.url}/verified", 2)
        sending = asyncio.create_task(bench.notifier.send_due())
        async with asyncio.timeout(10):
            while (await bench.rows())[1].state != "delivered":
                await asyncio.sleep(0.01)
        assert (await bench.rows())[0].state == "waiting"
        assert system.hold is not None
        system.hold.set()
        await sending
    assert [row.state for row in await bench.rows()] == ["delivered", "delivered"]


async def test_an_address_that_cannot_be_called_is_no_end_of_the_round(bench: Bench) -> None:
    await bench.add("http://[::1/", 1)
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified", 2)
        await bench.notifier.send_due()
    assert [row.state for row in await bench.rows()] == ["waiting", "delivered"]


async def test_a_verifications_changes_reach_the_case_system(tmp_path: Path) -> None:
    """End to end: every change told, with the key that the client may ask for."""
    async with a_case_system(statuses=[500]) as system, running(tmp_path, all_ten()) as service:
        reply = await service.post(a_body(callback_url=f"{system.url}/verified"))
        id_ = reply.json()["id"]
        key = bytes.fromhex((await service.get("/v1/notices/key")).json()["key"])
        other = await service.client()
        assert (await service.get("/v1/notices/key", **other)).json()["key"] != key.hex()

        def told(status: str) -> Callable[[], bool]:
            return lambda: status in [json.loads(body)["status"] for _, body in system.came]

        async with asyncio.timeout(20):
            while not (told("querying")() and told("final")()):
                await asyncio.sleep(0.05)
                service.clock.forward(seconds=1)
        for headers, body in system.came:
            stamp = headers["x-hedui-timestamp"]
            assert headers["x-hedui-signature"] == signature(key, stamp, body)
            event = json.loads(body)
            assert event["event_id"] == headers["x-hedui-event"]
            assert event["verification"] == id_
            assert set(event) == {
                "event_id",
                "type",
                "verification",
                "case_reference",
                "status",
                "at",
            }


async def test_two_rounds_at_once_send_a_notice_once(bench: Bench) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await asyncio.gather(*(bench.notifier.send_due() for _ in range(5)))
    assert len(system.came) == 1


async def test_a_round_that_died_is_made_up_for(bench: Bench) -> None:
    """Taken by a process that ended before sending: due again when its lease is over."""
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await bench.database.write(
            lambda tx: bench.store.take_due(tx, now=NOON, limit=9, lease=timedelta(seconds=60))
        )
        await bench.notifier.send_due()
        assert system.came == []
        bench.clock.forward(seconds=61)
        await bench.notifier.send_due()
    assert len(system.came) == 1
