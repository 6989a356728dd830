"""The databases the tests run on are real, empty and the tests' own."""

from pathlib import Path

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa

from app.store.checks import newest_revision, revision_of
from app.store.schema import metadata
from app.store.session import connect
from tests.durability.parts import outside
from tests.postgresql import PostgresqlServer


async def test_each_test_gets_an_empty_database(empty_database_url: str) -> None:
    database = connect(empty_database_url)
    try:
        tables = await database.read(lambda c: sa.inspect(c).get_table_names())
        await database.write(lambda c: c.exec_driver_sql("CREATE TABLE mark (id INTEGER)"))
    finally:
        await database.aclose()
    assert tables == []


@pytest.mark.postgresql
async def test_the_url_suits_every_driver(postgresql_url: str) -> None:
    connection = await asyncpg.connect(postgresql_url)
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()
    with psycopg.connect(postgresql_url) as same:
        assert same.execute("SHOW server_version_num").fetchone() == (version,)
    assert int(version) >= 150000


@pytest.mark.postgresql
def test_the_server_listens_on_its_own_socket_alone(postgresql_server: PostgresqlServer) -> None:
    with psycopg.connect(postgresql_server.url("postgres")) as connection:
        listens = connection.execute("SHOW listen_addresses").fetchone()
        data = connection.execute("SHOW data_directory").fetchone()
    assert listens == ("",)
    assert data is not None
    assert Path(data[0]) == postgresql_server.data


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_a_new_database_as_migrations_leave_it(database_url: str, turn: int) -> None:
    """However often it is copied, and whatever the test before (`turn`) did to its own."""
    with outside(database_url) as tx:
        assert revision_of(tx) == newest_revision(), turn
        filled = [
            name
            for name, table in metadata.tables.items()
            if tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        ]
        assert filled == ["audit_head"]
        tx.execute(metadata.tables["audit_head"].delete())
