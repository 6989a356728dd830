"""The least that the same answers cost: the recorded calls again, read and thrown away."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from sqlalchemy.dialects import sqlite
from yarl import URL

from connectors.housing_fund.statement import View, parameters_for, statement_for
from tests.benchmarks.households import BY_STATEMENT, Chain

_ROWS: Final = 1001


@dataclass(frozen=True, slots=True)
class BareClient:
    """asyncio and aiohttp, a session a source; the view by `sqlite3` in a thread."""

    sessions: Mapping[str, aiohttp.ClientSession]
    view: "ViewReader"

    async def verify(self, chains: Sequence[Chain]) -> int:
        """All persons at all sources side by side; the bytes that came."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._chain(chain)) for chain in chains]
        return sum(task.result() for task in tasks)

    async def _chain(self, chain: Chain) -> int:
        if chain.source == BY_STATEMENT:
            return await self.view.read(chain)
        size = 0
        for call in chain.calls:
            session = self.sessions[call.source]
            url = URL(call.url, encoded=True)
            async with session.request(
                call.method, url, headers=call.headers, data=call.body or None
            ) as reply:
                size += len(await reply.read())
        return size


class ViewReader:
    """The connector's own statement, by the standard library alone."""

    def __init__(self, path: Path) -> None:
        compiled = statement_for(View(), rows=_ROWS, dialect="sqlite").compile(
            dialect=sqlite.dialect(paramstyle="named")
        )
        self._text = str(compiled)
        self._fixed = compiled.params
        self._threads = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, check_same_thread=False
        )

    async def read(self, chain: Chain) -> int:
        return len(await self.rows(parameters_for(name=chain.name, id_number=chain.id_number)))

    async def rows(self, values: Mapping[str, Any]) -> list[Any]:
        """The view's rows for the statement's values."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, {**self._fixed, **values})

    def _read(self, values: Mapping[str, Any]) -> list[Any]:
        return self._connection.execute(self._text, values).fetchall()

    def close(self) -> None:
        self._threads.shutdown()
        self._connection.close()


@asynccontextmanager
async def bare_client(
    sources: Mapping[str, Mapping[str, Any]],
) -> AsyncIterator[BareClient]:
    """A client of the sources that answer at once; `sources` is the service's configuration."""
    view = ViewReader(Path(sources[BY_STATEMENT]["url"].partition(":///")[2]))
    sessions = {}
    async with AsyncExitStack() as stack:
        stack.callback(view.close)
        for name in sources:
            if name != BY_STATEMENT:
                sessions[name] = await stack.enter_async_context(
                    aiohttp.ClientSession(
                        connector=aiohttp.TCPConnector(limit=64),
                        cookie_jar=aiohttp.DummyCookieJar(),
                        auto_decompress=False,
                    )
                )
        yield BareClient(sessions, view)
