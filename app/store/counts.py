"""Counts that grow as things happen: each by day and county, and by month and region."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.scope import Crossing, across_in
from app.store.tables import asking
from app.store.tables_facts import (
    case_count,
    finding_count,
    money_count,
    source_count,
    term_count,
)

CountTable: TypeAlias = Literal[
    "case_count", "source_count", "finding_count", "term_count", "money_count"
]
COUNTY_DIGITS: Final = 6
_TABLES: Final[Mapping[str, sa.Table]] = {
    table.name: table
    for table in (case_count, source_count, finding_count, term_count, money_count)
}


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added to one row: `key` beside span, region and day; what is not named stays."""

    table: CountTable
    key: tuple[str | int, ...]
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MoneyAddition:
    """Expected fen a month of one decision that are paid too much and too little."""

    programme: str
    over_fen: int
    under_fen: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is added for one verification in its region, on China's day."""

    region: str
    day: date
    additions: Sequence[Addition]
    money: Sequence[MoneyAddition] = ()


def values_of(table: sa.Table) -> tuple[str, ...]:
    """The sums among a count's columns."""
    return tuple(column.name for column in table.c if not column.primary_key)


class Counts:
    """Adds to the counts, in the transaction in which the counted thing happens."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[str, str], _Prepared] = {}

    def add(
        self,
        tx: sa.Connection,
        where: tuple[str, date],
        additions: Iterable[Addition],
        money: Sequence[MoneyAddition] = (),
    ) -> None:
        """`where`: the region and China's day."""
        self.add_many(tx, [Counted(*where, tuple(additions), money)])

    def add_many(self, tx: sa.Connection, counted: Iterable[Counted]) -> None:
        """Rows in a fixed order, so that none wait in a ring; what goes to one row goes at once."""
        sums: dict[str, dict[_Key, dict[str, int]]] = {}
        for one in counted:
            for table, key, values in _rows_of(one):
                known = sums.setdefault(table, {}).setdefault(key, {})
                for name, value in values.items():
                    known[name] = known.get(name, 0) + value
        with across_in(tx, Crossing.COUNTS):
            for table in sorted(sums):
                self._execute(tx, table, sums[table])

    def _execute(
        self, tx: sa.Connection, name: str, sums: Mapping["_Key", Mapping[str, int]]
    ) -> None:
        key = (tx.dialect.name, name)
        if key not in self._prepared:
            self._prepared[key] = _Prepared.of(tx.dialect, _TABLES[name])
        prepared = self._prepared[key]
        tx.exec_driver_sql(prepared.sql, prepared.rows(sums))


_Key: TypeAlias = tuple[str | int | date, ...]
"""A row's primary key."""


def _rows_of(one: Counted) -> Iterator[tuple[str, _Key, Mapping[str, int]]]:
    """By day and county, and by month and region; money by county and month alone."""
    month = one.day.replace(day=1)
    for place in (("day", one.region[:COUNTY_DIGITS], one.day), ("month", one.region, month)):
        for addition in one.additions:
            yield addition.table, (*place, *addition.key), addition.values
    for money in one.money:
        key = (one.region[:COUNTY_DIGITS], month, money.programme)
        sums = {"decisions": 1, "over_fen": money.over_fen, "under_fen": money.under_fen}
        yield "money_count", key, sums


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An adding statement as its driver takes it.

    There are some fifty rows a verification, and SQLAlchemy's binding of one costs more than the
    rest of the work on it.
    """

    sql: str
    places: Mapping[str, int]
    days_as_text: bool

    @classmethod
    def of(cls, dialect: sa.Dialect, table: sa.Table) -> "_Prepared":
        insert = upsert_in(dialect.name, table)
        names = values_of(table)
        summed = {name: table.c[name] + insert.excluded[name] for name in names}
        keys = [column.name for column in table.primary_key]
        statement = insert.on_conflict_do_update(index_elements=keys, set_=summed)
        compiled: Any = statement.compile(dialect=dialect, column_keys=[*keys, *names])
        assert tuple(compiled.positiontup) == (*keys, *names)  # noqa: S101 - as rows are made
        places = {name: place for place, name in enumerate(names)}
        return cls(sql=str(compiled), places=places, days_as_text=dialect.name == "sqlite")

    def rows(self, sums: Mapping[_Key, Mapping[str, int]]) -> list[tuple[object, ...]]:
        """In the order of their keys, as the driver takes them."""
        return [(*self._key(key), *self._values(sums[key])) for key in sorted(sums)]

    def _values(self, sums: Mapping[str, int]) -> list[int]:
        values = [0] * len(self.places)
        for name, value in sums.items():
            values[self.places[name]] = value
        return values

    def _key(self, key: _Key) -> _Key:
        if not self.days_as_text:
            return key
        return tuple(str(part) if isinstance(part, date) else part for part in key)


_FIRST_ASKED: Final = (
    sa.select(asking.c.verification_id, asking.c.source, sa.func.min(asking.c.asked_at).label("at"))
    .where(asking.c.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(asking.c.verification_id, asking.c.source)
)


def first_asked(tx: sa.Connection, ids: Iterable[str]) -> Mapping[str, Mapping[str, datetime]]:
    """When each source was first asked about a household, by verification."""
    found: dict[str, dict[str, datetime]] = {}
    for row in tx.execute(_FIRST_ASKED, {"ids": sorted(ids)}):
        found.setdefault(row.verification_id, {})[row.source] = row.at
    return found
