"""The home page 工作台: what waits for whoever looks, by the rights he or she has."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.api.deps import Service
from app.domain.instants import china_day
from app.web.code_words import FAILURES
from app.web.inner import Inner, Refused
from app.web.review_words import KINDS
from app.web.shell import Staff, Viewer, inner, page
from app.web.words_desk import BATCH_STATES, SOURCE_STATES

router = APIRouter()
_NOTICES: Final = 3
_ASKED: Final = 20
_SOON_DAYS: Final = 30
_TROUBLED: Final = ("failing", "slow")


@router.get("/ui/", response_model=None)
async def home(request: Request, service: Service, who: Staff) -> Response:
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
        tasks=await _tasks(rest, who),
        asked=await _asked(rest, who),
        reveals=await rest.get("/v1/reveal-counts"),
        review_kinds=KINDS,
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


async def _tasks(rest: Inner, who: Viewer) -> dict[str, int]:
    """Of the clerk's source, by state; none where the role names no source."""
    if not who.may("answer"):
        return {}
    try:
        found: dict[str, int] = (await rest.get("/v1/manual-tasks", limit=1))["counts"]
    except Refused:
        return {}
    return found


async def _asked(rest: Inner, who: Viewer) -> list[dict[str, Any]]:
    """Cases with something that the county asks a township's clerk to look into."""
    if not who.may("masked"):
        return []
    found = await rest.get("/v1/verifications", township="true", sort="changed", limit=_ASKED)
    return list(found["verifications"])
