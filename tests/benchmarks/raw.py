"""The ceiling: raw sockets, pipelined, hand-made SQL, no framework, no concern for faults.

30 calls a household (the household registry twice, sources with jobs submitted and fetched, each
about one person), some 60 records compared with names and numbers, one transaction with a row a
call, one answer in JSON.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import orjson

from tests.benchmarks.rows import Gathered, Reply, Rows, profile_of
from tests.benchmarks.stub.asking import POLL, Chain, Request, chains_of, job_of
from tests.benchmarks.stub.configuration import OVER_HTTP
from tests.benchmarks.stub.people import household

CONNECTIONS: Final = 24
_GROUP: Final = 50
Take = Callable[[bytes], None]


class Pipe(asyncio.Protocol):
    """A kept connection: requests go out at once, replies come back in their order."""

    def __init__(self) -> None:
        self._left = b""
        self._takers: deque[Take] = deque()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes, take: Take) -> None:
        assert self._transport is not None
        self._takers.append(take)
        self._transport.write(request)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        data = self._left + data if self._left else data
        at = 0
        while True:
            end = data.find(b"\r\n\r\n", at)
            if end < 0:
                break
            length = data.find(b"Content-Length: ", at, end) + 16
            stop = end + 4 + int(data[length : data.find(b"\r", length)])
            if stop > len(data):
                break
            self._takers.popleft()(data[end + 4 : stop])
            at = stop
        self._left = data[at:]


class Raw:
    """Many households at once over some connections."""

    def __init__(self, pipes: list[Pipe], rows: Rows) -> None:
        self._pipes = pipes
        self._rows = rows
        self._next = 0
        self._waiting: list[tuple[Gathered, asyncio.Future[bytes]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.matched = 0

    async def verify(self, number: int) -> bytes:
        """The answer, once it is stored."""
        loop = asyncio.get_running_loop()
        replies: list[Reply] = []
        chains = list(chains_of(number, OVER_HTTP, together=False))
        done: asyncio.Future[None] = loop.create_future()
        left = [len(chains)]

        def ended() -> None:
            left[0] -= 1
            if not left[0]:
                done.set_result(None)

        for chain in chains:
            self._follow(chain, 0, (replies, ended), b"")
        await done
        self.matched += _matched(number, replies)
        stored: asyncio.Future[bytes] = loop.create_future()
        gathered = Gathered(number, replies, profile_of(number, replies))
        self._waiting.append((gathered, stored))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await stored

    def _follow(
        self, chain: Chain, step: int, told: tuple[list[Reply], Callable[[], None]], before: bytes
    ) -> None:
        """The next call of a chain, and so on to its end."""
        replies, ended = told

        def take(body: bytes) -> None:
            replies.append(Reply(f"{chain.source}/{step}", chain.refs, body))
            if step + 1 < len(chain.calls):
                self._follow(chain, step + 1, told, body)
            else:
                ended()

        call = chain.calls[step]
        if call.target == POLL:
            call = Request("GET", POLL + job_of(before))
        self._next = (self._next + 1) % len(self._pipes)
        self._pipes[self._next].send(call.raw(), take)

    async def _write(self) -> None:
        """Commits what has gathered, again and again."""
        while self._waiting:
            group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
            await self._rows.put([one for one, _ in group])
            for one, future in group:
                future.set_result(one.profile)
        self._writing = None


def _matched(number: int, replies: list[Reply]) -> int:
    """Records whose name and number are a member's, by plain equality."""
    members = {(one.name, one.id_number) for one in household(number)}
    count = 0
    for reply in replies:
        if not reply.body.startswith(b"{"):
            count += sum(reply.body.count(one.encode()) for _, one in members)
            continue
        for row in _records(orjson.loads(reply.body)):
            name = row.get("xm") or row.get("personName") or row.get("qlrmc")
            whose = row.get("gmsfhm") or row.get("sfzh") or row.get("qlrzjh") or row.get("zjhm")
            count += (name, whose) in members
    return count


def _records(found: object) -> list[dict[str, object]]:
    """Every object that names somebody, wherever it stands."""
    if isinstance(found, list):
        return [row for one in found for row in _records(one)]
    if not isinstance(found, dict):
        return []
    if "xm" in found or "qlrmc" in found or "personName" in found:
        return [found]
    return [row for one in found.values() for row in _records(one)]


async def pipes(port: int) -> list[Pipe]:
    """Connections to the stub."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Pipe, "127.0.0.1", port) for _ in range(CONNECTIONS)]
    return [pipe for _, pipe in made]
