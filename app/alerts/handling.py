"""The handling of alerts 预警处置 on the stores: every step is kept and audited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.access.roles import scopes_of
from app.alerts.life import (
    Action,
    AlertOutcome,
    Past,
    Result,
    assigned,
    checked,
    explained,
    handled,
)
from app.alerts.rules import Rules
from app.audit.chain import AuditTrail
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotFound
from app.domain.instants import china_day
from app.store.alerts import Alerts, AlertStep, StoredAlert
from app.store.clients import Clients
from app.store.scope import Crossing, across_in
from app.store.staff import ACTIVE, StaffAccounts, StaffRoles

_SCOPE: Final = "review"


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step with which alert, at which version he or she has read it."""

    alert_id: str
    region: str
    by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the household said 说明; `evidence_reference` names what it showed."""

    words: str
    evidence_reference: str | None = None


@dataclass(frozen=True, slots=True)
class WholeAlert:
    """An alert with all that was done with it."""

    alert: StoredAlert
    steps: tuple[AlertStep, ...]


@dataclass(frozen=True, kw_only=True)
class Handling:
    """Takes steps with alerts, each in one transaction of the caller's."""

    alerts: Alerts
    clients: Clients
    staff: tuple[StaffAccounts, StaffRoles]
    rules: Rules
    audit: AuditTrail
    now: Callable[[], datetime]

    def names(self, tx: sa.Connection, whole: WholeAlert, *, region: str) -> Mapping[str, str]:
        """Of the colleagues who had to do with it, those of the region, by id."""
        ids = {one.actor for one in whole.steps} | {whole.alert.assigned_to or ""}
        return self.staff[0].names(tx, ids, region=region)

    def whole(self, tx: sa.Connection, id_: str, *, region: str) -> WholeAlert:
        """Raises NotFound."""
        alert = self.alerts.get(tx, id_, region=region)
        return WholeAlert(alert, tuple(self.alerts.steps(tx, id_)))

    def assign(self, tx: sa.Connection, step: Step, to: str) -> WholeAlert:
        """To oneself, or to a client that may handle it there."""
        alert = self._read(tx, step)
        if to != step.by:
            self._check_assignee(tx, alert, to)
        after = assigned(alert, to, self.now())
        return self._kept(tx, step, after, (Action.ASSIGNED, {"to": to}))

    def explain(self, tx: sa.Connection, step: Step, given: Explanation) -> WholeAlert:
        """The household was heard."""
        after = explained(self._read(tx, step), self.now())
        words = {"words": given.words, "evidence_reference": given.evidence_reference}
        return self._kept(tx, step, after, (Action.EXPLAINED, words))

    def handle(self, tx: sa.Connection, step: Step, result: Result) -> WholeAlert:
        """What came of it; no payment is touched here."""
        alert, now = self._read(tx, step), self.now()
        self._check_grace(alert, result)
        after = handled(alert, result, self._past(tx, alert), (step.by, now))
        words = {
            "outcome": result.outcome.value,
            "reason": result.reason,
            "evidence_reference": result.evidence_reference,
            "grace_months": result.grace_months,
        }
        return self._kept(tx, step, after, (Action.HANDLED, words))

    def check(self, tx: sa.Connection, step: Step, reason: str, *, agrees: bool) -> WholeAlert:
        """Another person's word on what was handled 复核."""
        alert = self._read(tx, step)
        past = self._past(tx, alert)
        after = checked(alert, past, (step.by, self.now()), agrees=agrees)
        action = Action.CHECKED if agrees else Action.SENT_BACK
        return self._kept(tx, step, after, (action, {"reason": reason}))

    def _read(self, tx: sa.Connection, step: Step) -> StoredAlert:
        alert = self.alerts.get(tx, step.alert_id, region=step.region)
        if alert.version != step.version:
            raise Conflict("the alert has moved on since: read it again")
        return alert

    def _past(self, tx: sa.Connection, alert: StoredAlert) -> Past:
        steps = self.alerts.steps(tx, alert.id)
        return Past(
            handlers=frozenset(one.actor for one in steps if one.action == Action.HANDLED),
            is_explained=any(one.action == Action.EXPLAINED for one in steps),
        )

    def _check_assignee(self, tx: sa.Connection, alert: StoredAlert, to: str) -> None:
        with across_in(tx, Crossing.ASSIGNEE):
            fits = self._may_handle(tx, alert, to)
        if not fits:
            words = f"must be somebody with the scope {_SCOPE} for the alert's region"
            raise InvalidRequest((FieldError("/to", "alert.assignee", words),))

    def _may_handle(self, tx: sa.Connection, alert: StoredAlert, to: str) -> bool:
        client = self.clients.get(tx, to)
        if client is not None:
            is_one = client.revoked_at is None and _SCOPE in client.scopes
            return is_one and alert.region.startswith(client.region)
        accounts, roles = self.staff
        try:
            account = accounts.get(tx, to)
        except NotFound:
            return False
        scopes = scopes_of(roles.in_force(tx, to, self.now()))
        is_one = account.state == ACTIVE and _SCOPE in scopes
        return is_one and alert.region.startswith(account.region)

    def _check_grace(self, alert: StoredAlert, result: Result) -> None:
        most = self.rules.in_force(alert.region, china_day(self.now())).grace_months_most
        if result.grace_months is not None and result.grace_months > most:
            words = f"a grace period is at most {most} months there"
            raise InvalidRequest((FieldError("/grace_months", "alert.grace_too_long", words),))

    def _kept(
        self,
        tx: sa.Connection,
        step: Step,
        after: StoredAlert,
        done: tuple[Action, Mapping[str, Any]],
    ) -> WholeAlert:
        """The step stored with the alert; its audit entry comes last: appending holds others up."""
        action, words = done
        before = self.alerts.get(tx, after.id, region=after.region)
        new = AlertStep(
            alert_id=after.id,
            number=after.version,
            region=after.region,
            action=action.value,
            actor=step.by,
            at=after.changed_at,
            words=orjson.dumps({name: value for name, value in words.items() if value is not None}),
        )
        self.alerts.move(tx, after, new)
        steps = tuple(self.alerts.steps(tx, after.id))
        moved = {"before": before.state, "after": after.state}
        details = {"kind": after.kind, "version": str(after.version), **moved}
        if after.outcome is not None:
            details["outcome"] = AlertOutcome(after.outcome).value
        self.audit.append(
            tx,
            actor=step.by,
            action=f"alert_{action.value}",
            about=(after.id, after.region),
            details=details,
        )
        return WholeAlert(after, steps)
