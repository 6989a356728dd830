"""The home page 工作台: what waits for whoever looks, what does not work, what came last."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.access.consent import china_day
from app.api.deps import Service
from app.web.figures_words import Said
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
KINDS: Final = ("review_record", "ask_source", "ask_household")
_BATCHES: Final = 3


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something wait, and where they are."""

    text: str
    count: int
    path: str


@router.get("/ui/", response_model=None)
async def home(request: Request, service: Service, who: Staff) -> Response:
    api, said = inner(request, service, who), Said(who.preferences.language)
    return page(
        request,
        "home.html",
        who,
        section="home",
        said=said,
        waiting=[*await _reviews(api, who, said), *await _others(api, who, said)],
        outages=await _outages(api, service, who),
        batches=await _batches(api, who),
        states=BATCH_STATES,
    )


BATCH_STATES: Final = {
    "reading": "warn",
    "running": "info",
    "paused": "warn",
    "done": "ok",
    "cancelled": "none",
    "failed": "bad",
}


async def _tried(answer: Awaitable[Any]) -> Any:
    """None where it is not for the viewer's eyes: then it is not on the page."""
    try:
        return await answer
    except Refused as refused:
        if refused.kind not in ("not-allowed", "purpose-needed"):
            raise
        return None


async def _reviews(api: Inner, who: Viewer, said: Said) -> list[Count]:
    if not who.may("review"):
        return []
    found = []
    for kind in KINDS:
        told = await _tried(api.get("/v1/review-items", kind=kind, limit=1))
        if told is not None:
            path = f"/ui/review?kind={kind}"
            found.append(Count(said.code(kind), told["open"]["items"], path))
    counts = await _tried(api.get("/v1/alerts/counts"))
    if counts is not None:
        states = {one["state"]: 0 for one in counts["counts"]}
        for one in counts["counts"]:
            states[one["state"]] += one["alerts"]
        found.append(
            Count(said("待分派的预警"), states.get("raised", 0), "/ui/alerts?state=raised")
        )
        path = "/ui/alerts?state=handled"
        found.append(Count(said("待复核的预警"), states.get("handled", 0), path))
    return found


async def _others(api: Inner, who: Viewer, said: Said) -> list[Count]:
    """What two persons have to agree to."""
    found = []
    if who.may("accounts", "roles"):
        told = await _tried(api.get("/v1/approvals", state="open"))
        if told is not None:
            found.append(Count(said("待两人同意的变更"), len(told["approvals"]), "/ui/staff"))
    if who.may("assign"):
        told = await api.get("/v1/look-permissions", state="asked", limit=500)
        path = "/ui/assignments"
        found.append(Count(said("待同意的查看许可"), len(told["permissions"]), path))
    return found


async def _outages(api: Inner, service: Parts, who: Viewer) -> list[dict[str, Any]] | None:
    """Sources that failed about somebody today; None where the viewer is not told of sources."""
    if not who.may("read"):
        return None
    today = china_day(service.now())
    day = today.isoformat() if len(who.caller.region) <= _COUNTY else None
    told = await _tried(
        api.get(
            "/v1/statistics/sources",
            **{"by": "source", "from": day or today.replace(day=1).isoformat(), "until": day},
        )
    )
    if told is None:
        return None
    return [
        {"source": one["key"], **one["values"]}
        for one in told["rows"]
        if one["values"] is not None and one["values"]["failed"]
    ]


_COUNTY: Final = 6
"""Digits of a county: below it whole months alone are told."""


async def _batches(api: Inner, who: Viewer) -> list[dict[str, Any]] | None:
    if not who.may("batch"):
        return None
    found: list[dict[str, Any]] = (await api.get("/v1/batches", limit=_BATCHES))["batches"]
    return [await api.get(f"/v1/batches/{one['id']}") for one in found]
