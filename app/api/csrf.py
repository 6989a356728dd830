"""The session's cookie on the wire, and the requests that it answers for.

A browser sends a cookie whoever made the page, so each changing request must also show that it
comes from our own pages: by where the browser says it comes from, and by a token that no other
page can read.
"""

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.access.cookie import CookieRule
from app.access.sessions import LONGEST, csrf_token
from app.domain.errors import NotAllowed

HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def set_session(response: Response, rule: CookieRule, token: str) -> None:
    response.set_cookie(
        rule.name(),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=rule.secure,
        httponly=True,
        samesite="strict",
    )


def drop_session(response: Response, rule: CookieRule) -> None:
    name = rule.name()
    response.delete_cookie(name, path="/", secure=rule.secure, httponly=True, samesite="strict")


def session_of(request: Request, rule: CookieRule) -> str | None:
    """What the cookie holds; none where none was sent, or an empty one."""
    return request.cookies.get(rule.name()) or None


def from_our_pages(request: Request, rule: CookieRule) -> None:
    """Raises `NotAllowed` where the browser says that another site's page asks, or says nothing."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is None and site is None:
        raise NotAllowed("the request does not say which page it comes from (Origin)")
    if origin is not None and origin.lower() != rule.origin:
        raise NotAllowed("the request comes from another site's page")
    if site is not None and site != "same-origin":
        raise NotAllowed("the request comes from another site's page")


def check_request(request: Request, rule: CookieRule, token: str) -> None:
    """Every changing request that a cookie answers for. Raises `NotAllowed`."""
    if request.method in _SAFE:
        return
    from_our_pages(request, rule)
    sent = request.headers.get(HEADER, "")
    if not hmac.compare_digest(sent.encode(), csrf_token(token).encode()):
        raise NotAllowed(f"the header {HEADER} is missing or wrong: see GET /v1/session")
