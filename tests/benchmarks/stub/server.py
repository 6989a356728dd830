"""HTTP/1.1 as far as our clients speak it, on bare asyncio: keep-alive, pipelined, one latency."""

import asyncio
import os
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

from tests.benchmarks.stub.answers import Answer, Answers, Asked

_HEAD: Final = (
    b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n"
)
_UNKNOWN: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_END: Final = b"\r\n\r\n"
_KEY: Final = b"person of a stub's log"


def keyed(id_number: str) -> str:
    """A person in a log: no number can be read out of it."""
    return blake2b(id_number.encode(), digest_size=12, key=_KEY).hexdigest()


class Journal:
    """An append-only file, a line a person asked about: seconds, source, keyed person."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, asked: Asked) -> None:
        at = time.time()
        lines = [f"{at:.6f} {asked.source} {keyed(number)}\n" for number in asked.numbers]
        os.write(self._file, "".join(lines).encode())

    def close(self) -> None:
        os.close(self._file)


@dataclass(slots=True)
class Stub:
    """What all connections share; `latency` in seconds, for every call."""

    latency: float = 0.0
    journal: Journal | None = None
    calls: int = 0
    answers: Answers = field(default_factory=Answers)


class Speaking(asyncio.Protocol):
    """One connection: every whole request is answered in its turn."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._routes = stub.answers.routes
        self._left = b""
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        data = self._left + data if self._left else data
        while data:
            end = data.find(_END)
            if end < 0:
                break
            size = _length(data, end)
            body_ends = end + len(_END) + size
            if len(data) < body_ends:
                break
            self._answer(data[:end], data[end + len(_END) : body_ends])
            data = data[body_ends:]
        self._left = data

    def _answer(self, head: bytes, body: bytes) -> None:
        stub = self._stub
        stub.calls += 1
        route = self._routes.get(head[:9])
        if route is None:
            self._write(_UNKNOWN)
            return
        answer = route(head.split(b" ", 2)[1], body)
        if stub.journal is not None and answer.asked.numbers:
            stub.journal.note(answer.asked)
        if stub.latency > 0:
            self._loop.call_later(stub.latency, self._write, _whole(answer))
        else:
            self._write(_whole(answer))

    def _write(self, reply: bytes) -> None:
        if self._transport is not None:
            self._transport.write(reply)


def _whole(answer: Answer) -> bytes:
    return _HEAD % (answer.status, answer.content_type, len(answer.body)) + answer.body


def _length(data: bytes, end: int) -> int:
    """The Content-Length of the head, by either of the ways in which it is written here."""
    at = data.find(b"Content-Length: ", 0, end)
    if at < 0:
        at = data.find(b"content-length: ", 0, end)
    if at < 0:
        return 0
    stop = data.find(b"\r", at, end + 1)
    return int(data[at + len(b"Content-Length: ") : stop])


async def serve(stub: Stub, port: int = 0) -> asyncio.Server:
    """Listens on loopback; port 0 is any free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Speaking(stub), "127.0.0.1", port, backlog=1024)
