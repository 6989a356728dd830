"""No more calls than each may make: before a body is read, and told on every answer."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.gate import asks_for_token
from app.access.rates import OF_A_CLIENT, Standing
from app.access.slots import Turn
from app.api.callers import address_of, bearer, certificate_of
from app.api.problems import answer_of, problem
from app.domain.errors import NotAuthenticated, StorageUnavailable, UntrustedProxy
from app.wiring_types import Parts

INNER: Final = "hedui.inner"
"""In the ASGI scope of a call that a page of this process makes: counted as the page's own."""
_UNLIMITED: Final = re.compile(
    r"/(?:healthz|readyz|metrics|docs.*|openapi\.json|static/.*|ui/static/.*)"
)
"""Probes, and what touches nothing."""
_OF_ADDRESSES: Final = re.compile(
    r"/v1/callbacks/.*|/v1/reports/keys|/v1/notices/keys|/v1/assistance/keys"
    r"|(?:/[^/]+){0,4}/(?:\.well-known/.*|health)"
)
_ASKED: Final = re.compile(r"(?:/[^/]+){0,4}/registry/sync/(?:search|enrolled|txn/status)")
"""Of the registry interface: questions, though they are sent as POST."""
_PUBLIC: Final = re.compile(r"/v1/reports/.*|/v/.*")
_VERIFY: Final = re.compile(r"/v1/(?:verifications(?:/[^/]+/(?:recheck|objections))?|assistance)/?")
_BATCH: Final = re.compile(r"/v1/(?:batches|recipients|recipients/reverify)/?")
_IN_TURN: Final = ("read", "write")
"""So many of a client at once; verifications wait for sources, and rosters take long to come."""
_READING: Final = ("GET", "HEAD", "OPTIONS")


def class_of(method: str, path: str) -> str | None:
    """Of which class a call is; None: it is not counted. A new route is counted by its method."""
    if _UNLIMITED.fullmatch(path):
        return None
    if asks_for_token(path):
        return "token"
    if _OF_ADDRESSES.fullmatch(path):
        return "address"
    if _PUBLIC.fullmatch(path):
        return "public"
    if method in _READING or _ASKED.fullmatch(path):
        return "read"
    if method == "POST" and _VERIFY.fullmatch(path):
        return "verify"
    if method == "POST" and _BATCH.fullmatch(path):
        return "batch"
    return "write"


class Rated:
    """A pure ASGI layer; counts by client where a token holds, else by address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = class_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if kind is None or INNER in scope:
            await self._app(scope, receive, send)
            return
        service: Parts = scope["app"].state.parts
        try:
            counted, standing = await _counted(scope, service, kind)
        except (StorageUnavailable, UntrustedProxy) as error:
            await answer_of(error)(scope, receive, send)
            return
        slots = service.gate.slots
        told = _with(standing.fields, send)
        if not standing.is_allowed:
            policy = standing.policy
            words = f"more than {policy.quota} calls in {policy.seconds} seconds"
            await _refuse(words, standing.resets_in)(scope, receive, told)
        elif counted is None or kind not in _IN_TURN:
            await self._app(scope, receive, told)
        elif slots.is_full(counted):
            await _refuse("too many calls at once", 1)(scope, receive, told)
        else:
            turn = await slots.turn(counted)
            try:
                await self._app(scope, receive, _until_begun(turn, told))
            finally:
                turn.end()


def _until_begun(turn: Turn, send: Send) -> Send:
    """A turn ends with the work: a long answer that is read slowly holds up nobody."""

    async def told(message: Message) -> None:
        turn.end()
        await send(message)

    return told


def _refuse(words: str, seconds: int) -> Response:
    headers = {"Retry-After": str(seconds)}
    return problem(429, "too-many-requests", words, headers=headers)


async def _counted(scope: Scope, service: Parts, kind: str) -> tuple[str | None, Standing]:
    """The client where there is one, and how it or the address stands."""
    rates = service.gate.rates
    certificate_of(scope, service)  # refused here, whatever the route
    if kind in OF_A_CLIENT:
        try:
            who, client = await bearer(scope, service)
        except NotAuthenticated:
            kind = "address"  # the route says why
        else:
            return who.actor, await rates.of_client(who.actor, kind, client.rates)
    return None, await rates.of_address(address_of(scope, service), kind)


def _with(fields: Mapping[str, str], send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(fields)
        await send(message)

    return told
