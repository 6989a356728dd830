"""The pages of alerts 预警: what changed, who handles it, and rules that are muted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web.forms import Form, checked
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page
from app.web.words_desk import (
    ALERT_KINDS,
    ALERT_OUTCOMES,
    ALERT_STATES,
    ALERT_STEPS,
    FALSE_ALERT,
)
from app.web.words_facts import in_words
from app.wiring_types import Parts

router = APIRouter()
_PAGE: Final = 40
_FLAGS: Final = ("positive", "decisive", "mine")
_GRACED: Final = ("job_started", "base_rose", "income_rose")
_DONE: Final = ("muted", "unmuted", "given")
_WORDS: Final[Mapping[str, Any]] = {
    "kinds": ALERT_KINDS,
    "states": ALERT_STATES,
    "false_alert": FALSE_ALERT,
    "outcomes": ALERT_OUTCOMES,
    "step_words": ALERT_STEPS,
    "in_words": in_words,
}


@dataclass(frozen=True, slots=True)
class Again:
    """A form that was refused, to be shown again with what was typed."""

    error: Refused | None = None
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return 200 if self.error is None else self.error.status


FRESH: Final = Again()


@router.get("/ui/alerts", response_model=None)
async def listed(request: Request, service: Service, who: Staff) -> Response:
    given = {name: text for name, text in request.query_params.items() if text}
    wanted: dict[str, str] = {
        name: given[name] for name in ("kind", "state", "after", *_FLAGS) if name in given
    }
    rest = inner(request, service, who)
    found = await rest.get("/v1/alerts", facts="true", limit=_PAGE, **wanted)
    counted = await rest.get("/v1/alerts/counts")
    rules = (await rest.get("/v1/alert-rules"))["rules"]
    busy = [one for one in rules if one["alerts"] or one["muted"]]
    filters: dict[str, str] = {k: text for k, text in wanted.items() if k != "after"}
    return page(
        request,
        "desk/alerts.html",
        who,
        section="alerts",
        alerts=found["alerts"],
        following=_following(found["next"]),
        by_state=_by(counted, "state"),
        by_kind=_by(counted, "kind"),
        total=counted["alerts"],
        busy=sorted(busy, key=lambda one: -one["alerts"]),
        idle=[one for one in rules if one not in busy],
        filters=filters,
        filtered=bool(filters),
        done=given.get("done") if given.get("done") in _DONE else "",
        with_=lambda **change: _address({**filters, **change}),
        **_WORDS,
    )


def _by(counted: dict[str, Any], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counted["counts"]:
        found[one[name]] = found.get(one[name], 0) + one["alerts"]
    return found


def _address(filters: dict[str, Any]) -> str:
    query = urlencode({name: text for name, text in filters.items() if text})
    return f"/ui/alerts?{query}" if query else "/ui/alerts"


def _following(path: str | None) -> str | None:
    """The next page's address, with the same filters."""
    if path is None:
        return None
    query = {name: some[0] for name, some in parse_qs(urlsplit(path).query).items()}
    return _address({name: text for name, text in query.items() if name not in ("limit", "facts")})


@router.get("/ui/alerts/rules/{kind}", response_model=None)
async def rule(request: Request, service: Service, who: Staff, kind: str) -> Response:
    return await _rule_page(request, service, who, kind)


async def _rule_page(
    request: Request, service: Parts, who: Viewer, kind: str, again: Again = FRESH
) -> Response:
    rules = (await inner(request, service, who).get("/v1/alert-rules"))["rules"]
    found = next((one for one in rules if one["kind"] == kind), None)
    if found is None:
        raise Refused(404, {"type": "urn:hedui:problem:not-found", "title": "no such rule"})
    return page(
        request,
        "desk/alert_rule.html",
        who,
        status=again.status,
        section="alerts",
        rule=found,
        error=again.error,
        kept=again.kept,
        **_WORDS,
    )


@router.post("/ui/alerts/rules/{kind}/{action}", response_model=None)
async def mute(request: Request, service: Service, who: Staff, kind: str, action: str) -> Response:
    form = await checked(request, service)
    rest = inner(request, service, who)
    body = {"until": form.text("until"), "reason": form.text("reason")}
    try:
        if action == "mute":
            await rest.post(f"/v1/alert-rules/{kind}/mute", body)
        else:
            await rest.post(f"/v1/alert-rules/{kind}/unmute")
    except Refused as error:
        return await _rule_page(request, service, who, kind, Again(error, form.kept()))
    done = "muted" if action == "mute" else "unmuted"
    return RedirectResponse(f"/ui/alerts?done={done}", status_code=303)


@router.get("/ui/alerts/{alert_id}", response_model=None)
async def read(
    request: Request, service: Service, who: Staff, alert_id: str, case: str = ""
) -> Response:
    return await _alert_page(request, service, who, (alert_id, case))


async def _alert_page(
    request: Request, service: Parts, who: Viewer, of: tuple[str, str], again: Again = FRESH
) -> Response:
    """`of`: the alert, and its case's number, where a list has told it."""
    rest = inner(request, service, who)
    alert_id, case = of
    found = (await rest.get("/v1/alert-rules/assignees"))["assignees"]
    colleagues = [one for one in found if one["id"] != who.caller.actor]
    common = {"colleagues": colleagues, "error": again.error, "kept": again.kept}
    try:
        alert = await rest.get(f"/v1/alerts/{alert_id}")
    except Refused as refused:
        if refused.kind != "case-not-assigned" or not case or not who.may("assign"):
            raise
        return page(
            request,
            "desk/alert_unassigned.html",
            who,
            status=again.status,
            section="alerts",
            alert_id=alert_id,
            case=case,
            **common,
            **_WORDS,
        )
    handled_by = {one["actor"] for one in alert["steps"] if one["action"] == "handled"}
    return page(
        request,
        "desk/alert.html",
        who,
        status=again.status,
        section="alerts",
        alert=alert,
        me=who.caller.actor,
        handled_by=handled_by,
        heard=any(one["action"] == "explained" for one in alert["steps"]),
        graced=alert["kind"] in _GRACED,
        name_of=lambda id_: alert["people"].get(id_, id_),
        **common,
        **_WORDS,
    )


@router.post("/ui/alerts/{alert_id}/case", response_model=None)
async def give_case(request: Request, service: Service, who: Staff, alert_id: str) -> Response:
    """A reviewer gives the alert's case to a colleague, who then handles the alert."""
    form = await checked(request, service)
    case, to = form.text("case"), form.text("to")
    body = {"case_reference": case, "staff": to}
    try:
        await inner(request, service, who).post("/v1/assignments", body)
    except Refused as error:
        of = (alert_id, case)
        return await _alert_page(request, service, who, of, Again(error, form.kept()))
    return RedirectResponse("/ui/alerts?done=given", status_code=303)


@router.post("/ui/alerts/{alert_id}/{action}", response_model=None)
async def act(
    request: Request, service: Service, who: Staff, alert_id: str, action: str
) -> Response:
    form = await checked(request, service)
    rest = inner(request, service, who)
    try:
        if action == "assign":
            await _assign(rest, who, alert_id, form)
        elif action in ("explanation", "handle", "check"):
            await rest.post(f"/v1/alerts/{alert_id}/{action}", _body(action, form))
        else:
            raise Refused(404, {"type": "urn:hedui:problem:not-found"})
    except Refused as error:
        if error.status == 404:
            raise
        return await _alert_page(request, service, who, (alert_id, ""), Again(error, form.kept()))
    return RedirectResponse(f"/ui/alerts/{alert_id}", status_code=303)


async def _assign(rest: Inner, who: Viewer, alert_id: str, form: Form) -> None:
    """With the alert goes its case, where whoever assigns may give that."""
    to = form.text("to") or who.caller.actor
    if to != who.caller.actor and who.may("assign"):
        await rest.post("/v1/assignments", {"case_reference": form.text("case"), "staff": to})
    body = {"version": _number(form.text("version")), "to": to}
    await rest.post(f"/v1/alerts/{alert_id}/assign", body)


def _body(action: str, form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {"version": _number(form.text("version"))}
    if action == "explanation":
        body["words"] = form.text("words")
    else:
        body["reason"] = form.text("reason")
    if action == "handle":
        body["outcome"] = form.text("outcome")
        if form.text("grace_months"):
            body["grace_months"] = _number(form.text("grace_months"))
    if action == "check":
        body["agrees"] = form.text("agrees") == "yes"
    if form.text("evidence_reference"):
        body["evidence_reference"] = form.text("evidence_reference")
    return body


def _number(text: str) -> int | str:
    """What is no number the interface refuses in its own words."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
