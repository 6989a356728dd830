"""Which looks are unusual 异常访问: rules over one day of what members of staff looked at. Pure.

Every rule has a code and says by which entries it fired; none of them accuses anybody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from app.audit.look_rules import LookCalendar, UnusualRules
from app.domain.instants import CHINA, china_day

_EVIDENCE: Final = 20
_HOUR: Final = timedelta(hours=1)


class Code(StrEnum):
    """What is unusual."""

    NO_CASE = "no_case"
    RELATED_CASE = "related_case"
    SAME_SURNAME = "same_surname"
    SAME_HOME = "same_home"
    MANY_PERSONS = "many_persons"
    OUT_OF_HOURS = "out_of_hours"
    PROTECTED_PERSON = "protected_person"
    SAME_CASE_AGAIN = "same_case_again"
    MANY_HOUSEHOLDS = "many_households"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A look, or an attempt at one (`refused` says why), with what is known of the case.

    `case`: of a single one; `listed`: those of a list; `households`: how many a file showed.
    """

    position: int
    at: datetime
    actor: str
    case: str | None = None
    persons: int = 0
    refused: str | None = None
    listed: frozenset[str] = frozenset()
    households: int = 0
    same_surname: bool = False
    same_home: bool = False
    is_protected: bool = False
    is_system: bool = False
    """Of a partner of the registry interface: it has no hours, no kin and no home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """One rule that fired for one actor; `entries`: positions in the trail, the first of them."""

    actor: str
    code: Code
    count: int
    first_at: datetime
    last_at: datetime
    entries: tuple[int, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The day that is told of, and what holds on it."""

    day: date
    calendar: LookCalendar

    @property
    def rules(self) -> UnusualRules:
        return self.calendar.in_force(self.day).unusual

    def is_in_office(self, at: datetime) -> bool:
        local = at.astimezone(CHINA)
        opens, closes = self.rules.office_opens, self.rules.office_closes
        return self.calendar.is_working_day(local.date()) and opens <= local.time() < closes


def unusual_of(day: Day, seen: Iterable[Seen]) -> list[Unusual]:
    """By actor and code. `seen` may begin earlier, for what is counted over several days."""
    by_actor: dict[str, list[Seen]] = defaultdict(list)
    for one in sorted(seen, key=lambda one: (one.at, one.position)):
        by_actor[one.actor].append(one)
    return [
        _finding(actor, code, fired)
        for actor, all_of in sorted(by_actor.items())
        for code, rule in (_RULES_OF_SYSTEMS if all_of[0].is_system else _RULES).items()
        if (fired := list(rule(day, all_of)))
    ]


def _finding(actor: str, code: Code, fired: Sequence[Seen]) -> Unusual:
    cases = dict.fromkeys(one.case for one in fired if one.case is not None)
    return Unusual(
        actor=actor,
        code=code,
        count=len(fired),
        first_at=fired[0].at,
        last_at=fired[-1].at,
        entries=tuple(one.position for one in fired[:_EVIDENCE]),
        cases=tuple(cases)[:_EVIDENCE],
    )


def _today(day: Day, seen: Iterable[Seen]) -> list[Seen]:
    return [one for one in seen if china_day(one.at) == day.day]


def _no_case(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if one.refused == "not_assigned")


def _related_case(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if one.refused == "related")


def _same_surname(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if one.same_surname)


def _same_home(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if one.same_home)


def _protected(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if one.is_protected)


def _out_of_hours(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    return (one for one in _today(day, seen) if not day.is_in_office(one.at))


def _many_persons(day: Day, seen: Sequence[Seen]) -> list[Seen]:
    """All looks of hours in which more persons were looked at than anybody's work needs."""
    looks = [one for one in _today(day, seen) if one.case is not None and one.refused is None]
    fired: dict[int, Seen] = {}
    for first, begin in enumerate(looks):
        within = [one for one in looks[first:] if one.at - begin.at < _HOUR]
        persons = {one.case: one.persons for one in within}
        if sum(persons.values()) > day.rules.persons_an_hour:
            fired.update({one.position: one for one in within})
    return [fired[position] for position in sorted(fired)]


def _same_case_again(day: Day, seen: Sequence[Seen]) -> Iterator[Seen]:
    """Today's looks at cases to which somebody came back more often than work on one takes."""
    visits: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.case is not None and one.refused is None:
            visits[one.case].append(one)
    for some in visits.values():
        if _visits(some, day.rules) > day.rules.visits_of_one_case:
            yield from _today(day, some)


def _visits(looks: Sequence[Seen], rules: UnusualRules) -> int:
    """Looks within a while of the last one are one visit."""
    apart = timedelta(minutes=rules.minutes_of_a_visit)
    return 1 + sum(after.at - before.at > apart for before, after in pairwise(looks))


def _many_households(day: Day, seen: Sequence[Seen]) -> list[Seen]:
    """Lists and files that together show more households than a day's work needs."""
    some = [one for one in _today(day, seen) if one.households or one.listed]
    listed = frozenset[str]().union(*(one.listed for one in some))
    households = len(listed) + sum(one.households for one in some)
    return some if households > day.rules.households_a_day else []


_Rule = Callable[[Day, Sequence[Seen]], Iterable[Seen]]
_RULES: Final[Mapping[Code, _Rule]] = {
    Code.NO_CASE: _no_case,
    Code.RELATED_CASE: _related_case,
    Code.SAME_SURNAME: _same_surname,
    Code.SAME_HOME: _same_home,
    Code.MANY_PERSONS: _many_persons,
    Code.OUT_OF_HOURS: _out_of_hours,
    Code.PROTECTED_PERSON: _protected,
    Code.SAME_CASE_AGAIN: _same_case_again,
    Code.MANY_HOUSEHOLDS: _many_households,
}
_RULES_OF_SYSTEMS: Final = {
    code: _RULES[code] for code in (Code.PROTECTED_PERSON, Code.MANY_HOUSEHOLDS)
}
"""A system asks as often as people apply; what it lists without naming anybody is another thing."""
