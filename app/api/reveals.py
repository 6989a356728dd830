"""Plain data of one person 明文查看: asked for with a purpose, logged before it is sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.access.consent import birth_date_of
from app.access.looking import OVERSEERS, WHOLE_LISTS, Looker, Refusal, Refused
from app.access.roles import Shown, shown_to
from app.api.answering import json_answer
from app.api.deps import AnyStaff, Service
from app.api.looks import REFUSED, LooksReveal, note, seen
from app.api.schemas import documented as doc
from app.api.schemas import documented_looks as of_looks
from app.api.schemas.cases import RevealCountsOut, RevealedOut, RevealField, RevealIn
from app.audit.chain import Entry
from app.domain.errors import NotAllowed, NotFound
from app.domain.household import Person
from app.domain.instants import CHINA, china_day, rfc3339
from app.wiring_types import Parts

router = APIRouter(prefix="/v1", tags=["verifications"], responses=of_looks.GUARDED)
SHOWN_FOR: Final = timedelta(seconds=60)
REVEALED: Final = "revealed"
_REVEALED: doc.Responses = {
    200: {"model": RevealedOut},
    404: doc.SHOWN[404],
    410: doc.ERASED[410],
    413: doc.JUDGED[413],
    422: doc.JUDGED[422],
}
_COUNTS: doc.Responses = {200: {"model": RevealCountsOut}}


@router.post(
    "/verifications/{verification_id}/reveals", summary="Reveal a person", responses=_REVEALED
)
async def reveal(
    verification_id: str, body: RevealIn, service: Service, who: LooksReveal
) -> Response:
    """For people whose role sees profiles whole and who have the case; an entry a field group."""
    look, fields = replace(who, purpose=body.purpose), sorted({one.value for one in body.fields})

    def work(tx: sa.Connection) -> Person | Refused:
        if shown_to(look.roles) is not Shown.WHOLE:
            return _refused(service, tx, look, verification_id, fields)
        verification = service.shelf.verifications.get(tx, verification_id, region=look.region)
        request = verification.request
        person = next((one for one in request.household.persons if one.ref == body.person), None)
        for field in fields:
            about = {"person": body.person, "persons": body.person, "fields": field}
            told = (REVEALED, about if person is not None else {"fields": field})
            refused = seen(service, tx, look, (verification_id, request), told)
            if refused is not None:
                return refused
        if person is None:
            raise NotFound("no such person in the case")
        return person

    found = await service.shelf.database.write(work)
    if isinstance(found, Refused):
        raise found.error
    return json_answer(
        {
            "verification": verification_id,
            "person": found.ref,
            "fields": {field: _plain(found, field) for field in fields},
            "until": rfc3339(service.now() + SHOWN_FOR),
        },
        headers={"Cache-Control": "no-store"},
    )


def _refused(
    service: Parts,
    tx: sa.Connection,
    look: Looker,
    verification_id: str,
    fields: Iterable[str],
) -> Refused:
    """The role never sees any whole: that somebody tried is on record."""
    try:
        found = service.shelf.verifications.get(tx, verification_id, region=look.region)
        case = (verification_id, found.request.region)
    except NotFound:
        case = ("verification", look.region)  # an id of nothing is not kept
    details = {
        "kind": look.kind,
        "office": look.region,
        "from": look.origin,
        "why": Refusal.MASKED.value,
        "wanted": REVEALED,
        "fields": ",".join(fields),
        "purpose": look.purpose or "",
    }
    note(service, tx, Entry(look.actor, REFUSED, *case, details))
    return Refused(Refusal.MASKED, NotAllowed("your role sees names and numbers masked alone"))


def _plain(person: Person, field: str) -> dict[str, Any]:
    match RevealField(field):
        case RevealField.NAME:
            return {"name": person.name, "former_name": person.former_name}
        case RevealField.ID_NUMBER:
            born = person.birth_date or birth_date_of(person)
            return {
                "id_type": person.id_type.value,
                "id_number": person.id_number,
                "birth_date": None if born is None else born.isoformat(),
            }
        case RevealField.CONTACT:
            return {"phone": person.phone, "address": person.address}


@router.get("/reveal-counts", summary="How much was revealed today", responses=_COUNTS)
async def counts(service: Service, who: AnyStaff) -> Response:
    """By oneself; to those who oversee or hand out work, by everybody of the region."""
    day = china_day(service.now())
    since = datetime.combine(day, time(), CHINA).astimezone(UTC)
    sees_others = bool(who.roles & (OVERSEERS | WHOLE_LISTS))

    def load(tx: sa.Connection) -> dict[str, Any]:
        found = service.trail.reads.counted(tx, who.region, REVEALED, since)
        others = sorted(found.items(), key=lambda one: (-one[1], one[0])) if sees_others else []
        names = service.looks.accounts.names(tx, dict(others))
        return {
            "day": day.isoformat(),
            "own": found.get(who.actor, 0),
            "staff": [
                {"staff": actor, "name": names.get(actor), "count": count}
                for actor, count in others
            ],
        }

    return json_answer(await service.shelf.database.read(load))
