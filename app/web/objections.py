"""Pages of objections 复核: the list by term, one with its steps, and the form to file one."""

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.access.looking import OVERSEERS
from app.api.deps import Service
from app.web.forms import Form, checked, checked_with_file
from app.web.inner import Inner, Refused
from app.web.shell import SignedIn, Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_SECTION: Final = "objections"
_STEPS: Final = frozenset({"take", "release", "requery", "decision", "withdraw"})
_STATES: Final = ("filed", "in_progress", "upheld", "corrected", "withdrawn")
_KINDS: Final = ("decision", "income", "asset", "finding", "person")


def asking(request: Request, service: Parts, who: Viewer) -> Inner:
    """The interface, for the purpose of an objection; an overseer's own purpose stays."""
    return inner(request, service, who, who.purpose if _oversees(who) else "objection")


def _oversees(who: Viewer) -> bool:
    return bool(who.caller.roles & OVERSEERS)


@router.get("/ui/objections", response_model=None)
async def listed(request: Request, service: Service, who: Staff) -> Response:
    query = request.query_params
    state = query.get("state", "open")
    wanted = {
        "state": None if state == "all" else state,
        "mine": query.get("mine") or None,
        "overdue": query.get("overdue") or None,
        "programme": query.get("programme") or None,
        "region": query.get("region") or None,
        "after": query.get("after") or None,
    }
    found = await asking(request, service, who).get("/v1/objections", **wanted)
    kept = {name: value for name, value in wanted.items() if value and name != "after"}
    kept["state"] = state
    return page(
        request,
        "objections/list.html",
        who,
        section=_SECTION,
        found=found,
        wanted={**wanted, "state": state},
        states=_STATES,
        following=_following(found["next"], kept),
        links={one: _link(kept, state=one) for one in (*_STATES, "open", "all")},
    )


def _link(kept: dict[str, Any], **changed: str) -> str:
    return f"/ui/objections?{urlencode({**kept, **changed})}"


def _following(url: str | None, kept: dict[str, Any]) -> str | None:
    """The next page's address, as the interface's has its place."""
    if url is None:
        return None
    place = url.rpartition("after=")[2].partition("&")[0]
    return f"/ui/objections?{urlencode(kept)}&after={place}"


@router.get("/ui/objections/{objection_id}", response_model=None)
async def read(request: Request, objection_id: str, service: Service, who: Staff) -> Response:
    return await _shown(request, service, who, objection_id)


async def _shown(
    request: Request,
    service: Parts,
    who: Viewer,
    objection_id: str,
    refused: tuple[Refused, str, dict[str, str]] | None = None,
) -> Response:
    """`refused`: what came of which step, and what was typed."""
    ask = asking(request, service, who)
    one = await ask.get(f"/v1/objections/{objection_id}")
    of = await ask.get(f"/v1/verifications/{one['verification']}")
    owner = {"owner_kind": "objection", "owner": objection_id}
    proofs = await ask.get(f"/v1/verifications/{one['verification']}/proofs", **owner)
    error, step, typed = refused or (None, "", {})
    return page(
        request,
        "objections/one.html",
        who,
        status=200 if error is None else error.status,
        section=_SECTION,
        one=one,
        of=of,
        proofs=proofs["proofs"],
        sources=_asked(of),
        persons=await _persons(ask, one["verification"]),
        disputed=_disputed(of, one["value"]),
        error=error,
        failed=step,
        typed=typed,
    )


def _asked(of: dict[str, Any]) -> list[str]:
    """Sources that may be asked anew, in the order of the statuses."""
    return list(dict.fromkeys(s["source"] for s in of["sources"] if s["state"] != "not_asked"))


def _disputed(of: dict[str, Any], value: dict[str, str] | None) -> dict[str, Any] | None:
    """The line of the verification that the objection names."""
    if value is None:
        return None
    kind, id_ = value["kind"], value["id"]
    profile = of["profile"] or {}
    lines = {
        "decision": [{**one, "id": one["programme"]} for one in of["decisions"]],
        "finding": of["findings"],
        "income": profile.get("income", []),
        "asset": profile.get("assets", []),
        "person": [{**one, "id": one["ref"]} for one in profile.get("persons", [])],
    }[kind]
    found = next((line for line in lines if line["id"] == id_), None)
    return {"kind": kind, "id": id_, "line": found}


async def _persons(ask: Inner, verification_id: str) -> dict[str, str]:
    """Masked names by ref, as the report has them; nothing where there is no report."""
    try:
        answer = await ask.call(
            "GET",
            f"/v1/verifications/{verification_id}/report",
            headers={"Accept": "application/json"},
        )
    except Refused:
        return {}
    return {one["ref"]: one["name"] for one in answer.json()["persons"]}


@router.post("/ui/objections/{objection_id}/proofs", response_model=None)
async def add_proof(request: Request, objection_id: str, service: Service, who: Staff) -> Response:
    ask = asking(request, service, who)
    one = await ask.get(f"/v1/objections/{objection_id}")
    try:
        _, content = await checked_with_file(request, service, "file")
        owner = {"owner_kind": "objection", "owner": objection_id}
        await ask.call(
            "POST",
            f"/v1/verifications/{one['verification']}/proofs",
            params=owner,
            files={"file": ("proof", content or b"")},
        )
    except Refused as error:
        return await _shown(request, service, who, objection_id, (error, "proofs", {}))
    return RedirectResponse(f"/ui/objections/{objection_id}?done=proofs#proofs", 303)


@router.get("/ui/objections/{objection_id}/proofs/{proof_id}", response_model=None)
async def proof(
    request: Request, objection_id: str, proof_id: str, service: Service, who: SignedIn
) -> Response:
    """The file, to be saved."""
    ask = asking(request, service, who)
    one = await ask.get(f"/v1/objections/{objection_id}")
    answer = await ask.call("GET", f"/v1/verifications/{one['verification']}/proofs/{proof_id}")
    kept = ("content-disposition", "content-security-policy", "content-type")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Response(answer.body, headers=headers)


@router.post("/ui/objections/{objection_id}/{step}", response_model=None)
async def take_step(
    request: Request, objection_id: str, step: str, service: Service, who: Staff
) -> Response:
    """One of the steps, and back to the objection as it stands then."""
    form = await checked(request, service)
    try:
        body = _body(step, form)
        await asking(request, service, who).post(f"/v1/objections/{objection_id}/{step}", body)
    except Refused as error:
        return await _shown(request, service, who, objection_id, (error, step, form.kept()))
    return RedirectResponse(f"/ui/objections/{objection_id}?done={step}", 303)


def _body(step: str, form: Form) -> dict[str, Any]:
    """Raises Refused for a step that is none."""
    if step not in _STEPS:
        raise Refused(404, {"type": "urn:hedui:problem:not-found", "title": "no such step"})
    version = form.text("version")
    body: dict[str, Any] = {"version": int(version) if version.isdecimal() else 0}
    match step:
        case "decision":
            body |= {"decision": form.text("decision"), "answer": form.text("answer")}
        case "requery":
            body |= {"sources": form.texts("sources") or None, "reason": form.text("reason")}
        case "release" | "withdraw":
            body["reason"] = form.text("reason")
        case _:
            pass
    return body


@router.get("/ui/cases/{verification_id}/objection", response_model=None)
async def form(request: Request, verification_id: str, service: Service, who: Staff) -> Response:
    return await _form(request, service, who, verification_id)


async def _form(
    request: Request,
    service: Parts,
    who: Viewer,
    verification_id: str,
    refused: tuple[Refused, dict[str, str]] | None = None,
) -> Response:
    ask = asking(request, service, who)
    of = await ask.get(f"/v1/verifications/{verification_id}")
    error, typed = refused or (None, {"value": request.query_params.get("value", "")})
    return page(
        request,
        "objections/file.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        of=of,
        persons=await _persons(ask, verification_id),
        error=error,
        typed=typed,
        may_file=who.may("verify"),
    )


@router.post("/ui/cases/{verification_id}/objection", response_model=None)
async def file(request: Request, verification_id: str, service: Service, who: Staff) -> Response:
    """Filed, and on to the objection."""
    form = await checked(request, service)
    kind, _, id_ = form.text("value").partition(":")
    body = {
        "by": form.text("by"),
        "about": form.text("about"),
        "reason": form.text("reason"),
        "value": {"kind": kind, "id": id_} if kind in _KINDS and id_ else None,
        "received_on": form.text("received_on") or None,
    }
    path = f"/v1/verifications/{verification_id}/objections"
    try:
        filed = await asking(request, service, who).post(path, body)
    except Refused as error:
        return await _form(request, service, who, verification_id, (error, form.kept()))
    return RedirectResponse(f"/ui/objections/{filed['id']}?done=filed", 303)
