"""The client that calls addresses which others named: judged before each sending, and dialled by
the very IP address that was judged.

httpx-secure was looked at: it puts the IP address into the URL, and httpx keeps connections by
that, so a connection whose certificate was checked for one host would serve another one on the
same address. Here the host stays in the URL, and only the dialling is ours.
"""

import asyncio
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import httpcore
import httpx

from app.access.addresses import AddressRules, NotAnAddress, pattern_of
from app.store.outgoing_addresses import OutgoingAddresses
from app.store.session import Database
from connectors.transport.addresses import Resolve, resolved

_GOOD_FOR: Final = 5.0  # seconds
_LIMITS: Final = httpx.Limits(max_connections=200, max_keepalive_connections=40)


class AddressRefused(httpx.TransportError):
    """Nothing left: the address is none that is allowed."""


@dataclass
class Allowed:
    """The rules in force: those of the settings, with what two persons agreed to."""

    database: Database
    settled: AddressRules
    _kept: AddressRules | None = field(default=None, init=False)
    _good_until: float = field(default=0.0, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def rules(self) -> AddressRules:
        """Read again every few seconds. Raises `StorageUnavailable`."""
        async with self._turn:
            if self._kept is None or time.monotonic() >= self._good_until:
                agreed = await self.database.read(OutgoingAddresses().agreed)
                patterns = tuple(pattern_of(one) for one in agreed)
                self._kept = replace(self.settled, patterns=(*self.settled.patterns, *patterns))
                self._good_until = time.monotonic() + _GOOD_FOR
            return self._kept


@cache
def tls() -> ssl.SSLContext:
    """Which authorities are believed: read once, for reading them takes long."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Sends to allowed addresses alone; follows no redirect, knows no proxy."""

    def __init__(self, allowed: Allowed, resolve: Resolve = resolved) -> None:
        super().__init__(verify=tls(), trust_env=False, limits=_LIMITS)
        self._allowed = allowed
        # There is no public way to give httpx's own transport a network of one's own.
        self._pool._network_backend = _Dialling(allowed, resolve)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Also on a connection that is kept: an entry may have ended meanwhile."""
        rules = await self._allowed.rules()
        try:
            rules.place_of(str(request.url))
        except NotAnAddress as refused:
            raise AddressRefused(refused.code, request=request) from None
        return await super().handle_async_request(request)


class _Dialling(httpcore.AnyIOBackend):
    """Resolves, judges each address, and dials it: a second look-up never happens."""

    def __init__(self, allowed: Allowed, resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        rules = await self._allowed.rules()
        failure: Exception = httpcore.ConnectError("no address")
        for ip in await self._judged(rules, host, port):
            try:
                return await super().connect_tcp(ip, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _judged(self, rules: AddressRules, host: str, port: int) -> Sequence[str]:
        """The addresses that may be dialled. Raises `AddressRefused` where none may."""
        name = host.strip("[]").lower().removesuffix(".")
        try:
            found = await self._resolve(name, port)
        except OSError:
            raise httpcore.ConnectError("the host's name stands for nothing") from None
        fit = []
        for ip in found:
            try:
                rules.check_ip(name, port, ip)
            except NotAnAddress:
                continue
            fit.append(ip)
        if not fit:
            raise AddressRefused("address.not_allowed")
        return fit

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("address.not_allowed")


def guarded_client(allowed: Allowed, resolve: Resolve = resolved) -> httpx.AsyncClient:
    """What notices are sent with."""
    transport = GuardedTransport(allowed, resolve)
    return httpx.AsyncClient(
        transport=transport, timeout=10, follow_redirects=False, trust_env=False
    )
