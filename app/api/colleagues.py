"""/v1/colleagues: to whom cases can be given 可分派人员."""

from typing import Final

import sqlalchemy as sa
from fastapi import APIRouter

from app.access.roles import scopes_of
from app.api.deps import MayAssign, Service
from app.api.schemas import documented as doc
from app.api.schemas.looks import ColleagueOut, ColleaguesOut
from app.store.staff import ACTIVE

router = APIRouter(prefix="/v1/colleagues", tags=["looks"], responses=doc.GUARDED)
_LOOKING: Final = frozenset({"read", "review", "masked"})
_MOST: Final = 1_000


@router.get("", summary="To whom cases can be given", responses={200: {"model": ColleaguesOut}})
async def listed(service: Service, who: MayAssign) -> ColleaguesOut:
    """Active members of staff of your region whose roles look at cases; the first thousand."""

    def read(tx: sa.Connection) -> list[ColleagueOut]:
        found = service.staffing.accounts.page(tx, who.region, after="", limit=_MOST)
        active = [one for one in found if one.state == ACTIVE and one.id != who.actor]
        roles = service.staffing.roles.in_force_of(tx, [one.id for one in active], service.now())
        return [
            ColleagueOut(id=one.id, name=one.name, region=one.region, roles=sorted(roles[one.id]))
            for one in active
            if _LOOKING & set(scopes_of(roles.get(one.id, frozenset())))
        ]

    return ColleaguesOut(colleagues=await service.shelf.database.read(read))
