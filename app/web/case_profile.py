"""A case's own pages: the profile, one record, what happened, asking again, files to take away."""

from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.batch.csv_text import BOM, csv_lines
from app.web.case_page import Page
from app.web.case_side import matrix, open_items, people, supporters
from app.web.case_trail import entries_of
from app.web.case_values import groups, likely
from app.web.case_view import cards, head
from app.web.case_words import SOURCES, said
from app.web.forms import checked
from app.web.inner import Refused
from app.web.shell import SignedIn, Staff, Viewer, frame, inner, page

router = APIRouter()
_WAITING: Final = ("accepted", "querying", "partial")
STOP_POLLING: Final = 286
"""What htmx takes as the end of a poll."""


def page_of(request: Request, who: Viewer, document: Any) -> Page:
    """The document in the viewer's language."""
    texts = frame(request, who, "cases")
    return Page(document, texts["_"], texts["f"])


@router.get("/ui/cases/{case_id}", response_model=None)
async def profile(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    """Whoever may see conclusions alone is shown the report's copy of them."""
    if who.may("masked") and not who.may("read"):
        return RedirectResponse(f"/ui/cases/{case_id}/report", status_code=303)
    document = await inner(request, service, who).get(f"/v1/verifications/{case_id}/profile")
    shown = page_of(request, who, document)
    opened = request.query_params.get("open", "")
    some = cards(shown)
    chosen = request.query_params.get("programme", some[0]["key"] if some else "")
    return page(
        request,
        "cases/profile.html",
        who,
        section="cases",
        case=case_id,
        head=head(shown),
        cards=some,
        chosen=chosen,
        groups=groups(shown, opened),
        items=open_items(shown),
        people=people(shown),
        matrix=matrix(shown),
        supporters=supporters(shown),
        has_result=document["verification"]["profile"] is not None,
    )


@router.get("/ui/cases/{case_id}/news", response_model=None)
async def news(
    request: Request, case_id: str, service: Service, who: Staff, seen: int = 0
) -> Response:
    """A bar that says that more has come, while the page waits for it; nothing moves by itself."""
    state = await inner(request, service, who).get(f"/v1/verifications/{case_id}/progress")
    is_over = state["status"] not in _WAITING
    return page(
        request,
        "cases/news.html",
        who,
        status=STOP_POLLING if is_over else 200,
        case=case_id,
        more=max(0, state["answers"] - seen),
        is_over=is_over,
    )


@router.get("/ui/cases/{case_id}/evidence", response_model=None)
async def records(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    """All records of a source about a person, or all there are."""
    rest = inner(request, service, who)
    after = request.query_params.get("after")
    found = await rest.get(f"/v1/verifications/{case_id}/evidence", after=after, limit=100)
    texts = frame(request, who, "cases")
    following = found["next"]
    return page(
        request,
        "cases/records.html",
        who,
        section="cases",
        case=case_id,
        records=[_short(texts, one) for one in found["evidence"]],
        following=None
        if following is None
        else f"/ui/cases/{case_id}/evidence?{following.partition('?')[2].partition('&')[0]}",
    )


def _institution(texts: Any, source: str, name: str | None) -> str:
    """One of a source's, or another centre that was asked 异地协查; a source may be one body."""
    kind, _mark, region = (name or "").partition(":")
    if kind == "centre":
        return str(texts["_"]("核对机构 %(region)s（协查）", region=region))
    return texts["institution"](source, name) or "—"


def _short(texts: Any, one: Any) -> dict[str, Any]:
    _, f = texts["_"], texts["f"]
    return {
        "id": one["id"],
        "source": said(SOURCES, one["source"], _),
        "institution": _institution(texts, one["source"], one["institution"]),
        "link": one["link"],
        "probability": likely(f, one["probability"]),
        "answered": f.instant(one["answered_at"]),
    }


@router.get("/ui/cases/{case_id}/evidence/{evidence_id}", response_model=None)
async def record(
    request: Request, case_id: str, evidence_id: str, service: Service, who: Staff
) -> Response:
    rest = inner(request, service, who)
    found = await rest.get(f"/v1/verifications/{case_id}/evidence/{evidence_id}")
    one = found["evidence"]
    texts = frame(request, who, "cases")
    return page(
        request,
        "cases/record.html",
        who,
        section="cases",
        case=case_id,
        one=one,
        short=_short(texts, one),
        reply=found["reply"],
    )


@router.get("/ui/cases/{case_id}/audit", response_model=None)
async def trail(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    found = await inner(request, service, who).get(f"/v1/verifications/{case_id}/history")
    texts = frame(request, who, "cases")
    entries = entries_of(found["entries"], texts["_"], texts["f"])
    return page(request, "cases/audit.html", who, section="cases", case=case_id, entries=entries)


@router.get("/ui/cases/{case_id}/recheck", response_model=None)
async def asking(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    return await _confirm(request, service, who, (case_id, "recheck"))


@router.post("/ui/cases/{case_id}/recheck", response_model=None)
async def ask_again(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    await checked(request, service)
    rest = inner(request, service, who)
    try:
        again = await rest.post(f"/v1/verifications/{case_id}/recheck")
    except Refused as refused:
        return await _confirm(request, service, who, (case_id, "recheck"), refused)
    return RedirectResponse(f"/ui/cases/{again['id']}", status_code=303)


@router.get("/ui/cases/{case_id}/cancel", response_model=None)
async def cancelling(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    return await _confirm(request, service, who, (case_id, "cancel"))


@router.post("/ui/cases/{case_id}/cancel", response_model=None)
async def cancel(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    await checked(request, service)
    rest = inner(request, service, who)
    try:
        await rest.post(f"/v1/verifications/{case_id}/cancel")
    except Refused as refused:
        return await _confirm(request, service, who, (case_id, "cancel"), refused)
    return RedirectResponse(f"/ui/cases/{case_id}", status_code=303)


async def _confirm(
    request: Request,
    service: Service,
    who: Viewer,
    what: tuple[str, str],
    error: Refused | None = None,
) -> Response:
    """What will happen, before it does."""
    case_id, action = what
    document = await inner(request, service, who).get(f"/v1/verifications/{case_id}/profile")
    shown = page_of(request, who, document)
    return page(
        request,
        "cases/confirm.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        case=case_id,
        action=action,
        head=head(shown),
        error=error,
    )


@router.get("/ui/cases/{case_id}/export", response_model=None)
async def export(request: Request, case_id: str, service: Service, who: Staff) -> Response:
    """Which file; both are masked."""
    return page(request, "cases/export.html", who, section="cases", case=case_id)


@router.get("/ui/cases/{case_id}/export.json", response_model=None)
async def as_json(request: Request, case_id: str, service: Service, who: SignedIn) -> Response:
    document = await _exported(request, service, who, case_id)
    return _file(orjson.dumps(document, option=orjson.OPT_INDENT_2), case_id, "json")


@router.get("/ui/cases/{case_id}/export.csv", response_model=None)
async def as_csv(request: Request, case_id: str, service: Service, who: SignedIn) -> Response:
    shown = page_of(request, who, await _exported(request, service, who, case_id))
    text = BOM + csv_lines(_table(shown))
    return _file(text.encode(), case_id, "csv")


async def _exported(request: Request, service: Service, who: Viewer, case_id: str) -> Any:
    rest = inner(request, service, who)
    return await rest.get(f"/v1/verifications/{case_id}/profile", export=True)


def _table(shown: Page) -> list[list[object]]:
    _ = shown.translate
    named = (_("项目"), _("成员"), _("申报"), _("核定"), _("比对"), _("来源"), _("期间 / 时点"))
    rows: list[list[object]] = [[*named, _("计入"), _("规则")]]
    for group in groups(shown, ""):
        for row in group["rows"]:
            sources = "；".join(chip["words"] for chip in row["chips"])
            told = (row["label"], row["persons"], row["declared"], row["verified"])
            rest = (row["compared"]["words"], sources, row["period"], row["counted"])
            rows.append([*told, *rest, row["order"]])
    return rows


def _file(body: bytes, case_id: str, kind: str) -> Response:
    types = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
    named = {"Content-Disposition": f'attachment; filename="{case_id}.{kind}"'}
    return Response(body, media_type=types[kind], headers=named)
