"""/v1/assignments: whose a case is 个案分派."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.tokens import Caller
from app.api.deps import MayAssign, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.looks import (
    AssignmentIn,
    AssignmentOut,
    AssignmentsOut,
    AssignmentsQuery,
)
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotAllowed
from app.store.looks import Assignment, Listing
from app.store.reach import verifications_named
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/assignments", tags=["looks"], responses=doc.GUARDED)


@router.post("", status_code=201, summary="Assign a case", responses=doc.ASSIGNED)
async def assign(body: AssignmentIn, service: Service, who: MayAssign) -> AssignmentOut:
    """To somebody else than yourself, and to nobody whose relatives stand in it.

    A case that changes hands is assigned anew, and the earlier assignment ended.
    """
    now = service.now()
    new = Assignment(
        id=service.new_id("ca"),
        region=_within(who, body.region),
        case_reference=body.case_reference,
        staff_id=body.staff,
        role=body.role,
        from_at=body.from_ or now,
        until_at=body.until,
        assigned_by=who.actor,
        assigned_at=now,
    )
    if new.staff_id == who.actor or new.role in who.roles:
        raise NotAllowed("nobody assigns a case to himself or herself, or to the own team")

    def work(tx: sa.Connection) -> None:
        _check_assignee(service, tx, who, new)
        service.looks.assignments.add(tx, new)
        _note(service, tx, who, "case_assigned", new)

    await service.shelf.database.write(work)
    return shown(new)


def _within(who: Caller, region: str | None) -> str:
    if region is None:
        return who.region
    if not region.startswith(who.region):
        raise NotAllowed("the region is outside your own")
    return region


def _check_assignee(service: Parts, tx: sa.Connection, who: Caller, new: Assignment) -> None:
    """Raises `NotFound`, `InvalidRequest` for another county's, `Conflict` for a relative's case.

    The last is the same for whoever assigns: it does not say who of both is related to whom.
    """
    cases = [
        one.request
        for one in service.shelf.verifications.get_many(
            tx, verifications_named(tx, new.case_reference, new.region)
        ).values()
    ]
    both = [who.actor]
    if new.staff_id is not None:
        account = service.looks.accounts.get(tx, new.staff_id, region=who.region)
        both.append(account.id)
        if not (new.region.startswith(account.region) or account.region.startswith(new.region)):
            words = "works for another region than that of the case"
            raise InvalidRequest((FieldError("/staff", "assignment.region", words),))
    if any(service.looks.is_related(tx, one, request) for one in both for request in cases):
        raise Conflict("this case is not to be handled between these two: ask somebody else")


@router.get("", summary="Assignments of the region", responses=doc.ASSIGNMENTS)
async def listed(
    service: Service, who: MayAssign, asked: Annotated[AssignmentsQuery, Query()]
) -> AssignmentsOut:
    """The newest first."""
    wanted = Listing(
        region=who.region,
        case_reference=asked.case_reference,
        staff_id=asked.staff,
        holding_at=service.now() if asked.holding else None,
        after=asked.after,
        limit=asked.limit + 1,
    )
    found = await service.shelf.database.read(lambda tx: service.looks.assignments.page(tx, wanted))
    page, more = found[: asked.limit], found[asked.limit :]
    following = None
    if more:
        given = asked.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
        following = f"/v1/assignments?{urlencode({**given, 'after': page[-1].id})}"
    return AssignmentsOut(assignments=[shown(one) for one in page], next=following)


@router.delete(
    "/{assignment_id}",
    status_code=204,
    summary="End an assignment",
    responses=doc.ASSIGNMENT_ENDED,
)
async def end(assignment_id: str, service: Service, who: MayAssign) -> Response:
    """From this moment on it gives no right; ended again, it stays as it ended."""

    def work(tx: sa.Connection) -> None:
        found = service.looks.assignments.get(tx, assignment_id, region=who.region)
        now: datetime = service.now()
        if service.looks.assignments.end(tx, found.id, by=who.actor, now=now):
            _note(service, tx, who, "assignment_ended", found)

    await service.shelf.database.write(work)
    return Response(status_code=204)


def _note(service: Parts, tx: sa.Connection, who: Caller, action: str, one: Assignment) -> None:
    to = {"staff": one.staff_id} if one.staff_id is not None else {"role": one.role or ""}
    details = {"case": one.case_reference, **to}
    about = one.id, one.region
    service.audit.append(tx, actor=who.actor, action=action, about=about, details=details)


def shown(one: Assignment) -> AssignmentOut:
    return AssignmentOut.model_validate(
        {
            "id": one.id,
            "case_reference": one.case_reference,
            "region": one.region,
            "staff": one.staff_id,
            "role": one.role,
            "from": one.from_at,
            "until": one.until_at,
            "assigned_by": one.assigned_by,
            "assigned_at": one.assigned_at,
            "ended_at": one.ended_at,
            "ended_by": one.ended_by,
        }
    )
