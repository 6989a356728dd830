"""/v1/alert-rules: which changes raise alerts, how often they were false, and muting one."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.access.roles import scopes_of
from app.alerts.kinds import TRAITS, ChangeKind
from app.alerts.muting import RuleState
from app.alerts.origins import sources_of
from app.api.answering import json_answer
from app.api.deps import MayAssign, MayHandle, MayReview, Service
from app.api.schemas import documented as doc
from app.api.schemas import documented_alerts as of_alerts
from app.api.schemas.alert_rules import MuteIn
from app.domain.instants import rfc3339
from app.store.staff import ACTIVE
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/alert-rules", tags=["alerts"], responses=doc.GUARDED)
_MOST: int = 500
_SCOPE = "review"


@router.get("", summary="Rules, and how often each was wrong", responses=of_alerts.RULES)
async def listed(service: Service, who: MayReview) -> Response:
    """In the caller's region; false alerts of the last 365 days."""
    return json_answer(await _document(service, who.region))


@router.get("/assignees", summary="Who may handle alerts", responses=of_alerts.ASSIGNEES)
async def assignees(service: Service, who: MayHandle) -> Response:
    """Colleagues of the caller's region, by name."""

    def load(tx: sa.Connection) -> list[dict[str, str]]:
        accounts = service.looks.accounts.page(tx, who.region, after="", limit=_MOST)
        active = [one for one in accounts if one.state == ACTIVE]
        ids = [one.id for one in active]
        held = service.staffing.roles.in_force_of(tx, ids, service.now())
        return [
            {"id": one.id, "name": one.name}
            for one in active
            if _SCOPE in scopes_of(held.get(one.id, ()))
        ]

    return json_answer({"assignees": await service.shelf.database.read(load)})


@router.post("/{kind}/mute", summary="Raise nothing for a while", responses=of_alerts.RULE_MOVED)
async def mute(kind: ChangeKind, body: MuteIn, service: Service, who: MayAssign) -> Response:
    """In the caller's region and below, up to and including a day; changes are still kept."""
    wanted = (body.until, body.reason)
    await service.shelf.database.write(lambda tx: service.muting.mute(tx, who, kind, wanted))
    return json_answer(await _document(service, who.region))


@router.post("/{kind}/unmute", summary="Raise again", responses=of_alerts.RULE_MOVED)
async def unmute(kind: ChangeKind, service: Service, who: MayAssign) -> Response:
    """What the caller's own region muted; a region above ends its own."""
    await service.shelf.database.write(lambda tx: service.muting.unmute(tx, who, kind))
    return json_answer(await _document(service, who.region))


async def _document(service: Parts, region: str) -> dict[str, Any]:
    states = await service.shelf.database.read(lambda tx: service.muting.states(tx, region))
    return {"rules": [_rule(one) for one in states]}


def _rule(one: RuleState) -> dict[str, Any]:
    counted, mute_ = one.counted, one.mute
    return {
        "kind": one.kind.value,
        "positive": TRAITS[one.kind].positive,
        "sources": list(sources_of(one.kind)),
        "raises": one.raises,
        "alerts": 0 if counted is None else counted.alerts,
        "open": 0 if counted is None else counted.open,
        "handled": 0 if counted is None else counted.handled,
        "false_alerts": 0 if counted is None else counted.false,
        "repeats": 0 if counted is None else counted.repeats,
        "false_rate": None if one.false_rate is None else round(one.false_rate, 4),
        "muted": None
        if mute_ is None
        else {
            "region": mute_.region,
            "until": mute_.until_on.isoformat(),
            "reason": mute_.reason,
            "by": mute_.muted_by,
            "at": rfc3339(mute_.muted_at),
        },
    }
