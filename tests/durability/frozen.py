"""Databases as earlier releases left them: frozen rows, and how they were made.

To freeze one anew, or that of a release to come: unpack that release's tree, copy this file into
its tests/durability, and there: `python -m tests.durability.frozen REVISION.json`. It runs that
release's own service over made-up sources. The master key of all of them is `KEY`.
"""

import asyncio
import base64
import json
import sqlite3
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.service_parts import (
    REGION,
    ScriptedSource,
    a_body,
    an_account,
    found,
    registry,
    running,
)

DATA = Path(__file__).parent / "data"
KEY = bytes(range(32))
REVISIONS = ("0001", "0004", "0005")
"""Those that a release's code ever wrote data at."""


def write_key(folder: Path) -> None:
    """The master key, where the service looks for it."""
    path = folder / "master.key"
    path.touch(mode=0o600)
    path.write_text(KEY.hex() + "\n", "ascii")


def read(revision: str) -> dict[str, Any]:
    """`tables`: rows by table, as they are stored; `ids`: what the verifications are."""
    document: dict[str, Any] = json.loads((DATA / f"{revision}.json").read_text("utf-8"))
    return document


def fill(tx: sa.Connection, document: dict[str, Any]) -> None:
    """The frozen rows, into tables of the revision that they were written at."""
    for name, rows in document["tables"].items():
        table = sa.Table(name, sa.MetaData(), autoload_with=tx)
        for row in rows:
            tx.execute(table.insert(), {key: _thawed(table, key, row[key]) for key in row})


def _thawed(table: sa.Table, column: str, value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    kind = table.c[column].type
    if value is not None and isinstance(kind, sa.Boolean):
        return bool(value)
    if value is not None and isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return value


def _frozen(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def rows_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of a SQLite file but those of migrations; no tables that have none."""
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            row["name"]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            if row["name"] != "alembic_version"
        ]
        tables = {
            name: [
                {key: _frozen(row[key]) for key in row.keys()}  # noqa: SIM118 - not a mapping
                for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            ]
            for name in names
        }
    return {name: rows for name, rows in tables.items() if rows}


async def make(folder: Path) -> dict[str, str]:
    """A service of this tree: a verification that is final, its recheck, and one that waits."""
    bank = ScriptedSource(
        "bank",
        {"m1": found(an_account("m1", "15320.55"))},
        persons_a_query=10,
        answers_later=True,
    )
    sources = [registry(), ScriptedSource("tax"), bank]
    write_key(folder)
    async with running(folder, sources) as service:
        done = (
            await service.post(a_body(callback_url="https://case.example/hedui"), wait=0)
        ).json()
        await service.status_becomes(done["id"], "partial", "final")
        service.clock.forward(seconds=2)
        await service.parts.verifier.collect_due()
        await service.status_becomes(done["id"], "final", "in_review")
        words = {"by": "m1", "about": "wages", "reason": "工资多算了一个月"}
        path = f"/v1/verifications/{done['id']}/objections"
        filed = await service.http.post(path, json=words, headers=service.headers)
        again = filed.json()["recheck"]
        await service.status_becomes(again, "partial")
        service.clock.forward(seconds=2)
        await service.parts.verifier.collect_due()
        await service.status_becomes(again, "final", "in_review")
        withdrawn = {"region": REGION, "reference": "SQ-2026-000777"}
        await service.http.post("/v1/consents/withdrawals", json=withdrawn, headers=service.headers)
        bank.ready = False
        waiting = (await service.post(a_body(case_reference="220102-2026-000124"), wait=0)).json()
        await service.status_becomes(waiting["id"], "partial")
        return {"done": done["id"], "again": again, "waiting": waiting["id"]}


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ids = asyncio.run(make(folder))
        document = {"ids": ids, "tables": rows_of(folder / "hedui.sqlite3")}
    target.write_text(json.dumps(document, indent=0, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
