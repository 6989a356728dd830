"""/v1/audit-entries: the trail 审计记录, for those who oversee it."""

from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query

from app.api.deps import MayTrail, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.trail import EntriesOut, EntriesQuery, EntryOut
from app.store.audit_reads import EntryFilter, ReadEntry

router = APIRouter(prefix="/v1/audit-entries", tags=["trail"], responses=doc.GUARDED)


@router.get("", summary="Entries of the trail", responses=doc.ENTRIES)
async def listed(
    service: Service, who: MayTrail, wanted: Annotated[EntriesQuery, Query()]
) -> EntriesOut:
    """Of the region's subtree, in order; whoever reads them is on record, too."""
    asked = wanted.model_dump(exclude_none=True, exclude={"limit"})
    filter_ = EntryFilter(region=who.region, limit=wanted.limit + 1, **asked)

    def work(tx: sa.Connection) -> list[ReadEntry]:
        found = service.trail.reads.page(tx, filter_)
        details = {"count": str(min(len(found), wanted.limit)), "after": str(wanted.after)}
        details |= {"by": ",".join(sorted(asked.keys() - {"after"}))}
        about = "trail", who.region
        service.audit.append(tx, actor=who.actor, action="trail_read", about=about, details=details)
        return found

    found = await service.shelf.database.write(work)
    page, more = found[: wanted.limit], found[wanted.limit :]
    following = None
    if more:
        given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
        following = f"/v1/audit-entries?{urlencode({**given, 'after': page[-1].position})}"
    return EntriesOut(entries=[_shown(one) for one in page], next=following)


def _shown(one: ReadEntry) -> EntryOut:
    return EntryOut(
        position=one.position,
        at=one.at,
        actor=one.actor,
        action=one.action,
        object=one.object,
        region=one.region,
        details=dict(one.details),
    )
