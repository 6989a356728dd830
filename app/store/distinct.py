"""How many different persons and households were asked about, each counted once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from app.store.base import in_region
from app.store.counts import COUNTY_DIGITS
from app.store.statistics import WHOLE, By, CountQuery, instant, micros, period_of
from app.store.tables_facts import case_household, case_person

_CITY_DIGITS: Final = 4
_DAY: Final = timedelta(days=1)
_SHORT: Final = timedelta(days=45)
"""A time that is better read from an index of instants, and sorted, than from one of keys."""


class Distinct:
    """Counts that are no sums: whoever comes twice counts once, in each group apart."""

    def persons(self, tx: sa.Connection, query: CountQuery) -> Mapping[str, int]:
        """Persons asked about 核对人数, by region or period, or as a whole."""
        return _distinct(tx, case_person.c.person_key, query)

    def households(self, tx: sa.Connection, query: CountQuery) -> Mapping[str, int]:
        """Households asked about 核对户数, by region or period, or as a whole."""
        return _distinct(tx, case_household.c.household_key, query)


def _distinct(tx: sa.Connection, key: "sa.Column[int]", query: CountQuery) -> Mapping[str, int]:
    if query.by is By.PERIOD:
        return {name: _whole(tx, key, part) for name, part in _parts(query)}
    if query.by is By.REGION:
        return _by_region(tx, key, query)
    return {WHOLE: _whole(tx, key, query)}


def _parts(query: CountQuery) -> Iterator[tuple[str, CountQuery]]:
    """The time in its periods, each a query of its own."""
    first = query.since
    while first <= query.until:
        last = first
        name = period_of(first, query.period)
        while last < query.until and period_of(last + _DAY, query.period) == name:
            last += _DAY
        yield name, replace(query, by=None, since=first, until=last)
        first = last + _DAY


def _whole(tx: sa.Connection, key: "sa.Column[int]", query: CountQuery) -> int:
    """Grouped, a planner reads an index of keys in order; counted as distinct, it would sort."""
    rows = _chosen(key.table, query)
    if _is_short(query):
        count = sa.select(sa.func.count(key.distinct())).where(*rows)
    else:
        each = sa.select(key).where(*rows).group_by(key).subquery()
        count = sa.select(sa.func.count()).select_from(each)
    return tx.execute(count).scalar_one()


def _is_short(query: CountQuery) -> bool:
    """Whether the index of instants is read."""
    wide = query.by is None and len(query.region) < _CITY_DIGITS
    return wide and query.until - query.since <= _SHORT


def _by_region(tx: sa.Connection, key: "sa.Column[int]", query: CountQuery) -> Mapping[str, int]:
    columns = key.table.c
    levels: dict[int, sa.ColumnElement[str]] = {
        _CITY_DIGITS: columns.city,
        COUNTY_DIGITS: columns.county,
    }
    place = levels.get(query.level)
    if place is None:
        place = sa.func.substr(columns.region, 1, query.level)
    count = sa.func.count(key.distinct())
    rows = _chosen(key.table, query)
    found = tx.execute(sa.select(place, count).where(*rows).group_by(place))
    return {name: int(number) for name, number in found}


def _chosen(table: "sa.FromClause", query: CountQuery) -> "list[sa.ColumnElement[bool]]":
    """Rows of the region and time, so that an index gives them in the order of their keys."""
    at, region = table.c.requested_at, query.region
    if _is_short(query):
        return [in_region(table.c.region, region), query.within(at)]
    # As a sum, so that no planner takes the index of instants and sorts what comes of it.
    number = sa.type_coerce(at, sa.BigInteger) + 0
    end = query.until + _DAY
    rows = [number >= micros(instant(query.since)), number < micros(instant(end))]
    if len(region) >= COUNTY_DIGITS:
        rows.append(table.c.county == region[:COUNTY_DIGITS])
    elif len(region) == _CITY_DIGITS:
        rows.append(table.c.city == region)
    if len(region) not in (_CITY_DIGITS, COUNTY_DIGITS):
        rows.append(in_region(table.c.region, region))
    return rows
