"""What the counts come to: shares, rates and means of a topic 统计, small cells left out."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from app.domain.period import month_of, plus_months
from app.report.statistic_rows import (
    Row,
    Values,
    error_row,
    finding_row,
    objection_row,
    outcome_row,
    review_row,
    source_row,
    term_row,
    verification_values,
)
from app.store.counts import COUNTY_DIGITS
from app.store.distinct import Distinct
from app.store.statistics import WHOLE, By, CountQuery, Groups, Statistics, instant

FEWEST: Final = 5
"""Smaller cells below county level are not told: who they are could be guessed."""
_DAY: Final = timedelta(days=1)


class Topic(StrEnum):
    """What is asked for."""

    VERIFICATIONS = "verifications"
    SOURCES = "sources"
    OUTCOMES = "outcomes"
    FINDINGS = "findings"
    REVIEWS = "reviews"
    OBJECTIONS = "objections"
    TIMELINESS = "timeliness"
    ERROR_RATES = "error_rates"


_ANY: Final = frozenset({By.REGION, By.PERIOD})
BREAKDOWNS: Final[Mapping[Topic, frozenset[By]]] = {
    Topic.VERIFICATIONS: _ANY | {By.PROGRAMME},
    Topic.SOURCES: _ANY | {By.SOURCE},
    Topic.OUTCOMES: _ANY | {By.PROGRAMME},
    Topic.FINDINGS: _ANY,
    Topic.REVIEWS: _ANY | {By.SOURCE},
    Topic.OBJECTIONS: _ANY | {By.PROGRAMME},
    Topic.TIMELINESS: _ANY | {By.PROGRAMME},
    Topic.ERROR_RATES: _ANY | {By.PROGRAMME},
}
"""What each topic can be broken down by, and limited to: sources are asked for all programmes."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which counts; the term in days, and today, for what is late."""

    query: CountQuery
    term_days: int
    today: date


@dataclass(frozen=True, slots=True)
class Told:
    """A topic as a whole and broken down."""

    total: Values
    rows: Mapping[str, Row]


def time_before(query: CountQuery) -> CountQuery:
    """The time before, of the same length: in months where months are whole, else in days."""
    after, last = query.until + _DAY, query.since - _DAY
    first = query.since - (after - query.since)
    if query.since.day == 1 and after.day == 1:
        months = (after.year - query.since.year) * 12 + after.month - query.since.month
        first = plus_months(month_of(query.since), -months)
    return replace(query, since=first, until=last)


def disclosed(rows: Mapping[str, Row], query: CountQuery) -> Mapping[str, Row]:
    """Rows of places below county level without their values, where they are about 1 to 4.

    Where that leaves out a single row, the next smallest goes too: the total would tell it.
    """
    if query.by is not By.REGION or query.level <= COUNTY_DIGITS:
        return rows
    small = {name for name, row in rows.items() if 0 < row.size < FEWEST}
    others = [name for name, row in rows.items() if name not in small and row.size]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda name: (rows[name].size, name)))
    return {name: Row(row.size, None) if name in small else row for name, row in rows.items()}


class Reader:
    """Reads a topic's counts and says what they come to."""

    def __init__(self) -> None:
        self._counts = Statistics()
        self._distinct = Distinct()
        self._topics: Mapping[Topic, Callable[[sa.Connection, Question], Mapping[str, Row]]] = {
            Topic.VERIFICATIONS: self._verifications,
            Topic.SOURCES: self._sources,
            Topic.OUTCOMES: self._outcomes,
            Topic.FINDINGS: self._findings,
            Topic.REVIEWS: self._reviews,
            Topic.OBJECTIONS: self._objections,
            Topic.TIMELINESS: self._timeliness,
            Topic.ERROR_RATES: self._error_rates,
        }

    def read(self, tx: sa.Connection, topic: Topic, question: Question) -> Told:
        """The topic as a whole, and its rows in order where it is broken down."""
        rows = dict(sorted(self._topics[topic](tx, question).items()))
        whole = rows.pop(WHOLE)
        return Told(whole.values or {}, disclosed(rows, question.query))

    def _verifications(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        query = question.query
        found = _counted(self._counts.cases, tx, query)
        earlier = _counted(self._counts.cases, tx, time_before(query))
        persons, households = self._different(tx, query)
        rows: dict[str, Row] = {}
        before: Counter[str] | None = None
        for name, sums in sorted(found.items()):
            is_period = query.by is By.PERIOD and name != WHOLE
            past = before if is_period else earlier.get(name)
            different = {
                "different_persons": persons.get(name),
                "different_households": households.get(name),
            }
            rows[name] = Row(sums["persons"], verification_values(sums, past) | different)
            before = sums if is_period else None
        return rows

    def _different(
        self, tx: sa.Connection, query: CountQuery
    ) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Persons and households, each once; none by programme."""
        if query.programme is not None:
            return {}, {}
        persons: dict[str, int] = {}
        households: dict[str, int] = {}
        for one in (query, query.whole) if query.by in _ANY else (query.whole,):
            persons |= self._distinct.persons(tx, one)
            households |= self._distinct.households(tx, one)
        return persons, households

    def _sources(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        found = _counted(self._counts.sources, tx, question.query)
        return {name: source_row(sums) for name, sums in found.items()}

    def _outcomes(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        found = _counted(self._counts.decisions, tx, question.query)
        return {name: outcome_row(sums) for name, sums in found.items()}

    def _findings(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        query = question.query
        codes: dict[str, dict[str, Counter[str]]] = {WHOLE: {}}
        for group, counted in self._counts.findings(tx, query).items():
            for name in {group, WHOLE}:
                for code, sums in counted.items():
                    codes.setdefault(name, {}).setdefault(code, Counter()).update(sums)
        found = _counted(self._counts.cases, tx, query)
        return {name: finding_row(sums, codes.get(name, {})) for name, sums in found.items()}

    def _reviews(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        query = question.query
        found = _counted(self._counts.sources, tx, query)
        if query.by is By.SOURCE or query.source is not None:
            rows = {name: review_row(sums, None) for name, sums in found.items()}
            if query.source is None:
                rows[WHOLE] = review_row(found[WHOLE], self._words(tx, query.whole)[WHOLE])
            return rows
        words = self._words(tx, query)
        return {
            name: review_row(found.get(name, Counter()), words.get(name, Counter()))
            for name in found.keys() | words.keys()
        }

    def _words(self, tx: sa.Connection, query: CountQuery) -> dict[str, Counter[str]]:
        return _counted(self._counts.reviews, tx, query)

    def _objections(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        final = _counted(self._counts.cases, tx, question.query)
        states = _counted(self._counts.objections, tx, question.query)
        return {
            name: objection_row(states.get(name, Counter()), final.get(name, Counter()))
            for name in final.keys() | states.keys()
        }

    def _timeliness(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        query, term = question.query, question.term_days
        found = {name: Counter(days) for name, days in self._counts.terms(tx, query).items()}
        if query.by is By.PROGRAMME:
            whole = Counter(self._counts.terms(tx, query.whole).get(WHOLE, {}))
        else:
            whole = sum(found.values(), Counter())
        waiting = self._counts.open_since(tx, query, instant(question.today - term * _DAY))
        rows = {name: term_row(days, term, None) for name, days in found.items()}
        return rows | {WHOLE: term_row(whole, term, waiting)}

    def _error_rates(self, tx: sa.Connection, question: Question) -> Mapping[str, Row]:
        query = question.query
        found = _counted(self._counts.decisions, tx, query)
        money: dict[str, Counter[str] | None] = dict.fromkeys(found)
        # Below counties no money is told; of a county as a whole it is, whatever its rows are.
        for one in (query, query.whole):
            if not one.is_below_county:
                told = _counted(self._counts.money, tx, one)
                names = found if one is query else (WHOLE,)
                money |= {name: told.get(name, Counter()) for name in names}
        return {name: error_row(sums, money[name]) for name, sums in found.items()}


def _counted(
    count: Callable[[sa.Connection, CountQuery], Groups], tx: sa.Connection, query: CountQuery
) -> dict[str, Counter[str]]:
    """Each group's sums, and those of the whole; 0 where nothing was counted.

    A verification may be for several programmes: the whole of these is no sum.
    """
    groups = {name: Counter(sums) for name, sums in count(tx, query).items()}
    if query.by is By.PROGRAMME:
        whole = Counter(count(tx, query.whole).get(WHOLE, {}))
    else:
        whole = sum(groups.values(), Counter())
    return groups | {WHOLE: whole}
