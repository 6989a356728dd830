"""Calls over HTTP: one sending at a time, inside a total deadline and a size limit.

aiohttp is used as it is: it follows, decompresses and repeats nothing here, and the percent-encoded
path goes out byte by byte as the source folder wrote it (one source wants it in GBK).
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import aiohttp
from yarl import URL

from connectors.contract import Permit
from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.addresses import AddressRefused, networks_of, socket_of
from connectors.transport.limits import Gate
from connectors.transport.x_road import fault_of

CHUNK: Final = 16 * 1024
"""Bytes read at a time."""

_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request: `path` with its percent-encoded query.

    `content_types`: what the reply may be declared as. `answers`: statuses from 400 on that carry
    an answer of the interface document and are given back with their body. `issue`: which asking
    it is for, told on the way where there is one between.
    """

    method: str
    path: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_types: tuple[str, ...] = ("application/json",)
    answers: frozenset[int] = frozenset()
    issue: str = ""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply read to its end; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Wire:
    """The connections to one source: a small pool of its own."""

    def __init__(
        self,
        base_url: str,
        gate: Gate,
        *,
        headers: Mapping[str, str] | None = None,
        ca: str = "",
    ) -> None:
        """`ca`: certificates (PEM) of the one authority that is believed; none: the machine's.

        Raises `ValueError`.
        """
        url = URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host or url.user or url.query_string:
            raise ValueError(f"{gate.source}: url must be http(s)://host[:port][/path]")
        self._base_url = base_url.rstrip("/")
        self._gate = gate
        # A session takes its own headers from the loop's thread; `identity` keeps replies from
        # growing after they were counted.
        self._headers = {
            "Accept-Encoding": "identity",
            "User-Agent": "hedui",
            **(headers or {}),
        }
        # Loading the trust store takes 20 ms: once a source, and only where there is TLS.
        self._tls = _believing(ca) if url.scheme == "https" else None
        self._socket = socket_of(networks_of(gate.limits.networks))
        self._session: aiohttp.ClientSession | None = None

    async def send(self, call: HttpCall, permit: Permit | None) -> HttpReply:
        """Send once: wait for a slot, then for the permit, then ask, all within the time-out.

        Raises `SourceError` (`UNREACHABLE`, `TIMED_OUT`, `TOO_LARGE`, `MALFORMED`, `RATE_LIMITED`,
        `UNAVAILABLE`, `REFUSED`, `BREAKER_OPEN`) and what `permit` raises.
        """
        async with self._gate.slot():
            if permit is not None:
                await permit()
            outcome = await self._exchange(call)
            # Raised here and not where it was caught: what aiohttp says may quote the address,
            # and the address may hold an identity number.
            if isinstance(outcome, Failure):
                raise SourceError(outcome)
            return outcome

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, call: HttpCall) -> HttpReply | Failure:
        source = self._gate.source
        limits = self._gate.limits
        try:
            async with asyncio.timeout(limits.timeout):
                return await self._request(call)
        except SourceError as error:
            return error.failure
        except TimeoutError:
            text = f"{source} did not answer within {limits.timeout:g} s"
            return Failure(FailureKind.TIMED_OUT, text)
        except aiohttp.ClientConnectorCertificateError:
            return Failure(FailureKind.UNREACHABLE, f"{source}: its certificate is not trusted")
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL):
            return Failure(FailureKind.MALFORMED, f"{source} did not answer in HTTP")
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, AddressRefused):
                return Failure(FailureKind.UNREACHABLE, f"{source}: {error.__cause__}")
            return Failure(FailureKind.UNREACHABLE, f"{source} cannot be reached or broke off")

    async def _request(self, call: HttpCall) -> HttpReply:
        async with self._connected().request(
            call.method,
            URL(self._base_url + call.path, encoded=True),
            headers=self._headers_of(call),
            data=call.body,
            allow_redirects=False,
            timeout=_NO_TIMEOUT,
        ) as response:
            self._judge(call, response)
            body = await self._read(response)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpReply(response.status, headers, body)

    def _headers_of(self, call: HttpCall) -> Mapping[str, str]:
        way = self._gate.way
        return call.headers if way is None else {**call.headers, **way.headers(call.issue)}

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._gate.limits.concurrency,
                    socket_factory=self._socket,
                    ssl=self._tls if self._tls is not None else True,
                ),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
            # aiohttp sends a GET again by itself where a kept connection was closed. That would
            # be a sending without a permit; there is no public switch for it.
            session._retry_connection = False
            self._session = session
        return self._session

    def _judge(self, call: HttpCall, response: aiohttp.ClientResponse) -> None:
        """Raise `SourceError` where status and headers already tell that there is no answer."""
        source, status = self._gate.source, response.status
        if self._gate.way is not None:
            fault = fault_of({key.lower(): text for key, text in response.headers.items()}, source)
            if fault is not None:
                raise SourceError(fault)
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise SourceError.of(FailureKind.MALFORMED, f"{source} sent a compressed reply")
        if status in call.answers:
            return
        kind = _kind_of(status)
        if kind is not None:
            pause = _retry_after(response.headers.get("Retry-After"))
            raise SourceError.of(kind, f"{source} answered HTTP {status}", retry_after=pause)
        if status < 400 and response.content_type not in call.content_types:
            raise SourceError.of(
                FailureKind.MALFORMED, f"{source} declared its reply as another kind of content"
            )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, counted while it comes."""
        limit = self._gate.limits.max_bytes
        too_large = SourceError.of(
            FailureKind.TOO_LARGE, f"{self._gate.source} sent more than {limit} bytes"
        )
        if response.content_length is not None and response.content_length > limit:
            raise too_large
        body = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)


def _believing(ca: str) -> ssl.SSLContext:
    """Raises `ValueError` where the text holds no certificate."""
    if not ca:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cadata=ca)  # it alone: the machine's are not read then
    except (ssl.SSLError, ValueError):
        raise ValueError("ca: no certificates in PEM") from None


def _kind_of(status: int) -> FailureKind | None:
    """What a status says by itself; None where the reply is to be read."""
    if status in {401, 403}:
        return FailureKind.REFUSED
    if status == 429:
        return FailureKind.RATE_LIMITED
    if status >= 500:
        return FailureKind.UNAVAILABLE
    if 300 <= status < 400:
        return FailureKind.MALFORMED  # no source's document knows a redirect
    return None


def _retry_after(value: str | None) -> timedelta | None:
    """The pause asked for, where given in seconds."""
    if value is None or _SECONDS.fullmatch(value.strip()) is None:
        return None
    return timedelta(seconds=int(value.strip()))
