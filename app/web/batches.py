"""The pages of batches 批量: a roster sent, looked at, confirmed, watched; what came of it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.domain.household import Purpose
from app.web.charts_desk import stage_bar
from app.web.code_words import PROGRAMMES, PURPOSES
from app.web.forms import checked
from app.web.inner import Inner, Refused
from app.web.shell import PARTIAL, Staff, Viewer, inner, page
from app.web.words_desk import (
    ALERT_KINDS,
    BATCH_STAGES,
    BATCH_STATES,
    COLUMNS,
    ROSTER_FAILURES,
)
from app.web.words_facts import in_words
from app.web.words_rows import ROW_ERRORS

router = APIRouter()
_PAGE: Final = 30
_CHANGES: Final = 50
_ERRORS: Final = 50
_MOVES: Final = ("confirm", "pause", "resume", "cancel")
_UNDER_WAY: Final = ("reading", "running")
_WORDS: Final[Mapping[str, Any]] = {
    "states": BATCH_STATES,
    "stage_words": BATCH_STAGES,
    "roster_failures": ROSTER_FAILURES,
    "column_words": COLUMNS,
    "purposes": {one.value: PURPOSES[one.value] for one in Purpose},
    "kinds": ALERT_KINDS,
    "row_errors": ROW_ERRORS,
    "in_words": in_words,
    "programme_words": PROGRAMMES,
}


@router.get("/ui/batches", response_model=None)
async def listed(request: Request, service: Service, who: Staff, before: str = "") -> Response:
    rest = inner(request, service, who)
    found = await rest.get("/v1/batches", limit=_PAGE, before=before or None)
    following = None
    if found["next"]:
        following = f"/ui/batches?{urlencode({'before': found['batches'][-1]['id']})}"
    return page(
        request,
        "desk/batches.html",
        who,
        section="batches",
        batches=found["batches"],
        following=following,
        is_first=not before,
        **_WORDS,
    )


@router.get("/ui/batches/new", response_model=None)
async def new(request: Request, service: Service, who: Staff) -> Response:
    await inner(request, service, who).get("/v1/batches", limit=1)  # may he or she send any?
    return _form(request, who)


def _form(
    request: Request,
    who: Viewer,
    error: Refused | None = None,
    kept: dict[str, str] | None = None,
    chosen: list[str] | None = None,
) -> Response:
    return page(
        request,
        "desk/batch_new.html",
        who,
        status=200 if error is None else error.status,
        section="batches",
        error=error,
        kept=kept or {},
        chosen=chosen or [],
        key=(kept or {}).get("key") or secrets.token_urlsafe(16),
        **_WORDS,
    )


@router.post("/ui/batches/new", response_model=None)
async def send(request: Request, service: Service, who: Staff) -> Response:
    form = await checked(request, service)
    roster, chosen = form.file("roster"), form.texts("programmes")
    terms = {"hold": "true", "purpose": form.text("purpose")}
    if chosen:
        terms["programmes"] = ",".join(chosen)
    if form.text("as_of"):
        terms["as_of"] = form.text("as_of")
    sent: dict[str, Any] = {"data": terms}
    if roster is not None:
        sent["files"] = {"roster": ("roster", roster.file, "application/octet-stream")}
    else:
        sent["files"] = {"nothing": ("nothing", b"", "application/octet-stream")}
    headers = {"Idempotency-Key": form.text("key") or secrets.token_urlsafe(16)}
    try:
        answer = await inner(request, service, who).call(
            "POST", "/v1/batches", headers=headers, **sent
        )
    except Refused as error:
        return _form(request, who, error, form.kept(), chosen)
    finally:
        if roster is not None:
            await roster.close()
    return RedirectResponse(f"/ui/batches/{answer.json()['id']}", status_code=303)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes, those alone that flip a test; from which faulty row on; how many at random."""

    after: str = ""
    flips: str = ""
    errors: int = -1
    sample: int = 0


@router.get("/ui/batches/{batch_id}", response_model=None)
async def read(
    request: Request,
    service: Service,
    who: Staff,
    batch_id: str,
    asked: Annotated[Asked, Depends()],
) -> Response:
    """Asked for by htmx, its part that goes on; else the whole page."""
    rest = inner(request, service, who)
    batch = await rest.get(f"/v1/batches/{batch_id}")
    wanted = {"after": asked.after, "flips": asked.flips}
    shown: dict[str, Any] = {
        "batch": batch,
        "bar": _bar,
        "preview": None,
        "changes": None,
        "wanted": wanted,
        "next_changes": None,
        "rows": None,
        "sample": None,
        "polls": batch["status"] in _UNDER_WAY,
        "may_see_plain": who.may("read") and who.may("batch"),
        "duration": _duration,
        **_WORDS,
    }
    if batch["status"] == "held":
        shown["preview"] = await rest.get(f"/v1/batches/{batch_id}/preview")
    if PARTIAL in request.headers:
        return page(request, "desk/batch_body.html", who, section="batches", **shown)
    if batch["status"] in ("done", "cancelled", "paused", "running") and batch["changed"]:
        shown |= await _changes(rest, batch_id, wanted)
    if asked.sample:
        drawn = await rest.get(f"/v1/batches/{batch_id}/sample", size=asked.sample)
        shown["sample"] = drawn["households"]
    if batch["rejected_rows"] or batch["errors"]:
        found = await rest.get(f"/v1/batches/{batch_id}/errors", after=asked.errors, limit=_ERRORS)
        shown |= {"rows": found["errors"], "next_rows": _rows_after(batch_id, found["next"])}
    return page(request, "desk/batch.html", who, section="batches", **shown)


async def _changes(rest: Inner, batch_id: str, wanted: dict[str, str]) -> dict[str, Any]:
    found = await rest.get(
        f"/v1/batches/{batch_id}/changes",
        format="json",
        limit=_CHANGES,
        decisive="true" if wanted["flips"] else None,
        after=wanted["after"] or None,
    )
    following = None
    if found["next"]:
        last = found["next"].partition("after=")[2]
        flips = "&flips=1" if wanted["flips"] else ""
        following = f"/ui/batches/{batch_id}?after={last}{flips}#changes"
    return {"changes": found["changes"], "next_changes": following}


def _rows_after(batch_id: str, path: str | None) -> str | None:
    if path is None:
        return None
    after = path.partition("after=")[2].partition("&")[0]
    return f"/ui/batches/{batch_id}?errors={after}#rows"


@router.post("/ui/batches/{batch_id}/{move}", response_model=None)
async def moved(
    request: Request, service: Service, who: Staff, batch_id: str, move: str
) -> Response:
    await checked(request, service)
    if move not in _MOVES:
        raise Refused(404, {"type": "urn:hedui:problem:not-found"})
    await inner(request, service, who).post(f"/v1/batches/{batch_id}/{move}")
    return RedirectResponse(f"/ui/batches/{batch_id}", status_code=303)


@router.post("/ui/batches/{batch_id}/files/{kind}", response_model=None)
async def load_down(
    request: Request, service: Service, who: Staff, batch_id: str, kind: str
) -> Response:
    """Results or changes as a file; what it is for goes along, and is on record."""
    form = await checked(request, service)
    purpose = form.text("purpose") or who.purpose
    params: dict[str, Any] = {"format": form.text("format") or "csv"}
    if kind == "results":
        params["identities"] = form.text("identities") or "none"
    answer = await inner(request, service, who, purpose).call(
        "GET", f"/v1/batches/{batch_id}/{kind}", params=params
    )
    names = ("content-type", "content-disposition")
    headers = {name: answer.headers[name] for name in names if name in answer.headers}
    return Response(answer.body, headers=headers)


def _bar(batch: dict[str, Any], label: str) -> Any:
    stages = batch["stages"]
    return stage_bar([(BATCH_STAGES[name][0], stages[name]) for name in BATCH_STAGES], label)


def _duration(seconds: int | None, translate: Any) -> str:
    """`3 小时 20 分`; what is shorter than a minute says so."""
    if seconds is None:
        return str(translate("未知"))
    minutes = seconds // 60
    if minutes < 1:
        return str(translate("不到 1 分钟"))
    hours, days = minutes // 60, minutes // 1440
    if days >= 2:
        return str(translate("%(n)s 天", n=days))
    if hours >= 1:
        return str(translate("%(h)s 小时 %(m)s 分", h=hours, m=minutes % 60))
    return str(translate("%(n)s 分钟", n=minutes))
