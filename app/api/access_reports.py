"""/v1/access-reports: a person is told who looked at him or her 个人信息查询告知."""

import sqlalchemy as sa
from fastapi import APIRouter

from app.access.relations import as_persons
from app.access.tokens import Caller
from app.api.deps import MayTrail, Service
from app.api.schemas import documented_looks as doc
from app.api.schemas.trail import AccessReportIn, AccessReportOut
from app.audit.access_report import PERSON
from app.audit.chain import Entry
from app.domain.errors import FieldError, InvalidRequest
from app.report.who_looked import WhoLooked
from app.store.audit_reads import LIST
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/access-reports", tags=["trail"], responses=doc.GUARDED)
_COUNTY = 6


@router.post("", summary="Who looked at a person", responses=doc.ACCESS_REPORT)
async def make(body: AccessReportIn, service: Service, who: MayTrail) -> AccessReportOut:
    """For the person concerned (PIPL 45), whose identity the office has made sure of.

    Of your region's trail: a higher level's report tells more. That it was made is on record as a
    look at the person, and stands in the next one. What serves an inquiry is told of later.
    """
    persons = as_persons(body.id_type, body.id_number)
    if not persons:
        words = "no number of this kind of document"
        raise InvalidRequest((FieldError("/id_number", "id_number.invalid", words),))
    id_, now = service.new_id("ar"), service.now()

    def work(tx: sa.Connection) -> WhoLooked:
        found = service.trail.reports.of_person(tx, persons, who.region)
        _note(service, tx, who, (id_, body.identity_checked), found)
        return found

    found = await service.shelf.database.write(work)
    return AccessReportOut.model_validate(
        {"id": id_, "region": who.region, "made_at": now, "accesses": found.lines}
    )


def _note(
    service: Parts, tx: sa.Connection, who: Caller, made: tuple[str, str], found: WhoLooked
) -> None:
    """An entry in each county in which the person is known; one where in none."""
    id_, checked = made
    entries = [
        Entry(
            who.actor,
            "access_report_made",
            f"{LIST}access_reports",
            region,
            {
                "look": PERSON,
                "kind": who.kind,
                "office": who.region,
                "purpose": "access_request",
                "report": id_,
                "identity": checked,
                "count": str(len(found.lines)),
                "cases": ",".join(found.found_in(region)),
            },
        )
        for region in found.regions or (who.region[:_COUNTY],)
    ]
    service.audit.append_many(tx, entries)
