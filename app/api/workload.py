"""/v1/workload: how much waits for whoever is signed in; counts alone."""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.access.looking import Looker
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.deps import AnyStaff, Service
from app.api.schemas import documented as doc
from app.api.schemas.workload import MOST_COUNTED, OwnWorkloadOut, WorkloadOut
from app.domain.instants import CHINA, china_day
from app.store.workload import Worker, Workload
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/workload", tags=["staff"], responses=doc.GUARDED)
_LOAD: Final = Workload()


@router.get("", summary="What waits, in numbers", responses={200: {"model": WorkloadOut}})
async def read(service: Service, who: AnyStaff) -> Response:
    """Of what the caller's roles open; 0 for the rest. Cheap: it is asked for with every page."""

    def load(tx: sa.Connection) -> dict[str, int]:
        worker = _worker(service, tx, who)
        counts = {"review": 0, "alerts": 0, "objections": 0, "sources": 0}
        if "review" in who.scopes:
            counts["review"] = _LOAD.reviews_waiting(tx, worker, MOST_COUNTED)
            counts["alerts"] = _LOAD.alerts_open(tx, worker)
        if "read" in who.scopes:
            counts["objections"] = _LOAD.objections(tx, worker)
            counts["sources"] = service.source_desk.failing(tx)
        return counts

    return json_answer(await service.shelf.database.read(load))


@router.get("/own", summary="The caller's own day", responses={200: {"model": OwnWorkloadOut}})
async def own(service: Service, who: AnyStaff) -> Response:
    """What waits by queue, what is due today, what came back, and how much he or she looked at."""
    now = service.now()
    begun = datetime.combine(china_day(now), time.min, CHINA)
    midnight = begun + timedelta(days=1)

    def load(tx: sa.Connection) -> dict[str, Any]:
        worker = _worker(service, tx, who)
        looks = _LOAD.looks(tx, worker, begun)
        document: dict[str, Any] = {
            "reviews": None,
            "alerts": None,
            "objections": None,
            "looks": {"cases": looks.cases, "lists": looks.lists, "exports": looks.exports},
        }
        if "review" in who.scopes:
            document["reviews"] = [asdict(one) for one in _LOAD.reviews(tx, worker, now, midnight)]
            alerts = _LOAD.alerts(tx, worker, now, midnight)
            document["alerts"] = {
                "open": alerts.open,
                "mine": alerts.mine,
                "to_check": alerts.to_check,
                "due_today": alerts.due_today,
                "overdue": alerts.overdue,
                "returned": alerts.returned,
            }
        if "read" in who.scopes:
            document["objections"] = _LOAD.objections(tx, worker)
        return document

    return json_answer(await service.shelf.database.read(load))


def _worker(service: Parts, tx: sa.Connection, who: Caller) -> Worker:
    """Counts are of what lists would show."""
    look = Looker.of(who, None, "unknown")
    return Worker(who.actor, who.region, service.looks.reach(tx, look))
