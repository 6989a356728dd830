"""Brings the insurers' answers to the caller: signed, repeated until taken, spoilt as told."""

import asyncio
import io
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import aiohttp
import orjson
from yarl import URL

from connectors.sandbox.faults import ANSWER, Fault, Step
from connectors.sandbox.servers import payloads
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.http_faults import recoded
from connectors.sandbox.servers.listener import reset
from connectors.sandbox.servers.signature import OLDEST_SECONDS, signed_headers

CALL_SECONDS: Final = 10.0
REPEATED_FOR_SECONDS: Final = 3 * 24 * 3600.0
LONGEST_PAUSE_SECONDS: Final = 3600.0

RAW: Final = frozenset(
    {
        Fault.STALL,
        Fault.RESET,
        Fault.DRIP_HEADERS,
        Fault.DRIP_BODY,
        Fault.TRUNCATED_WITH_LENGTH,
    }
)
"""Faults of a callback for which a well-behaved HTTP client is no use."""
BODIES: Final = frozenset(
    {
        Fault.GARBAGE,
        Fault.EMPTY,
        Fault.TRUNCATED_WITHOUT_LENGTH,
        Fault.WRONG_CONTENT_TYPE,
        Fault.WRONG_CHARSET,
        Fault.TEN_MEGABYTES,
        Fault.GZIP_BOMB,
        Fault.DEEP_JSON,
    }
)
MARKS: Final = frozenset(
    {
        Fault.BAD_SIGNATURE_CALLBACK,
        Fault.OLD_TIMESTAMP_CALLBACK,
        Fault.UNKNOWN_INQUIRY_CALLBACK,
        Fault.LATE,
    }
)
SHOWN: Final = ANSWER | RAW | BODIES | MARKS

Body = Callable[[Fault | None], dict[str, object]]


class Pusher:
    """Posts callbacks; a part that is not taken comes again after growing pauses."""

    def __init__(self, desk: Desk, app_id: str, key: str) -> None:
        self._desk = desk
        self._app_id, self._key = app_id, key
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        self._session = aiohttp.ClientSession(
            timeout=timeout, auto_decompress=False, trust_env=False
        )

    async def stop(self) -> None:
        tasks = list(self._tasks)
        self.drop()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def drop(self) -> None:
        """Gives up all that is being sent."""
        for task in self._tasks:
            task.cancel()

    def send(self, url: str, bodies: Sequence[Body]) -> None:
        """Sends the parts in this order, each of them until it is taken."""
        task = asyncio.ensure_future(self._send_all(url, bodies))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, url: str, bodies: Sequence[Body]) -> None:
        await asyncio.sleep(self._desk.pace.callback_delay)
        for body in bodies:
            await self._until_taken(url, body)

    async def _until_taken(self, url: str, body: Body) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + REPEATED_FOR_SECONDS
        pause = self._desk.pace.callback_pause
        while loop.time() < give_up_at:
            fault = self._desk.choose(Step.CALLBACK, SHOWN)
            if fault is Fault.LATE:
                await asyncio.sleep(self._desk.board.late_seconds)
            taken = await self._attempt(url, orjson.dumps(body(fault)), fault)
            if taken and fault is Fault.DUPLICATE:
                await self._attempt(url, orjson.dumps(body(None)), None)
            if taken:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _attempt(self, url: str, body: bytes, fault: Fault | None) -> bool:
        """One call; whether the caller said that it has received it."""
        sent = self._spoilt(body, fault)
        headers = self._headers(sent, fault)
        self._desk.note(Step.CALLBACK, None, url)
        try:
            if fault in RAW:
                await self._raw(URL(url), sent, headers, fault)
                return False
            return await self._post(url, sent, headers)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        if self._session is None:
            return False
        async with self._session.post(
            url, data=io.BytesIO(body), headers=headers, allow_redirects=False
        ) as reply:
            if reply.status != 200:
                return False
            told = orjson.loads(await reply.read())
            return isinstance(told, dict) and told.get("received") is True

    def _spoilt(self, body: bytes, fault: Fault | None) -> bytes:
        match fault:
            case Fault.GARBAGE:
                return payloads.garbage(self._desk.rng)
            case Fault.EMPTY:
                return b""
            case Fault.TRUNCATED_WITHOUT_LENGTH:
                return body[: len(body) // 2]
            case Fault.WRONG_CONTENT_TYPE:
                return payloads.HTML_PAGE.encode()
            case Fault.WRONG_CHARSET:
                return recoded(body)
            case Fault.TEN_MEGABYTES:
                return payloads.padded(body)
            case Fault.GZIP_BOMB:
                return payloads.gzip_bomb()
            case Fault.DEEP_JSON:
                return payloads.deep_json()
            case _:
                return body

    def _headers(self, body: bytes, fault: Fault | None) -> dict[str, str]:
        timestamp = int(self._desk.board.caller_clock())
        if fault is Fault.OLD_TIMESTAMP_CALLBACK:
            timestamp -= OLDEST_SECONDS + 60
        headers = signed_headers(self._app_id, self._key, timestamp, body)
        headers["Content-Type"] = "application/json; charset=utf-8"
        if fault is Fault.BAD_SIGNATURE_CALLBACK:
            headers["X-Signature"] = headers["X-Signature"][::-1]
        if fault is Fault.WRONG_CONTENT_TYPE:
            headers["Content-Type"] = "text/html"
        if fault is Fault.GZIP_BOMB:
            headers["Content-Encoding"] = "gzip"
        return headers

    async def _raw(
        self, url: URL, body: bytes, headers: dict[str, str], fault: Fault | None
    ) -> None:
        """A call that never ends well, written byte by byte."""
        secure = ssl.create_default_context() if url.scheme == "https" else None
        _reader, writer = await asyncio.open_connection(url.host, url.port, ssl=secure)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._write(writer, _head(url, headers, len(body)), body, fault)
        finally:
            if fault is Fault.RESET:
                reset(writer.transport)
            writer.close()

    async def _write(
        self, writer: asyncio.StreamWriter, head: bytes, body: bytes, fault: Fault | None
    ) -> None:
        slow = b""
        match fault:
            case Fault.RESET | Fault.TRUNCATED_WITH_LENGTH:
                writer.write(head + body[: len(body) // 2])
            case Fault.DRIP_BODY:
                writer.write(head)
                slow = body
            case Fault.DRIP_HEADERS:
                slow = head
            case _:
                await asyncio.Event().wait()  # a connection, and nothing on it
        await writer.drain()
        for position in range(len(slow)):
            writer.write(slow[position : position + 1])
            await writer.drain()
            await asyncio.sleep(self._desk.board.drip_seconds)


def _head(url: URL, headers: dict[str, str], length: int) -> bytes:
    lines = [f"POST {url.raw_path_qs} HTTP/1.1", f"Host: {url.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {length}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode()
