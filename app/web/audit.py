"""审计: who looked at what and did what, whether the trail holds, and what was unusual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Request, Response

from app.api.deps import Service
from app.domain.instants import CHINA, china_day
from app.web import trail_codes, trail_words
from app.web.figures_words import Said
from app.web.formats import day_of
from app.web.forms import checked
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page

router = APIRouter()
_NEWEST: Final = 9_007_199_254_740_991
_PAGE: Final = 50
_DAYS_MARKED: Final = 3
_FILTERS: Final = ("actor", "case", "action", "since", "until")
CHECKS: Final = ("in_person", "real_name_sign_in", "notarised")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it; `marks` are the rules that it made fire."""

    position: int
    at: datetime
    actor: str
    name: str
    roles: Sequence[str]
    what: str
    object: str
    case: str | None
    change: str
    reason: str
    purpose: str
    terminal: str
    others: Sequence[str]
    marks: Sequence[str]


@router.get("/ui/audit", response_model=None)
async def entries(request: Request, service: Service, who: Staff) -> Response:
    """The newest first; that it was read is the trail's next entry."""
    said, api = Said(who.preferences.language), inner(request, service, who)
    given = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    error: Refused | None = None
    found: dict[str, Any] = {"entries": [], "next": None}
    try:
        found = await api.get("/v1/audit-entries", **_asked(given, request))
    except Refused as refused:
        if refused.status != 422:
            raise
        error = refused
    chain = await api.get("/v1/audit-entries/chain")
    marks = await _marks(api, found["entries"])
    return page(
        request,
        "audit/entries.html",
        who,
        section="audit",
        status=200 if error is None else 422,
        error=error,
        said=said,
        tab="entries",
        given=_shown_again(given),
        chain=chain,
        actions=_actions(said),
        lines=[_line(one, marks, said) for one in found["entries"]],
        older=_older(found["next"], given),
    )


def _shown_again(given: Mapping[str, str]) -> Mapping[str, str]:
    """A field of days holds no other text."""
    days = {name: given[name] if _is_day(given[name]) else "" for name in ("since", "until")}
    return {**given, **days}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _asked(given: Mapping[str, str], request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = {name: given[name] or None for name in ("actor", "case", "action")}
    for name, more in (("since", timedelta(0)), ("until", timedelta(days=1))):
        asked[name] = _instant(given[name], more)
    asked["before"] = request.query_params.get("before") or _NEWEST
    return {**asked, "limit": _PAGE}


def _instant(day: str, more: timedelta) -> str | None:
    """The beginning of China's day; what is none is left to the interface, which says so."""
    if not day:
        return None
    try:
        return (datetime.combine(datetime.fromisoformat(day), time(), CHINA) + more).isoformat()
    except ValueError:
        return day


def _actions(said: Said) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for code in trail_words.ACTIONS:
        found.setdefault(code, trail_words.action(code, said))
    return sorted(found.items(), key=lambda one: one[1])


async def _marks(api: Inner, some: Sequence[Mapping[str, Any]]) -> Mapping[int, list[str]]:
    """By position of an entry, the rules of its day that it made fire; of the newest days shown."""
    days = list(dict.fromkeys(day_of(one["at"]).isoformat() for one in some))[:_DAYS_MARKED]
    marks: dict[int, list[str]] = {}
    for day in days:
        for one in await _unusual(api, day):
            for position in one["entries"]:
                marks.setdefault(position, []).append(one["code"])
    return marks


async def _unusual(api: Inner, day: str) -> Sequence[Mapping[str, Any]]:
    """None of a day before the first rules."""
    try:
        found: Sequence[Mapping[str, Any]] = (await api.get("/v1/unusual-access", day=day))[
            "unusual"
        ]
    except Refused as refused:
        if refused.status != 422:
            raise
        return []
    return found


def _line(one: Mapping[str, Any], marks: Mapping[int, Sequence[str]], said: Said) -> Line:
    details = one["details"]
    codes = trail_codes.CODES
    return Line(
        position=one["position"],
        at=one["at"],
        actor=one["actor"],
        name=one["actor_name"] or one["actor"],
        roles=[said.code(role) for role in one["actor_roles"]],
        what=trail_words.action(one["action"], said),
        object=one["object"],
        case=one["case_reference"],
        change=trail_words.change(details, said),
        reason=trail_words.reason(details, said),
        purpose=said.code(details["purpose"], codes) if "purpose" in details else "",
        terminal=said.code(details["from"], codes) if "from" in details else "",
        others=trail_words.others(details, said),
        marks=[said.code(code, codes) for code in marks.get(one["position"], ())],
    )


def _older(following: str | None, given: Mapping[str, str]) -> str | None:
    if following is None:
        return None
    before = parse_qs(urlsplit(following).query)["before"][0]
    kept = {name: value for name, value in given.items() if value}
    return f"/ui/audit?{urlencode({**kept, 'before': before})}"


@router.get("/ui/audit/unusual", response_model=None)
async def unusual(request: Request, service: Service, who: Staff) -> Response:
    """Of one day; none of it accuses anybody."""
    said, api = Said(who.preferences.language), inner(request, service, who)
    today = china_day(service.now())
    day = request.query_params.get("day") or today.isoformat()
    error: Refused | None = None
    found: list[dict[str, Any]] = []
    try:
        found = (await api.get("/v1/unusual-access", day=day))["unusual"]
    except Refused as refused:
        if refused.status != 422:
            raise
        error = refused
    names = await _names(api, found)
    return page(
        request,
        "audit/unusual.html",
        who,
        section="audit",
        status=200 if error is None else 422,
        error=error,
        said=said,
        tab="unusual",
        day=day,
        days=[(today - timedelta(days=back)).isoformat() for back in range(7)],
        found=[{**one, "words": said.code(one["code"], trail_codes.CODES)} for one in found],
        names=names,
    )


async def _names(api: Inner, found: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Of those who stand in the findings, by an entry of each."""
    names: dict[str, str] = {}
    for actor in {one["actor"] for one in found}:
        page_ = await api.get("/v1/audit-entries", actor=actor, limit=1)
        if page_["entries"] and page_["entries"][0]["actor_name"]:
            names[actor] = page_["entries"][0]["actor_name"]
    return names


@router.get("/ui/audit/access-report", response_model=None)
async def access_report(request: Request, who: Staff) -> Response:
    """The number is asked for in a form: it stands in no address."""
    return page(request, "audit/access_report.html", who, **_report(who, {}))


def _report(who: Viewer, kept: Mapping[str, str], **data: Any) -> dict[str, Any]:
    given = {"error": None, "report": None, **data}
    said = Said(who.preferences.language)
    words = {code: said.code(code, trail_codes.CODES) for code in CHECKS}
    return {
        "section": "audit",
        "tab": "report",
        "said": said,
        "kept": kept,
        "checks": words,
        "codes": trail_codes.CODES,
        **given,
    }


@router.post("/ui/audit/access-report", response_model=None)
async def make_access_report(request: Request, service: Service, who: Staff) -> Response:
    """Shown at once and kept nowhere; the number is not shown again."""
    form = await checked(request, service)
    body = {
        "id_number": form.text("id_number"),
        "identity_checked": form.text("identity_checked"),
    }
    try:
        report = await inner(request, service, who).post("/v1/access-reports", body)
    except Refused as error:
        data = _report(who, form.kept(), error=error)
        return page(request, "audit/access_report.html", who, status=error.status, **data)
    return page(request, "audit/access_report.html", who, **_report(who, {}, report=report))
