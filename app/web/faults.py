"""What went wrong, as a page: what failed, what was kept, what to do; never a bare code."""

from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any, Final
from urllib.parse import quote

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from app.api.problems import answer_of
from app.domain.errors import HeduiError
from app.web.inner import Refused
from app.web.shell import PARTIAL, SignInNeeded, Viewer, page, signed_in, viewer
from app.web.sign_in import page_of

log = structlog.get_logger()
SIGN_IN: Final = "/ui/sign-in"
_Handler = Callable[[Request, Any], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Over the handlers that are in place: those go on to answer the interface's own calls."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(Refused, _refused)
    for kind in (HeduiError, HTTPException, RequestValidationError, Exception):
        before: Any = app.exception_handlers[kind]
        app.add_exception_handler(kind, _for_pages(before))


def _for_pages(before: _Handler) -> _Handler:
    async def handled(request: Request, error: Exception) -> Response:
        if not request.url.path.startswith(("/ui", "/v/")):
            return await before(request, error)
        if isinstance(error, HeduiError):
            answer = answer_of(error)
            problem = orjson.loads(bytes(answer.body))
            return await shown(request, Refused(answer.status_code, problem))
        return await shown(request, Refused(_status(error), {}))

    return handled


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return 422 if isinstance(error, RequestValidationError) else 500


async def _sign_in(request: Request, _error: Exception) -> Response:
    """A whole page goes to the sign-in; a part of one opens the sign-in over what is there."""
    if PARTIAL in request.headers:
        return Response(status_code=401, headers={"HX-Trigger": "signInNeeded"})
    back = page_of(request, request.app.state.parts.cookie.origin)
    return RedirectResponse(f"{SIGN_IN}?next={quote(back)}", status_code=303)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for it alone
    if error.status == 401:
        return await _sign_in(request, error)
    return await shown(request, error)


async def shown(request: Request, error: Refused, **data: Any) -> Response:
    """The page of a refusal, in the frame of whoever looks, where somebody does.

    Its number stands in the log, too: who is asked for help finds it there.
    """
    number = token_hex(4)
    log.info("page_refused", number=number, status=error.status, problem=error.kind or None)
    return page(
        request,
        "fault.html",
        await _who(request),
        status=error.status,
        error=error,
        number=number,
        **data,
    )


async def _who(request: Request) -> Viewer | None:
    try:
        parts = request.app.state.parts
        return await viewer(request, parts, await signed_in(request, parts))
    except (SignInNeeded, HeduiError, Refused, RuntimeError):
        return None  # RuntimeError: what failed took the request's own scope with it
