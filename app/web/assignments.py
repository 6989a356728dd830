"""分派与许可: whose a case is, looks that a second person agrees to, and relations 回避."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.access.looking import LookPurpose
from app.access.relations import RelationKind
from app.api.deps import Service
from app.domain.errors import NotFound
from app.web.figures_words import Said
from app.web.forms import Form, checked
from app.web.i18n import N_
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, inner, page
from app.web.trail_codes import CODES
from app.wiring_types import Parts

router = APIRouter()
_DONE: Final = {
    "assigned": N_("已分派。"),
    "ended": N_("已结束。"),
    "asked": N_("已申请，等待复核人员同意。"),
    "agreed": N_("已同意，从现在起生效。"),
    "refused": N_("已拒绝。"),
    "related": N_("已登记，下一次查看起生效。"),
}
RELATIONS: Final[Mapping[str, str]] = {
    "self": N_("本人"),
    "household": N_("同户"),
    "spouse": N_("配偶"),
    "child": N_("子女"),
    "parent": N_("父母"),
    "sibling": N_("兄弟姐妹"),
    "grandparent": N_("祖父母"),
    "grandchild": N_("孙子女"),
    "in_law": N_("姻亲"),
    "relative": N_("其他亲属"),
    "former_partner": N_("前配偶"),
    "friend": N_("朋友"),
    "neighbour": N_("邻居"),
    "colleague": N_("同事"),
    "other_interest": N_("其他利害关系"),
}
_STATES: Final = {
    "asked": N_("待同意"),
    "agreed": N_("已同意"),
    "refused": N_("已拒绝"),
    "ended": N_("已结束"),
}
_TEAMS: Final = ("township_clerk", "county_checker", "county_reviewer")
_LOOKING: Final = ("read", "review", "verify", "batch", "masked", "audit")


@router.get("/ui/assignments", response_model=None)
async def shown(request: Request, service: Service, who: Staff) -> Response:
    return await _shown(request, service, who)


async def _shown(
    request: Request,
    service: Parts,
    who: Viewer,
    error: Refused | None = None,
    kept: Mapping[str, str] | None = None,
) -> Response:
    """Of whoever assigns, all of the region; of others their own permissions and relations."""
    api, assigns = inner(request, service, who), who.may("assign")
    case = request.query_params.get("case", "").strip()
    assignments: dict[str, Any] = {"assignments": [], "next": None}
    if assigns:
        given = {"case_reference": case or None, "holding": True, "limit": 100}
        assignments = await api.get("/v1/assignments", **given)
    permissions = (await api.get("/v1/look-permissions", limit=100))["permissions"]
    relations = (await api.get("/v1/relations"))["relations"]
    return page(
        request,
        "staff/assignments.html",
        who,
        section="assignments",
        status=200 if error is None else error.status,
        error=error,
        kept=kept or {},
        said=Said(who.preferences.language),
        case=case,
        assigns=assigns,
        assignments=assignments["assignments"],
        permissions=permissions,
        relations=relations,
        colleagues=await _colleagues(request, service, who),
        teams=[one for one in _TEAMS if one not in who.caller.roles],
        asks=who.may(*_LOOKING),
        purposes=[one.value for one in LookPurpose],
        kinds=[one.value for one in RelationKind],
        relation_words=RELATIONS,
        states=_STATES,
        codes=CODES,
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )


async def _colleagues(request: Request, service: Parts, who: Viewer) -> list[dict[str, Any]]:
    """To whom a case can be given; nobody, for who does not assign."""
    if not who.may("assign"):
        return []
    found = await inner(request, service, who).get("/v1/colleagues")
    colleagues: list[dict[str, Any]] = found["colleagues"]
    return colleagues


def _assignment(form: Form) -> dict[str, Any]:
    """To somebody, or to the team of a role; the day until which it holds is included."""
    kind, _, to = form.text("to").partition(":")
    body: dict[str, Any] = {"case_reference": form.text("case_reference")}
    body[kind if kind in ("staff", "role") else "staff"] = to
    if form.text("until"):
        body["until"] = f"{form.text('until')}T23:59:59+08:00"
    return body


def _permission(form: Form) -> dict[str, Any]:
    hours = form.text("hours")
    return {
        "case_reference": form.text("case_reference"),
        "purpose": form.text("purpose"),
        "reason": form.text("reason"),
        "hours": int(hours) if hours.isdecimal() else 0,
    }


def _relation(form: Form) -> dict[str, Any]:
    names = ("staff", "address", "region")
    given = {name: form.text(name) for name in names if form.text(name)}
    return {"kind": form.text("kind"), "id_number": form.text("id_number"), **given}


_FORMS: Final = {
    "assignment": ("/v1/assignments", _assignment, "assigned"),
    "permission": ("/v1/look-permissions", _permission, "asked"),
    "relation": ("/v1/relations", _relation, "related"),
}
"""By the page's form: where it goes, what of it, and what is said afterwards."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of the path."""

    what: str
    id_: str
    answered: str


_ENDS: Final = {
    "assignment": "/v1/assignments",
    "permission": "/v1/look-permissions",
    "relation": "/v1/relations",
}


@router.post("/ui/assignments/{what}", response_model=None)
async def add(request: Request, service: Service, who: Staff, what: str) -> Response:
    form = await checked(request, service)
    if what not in _FORMS:
        raise NotFound("no such form")
    path, body_of, said = _FORMS[what]
    try:
        await inner(request, service, who).post(path, body_of(form))
    except Refused as error:
        return await _shown(request, service, who, error, {"form": what, **form.kept()})
    return RedirectResponse(f"/ui/assignments?done={said}", status_code=303)


@router.post("/ui/assignments/{what}/{id_}/{answered}", response_model=None)
async def give_answer(
    request: Request, service: Service, who: Staff, where: Annotated[_Answer, Depends()]
) -> Response:
    """`end` anything of these; `agree` or `refuse` a permission."""
    await checked(request, service)
    what, id_, answer = where.what, where.id_, where.answered
    api = inner(request, service, who)
    try:
        if answer == "end" and what in _ENDS:
            await api.call("DELETE", f"{_ENDS[what]}/{id_}")
            said = "ended"
        elif answer in ("agree", "refuse") and what == "permission":
            agrees = answer == "agree"
            await api.post(f"/v1/look-permissions/{id_}/decision", {"agrees": agrees})
            said = "agreed" if agrees else "refused"
        else:
            raise NotFound("no such answer")
    except Refused as error:
        return await _shown(request, service, who, error)
    return RedirectResponse(f"/ui/assignments?done={said}", status_code=303)
