"""An access token (OAuth, client credentials): fetched once, renewed when it is refused."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from connectors.failure import FailureKind, SourceError
from connectors.transport.asking import READ_AGAIN
from connectors.transport.documents import read_json
from connectors.transport.http import HttpCall, Wire
from connectors.transport.retry import repeated

PATH: Final = "/oauth/token"

SPARE_SECONDS: Final = 30.0
"""A token is renewed so long before it ends, so that none ends on the way."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and until when it is used."""

    text: str = field(repr=False)
    until: float


class TokenKeeper:
    """Keeps one token for all calls; asked for by many at once, it fetches one."""

    def __init__(
        self,
        wire: Wire,
        credentials: tuple[str, str],
        *,
        tries: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = wire
        basic = b64encode(":".join(credentials).encode()).decode()
        self._call = HttpCall(
            "POST",
            PATH,
            headers={
                "Authorization": f"Basic {basic}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=b"grant_type=client_credentials",
        )
        self._tries = tries
        self._clock = clock
        self._token: Token | None = None
        self._fetching = asyncio.Lock()

    async def token(self, *, refused: str | None = None) -> str:
        """A token that is still good and is not the one `refused`. Raises `SourceError`."""
        async with self._fetching:
            kept = self._token
            if kept is None or kept.text == refused or kept.until <= self._clock():
                kept = await repeated(self._fetch, tries=self._tries, on=READ_AGAIN)
                self._token = kept
            return kept.text

    async def _fetch(self) -> Token:
        asked_at = self._clock()
        reply = await self._wire.send(self._call, None)
        if reply.status != 200:
            raise SourceError.of(FailureKind.REFUSED, f"no token: HTTP {reply.status}")
        text, lasts = read_token(reply.body)
        return Token(text, asked_at + max(lasts - SPARE_SECONDS, lasts / 2))


def read_token(body: bytes) -> tuple[str, float]:
    """The token and for how many seconds it is good. Raises `SourceError` (`MALFORMED`)."""
    reply = read_json(body)
    fields = reply if isinstance(reply, dict) else {}
    text, kind, lasts = (fields.get(k) for k in ("access_token", "token_type", "expires_in"))
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SourceError.of(FailureKind.MALFORMED, "the token is no bearer token")
    if isinstance(lasts, bool) or not isinstance(lasts, int) or lasts <= 0:
        raise SourceError.of(FailureKind.MALFORMED, "the token has no expires_in")
    return text, float(lasts)
