"""Errors as RFC 9457 problem details; the only place that knows status codes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from app.access.gate import asks_for_token
from app.domain.errors import (
    CaseNotAssigned,
    Changed,
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
    PartnerRefused,
    ProviderUnavailable,
    PurposeNeeded,
    StorageUnavailable,
    TokenRefused,
    UntrustedProxy,
)
from app.domain.instants import rfc3339
from connectors.contract import CallbackRefused

log = structlog.get_logger()
_BASE = "urn:hedui:problem:"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}|[0-9]{1,4}")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""On every answer; a page that holds more than text names its own content policy."""
_TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
_STATUS: Sequence[tuple[type[Exception], int, str]] = (
    (InvalidRequest, 422, "invalid-request"),
    (KeyReused, 422, "idempotency-key-reused"),
    (NoStandardInForce, 422, "no-standard-in-force"),
    (NotFound, 404, "not-found"),
    (Conflict, 409, "conflict"),
    (Erased, 410, "erased"),
    (PurposeNeeded, 403, "purpose-needed"),
    (CaseNotAssigned, 403, "case-not-assigned"),
    (NotAllowed, 403, "not-allowed"),
    (NotAuthenticated, 401, "not-authenticated"),
    (CallbackRefused, 401, "callback-refused"),
    (UntrustedProxy, 400, "untrusted-proxy"),
    (StorageUnavailable, 503, "storage-unavailable"),
    (ProviderUnavailable, 503, "identity-provider-unavailable"),
)

_WITHOUT_AN_ERROR: Mapping[str, tuple[int, str]] = {
    "internal": (500, "The service failed; the fault is on record."),
    "http": (400, "The request is no request of this interface; the status says in what way."),
    "broken-off": (400, "The request was broken off."),
    "too-many-requests": (429, "More calls than the caller may make in this window of time."),
    "too-large": (414, "Path, query, fields or body are larger than is read (413, 414, 431)."),
    "not-ready": (503, "A check of readiness fails; `checks` says which."),
}
"""Problems that no error of ours stands behind; `http` comes with other statuses as well."""


def known_problems() -> Sequence[tuple[str, int, str]]:
    """Every type of problem: its name, its status, and what it means in a sentence."""
    ours = [(name, status, str(error.__doc__)) for error, status, name in _STATUS]
    return [*ours, *((name, *one) for name, one in _WITHOUT_AN_ERROR.items())]


def headers_for(public_url: str) -> Mapping[str, str]:
    """Those of every answer of a service that is reached there."""
    return {**HEADERS, **_TLS_ONLY} if public_url.lower().startswith("https:") else HEADERS


class ProblemResponse(Response):
    media_type = "application/problem+json"


def problem(
    status: int,
    kind: str,
    title: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document; never holds a value that the caller sent. `more`: members of a kind."""
    body: dict[str, Any] = {"type": _BASE + kind, "title": title, "status": status, **more}
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
    app.add_exception_handler(FormParserError, _no_form)
    app.add_exception_handler(Exception, _fault)


async def _ours(_request: Request, error: Exception) -> Response:
    return answer_of(error)


def answer_of(error: Exception) -> Response:
    """An error of ours as the interface tells it."""
    if isinstance(error, TokenRefused):
        return _token_refused(error)
    if isinstance(error, PartnerRefused):
        return _partner_refused(error)
    for kind, status, name in _STATUS:
        if isinstance(error, kind):
            errors = error.errors if isinstance(error, InvalidRequest) else ()
            title = "the request is not valid" if errors else str(error)
            more = _more(error)
            return problem(status, name, title, errors=errors, headers=_headers(status), **more)
    return _failed()


def _more(error: Exception) -> dict[str, Any]:
    if isinstance(error, Changed):
        return {"changes": [{**asdict(one), "at": rfc3339(one.at)} for one in error.changes]}
    told = error.scopes if isinstance(error, NotAllowed) else ()
    return {"scopes": list(told)} if told else {}


DCI_STATUS: Mapping[str, tuple[int, str]] = {
    "err.request.unauthorized": (401, "not-authenticated"),
    "err.request.forbidden": (403, "not-allowed"),
    "err.sender_id.invalid": (403, "not-allowed"),
    "err.request.not_found": (404, "not-found"),
    "err.request.timeout": (408, "timeout"),
    "err.request.too_many_requests": (429, "too-many-requests"),
    "err.service.unavailable": (503, "storage-unavailable"),
}
"""By the error codes of DCI; any other one is 400."""


def registry_problem(code: str, words: str, status: int | None = None) -> dict[str, Any]:
    """A problem document that is DCI's `HttpErrorResponse` as well; `status`: else the code's."""
    usual, name = DCI_STATUS.get(code, (400, "invalid-request"))
    return {
        "type": _BASE + name,
        "title": words,
        "status": status or usual,
        "errors": [{"code": code, "message": words}],
    }


def registry_answer(
    code: str,
    words: str,
    more: Mapping[str, Any] | None = None,
    *,
    status: int | None = None,
) -> Response:
    """As JSON: DCI knows no problem documents by their media type."""
    body = {**(more or {}), **registry_problem(code, words, status)}
    headers = _headers(body["status"])
    return Response(
        orjson.dumps(body), body["status"], headers=dict(headers), media_type="application/json"
    )


def _partner_refused(error: PartnerRefused) -> Response:
    is_unknown = isinstance(error.why, NotAuthenticated)
    code = "err.request.unauthorized" if is_unknown else "err.request.forbidden"
    return registry_answer(code, str(error))


def _token_refused(error: TokenRefused) -> Response:
    """A problem document that an OAuth client reads, too (RFC 6749 §5.2)."""
    is_unknown = error.error == "invalid_client"
    status, name = (401, "not-authenticated") if is_unknown else (400, "invalid-request")
    headers = {"WWW-Authenticate": 'Basic realm="hedui"'} if is_unknown else {}
    words = str(error)
    body = {
        "type": _BASE + name,
        "title": words,
        "status": status,
        "error": error.error,
        "error_description": words,
    }
    return ProblemResponse(orjson.dumps(body), status, headers=headers)


async def _fault(request: Request, error: Exception) -> Response:
    """What nobody foresaw; only the kind of it is logged, for its text may quote values."""
    log.error("fault", error=type(error).__name__, method=request.method)
    # This answer is made outside of the layer that sets the headers of all others.
    return _failed(request.app.state.headers)


def _failed(headers: Mapping[str, str] | None = None) -> Response:
    title = "the service failed; the fault is on record"
    return problem(500, "internal", title, headers=headers)


def _headers(status: int) -> Mapping[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "5"} if status == 503 else {}


async def _validation(request: Request, error: Exception) -> Response:
    """FastAPI's own body would quote the input: identity numbers included."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    if asks_for_token(request.url.path):
        return _token_refused(TokenRefused("invalid_request", "a field of the form is not valid"))
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


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == 400 and asks_for_token(request.url.path):
        return _token_refused(TokenRefused("invalid_request", "the form cannot be read"))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return problem(error.status_code, "http", str(error.detail), headers=headers)


def _methods(request: Request) -> list[str]:
    """All that this path takes; the framework names those of one route alone (RFC 9110 §10.2.1)."""
    paths: Mapping[str, Mapping[str, object]] = request.app.openapi()["paths"]
    return sorted(
        {
            method.upper()
            for path, operations in paths.items()
            if compile_path(path)[0].match(request.url.path)
            for method in operations
        }
    )


async def _no_form(request: Request, _error: Exception) -> Response:
    """The parser's own text tells bytes of the body."""
    words = "the form cannot be read"
    if asks_for_token(request.url.path):
        return _token_refused(TokenRefused("invalid_request", words))
    return problem(400, "http", words)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever called broke off: nobody reads this, and nothing was taken in."""
    return problem(400, "broken-off", "the request was broken off")
