"""/registry/on-…: what registries that we asked send us; each is believed by its signature."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.dci_async import erred
from app.api.dci_gate import LooksRegistry, partner
from app.api.dci_messages import body_of
from app.api.deps import Service
from app.api.problems import registry_answer
from app.api.schemas.documented_dci import ASYNC
from app.api.source_callbacks import callback_of
from app.dci.endpoints import (
    NOTIFY,
    ON_SEARCH,
    ON_STATUS,
    ON_SUBSCRIBE,
    ON_UNSUBSCRIBE,
    Endpoint,
)
from app.dci.refusals import MessageRefused
from app.domain.errors import NotFound, StorageUnavailable
from app.store.scope import Crossing, across
from app.wiring_types import Parts
from connectors.contract import CallbackRefused
from connectors.dci.codes import AckStatus, ErrorCode

router = APIRouter(tags=["registry"])
_SHOWN: dict[str, Any] = ASYNC
_NOTHING_ASKED = "nothing was asked to which this would be the answer"


@router.post(ON_SEARCH.path, summary="A source's answer to our search", **_SHOWN)
async def on_search(request: Request, service: Service) -> Response:
    """A registry that is a source of ours answers: it is known by its signature alone, for it has
    no token of ours. What comes from no source needs a partner's token, and is answered ERR."""
    try:
        body = await body_of(request, any_kind=True)
        taken = await _taken(request, service, body)
    except MessageRefused as refused:
        return erred(service.registry, refused)
    except StorageUnavailable as away:
        return registry_answer(ErrorCode.UNAVAILABLE.value, str(away))
    if taken:
        told = service.registry.replies.acknowledged(AckStatus.ACK, service.new_id("cr"))
        return json_answer(told)
    return await _unasked(request, service, await partner(request, service), ON_SEARCH)


@router.post(ON_SUBSCRIBE.path, summary="A registry's answer to a subscription", **_SHOWN)
async def on_subscribe(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Nothing is subscribed to from here: ERR `err.request.not_found`."""
    return await _unasked(request, service, who, ON_SUBSCRIBE)


@router.post(ON_UNSUBSCRIBE.path, summary="A registry ended a subscription", **_SHOWN)
async def on_unsubscribe(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Nothing is subscribed to from here: ERR `err.request.not_found`."""
    return await _unasked(request, service, who, ON_UNSUBSCRIBE)


@router.post(NOTIFY.path, summary="A registry tells of an event", **_SHOWN)
async def notify(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Nothing is subscribed to from here: ERR `err.request.not_found`."""
    return await _unasked(request, service, who, NOTIFY)


@router.post(ON_STATUS.path, summary="A registry tells how a message fares", **_SHOWN)
async def on_status(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Sources are asked for it at once: ERR `err.request.not_found`."""
    return await _unasked(request, service, who, ON_STATUS)


async def _taken(request: Request, service: Parts, body: bytes) -> bool:
    """Whether a source of ours stands behind it: the one whose signature it bears."""
    callback = callback_of(request, service, body)
    with across(Crossing.SOURCE_CALLBACK):
        for source in service.counter.receivers:
            try:
                await service.verifier.receive(service.counter, source, callback)
            except (CallbackRefused, NotFound):
                continue
            return True
    return False


async def _unasked(request: Request, service: Parts, look: Looker, endpoint: Endpoint) -> Response:
    """From a partner whose signature holds: its id is used up, and nothing else comes of it."""
    desk = service.registry
    try:
        await desk.intake.take(endpoint, await body_of(request, any_kind=True), look)
        raise MessageRefused(ErrorCode.NOT_FOUND, _NOTHING_ASKED)
    except MessageRefused as refused:
        return erred(desk, refused)
    except StorageUnavailable as away:
        return registry_answer(ErrorCode.UNAVAILABLE.value, str(away))
