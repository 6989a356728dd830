"""A case system that takes notices, and a sender over a database of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from aiohttp import web

from app.jobs.notices import Notifier
from app.store.crypto import FieldCipher
from app.store.outbox import Notice, Outbox
from app.store.session import Database, connect
from app.store.tables import outbox
from tests.new_databases import brought_up
from tests.service_parts import REGION, Clock

KEY = bytes(range(32))


@dataclass
class CaseSystem:
    """Takes notices; `statuses` are its next answers, 204 when they are used up."""

    statuses: list[int] = field(default_factory=list)
    retry_after: str | None = None
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    url: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        """`/slow` waits for `hold`, `/long` has a large body, `/dripping` one that never ends."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append((headers, await request.read()))
        if self.hold is not None and request.path == "/slow":
            await self.hold.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        headers = {"Location": f"{self.url}/elsewhere"} if status == 302 else {}
        if self.retry_after is not None and status in (429, 503):
            headers["Retry-After"] = self.retry_after
        if request.path == "/dripping":
            return await self._drip(request)
        body = b"x" * 10_000_000 if request.path == "/long" else None
        return web.Response(status=200 if body else status, headers=headers, body=body)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        dripping = web.StreamResponse()
        await dripping.prepare(request)
        await dripping.write(b"x")
        try:
            await asyncio.Event().wait()
        finally:
            self.hung_up = True
        return dripping


@asynccontextmanager
async def a_case_system(**given: Any) -> AsyncIterator[CaseSystem]:
    system = CaseSystem(**given)
    app = web.Application()
    app.router.add_post("/{path:.*}", system.take)
    runner = web.AppRunner(app, shutdown_timeout=1, handler_cancellation=True)
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

    async def add(self, url: str, number: int = 1, **changes: Any) -> None:
        """A notice of a verification of its own, unless it is said of which."""
        new = Notice(
            event_id=f"ev_{number}",
            region=REGION,
            url=url,
            created_at=self.clock(),
            **{
                "verification_id": f"vf_{number}",
                "client_id": "cl_1",
                "body": b'{"status": "final"}',
                **changes,
            },
        )
        await self.database.write(lambda tx: self.store.add(tx, new))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def rows(self) -> list[Any]:
        return await self.database.read(
            lambda tx: list(tx.execute(sa.select(outbox).order_by(outbox.c.event_id)))
        )


@asynccontextmanager
async def a_bench(url: str) -> AsyncIterator[Bench]:
    """The sender over an empty database."""
    brought_up(url)
    database, store, clock = connect(url), Outbox(FieldCipher(KEY)), Clock()
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        notifier = Notifier(
            database, store, http, key_of=lambda _: KEY, now=clock, chance=lambda: 0.0
        )
        yield Bench(database, store, clock, notifier)
        await notifier.aclose()
    await database.aclose()
