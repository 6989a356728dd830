"""The pages of sources 数据源: how each does, and a source's breaker tried and closed by hand."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web.charts_desk import day_strip
from app.web.code_words import FAILURES
from app.web.forms import checked
from app.web.shell import Staff, inner, page
from app.web.words_desk import SOURCE_STATES

router = APIRouter()
_ORDERS: Final = {"probe": "probe", "restore": "restore"}
_SOON_DAYS: Final = 30


@router.get("/ui/sources", response_model=None)
async def listed(request: Request, service: Service, who: Staff, state: str = "") -> Response:
    rows = (await inner(request, service, who).get("/v1/sources"))["sources"]
    counts = {name: sum(one["state"] == name for one in rows) for name in SOURCE_STATES}
    return page(
        request,
        "desk/sources.html",
        who,
        section="sources",
        rows=[one for one in rows if not state or one["state"] == state],
        state=state,
        state_counts=counts,
        total=len(rows),
        **_words(),
    )


@router.get("/ui/sources/{source}", response_model=None)
async def read(
    request: Request, service: Service, who: Staff, source: str, done: str = ""
) -> Response:
    shown = await inner(request, service, who).get(f"/v1/sources/{source}")
    return page(
        request,
        "desk/source.html",
        who,
        section="sources",
        shown=shown,
        done=done if done in _ORDERS else "",
        **_words(),
    )


@router.post("/ui/sources/{source}/{action}", response_model=None)
async def order(
    request: Request, service: Service, who: Staff, source: str, action: str
) -> Response:
    await checked(request, service)
    await inner(request, service, who).post(f"/v1/sources/{source}/{action}")
    return RedirectResponse(f"/ui/sources/{source}?done={action}", status_code=303)


def _words() -> dict[str, Any]:
    return {"source_states": SOURCE_STATES, "failures": FAILURES, "strip": _strip}


def _strip(row: dict[str, Any], words: str) -> Any:
    return day_strip(row["strip"], words)
