"""/v1/roster-passes: addresses by which a tool reconciles one roster 名册比对通行证."""

from fastapi import APIRouter, Response

from app.api.deps import MayBatch, Service
from app.api.looks import LooksBatch, listing
from app.api.schemas import documented_reconciliation as doc
from app.api.schemas.reconciliation import (
    RosterPassesOut,
    RosterPassIn,
    RosterPassMadeOut,
    RosterPassOut,
)
from app.reconciliation.passes import Terms, address_of
from app.store.audit_reads import RECONCILED
from app.store.roster_passes import RosterPass

router = APIRouter(prefix="/v1/roster-passes", tags=["reconciliation"], responses=doc.GUARDED)


@router.post("", status_code=201, summary="An address for one roster", responses=doc.MADE)
async def make(body: RosterPassIn, service: Service, look: LooksBatch) -> RosterPassMadeOut:
    """Whoever has the address reconciles as you, for the purpose named now; it is shown once."""
    await listing(service, look, RECONCILED)
    terms = Terms(reference=body.reference, rows=body.rows, hours=body.hours, region=body.region)
    made = await service.passes.issue(look, terms)
    url = address_of(service.public_url, made.secret)
    return RosterPassMadeOut(**shown(made.roster_pass).model_dump(), url=url)


@router.get("", summary="Your passes", responses=doc.PASSES)
async def listed(service: Service, who: MayBatch) -> RosterPassesOut:
    """Of the last 31 days, without their addresses."""
    return RosterPassesOut(passes=[shown(one) for one in await service.passes.own(who)])


@router.delete("/{pass_id}", status_code=204, summary="Give it back", responses=doc.ENDED)
async def end(pass_id: str, service: Service, who: MayBatch) -> Response:
    """From this moment on its address leads nowhere."""
    await service.passes.end(who, pass_id)
    return Response(status_code=204)


def shown(one: RosterPass) -> RosterPassOut:
    return RosterPassOut(
        id=one.id,
        reference=one.reference,
        region=one.region,
        purpose=one.purpose,
        rows=one.rows,
        asked=one.asked,
        created_at=one.created_at,
        until=one.until_at,
        ended_at=one.ended_at,
    )
