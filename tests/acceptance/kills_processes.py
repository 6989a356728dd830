"""Processes of the service, killed at random moments and started again at once."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO, Final

import httpx
import orjson

from tests.acceptance.kills_history import Kill
from tests.postgresql import PostgresqlServer
from tests.service_parts import UNLIMITED

HEDUI: Final = (sys.executable, "-m", "app.start")
_READY_WITHIN: Final = 90.0
_LOOK: Final = 0.05


class DidNotStart(RuntimeError):  # noqa: N818 - says what it is
    """The service did not answer within a long time after a start."""


@dataclass(slots=True)
class Running:
    """One process of the service: `serve`, or `worker`; what it logs goes to a file."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    log: IO[bytes]
    url: str = ""
    process: Process | None = None

    async def start(self) -> None:
        """Begins it; does not wait until it is ready."""
        self.process = await asyncio.create_subprocess_exec(
            *HEDUI,
            *self.command,
            env={**os.environ, **self.environment},
            stdin=DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    async def ready(self) -> None:
        """Until it answers; one without an address counts as ready at once."""
        if not self.url:
            return
        until = time.monotonic() + _READY_WITHIN
        async with httpx.AsyncClient(base_url=self.url, timeout=2, trust_env=False) as http:
            while time.monotonic() < until:
                if self.process is None or self.process.returncode is not None:
                    await self.start()
                try:
                    if (await http.get("/healthz")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(_LOOK)
        raise DidNotStart(f"{self.name} did not answer within {_READY_WITHIN:g} s of its start")

    async def kill(self) -> Kill:
        """`kill -9`; gives the moment just before it."""
        assert self.process is not None
        at = time.time()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        return Kill(at, self.name)

    async def end(self) -> None:
        """As an operator ends it."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(20):
                await self.process.wait()
        except TimeoutError:
            await self.kill()


async def hedui(environment: Mapping[str, str], *command: str) -> bytes:
    """What one command of the command line prints."""
    process = await asyncio.create_subprocess_exec(
        *HEDUI, *command, env={**os.environ, **environment}, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise DidNotStart(f"hedui {command[0]}: {err.decode()[-300:]}")
    return out


async def client_of(environment: Mapping[str, str]) -> tuple[str, str]:
    """A client of the whole county; makes the database on its way."""
    scope = ("--scope", "verify,batch,read,review")
    said = await hedui(environment, "clients", "add", "kills", "--region", "220102", *scope)
    told = orjson.loads(said.splitlines()[-1])
    return told["client_id"], told["client_secret"]


@dataclass(slots=True)
class Killer:
    """Kills one of the processes at a random moment, again and again."""

    processes: list[Running]
    random: Random
    forget: Callable[[], None] | None = None
    """Done between a kill and the next start; all processes are killed then."""
    between: tuple[float, float] = (0.3, 2.5)
    """Seconds from when a process is ready to its end."""
    kills: list[Kill] = field(default_factory=list)

    async def run(self, count: int) -> None:
        """So many kills; all processes are up when it returns."""
        for _ in range(count):
            await asyncio.sleep(self.random.uniform(*self.between))
            victims = self.processes
            if self.forget is None:
                victims = [self.random.choice(self.processes)]
            self.kills += await asyncio.gather(*(one.kill() for one in victims))
            if self.forget is not None:
                await asyncio.to_thread(self.forget)
            for one in victims:
                await one.start()
            for one in victims:
                await one.ready()


@dataclass(slots=True)
class Stopper:
    """Stops the database as if it had crashed, and starts it after a while."""

    server: PostgresqlServer
    random: Random
    between: tuple[float, float] = (5.0, 40.0)
    down: tuple[float, float] = (0.0, 2.0)
    kills: list[Kill] = field(default_factory=list)

    async def run(self, count: int) -> None:
        """So many times; the database is up when it returns."""
        for _ in range(count):
            await asyncio.sleep(self.random.uniform(*self.between))
            self.kills.append(Kill(time.time(), "database"))
            await asyncio.to_thread(self.server.stop, at_once=True)
            await asyncio.sleep(self.random.uniform(*self.down))
            await asyncio.to_thread(self.server.start)


def environment_of(folder: Path, database: str, port: int, sources: str) -> dict[str, str]:
    """The settings of every process of this service."""
    return {
        "HEDUI_DATA_DIR": str(folder / "data"),
        "HEDUI_DATABASE_URL": database,
        "HEDUI_SOURCES": sources,
        "HEDUI_BATCH_WORKERS": "0",
        "HEDUI_RATES": UNLIMITED,
        "HEDUI_PORT": str(port),
        "HEDUI_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
