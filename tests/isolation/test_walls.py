"""In the database itself a region's rows are not there for another: every table, both databases."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import DBAPIError

import app.store
from app.domain.errors import StorageUnavailable
from app.store.base import Instant, metadata
from app.store.scope import Crossing, across, across_in, nothing_yet, see
from app.store.session import Database, connect

pytestmark = pytest.mark.asyncio(loop_scope="module")
for module in pkgutil.iter_modules(app.store.__path__):
    if module.name.startswith("tables"):
        importlib.import_module(f"app.store.{module.name}")
WITH_REGION = [table for table in metadata.sorted_tables if "region" in table.c]
A, B = "220102", "220103"
TOWNSHIPS = {A: "220102003", B: "220103001"}
_numbers = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(walled_url: str) -> AsyncIterator[Database]:
    opened = connect(walled_url)
    yield opened
    await opened.aclose()


@contextmanager
def seeing(region: str | None) -> Iterator[None]:
    """As a request whose caller's region is this; None: nobody has said yet."""
    with nothing_yet():
        if region is not None:
            see(region)
        yield


def a_row(table: sa.Table, region: str) -> dict[str, Any]:
    """Something for each column, other than in any other row."""
    values = {column.name: _value(column) for column in table.c}
    return {**values, "region": region[: _width(table)]}


def _width(table: sa.Table) -> int:
    kind = table.c.region.type
    assert isinstance(kind, sa.String)
    return kind.length or 12


def _value(column: "sa.Column[Any]") -> Any:
    number, kind = next(_numbers), column.type
    if isinstance(kind, Instant):
        return datetime(2026, 11, 24, tzinfo=UTC).replace(microsecond=number % 1_000_000)
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.Float):
        return number
    if isinstance(kind, sa.Date):
        return date.fromordinal(730_000 + number)
    if isinstance(kind, sa.LargeBinary):
        return number.to_bytes(8, "big")
    return str(number)[-(getattr(kind, "length", None) or 12) :]


async def _add(database: Database, table: sa.Table) -> None:
    """A row of each county, by the service itself."""
    rows = [a_row(table, TOWNSHIPS[county]) for county in (A, B)]
    await database.write(lambda tx: tx.execute(table.insert(), rows))


async def _regions(database: Database, table: sa.Table) -> set[str]:
    """All that a plain SELECT shows, by reading and within a writing transaction alike."""

    def work(tx: sa.Connection) -> set[str]:
        shown = {row.region for row in tx.execute(sa.select(table))}
        assert tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() >= len(shown)
        return shown

    read, written = await database.read(work), await database.write(work)
    assert read == written
    return {region[:6] for region in read}


@pytest.mark.promise(14)
@pytest.mark.parametrize("table", WITH_REGION, ids=str)
async def test_no_row_of_another_region_is_there(database: Database, table: sa.Table) -> None:
    """Planted: the alerts left out when policies are made (PostgreSQL), and when views are made
    (SQLite): each time A saw B's alert, too."""
    await _add(database, table)
    with seeing(A):
        assert await _regions(database, table) == {A}
    with seeing(B):
        assert await _regions(database, table) == {B}
    with seeing("22"):
        assert await _regions(database, table) >= {A, B}
    for elsewhere in (None, "2202", "23", "22x", "２２", "22010200301"):
        with seeing(elsewhere):
            assert await _regions(database, table) == set(), elsewhere
    assert await _regions(database, table) >= {A, B}, "the service itself sees everything"


async def _refused(database: Database, work: Any) -> bool:
    try:
        await database.write(work)
    except DBAPIError:
        return True
    return False


@pytest.mark.promise(14)
@pytest.mark.parametrize("table", WITH_REGION, ids=str)
async def test_no_row_of_another_region_is_changed(database: Database, table: sa.Table) -> None:
    """None is put there, moved there, changed or deleted.

    Planted: policies `WITH CHECK (true)` (PostgreSQL), no triggers (SQLite): county A's insert of
    a row of B's was not refused.
    """
    await _add(database, table)
    theirs = sa.select(table).where(table.c.region.startswith(B))
    before = await database.read(lambda tx: tx.execute(theirs.order_by(*table.primary_key)).all())
    foreign = a_row(table, TOWNSHIPS[B])
    move = table.update().values(region=TOWNSHIPS[B][: _width(table)])
    with seeing(A):
        assert await _refused(database, lambda tx: tx.execute(table.insert(), [foreign]))
        assert await _refused(database, lambda tx: tx.execute(move))
        await database.write(lambda tx: tx.execute(table.delete()))
        assert await _regions(database, table) == set()
    with seeing(None):
        own = a_row(table, TOWNSHIPS[A])
        assert await _refused(database, lambda tx: tx.execute(table.insert(), [own]))
        await database.write(lambda tx: tx.execute(table.delete()))
    after = await database.read(lambda tx: tx.execute(theirs.order_by(*table.primary_key)).all())
    assert after == before


class _OurFaultError(Exception):
    pass


async def _fails(database: Database, kind: int) -> None:
    def broken(tx: sa.Connection) -> None:
        if kind == 0:
            raise _OurFaultError
        if kind == 1:
            tx.exec_driver_sql("SELECT nothing FROM nowhere")
        with across_in(tx, Crossing.AUDIT_HEAD):
            if kind == 2:
                raise _OurFaultError
            tx.exec_driver_sql("SELECT nothing FROM nowhere")

    with pytest.raises((_OurFaultError, DBAPIError, StorageUnavailable)):
        await (database.write(broken) if kind % 2 else database.read(broken))


@pytest.mark.promise(14)
async def test_no_scope_is_left_in_a_pooled_connection(
    database: Database, record_property: Any
) -> None:
    """After faults of ours and of the database's, within a crossing too, whoever comes next sees
    his own alone.

    Planted: `set_config(…, false)` for the session instead of the transaction, and a scope of
    nothing not told: on both databases whoever sees nothing saw county A's row.
    """
    table = metadata.tables["objection"]
    await _add(database, table)

    async def one(number: int) -> None:
        with seeing((A, B, None, "22")[number % 4]):
            if number % 3:
                await _fails(database, number % 4)
            expected = ({A}, {B}, set(), {A, B})[number % 4]
            assert await _regions(database, table) == expected

    await asyncio.gather(*(one(number) for number in range(120)))
    record_property("cases", 120)


async def test_a_crossing_ends_with_its_block(database: Database) -> None:
    table = metadata.tables["objection"]
    await _add(database, table)

    def seen(tx: sa.Connection) -> set[str]:
        return {row.region[:6] for row in tx.execute(sa.select(table.c.region))}

    def work(tx: sa.Connection) -> list[set[str]]:
        shown = [seen(tx)]
        with across_in(tx, Crossing.DUPLICATES):
            shown.append(seen(tx))
        try:
            with across_in(tx, Crossing.DUPLICATES):
                raise _OurFaultError
        except _OurFaultError:
            shown.append(seen(tx))
        return shown

    with seeing(A):
        for way in (database.read, database.write):
            assert await way(work) == [{A}, {A, B}, {A}]
        with across(Crossing.METRICS):
            assert await _regions(database, table) == {A, B}
        assert await _regions(database, table) == {A}


@pytest.mark.promise(14)
async def test_a_setting_that_is_forgotten_gives_no_rows(
    database: Database, walled_url: str, record_property: Any
) -> None:
    """A connection of PostgreSQL on which nobody said anything, and one on which it was said for
    an earlier transaction.

    Planted: `coalesce(current_setting(…), …)` with everything as the default: rows were seen.
    """
    if database.dialect != "postgresql":
        pytest.skip("SQLite's walls stand in the service's own connections")
    for table in WITH_REGION:
        await _add(database, table)
    with psycopg.connect(walled_url) as raw:
        for table in WITH_REGION:
            assert _count(raw, table) == 0
        raw.rollback()
        raw.execute("SELECT set_config('hedui.region_from', '', true)")
        raw.execute("SELECT set_config('hedui.region_until', 'zzz', true)")
        assert raw.execute("SELECT count(*) > 0 FROM objection").fetchone() == (True,)
        raw.commit()
        for table in WITH_REGION:
            assert _count(raw, table) == 0
    record_property("cases", 2 * len(WITH_REGION))


def _count(raw: "psycopg.Connection[tuple[int]]", table: sa.Table) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))
    row = raw.execute(query).fetchone()
    assert row is not None
    return row[0]
