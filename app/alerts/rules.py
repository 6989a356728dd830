"""The rules 预警规则 of alerts: dated values by region, what raises one, rules of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from app.alerts.changes import Tolerances
from app.alerts.kinds import TRAITS, ChangeKind
from app.domain.errors import ConfigurationError
from app.domain.interval import Interval, Truth, is_at_most, is_below
from app.domain.profile import Totals


class Relation(StrEnum):
    """How a rule of one's own holds a total against its value."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a total."""

    total: str
    relation: Relation
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRule:
    """A rule of one's own 自定义预警: it holds where all its conditions surely do."""

    key: str
    name: Mapping[str, str]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What is in force in a region on a day; `since` and `region` say from when and by whom."""

    region: str
    since: date
    reference: str
    example: bool
    explanation_days: int
    handling_days: int
    compatibility: bool
    grace_months_most: int
    tolerances: Tolerances
    missed_relief_programmes: frozenset[str]
    switched: Mapping[ChangeKind, bool]
    custom_rules: tuple[CustomRule, ...]

    def raises(self, kind: ChangeKind) -> bool:
        """Whether a change of the kind may raise an alert."""
        return self.switched.get(kind, TRAITS[kind].alerts)


class NoRulesInForceError(ConfigurationError):
    """No alert rules are in force in the region on that day."""


@dataclass(frozen=True)
class Rules:
    """All alert rules, by region and day of effect (ascending)."""

    by_region: Mapping[str, tuple[AlertRules, ...]]

    def in_force(self, region: str, day: date) -> AlertRules:
        """The newest of the nearest level that has any by that day. Raises NoRulesInForceError."""
        for length in range(len(region), 0, -1):
            found = self._begun(region[:length], day)
            if found is not None:
                return found
        found = self._begun(WHOLE_COUNTRY, day)
        if found is None:
            raise NoRulesInForceError(
                f"alert rules: none for {region or WHOLE_COUNTRY} on {day}: add earlier values "
                f"under {WHOLE_COUNTRY} to the file that HEDUI_ALERTS names"
            )
        return found

    def _begun(self, region: str, day: date) -> AlertRules | None:
        begun = [one for one in self.by_region.get(region, ()) if one.since <= day]
        return begun[-1] if begun else None


WHOLE_COUNTRY = "all"


def holds(rule: CustomRule, totals: Totals) -> bool:
    """All conditions surely hold; what is not known exactly may not suffice."""
    return all(
        _truth(totals.value(one.total), one.relation, one.value) is Truth.YES
        for one in rule.conditions
    )


def _truth(value: Interval, relation: Relation, limit: Decimal) -> Truth:
    match relation:
        case Relation.ABOVE:
            return _not(is_at_most(value, limit))
        case Relation.AT_LEAST:
            return _not(is_below(value, limit))
        case Relation.BELOW:
            return is_below(value, limit)
        case Relation.AT_MOST:
            return is_at_most(value, limit)
        case _:
            assert_never(relation)


def _not(truth: Truth) -> Truth:
    if truth is Truth.OPEN:
        return truth
    return Truth.NO if truth is Truth.YES else Truth.YES
