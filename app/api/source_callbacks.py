"""/v1/callbacks/{source}: calls that sources make to us; each checks itself by its signature."""

from fastapi import APIRouter, Request

from app.api.deps import Service
from app.api.schemas import documented as doc
from app.store.scope import Crossing, across
from app.wiring_types import Parts
from connectors.contract import Callback

router = APIRouter(tags=["callbacks of sources"])


@router.post(
    "/v1/callbacks/{source}",
    summary="A source's reply",
    responses=doc.CALLED_BACK,
    openapi_extra=doc.SOURCE_BODY,
)
async def receive(request: Request, source: str, service: Service) -> dict[str, bool]:
    """Signature and time are checked first; a repeat changes nothing."""
    callback = callback_of(request, service, await request.body())
    with across(Crossing.SOURCE_CALLBACK):
        if not await service.exchange.receive(source, callback):
            await service.verifier.receive(service.counter, source, callback)
    return {"received": True}


def callback_of(request: Request, service: Parts, body: bytes) -> Callback:
    """The call as connectors read it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Callback(headers, body, service.now().timestamp())
