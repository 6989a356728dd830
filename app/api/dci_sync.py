"""/registry/sync/…: messages of DCI partners that are answered at once."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.dci_gate import LooksRegistry
from app.api.dci_messages import answered
from app.api.deps import Service
from app.api.schemas.documented_dci import SYNC
from app.dci.endpoints import ENROLMENT_UPDATES, SYNC_ENROLLED, SYNC_SEARCH

router = APIRouter(tags=["registry"])
_SHOWN: dict[str, Any] = SYNC


@router.post(SYNC_SEARCH.path, summary="Search households and persons", **_SHOWN)
async def search(request: Request, service: Service, who: LooksRegistry) -> Response:
    """`search` of DCI 1.0.0: by identifier, by expression, by predicates.

    Every record that is told of is a look at a household, and stands in the audit trail.
    """
    desk = service.registry
    return await answered(request, desk, who, SYNC_SEARCH, desk.searching.answer)


@router.post(SYNC_ENROLLED.path, summary="Is this person enrolled", **_SHOWN)
async def enrolled(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Of the registry of beneficiaries: whether one person is enrolled, yes or no."""
    desk = service.registry
    return await answered(request, desk, who, SYNC_ENROLLED, desk.enrolling.enrolled)


@router.post(ENROLMENT_UPDATES.path, summary="Whom a partner enrolled", **_SHOWN)
async def updates(request: Request, service: Service, who: LooksRegistry) -> Response:
    """Takes in whom a partner enrolled in its own programmes, so that others are told yes."""
    desk = service.registry
    return await answered(request, desk, who, ENROLMENT_UPDATES, desk.enrolling.updates)
