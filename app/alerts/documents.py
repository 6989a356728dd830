"""Alerts as the interface shows them: a line of the list, a whole one, the counts."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from app.access.masking import Mask, masked_name
from app.alerts.handling import WholeAlert
from app.alerts.life import AlertState
from app.alerts.origins import sources_of
from app.domain.errors import FieldError, InvalidRequest
from app.domain.household import VerificationRequest
from app.domain.instants import rfc3339
from app.store.alerts import AlertCount, AlertPlace, AlertStep, StoredAlert

_BETWEEN: Final = "~"
_PLACES: Final = 6


def place_of(text: str) -> AlertPlace:
    """The place that `cursor_of` wrote; raises InvalidRequest."""
    number, found, id_ = text.partition(_BETWEEN)
    try:
        rank = float(number)
    except ValueError:
        rank = math.nan
    if not found or not math.isfinite(rank):
        words = "`after` is that of the page before"
        raise InvalidRequest((FieldError("/after", "page.invalid", words),))
    return AlertPlace(rank, id_)


def cursor_of(alert: StoredAlert) -> str:
    """The alert's place in the order, exactly."""
    return f"{alert.rank!r}{_BETWEEN}{alert.id}"


def listed_document(alert: StoredAlert, now: datetime) -> dict[str, Any]:
    """An alert as the list shows it: what it is about, not what was found."""
    is_late = alert.due_at is not None and now >= alert.due_at
    return {
        "id": alert.id,
        "verification": alert.verification_id,
        "case_reference": alert.case_reference,
        "recipient": alert.recipient_id,
        "region": alert.region,
        "kind": alert.kind,
        "positive": alert.positive,
        "decisive": alert.decisive,
        "rank": round(alert.rank, _PLACES),
        "person": alert.person,
        "state": alert.state,
        "outcome": alert.outcome,
        "raised_at": rfc3339(alert.raised_at),
        "explain_until": rfc3339(alert.explain_until),
        "due_at": rfc3339(alert.due_at),
        "overdue": is_late and alert.state != AlertState.CHECKED,
        "assigned_to": alert.assigned_to,
        "changed_at": rfc3339(alert.changed_at),
        "version": alert.version,
        "repeats": alert.repeats,
        "repeated_at": rfc3339(alert.repeated_at),
    }


def facts_document(alert: StoredAlert, request: VerificationRequest | None) -> dict[str, Any]:
    """What was found, with masked names of the household's head and of the person it is about.

    `request`: None where it is not kept any more.
    """
    told = orjson.loads(alert.told)
    household = None if request is None else request.household
    persons = () if household is None else household.persons
    return {
        "household": masked_name(household.members[0].name) if household is not None else None,
        "person_name": next(
            (masked_name(one.name) for one in persons if one.ref == alert.person), None
        ),
        "sources": list(sources_of(alert.kind)),
        "before": told["before"],
        "after": told["after"],
        "money_monthly": told["money_monthly"],
    }


def listed_facts(alert: StoredAlert, request: VerificationRequest | None) -> dict[str, Any]:
    """As a list has them: number plates and addresses masked, for nobody opened the alert yet."""
    facts = facts_document(alert, request)
    return {**facts, "before": _masked(facts["before"]), "after": _masked(facts["after"])}


def _masked(text: str) -> str:
    """Of `plate=…; kind=…`."""
    parts = [one.partition("=") for one in text.split("; ")]
    if any(not sign for _, sign, _ in parts):
        return Mask().text(text)
    told = Mask().record({name: value for name, _, value in parts}, ())
    return "; ".join(f"{name}={value}" for name, value in told.items())


def whole_document(
    whole: WholeAlert, now: datetime, request: VerificationRequest | None, people: Mapping[str, str]
) -> dict[str, Any]:
    """An alert with what changed and every step of its handling; `people`: names by id."""
    return {
        **listed_document(whole.alert, now),
        **facts_document(whole.alert, request),
        "people": dict(people),
        "steps": [_step(one) for one in whole.steps],
    }


def _step(one: AlertStep) -> dict[str, Any]:
    words: Mapping[str, Any] = orjson.loads(one.words)
    return {
        "number": one.number,
        "action": one.action,
        "actor": one.actor,
        "at": rfc3339(one.at),
        "to": words.get("to"),
        "outcome": words.get("outcome"),
        "words": words.get("words") or words.get("reason"),
        "evidence_reference": words.get("evidence_reference"),
        "grace_months": words.get("grace_months"),
    }


def counts_document(counts: Sequence[AlertCount]) -> dict[str, Any]:
    """By kind and state, and all together."""
    return {
        "alerts": sum(one.alerts for one in counts),
        "decisive": sum(one.decisive for one in counts),
        "counts": [
            {
                "kind": one.kind,
                "state": one.state,
                "alerts": one.alerts,
                "decisive": one.decisive,
            }
            for one in counts
        ],
    }
