"""/metrics: this process and the whole service, for Prometheus. Holds no personal data."""

import asyncio
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from app.api.deps import Service
from app.domain.errors import NotFound
from app.store.scope import Crossing, across

router = APIRouter(tags=["operation"])
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, service: Service) -> Response:
    """By `HEDUI_METRICS`: to callers on this machine, to anybody, or to nobody."""
    if service.metrics == "off" or (service.metrics == "local" and not _is_local(request)):
        raise NotFound("no metrics here")
    # In a thread: the collector reads the database in this loop and waits for it.
    with across(Crossing.METRICS):
        body = await asyncio.to_thread(generate_latest, service.observed.registry)
    return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_local(request: Request) -> bool:
    """From this machine, and not passed on by a proxy that is on it."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
