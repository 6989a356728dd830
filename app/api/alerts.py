"""/v1/alerts: what changed and needs a person, the highest rank first 预警."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import Looker
from app.access.regions import overlap
from app.access.tokens import Caller
from app.alerts.documents import (
    counts_document,
    cursor_of,
    listed_document,
    listed_facts,
    place_of,
    whole_document,
)
from app.alerts.handling import Explanation, Step, WholeAlert
from app.alerts.life import Result
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksReview, Shown, listing, looked_at, shown_in_list
from app.api.schemas import documented as doc
from app.api.schemas import documented_alerts as of_alerts
from app.api.schemas.alerts import (
    AlertsQuery,
    AssignmentIn,
    CheckIn,
    ExplanationIn,
    HandlingIn,
)
from app.store.alerts import AlertQuery, StoredAlert
from app.store.reach import Reach
from app.store.session import Work
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], responses=doc.GUARDED)
_LIST: Final = "alerts"
_COUNTY: Final = 6


@router.get("", summary="Alerts in the order of what they bear on", responses=of_alerts.PAGE)
async def page(
    service: Service, who: LooksReview, wanted: Annotated[AlertsQuery, Query()]
) -> Response:
    """A page; what was found stands in each alert alone."""
    query = _query(who, wanted, await listing(service, who, _LIST))
    after = None if wanted.after is None else place_of(wanted.after)
    alerts = service.handling.alerts
    found = await service.shelf.database.read(
        lambda tx: alerts.page(tx, query, after=after, limit=wanted.limit + 1)
    )
    some, more = found[: wanted.limit], found[wanted.limit :]
    shown = [Shown(one.verification_id, one.region) for one in some]
    await shown_in_list(service, who, _LIST, shown)
    now = service.now()
    facts = await _facts(service, some) if wanted.facts else {}
    document = {
        "alerts": [{**listed_document(one, now), **facts.get(one.id, {})} for one in some],
        "next": _following(wanted, some[-1]) if more else None,
    }
    return json_answer(document)


async def _facts(service: Parts, some: Sequence[StoredAlert]) -> dict[str, dict[str, Any]]:
    """What each alert is about, by id."""
    ids = {one.verification_id for one in some}
    found = await service.shelf.database.read(
        lambda tx: service.shelf.verifications.get_many(tx, sorted(ids))
    )
    of = {id_: one.request for id_, one in found.items()}
    return {one.id: {"facts": listed_facts(one, of.get(one.verification_id))} for one in some}


@router.get("/counts", summary="How many there are", responses=of_alerts.COUNTS)
async def counts(
    service: Service, who: LooksReview, wanted: Annotated[AlertsQuery, Query()]
) -> Response:
    """By kind and state; `limit` and `after` are not looked at."""
    query = _query(who, wanted, await listing(service, who, _LIST))
    found = await service.shelf.database.read(lambda tx: service.handling.alerts.counts(tx, query))
    return json_answer(counts_document(found))


def _query(who: Caller, wanted: AlertsQuery, reach: Reach | None) -> AlertQuery:
    return AlertQuery(
        region=overlap(who, wanted.region),
        kind=None if wanted.kind is None else wanted.kind.value,
        state=None if wanted.state is None else wanted.state.value,
        positive=wanted.positive,
        decisive=wanted.decisive,
        case_reference=wanted.case_reference,
        assigned_to=who.actor if wanted.mine else None,
        reach=reach,
    )


def _following(wanted: AlertsQuery, last: StoredAlert) -> str:
    given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return f"/v1/alerts?{urlencode({**given, 'after': cursor_of(last)})}"


@router.get("/{alert_id}", summary="An alert with its steps", responses=of_alerts.WHOLE)
async def read(alert_id: str, service: Service, who: LooksReview) -> Response:
    """What changed, the money at stake, and all that was done; the look is audited."""
    await _looked_at(service, who, alert_id)
    return json_answer(await _as_it_stands(service, who, alert_id))


async def _looked_at(service: Parts, who: Looker, alert_id: str) -> None:
    """The alert's case, audited; `NotFound` alike for another region's and for none."""
    alert = await service.shelf.database.read(
        lambda tx: service.handling.alerts.get(tx, alert_id, region=who.region)
    )
    about = {"alert": alert_id, "missing": "no such alert"}
    await looked_at(service, who, alert.verification_id, "alert_read", **about)


async def _as_it_stands(service: Parts, who: Looker, alert_id: str) -> dict[str, Any]:
    return await service.shelf.database.read(
        lambda tx: _told(service, tx, service.handling.whole(tx, alert_id, region=who.region))
    )


def _told(service: Parts, tx: sa.Connection, whole: WholeAlert) -> dict[str, Any]:
    verifications = service.shelf.verifications.get_many(tx, [whole.alert.verification_id])
    request = next((one.request for one in verifications.values()), None)
    people = service.handling.names(tx, whole, region=whole.alert.region[:_COUNTY])
    return whole_document(whole, service.now(), request, people)


@router.post("/{alert_id}/assign", summary="Assign", responses=of_alerts.MOVED)
async def assign(alert_id: str, body: AssignmentIn, service: Service, who: LooksReview) -> Response:
    """To be handled by you, or by another client for that region; again: by somebody else."""
    await _looked_at(service, who, alert_id)
    step, to = _step(alert_id, body.version, who), body.to or who.actor
    return await _whole(service, lambda tx: service.handling.assign(tx, step, to))


@router.post("/{alert_id}/explanation", summary="Hear the household", responses=of_alerts.MOVED)
async def explain(
    alert_id: str, body: ExplanationIn, service: Service, who: LooksReview
) -> Response:
    """What the household said before anything was decided; it may be heard more than once."""
    await _looked_at(service, who, alert_id)
    step = _step(alert_id, body.version, who)
    given = Explanation(words=body.words, evidence_reference=body.evidence_reference)
    return await _whole(service, lambda tx: service.handling.explain(tx, step, given))


@router.post("/{alert_id}/handle", summary="Handle", responses=of_alerts.MOVED)
async def handle(alert_id: str, body: HandlingIn, service: Service, who: LooksReview) -> Response:
    """What came of it, by whom it is assigned to; the service itself stops no payment."""
    await _looked_at(service, who, alert_id)
    step = _step(alert_id, body.version, who)
    result = Result(
        outcome=body.outcome,
        reason=body.reason,
        evidence_reference=body.evidence_reference,
        grace_months=body.grace_months,
    )
    return await _whole(service, lambda tx: service.handling.handle(tx, step, result))


@router.post("/{alert_id}/check", summary="Check", responses=of_alerts.MOVED)
async def check(alert_id: str, body: CheckIn, service: Service, who: LooksReview) -> Response:
    """By another person than who handled it: agreed, or sent back to be handled again."""
    await _looked_at(service, who, alert_id)
    step = _step(alert_id, body.version, who)
    return await _whole(
        service,
        lambda tx: service.handling.check(tx, step, body.reason, agrees=body.agrees),
    )


def _step(alert_id: str, version: int, who: Caller) -> Step:
    return Step(alert_id, who.region, who.actor, version)


async def _whole(service: Parts, work: Work[WholeAlert]) -> Response:
    return json_answer(await service.shelf.database.write(lambda tx: _told(service, tx, work(tx))))
