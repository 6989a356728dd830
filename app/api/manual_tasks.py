"""/v1/manual-tasks: what a source's clerks look up and enter by hand 人工录入, two for each."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksAnswer, Shown, note, shown_in_list
from app.api.manual_documents import entry_of, row_document, task_document
from app.api.schemas import documented as doc
from app.api.schemas import documented_manual as of_tasks
from app.api.schemas.manual_tasks import EntryIn, TasksQuery
from app.audit.chain import Entry as TrailEntry
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotAllowed, NotFound
from app.domain.instants import china_day
from app.store.manual_tasks import CLOSED, DONE, WAITING, ManualQuery, ManualTask
from app.store.verifications import StoredVerification
from app.verification.by_hand import person_of
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/manual-tasks", tags=["manual entry"], responses=doc.GUARDED)
_LIST: Final = "manual_tasks"
_STATES: Final = {"waiting": WAITING, "done": (DONE,), "closed": (CLOSED,)}
_Found = tuple[ManualTask, StoredVerification]


def _source_of(who: Looker) -> str:
    """Raises NotAllowed for a clerk whose role names no source."""
    if who.source is None:
        raise NotAllowed("your role names no source: a security administrator gives it anew")
    return who.source


@router.get("", summary="Tasks of one's own source", responses=of_tasks.PAGE)
async def page(
    service: Service, who: LooksAnswer, wanted: Annotated[TasksQuery, Query()]
) -> Response:
    """What is due first; whom a task is about stands in it alone, and here masked."""
    query = ManualQuery(
        region=who.region,
        source=_source_of(who),
        states=_STATES[wanted.state],
        waiting_at=service.now() if wanted.state == "waiting" else None,
    )
    after = None if wanted.after is None else _place(wanted.after)
    some, counts, last = await service.shelf.database.write(
        lambda tx: _page(service, tx, who, (query, after, wanted.limit))
    )
    await shown_in_list(service, who, _LIST, [Shown(of.id, one.region) for one, of in some])
    following = None
    if last is not None:
        given = {"state": wanted.state, "limit": wanted.limit}
        place = f"{last.deadline_at.isoformat()}~{last.id}"
        following = f"/v1/manual-tasks?{urlencode({**given, 'after': place})}"
    document = {
        "source": query.source,
        "tasks": [row_document(who, one, of) for one, of in some],
        "counts": counts,
        "next": following,
    }
    return json_answer(document)


def _page(
    service: Parts,
    tx: sa.Connection,
    who: Looker,
    asked: tuple[ManualQuery, tuple[datetime, str] | None, int],
) -> tuple[list[_Found], dict[str, int], ManualTask | None]:
    """Those that may still be asked about, none of a relative's; the last one where more follow."""
    query, after, limit = asked
    work, of = service.hand_work, service.shelf.verifications
    rows = work.tasks.page(tx, query, after=after, limit=limit + 1)
    tasks = rows[:limit]
    verifications = of.get_many(tx, {one.verification_id for one in tasks})
    related = service.looks.related_to(tx, who.actor)
    found = [(one, verifications[one.verification_id]) for one in tasks]
    found = [(one, its) for one, its in found if not related(its.request)]
    if query.waiting_at is not None:
        found = [(one, its) for one, its in found if work.refusal(tx, one, its) is None]
    whole = replace(query, states=(*WAITING, DONE, CLOSED), waiting_at=None)
    last = tasks[-1] if len(rows) > limit else None
    return found, work.tasks.counts(tx, whole), last


def _place(after: str) -> tuple[datetime, str]:
    """Raises InvalidRequest."""
    at, _, id_ = after.partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        detail = "as `next` of the page before has it"
        raise InvalidRequest((FieldError("/after", "page.invalid", detail),))
    return found, id_


@router.get("/{task_id}", summary="A task, and whom it is about", responses=of_tasks.TASK)
async def read(task_id: str, service: Service, who: LooksAnswer) -> Response:
    """The question is put with the first look: the consent is checked, the asking on record."""

    def work(tx: sa.Connection) -> dict[str, Any]:
        task, of = _found(service, tx, who, task_id)
        task = service.hand_work.put(tx, task, of)
        _noted(service, tx, who, task, of)
        return task_document(who, task, of)

    return json_answer(await service.shelf.database.write(work))


def _found(service: Parts, tx: sa.Connection, who: Looker, task_id: str) -> _Found:
    """Raises NotFound alike for another region's, another source's, a relative's, and none."""
    task = service.hand_work.tasks.get(tx, task_id, region=who.region, source=_source_of(who))
    of = service.shelf.verifications.get(tx, task.verification_id, region=who.region)
    if service.looks.is_related(tx, who.actor, of.request):
        raise NotFound("no such task")
    return task, of


def _noted(
    service: Parts, tx: sa.Connection, who: Looker, task: ManualTask, of: StoredVerification
) -> None:
    """That a clerk saw whom the task is about, for the person's own report of looks."""
    details = {
        "kind": who.kind,
        "office": who.region,
        "from": who.origin,
        "look": "case",
        "purpose": of.request.purpose.value,
        "basis": f"task:{task.id}",
        "consent": of.request.consent.of(task.person)[0],
        "persons": task.person,
        "source": task.source,
    }
    note(service, tx, TrailEntry(who.actor, "manual_task_read", of.id, task.region, details))


@router.post("/{task_id}/entries", summary="Enter what it holds", responses=of_tasks.ENTERED)
async def enter(task_id: str, body: EntryIn, service: Service, who: LooksAnswer) -> Response:
    """By one clerk, then by another who does not see it; what both say alike is the answer."""

    def work(tx: sa.Connection) -> tuple[dict[str, Any], StoredVerification | None]:
        task, of = _found(service, tx, who, task_id)
        if body.data_as_of is not None and body.data_as_of > china_day(service.now()):
            detail = "no data are of a day to come"
            raise InvalidRequest((FieldError("/data_as_of", "day.to_come", detail),))
        if not task.waits or task.version != body.version:
            raise Conflict("the task has moved on since: read it again")
        entry = entry_of(body, task, person_of(of, task))
        after = service.hand_work.enter(tx, task, of, (who.actor, entry))
        is_done = after.state == DONE
        if is_done and of.batch_id is not None:
            service.shelf.batch_households.settle(tx, [of.id])
        return task_document(who, after, of), of if is_done else None

    document, answered = await service.shelf.database.write(work)
    if answered is not None and answered.batch_id is None:
        service.engine.submit(answered.id)
    return json_answer(document)
