"""Rules that raise nothing for a while 暂停规则: with a reason, an end, and an audit entry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.alerts.kinds import TRAITS, ChangeKind
from app.alerts.rules import AlertRules, Rules
from app.audit.chain import AuditTrail
from app.domain.errors import Conflict, FieldError, InvalidRequest
from app.domain.instants import china_day
from app.store.alert_mutes import AlertMutes, KindCount, Mute

LOOKED_BACK: Final = timedelta(days=365)
"""Over so long it is told how often a rule was wrong."""
LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class RuleState:
    """A kind of change as a rule: is it switched on, muted, and what came of its alerts."""

    kind: ChangeKind
    raises: bool
    counted: KindCount | None
    mute: Mute | None

    @property
    def false_rate(self) -> float | None:
        """Of the alerts that were handled; None where none was."""
        if self.counted is None or not self.counted.handled:
            return None
        return self.counted.false / self.counted.handled


@dataclass(frozen=True, kw_only=True)
class Muting:
    """Mutes rules in a caller's own region, each in one transaction of the caller's."""

    mutes: AlertMutes
    rules: Rules
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    def states(self, tx: sa.Connection, region: str) -> Sequence[RuleState]:
        """Of every kind that is raised there, was raised there, or is muted there."""
        today = china_day(self.now())
        in_force = self.rules.in_force(region, today)
        counted = {one.kind: one for one in self.mutes.counts(tx, region, self.now() - LOOKED_BACK)}
        mutes = {one.kind: one for one in reversed(self.mutes.in_force(tx, region, today))}
        return [
            RuleState(kind, in_force.raises(kind), counted.get(kind), mutes.get(kind))
            for kind in TRAITS
            if _is_told(in_force, kind, counted, mutes)
        ]

    def mute(
        self, tx: sa.Connection, who: Caller, kind: ChangeKind, wanted: tuple[date, str]
    ) -> None:
        """`wanted`: the last day of it, and the reason. Raises InvalidRequest and Conflict."""
        until_on, reason = wanted
        now = self.now()
        today = china_day(now)
        if not today <= until_on <= today + LONGEST:
            words = f"from today on, at most {LONGEST.days} days"
            raise InvalidRequest((FieldError("/until", "mute.until", words),))
        if self.mutes.muted(tx, who.region, {kind.value}, today):
            raise Conflict("the rule is muted there already: end that first")
        new = Mute(
            id=self.new_id("am"),
            region=who.region,
            kind=kind.value,
            until_on=until_on,
            reason=reason,
            muted_by=who.actor,
            muted_at=now,
        )
        self.mutes.add(tx, new)
        self._note(tx, who, "alert_rule_muted", {"rule": kind.value, "until": str(until_on)})

    def unmute(self, tx: sa.Connection, who: Caller, kind: ChangeKind) -> None:
        """Raises Conflict where it is not muted, or a region above muted it."""
        if not self.mutes.end(tx, kind.value, who.region, who.actor, self.now()):
            raise Conflict("the rule is not muted by this region")
        self._note(tx, who, "alert_rule_unmuted", {"rule": kind.value})

    def _note(self, tx: sa.Connection, who: Caller, action: str, details: dict[str, str]) -> None:
        about = (f"rule:{details['rule']}", who.region)
        self.audit.append(tx, actor=who.actor, action=action, about=about, details=details)


def _is_told(
    rules: AlertRules,
    kind: ChangeKind,
    counted: Mapping[str, KindCount],
    mutes: Mapping[str, Mute],
) -> bool:
    return rules.raises(kind) or kind in counted or kind in mutes
