"""Bounds on what comes in and headers on what goes out, on every answer.

A request sees no row of any region until its caller is known (`deps.caller`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.depth import why_not
from app.api.problems import HEADERS, problem
from app.api.uploads import MOST_FORM, MULTIPART
from app.batch.roster.bounds import MOST_BYTES as MOST_ROSTER
from app.store.scope import nothing_yet

MOST_BYTES = 8 * 1024 * 1024
MOST_FIELDS: Final = 64
MOST_FIELD_BYTES: Final = 32 * 1024
"""Of all header fields together; a client certificate in one of them has some kilobytes."""
MOST_TARGET: Final = 8 * 1024
"""Bytes of path and query."""
_ROSTERS = frozenset({"/v1/batches", "/ui/batches/new"})
_MOST_OF_ROSTER = MOST_ROSTER + 1024 * 1024
"""A roster, and what a multipart body has around it."""
_NOT_JSON: Final = (
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/x-ndjson",
)


class TooLarge(HTTPException):
    """The body is larger than anything that this interface takes.

    An `HTTPException`, for the framework makes any other that arises at reading a 400.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        super().__init__(413, f"at most {most} bytes are taken")


class Unreadable(HTTPException):
    """The body would harm whatever reads it."""

    def __init__(self, words: str) -> None:
        super().__init__(422, words)


class Guard:
    """A pure ASGI layer (a BaseHTTPMiddleware costs 0.3 ms a call)."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        with nothing_yet():
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = _refusal(scope) if scope["type"] == "http" else None
        if refusal is not None:
            status, title = refusal
            await problem(status, "too-large", title)(scope, receive, headed)
            return
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        bounded = _Bounded(receive, _most(scope["path"], kind))
        taken = bounded.chunk if kind in _NOT_JSON else bounded.whole
        await self._app(scope, taken, headed)


def _most(path: str, kind: str) -> int:
    """Bytes that are taken there: rosters are long, forms may bring a file."""
    if path in _ROSTERS:
        return _MOST_OF_ROSTER
    brings_file = path.startswith("/ui/") or path.endswith("/proofs")
    return MOST_FORM if kind == MULTIPART and brings_file else MOST_BYTES


def _refusal(scope: Scope) -> tuple[int, str] | None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_TARGET:
        return 414, f"path and query have at most {MOST_TARGET} bytes"
    fields: Iterable[tuple[bytes, bytes]] = scope["headers"]
    if len(scope["headers"]) > MOST_FIELDS or sum(map(_size, fields)) > MOST_FIELD_BYTES:
        return 431, f"at most {MOST_FIELDS} header fields, {MOST_FIELD_BYTES} bytes, are taken"
    return None


def _size(field: tuple[bytes, bytes]) -> int:
    return len(field[0]) + len(field[1])


class _Bounded:
    """A body as it comes, or put together and looked at first: JSON is read at once anyhow."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._taken = 0
        self._is_read = False

    async def chunk(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            raise TooLarge(self._most)
        return message

    async def whole(self) -> Message:
        if self._is_read:
            return await self._receive()
        parts = []
        while True:
            message = await self.chunk()
            if message["type"] != "http.request":
                return message
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        self._is_read = True
        body = b"".join(parts)
        words = why_not(body)
        if words is not None:
            raise Unreadable(words)
        return {"type": "http.request", "body": body, "more_body": False}
