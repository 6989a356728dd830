"""The pages of readers of audits 抽查读案: what is due, and what a reader found of a decision."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.domain.decision import Cause
from app.review.audit_findings import Procedure, TrueOutcome
from app.web.case_words import CAUSES
from app.web.figures_words import Said
from app.web.forms import Form, checked
from app.web.inner import Refused
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
BASE: Final = "/ui/readings"
_AGAIN: Final = (409, 422)
_PAGE: Final = 50
_READABLE: Final = ("answered", "no_record")


@router.get(BASE, response_model=None)
async def listed(
    request: Request, service: Service, who: Staff, audit: str = "", after: int = 0
) -> Response:
    """Open audits with what is due; of one of them the decisions, in their random order."""
    rest = inner(request, service, who, "spot_check")
    audits = (await rest.get("/v1/audits/readings"))["audits"]
    chosen = audit or next((one["id"] for one in audits if one["due"]), "")
    decisions, following = [], None
    if chosen:
        found = await rest.get(f"/v1/audits/{chosen}/worklist", after=after, limit=_PAGE)
        decisions = found["decisions"]
        if found["next"]:
            last = decisions[-1]["position"] if decisions else after + _PAGE
            following = f"{BASE}?{urlencode({'audit': chosen, 'after': last})}"
    return page(
        request,
        "readings/list.html",
        who,
        section="review",
        audits=audits,
        chosen=chosen,
        decisions=decisions,
        following=following,
        filed=request.query_params.get("filed", ""),
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which decision of which audit."""

    audit: str
    verification: str
    programme: str


async def _drawn(audit: str, verification: str, programme: str) -> Drawn:
    return Drawn(audit, verification, programme)


OfAudit = Annotated[Drawn, Depends(_drawn)]


@router.get(f"{BASE}/{{audit}}/{{verification}}/{{programme}}", response_model=None)
async def reading(request: Request, service: Service, who: Staff, of: OfAudit) -> Response:
    return await _form(request, service, who, of)


@router.post(f"{BASE}/{{audit}}/{{verification}}/{{programme}}", response_model=None)
async def found(request: Request, service: Service, who: Staff, of: OfAudit) -> Response:
    """The finding, then what is due next."""
    form = await checked(request, service)
    rest = inner(request, service, who, "spot_check")
    try:
        await rest.post(f"/v1/audits/{of.audit}/findings", _finding(of, form))
    except Refused as error:
        if error.status not in _AGAIN:
            raise
        return await _form(request, service, who, of, (error, form))
    query = urlencode({"audit": of.audit, "filed": "1"})
    return RedirectResponse(f"{BASE}?{query}", status_code=303)


def _finding(of: Drawn, form: Form) -> dict[str, Any]:
    texts = {name: form.text(name) for name in ("true_outcome", "true_programme", "due_monthly")}
    return {
        "verification_id": of.verification,
        "programme": of.programme,
        **{name: text for name, text in texts.items() if text},
        "error_causes": form.texts("error_causes"),
        "procedure": form.texts("procedure"),
        "staff_relation": form.text("staff_relation") == "yes",
        "sources_checked": form.texts("sources_checked"),
        "note": form.text("note"),
    }


async def _form(
    request: Request,
    service: Parts,
    who: Viewer,
    of: Drawn,
    again: tuple[Refused, Form] | None = None,
) -> Response:
    """Neither outcome nor error rate of what is read stands on it."""
    rest = inner(request, service, who, "spot_check")
    case = await rest.get(f"/v1/verifications/{of.verification}")
    sources = {one["source"] for one in case["sources"] if one["state"] in _READABLE}
    error, form = again or (None, None)
    names = ("error_causes", "procedure", "sources_checked")
    return page(
        request,
        "readings/form.html",
        who,
        status=200 if error is None else error.status,
        section="review",
        audit=of.audit,
        case=of.verification,
        case_reference=case["case_reference"],
        region=case["region"],
        as_of=case["as_of"],
        programme=of.programme,
        programmes=service.standards.programmes,
        sources=sorted(sources),
        outcomes=list(TrueOutcome),
        causes={one.value: CAUSES[one.value] for one in Cause},
        procedures=list(Procedure),
        said=Said(who.preferences.language),
        error=error,
        kept={} if form is None else form.kept(),
        ticked={name: [] if form is None else form.texts(name) for name in names},
    )
