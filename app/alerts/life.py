"""The life of an alert 预警处置: who may do what in which state; nothing stops by itself.

Raised → assigned → handled → checked by another person, or sent back and assigned again. A
payment is neither stopped nor lowered before the household was heard or its time to explain is
over: here that is refused, and elsewhere nobody does it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.alerts.kinds import WORK_INCOME
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotAllowed
from app.store.alerts import StoredAlert


class AlertState(StrEnum):
    """How far an alert is."""

    RAISED = "raised"
    ASSIGNED = "assigned"
    HANDLED = "handled"
    CHECKED = "checked"


class AlertOutcome(StrEnum):
    """What handling came to 处置结果."""

    NO_CHANGE = "no_change"  # 维持
    ADJUST = "adjust"  # 调整
    STOP = "stop"  # 停发
    UPGRADE = "upgrade"  # 提档
    FALSE_ALERT = "false_alert"  # 误报


class Action(StrEnum):
    """A step of the handling."""

    RAISED = "raised"
    ASSIGNED = "assigned"
    EXPLAINED = "explained"
    HANDLED = "handled"
    SENT_BACK = "sent_back"
    CHECKED = "checked"


ADVERSE: Final = frozenset({AlertOutcome.ADJUST, AlertOutcome.STOP})
_BEFORE_HANDLED: Final = (AlertState.RAISED, AlertState.ASSIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What somebody who handled an alert found; `grace_months` 渐退期: income from work."""

    outcome: AlertOutcome
    reason: str = field(repr=False)
    evidence_reference: str | None = field(default=None, repr=False)
    grace_months: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What was done with an alert: who handled it in any round, whether it was explained."""

    handlers: frozenset[str]
    is_explained: bool


def moved(
    alert: StoredAlert,
    state: AlertState,
    now: datetime,
    *,
    outcome: AlertOutcome | None = None,
    to: str | None = None,
) -> StoredAlert:
    """The alert one version on."""
    return replace(
        alert,
        state=state.value,
        outcome=None if outcome is None else outcome.value,
        assigned_to=to or alert.assigned_to,
        changed_at=now,
        version=alert.version + 1,
    )


def assigned(alert: StoredAlert, to: str, now: datetime) -> StoredAlert:
    """Somebody's to handle; again: somebody else's. Raises Conflict."""
    _must_be(alert, _BEFORE_HANDLED)
    return moved(alert, AlertState.ASSIGNED, now, to=to)


def explained(alert: StoredAlert, now: datetime) -> StoredAlert:
    """The household was heard, in whatever state before it is handled. Raises Conflict."""
    _must_be(alert, _BEFORE_HANDLED)
    return moved(alert, AlertState(alert.state), now)


def handled(
    alert: StoredAlert, result: Result, past: Past, who: tuple[str, datetime]
) -> StoredAlert:
    """What came of it. Raises Conflict, NotAllowed, InvalidRequest."""
    by, now = who
    _must_be(alert, (AlertState.ASSIGNED,))
    if alert.assigned_to != by:
        raise NotAllowed("the alert is assigned to somebody else: have it assigned to you")
    _must_fit(alert, result)
    is_heard = past.is_explained or alert.explain_until is None or now >= alert.explain_until
    if result.outcome in ADVERSE and not is_heard:
        raise Conflict(
            "nothing is lowered or stopped before the household was heard, or its time to "
            "explain is over"
        )
    return moved(alert, AlertState.HANDLED, now, outcome=result.outcome)


def _must_fit(alert: StoredAlert, result: Result) -> None:
    faults = []
    if result.outcome in ADVERSE and not result.evidence_reference:
        words = "what is lowered or stopped rests on evidence: name it"
        faults.append(FieldError("/evidence_reference", "alert.no_evidence", words))
    if result.outcome is AlertOutcome.STOP and alert.positive:
        words = "an alert in the household's favour stops nothing"
        faults.append(FieldError("/outcome", "alert.positive", words))
    granted = result.grace_months is not None
    graced = result.outcome in ADVERSE and alert.kind in {kind.value for kind in WORK_INCOME}
    if granted and not graced:
        words = "a grace period is for income from work that lowers or stops a payment"
        faults.append(FieldError("/grace_months", "alert.no_grace", words))
    if faults:
        raise InvalidRequest(tuple(faults))


def checked(
    alert: StoredAlert, past: Past, who: tuple[str, datetime], *, agrees: bool
) -> StoredAlert:
    """Another person agrees, or sends it back to be handled again. Raises Conflict, NotAllowed."""
    by, now = who
    _must_be(alert, (AlertState.HANDLED,))
    if by in past.handlers:
        raise NotAllowed("another person must check what you handled")
    if agrees:
        return moved(alert, AlertState.CHECKED, now, outcome=AlertOutcome(str(alert.outcome)))
    return moved(alert, AlertState.ASSIGNED, now)


def _must_be(alert: StoredAlert, states: Collection[AlertState]) -> None:
    if alert.state not in {state.value for state in states}:
        raise Conflict(f"the alert is {alert.state}")
