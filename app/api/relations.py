"""/v1/relations: whose cases are out of a member of staff's reach 回避."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.case_looks import RELATED
from app.access.masking import masked_number
from app.access.relations import Home, Related, as_persons, home_of
from app.access.tokens import Caller
from app.api.deps import AnyStaff, MayAssign, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.looks import RelationIn, RelationOut, RelationsOut
from app.domain.errors import FieldError, InvalidRequest, NotAllowed
from app.domain.household import IdType
from app.store.relations import StoredRelation
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/relations", tags=["looks"], responses=doc.GUARDED)
_ASSIGN = "assign"
StaffQuery = Annotated[str | None, Query(max_length=40)]


@router.post("", status_code=201, summary="Register a relation", responses=doc.RELATED)
async def register(body: RelationIn, service: Service, who: AnyStaff) -> RelationOut:
    """Your own; of others where you assign cases. It takes effect with the next look."""
    related = Related(
        kind=body.kind,
        id_type=body.id_type if body.id_number else IdType.NONE,
        id_number=body.id_number,
        home=None if body.address is None else Home(region=body.region or "", address=body.address),
    )
    persons = as_persons(related.id_type, related.id_number) if related.id_number else ()
    if related.id_number and not persons:
        words = "no number of this kind of document"
        raise InvalidRequest((FieldError("/id_number", "id_number.invalid", words),))

    def work(tx: sa.Connection) -> StoredRelation:
        staff = _of(service, tx, who, body.staff)
        new = StoredRelation(
            id=service.new_id("sr"),
            region=staff[1],
            staff_id=staff[0],
            kind=related.kind.value,
            told=RELATED.dump_json(related),
            registered_by=who.actor,
            registered_at=service.now(),
        )
        home = None if related.home is None else home_of(related.home)
        service.looks.relations.add(tx, new, persons, home)
        _note(service, tx, who, "relation_registered", new)
        return new

    return shown(await service.shelf.database.write(work))


def _of(service: Parts, tx: sa.Connection, who: Caller, staff: str | None) -> tuple[str, str]:
    """The member of staff who is meant (id and region). Raises NotAllowed, NotFound."""
    if staff is None or staff == who.actor:
        return who.actor, who.region
    if _ASSIGN not in who.scopes:
        raise NotAllowed("you have no role that sees others' relations")
    account = service.looks.accounts.get(tx, staff, region=who.region)
    return account.id, account.region


@router.get("", summary="Relations that hold", responses=doc.RELATIONS)
async def listed(service: Service, who: AnyStaff, staff: StaffQuery = None) -> RelationsOut:
    """Your own, or another's where you assign cases; numbers are masked, the look is audited."""

    def work(tx: sa.Connection) -> list[StoredRelation]:
        of, region = _of(service, tx, who, staff)
        found = service.looks.relations.of_staff(tx, of)
        details = {"count": str(len(found))}
        about = of, region
        service.audit.append(
            tx, actor=who.actor, action="relations_read", about=about, details=details
        )
        return found

    found = await service.shelf.database.write(work)
    return RelationsOut(relations=[shown(one) for one in found])


@router.delete(
    "/{relation_id}", status_code=204, summary="End a relation", responses=doc.RELATION_ENDED
)
async def end(relation_id: str, service: Service, who: MayAssign) -> Response:
    """By somebody else than whose it is: nobody takes away what keeps him or her from looking."""

    def work(tx: sa.Connection) -> None:
        relations = service.looks.relations
        found = relations.get(tx, relation_id, region=who.region)
        if found.staff_id == who.actor:
            raise NotAllowed("nobody ends his or her own relation")
        if relations.end(tx, found.id, by=who.actor, now=service.now()):
            _note(service, tx, who, "relation_ended", found)

    await service.shelf.database.write(work)
    return Response(status_code=204)


def _note(service: Parts, tx: sa.Connection, who: Caller, action: str, one: StoredRelation) -> None:
    details = {"staff": one.staff_id, "relation": one.kind}
    about = one.id, one.region
    service.audit.append(tx, actor=who.actor, action=action, about=about, details=details)


def shown(one: StoredRelation) -> RelationOut:
    related = RELATED.validate_json(one.told)
    return RelationOut(
        id=one.id,
        staff=one.staff_id,
        kind=related.kind,
        id_number=masked_number(related.id_number) or None,
        address=None if related.home is None else related.home.address,
        registered_by=one.registered_by,
        registered_at=one.registered_at,
    )
