"""/v1/review-items: what waits for a person, the most error saved a review first."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import Looker
from app.access.regions import overlap
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.deps import MayReview, Service
from app.api.looks import LooksReview, Shown, listing, looked_at, shown_in_list
from app.api.review_answers import decided, shown
from app.api.review_read import READ, as_read, chosen_blind
from app.api.review_shown import shown_items
from app.api.schemas import documented as doc
from app.api.schemas import documented_review_items as of_items
from app.api.schemas.questions import PreviewQuery
from app.api.schemas.review_items import (
    AgreementQuery,
    DeskQuery,
    LockQuery,
    NextQuery,
    ReversalIn,
    ReviewDecisionIn,
    WorklistQuery,
)
from app.audit.look_rules import day_span
from app.domain.errors import Conflict
from app.domain.instants import china_day
from app.domain.review import ItemState, Order
from app.review.current import version_of
from app.review.queue import (
    agreement_document,
    asking_document,
    cursor_of,
    decision_of_item,
    decisions_document,
    listed_document,
    place_of,
    short_decision,
    worth_document,
)
from app.review.reversal import Reversal, reverse
from app.review.words import Given, Word
from app.store.reach import Reach
from app.store.review_items import ReviewItem
from app.store.review_queue import Listed, Queue, Worth
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/review-items", tags=["review"], responses=doc.GUARDED)
_LOCKED_FOR: Final = timedelta(minutes=15)
_LIST: Final = "review_items"


@router.get("", summary="The review worklist", responses=of_items.PAGE)
async def page(
    service: Service, who: LooksReview, wanted: Annotated[WorklistQuery, Query()]
) -> Response:
    """A page in the order of what a review saves, or another one, and what all open items are
    worth."""
    reach = await listing(service, who, _LIST)
    queue = queue_of(service, who, wanted, wanted.state, reach)
    after = None if wanted.after is None else place_of(wanted.after, wanted.order)
    shown = service.reviewing.queue

    def load(tx: sa.Connection) -> tuple[list[Listed], list[dict[str, Any]], Worth | None]:
        listed = shown.page(tx, queue, after=after, limit=wanted.limit + 1)
        opened = replace(queue, state=ItemState.OPEN)
        worth = shown.worth(tx, opened, first=wanted.limit) if wanted.worth else None
        return listed, shown_items(service, tx, who, listed[: wanted.limit]), worth

    listed, items, worth = await service.shelf.database.read(load)
    some, more = listed[: wanted.limit], listed[wanted.limit :]
    await _on_record(service, who, some)
    document = {
        "items": items,
        "open": None if worth is None else worth_document(worth, wanted.limit),
        "next": _following(wanted, some[-1].item) if more else None,
    }
    return json_answer(document)


async def _on_record(service: Parts, who: Looker, some: list[Listed]) -> None:
    shown = [Shown(one.item.verification_id, one.item.region) for one in some]
    await shown_in_list(service, who, _LIST, shown)


def queue_of(
    service: Parts,
    who: Caller,
    wanted: DeskQuery | NextQuery,
    state: ItemState | None,
    reach: Reach | None,
) -> Queue:
    """What is asked for, as this reviewer sees it."""
    queue = Queue(
        region=overlap(who, wanted.region),
        reviewer=who.actor,
        state=state,
        kind=wanted.kind,
        programme=wanted.programme,
        reach=reach,
    )
    if not isinstance(wanted, DeskQuery):
        return queue
    _, tomorrow = day_span(china_day(service.now()))
    return replace(
        queue,
        source=wanted.source,
        todo=wanted.todo,
        mine=wanted.mine,
        returned=wanted.returned,
        due_before=tomorrow if wanted.due == "today" else None,
        order=wanted.order if isinstance(wanted, WorklistQuery) else Order.SAVING,
    )


def _following(wanted: WorklistQuery, last: ReviewItem) -> str:
    given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return f"/v1/review-items?{urlencode({**given, 'after': cursor_of(last, wanted.order)})}"


@router.post("/next", summary="Take the best open item", responses=of_items.NEXT)
async def take_next(
    service: Service, who: LooksReview, wanted: Annotated[NextQuery, Query()]
) -> Response:
    """The one that saves most, that you may decide and nobody works on: yours for 15 minutes."""
    reach = await listing(service, who, _LIST)
    queue, now = queue_of(service, who, wanted, None, reach), service.now()
    taken = await service.shelf.database.write(
        lambda tx: service.reviewing.queue.take(tx, queue, now=now, until=now + _LOCKED_FOR)
    )
    await _on_record(service, who, [] if taken is None else [taken])
    item = None if taken is None else listed_document(taken, who.actor, now)
    return json_answer({"item": item})


@router.get("/agreement", summary="How often reviewers agree", responses=of_items.AGREEMENT)
async def agreement(
    service: Service, who: MayReview, wanted: Annotated[AgreementQuery, Query()]
) -> Response:
    """Second words beside the first ones, by source."""
    region, decisions = overlap(who, wanted.region), service.reviewing.book.decisions
    found, waiting = await service.shelf.database.read(
        lambda tx: (decisions.agreement(tx, region), decisions.waiting_for_second(tx, region))
    )
    return json_answer(agreement_document(found, waiting))


@router.get(
    "/{item_id}", summary="An item, and what each decision changes", responses=of_items.ITEM
)
async def read(
    item_id: str, service: Service, who: LooksReview, preview: Annotated[PreviewQuery, Query()]
) -> Response:
    """The records concerned, earlier decisions, and what every choice would lead to.

    `evidence` is empty for a member of staff who must judge without its numbers: the pair has it.
    """
    item = await item_looked_at(service, who, item_id, READ)
    document = await service.shelf.database.read(lambda tx: _document(service, tx, item, who))
    document["asking"] = asking_document(item)
    document |= await shown(service, item, preview, document["decisions"], who.actor)
    if "evidence" in document and who.is_staff and document["item"]["blind"]:
        document["evidence"] = []
    return json_answer(document)


async def item_looked_at(
    service: Parts, who: Looker, item_id: str, action: str, **more: str
) -> ReviewItem:
    """The item, its verification audited; `NotFound` alike for another region's and for none."""
    item = await service.shelf.database.read(
        lambda tx: service.shelf.review_items.get(tx, item_id, region=who.region)
    )
    about = {"item": item.id, "missing": "no such review item", **more}
    await looked_at(service, who, item.verification_id, action, **about)
    return item


def _document(service: Parts, tx: sa.Connection, item: ReviewItem, who: Caller) -> dict[str, Any]:
    listed = service.reviewing.queue.listed(tx, item.id)
    decisions = service.reviewing.book.decisions.all_of(tx, item.id)
    return {
        "item": shown_items(service, tx, who, [listed])[0],
        "version": version_of(tx, service.shelf, listed.item, len(decisions)),
        "decisions": decisions_document(listed.item, decisions, who.actor),
    }


@router.post("/{item_id}/lock", summary="Work on an item", responses=of_items.LOCKED)
async def lock(
    item_id: str, service: Service, who: LooksReview, wanted: Annotated[LockQuery, Query()]
) -> Response:
    """Yours for 15 minutes, so that two reviewers do not take the same; again: 15 more."""
    item = await item_looked_at(service, who, item_id, "review_item_locked")
    now = service.now()

    def work(tx: sa.Connection) -> Listed:
        items = service.shelf.review_items
        if not items.lock(tx, item.id, who.actor, now=now, until=now + _LOCKED_FOR):
            raise Conflict("another reviewer works on this item: take another one, or wait")
        if wanted.only:
            items.release(tx, who.actor, but=item.id)
        return service.reviewing.queue.listed(tx, item.id)

    listed = await service.shelf.database.write(work)
    return json_answer(listed_document(listed, who.actor, now))


@router.post("/{item_id}/decisions", status_code=201, summary="Decide", responses=of_items.DECIDED)
async def decide(
    item_id: str, body: ReviewDecisionIn, service: Service, who: LooksReview
) -> Response:
    """A version that stays; what makes a programme worse off needs two reviewers who agree."""
    item = await item_looked_at(service, who, item_id, READ)
    if body.version is not None:
        await as_read(service, item, body.version, who.actor)
    word = Word(
        choice=body.choice,
        reason_code=body.reason_code,
        reason=body.reason,
        by=who.actor,
        settle=body.settle,
        chosen=await chosen_blind(service, item, who),
    )
    return await _given(service, who, await decided(service, item, body, word))


@router.post(
    "/{item_id}/decisions/{version}/reverse",
    status_code=201,
    summary="Take a decision back",
    responses=of_items.REVERSED,
)
async def take_back(
    item_id: str, version: int, body: ReversalIn, service: Service, who: LooksReview
) -> Response:
    """A further version; what held before it holds again. A final verification is not edited."""
    item = await item_looked_at(service, who, item_id, READ)
    reversal = Reversal(
        version=version, reason_code=body.reason_code, reason=body.reason, by=who.actor
    )
    given = await reverse(service.reviewing, item, reversal)
    return await _given(service, who, given)


async def _given(service: Parts, who: Caller, given: Given) -> Response:
    """The word, and how item and verification stand after it."""

    def load(tx: sa.Connection) -> dict[str, Any]:
        listed = service.reviewing.queue.listed(tx, given.item.id)
        result = service.shelf.results.newest(tx, given.item.verification_id)
        concluded = [] if result is None else orjson.loads(result.body)["decisions"]
        return {
            "item": listed_document(listed, who.actor, service.now()),
            "decision": decision_of_item(given.decision),
            "verification_status": listed.status,
            "decisions": [short_decision(one) for one in concluded],
        }

    return json_answer(await service.shelf.database.read(load), status=201)
