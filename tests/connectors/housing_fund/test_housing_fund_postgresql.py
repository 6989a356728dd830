"""Asking a real PostgreSQL: its own server in its own folder, over a socket of its own."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from connectors.contract import AskedPerson, NoRecord, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.housing_fund.database import Bounds, database_at
from connectors.transport.limits import Limits
from tests.connectors.housing_fund.test_housing_fund_client import (
    LOOKED_UP,
    PERSON,
    ROWS,
    TABLE,
    VIEW,
    accounts,
    outcome_of,
)
from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.postgresql

BOUNDS = Bounds(seconds=5, connections=2, size=100_000)


@pytest.fixture(scope="module")
def url(postgresql_server: PostgresqlServer) -> str:
    postgresql_server.create("housing_fund")
    address = postgresql_server.url("housing_fund")
    asyncio.run(_fill(address))
    return address


async def _fill(address: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(TABLE)
        types = {7: "NUMERIC", 8: "NUMERIC", 9: "NUMERIC", 12: "TIMESTAMP"}
        marks = ", ".join(
            f"CAST(${place}::text AS {types.get(place, 'text')})" for place in range(1, 13)
        )
        await connection.executemany(
            f"INSERT INTO accounts VALUES ({marks})",  # noqa: S608 - places
            [tuple(row.values()) for row in ROWS],
        )
        await connection.execute(VIEW)
    finally:
        await connection.close()


@pytest.mark.parametrize(("person", "wanted"), LOOKED_UP)
async def test_rows_are_found_by_number_and_by_name(
    url: str, person: AskedPerson, wanted: list[str]
) -> None:
    assert accounts(await outcome_of(url, person)) == wanted


async def test_no_row_is_no_record(url: str) -> None:
    person = AskedPerson("p1", "王芳", PERSON.id_type, "229903197605074529")
    assert await outcome_of(url, person) == NoRecord()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT XM FROM V_NONE", FailureKind.UNAVAILABLE),
        ("DELETE FROM accounts RETURNING XM", FailureKind.UNAVAILABLE),
        ("SELECT pg_sleep(30)::text", FailureKind.TIMED_OUT),
        ("SELECT repeat('x', 200000)", FailureKind.TOO_LARGE),
    ],
)
async def test_a_failure_is_told(url: str, statement: str, kind: FailureKind) -> None:
    bounds = Bounds(seconds=0.5 if kind is FailureKind.TIMED_OUT else 5, connections=1, size=9999)
    database = database_at(url, bounds)
    try:
        with pytest.raises(SourceError) as caught:
            await database.read(text(statement), {})
    finally:
        await database.aclose()
    assert caught.value.failure.kind is kind
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_a_connection_cut_by_the_server_is_unreachable_and_then_made_again(url: str) -> None:
    database = database_at(url, BOUNDS)
    try:
        with pytest.raises(SourceError) as caught:
            await database.read(text("SELECT pg_terminate_backend(pg_backend_pid())::text"), {})
        assert caught.value.failure.kind is FailureKind.UNREACHABLE
        assert await database.read(text("SELECT 'a' AS a"), {}) == ({"A": "a"},)
    finally:
        await database.aclose()


async def test_an_unknown_user_is_refused(url: str) -> None:
    address = make_url(url).set(username="nobody").render_as_string(hide_password=False)
    outcome = await outcome_of(address)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.REFUSED


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    outcome = await outcome_of(f"postgresql://postgres@/postgres?host={tmp_path}")
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.UNREACHABLE


async def test_a_server_that_never_answers_is_left_at_the_deadline() -> None:
    closed = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        closed.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        address = f"postgresql://u:p@127.0.0.1:{port}/d"
        outcome = await outcome_of(address, limits=Limits(timeout=0.3, tries=1))
        await closed.wait()
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.TIMED_OUT
