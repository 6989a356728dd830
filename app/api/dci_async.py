"""/registry/…: messages of DCI partners that are acknowledged, and answered by a call of ours."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.dci_gate import LooksRegistry
from app.api.dci_messages import NotJson, answered, body_of
from app.api.deps import Service
from app.api.problems import registry_answer
from app.api.schemas.documented_dci import ASYNC, SYNC
from app.dci.desk import RegistryDesk
from app.dci.endpoints import SEARCH, STATUS, SUBSCRIBE, SYNC_STATUS, UNSUBSCRIBE, Endpoint
from app.dci.refusals import ConsentRefused, MessageRefused
from app.domain.errors import StorageUnavailable
from connectors.dci.codes import AckStatus, ErrorCode

router = APIRouter(tags=["registry"])
_SHOWN: dict[str, Any] = ASYNC
_AT_ONCE: dict[str, Any] = SYNC
BY_HTTP: Final = (ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN)
"""Who calls is not known, or may not call at all: told as HTTP tells it (`HttpErrorResponse`)."""


@router.post(SEARCH.path, summary="Search, answered later", **_SHOWN)
async def search(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Acknowledged; `on-search` is posted to `header.sender_uri` as it is written there."""
    return await acknowledged(request, service.registry, who, SEARCH)


@router.post(SUBSCRIBE.path, summary="Hear of households and persons", **_SHOWN)
async def subscribe(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Acknowledged; `on-subscribe` has the subscriptions' codes, `notify` what happens."""
    return await acknowledged(request, service.registry, who, SUBSCRIBE)


@router.post(UNSUBSCRIBE.path, summary="Hear no more", **_SHOWN)
async def unsubscribe(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Acknowledged; `on-unsubscribe` says which subscriptions ended: the sender's own alone."""
    return await acknowledged(request, service.registry, who, UNSUBSCRIBE)


@router.post(STATUS.path, summary="What became of a message, answered later", **_SHOWN)
async def status(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Acknowledged; `txn-on-status` is posted to `header.sender_uri`."""
    return await acknowledged(request, service.registry, who, STATUS)


@router.post(SYNC_STATUS.path, summary="What became of a message", **_AT_ONCE)
async def status_now(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Of the sender's own messages, by transaction, references or correlation id."""
    desk = service.registry
    return await answered(request, desk, who, SYNC_STATUS, desk.statuses.answer)


async def acknowledged(
    request: Request, desk: RegistryDesk, look: Looker, endpoint: Endpoint
) -> Response:
    """The way of a message that is answered later: 200 with ACK or ERR."""
    try:
        received = await desk.intake.take(endpoint, await body_of(request), look)
        return json_answer(await desk.later.take(received))
    except NotJson as kind:
        words = str(kind.detail)
        return registry_answer(ErrorCode.BAD.value, words, status=kind.status_code)
    except MessageRefused as refused:
        return erred(desk, refused)
    except StorageUnavailable as away:
        return registry_answer(ErrorCode.UNAVAILABLE.value, str(away))


def erred(desk: RegistryDesk, refused: MessageRefused) -> Response:
    """Not taken in."""
    if refused.code in BY_HTTP and not isinstance(refused, ConsentRefused):
        return registry_answer(refused.code.value, refused.words)
    told = desk.replies.acknowledged(AckStatus.ERR, desk.replies.new_id("cr"), refused)
    return json_answer(told)
