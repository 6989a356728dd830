"""What a careful programmer writes without durability: asyncio, aiohttp, rows of each reply.

The same calls as the service makes, a session a source, a commit for 50 households.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import aiohttp
from yarl import URL

from connectors.housing_fund.statement import parameters_for
from tests.benchmarks.bare import ViewReader
from tests.benchmarks.rows import Gathered, Reply, Rows, profile_of
from tests.benchmarks.stub.asking import POLL, Chain, chains_of, job_of
from tests.benchmarks.stub.people import household

_BY_STATEMENT: Final = "housing_fund"


class Plain:
    """A client of the stub's sources."""

    def __init__(self, url: str, names: Sequence[str], fund: Path, closing: AsyncExitStack) -> None:
        self._url = url
        self._names = [name for name in names if name != _BY_STATEMENT]
        self._view = ViewReader(fund) if _BY_STATEMENT in names else None
        self._sessions = {name: _session() for name in self._names}
        for session in self._sessions.values():
            closing.push_async_callback(session.close)
        if self._view is not None:
            closing.callback(self._view.close)

    async def gather(self, number: int) -> Gathered:
        """All sources about all three, side by side."""
        chains = list(chains_of(number, self._names, together=True))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._follow(chain)) for chain in chains]
            if self._view is not None:
                tasks += [group.create_task(self._account(self._view, one)) for one in _who(number)]
        replies = [task.result() for task in tasks]
        return Gathered(number, replies, profile_of(number, replies))

    async def _follow(self, chain: Chain) -> Reply:
        session, body = self._sessions[chain.source], b""
        for call in chain.calls:
            target = POLL + job_of(body) if call.target == POLL else call.target
            url = URL(self._url + target, encoded=True)
            kind = {"Content-Type": call.kind} if call.kind else None
            async with session.request(
                call.method, url, headers=kind, data=call.body or None
            ) as reply:
                body = await reply.read()
        return Reply(chain.source, chain.refs, body)

    async def _account(self, view: ViewReader, whose: tuple[str, str, str]) -> Reply:
        ref, name, number = whose
        values = parameters_for(name=name, id_number=number)
        found = await view.rows(values)
        return Reply(_BY_STATEMENT, (ref,), repr(found).encode())

    async def unit(self, numbers: Sequence[int], rows: Rows) -> None:
        """These households, then one commit."""
        await rows.put(await asyncio.gather(*map(self.gather, numbers)))


def _who(number: int) -> list[tuple[str, str, str]]:
    return [(one.ref, one.name, one.id_number) for one in household(number)]


def _session() -> aiohttp.ClientSession:
    settings: dict[str, Any] = {
        "connector": aiohttp.TCPConnector(limit=64),
        "cookie_jar": aiohttp.DummyCookieJar(),
        "auto_decompress": False,
    }
    return aiohttp.ClientSession(**settings)
