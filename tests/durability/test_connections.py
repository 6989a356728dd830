"""No connection to be had, and a database that stops and starts: 503, then everything goes on."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from app.store.scope import nothing_yet
from app.store.tables import verification
from tests.durability.parts import bodies, counted, finish, outside, the_trail, whole
from tests.postgresql import PostgresqlServer, running_server
from tests.service_parts import Running, all_ten, running

pytestmark = pytest.mark.postgresql
_POOL = 16
_LOCK = 77_001
_DATABASE = "service"
_TRIES = 200
_VERIFICATIONS, _STOPS = (
    (100, (20, 45, 80)) if os.environ.get("HEDUI_CASES") == "full" else (40, (8, 18, 32))
)
"""After so many acknowledged requests the database is stopped as if it had crashed."""


def is_refusal(reply: httpx.Response) -> None:
    assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert int(reply.headers["retry-after"]) > 0


@asynccontextmanager
async def all_held(service: Running, url: str) -> AsyncIterator[None]:
    """Every connection of both pools waits for a lock that the test holds."""
    key = sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})")
    database = service.parts.shelf.database
    with psycopg.connect(url) as mine:
        mine.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        waiting = [
            asyncio.create_task(database.write(lambda tx: tx.execute(key).close()))
            for _ in range(2 * _POOL)
        ]
        with nothing_yet():
            waiting += [
                asyncio.create_task(database.write(lambda tx: tx.execute(key).close()))
                for _ in range(2 * _POOL)
            ]
        await asyncio.sleep(0)
        yield
        mine.rollback()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.promise(8)
async def test_all_connections_of_the_pool_are_in_use(
    tmp_path: Path, new_postgresql_url: str
) -> None:
    """Refused while the pool is empty; taken afterwards, once.

    Planted: the same: 500.
    """
    url = new_postgresql_url
    async with running(tmp_path, all_ten(), database_url=url) as service:
        async with all_held(service, url):
            is_refusal(await service.post(wait=0, key="one"))
            assert (await service.get("/healthz")).status_code == httpx.codes.OK
            is_refusal(await service.get("/readyz"))
        reply = await service.post(wait=0, key="one")
        assert reply.status_code in (httpx.codes.CREATED, httpx.codes.ACCEPTED)
        await finish(service, url, [reply.json()["id"]])
        with outside(url) as tx:
            assert counted(tx, verification) == 1
            whole(tx)


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of the test's own, to be stopped and starved; commits are synced."""
    options = ("max_connections=30", "fsync=on", "synchronous_commit=on", "full_page_writes=on")
    with running_server(*options) as server:
        server.create(_DATABASE)
        yield server


def take_all(server: PostgresqlServer, held: list[psycopg.Connection[Any]]) -> None:
    """Every connection that the server has: those of the service are ended and taken, too."""
    while True:
        try:
            held.append(psycopg.connect(server.url("postgres"), autocommit=True))
        except psycopg.OperationalError:
            break
    held[0].execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (_DATABASE,)
    )


@pytest.mark.promise(8)
async def test_the_server_has_no_connection_left(tmp_path: Path, server: PostgresqlServer) -> None:
    """Refused, alive, not ready; and ready again by itself.

    Planted: the same: 500.
    """
    url = server.url(_DATABASE)
    async with running(tmp_path, all_ten(), database_url=url) as service:
        held: list[psycopg.Connection[Any]] = []
        try:
            reply = None
            for body in bodies(_TRIES):
                await asyncio.to_thread(take_all, server, held)
                reply = await service.post(body, wait=0)
                if reply.status_code not in (httpx.codes.CREATED, httpx.codes.ACCEPTED):
                    break
            assert reply is not None
            is_refusal(reply)
            assert (await service.get("/healthz")).status_code == httpx.codes.OK
        finally:
            for connection in held:
                connection.close()
        reply = await _accepted(service, "after")
        with outside(url) as tx:
            ids = [row.id for row in tx.execute(sa.select(verification.c.id))]
        await finish(service, url, ids)
        with outside(url) as tx:
            whole(tx)


async def _accepted(service: Running, key: str, body: Any = None) -> httpx.Response:
    """The same request until it is taken; refused meanwhile as it must be."""
    for _ in range(_TRIES):
        reply = await service.post(body, key=key, wait=0)
        if reply.status_code in (httpx.codes.CREATED, httpx.codes.ACCEPTED):
            return reply
        is_refusal(reply)
        await asyncio.sleep(0.05)
    pytest.fail("the service does not take requests again")


@pytest.mark.promise(8)
async def test_a_database_that_is_stopped_and_started(
    tmp_path: Path, server: PostgresqlServer
) -> None:
    """Three crashes of the server during forty verifications; `HEDUI_CASES=full`: a hundred.

    Planted: the same: 500.
    """
    url, ids = server.url(_DATABASE), []
    async with running(tmp_path, all_ten(), database_url=url) as service:
        for number, body in enumerate(bodies(_VERIFICATIONS)):
            if number in _STOPS:
                await asyncio.to_thread(server.stop, at_once=True)
                is_refusal(await service.post(body, key=body["case_reference"], wait=0))
                is_refusal(await service.get("/readyz"))
                assert (await service.get("/healthz")).status_code == httpx.codes.OK
                await asyncio.to_thread(server.start)
            reply = await _accepted(service, body["case_reference"], body)
            ids.append(reply.json()["id"])
        await finish(service, url, ids)
        with outside(url) as tx:
            assert counted(tx, verification) == _VERIFICATIONS
            whole(tx)
    assert the_trail(tmp_path, url).broken_at is None
