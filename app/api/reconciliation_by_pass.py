"""/v1/reconcile/by/{key}: the same for a tool without a log-in, by an address with a secret.

What a browser asks for OpenRefine comes from a page on the user's own machine: pages from there
alone may read the answers (CORS) and show the preview in a frame.
"""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response

from app.api.answering import json_answer
from app.api.deps import Service
from app.api.pass_gate import ByPass, LooksByPass
from app.api.reconciled_rows import Tool, read_one
from app.api.reconciliation import page, suggestions
from app.api.reconciling import (
    ReconcileForm,
    answered,
    refused_in_address,
    without_jsonp,
)
from app.api.schemas import documented_reconciliation as doc
from app.api.schemas.reconciliation import EntityId, Limit, Prefix, SuggestedKind, TypeId
from app.reconciliation import suggest
from app.reconciliation.manifest import manifest
from app.reconciliation.preview import preview

router = APIRouter(
    prefix="/v1/reconcile/by/{key}",
    tags=["reconciliation"],
    responses=doc.BY_PASS,
    dependencies=[Depends(without_jsonp)],
)
_OWN_MACHINE: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
_IN_FRAME: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors http://localhost:* http://127.0.0.1:* http://[::1]:*"
)


def tool_of(who: ByPass) -> Tool:
    return Tool(who.look, who.rates, who.roster_pass)


def for_pages(request: Request) -> dict[str, str]:
    """The header by which a browser lets a page of this machine read the answer."""
    origin = request.headers.get("origin", "")
    allowed = {"Access-Control-Allow-Origin": origin} if _OWN_MACHINE.fullmatch(origin) else {}
    return {"Vary": "Origin", **allowed}


@router.get("", summary="What the service offers to a tool", responses=doc.MANIFEST)
async def described(
    request: Request, service: Service, _: LooksByPass, key: Annotated[str, Path()]
) -> Response:
    """The manifest, with addresses that hold the pass's secret."""
    root = service.public_url.rstrip("/")
    shown = manifest(root, f"{root}/v1/reconcile/by/{key}", authentication=None)
    refused = refused_in_address(request.query_params)
    return refused or json_answer(shown, headers=for_pages(request))


@router.post("", summary="Candidates for rows, or more about them", responses=doc.ANSWERED)
async def reconcile(
    request: Request, service: Service, who: LooksByPass, form: Annotated[ReconcileForm, Form()]
) -> Response:
    """As OpenRefine posts them: a form with `queries` or `extend`."""
    refused = refused_in_address(request.query_params)
    if refused is not None:
        return refused
    return json_answer(await answered(service, tool_of(who), form), headers=for_pages(request))


@router.get("/suggest/{kind}", summary="Suggestions while typing", responses=doc.SUGGESTED)
async def suggested(
    request: Request, kind: SuggestedKind, service: Service, _: LooksByPass, prefix: Prefix = ""
) -> Response:
    """Types, properties and programmes; nobody is suggested, for a name would be in the address."""
    shown = {"result": suggestions(service, kind, prefix)}
    return json_answer(shown, headers=for_pages(request))


@router.get("/properties", summary="What may be asked of a type", responses=doc.PROPOSED)
async def proposed(
    request: Request, _: LooksByPass, type_: TypeId = "", limit: Limit = 50
) -> Response:
    """For the data extension."""
    return json_answer(suggest.proposed(type_, limit), headers=for_pages(request))


@router.get("/preview", summary="One entity, masked, as a page", responses=doc.PREVIEWED)
async def previewed(
    service: Service, who: LooksByPass, id_: Annotated[EntityId, Query(alias="id")]
) -> Response:
    """A look at the case, which is on record as any other; for frames of this machine's pages."""
    shown = preview(await read_one(service, tool_of(who), id_))
    return page(shown, **{"Content-Security-Policy": _IN_FRAME})
