"""/v1/unusual-access: which looks were unusual 异常访问, and at whom every look is told of."""

from datetime import date

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from app.access.relations import as_persons
from app.access.tokens import Caller
from app.api.deps import MayProtect, MayTrail, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.trail import ProtectedPersonIn, ProtectedPersonOut, UnusualAccessOut
from app.audit.unusual import Unusual
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import china_day
from app.jobs.unusual_looks import findings
from app.store.relations import ProtectedPerson
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/unusual-access", tags=["trail"], responses=doc.GUARDED)
_PROTECTED = TypeAdapter(ProtectedPersonIn)


@router.get("", summary="Unusual looks of a day", responses=doc.UNUSUAL)
async def of_day(service: Service, who: MayTrail, day: date) -> UnusualAccessOut:
    """By member of staff and rule, with the entries that made it fire; the reading is audited."""
    today = china_day(service.now())
    calendar = service.trail.unusual.calendar
    if not min(calendar.looks) <= day <= today:
        words = "a day from the first rules on, up to today"
        raise InvalidRequest((FieldError("/day", "day.invalid", words),))

    def work(tx: sa.Connection) -> list[Unusual]:
        found = service.trail.unusual.reader.of_day(tx, day, who.region)
        details = {"day": day.isoformat(), "count": str(len(found))}
        _note(service, tx, who, ("unusual_access_read", "unusual"), details)
        return found

    found = await service.shelf.database.write(work)
    return UnusualAccessOut.model_validate(
        {"day": day, "region": who.region, "unusual": list(findings(found))}
    )


@router.post(
    "/protected-persons", status_code=201, summary="Protect a person", responses=doc.PROTECTED
)
async def protect(body: ProtectedPersonIn, service: Service, who: MayProtect) -> ProtectedPersonOut:
    """From now on every look at this person is in the report of its day."""
    persons = as_persons(body.id_type, body.id_number)
    if not persons:
        words = "no number of this kind of document"
        raise InvalidRequest((FieldError("/id_number", "id_number.invalid", words),))
    new = ProtectedPerson(
        id=service.new_id("pp"),
        region=who.region,
        told=_PROTECTED.dump_json(body),
        added_by=who.actor,
        added_at=service.now(),
    )

    def work(tx: sa.Connection) -> None:
        service.looks.protected.add(tx, new, persons)
        _note(service, tx, who, ("person_protected", new.id), {})

    await service.shelf.database.write(work)
    return ProtectedPersonOut(id=new.id)


@router.delete(
    "/protected-persons/{person_id}",
    status_code=204,
    summary="No longer",
    responses=doc.UNPROTECTED,
)
async def unprotect(person_id: str, service: Service, who: MayProtect) -> Response:
    """From now on looks are told of as at anybody else."""

    def work(tx: sa.Connection) -> None:
        service.looks.protected.end(tx, person_id, region=who.region, now=service.now())
        _note(service, tx, who, ("person_unprotected", person_id), {})

    await service.shelf.database.write(work)
    return Response(status_code=204)


def _note(
    service: Parts,
    tx: sa.Connection,
    who: Caller,
    told: tuple[str, str],
    details: dict[str, str],
) -> None:
    action, object_ = told
    about = object_, who.region
    service.audit.append(tx, actor=who.actor, action=action, about=about, details=details)
