"""Plain data of one person 显示完整信息: asked for with a purpose, shown for a minute."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.access.looking import LookPurpose
from app.api.deps import Service
from app.web.case_page import Page
from app.web.case_profile import page_of
from app.web.code_words import PURPOSES
from app.web.forms import checked
from app.web.i18n import N_
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, inner, page
from app.web.sign_in import inside

router = APIRouter()
SECONDS: Final = 60
GROUPS: Final[Mapping[str, str]] = {
    "name": N_("姓名、曾用名"),
    "id_number": N_("证件号码、出生日期"),
    "contact": N_("电话、住址"),
}
_LABELS: Final[Mapping[str, str]] = {
    "name": N_("姓名"),
    "former_name": N_("曾用名"),
    "id_number": N_("证件号码"),
    "birth_date": N_("出生日期"),
    "phone": N_("电话"),
    "address": N_("住址"),
}


@router.get("/ui/cases/{case_id}/reveal/{person}", response_model=None)
async def form(
    request: Request, case_id: str, person: str, service: Service, who: Staff
) -> Response:
    """`next` in the address: the page to go back to."""
    back = request.query_params.get("next", "")
    return await _shown(request, service, who, (case_id, person), back=back)


@router.post("/ui/cases/{case_id}/reveal/{person}", response_model=None)
async def reveal(
    request: Request, case_id: str, person: str, service: Service, who: Staff
) -> Response:
    """The answer is the page itself: what it holds must not be in an address, nor come twice."""
    given = await checked(request, service)
    body = {
        "person": person,
        "purpose": given.text("purpose"),
        "fields": [one for one in given.texts("fields") if one in GROUPS],
    }
    rest, back = inner(request, service, who), given.text("next")
    try:
        plain = await rest.post(f"/v1/verifications/{case_id}/reveals", body)
    except Refused as refused:
        again = {"error": refused, "kept": body, "back": back}
        return await _shown(request, service, who, (case_id, person), **again)
    return await _shown(request, service, who, (case_id, person), plain=plain, back=back)


async def _shown(
    request: Request, service: Service, who: Viewer, whom: tuple[str, str], **more: Any
) -> Response:
    case_id, person = whom
    rest = inner(request, service, who)
    document = await rest.get(f"/v1/verifications/{case_id}/profile")
    shown, error = page_of(request, who, document), more.get("error")
    plain = more.get("plain")
    kept = more.get("kept") or {"purpose": who.purpose, "fields": list(GROUPS)[:2]}
    known = next((one for one in document["persons"] if one["ref"] == person), None)
    if known is None:
        raise Refused(404, {"type": "urn:hedui:problem:not-found"})
    return page(
        request,
        "cases/reveal.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        case=case_id,
        person=known,
        household=document["household"],
        right=shown.right("reveal"),
        purposes=[(one.value, PURPOSES[one.value]) for one in LookPurpose],
        groups=GROUPS,
        kept=kept,
        back=inside(more["back"]) if more["back"] else "",
        error=error,
        values=None if plain is None else _values(shown, plain),
        seconds=SECONDS,
    )


def _values(shown: Page, plain: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for group in GROUPS:
        for name, value in plain["fields"].get(group, {}).items():
            if name in _LABELS:
                text = shown.translate(N_("未登记")) if value is None else str(value)
                found.append((shown.translate(_LABELS[name]), text))
    return found
