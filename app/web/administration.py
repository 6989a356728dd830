"""人员与岗位: accounts by the system administrator, roles by two security administrators."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.access.roles import ROLES
from app.api.deps import Service
from app.domain.errors import NotFound
from app.web.figures_words import Said
from app.web.forms import Form, checked
from app.web.i18n import N_
from app.web.inner import Inner, Refused
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_STATES: Final = {"invited": N_("待启用"), "active": N_("在用"), "disabled": N_("已停用")}
_KINDS: Final = {
    "role_grant": N_("授予岗位"),
    "role_end": N_("收回岗位"),
    "account_reset": N_("重置账户"),
    "account_link": N_("关联统一身份认证"),
}
_DONE: Final = {
    "disabled": N_("账户已停用。"),
    "proposed": N_("已提出，等待另一名管理员同意。"),
    "agreed": N_("已同意，立即生效。"),
    "refused": N_("已拒绝。"),
}
_MOST_PAGES: Final = 20


@router.get("/ui/staff", response_model=None)
async def staff(request: Request, service: Service, who: Staff) -> Response:
    return await _list(request, service, who)


async def _list(
    request: Request, service: Parts, who: Viewer, *, error: Refused | None = None, **more: Any
) -> Response:
    api = inner(request, service, who)
    found = await api.get("/v1/staff", after=request.query_params.get("after") or None)
    given: dict[str, Any] = {"kept": {}, "invited": None, "given": {}, **more}
    return page(
        request,
        "staff/list.html",
        who,
        section="staff",
        status=200 if error is None else error.status,
        error=error,
        said=Said(who.preferences.language),
        staff=found["staff"],
        older=found["staff"][-1]["id"] if found["next"] else None,
        approvals=(await api.get("/v1/approvals", state="open"))["approvals"],
        people=await _everybody(api),
        states=_STATES,
        kinds=_KINDS,
        done=_DONE.get(request.query_params.get("done", ""), ""),
        **given,
    )


async def _everybody(api: Inner) -> dict[str, str]:
    """Names by id, for those who stand in changes."""
    names: dict[str, str] = {}
    after: str | None = None
    for _ in range(_MOST_PAGES):
        found = await api.get("/v1/staff", after=after)
        names |= {one["id"]: one["name"] for one in found["staff"]}
        if not found["next"]:
            break
        after = found["staff"][-1]["id"]
    return names


@router.post("/ui/staff", response_model=None)
async def invite(request: Request, service: Service, who: Staff) -> Response:
    """The token is shown in the answer, this once: there is no address to come back to."""
    form = await checked(request, service)
    body = {name: form.text(name) for name in ("login", "name", "region")}
    try:
        invited = await inner(request, service, who).post("/v1/staff", body)
    except Refused as error:
        return await _list(request, service, who, error=error, kept=form.kept())
    return await _list(request, service, who, invited=invited)


@router.get("/ui/staff/{staff_id}", response_model=None)
async def one(request: Request, service: Service, who: Staff, staff_id: str) -> Response:
    return await _one(request, service, who, staff_id)


async def _one(
    request: Request, service: Parts, who: Viewer, staff_id: str, error: Refused | None = None
) -> Response:
    api = inner(request, service, who)
    person = await api.get(f"/v1/staff/{staff_id}")
    waiting = (await api.get("/v1/approvals", state="open"))["approvals"]
    return page(
        request,
        "staff/one.html",
        who,
        section="staff",
        status=200 if error is None else error.status,
        error=error,
        said=Said(who.preferences.language),
        person=person,
        people=await _everybody(api),
        waiting=[each for each in waiting if each["subject"] == staff_id],
        roles=[role for role in ROLES if role not in person["roles"]],
        states=_STATES,
        kinds=_KINDS,
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )


_CHANGES: Final = {
    "disable": ("disable", "disabled"),
    "reset": ("reset", "proposed"),
    "link": ("link", "proposed"),
    "grant": ("roles", "proposed"),
    "end": ("roles/end", "proposed"),
}
"""By the page's word: the interface's path, and what is said afterwards."""


@router.post("/ui/staff/{staff_id}/{change}", response_model=None)
async def change(
    request: Request, service: Service, who: Staff, staff_id: str, change: str
) -> Response:
    form = await checked(request, service)
    if change not in _CHANGES:
        raise NotFound("no such change")
    path, said = _CHANGES[change]
    try:
        await inner(request, service, who).post(f"/v1/staff/{staff_id}/{path}", _body(change, form))
    except Refused as error:
        return await _one(request, service, who, staff_id, error)
    return RedirectResponse(f"/ui/staff/{staff_id}?done={said}", status_code=303)


def _body(change: str, form: Form) -> dict[str, str] | None:
    match change:
        case "grant":
            until = form.text("until")
            ends = {"until": f"{until}T00:00:00+08:00"} if until else {}
            return {"role": form.text("role"), **ends}
        case "end":
            return {"role": form.text("role")}
        case "link":
            return {"subject": form.text("subject")}
        case _:
            return None


@router.post("/ui/approvals/{approval_id}/{answer}", response_model=None)
async def decide(
    request: Request, service: Service, who: Staff, approval_id: str, answer: str
) -> Response:
    """What is given after a reset is shown in the answer, this once."""
    form = await checked(request, service)
    if answer not in ("agree", "refuse"):
        raise NotFound("no such answer")
    body = {"reason": form.text("reason")} if answer == "refuse" else None
    try:
        answered = await inner(request, service, who).post(
            f"/v1/approvals/{approval_id}/{answer}", body
        )
    except Refused as error:
        return await _list(request, service, who, error=error)
    if answer == "agree" and answered["given"]:
        return await _list(request, service, who, given=answered["given"])
    said = "agreed" if answer == "agree" else "refused"
    return RedirectResponse(f"/ui/staff?done={said}", status_code=303)
