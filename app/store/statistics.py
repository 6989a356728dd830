"""What was counted, summed over a region, a time and what it is broken down by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

import sqlalchemy as sa

from app.store.base import in_region
from app.store.counts import COUNTY_DIGITS, values_of
from app.store.tables import decision, verification
from app.store.tables_facts import (
    case_count,
    finding_count,
    money_count,
    source_count,
    term_count,
)
from app.store.tables_objections import objection
from app.store.tables_review import review_decision
from app.store.verifications import OPEN_STATUSES

Sums: TypeAlias = Mapping[str, int]
Groups: TypeAlias = Mapping[str, Sums]
"""Sums by name, for each region, programme, source or period."""
WHOLE: Final = ""
"""The one group where nothing is broken down; and the programme of a verification as a whole."""
_CHINA_IS_AHEAD: Final = timedelta(hours=8)
_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = date(1970, 1, 1)


class By(StrEnum):
    """What a statistic is broken down by."""

    REGION = "region"
    PROGRAMME = "programme"
    SOURCE = "source"
    PERIOD = "period"


class Period(StrEnum):
    """How long a piece of time is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQuery:
    """Whose, when (both days included, China's), and broken down by what.

    `region` is a prefix; `level` the digits of the regions that are told apart.
    """

    region: str
    since: date
    until: date
    by: By | None = None
    level: int = COUNTY_DIGITS
    period: Period = Period.MONTH
    programme: str | None = None
    source: str | None = None

    @property
    def is_below_county(self) -> bool:
        """Counted by whole months then."""
        finer = self.by is By.REGION and self.level > COUNTY_DIGITS
        return finer or len(self.region) > COUNTY_DIGITS

    @property
    def whole(self) -> "CountQuery":
        """The same, not broken down."""
        return replace(self, by=None)

    def within(self, at: "sa.ColumnElement[Any]") -> "sa.ColumnElement[bool]":
        """Whether an instant lies in the time."""
        return sa.and_(at >= instant(self.since), at < instant(self.until + _DAY))


def instant(day: date) -> datetime:
    """The beginning of China's day."""
    return datetime.combine(day, time(), tzinfo=UTC) - _CHINA_IS_AHEAD


def micros(at: datetime) -> int:
    """An instant as it is stored (see base.Instant)."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def period_of(day: date, period: Period) -> str:
    """`2026-11-24`, `2026-11`, `2026-Q4` or `2026`."""
    match period:
        case Period.DAY:
            return day.isoformat()
        case Period.MONTH:
            return f"{day:%Y-%m}"
        case Period.QUARTER:
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case Period.YEAR:
            return f"{day.year}"
        case _:
            assert_never(period)


class Statistics:
    """Sums over the counts; each is a statement or two, whatever the number of cases."""

    def cases(self, tx: sa.Connection, query: CountQuery) -> Groups:
        """Of verifications as a whole, or of those for the programme that is named."""
        return _sums(tx, case_count, query, _of_programme(case_count, query))

    def decisions(self, tx: sa.Connection, query: CountQuery) -> Groups:
        """Of decisions: one a verification and programme."""
        programme = case_count.c.programme
        every = programme != WHOLE if query.programme is None else programme == query.programme
        return _sums(tx, case_count, query, every)

    def sources(self, tx: sa.Connection, query: CountQuery) -> Groups:
        every = sa.true() if query.source is None else source_count.c.source == query.source
        return _sums(tx, source_count, query, every)

    def findings(self, tx: sa.Connection, query: CountQuery) -> Mapping[str, Groups]:
        """By group and code of the finding."""
        found: dict[str, dict[str, Sums]] = {}
        for (group, code), sums in _grouped(tx, finding_count, query, (sa.true(), "code")).items():
            found.setdefault(group, {})[code] = sums
        return found

    def terms(self, tx: sa.Connection, query: CountQuery) -> Mapping[str, Mapping[int, int]]:
        """By group: how many became final after so many days."""
        found: dict[str, dict[int, int]] = {}
        chosen = (_of_programme(term_count, query), "days")
        for (group, days), sums in _grouped(tx, term_count, query, chosen).items():
            found.setdefault(group, {})[int(days)] = sums["final"]
        return found

    def money(self, tx: sa.Connection, query: CountQuery) -> Groups:
        """Expected fen a month, by whole counties and the whole months that the time touches."""
        table = money_count
        rows = [in_region(table.c.region, query.region)]
        rows.append(table.c.month.between(query.since.replace(day=1), query.until))
        if query.programme is not None:
            rows.append(table.c.programme == query.programme)
        found = _added(tx, table, query, (rows, (_group(table, query, table.c.month),)))
        return {group: sums for (group,), sums in found.items()}

    def objections(self, tx: sa.Connection, query: CountQuery) -> Groups:
        """Filed in the time, by how they stand now; with `+` what was decided within the term.

        One to a decision for several programmes counts for each of them.
        """
        table, of = objection.c, decision.c
        word = sa.case((table.kept_term.is_(True), table.state + "+"), else_=table.state)
        if query.by is not By.PROGRAMME and query.programme is None:
            return _told(tx, query, (table.region, table.filed_at, word))
        its = sa.select(of.verification_id, of.programme).distinct().subquery()
        place = _place_or_day(table.region, table.filed_at, query)
        place = its.c.programme if query.by is By.PROGRAMME else place
        asked = sa.select(place.label("place"), word.label("word"), _COUNT).select_from(objection)
        asked = asked.join(its, its.c.verification_id == table.verification_id)
        asked = asked.where(in_region(table.region, query.region), query.within(table.filed_at))
        if query.programme is not None:
            asked = asked.where(its.c.programme == query.programme)
        return _counted_words(tx.execute(asked.group_by("place", "word")), query)

    def reviews(self, tx: sa.Connection, query: CountQuery) -> Groups:
        """Reviewers' words in the time: `decided`, and `reversed` where one takes one back."""
        table = review_decision.c
        word = sa.case((table.reverses.is_(None), "decided"), else_="reversed")
        return _told(tx, query, (table.region, table.decided_at, word))

    def open_since(self, tx: sa.Connection, query: CountQuery, before: datetime) -> int:
        """Verifications that are not final yet and were asked for before that moment."""
        count: int = tx.execute(
            sa.select(sa.func.count()).where(
                verification.c.status.in_(OPEN_STATUSES),
                in_region(verification.c.region, query.region),
                verification.c.requested_at < before,
            )
        ).scalar_one()
        return count


_Key: TypeAlias = tuple[Any, ...]
_Chosen: TypeAlias = "tuple[list[sa.ColumnElement[bool]], tuple[sa.ColumnElement[Any], ...]]"


def _of_programme(table: sa.Table, query: CountQuery) -> "sa.ColumnElement[bool]":
    programme = table.c.programme
    if query.by is By.PROGRAMME:
        return programme != WHOLE
    return programme == (query.programme or WHOLE)


def _sums(
    tx: sa.Connection, table: sa.Table, query: CountQuery, rows: "sa.ColumnElement[bool]"
) -> Groups:
    return {key[0]: sums for key, sums in _grouped(tx, table, query, (rows, None)).items()}


def _grouped(
    tx: sa.Connection,
    table: sa.Table,
    query: CountQuery,
    chosen: "tuple[sa.ColumnElement[bool], str | None]",
) -> Mapping[_Key, Sums]:
    """Sums by group, and by the column that is named besides."""
    rows = [
        table.c.span == ("month" if query.is_below_county else "day"),
        in_region(table.c.region, query.region),
        table.c.day.between(query.since, query.until),
        chosen[0],
    ]
    more: tuple[sa.ColumnElement[Any], ...] = ()
    if chosen[1] is not None:
        more = (table.c[chosen[1]],)
    return _added(tx, table, query, (rows, (_group(table, query, table.c.day), *more)))


def _added(
    tx: sa.Connection, table: sa.Table, query: CountQuery, chosen: _Chosen
) -> Mapping[_Key, Sums]:
    rows, keys = chosen
    names = values_of(table)
    sums = [sa.func.sum(table.c[name]) for name in names]
    found = tx.execute(sa.select(*keys, *sums).where(*rows).group_by(*keys))
    together: dict[_Key, dict[str, int]] = {}
    for row in found:
        key = (_name_of(row[0], query), *row[1 : len(keys)])
        into = together.setdefault(key, dict.fromkeys(names, 0))
        for name, value in zip(names, row[len(keys) :], strict=True):
            into[name] += int(value)
    return together


def _group(
    table: sa.Table, query: CountQuery, day: "sa.ColumnElement[date]"
) -> "sa.ColumnElement[Any]":
    """What rows are put together by; days become periods afterwards."""
    match query.by:
        case None:
            return sa.literal(WHOLE)
        case By.REGION:
            return sa.func.substr(table.c.region, 1, query.level)
        case By.PERIOD:
            return day
        case By.PROGRAMME | By.SOURCE:
            return table.c[query.by.value]
        case _:
            assert_never(query.by)


def _name_of(group: Any, query: CountQuery) -> str:
    return period_of(group, query.period) if query.by is By.PERIOD else str(group)


def _told(
    tx: sa.Connection,
    query: CountQuery,
    columns: "tuple[sa.Column[str], sa.Column[datetime], sa.ColumnElement[str]]",
) -> Groups:
    """Rows of another table counted by a word: `columns` are region, instant and the word."""
    region, at, word = columns
    rows = tx.execute(
        sa.select(_place_or_day(region, at, query).label("place"), word.label("word"), _COUNT)
        .where(in_region(region, query.region), query.within(at))
        .group_by("place", "word")
    )
    return _counted_words(rows, query)


_COUNT: Final = sa.func.count()


def _place_or_day(
    region: "sa.Column[str]", at: "sa.Column[datetime]", query: CountQuery
) -> "sa.ColumnElement[Any]":
    if query.by is By.REGION:
        return sa.func.substr(region, 1, query.level)
    if query.by is By.PERIOD:
        number = sa.type_coerce(at, sa.BigInteger) + _CHINA_IS_AHEAD // _MICROSECOND
        return number // (_DAY // _MICROSECOND)
    return sa.literal(WHOLE)


def _counted_words(rows: Iterable[Any], query: CountQuery) -> Groups:
    found: dict[str, dict[str, int]] = {}
    for place, word, count in rows:
        day = _EPOCH + int(place) * _DAY if query.by is By.PERIOD else place
        words = found.setdefault(_name_of(day, query), {})
        words[word] = words.get(word, 0) + int(count)
    return found
