"""`hedui erasure`: the plan, the run, a request of one person that another one carries out."""

import asyncio
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.cli import cli
from app.store.migrate import sync_engine
from app.store.tables import audit_entry, verification
from tests.erasure.parts import sources, verified
from tests.service_parts import NOON, running

CASE = "220102-2026-000123"
ASKED = ("--case", CASE, "--basis", "purpose_achieved", "--document", "SC-1")


def _run(folder: Path, *arguments: str) -> Result:
    environment = {"HEDUI_DATA_DIR": str(folder)}
    return CliRunner(env=environment).invoke(cli, ["erasure", *arguments])


async def _a_final_one(folder: Path) -> str:
    async with running(folder, sources()) as service:
        id_ = await verified(service)
    _settle(folder)
    return id_


def _settle(folder: Path) -> None:
    engine = sync_engine(f"sqlite:///{folder / 'hedui.sqlite3'}")
    with engine.begin() as tx:
        tx.execute(verification.update().values(status="final", final_at=NOON))
        tx.exec_driver_sql("UPDATE decision SET outcome = 'not_confirmed'")
    engine.dispose()


def _actors(folder: Path) -> list[tuple[str, str]]:
    engine = sync_engine(f"sqlite:///{folder / 'hedui.sqlite3'}")
    with engine.connect() as tx:
        rows = tx.execute(sa.select(audit_entry.c.action, audit_entry.c.actor)).all()
    engine.dispose()
    return [(row.action, row.actor) for row in rows if row.action.startswith("eras")]


def test_what_is_not_over_stays(tmp_path: Path) -> None:
    shown = _run(tmp_path, "plan", "--json")
    assert shown.exit_code == 0, shown.exception
    document = json.loads(shown.stdout)
    assert [one["due"] for one in document["rules"]] == [0, 0, 0, 0]
    assert document["example"] is True
    done = _run(tmp_path, "run")
    assert (done.exit_code, "0 subjects erased" in done.stderr) == (0, True)


async def test_two_persons_erase_a_case(tmp_path: Path) -> None:
    id_ = await _a_final_one(tmp_path)
    asked: dict[str, Any] = await _in_thread(tmp_path, "request", *ASKED, "--by", "zhang")
    assert asked["state"] == "requested"
    alone = await _raw(tmp_path, "approve", asked["id"], "--by", "zhang")
    assert (alone.exit_code, "another person" in alone.stderr) == (2, True)
    done = await _in_thread(tmp_path, "approve", asked["id"], "--by", "wang")
    assert (done["state"], [one[0] for one in done["erased"]]) == ("done", [id_])
    assert _actors(tmp_path) == [("erasure_requested", "cli zhang"), ("erased", "cli wang")]
    again = await _raw(tmp_path, "request", *ASKED, "--by", "zhang")
    assert (again.exit_code, "nothing is kept" in again.stderr) == (2, True)


async def test_an_unknown_basis_is_refused(tmp_path: Path) -> None:
    done = await _raw(tmp_path, "request", *ASKED[:3], "liked", *ASKED[4:], "--by", "zhang")
    assert (done.exit_code, "purpose_achieved" in done.stderr) == (2, True)


async def _raw(folder: Path, *arguments: str) -> Result:
    return await asyncio.to_thread(_run, folder, *arguments)


async def _in_thread(folder: Path, *arguments: str) -> dict[str, Any]:
    done = await _raw(folder, *arguments)
    assert done.exit_code == 0, (done.stderr, done.exception)
    document: dict[str, Any] = json.loads(done.stdout)
    return document
