"""/v1/audit-entries: the trail 审计记录, for those who oversee it."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query

from app.access.sign_in import plain_login
from app.access.tokens import Caller
from app.api.deps import MayTrail, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.trail import ChainOut, EntriesOut, EntriesQuery, EntryOut
from app.audit.recent import recent
from app.store.audit_reads import EntryFilter, ReadEntry
from app.store.reach import case_references, verifications_named
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/audit-entries", tags=["trail"], responses=doc.GUARDED)
_OBJECTS: Final = 500
Names = Mapping[str, tuple[str | None, list[str]]]
"""Name and roles by id."""


@router.get("", summary="Entries of the trail", responses=doc.ENTRIES)
async def listed(
    service: Service, who: MayTrail, wanted: Annotated[EntriesQuery, Query()]
) -> EntriesOut:
    """Of the region's subtree, in order or from the newest on; whoever reads is on record, too."""
    asked = wanted.model_dump(exclude_none=True, exclude={"limit", "actor"})

    def work(tx: sa.Connection) -> tuple[list[ReadEntry], Names, Mapping[str, str]]:
        filter_ = EntryFilter(
            region=who.region,
            limit=wanted.limit + 1,
            actor=_meant(service, tx, who, wanted.actor),
            objects=_objects(tx, who, wanted.case),
            **asked,
        )
        found = service.trail.reads.page(tx, filter_)
        by = {*asked, *({"actor"} if wanted.actor is not None else ())} - {"after", "before"}
        details = {"count": str(min(len(found), wanted.limit)), "after": str(wanted.after)}
        if wanted.before is not None:
            details["before"] = str(wanted.before)
        details["by"] = ",".join(sorted(by))
        about = "trail", who.region
        service.audit.append(tx, actor=who.actor, action="trail_read", about=about, details=details)
        names = names_of(service, tx, who, {one.actor for one in found})
        return found, names, case_references(tx, (one.object for one in found))

    found, names, cases = await service.shelf.database.write(work)
    page, more = found[: wanted.limit], found[wanted.limit :]
    following = None
    if more:
        place = "after" if wanted.before is None else "before"
        given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={place})
        following = f"/v1/audit-entries?{urlencode({**given, place: page[-1].position})}"
    return EntriesOut(entries=[_shown(one, names, cases) for one in page], next=following)


@router.get("/chain", summary="Whether the trail holds", responses=doc.CHAIN)
async def chain(service: Service, who: MayTrail) -> ChainOut:
    """Its newest 20,000 entries, of all regions: numbering, linkage, and each entry's own HMAC.

    `hedui audit verify` reads all of it, with heads and anchors.
    """
    found = await service.shelf.database.read(lambda tx: recent(tx, service.audit))
    return ChainOut(
        first=found.first,
        last=found.last,
        at=found.at,
        holds=found.broken_at is None,
        broken_at=found.broken_at,
    )


def _meant(service: Parts, tx: sa.Connection, who: Caller, actor: str | None) -> str | None:
    """The id, where a login of the region is given; else what is given."""
    if actor is None:
        return None
    account = service.staffing.accounts.by_login(tx, plain_login(actor))
    is_ours = account is not None and account.region.startswith(who.region)
    return account.id if account is not None and is_ours else actor


def _objects(tx: sa.Connection, who: Caller, case: str | None) -> tuple[str, ...]:
    return () if case is None else tuple(verifications_named(tx, case, who.region)[:_OBJECTS])


def names_of(service: Parts, tx: sa.Connection, who: Caller, actors: set[str]) -> Names:
    """Names and roles of those who are of the caller's region; of others the id alone is told."""
    found = dict(service.staffing.accounts.names(tx, actors, region=who.region))
    for actor in actors:
        client = None if actor.startswith("st_") else service.clients.get(tx, actor)
        if client is not None and client.region.startswith(who.region):
            found[actor] = client.name
    roles = service.staffing.roles.in_force_of(tx, found, service.now())
    return {id_: (name, sorted(roles.get(id_, ()))) for id_, name in found.items()}


def _shown(one: ReadEntry, names: Names, cases: Mapping[str, str]) -> EntryOut:
    name, roles = names.get(one.actor, (None, []))
    return EntryOut(
        position=one.position,
        at=one.at,
        actor=one.actor,
        actor_name=name,
        actor_roles=list(roles),
        action=one.action,
        object=one.object,
        case_reference=cases.get(one.object),
        region=one.region,
        details=dict(one.details),
    )
