<<<<<<< HEAD
"""The home page 工作台: what waits for whoever looks, by the rights he or she has."""

from datetime import date
=======
"""The home page 工作台: what waits for whoever looks, what does not work, what came last."""

from collections.abc import Awaitable
from dataclasses import dataclass
>>>>>>> 0b6e98512d0ad8c034b37ab103baec4b6f92dd9b
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.access.consent import china_day
from app.api.deps import Service
<<<<<<< HEAD
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page
from app.web.words_desk import BATCH_STATES, FAILURES, REVIEW_KINDS, SOURCE_STATES

router = APIRouter()
_NOTICES: Final = 3
_SOON_DAYS: Final = 30
_TROUBLED: Final = ("failing", "slow")
=======
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
>>>>>>> 0b6e98512d0ad8c034b37ab103baec4b6f92dd9b


@router.get("/ui/", response_model=None)
async def home(request: Request, service: Service, who: Staff) -> Response:
<<<<<<< HEAD
    rest = inner(request, service, who)
    own = await rest.get("/v1/workload/own")
    rows = (await rest.get("/v1/sources"))["sources"] if who.may("read") else None
    batches = (await rest.get("/v1/batches", limit=5))["batches"] if who.may("batch") else None
    return page(
        request,
        "desk/home.html",
        who,
        section="home",
        own=own,
        reviews=own["reviews"],
        alerts=own["alerts"],
        batch=await _latest(rest, batches),
        sources=_troubled(rows),
        has_sources=rows is not None,
        notices=await _notices(rest, who, (rows, batches), china_day(service.now())),
        approvals=await _approvals(rest, who),
        review_kinds=REVIEW_KINDS,
        source_states=SOURCE_STATES,
        batch_states=BATCH_STATES,
        failures=FAILURES,
    )


def _troubled(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [one for one in rows or () if one["state"] in _TROUBLED]


async def _latest(rest: Inner, batches: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    if not batches:
        return None
    found: dict[str, Any] = await rest.get(f"/v1/batches/{batches[0]['id']}")
    return found


_Rows = list[dict[str, Any]] | None


async def _notices(
    rest: Inner, who: Viewer, read: tuple[_Rows, _Rows], today: date
) -> list[dict[str, Any]]:
    """What somebody should know though no queue holds it, the most pressing first.

    `read`: the sources and the newest batches, where he or she may see them.
    """
    rows, batches = read
    some: list[dict[str, Any]] = [
        {"kind": "agreement_over", "source": one["source"], "day": one["agreement_ends"]}
        for one in rows or ()
        if one["agreement_over"]
    ]
    some += [
        {"kind": "agreement_ends", "source": one["source"], "day": one["agreement_ends"]}
        for one in rows or ()
        if one["agreement_ends"] and not one["agreement_over"] and _is_soon(one, today)
    ]
    some += [
        {"kind": f"batch_{one['status']}", "batch": one["id"], "at": one["created_at"]}
        for one in batches or ()
        if one["status"] in ("held", "paused", "failed")
    ]
    some += [
        {"kind": "stale", "source": one["source"], "days": one["data_age_days"]}
        for one in rows or ()
        if _is_stale(one)
    ]
    if who.may("batch") and len(some) < _NOTICES:
        some += await _due(rest)
    if who.may("review") and len(some) < _NOTICES:
        rules = (await rest.get("/v1/alert-rules"))["rules"]
        muted = [one for one in rules if one["muted"]]
        some += [{"kind": "muted", "rules": len(muted)}] if muted else []
    return _once(some)[:_NOTICES]


def _is_soon(one: dict[str, Any], today: date) -> bool:
    return (date.fromisoformat(one["agreement_ends"]) - today).days <= _SOON_DAYS


def _once(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A source of many institutions is told of once."""
    told: list[dict[str, Any]] = []
    for one in some:
        if not any(one["kind"] == each["kind"] and _same(one, each) for each in told):
            told.append(one)
    return told


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return "source" in one and one["source"] == other["source"]


def _is_stale(one: dict[str, Any]) -> bool:
    age, limit = one["data_age_days"], one["fresh_days"]
    return age is not None and limit is not None and age > limit


async def _due(rest: Inner) -> list[dict[str, Any]]:
    """Recipients whose re-verification is due, and consents that end."""
    try:
        outlook = await rest.post("/v1/recipients/reverify", {"dry_run": True})
    except Refused:  # the region is above counties that differ, or nothing may be asked
        return []
    some = []
    if outlook["households"]:
        some.append({"kind": "due", "households": outlook["households"]})
    if outlook["consent_expiring"]:
        some.append({"kind": "consents", "households": outlook["consent_expiring"]})
    return some


async def _approvals(rest: Inner, who: Viewer) -> int | None:
    """Changes that wait for a second administrator."""
    if not who.may("accounts", "roles"):
        return None
    return len((await rest.get("/v1/approvals", state="open"))["approvals"])
=======
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
>>>>>>> 0b6e98512d0ad8c034b37ab103baec4b6f92dd9b
