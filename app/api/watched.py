"""One line of log, one count and one span for every request: by route, never by path."""

import time
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.observe.metrics import Observed

log = structlog.get_logger()
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BROKEN_OFF: Final = 499  # no answer left: whoever asked was gone
CLIENT: Final = "hedui.client"
"""Where in the request's scope the client's id stands once its token was checked."""


class Watched:
    """A pure ASGI layer, outside of all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        observed: Observed = scope["app"].state.parts.observed
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status, began = 0, time.perf_counter()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        observed.requests.begun()
        values = {"http.request.method": method}
        parent = _traceparent(scope)
        try:
            with observed.traces.span(f"{method} request", values, traceparent=parent) as span:
                try:
                    await self._app(scope, receive, seen)
                except Exception:
                    status = status or 500
                    raise
                finally:
                    status = status or _BROKEN_OFF
                    route = _route(scope)
                    span.set({"http.route": route, "http.response.status_code": status})
        finally:
            seconds = time.perf_counter() - began
            observed.requests.ended(method, _route(scope), status, seconds)
            _tell(scope, method, status, seconds)


def _tell(scope: Scope, method: str, status: int, seconds: float) -> None:
    """Probes come every few seconds: they are told of only when they fail."""
    route = _route(scope)
    if route in _PROBES and status < 400:
        return
    client: Mapping[str, str] = {"client": scope[CLIENT]} if CLIENT in scope else {}
    log.info(
        "request", method=method, route=route, status=status, seconds=round(seconds, 4), **client
    )


def _route(scope: Scope) -> str:
    """The template, such as `/v1/verifications/{verification_id}`; a path that has none is none."""
    route = scope.get("route")
    return str(getattr(route, "path", "none"))


def _traceparent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value[:100].decode("latin-1"))
    return None
