"""Errors as RFC 9457 problem details; the only place that knows status codes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.domain.errors import (
    Conflict,
    Erased,
    FieldError,
    HeduiError,
    InvalidRequest,
    KeyReused,
    NoStandardInForce,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    StorageUnavailable,
)
from connectors.contract import CallbackRefused

log = structlog.get_logger()
_BASE = "urn:hedui:problem:"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}|[0-9]{1,4}")
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""On every answer."""
_STATUS: Sequence[tuple[type[Exception], int, str]] = (
    (InvalidRequest, 422, "invalid-request"),
    (KeyReused, 422, "idempotency-key-reused"),
    (NoStandardInForce, 422, "no-standard-in-force"),
    (NotFound, 404, "not-found"),
    (Conflict, 409, "conflict"),
    (Erased, 410, "erased"),
    (NotAllowed, 403, "not-allowed"),
    (NotAuthenticated, 401, "not-authenticated"),
    (CallbackRefused, 401, "callback-refused"),
    (StorageUnavailable, 503, "storage-unavailable"),
)


class ProblemResponse(Response):
    media_type = "application/problem+json"


def problem(
    status: int,
    kind: str,
    title: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; never holds a value that the caller sent."""
    body: dict[str, Any] = {"type": _BASE + kind, "title": title, "status": status}
    if errors:
        body["errors"] = [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in errors
        ]
    return ProblemResponse(orjson.dumps(body), status, headers=dict(headers or {}))


def install(app: FastAPI) -> None:
    """Put the handlers in place."""
    app.add_exception_handler(HeduiError, _ours)
    app.add_exception_handler(CallbackRefused, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _fault)


async def _ours(_request: Request, error: Exception) -> Response:
    for kind, status, name in _STATUS:
        if isinstance(error, kind):
            errors = error.errors if isinstance(error, InvalidRequest) else ()
            title = "the request is not valid" if errors else str(error)
            return problem(status, name, title, errors=errors, headers=_headers(status))
    return _failed()


async def _fault(request: Request, error: Exception) -> Response:
    """What nobody foresaw; only the kind of it is logged, for its text may quote values."""
    log.error("fault", error=type(error).__name__, method=request.method)
    return _failed()


def _failed() -> Response:
    title = "the service failed; the fault is on record"
    # This answer is made outside of the layer that sets the headers of all others.
    return problem(500, "internal", title, headers=HEADERS)


def _headers(status: int) -> Mapping[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "5"} if status == 503 else {}


async def _validation(_request: Request, error: Exception) -> Response:
    """FastAPI's own body would quote the input: identity numbers included."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    errors = [
        FieldError(_pointer(one["loc"]), str(one["type"]), _words(one)) for one in error.errors()
    ]
    return problem(422, "invalid-request", "the request is not valid", errors=errors)


def _pointer(loc: Sequence[object]) -> str:
    parts = list(loc)
    if parts and parts[0] == "body":
        parts = parts[1:]
    return "/" + "/".join(_shown(part) for part in parts)


def _shown(part: object) -> str:
    """A name or a place as it is; what cannot be a name of ours may be anything: a star."""
    text = str(part)
    return text if _NAME.fullmatch(text) else "*"


def _words(one: Mapping[str, Any]) -> str:
    """The library's sentence where it speaks of the rule; never where it may quote the value."""
    if one["type"] == "json_invalid":
        return "the body is not valid JSON"
    return str(one["msg"]).removeprefix("Value error, ")[:200]


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    return problem(error.status_code, "http", str(error.detail), headers=dict(error.headers or {}))


async def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever called broke off: nobody reads this, and nothing was taken in."""
    return problem(400, "broken-off", "the request was broken off")
