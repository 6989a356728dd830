"""Signing in and out 登录; says alike whatever was wrong."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import URL

from app.api.csrf import drop_session
from app.api.deps import Service
from app.web.forms import checked
from app.web.inner import Inner, Refused
from app.web.preferences import keep, preferences_of
from app.web.shell import SignedIn, page

router = APIRouter()
HOME: Final = "/ui/"
VIEWER: Final = "Hedui-Viewer"
"""By whom a page was opened, where it asks whether the session goes on."""
_LONGEST: Final = 500
"""Of an address to go back to."""


def inside(path: str) -> str:
    """The page to go back to; of another host, or none of ours: home."""
    is_ours = path.startswith("/ui/") and "//" not in path and "\\" not in path
    return path if is_ours and len(path) <= _LONGEST else HOME


def page_of(request: Request, origin: str) -> str:
    """Where to go on after a sign-in: the page asked for, or the one whose form was sent."""
    address = request.url
    if request.method != "GET":
        address = URL(request.headers.get("referer", ""))
        if f"{address.scheme}://{address.netloc}" != origin:
            return HOME
    return inside(address.path + (f"?{address.query}" if address.query else ""))


@router.get("/ui", response_model=None)
@router.get("/", response_model=None)
async def front() -> Response:
    return RedirectResponse(HOME, status_code=303)


@router.get("/ui/sign-in", response_model=None)
async def form(
    request: Request,
    service: Service,
    next: Annotated[str, Query(max_length=_LONGEST)] = HOME,  # noqa: A002 - its name in the address
) -> Response:
    return _shown(request, service, inside(next))


def _shown(
    request: Request,
    service: Service,
    back: str,
    *,
    error: Refused | None = None,
    login: str = "",
) -> Response:
    status = 200 if error is None else error.status
    return page(
        request,
        "sign_in.html",
        status=status,
        back=back,
        error=error,
        login=login,
        has_provider=service.provider is not None,
    )


@router.post("/ui/sign-in", response_model=None)
async def sign_in(request: Request, service: Service) -> Response:
    form = await checked(request, service)
    given = {name: form.text(name) for name in ("login", "password", "code")}
    back = inside(form.text("next"))
    try:
        answer = await Inner(request, service).call("POST", "/v1/session", body=given)
    except Refused as error:
        return _shown(request, service, back, error=error, login=given["login"])
    response = RedirectResponse(back, status_code=303)
    for cookie in answer.headers.get_list("set-cookie"):
        response.headers.append("set-cookie", cookie)
    return response


@router.post("/ui/sign-out", response_model=None)
async def sign_out(request: Request, service: Service, _: SignedIn) -> Response:
    await checked(request, service)
    await Inner(request, service).call("DELETE", "/v1/session")
    response = RedirectResponse("/ui/sign-in", status_code=303)
    drop_session(response, service.cookie)
    return response


@router.get("/ui/alive", response_model=None)
async def alive(request: Request, who: SignedIn) -> Response:
    """Somebody is there: the session goes on. A page that was open before goes on with its token.

    The token is for the page's own viewer alone: what one typed is not sent in another's name.
    """
    if request.headers.get(VIEWER, who.caller.actor) != who.caller.actor:
        return Response(status_code=409)
    return PlainTextResponse(who.csrf)


@router.get("/ui/language/{language}", response_model=None)
async def choose_language(
    request: Request,
    language: str,
    service: Service,
    next: Annotated[str, Query(max_length=_LONGEST)] = HOME,  # noqa: A002 - its name in the address
) -> Response:
    """Of the pages, on this browser."""
    back = next if next.startswith("/v/") else inside(next)
    response = RedirectResponse(back, status_code=303)
    keep(response, service, preferences_of(request).changed({"language": language}))
    return response
