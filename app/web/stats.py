"""统计: figures with intervals, each as chart, table and CSV; all filters in the address."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.api.deps import Service
from app.domain.errors import NotFound
from app.domain.instants import china_day
from app.web import stats_errors, stats_matching, stats_overview, stats_sample, stats_workload
from app.web.figures_tables import Table, as_csv
from app.web.figures_words import Said
from app.web.i18n import N_
from app.web.inner import Inner, Refused
from app.web.shell import SignedIn, Staff, Viewer, inner, page
from app.web.stats_asked import Asked
from app.wiring_types import Parts

router = APIRouter()
_Made = Callable[[Inner, Asked, Said], Awaitable[list[Table]]]
VIEWS: Final[Mapping[str, tuple[str, _Made]]] = {
    "": (N_("概览"), stats_overview.tables),
    "errors": (N_("差错率"), stats_errors.tables),
    "matching": (N_("匹配"), stats_matching.tables),
    "workload": (N_("工作量"), stats_workload.tables),
    "sample": (N_("抽查样本"), stats_sample.tables),
}
_OF_AUDITS: Final = frozenset({"errors", "sample"})
_OVERVIEW: Final = "overview"
_FAULTS: Final = ("inclusion", "exclusion", "class", "amount", "wrongly_stopped")


@router.get("/ui/stats", response_model=None)
async def overview(request: Request, service: Service, who: Staff) -> Response:
    return await _page(request, service, who, "")


@router.get("/ui/stats/{view}", response_model=None)
async def view(request: Request, service: Service, who: Staff, view: str) -> Response:
    return await _page(request, service, who, view)


@router.get("/ui/stats/{view}/{name}.csv", response_model=None)
async def download(
    request: Request, service: Service, who: SignedIn, view: str, name: str
) -> Response:
    """The very table of the page."""
    view = "" if view == _OVERVIEW else view
    if view not in VIEWS:
        raise NotFound("no such statistics")
    asked, said = _asked(request, service, who), Said(who.preferences.language)
    tables = await VIEWS[view][1](inner(request, service, who), asked, said)
    table = next((one for one in tables if one.name == name), None)
    if table is None:
        raise NotFound("no such table")
    return as_csv(table, asked.caption(said))


async def _page(request: Request, service: Parts, who: Viewer, view: str) -> Response:
    if view not in VIEWS:
        raise NotFound("no such statistics")
    api, asked = inner(request, service, who), _asked(request, service, who)
    said = Said(who.preferences.language)
    error: Refused | None = None
    tables: list[Table] = []
    try:
        tables = await VIEWS[view][1](api, asked, said)
    except Refused as refused:
        if refused.status not in (403, 422):
            raise
        error = refused
    return page(
        request,
        "stats/page.html",
        who,
        section="stats",
        status=200 if error is None else error.status,
        views={name: text for name, (text, _) in VIEWS.items()},
        view=view,
        asked=asked,
        said=said,
        caption=asked.caption(said),
        tables=tables,
        error=error,
        **await _choices(api, asked, view),
    )


async def _choices(api: Inner, asked: Asked, view: str) -> dict[str, Any]:
    """What the filters offer: areas one level below, programmes, audits."""
    return {
        "areas": await _keys(api, asked, "verifications", "region"),
        "programmes": await _keys(api, asked, "outcomes", "programme"),
        "audits": await _audits(api, asked) if view in _OF_AUDITS else [],
        "faults": _FAULTS if view == "errors" else (),
        "has_by": view in ("", "errors"),
    }


async def _keys(api: Inner, asked: Asked, topic: str, by: str) -> Sequence[str]:
    """Those in which something was counted: areas one level below, programmes."""
    given = {**asked.params(by=by), "programme": None}
    try:
        found = await api.get(f"/v1/statistics/{topic}", **given)
    except Refused:
        return []
    return [one["key"] for one in found["rows"] if one["key"] != asked.region]


async def _audits(api: Inner, asked: Asked) -> Sequence[Mapping[str, Any]]:
    try:
        return await stats_errors.audits_of(api, asked)
    except Refused:
        return []


def _asked(request: Request, service: Parts, who: Viewer) -> Asked:
    return Asked.of(who.caller.region, request.query_params, china_day(service.now()))
