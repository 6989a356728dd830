"""The one way to the database: durable on every connection, together, and each for itself."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import StorageUnavailable
from app.store.session import Database, connect, sqlite_engine

_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = connect(database_url)
    await opened.write(lambda tx: tx.execute(sa.text("CREATE TABLE t (n BIGINT PRIMARY KEY)")))
    yield opened
    await opened.aclose()


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[Database]:
    opened = connect(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    await opened.write(lambda tx: tx.execute(sa.text("CREATE TABLE t (n BIGINT PRIMARY KEY)")))
    yield opened
    await opened.aclose()


def _put(number: int) -> Any:
    return lambda tx: tx.execute(sa.text("INSERT INTO t VALUES (:n)"), {"n": number}).rowcount


def _all(tx: sa.Connection) -> list[int]:
    return [row.n for row in tx.execute(sa.text("SELECT n FROM t ORDER BY n"))]


def test_every_pooled_connection_is_durable_and_checks_foreign_keys(tmp_path: Path) -> None:
    engine = sqlite_engine(sa.make_url(f"sqlite:///{tmp_path / 'one.sqlite3'}"))
    connections = [engine.connect() for _ in range(5)]
    for connection in connections:
        for pragma, wanted in _PRAGMAS.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == wanted, pragma
    for connection in connections:
        connection.close()
    engine.dispose()


@pytest.mark.postgresql
async def test_postgresql_commits_are_synced(empty_postgresql_url: str) -> None:
    database = connect(empty_postgresql_url)
    shown = await database.read(lambda tx: tx.execute(sa.text("SHOW synchronous_commit")).scalar())
    assert shown == "on"
    await database.aclose()


async def test_a_reading_has_one_snapshot(database: Database) -> None:
    await database.write(_put(1))
    loop = asyncio.get_running_loop()
    written = threading.Event()

    async def write_another() -> None:
        await database.write(_put(2))
        written.set()

    if database.dialect == "postgresql":  # its work runs on the loop: no thread to wait in
        async with asyncio.timeout(5):
            before, after = await _two_looks_on_postgresql(database)
    else:

        def look(tx: sa.Connection) -> tuple[list[int], list[int]]:
            first = _all(tx)
            asyncio.run_coroutine_threadsafe(write_another(), loop)
            assert written.wait(5)
            return first, _all(tx)

        before, after = await database.read(look)
    assert before == after == [1]


async def _two_looks_on_postgresql(database: Database) -> tuple[list[int], list[int]]:
    def look(tx: sa.Connection) -> tuple[list[int], list[int]]:
        first = _all(tx)
        level = tx.execute(sa.text("SHOW transaction_isolation")).scalar()
        assert level == "repeatable read"
        return first, _all(tx)

    return await database.read(look)


async def test_a_reading_cannot_write_on_postgresql(database: Database) -> None:
    if database.dialect == "sqlite":  # there it is rolled back
        await database.read(_put(1))
    else:
        with pytest.raises(sa.exc.DBAPIError):
            await database.read(_put(1))
    assert await database.read(_all) == []


async def test_a_failing_job_does_not_harm_its_neighbours(database: Database) -> None:
    def broken(tx: sa.Connection) -> None:
        _put(1000)(tx)
        raise KeyError("not there")

    jobs = [database.write(_put(n)) for n in range(20)]
    jobs.insert(7, database.write(broken))
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(done.pop(7), KeyError)
    assert done == [1] * 20
    assert await database.read(_all) == list(range(20))


async def test_a_job_that_the_database_fails_does_not_harm_its_neighbours(lite: Database) -> None:
    def broken(tx: sa.Connection) -> None:
        tx.execute(sa.text("SELECT nothing FROM nowhere"))

    jobs = [lite.write(_put(n)) for n in range(20)]
    jobs.insert(7, lite.write(broken))
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(done.pop(7), StorageUnavailable)
    assert done == [1] * 20


async def test_a_result_is_given_only_after_the_commit(lite: Database, tmp_path: Path) -> None:
    other = sqlite_engine(sa.make_url(f"sqlite:///{tmp_path / 'one.sqlite3'}"))
    for number in range(30):
        await lite.write(_put(number))
        with other.connect() as connection:
            assert number in _all(connection)
    other.dispose()


async def test_a_caller_who_no_longer_waits_does_not_stop_the_writer(lite: Database) -> None:
    held = threading.Event()

    def slow(tx: sa.Connection) -> None:
        held.wait(5)

    first = asyncio.create_task(lite.write(slow))
    second = asyncio.create_task(lite.write(_put(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    held.set()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await lite.write(_put(2)) == 1
    assert 2 in await lite.read(_all)


async def test_a_database_that_is_away_is_named_without_any_value(tmp_path: Path) -> None:
    lite = connect(f"sqlite:///{tmp_path / 'none' / 'none.sqlite3'}")
    for work in (lite.read, lite.write):
        with pytest.raises(StorageUnavailable, match="OperationalError"):
            await work(_all)
    await lite.aclose()
    away = connect("postgresql://user:canary@127.0.0.1:1/none")
    for work in (away.read, away.write):
        with pytest.raises(StorageUnavailable) as refusal:
            await work(_all)
        assert "canary" not in str(refusal.value)
    await away.aclose()


async def test_a_full_disk_is_told_and_recovered_from(lite: Database) -> None:
    """`max_page_count` is the disk that is full: the writer's one connection keeps it."""

    def limit(tx: sa.Connection, *, pages: int) -> None:
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def fill(tx: sa.Connection) -> None:
        tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS big (b BLOB)")
        tx.exec_driver_sql("INSERT INTO big VALUES (zeroblob(400000))")

    await lite.write(lambda tx: limit(tx, pages=20))
    done = await asyncio.gather(lite.write(fill), lite.write(_put(1)), return_exceptions=True)
    assert isinstance(done[0], StorageUnavailable)
    assert done[1] == 1
    await lite.write(lambda tx: limit(tx, pages=100_000))
    await lite.write(fill)
    assert await lite.read(_all) == [1]
