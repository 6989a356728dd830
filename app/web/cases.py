"""The list of cases 核对: search, filters, order, pages; all of it in the address."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Request, Response

from app.api.deps import Service
from app.web.case_words import STATUSES, Translate, said
from app.web.code_words import PROGRAMMES, PURPOSES
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, frame, inner, page

router = APIRouter()
FILTERS: Final = (
    "q",
    "status",
    "programme",
    "outcome",
    "purpose",
    "region",
    "since",
    "until",
    "open_items",
)
_OUTCOMES: Final = ("confirmed", "not_confirmed", "undetermined")
_PAGE: Final = 50


@router.get("/ui/cases", response_model=None)
async def cases(request: Request, service: Service, who: Staff) -> Response:
    wanted = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    sort = request.query_params.get("sort", "-requested")
    asked = {name: value for name, value in wanted.items() if value}
    after = request.query_params.get("after")
    rest = inner(request, service, who)
    error = None
    try:
        found = await rest.get("/v1/verifications", **asked, sort=sort, after=after, limit=_PAGE)
    except Refused as refused:
        if refused.status not in (403, 422):
            raise
        error, found = refused, {"verifications": [], "next": None}
    counts = await rest.get("/v1/reveal-counts")
    base = f"/ui/cases?{urlencode(asked)}&" if asked else "/ui/cases?"
    return page(
        request,
        "cases/list.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        rows=_rows(request, who, found["verifications"]),
        wanted=wanted,
        sort=sort,
        base=base,
        following=_following(found["next"], base, sort),
        is_first=after is None,
        is_filtered=bool(asked),
        error=error,
        reveals=counts,
        statuses={code: text for code, (_, text) in STATUSES.items()},
        purposes=PURPOSES,
        programmes=PROGRAMMES,
        outcomes=_OUTCOMES,
    )


def _following(next_: str | None, base: str, sort: str) -> str | None:
    if next_ is None:
        return None
    after = dict(parse_qsl(urlsplit(next_).query))["after"]
    return f"{base}{urlencode({'sort': sort, 'after': after})}"


def _rows(request: Request, who: Viewer, found: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    texts = frame(request, who, "cases")
    _, f = texts["_"], texts["f"]
    return [
        {
            "id": one["id"],
            "path": f"/ui/cases/{one['id']}" + ("" if who.may("read") else "/report"),
            "case": one["case_reference"],
            "report": one["report"],
            "name": _("（已删除）") if one["household"] is None else one["household"]["name"],
            "size": None if one["household"] is None else one["household"]["size"],
            "region": one["region"],
            "purpose": said(PURPOSES, one["purpose"], _),
            "status": _status(one["status"], _),
            "decisions": [
                {
                    "programme": said(PROGRAMMES, decided["programme"], _),
                    "outcome": decided["outcome"],
                    "rate": f.percent(decided["error_rate"], 2),
                }
                for decided in one["decisions"]
            ],
            "open_items": one["open_items"],
            "requested": f.day(one["requested_at"]),
            "changed": f.instant(one["changed_at"]),
        }
        for one in found
    ]


def _status(code: str, translate: Translate) -> tuple[str, str]:
    state, text = STATUSES[code]
    return state, translate(text)
