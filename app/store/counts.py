"""Counts that grow as things happen: each by day and county, and by month and region."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from app.store.base import upsert_in
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
_Place: TypeAlias = tuple[str | date, ...]


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
        """`where`: the region and China's day. Rows in a fixed order, so that none wait in a ring.

        One key comes once among the additions to a table.
        """
        (region, day), month = where, where[1].replace(day=1)
        by_table: dict[str, list[Addition]] = {}
        for one in additions:
            by_table.setdefault(one.table, []).append(one)
        places = (("day", region[:COUNTY_DIGITS], day), ("month", region, month))
        for name in sorted(by_table):
            self._execute(tx, name, by_table[name], places)
        if money:
            sums = [Addition("money_count", (one.programme,), _money(one)) for one in money]
            self._execute(tx, "money_count", sums, ((region[:COUNTY_DIGITS], month),))

    def _execute(
        self, tx: sa.Connection, name: str, additions: list[Addition], places: Sequence[_Place]
    ) -> None:
        key = (tx.dialect.name, name)
        if key not in self._prepared:
            self._prepared[key] = _Prepared.of(tx.dialect, _TABLES[name])
        prepared = self._prepared[key]
        tx.exec_driver_sql(prepared.sql, prepared.rows(additions, places))


def _money(one: MoneyAddition) -> Mapping[str, int]:
    return {"decisions": 1, "over_fen": one.over_fen, "under_fen": one.under_fen}


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

    def rows(self, additions: list[Addition], places: Sequence[_Place]) -> list[tuple[object, ...]]:
        """A row each place and addition, in the order of their keys."""
        ends = [(*one.key, *self._values(one)) for one in sorted(additions, key=_key)]
        begins = [self._begin(place) for place in places]
        return [(*begin, *end) for begin in begins for end in ends]

    def _values(self, one: Addition) -> list[int]:
        values = [0] * len(self.places)
        for name, value in one.values.items():
            values[self.places[name]] = value
        return values

    def _begin(self, place: _Place) -> tuple[str | date, ...]:
        *names, day = place
        return (*names, str(day) if self.days_as_text else day)


def _key(one: Addition) -> tuple[str | int, ...]:
    return one.key


_FIRST_ASKED: Final = (
    sa.select(asking.c.source, sa.func.min(asking.c.asked_at).label("at"))
    .where(asking.c.verification_id == sa.bindparam("of", type_=sa.String()))
    .group_by(asking.c.source)
)


def first_asked(tx: sa.Connection, verification_id: str) -> Mapping[str, datetime]:
    """When each source was first asked about a household."""
    return {row.source: row.at for row in tx.execute(_FIRST_ASKED, {"of": verification_id})}
