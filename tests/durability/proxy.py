"""Stands between the service and PostgreSQL and cuts the line at a COMMIT of one's choice.

It reads what the client says (PostgreSQL's frontend messages) and so knows which statements a
transaction has run, prepared ones included.
"""

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_UNTYPED = struct.Struct("!II")
_TYPED = struct.Struct("!cI")
_PROTOCOL_3 = 3
_BLOCK = 65536


class When(Enum):
    """Where the line is cut: the COMMIT never arrives, arrives, or its answer is swallowed."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"


@dataclass
class Fault:
    """Cut once, at a COMMIT of a transaction in which a statement began with `statement`."""

    statement: str
    when: When
    hits: int = 0

    def meets(self, statements: list[str]) -> bool:
        return self.hits == 0 and any(one.startswith(self.statement) for one in statements)


@dataclass
class Proxy:
    """Listens on a socket in `folder`; hands on to the server whose socket is in `server`."""

    folder: Path
    server: Path
    fault: Fault | None = None
    committed: list[tuple[str, ...]] = field(default_factory=list)
    """What each transaction that came to a COMMIT had run."""
    lines: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, original: str) -> str:
        """The same database, through this proxy."""
        return original.replace(str(self.server), str(self.folder))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.lines.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self.lines.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up = await asyncio.open_unix_connection(str(self.server / _SOCKET))
        line = _Line(self, (reader, writer), up)
        try:
            await line.run()
        finally:
            for side in (writer, up[1]):
                side.close()
                with suppress(OSError):
                    await side.wait_closed()


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Cut(Exception):  # noqa: N818
    """The line is dead."""


class _Line:
    """One connection of the client's."""

    def __init__(self, proxy: Proxy, client: Pair, server: Pair) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._prepared: dict[bytes, str] = {}
        self._statements: list[str] = []
        self._swallow = False

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._forth()), asyncio.create_task(self._back())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _back(self) -> None:
        reader, writer = self._server[0], self._client[1]
        while True:
            data = await reader.read(_BLOCK)
            if not data or self._swallow:
                return
            writer.write(data)
            await writer.drain()

    async def _forth(self) -> None:
        with suppress(_Cut, asyncio.IncompleteReadError, OSError):
            await self._start_up()
            while True:
                await self._message()

    async def _start_up(self) -> None:
        head = await self._client[0].readexactly(_UNTYPED.size)
        length, code = _UNTYPED.unpack(head)
        rest = await self._client[0].readexactly(length - _UNTYPED.size)
        await self._send(head + rest)
        if code >> 16 != _PROTOCOL_3:
            raise _Cut  # a cancelling; encryption is never asked for on a Unix socket

    async def _message(self) -> None:
        head = await self._client[0].readexactly(_TYPED.size)
        kind, length = _TYPED.unpack(head)
        body = await self._client[0].readexactly(length - 4)
        self._note(kind, body)
        if kind == b"Q" and _words(body).upper().startswith("COMMIT"):
            await self._commit(head + body)
            self._statements = []
        else:
            await self._send(head + body)

    def _note(self, kind: bytes, body: bytes) -> None:
        """Which statement runs: a simple query, or a prepared one that is bound."""
        if kind == b"Q":
            text = _words(body)
            if text.upper().startswith(("BEGIN", "ROLLBACK", "START")):
                self._statements = []
            self._statements.append(text)
        elif kind == b"P":
            name, _, rest = body.partition(b"\x00")
            self._prepared[name] = _words(rest)
        elif kind == b"B":
            _, _, rest = body.partition(b"\x00")
            name = rest.partition(b"\x00")[0]
            self._statements.append(self._prepared.get(name, ""))

    async def _commit(self, message: bytes) -> None:
        self._proxy.committed.append(tuple(self._statements))
        fault = self._proxy.fault
        if fault is None or not fault.meets(self._statements):
            await self._send(message)
            return
        fault.hits += 1
        self._swallow = True
        if fault.when is not When.BEFORE:
            await self._send(message)
        if fault.when is When.AFTER:
            await self._server[0].read(_BLOCK)  # CommandComplete: the server has committed
        raise _Cut

    async def _send(self, data: bytes) -> None:
        self._server[1].write(data)
        await self._server[1].drain()


def _words(body: bytes) -> str:
    return body.partition(b"\x00")[0].decode("utf-8", "replace").strip()


@contextmanager
def proxied(folder: Path, server: Path) -> Iterator[Proxy]:
    """In a thread of its own: the service migrates in its loop, and would wait for itself."""
    proxy, loop = Proxy(folder, server), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy")
    thread.start()
    path = str(folder / _SOCKET)
    listening = asyncio.run_coroutine_threadsafe(_listen(proxy, path), loop).result()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end(proxy, listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(proxy: Proxy, path: str) -> asyncio.Server:
    return await asyncio.start_unix_server(proxy.serve, path)


async def _end(proxy: Proxy, listening: asyncio.Server) -> None:
    listening.close()
    tasks = tuple(proxy.lines)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
