"""Pages of a source's clerks 人工录入: their tasks, and the form in which each is entered."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web import by_hand_words
from app.web.forms import Form, checked
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_SECTION: Final = "manual"
CO_OWNERS: Final = ("a", "b", "c", "d", "e")
"""Places for owners in common on the form of a home."""
_FIELD: Final = re.compile(r"r(\d{1,2})-([a-z_]{1,40})")
_MOST: Final = 60


@router.get("/ui/sources/manual", response_model=None)
async def listed(request: Request, service: Service, who: Staff) -> Response:
    query = request.query_params
    wanted = {"state": query.get("state", "waiting"), "after": query.get("after") or None}
    found = await inner(request, service, who).get("/v1/manual-tasks", **wanted)
    following = None
    if found["next"] is not None:
        place = found["next"].rpartition("after=")[2]
        following = f"/ui/sources/manual?{urlencode({'state': wanted['state']})}&after={place}"
    return page(
        request,
        "manual/list.html",
        who,
        section=_SECTION,
        found=found,
        state=wanted["state"],
        following=following,
    )


@router.get("/ui/sources/manual/{task_id}", response_model=None)
async def read(request: Request, task_id: str, service: Service, who: Staff) -> Response:
    return await _shown(request, service, who, task_id)


async def _shown(
    request: Request,
    service: Parts,
    who: Viewer,
    task_id: str,
    typed: tuple[Refused | None, dict[str, str], list[dict[str, Any]]] | None = None,
) -> Response:
    """`typed`: what went wrong, what was typed, and the records so far."""
    task = await inner(request, service, who).get(f"/v1/manual-tasks/{task_id}")
    error, kept, records = typed or (None, {}, [])
    return page(
        request,
        "manual/task.html",
        who,
        status=200 if error is None else error.status,
        section=_SECTION,
        task=task,
        error=error,
        faults=_faults(error),
        typed=kept,
        records=records,
        forms={one["type"]: one for one in task["forms"]},
        by_hand=by_hand_words,
        co_owners=CO_OWNERS,
    )


def _faults(error: Refused | None) -> Mapping[str, str]:
    """By the form's field, what is wrong with it."""
    found = {}
    for one in () if error is None else error.errors:
        parts = one["pointer"].split("/")
        if len(parts) == 5 and parts[1] == "records":
            found[f"r{parts[2]}-{parts[4]}"] = one["detail"]
    return found


@router.post("/ui/sources/manual/{task_id}", response_model=None)
async def enter(request: Request, task_id: str, service: Service, who: Staff) -> Response:
    """Entered, or the form with a record more or less; what was typed stays."""
    form = await checked(request, service)
    do, records = form.text("do"), _records(form)
    if do.startswith("add:"):
        records = [*records, {"type": do.removeprefix("add:"), "texts": {}}][:_MOST]
        return await _shown(request, service, who, task_id, (None, _kept(form, "found"), records))
    if do.startswith("drop:"):
        gone = do.removeprefix("drop:")
        records = [one for at, one in enumerate(records) if str(at) != gone]
        return await _shown(request, service, who, task_id, (None, _kept(form, "found"), records))
    try:
        path = f"/v1/manual-tasks/{task_id}/entries"
        after = await inner(request, service, who).post(path, _body(form, records))
    except Refused as error:
        kept = _kept(form, form.text("outcome"))
        return await _shown(request, service, who, task_id, (error, kept, records))
    return RedirectResponse(f"/ui/sources/manual/{task_id}?done={after['state']}", 303)


def _kept(form: Form, outcome: str) -> dict[str, str]:
    names = ("reason", "data_as_of")
    return {**{name: form.text(name) for name in names}, "outcome": outcome}


def _records(form: Form) -> list[dict[str, Any]]:
    """In their order; each with its type, whom it names, and texts by field."""
    found: dict[int, dict[str, str]] = {}
    for name, value in form.kept().items():
        match = _FIELD.fullmatch(name)
        if match is not None:
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [{"type": texts.pop("type", ""), "texts": texts} for _, texts in sorted(found.items())]


def _body(form: Form, records: list[dict[str, Any]]) -> dict[str, Any]:
    version, outcome = form.text("version"), form.text("outcome")
    body: dict[str, Any] = {
        "version": int(version) if version.isdecimal() else 0,
        "outcome": outcome,
        "data_as_of": form.text("data_as_of") or None,
    }
    if outcome == "found":
        body["records"] = [_record(one) for one in records]
    if outcome == "unavailable":
        body["reason"] = form.text("reason") or None
    return body


def _record(one: dict[str, Any]) -> dict[str, Any]:
    """Whom it names is said where it is somebody else than was asked about."""
    texts = dict(one["texts"])
    whose, name = texts.pop("whose", "same"), texts.pop("owner", "")
    number = texts.pop("owner_number", "")
    named = {"name": name or None, "id_number": number or None} if whose == "other" else {}
    others = [
        {
            "name": texts.pop(f"co_name_{place}"),
            "id_number": texts.pop(f"co_number_{place}", ""),
            "share": texts.pop(f"co_share_{place}", ""),
        }
        for place in CO_OWNERS
        if texts.get(f"co_name_{place}")
    ]
    fields = {name: text for name, text in texts.items() if not name.startswith("co_")}
    return {"type": one["type"], "fields": fields, **named, "others": others}


@router.get("/ui/cases/{verification_id}/manual", response_model=None)
async def form(request: Request, verification_id: str, service: Service, who: Staff) -> Response:
    """Where a source failed: have its clerks asked instead."""
    return await _turning(request, service, who, verification_id)


async def _turning(
    request: Request,
    service: Parts,
    who: Viewer,
    verification_id: str,
    refused: tuple[Refused, dict[str, str]] | None = None,
) -> Response:
    of = await inner(request, service, who).get(f"/v1/verifications/{verification_id}")
    error, typed = refused or (None, {"source": request.query_params.get("source", "")})
    failed: dict[str, list[dict[str, Any]]] = {}
    for one in of["sources"]:
        if one["state"] == "failed":
            failed.setdefault(one["source"], []).append(one)
    return page(
        request,
        "manual/turn.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        of=of,
        failed=failed,
        error=error,
        typed=typed,
    )


@router.post("/ui/cases/{verification_id}/manual", response_model=None)
async def turn(request: Request, verification_id: str, service: Service, who: Staff) -> Response:
    form = await checked(request, service)
    body = {"source": form.text("source"), "reason": form.text("reason")}
    path = f"/v1/verifications/{verification_id}/manual-entry"
    try:
        made = await inner(request, service, who).post(path, body)
    except Refused as error:
        return await _turning(request, service, who, verification_id, (error, form.kept()))
    return RedirectResponse(f"/ui/cases/{made['verification']}", 303)
