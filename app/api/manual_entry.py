"""/v1/verifications/{id}/manual-entry: a source that failed is answered by its clerks instead."""

from dataclasses import replace

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksReview, looked_at
from app.api.schemas import documented as doc
from app.api.schemas import documented_manual as of_tasks
from app.api.schemas.manual_tasks import TurnIn
from app.domain.errors import Conflict
from app.store.evidence import ReplyHead
from app.store.verifications import StoredVerification
from app.verification.by_hand import missing_of
from app.verification.follow_up import FollowUp
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["manual entry"], responses=doc.GUARDED)


@router.post(
    "/{verification_id}/manual-entry",
    status_code=201,
    summary="Have it entered by hand",
    responses=of_tasks.TURNED,
)
async def turn(verification_id: str, body: TurnIn, service: Service, who: LooksReview) -> Response:
    """For whom the source failed; of a final verification a further one is made for it."""
    of = await looked_at(service, who, verification_id, "manual_entry_wanted", source=body.source)
    if of.status == "cancelled":
        raise Conflict("the verification is cancelled")

    def work(tx: sa.Connection) -> tuple[str, int]:
        gaps = _gaps(service, tx, of, body)
        to = _following(service, tx, of, gaps, who.actor) if of.status == "final" else of
        made = service.hand_work.turned(to, gaps, who.actor)
        service.desk.tickets.put_many(tx, made.tickets)
        service.desk.manual.add(tx, made.tasks)
        service.audit.append(
            tx,
            actor=who.actor,
            action="manual_entry_turned",
            about=(to.id, to.request.region),
            details={
                "source": body.source,
                "persons": ",".join(sorted({one.person for one in gaps})),
            },
        )
        return to.id, len(made.tasks)

    id_, tasks = await service.shelf.database.write(work)
    service.engine.submit(id_)
    return json_answer({"verification": id_, "tasks": tasks}, status=201)


def _gaps(
    service: Parts, tx: sa.Connection, of: StoredVerification, body: TurnIn
) -> list[ReplyHead]:
    """Raises Conflict where nothing failed, or clerks are asked already."""
    shelf = service.shelf
    if body.source not in service.desk.sources:
        raise Conflict(
            "the county is not connected to the source: have it set up as `manual: true`"
        )
    statuses = shelf.tasks.all_of(tx, of.id)
    heads = shelf.replies.heads(tx, of.id)
    gaps = missing_of(statuses, heads, body.source, set(body.persons or ()))
    waiting = {
        (one.person, one.institution)
        for one in service.desk.manual.of_verification(tx, of.id)
        if one.source == body.source and one.waits
    }
    gaps = [one for one in gaps if (one.person, one.institution) not in waiting]
    if not gaps:
        raise Conflict("the source has not failed for these persons, or its clerks are asked")
    return gaps


def _following(
    service: Parts, tx: sa.Connection, of: StoredVerification, gaps: list[ReplyHead], actor: str
) -> StoredVerification:
    """A further verification on the same answers; the report that was issued is not edited."""
    now = service.now()
    new = replace(
        of,
        id=service.new_id("vf"),
        status="accepted",
        requested_at=now,
        changed_at=now,
        final_at=None,
        recheck_of=of.id,
        batch_id=None,
    )
    planned = service.plan(of.request, service.desk.sources, service.desk.gate.needs)
    follow_up = FollowUp(new=new, base=of.id, planned=planned, again=frozenset())
    service.follow_ups.make(tx, follow_up, actor)
    return new
