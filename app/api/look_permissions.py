"""/v1/look-permissions: a look at a case that is not assigned, agreed to by a second person."""

from datetime import timedelta
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import LookPurpose
from app.access.tokens import Caller
from app.api.deps import AnyStaff, MayAssign, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.looks import (
    LookDecisionIn,
    LookPermissionIn,
    LookPermissionOut,
    LookPermissionsOut,
)
from app.domain.errors import Conflict, NotAllowed, NotFound
from app.store.looks import AGREED, ASKED, Listing, LookPermission
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/look-permissions", tags=["looks"], responses=doc.GUARDED)
_LOOKING = frozenset({"read", "review", "verify", "batch", "masked", "audit"})
_ASSIGN = "assign"


@router.post("", status_code=201, summary="Ask to look at a case", responses=doc.ASKED)
async def ask(body: LookPermissionIn, service: Service, who: AnyStaff) -> LookPermissionOut:
    """Whether there is such a case is not looked at: the answer tells nothing of it."""
    if not _LOOKING & set(who.scopes):
        raise NotAllowed("you have no role that looks at cases")
    new = LookPermission(
        id=service.new_id("lp"),
        region=who.region,
        case_reference=body.case_reference,
        staff_id=who.actor,
        purpose=body.purpose.value,
        hours=body.hours,
        reason=body.reason,
        asked_at=service.now(),
    )

    def work(tx: sa.Connection) -> None:
        service.looks.permissions.add(tx, new)
        _note(service, tx, who, "look_asked", new)

    await service.shelf.database.write(work)
    return shown(new)


@router.get("", summary="Permissions to look", responses=doc.PERMISSIONS)
async def listed(
    service: Service,
    who: AnyStaff,
    state: Literal["asked", "agreed", "refused", "ended"] | None = None,
    after: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LookPermissionsOut:
    """Your own; of the whole region where you agree to such. The newest first."""
    wanted = Listing(
        region=who.region,
        staff_id=None if _ASSIGN in who.scopes else who.actor,
        state=state,
        after=after,
        limit=limit + 1,
    )
    found = await service.shelf.database.read(lambda tx: service.looks.permissions.page(tx, wanted))
    page, more = found[:limit], found[limit:]
    following = f"/v1/look-permissions?after={page[-1].id}&limit={limit}" if more else None
    return LookPermissionsOut(permissions=[shown(one) for one in page], next=following)


@router.post("/{permission_id}/decision", summary="Agree or refuse", responses=doc.DECIDED)
async def decide(
    permission_id: str, body: LookDecisionIn, service: Service, who: MayAssign
) -> LookPermissionOut:
    """By another person than who asked; from now on it holds for so many hours."""

    def work(tx: sa.Connection) -> LookPermission:
        permissions, now = service.looks.permissions, service.now()
        found = permissions.get(tx, permission_id, region=who.region)
        if found.staff_id == who.actor:
            raise NotAllowed("nobody agrees to his or her own look")
        values = {
            "state": AGREED if body.agrees else "refused",
            "decided_by": who.actor,
            "decided_at": now,
            "until_at": now + timedelta(hours=found.hours) if body.agrees else None,
        }
        if not permissions.move(tx, found.id, from_=ASKED, values=values):
            raise Conflict("it is decided already")
        decided = permissions.get(tx, permission_id, region=who.region)
        _note(service, tx, who, f"look_{decided.state}", decided)
        return decided

    return shown(await service.shelf.database.write(work))


@router.delete(
    "/{permission_id}", status_code=204, summary="Give it back", responses=doc.PERMISSION_ENDED
)
async def end(permission_id: str, service: Service, who: AnyStaff) -> Response:
    """By who asked for it, or by who may agree to such; from this moment on it holds no more."""

    def work(tx: sa.Connection) -> None:
        permissions = service.looks.permissions
        found = permissions.get(tx, permission_id, region=who.region)
        if found.staff_id != who.actor and _ASSIGN not in who.scopes:
            raise NotFound("no such permission")
        ended = {"state": "ended", "until_at": service.now()}
        if not any(permissions.move(tx, found.id, from_=one, values=ended) for one in _OPEN):
            raise Conflict("it has ended already")
        _note(service, tx, who, "look_ended", found)

    await service.shelf.database.write(work)
    return Response(status_code=204)


_OPEN = (ASKED, AGREED)


def _note(service: Parts, tx: sa.Connection, who: Caller, action: str, one: LookPermission) -> None:
    details = {"case": one.case_reference, "staff": one.staff_id, "purpose": one.purpose}
    about = one.id, one.region
    service.audit.append(tx, actor=who.actor, action=action, about=about, details=details)


def shown(one: LookPermission) -> LookPermissionOut:
    return LookPermissionOut.model_validate(
        {
            "id": one.id,
            "case_reference": one.case_reference,
            "region": one.region,
            "staff": one.staff_id,
            "purpose": LookPurpose(one.purpose),
            "reason": one.reason,
            "hours": one.hours,
            "state": one.state,
            "asked_at": one.asked_at,
            "decided_by": one.decided_by,
            "decided_at": one.decided_at,
            "until": one.until_at,
        }
    )
