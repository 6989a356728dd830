"""/v1/session: signing in and out 登录, by password and code or through an identity provider."""

import base64
import binascii
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.oidc import PENDING, Pending, Provider, Returned
from app.access.roles import scopes_of, shown_to
from app.access.sessions import Started, csrf_token
from app.access.sign_in import Credentials
from app.access.tokens import Caller
from app.api.callers import address_of
from app.api.csrf import drop_session, from_our_pages, session_of, set_session
from app.api.deps import AnyStaff, Service
from app.api.schemas import documented_staff as doc
from app.api.schemas.session import EnrolmentIn, EnrolmentOut, PasswordIn, SessionOut, SignInIn
from app.domain.errors import NotAuthenticated, NotFound, Undecipherable
from app.store.crypto import Cell
from app.store.scope import Crossing, across
from app.store.staff import ACTIVE
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/session", tags=["staff"])
_CELL: Final = Cell("staff_session", "pending", "oidc")
_AWAY: Final = "hedui-oidc"
_PAGE: Final = (
    '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
    '<meta http-equiv="refresh" content="0;url=/"><title>hedui 核对</title></head>'
    '<body><p><a href="/">hedui 核对</a></p></body></html>'
)
"""Not a redirect: a browser on its way from another site would not send a strict cookie along."""


@router.post("", summary="Sign in", responses=doc.SIGNED_IN)
async def sign_in(
    request: Request, response: Response, body: SignInIn, service: Service
) -> SessionOut:
    """Whatever is wrong, the answer is the same; after five wrong ones nobody is heard a while."""
    from_our_pages(request, service.cookie)
    given = Credentials(
        login=body.login,
        password=body.password,
        code=body.code,
        address=address_of(request.scope, service),
    )
    before = session_of(request, service.cookie)
    with across(Crossing.SIGN_IN):
        started = await service.sign_in.begin(given, replaced=before)
        who = await service.sessions.check(started.token)
    set_session(response, service.cookie, started.token)
    return _shown(who, started.token)


@router.get("", summary="Who is signed in", responses=doc.SESSION)
async def read(request: Request, service: Service, who: AnyStaff) -> SessionOut:
    """With what changing requests must repeat."""
    return _shown(who, session_of(request, service.cookie) or "")


@router.delete("", status_code=204, summary="Sign out", responses=doc.SIGNED_OUT)
async def sign_out(request: Request, service: Service, who: AnyStaff) -> Response:
    """The session is over, here and wherever its cookie was copied to."""
    await service.sessions.end(session_of(request, service.cookie) or "")
    response = Response(status_code=204)
    drop_session(response, service.cookie)
    return response


@router.post("/enrolment", summary="Take an account into use", responses=doc.ENROLLED)
async def enrol(request: Request, body: EnrolmentIn, service: Service) -> EnrolmentOut:
    """With the token of a new or reset account; the second factor is shown this once."""
    from_our_pages(request, service.cookie)
    with across(Crossing.SIGN_IN):
        enrolled = await service.sign_in.enrol(body.login, body.token, body.password)
    return EnrolmentOut(
        staff_id=enrolled.staff_id, totp_secret=enrolled.secret, totp_uri=enrolled.uri
    )


@router.post("/password", status_code=204, summary="Change your password", responses=doc.PASSWORD)
async def change_password(
    request: Request, body: PasswordIn, service: Service, who: AnyStaff
) -> Response:
    """Every session of yours ends, this one too."""
    given = Credentials(
        login="", password=body.password, code="", address=address_of(request.scope, service)
    )
    await service.sign_in.change_password(who.actor, given, body.new_password)
    response = Response(status_code=204)
    drop_session(response, service.cookie)
    return response


@router.get(
    "/oidc",
    status_code=303,
    summary="Sign in at the identity provider",
    response_class=RedirectResponse,
    responses=doc.SENT_AWAY,
)
async def leave(service: Service) -> Response:
    """The browser is sent there, and comes back to the route below."""
    url, pending = await _provider(service).start()
    sealed = base64.urlsafe_b64encode(service.cipher.seal(_CELL, pending.packed())).decode()
    response = RedirectResponse(url, status_code=303)
    _set_away(response, service, sealed, int(PENDING.total_seconds()))
    return response


@router.get(
    "/oidc/return",
    summary="Back from the identity provider",
    response_class=HTMLResponse,
    responses=doc.RETURNED,
)
async def come_back(
    request: Request,
    service: Service,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """For the browser that was sent away, once, within ten minutes."""
    provider = _provider(service)
    pending = _pending(service, request.cookies.get(service.cookie.name(_AWAY), ""))
    subject = await provider.finish(pending, Returned(code, state, iss))
    before = session_of(request, service.cookie)
    with across(Crossing.SIGN_IN):
        started = await service.shelf.database.write(lambda tx: _begun(tx, service, subject))
        if before is not None:
            await service.sessions.end(before)
    response = HTMLResponse(_PAGE)
    set_session(response, service.cookie, started.token)
    _set_away(response, service, "", 0)
    return response


def _begun(tx: sa.Connection, service: Parts, subject: str) -> Started:
    account = service.staffing.accounts.by_subject(tx, subject)
    if account is None or account.state != ACTIVE:
        raise NotAuthenticated("no account of staff is linked to this person")
    started = service.sessions.begin(tx, account)
    about, details = (account.id, account.region), {"by": "oidc"}
    service.audit.append(tx, actor=account.id, action="signed_in", about=about, details=details)
    return started


def _provider(service: Parts) -> Provider:
    if service.provider is None:
        raise NotFound("no identity provider is configured")
    return service.provider


def _pending(service: Parts, sealed: str) -> Pending:
    try:
        packed = service.cipher.open(_CELL, base64.urlsafe_b64decode(sealed.encode()))
    except (Undecipherable, binascii.Error, ValueError):
        raise NotAuthenticated("this browser was not sent to the identity provider") from None
    return Pending.unpacked(packed)


def _set_away(response: Response, service: Parts, value: str, seconds: int) -> None:
    """Lax, for the browser comes back from another site."""
    response.set_cookie(
        service.cookie.name(_AWAY),
        value,
        max_age=seconds,
        path="/",
        secure=service.cookie.secure,
        httponly=True,
        samesite="lax",
    )


def _shown(who: Caller, token: str) -> SessionOut:
    return SessionOut(
        staff_id=who.actor,
        region=who.region,
        roles=sorted(who.roles),
        scopes=list(scopes_of(who.roles)),
        shown=shown_to(who.roles).value,
        csrf_token=csrf_token(token),
    )
