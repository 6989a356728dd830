"""启用账户与更改密码: the first password with its second factor, and another password later."""

import io
from collections.abc import Mapping
from typing import Final

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from app.api.csrf import drop_session
from app.api.deps import Service
from app.web.forms import checked
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page

router = APIRouter()
_SIGN_IN: Final = "/ui/sign-in?changed=1"


@router.get("/ui/enrol", response_model=None)
async def form(request: Request) -> Response:
    """The token is typed: it stands in no address."""
    return _enrol(request, {})


def _enrol(
    request: Request,
    kept: Mapping[str, str],
    error: Refused | None = None,
    *,
    differs: bool = False,
) -> Response:
    status = 200 if error is None and not differs else 422 if error is None else error.status
    return page(
        request, "enrol.html", status=status, error=error, kept=kept, enrolled=None, differs=differs
    )


@router.post("/ui/enrol", response_model=None)
async def enrol(request: Request, service: Service) -> Response:
    """The second factor is shown in the answer, this once."""
    form = await checked(request, service)
    kept = {"login": form.text("login"), "token": form.text("token")}
    if form.text("password") != form.text("again"):
        return _enrol(request, kept, differs=True)
    given = {**kept, "password": form.text("password")}
    try:
        enrolled = await Inner(request, service).post("/v1/session/enrolment", given)
    except Refused as error:
        return _enrol(request, kept, error)
    return page(
        request,
        "enrol.html",
        None,
        enrolled=enrolled,
        error=None,
        kept={},
        differs=False,
        code=_qr(enrolled["totp_uri"]),
    )


def _qr(address: str) -> Markup:
    """For the authenticator app to scan; made here, so that no other machine learns of it."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return Markup(picture.getvalue().decode())  # noqa: S704 - shapes alone, made from bits


@router.get("/ui/password", response_model=None)
async def password_form(request: Request, who: Staff) -> Response:
    return _password(request, who)


def _password(
    request: Request, who: Viewer, error: Refused | None = None, *, differs: bool = False
) -> Response:
    """A wrong password is no ended session: 422, not 401."""
    status = 200 if error is None and not differs else 422
    return page(
        request,
        "password.html",
        who,
        section="settings",
        status=status,
        error=error,
        differs=differs,
    )


@router.post("/ui/password", response_model=None)
async def change_password(request: Request, service: Service, who: Staff) -> Response:
    """All sessions end, this one too."""
    form = await checked(request, service)
    if form.text("new_password") != form.text("again"):
        return _password(request, who, differs=True)
    body = {"password": form.text("password"), "new_password": form.text("new_password")}
    try:
        await inner(request, service, who).call("POST", "/v1/session/password", body=body)
    except Refused as error:
        return _password(request, who, error)
    response = RedirectResponse(_SIGN_IN, status_code=303)
    drop_session(response, service.cookie)
    return response
