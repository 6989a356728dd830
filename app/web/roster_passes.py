"""The page of roster passes 名册比对通行证: made, the address shown once; given back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.domain.household import Purpose
from app.reconciliation.passes import ASKED_A_ROW, MOST_HOURS, MOST_ROWS
from app.web.code_words import PURPOSES
from app.web.forms import Form, checked
from app.web.i18n import N_
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_PATH: Final = "/ui/roster-passes"
_REST: Final = "/v1/roster-passes"
_STATES: Final = {"holds": N_("有效"), "ended": N_("已交回"), "over": N_("已到期")}


@router.get(_PATH, response_model=None)
async def listed(request: Request, service: Service, who: Staff) -> Response:
    return await _shown(request, service, who)


async def _shown(
    request: Request, service: Parts, who: Viewer, *, error: Refused | None = None, **more: Any
) -> Response:
    """The viewer's own passes; `more`: `made` with its address, or `kept` of a refused form."""
    found = await inner(request, service, who).get(_REST)
    given: dict[str, Any] = {"kept": {}, "made": None, **more}
    return page(
        request,
        "desk/roster_passes.html",
        who,
        section="batches",
        status=200 if error is None else error.status,
        error=error,
        passes=[{**one, "state": _state(one, service.now())} for one in found["passes"]],
        states=_STATES,
        purposes={one.value: PURPOSES[one.value] for one in Purpose},
        purpose_words=PURPOSES,
        most={"rows": MOST_ROWS, "hours": MOST_HOURS, "asked": ASKED_A_ROW},
        ended=request.query_params.get("done") == "ended",
        **given,
    )


def _state(one: Mapping[str, Any], now: datetime) -> str:
    """One of `_STATES`."""
    if one["ended_at"] is not None:
        return "ended"
    return "holds" if now < datetime.fromisoformat(one["until"]) else "over"


@router.post(_PATH, response_model=None)
async def make(request: Request, service: Service, who: Staff) -> Response:
    """The address is shown in the answer, this once: there is no page to come back to."""
    form = await checked(request, service)
    api = inner(request, service, who, form.text("purpose") or None)
    try:
        made = await api.post(_REST, _body(form))
    except Refused as error:
        return await _shown(request, service, who, error=error, kept=form.kept())
    return await _shown(request, service, who, made=made)


def _body(form: Form) -> dict[str, Any]:
    """What is no number goes as it was typed, and is refused by its field."""
    body: dict[str, Any] = {"reference": form.text("reference")}
    for name in ("rows", "hours"):
        text = form.text(name)
        body[name] = int(text) if text.isascii() and text.isdecimal() else text
    return body | ({"region": form.text("region")} if form.text("region") else {})


@router.post(_PATH + "/{pass_id}/end", response_model=None)
async def end(request: Request, service: Service, who: Staff, pass_id: str) -> Response:
    await checked(request, service)
    try:
        await inner(request, service, who).call("DELETE", f"{_REST}/{pass_id}")
    except Refused as error:
        return await _shown(request, service, who, error=error)
    return RedirectResponse(f"{_PATH}?done=ended", status_code=303)
