"""/healthz and /readyz: alive whatever happens, ready only with all that work takes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.jobs.checkup import Checkup
from app.store.tables import audit_entry
from tests.service_parts import Running, all_ten, running


@pytest.fixture
async def service(tmp_path: Path, database_url: str) -> AsyncIterator[Running]:
    async with running(tmp_path, all_ten(), database_url=database_url) as made:
        yield made


def with_checkup(service: Running, checkup: Checkup) -> None:
    service.app.state.parts = replace(service.parts, checkup=checkup)


def states(reply: httpx.Response) -> dict[str, str]:
    return {name: one["state"] for name, one in reply.json()["checks"].items()}


async def test_ready_with_every_check_named(service: Running) -> None:
    reply = await service.http.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "ready"), reply.text
    assert states(reply) == {
        "disk": "ok",
        "database": "ok",
        "migrations": "ok",
        "clock": "ok",
        "audit_trail": "ok",
        "audit_anchor": "ok",
        "workers": "ok",
    }
    assert (await service.http.get("/healthz")).json() == {"status": "alive"}


async def test_the_check_of_the_trail_leaves_nothing(service: Running) -> None:
    def entries(tx: sa.Connection) -> int:
        return tx.execute(sa.select(sa.func.count()).select_from(audit_entry)).scalar_one()

    database = service.parts.shelf.database
    before = await database.read(entries)
    await service.http.get("/readyz")
    assert await database.read(entries) == before


async def test_a_clock_that_is_off_is_named(service: Running) -> None:
    parts = service.parts

    def fast() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=90)

    database = parts.shelf.database
    with_checkup(service, Checkup(database, parts.audit, Path(), machine=fast))
    reply = await service.http.get("/readyz")
    if database.dialect == "sqlite":  # it has no clock of its own
        assert reply.status_code == 200
        return
    assert (reply.status_code, states(reply)["clock"]) == (503, "failed")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == "urn:hedui:problem:not-ready"
    assert "clock" in reply.json()["title"]


async def test_a_schema_of_another_release_is_named(service: Running) -> None:
    await service.parts.shelf.database.write(
        lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    )
    reply = await service.http.get("/readyz")
    assert (reply.status_code, states(reply)["migrations"]) == (503, "failed")


async def test_a_trail_that_cannot_be_written_is_named(service: Running) -> None:
    await service.parts.shelf.database.write(
        lambda tx: tx.execute(sa.text("ALTER TABLE audit_entry RENAME TO lost"))
    )
    reply = await service.http.get("/readyz")
    assert (reply.status_code, states(reply)["audit_trail"]) == (503, "failed")


async def test_without_a_folder_the_disk_is_named(service: Running) -> None:
    parts = service.parts
    with_checkup(service, Checkup(parts.shelf.database, parts.audit, Path("/nowhere/at/all")))
    reply = await service.http.get("/readyz")
    assert (reply.status_code, states(reply)["disk"]) == (503, "failed")
