"""What the tests of clients share: a service on a port, known clients of it, a roster."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from hedui_client import AsyncHedui, Hedui
from hedui_client.models import VerificationIn
from tests.client_parts import Known, register
from tests.jobs.notice_parts import CaseSystem
from tests.service_parts import (
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

SCOPES = ("verify", "read", "batch", "review")


def some_sources() -> list[ScriptedSource]:
    return all_ten(ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))}))


def a_household(**changes: Any) -> VerificationIn:
    return cast("VerificationIn", a_body(**changes))


@dataclass
class At:
    """A service that is reached by its address."""

    url: str
    service: Running

    async def known(self, **more: Any) -> Known:
        return await register(self.service, secret=True, **{"scopes": SCOPES, **more})

    @asynccontextmanager
    async def client(self, known: Known | None = None, **more: Any) -> AsyncIterator[AsyncHedui]:
        who = known or await self.known()
        async with AsyncHedui(self.url, who.id, who.secret, trust_env=False, **more) as client:
            yield client

    def in_threads(self, known: Known, **more: Any) -> Hedui:
        return Hedui(self.url, known.id, known.secret, trust_env=False, **more)


@asynccontextmanager
async def a_service(
    folder: Path, sources: Sequence[ScriptedSource], **settings: Any
) -> AsyncIterator[At]:
    """Over real HTTP, in this event loop."""
    async with running(folder, sources, **settings) as service, on_a_port(service.app) as url:
        yield At(url, service)


@asynccontextmanager
async def on_a_port(app: FastAPI) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False)
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """A server that leaves signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def a_notice(
    at: At, system: CaseSystem, client: AsyncHedui, path: str = "/told"
) -> tuple[str, dict[str, str], bytes]:
    """The first notice that the service sends of a new verification: address, headers, body."""
    url = f"{system.url}{path}"
    begun = len(system.came)
    await client.verify(a_household(callback_url=url))
    async with asyncio.timeout(20):
        while len(system.came) == begun:
            await asyncio.sleep(0.02)
            at.service.clock.forward(seconds=1)
    headers, body = system.came[begun]
    assert json.loads(body)["event_id"] == headers["x-hedui-event"]
    return url, headers, body
