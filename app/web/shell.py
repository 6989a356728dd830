"""What every page has: who looks, in which language, and the frame around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.access.looking import OVERSEERS
from app.access.roles import ROLES
from app.access.sessions import IDLE, csrf_token
from app.access.tokens import Caller
from app.api.csrf import session_of
from app.api.deps import Service
from app.api.schemas.workload import MOST_COUNTED
from app.api.watched import CLIENT
from app.domain.errors import NotAuthenticated
from app.report.render import word
from app.report.said import TEMPLATES
from app.store.scope import Crossing, across, see
from app.web.fault_words import fault
from app.web.field_words import field_name
from app.web.formats import Formats
from app.web.i18n import N_, TAGS, translator
from app.web.inner import Inner
from app.web.preferences import Preferences, preferences_of
from app.wiring_types import Parts

HERE: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PARTIAL: Final = "hx-request"
_WORKLOAD: Final = "/v1/workload"
NO_NUMBER: Final = (
    "(?!.*[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]).*"
)
"""What a browser may send as a search: it stands in the address, and no identity number may."""
WARNED: Final = timedelta(minutes=1)
"""So long before a session ends for nobody being there, the page asks."""


@dataclass(frozen=True, slots=True)
class Rail:
    """A part of the UI: its word, its icon, and the scopes one of which opens it."""

    name: str
    path: str
    text: str
    scopes: frozenset[str]


RAIL: Final = (
    Rail("home", "/ui/", N_("工作台"), frozenset()),
    Rail("review", "/ui/review", N_("待办"), frozenset({"review"})),
    Rail("cases", "/ui/cases", N_("核对"), frozenset({"read", "masked"})),
    Rail("batches", "/ui/batches", N_("批量"), frozenset({"batch"})),
    Rail("sources", "/ui/sources", N_("数据源"), frozenset({"read"})),
    Rail("manual", "/ui/sources/manual", N_("人工录入"), frozenset({"answer"})),
    Rail("alerts", "/ui/alerts", N_("预警"), frozenset({"review"})),
    Rail("objections", "/ui/objections", N_("复核"), frozenset({"read"})),
    Rail("stats", "/ui/stats", N_("统计"), frozenset({"read", "audit"})),
    Rail("audit", "/ui/audit", N_("审计"), frozenset({"trail"})),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody signed in, on his or her own screen."""

    caller: Caller
    name: str
    csrf: str
    preferences: Preferences
    counts: Mapping[str, int] = field(default_factory=dict)
    """What waits, by part of the UI."""

    @property
    def purpose(self) -> str:
        """What the looks of these pages are for, where a page does not know better."""
        if self.preferences.purpose:
            return self.preferences.purpose
        return "supervision" if self.caller.roles & OVERSEERS else "application"

    def may(self, *scopes: str) -> bool:
        """Is one of the scopes his or hers?"""
        return bool(set(scopes) & set(self.caller.scopes))

    def role_names(self) -> list[str]:
        """The Chinese names of the roles."""
        return [ROLES[one].chinese for one in sorted(self.caller.roles) if one in ROLES]


class SignInNeeded(Exception):  # noqa: N818 - what the page is told
    """Nobody is signed in, or not any more."""


async def signed_in(request: Request, service: Service) -> Viewer:
    """Whose session the cookie names; the request sees that region alone. Raises SignInNeeded.

    For what answers no page: nothing is counted.
    """
    session = session_of(request, service.cookie)
    if session is None:
        raise SignInNeeded
    with across(Crossing.SIGN_IN):
        try:
            who = await service.sessions.check(session)
        except NotAuthenticated:
            raise SignInNeeded from None
        account = await service.shelf.database.read(
            lambda tx: service.staffing.accounts.get(tx, who.actor)
        )
    request.scope[CLIENT] = who.actor
    see(who.region)
    return Viewer(who, account.name, csrf_token(session), preferences_of(request))


SignedIn = Annotated[Viewer, Depends(signed_in)]


async def viewer(request: Request, service: Service, who: SignedIn) -> Viewer:
    """With what waits, for the rail of a whole page."""
    if PARTIAL in request.headers:
        return who
    return replace(who, counts=await Inner(request, service).get(_WORKLOAD))


Staff = Annotated[Viewer, Depends(viewer)]


def inner(request: Request, service: Parts, who: Viewer, purpose: str | None = None) -> Inner:
    """The interface in the viewer's name."""
    return Inner(request, service, purpose or who.purpose)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Autoescape is always on: a source's text is never marked safe."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", TEMPLATES]),  # the report's sheet is in both
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_url
    made.globals["rail"] = RAIL
    made.globals["no_number"] = NO_NUMBER
    made.globals["most_counted"] = MOST_COUNTED
    return made


@lru_cache(maxsize=64)
def static_url(name: str) -> str:
    """The file's address with a part of its digest, so that a new release is fetched anew."""
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/ui/static/{name}?v={digest}"


def page(
    request: Request,
    template: str,
    who: Viewer | None = None,
    *,
    status: int = 200,
    **data: Any,
) -> Response:
    """The page in the viewer's language; `rail` in `data` names the part of the UI it is in."""
    service: Parts = request.app.state.parts
    context = {
        **frame(request, who, template.rpartition("/")[0]),
        **data,
        "viewer": who,
        "now": service.now(),
    }
    text = environment().get_template(template).render(context)
    return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": POLICY})


def frame(request: Request, who: Viewer | None, part: str = "") -> Mapping[str, Any]:
    """What templates call: `_` translates, `f` formats, `word` says a code in words."""
    chosen = preferences_of(request) if who is None else who.preferences
    language = chosen.language
    _ = translator(language, part)
    service: Parts = request.app.state.parts
    return {
        "_": _,
        "f": Formats(language),
        "word": lambda code: word(str(code), language),
        "area": lambda code: service.areas.get(code, code),
        "institution": lambda source, code: _institution(service, source, code),
        "fault": lambda one: fault(one, _),
        "field_name": lambda pointer: field_name(pointer, _),
        "roles_with": lambda scopes: _roles_with(scopes, language),
        "says_here": lambda text: language == "en" or not str(text).isascii(),
        "language": language,
        "lang_tag": TAGS[language],
        "preferences": chosen,
        "is_partial": PARTIAL in request.headers,
        "here": request.url.path,
        "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "idle_seconds": int((IDLE - WARNED).total_seconds()),
        "section": "",
        "counts": {} if who is None else who.counts,
    }


def _institution(service: Parts, source: str, code: str | None) -> str:
    """By its name in the agreement with the source, or by the code that the source gives it."""
    return service.institutions.get(source, {}).get(code or "", code or "")


def _roles_with(scopes: Iterable[str], language: str) -> list[str]:
    """Which roles have one of the rights."""
    some = [(name, role) for name, role in ROLES.items() if role.scopes & set(scopes)]
    return [name.replace("_", " ") if language == "en" else role.chinese for name, role in some]
