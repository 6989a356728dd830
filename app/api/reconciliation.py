"""/v1/reconcile: a roster reconciled by a client that sends headers (Reconciliation API 0.2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.callers import rates_of
from app.api.deps import Service
from app.api.looks import LooksBatch
from app.api.reconciled_rows import Tool, read_one
from app.api.reconciling import (
    ReconcileForm,
    answered,
    refused_in_address,
    without_jsonp,
)
from app.api.schemas import documented_reconciliation as doc
from app.api.schemas.reconciliation import EntityId, Limit, Prefix, SuggestedKind, TypeId
from app.reconciliation import suggest
from app.reconciliation.manifest import manifest, of_clients
from app.reconciliation.preview import preview
from app.wiring_types import Parts

router = APIRouter(
    prefix="/v1/reconcile",
    tags=["reconciliation"],
    responses=doc.GUARDED,
    dependencies=[Depends(without_jsonp)],
)


def tool_of(request: Request, look: Looker) -> Tool:
    return Tool(look, rates_of(request.scope))


@router.get("", summary="What the service offers to a tool", responses=doc.MANIFEST)
async def described(request: Request, service: Service, _: LooksBatch) -> Response:
    """The manifest. Queries are taken by POST alone: an address is kept where it passes."""
    root = service.public_url.rstrip("/")
    shown = manifest(root, f"{root}/v1/reconcile", authentication=of_clients(root))
    return refused_in_address(request.query_params) or json_answer(shown)


@router.post("", summary="Candidates for rows, or more about them", responses=doc.ANSWERED)
async def reconcile(
    request: Request, service: Service, look: LooksBatch, form: Annotated[ReconcileForm, Form()]
) -> Response:
    """A form with `queries` or `extend`; who is found is on record before the answer leaves."""
    refused = refused_in_address(request.query_params)
    return refused or json_answer(await answered(service, tool_of(request, look), form))


@router.get("/suggest/{kind}", summary="Suggestions while typing", responses=doc.SUGGESTED)
async def suggested(
    kind: SuggestedKind, service: Service, _: LooksBatch, prefix: Prefix = ""
) -> Response:
    """Types, properties and programmes; nobody is suggested, for a name would be in the address."""
    return json_answer({"result": suggestions(service, kind, prefix)})


@router.get("/properties", summary="What may be asked of a type", responses=doc.PROPOSED)
async def proposed(_: LooksBatch, type_: TypeId = "", limit: Limit = 50) -> Response:
    """For the data extension."""
    return json_answer(suggest.proposed(type_, limit))


@router.get("/preview", summary="One entity, masked, as a page", responses=doc.PREVIEWED)
async def previewed(
    request: Request,
    service: Service,
    look: LooksBatch,
    id_: Annotated[EntityId, Query(alias="id")],
) -> Response:
    """A look at the case, which is on record as any other."""
    return page(preview(await read_one(service, tool_of(request, look), id_)))


def suggestions(service: Parts, kind: SuggestedKind, prefix: str) -> list[dict[str, Any]]:
    match kind:
        case "type":
            return suggest.types(prefix)
        case "property":
            return suggest.properties(prefix)
        case "entity":
            return suggest.programmes(prefix, service.reconciliation.programmes())


def page(text: str, **headers: str) -> Response:
    return Response(text, media_type="text/html", headers=headers)
