"""Asks partners for something short, their keys or a token, at allowed addresses alone."""

import asyncio
from dataclasses import dataclass
from typing import Final

import httpx

from connectors.contract import Permit
from connectors.failure import FailureKind, SourceError
from connectors.transport.http import HttpCall, HttpReply

MOST_BYTES: Final = 64 * 1024
_SECONDS: Final = 10.0  # for one question, all told


@dataclass(frozen=True)
class Guarded:
    """By the client that notices are sent with: no redirects, no address that is not allowed.

    `path` of a call is the whole address.
    """

    http: httpx.AsyncClient

    async def send(self, call: HttpCall, permit: Permit | None) -> HttpReply:
        """Raises `SourceError`; its text quotes neither address nor answer."""
        if permit is not None:
            await permit()
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self.http.stream(
                    call.method, call.path, headers=dict(call.headers), content=call.body
                ) as reply,
            ):
                found = b""
                async for part in reply.aiter_bytes():
                    found += part
                    if len(found) > MOST_BYTES:
                        raise SourceError.of(FailureKind.TOO_LARGE, "the answer is too long")
        except TimeoutError:
            raise SourceError.of(FailureKind.TIMED_OUT, "no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise SourceError.of(FailureKind.UNREACHABLE, "they cannot be had just now") from None
        return HttpReply(reply.status_code, dict(reply.headers), found)
