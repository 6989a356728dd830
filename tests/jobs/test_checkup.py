"""Checks of the installation: what each finds, and what is not known without a database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.audit.chain import AuditTrail
from app.domain.errors import StorageUnavailable
from app.jobs.checkup import Checkup, State
from app.store.audit_entries import AuditEntries
from app.store.session import Database, Work, connect
from app.store.tables import outbox
from app.store.tables_batch import batch
from app.store.tables_running import worker
from tests.new_databases import brought_up
from tests.service_parts import NOON
from tests.store.test_figures import a_batch, a_notice, put

TRAIL = AuditTrail(bytes(32), AuditEntries(), lambda: NOON)


class Gone:
    """A database that cannot be reached."""

    dialect = "postgresql"

    async def read(self, work: Work[Any]) -> Any:
        raise StorageUnavailable("the database cannot be reached")

    write = read

    async def aclose(self) -> None:
        """There is nothing to close."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    made = connect(url)
    yield made
    await made.aclose()


async def found(database: Database, folder: Path) -> dict[str, tuple[State, str]]:
    checkup = Checkup(database, TRAIL, folder, now=lambda: NOON)
    return {one.name: (one.state, one.detail) for one in await checkup.whole()}


async def test_without_a_database_the_rest_is_unknown(tmp_path: Path) -> None:
    states = {name: state for name, (state, _) in (await found(Gone(), tmp_path)).items()}
    assert states.pop("disk") is State.OK
    assert states.pop("database") is State.FAILED
    assert set(states.values()) == {State.UNKNOWN}
    assert {"migrations", "clock", "audit trail", "workers", "durability"} < states.keys()


def a_worker(name: str, ago: float, kind: str = "worker") -> dict[str, Any]:
    beat = NOON - timedelta(seconds=ago)
    return {"name": name, "kind": kind, "version": "1", "started_at": beat, "beat_at": beat}


@pytest.mark.parametrize(
    ("status", "workers", "state"),
    [
        ("running", [], State.WARNING),
        ("reading", [("w1", 61)], State.WARNING),
        ("running", [("w1", 61), ("w2", 1)], State.WARNING),
        ("running", [("w1", 60)], State.OK),
        ("done", [], State.OK),
        ("paused", [], State.OK),
    ],
)
async def test_batches_that_wait_for_a_worker(
    database: Database, tmp_path: Path, status: str, workers: list[tuple[str, float]], state: State
) -> None:
    await database.write(put(batch, a_batch("bt_1", status)))
    await database.write(put(worker, a_worker("api", 0, "api"), *(a_worker(*w) for w in workers)))
    assert (await found(database, tmp_path))["workers"][0] is state


async def test_dead_letters_are_counted(database: Database, tmp_path: Path) -> None:
    assert (await found(database, tmp_path))["dead letters"] == (State.OK, "none")
    await database.write(put(outbox, *(a_notice(n, "dead", NOON) for n in range(3))))
    state, detail = (await found(database, tmp_path))["dead letters"]
    assert (state, detail) == (State.WARNING, "3 notices given up")


async def test_asked_again_at_once_it_is_not_made_again(tmp_path: Path) -> None:
    class Counting(Gone):
        readings = 0

        async def read(self, work: Work[Any]) -> Any:
            self.readings += 1
            return await super().read(work)

    database = Counting()
    checkup = Checkup(database, TRAIL, tmp_path)
    assert await checkup.ready() == await checkup.ready()
    assert database.readings == 1
