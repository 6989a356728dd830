"""`hedui events`: what an operator sees and sends again."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.cli import cli
from app.keys import read_key
from app.store.crypto import FieldCipher
from app.store.outbox import Notice, Outbox
from app.store.session import connect
from app.store.tables import audit_entry, outbox
from tests.new_databases import brought_up
from tests.service_parts import NOON, REGION


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner(env={"HEDUI_DATA_DIR": str(folder)}).invoke(cli, ["events", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four notices of two clients: dead, dead, waiting, delivered."""
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    cipher = FieldCipher(read_key(tmp_path / "master.key", create=True))
    brought_up(url)

    async def fill() -> None:
        database, store = connect(url), Outbox(cipher)
        new = [
            Notice(
                event_id=f"ev_{number}",
                verification_id=f"vf_{number}",
                region=REGION,
                client_id=f"cl_{number % 2}",
                url="https://case.example/?secret=of-theirs",
                body=b'{"status": "final"}',
                created_at=NOON,
            )
            for number in range(4)
        ]

        def work(tx: sa.Connection) -> None:
            store.add_all(tx, new)
            for number in range(2):
                store.failed(tx, f"ev_{number}", error="http_410", next_at=None)
            store.delivered(tx, "ev_3", NOON)

        await database.write(work)
        await database.aclose()

    asyncio.run(fill())
    return tmp_path


def rows(folder: Path, table: sa.Table) -> list[Any]:
    engine = sa.create_engine(f"sqlite:///{folder / 'hedui.sqlite3'}")
    with engine.connect() as connection:
        found = list(connection.execute(sa.select(table)))
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), {"ev_0", "ev_1", "ev_2", "ev_3"}),
        (("--state", "dead"), {"ev_0", "ev_1"}),
        (("--state", "dead", "--client", "cl_1"), {"ev_1"}),
        (("--client", "cl_9"), set()),
        (("--limit", "1", "--state", "delivered"), {"ev_3"}),
    ],
)
def test_list(folder: Path, arguments: tuple[str, ...], ids: set[str]) -> None:
    done = run(folder, "list", *arguments, "--json")
    assert done.exit_code == 0
    assert {one["event_id"] for one in json.loads(done.stdout)} == ids
    table = run(folder, "list", *arguments)
    assert table.exit_code == 0
    assert all(id_[:4] in table.stdout for id_ in ids)


def test_show(folder: Path) -> None:
    shown = json.loads(run(folder, "show", "ev_1").stdout)
    assert (shown["state"], shown["last_error"]) == ("dead", "http_410")
    assert shown["body"] == {"status": "final"}
    assert "of-theirs" not in json.dumps(shown)
    assert run(folder, "show", "ev_9").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "waiting"),
    [
        (("ev_0",), {"ev_0", "ev_2"}),
        (("ev_0", "ev_3"), {"ev_0", "ev_2", "ev_3"}),
        (("--dead",), {"ev_0", "ev_1", "ev_2"}),
        (("--dead", "--client", "cl_0"), {"ev_0", "ev_2"}),
    ],
)
def test_replay(folder: Path, arguments: tuple[str, ...], waiting: set[str]) -> None:
    assert run(folder, "replay", *arguments).exit_code == 0
    assert {one.event_id for one in rows(folder, outbox) if one.state == "waiting"} == waiting
    [entry] = rows(folder, audit_entry)
    assert (entry.actor, entry.action) == ("hedui events", "notices_replayed")


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", "ev_0", "--dead"),
        ("replay", "ev_0", "ev_9"),
        ("replay", "ev_0", "--client", "cl_0"),
        ("list", "--state", "lost"),
    ],
)
def test_what_makes_no_sense_changes_nothing(folder: Path, arguments: tuple[str, ...]) -> None:
    assert run(folder, *arguments).exit_code == 2
    assert rows(folder, audit_entry) == []
    assert {one.event_id for one in rows(folder, outbox) if one.state == "waiting"} == {"ev_2"}


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "list")
    assert done.exit_code == 2
    assert "hedui migrate" in done.output
