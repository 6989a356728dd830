"""Bounds on what comes in and headers on what goes out, on every answer.

A request sees no row of any region until its caller is known (`deps.caller`).
"""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import HEADERS
from app.batch.roster.bounds import MOST_BYTES as MOST_ROSTER
from app.store.scope import nothing_yet

MOST_BYTES = 8 * 1024 * 1024
_ROSTERS = "/v1/batches"
_MOST_OF_ROSTER = MOST_ROSTER + 1024 * 1024
"""A roster, and what a multipart body has around it."""


class TooLarge(HTTPException):
    """The body is larger than anything that this interface takes.

    An `HTTPException`, for the framework makes any other that arises at reading a 400.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        super().__init__(413, f"at most {most} bytes are taken")


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
        most = _MOST_OF_ROSTER if scope["path"] == _ROSTERS else MOST_BYTES
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge(most)
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, bounded, headed)
