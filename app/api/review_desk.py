"""/v1/review-items: what a screen needs beside the list: counts, a pair side by side, locks."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import Looker
from app.access.masking import masked_name
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksReview, listing
from app.api.review_items import item_looked_at, queue_of
from app.api.review_read import READ
from app.api.review_shown import shown_items
from app.api.schemas import documented as doc
from app.api.schemas import documented_review_items as of_items
from app.api.schemas.review_items import DeskQuery, PairQuery
from app.audit.look_rules import day_span
from app.domain.errors import Conflict
from app.domain.instants import china_day, rfc3339
from app.domain.review import STILL_TO_DO, Choice
from app.review.blind import is_blind
from app.review.current import version_of
from app.review.effects import Effects
from app.review.pair import pair_document, pattern_of
from app.review.queue import decisions_document, effects_of_choices
from app.review.rounds import is_of_records
from app.store.review_items import ReviewItem
from app.store.review_standing import decided_alike, done_since, in_open_sample, undoable
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/review-items", tags=["review"], responses=doc.GUARDED)
UNDONE_WITHIN: Final = timedelta(minutes=10)
"""So long a reviewer may undo a word without giving reasons, until somebody else has spoken."""
_LIST: Final = "review_items"
_COUNTY: Final = 6


@router.get("/desk", summary="Counts of the worklist", responses=of_items.DESK)
async def desk(
    service: Service, who: LooksReview, wanted: Annotated[DeskQuery, Query()]
) -> Response:
    """How many items of each kind wait, what you did today, and what you may still undo."""
    reach = await listing(service, who, _LIST)
    queue, now = queue_of(service, who, wanted, None, reach), service.now()
    since, _ = day_span(china_day(now))

    def load(tx: sa.Connection) -> dict[str, Any]:
        last = undoable(tx, who.actor, now - UNDONE_WITHIN)
        return {
            "counts": service.reviewing.queue.counts(tx, queue),
            "done_today": done_since(tx, who.actor, since),
            "undoable": None
            if last is None
            else {
                "item": last.item_id,
                "version": last.version,
                "choice": last.choice,
                "until": rfc3339(last.decided_at + UNDONE_WITHIN),
            },
        }

    return json_answer(await service.shelf.database.read(load))


@router.get("/{item_id}/pair", summary="A person and a record", responses=of_items.PAIR)
async def pair(
    item_id: str, service: Service, who: LooksReview, wanted: Annotated[PairQuery, Query()]
) -> Response:
    """Side by side and masked, with what each decision changes.

    Whoever speaks second sees neither the first word nor, until `chosen`, how likely it is.
    """
    chosen = {} if wanted.chosen is None else {"chosen": wanted.chosen.value}
    item = await item_looked_at(service, who, item_id, READ, **chosen)
    if not is_of_records(item):
        raise Conflict("this item asks for an answer: there are no records to compare")
    effects = await service.reviewing.effects(item, who.actor)

    def load(tx: sa.Connection) -> dict[str, Any]:
        return _pair(service, tx, who, (item, effects), wanted.chosen)

    return json_answer(await service.shelf.database.read(load))


def _pair(
    service: Parts,
    tx: sa.Connection,
    who: Looker,
    of: tuple[ReviewItem, Effects],
    chosen: Choice | None,
) -> dict[str, Any]:
    item, effects = of
    listed = service.reviewing.queue.listed(tx, item.id)
    decisions = service.reviewing.book.decisions.all_of(tx, item.id)
    sampled = bool(in_open_sample(tx, [item.verification_id]))
    at_first = sampled or service.blind_queues.hide(listed.item)
    blind = is_blind(listed.item, who.actor, at_first=at_first) and chosen is None
    others = service.shelf.review_items.of(tx, item.verification_id)
    verification = service.shelf.verifications.get(tx, item.verification_id, region=who.region)
    request = verification.request
    (shown,) = shown_items(service, tx, who, [listed])
    weights = service.knowledge.weights
    return {
        "item": {**shown, "blind": blind},
        "version": version_of(tx, service.shelf, listed.item, len(decisions)),
        "names": {one.ref: masked_name(one.name) for one in request.household.persons},
        "relations": {one.ref: one.relationship for one in request.household.persons},
        "household_size": len(request.household.members),
        "purpose": request.purpose.value,
        "records": [pair_document(row, weights, blind=blind) for row in effects.records],
        "effects": None if at_first and chosen is None else effects_of_choices(effects),
        "changes_answer": effects.decisive,
        "household": _of_household(effects),
        "alike": _alike(tx, item),
        "identical": _identical(item, effects, others),
        "candidates": [one.id for one in others if _is_candidate(item, one)],
        "decisions": decisions_document(listed.item, decisions, who.actor),
    }


def _alike(tx: sa.Connection, item: ReviewItem) -> dict[str, int]:
    """How the same kind of difference was decided in this county."""
    if not item.difference or item.source is None:
        return {}
    region = item.region[:_COUNTY]
    return decided_alike(tx, region, source=item.source, difference=item.difference, but=item.id)


def _of_household(effects: Effects) -> list[dict[str, Any]]:
    """Others of the household of whom the same source has records; shown, not counted."""
    first = effects.records[0]
    found = {
        row.person: row.institution or None
        for row in effects.now.evidence
        if row.accepted
        and row.source == first.source
        and row.institution == first.institution
        and row.person != first.person
    }
    return [{"person": person, "institution": place} for person, place in found.items()]


def _identical(
    item: ReviewItem, effects: Effects, others: Iterable[ReviewItem]
) -> list[dict[str, Any]]:
    """Open items with the very same difference: the same source, person and two values."""
    rows = {row.id: row for row in effects.now.evidence}
    wanted = {pattern_of(row) for row in effects.records}
    return [
        {"id": one.id, "records": len(one.evidence)}
        for one in others
        if one.id != item.id
        and one.state in STILL_TO_DO
        and one.evidence
        and all(id_ in rows for id_ in one.evidence)
        and {pattern_of(rows[id_]) for id_ in one.evidence} == wanted
    ]


def _is_candidate(item: ReviewItem, other: ReviewItem) -> bool:
    """Whose it is asks the same source of the same person."""
    same = other.source == item.source and other.person == item.person
    return is_of_records(other) and same and (other.state in STILL_TO_DO or other.id == item.id)


@router.delete(
    "/{item_id}/lock", status_code=204, summary="Let an item go", responses=of_items.RELEASED
)
async def release(item_id: str, service: Service, who: LooksReview) -> Response:
    """Free for whoever comes next; nothing changes where it is not yours."""
    item = await item_looked_at(service, who, item_id, "review_item_released")
    await service.shelf.database.write(
        lambda tx: service.shelf.review_items.release(tx, who.actor, only=item.id)
    )
    return Response(status_code=204)
