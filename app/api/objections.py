"""/v1/objections: what households dispute 复核, what is due first; taken, looked into, decided."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.clients import check_within
from app.access.looking import Looker
from app.access.regions import overlap
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import (
    LooksRead,
    LooksReview,
    LooksVerify,
    Shown,
    listing,
    looked_at,
    shown_in_list,
)
from app.api.objection_documents import (
    people_of,
    recheck_state,
    row_document,
    whole_document,
    whole_of,
)
from app.api.schemas import documented as doc
from app.api.schemas import documented_objections as of_objections
from app.api.schemas.objections import (
    AskAgainIn,
    ObjectionDecisionIn,
    ObjectionsQuery,
    ReasonedStepIn,
    StepIn,
)
from app.domain.errors import Conflict, FieldError, InvalidRequest
from app.domain.evidence import SourceState
from app.domain.household import Purpose
from app.domain.instants import china_day
from app.review.objections import Step
from app.store.objections import OPEN, ListedObjection, ObjectionQuery, StoredObjection
from app.store.reach import Reach
from app.store.verifications import StoredVerification
from app.verification.checks import check_covered
from app.verification.follow_up import FollowUp
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/objections", tags=["objections"], responses=doc.GUARDED)
_LIST: Final = "objections"
_UNDER_WAY: Final = ("accepted", "querying", "partial", "in_review")


@router.get("", summary="Objections, what is due first", responses=of_objections.PAGE)
async def page(
    service: Service, who: LooksRead, wanted: Annotated[ObjectionsQuery, Query()]
) -> Response:
    """A page, and how many there are by state; what households say stands in each alone."""
    reach = await listing(service, who, _LIST)
    today = china_day(service.now())
    query = _query(who, wanted, reach, today)
    after = None if wanted.after is None else _place(wanted.after)
    stored = service.objection_handling.stored

    def load(
        tx: sa.Connection,
    ) -> tuple[list[ListedObjection], dict[str, int], Mapping[str, str]]:
        rows = stored.page(tx, query, after=after, limit=wanted.limit + 1)
        people = people_of(service, tx, who, (row.objection.handler for row in rows))
        return rows, stored.counts(tx, replace(query, states=None)), people

    rows, counts, people = await service.shelf.database.read(load)
    some, more = rows[: wanted.limit], rows[wanted.limit :]
    shown = [Shown(one.objection.verification_id, one.objection.region) for one in some]
    await shown_in_list(service, who, _LIST, shown)
    document = {
        "objections": [
            row_document(service, who, one.objection, one.case_reference) for one in some
        ],
        "counts": counts,
        "people": dict(people),
        "next": _following(wanted, some[-1].objection) if more else None,
    }
    return json_answer(document)


def _query(
    who: Caller, wanted: ObjectionsQuery, reach: Reach | None, today: date
) -> ObjectionQuery:
    states = OPEN if wanted.state == "open" else (wanted.state,)
    return ObjectionQuery(
        region=overlap(who, wanted.region),
        states=None if wanted.state is None else tuple(one for one in states if one is not None),
        handler=who.actor if wanted.mine else None,
        overdue_on=today if wanted.overdue else None,
        programme=wanted.programme,
        reach=reach,
    )


def _place(after: str) -> tuple[date, str]:
    """Raises InvalidRequest."""
    day, _, id_ = after.partition("~")
    try:
        return date.fromisoformat(day), id_
    except ValueError:
        detail = "as `next` of the page before has it"
        raise InvalidRequest((FieldError("/after", "page.invalid", detail),)) from None


def _following(wanted: ObjectionsQuery, last: StoredObjection) -> str:
    given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    place = f"{(last.due_on or date.max).isoformat()}~{last.id}"
    return f"/v1/objections?{urlencode({**given, 'after': place})}"


@router.get("/{objection_id}", summary="An objection with its steps", responses=of_objections.WHOLE)
async def read(objection_id: str, service: Service, who: LooksRead) -> Response:
    """What is disputed, the term, the recheck and both reports, what was done; audited."""
    await _looked_at(service, who, objection_id)
    return await _answer(service, who, objection_id)


async def _looked_at(
    service: Parts, who: Looker, objection_id: str
) -> tuple[StoredObjection, StoredVerification]:
    """With the disputed verification, audited; `NotFound` alike for another region's and none."""
    one = await service.shelf.database.read(
        lambda tx: service.objection_handling.stored.get(tx, objection_id, region=who.region)
    )
    about = {"objection": objection_id, "missing": "no such objection"}
    verification = await looked_at(service, who, one.verification_id, "objection_read", **about)
    return one, verification


async def _answer(service: Parts, who: Looker, objection_id: str) -> Response:
    def load(tx: sa.Connection) -> dict[str, Any]:
        one = service.objection_handling.stored.get(tx, objection_id, region=who.region)
        return whole_document(service, who, whole_of(service, tx, who, one))

    return json_answer(await service.shelf.database.read(load))


_Change = Callable[[sa.Connection, Step], StoredObjection]


async def _moved(
    service: Parts,
    who: Looker,
    step: Step,
    change: _Change,
) -> Response:
    """The objection as it stands after the step, which the client that filed it is told of."""
    _, of = await _looked_at(service, who, step.objection_id)

    def work(tx: sa.Connection) -> None:
        service.objection_handling.tell(tx, change(tx, step), of)

    await service.shelf.database.write(work)
    return await _answer(service, who, step.objection_id)


@router.post("/{objection_id}/take", summary="Handle it", responses=of_objections.MOVED)
async def take(objection_id: str, body: StepIn, service: Service, who: LooksReview) -> Response:
    """Yours from now on; whoever decided something of the disputed report may not."""
    step = _step(objection_id, who, body.version)
    return await _moved(service, who, step, service.objection_handling.take)


@router.post("/{objection_id}/release", summary="Give it back", responses=of_objections.MOVED)
async def release(
    objection_id: str, body: ReasonedStepIn, service: Service, who: LooksReview
) -> Response:
    """Somebody else may take it then."""
    step = _step(objection_id, who, body.version, body.reason)
    return await _moved(service, who, step, service.objection_handling.release)


@router.post("/{objection_id}/requery", summary="Ask sources again", responses=of_objections.MOVED)
async def requery(
    objection_id: str, body: AskAgainIn, service: Service, who: LooksReview
) -> Response:
    """A further recheck: these sources are asked anew, of the others the answers stay."""
    one, old = await _looked_at(service, who, objection_id)
    wanted = check_covered(replace(old.request, purpose=Purpose.OBJECTION))
    check_within(who, wanted.purpose, wanted.programmes)
    step = _step(objection_id, who, body.version, body.reason)
    now, handling = service.now(), service.objection_handling
    planned = service.plan(wanted, service.desk.sources, service.desk.gate.needs)
    again = frozenset(
        (status.source, status.person)
        for status in planned
        if status.state is SourceState.PENDING
        and (body.sources is None or status.source in body.sources)
    )
    if not again:
        detail = "none of these sources can be asked for this household"
        raise InvalidRequest((FieldError("/sources", "sources.none", detail),))
    new = replace(
        old,
        id=service.new_id("vf"),
        client_id=who.actor,
        status="accepted",
        request=wanted,
        requested_at=now,
        changed_at=now,
        final_at=None,
        recheck_of=old.id,
        batch_id=None,
    )

    def work(tx: sa.Connection) -> None:
        current = handling.may_ask_again(tx, step)
        base = current.recheck_id or old.id
        status = service.shelf.verifications.status_of(tx, base)
        if status in _UNDER_WAY:
            raise Conflict(f"the recheck is {status}: it is not over yet")
        base = base if status == "final" else old.id
        follow_up = FollowUp(new=new, base=base, planned=planned, again=again)
        service.follow_ups.make(tx, follow_up, who.actor)
        handling.ask_again(tx, step, new.id)

    await service.shelf.database.write(work)
    service.engine.submit(new.id)
    return await _answer(service, who, one.id)


@router.post("/{objection_id}/decision", summary="Decide", responses=of_objections.MOVED)
async def decide(
    objection_id: str, body: ObjectionDecisionIn, service: Service, who: LooksReview
) -> Response:
    """By whoever handles it: the report stands, or the later one takes its place."""
    handling = service.objection_handling

    def decided(tx: sa.Connection, step: Step) -> StoredObjection:
        one = handling.stored.get(tx, objection_id, region=who.region)
        return handling.decide(tx, step, body.decision, recheck_state(service, tx, one))

    step = _step(objection_id, who, body.version, body.answer)
    return await _moved(service, who, step, decided)


@router.post("/{objection_id}/withdraw", summary="Take it back", responses=of_objections.MOVED)
async def withdraw(
    objection_id: str, body: ReasonedStepIn, service: Service, who: LooksVerify
) -> Response:
    """In the household's name; a recheck that is under way goes on."""
    step = _step(objection_id, who, body.version, body.reason)
    return await _moved(service, who, step, service.objection_handling.withdraw)


def _step(objection_id: str, who: Caller, version: int, words: str = "") -> Step:
    return Step(objection_id, who.region, who.actor, version, words)
