"""Objections as the interface shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from app.access.looking import Looker
from app.domain.instants import china_day, rfc3339
from app.review.objections import RecheckState
from app.store.audit_outcomes import AuditOutcomes
from app.store.objections import ObjectionStep, StoredObjection
from app.wiring_types import Parts


@dataclass(frozen=True, slots=True)
class WholeObjection:
    """An objection with what it is shown with; `reports`: number, version, whether superseded."""

    objection: StoredObjection
    case_reference: str
    steps: tuple[ObjectionStep, ...]
    deciders: frozenset[str]
    recheck_status: str | None
    before: Mapping[str, str]
    after: Mapping[str, str]
    reports: Mapping[str, tuple[str, int, bool]]
    people: Mapping[str, str]


def people_of(
    service: Parts, tx: sa.Connection, who: Looker, ids: Iterable[str | None]
) -> Mapping[str, str]:
    """Names of colleagues, by id; to a client system staff are ids."""
    some = [one for one in ids if one is not None]
    return service.staffing.accounts.names(tx, some) if who.is_staff else {}


def whole_of(
    service: Parts, tx: sa.Connection, who: Looker, one: StoredObjection
) -> WholeObjection:
    """All that is stored about it."""
    handling, shelf = service.objection_handling, service.shelf
    recheck, of = one.recheck_id, one.verification_id
    outcomes, ids = AuditOutcomes(), [id_ for id_ in (of, recheck) if id_ is not None]
    found = service.reports.versions_of(tx, ids)
    steps = tuple(handling.stored.steps(tx, one.id))
    actors = (one.client_id, one.handler, one.decided_by, *(step.actor for step in steps))
    return WholeObjection(
        objection=one,
        case_reference=shelf.verifications.get(tx, of, region="").request.case_reference,
        steps=steps,
        deciders=handling.stored.deciders(tx, of),
        recheck_status=None
        if recheck is None
        else shelf.verifications.get(tx, recheck, region="").status,
        before=outcomes.decided(tx, of),
        after={} if recheck is None else outcomes.decided(tx, recheck),
        reports={
            id_: (number, version, gone is not None)
            for id_, (number, version, gone) in found.items()
        },
        people=people_of(service, tx, who, actors),
    )


def recheck_state(service: Parts, tx: sa.Connection, one: StoredObjection) -> RecheckState:
    """What a decision needs to know of the newest recheck."""
    if one.recheck_id is None:
        return RecheckState(None, has_report=False)
    status = service.shelf.verifications.status_of(tx, one.recheck_id)
    reports = service.reports.versions_of(tx, (one.verification_id, one.recheck_id))
    first, later = (reports.get(id_) for id_ in (one.verification_id, one.recheck_id))
    return RecheckState(status, has_report=later is not None and first != later)


def row_document(
    service: Parts, who: Looker, one: StoredObjection, case_reference: str
) -> dict[str, Any]:
    """As a list has it."""
    left = _left(service, one, china_day(service.now()))
    return {
        "id": one.id,
        "verification": one.verification_id,
        "case_reference": case_reference,
        "region": one.region,
        "state": one.state,
        "value_kind": one.value_kind,
        "filed_at": rfc3339(one.filed_at),
        "received_on": None if one.received_on is None else one.received_on.isoformat(),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "days_left": left,
        "overdue": left is not None and left < 0,
        "in_time": one.in_time,
        "proposal": one.proposal,
        "handler": one.handler,
        "mine": one.handler == who.actor,
    }


def _left(service: Parts, one: StoredObjection, today: date) -> int | None:
    """Of what is open."""
    if one.due_on is None or not one.is_open:
        return None
    return service.objection_handling.terms.days_left(one.due_on, today)


def whole_document(service: Parts, who: Looker, whole: WholeObjection) -> dict[str, Any]:
    """With all that was done about it."""
    one = whole.objection
    said = orjson.loads(one.text)
    recheck = None
    if one.recheck_id is not None:
        recheck = {"id": one.recheck_id, "status": whole.recheck_status}
    return {
        **row_document(service, who, one, whole.case_reference),
        "version": one.version,
        "filed_by": one.client_id,
        "by": said["by"],
        "about": said["about"],
        "reason": said["reason"],
        "value": said.get("value"),
        "term": service.objection_handling.terms.reference,
        "recheck": recheck,
        "outcomes": [
            {"programme": name, "before": before, "after": whole.after.get(name)}
            for name, before in whole.before.items()
        ],
        "report": _report(whole, one.verification_id),
        "later_report": _report(whole, one.recheck_id),
        "handled_by_others": who.actor in whole.deciders,
        "decided_by": one.decided_by,
        "decided_at": rfc3339(one.decided_at),
        "answer": one.answer,
        "steps": [_step(step) for step in whole.steps],
        "people": dict(whole.people),
    }


def _report(whole: WholeObjection, id_: str | None) -> dict[str, Any] | None:
    found = None if id_ is None else whole.reports.get(id_)
    if found is None:
        return None
    number, version, superseded = found
    return {"verification": id_, "number": number, "version": version, "superseded": superseded}


def _step(step: ObjectionStep) -> dict[str, Any]:
    return {
        "number": step.number,
        "action": step.action,
        "actor": step.actor,
        "at": rfc3339(step.at),
        "words": step.words or None,
    }
