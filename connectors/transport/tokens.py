"""An access token by client credentials (RFC 6749 §4.4): fetched once, renewed when refused."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlencode

from connectors.contract import Permit
from connectors.failure import FailureKind, SourceError
from connectors.transport.asking import READ_AGAIN
from connectors.transport.documents import read_json
from connectors.transport.http import HttpCall, HttpReply
from connectors.transport.retry import repeated

FORM: Final = "application/x-www-form-urlencoded"

SPARE_SECONDS: Final = 30.0
"""A token is renewed so long before it ends, so that none ends on the way."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and until when it is used."""

    text: str = field(repr=False)
    until: float


def by_basic(path: str, credentials: tuple[str, str]) -> HttpCall:
    """A request for a token, with the credentials as HTTP Basic."""
    basic = b64encode(":".join(credentials).encode()).decode()
    head = {"Authorization": f"Basic {basic}", "Content-Type": FORM}
    return HttpCall("POST", path, headers=head, body=b"grant_type=client_credentials")


def by_form(path: str, credentials: tuple[str, str], scope: str = "") -> HttpCall:
    """A request for a token, with the credentials in the form."""
    body = _fields(credentials, scope)
    return HttpCall("POST", path, headers={"Content-Type": FORM}, body=body)


def by_query(path: str, credentials: tuple[str, str]) -> HttpCall:
    """The same in the address, for a party that reads it nowhere else: its logs may keep it."""
    return HttpCall("POST", f"{path}?{_fields(credentials).decode()}")


def _fields(credentials: tuple[str, str], scope: str = "") -> bytes:
    id_, secret = credentials
    fields = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret}
    return urlencode(fields | ({"scope": scope} if scope else {})).encode()


class Sends(Protocol):
    """What a request for a token goes out by: a source's wire, or another way."""

    async def send(self, call: HttpCall, permit: Permit | None) -> HttpReply:
        """Once. Raises `SourceError`."""
        ...


class TokenKeeper:
    """Keeps one token for all calls; asked for by many at once, it fetches one."""

    def __init__(
        self,
        wire: Sends,
        call: HttpCall,
        *,
        tries: int,
        clock: Callable[[], float] = time.monotonic,
        lasting: Callable[[object], object] = lambda told: told,
    ) -> None:
        """`lasting`: reads `expires_in` where it is told in another form than a whole number."""
        self._wire = wire
        self._call = call
        self._lasting = lasting
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
        text, lasts = read_token(reply.body, self._lasting)
        return Token(text, asked_at + max(lasts - SPARE_SECONDS, lasts / 2))


def seconds_of(told: object) -> object:
    """How long a token lasts: DCI's standard writes it as text, RFC 6749 as a number."""
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10:
        return int(told)
    return told


def read_token(
    body: bytes, lasting: Callable[[object], object] = lambda told: told
) -> tuple[str, float]:
    """The token and for how many seconds it is good. Raises `SourceError` (`MALFORMED`)."""
    reply = read_json(body)
    fields = reply if isinstance(reply, dict) else {}
    text, kind, lasts = (fields.get(k) for k in ("access_token", "token_type", "expires_in"))
    lasts = lasting(lasts)
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SourceError.of(FailureKind.MALFORMED, "the token is no bearer token")
    if isinstance(lasts, bool) or not isinstance(lasts, int) or lasts <= 0:
        raise SourceError.of(FailureKind.MALFORMED, "the token has no expires_in")
    return text, float(lasts)
