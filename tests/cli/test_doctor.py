"""`hedui doctor`: each fault is found, named with its remedy, and nothing is changed or shown."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from app.cli import cli
from app.cli_doctor import examined
from app.keys import read_key
from app.settings import Settings
from tests.new_databases import brought_up


def run(folder: Path, *arguments: str, **env: str) -> Result:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), **env})
    return runner.invoke(cli, ["doctor", *arguments])


def states(done: Result) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(done.stdout)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As the service leaves it after its first start."""
    read_key(tmp_path / "master.key", create=True)
    brought_up(f"sqlite:///{tmp_path / 'hedui.sqlite3'}")
    return tmp_path


def contents(folder: Path) -> dict[str, int]:
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml")
    return {str(path.relative_to(folder)): path.stat().st_mode for path in kept}


def test_a_sound_installation(folder: Path) -> None:
    done = run(folder, "--json")
    assert done.exit_code == 0, done.stdout
    assert set(states(done).values()) == {"ok"}
    assert {"settings", "master key", "database", "durability", "clock", "disk"} < set(states(done))
    table = run(folder)
    assert (table.exit_code, "remedy" in table.stdout) == (0, True)


def test_where_nothing_is_nothing_is_made(tmp_path: Path) -> None:
    done = run(tmp_path, "--json")
    assert done.exit_code == 1
    assert states(done)["master key"] == "failed"
    assert states(done)["database"] == "unknown"
    assert contents(tmp_path) == {}


def loose_key(folder: Path) -> None:
    (folder / "master.key").chmod(0o644)


def torn_key(folder: Path) -> None:
    (folder / "master.key").write_text("not hex")


def no_database(folder: Path) -> None:
    (folder / "hedui.sqlite3").unlink()


def no_file_of_a_database(folder: Path) -> None:
    (folder / "hedui.sqlite3").write_bytes(b"what is this?" * 100)


def empty_database(folder: Path) -> None:
    (folder / "hedui.sqlite3").write_bytes(b"")


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (loose_key, "master key"),
        (torn_key, "master key"),
        (no_database, "database"),
        (no_file_of_a_database, "database"),
        (empty_database, "migrations"),
    ],
)
def test_a_fault_is_named(folder: Path, fault: Callable[[Path], None], name: str) -> None:
    fault(folder)
    done = run(folder, "--json")
    assert done.exit_code == 1
    assert states(done)[name] == "failed"
    assert all(one["remedy"] for one in json.loads(done.stdout) if one["state"] == "failed")


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"HEDUI_SOURCES": "/nowhere.yaml"}, "sources file"),
        ({"HEDUI_PROGRAMMES": "/dev/null"}, "programmes"),
        ({"HEDUI_MATCHING_WEIGHTS": "/nowhere.json"}, "match weights"),
        ({"HEDUI_ALERTS": "/nowhere.yaml"}, "alert rules"),
        ({"HEDUI_RECIPIENTS": "/nowhere.yaml"}, "re-verification rules"),
        ({"HEDUI_PORT": "s3cr3t"}, "settings"),
        ({"HEDUI_PRODUCTION": "true"}, "settings"),
        ({"HEDUI_AUDIT_KEY_FILE": "/nowhere.key"}, "audit key"),
    ],
    ids=str,
)
def test_a_setting_is_named(folder: Path, env: dict[str, str], name: str) -> None:
    done = run(folder, "--json", **env)
    assert done.exit_code == 1, done.stdout
    assert states(done)[name] == "failed"
    assert "s3cr3t" not in done.output


def test_sources_are_reached_and_no_secret_is_shown(folder: Path) -> None:
    document = {
        "sources": {
            "tax": {"url": "http://127.0.0.1:1", "username": "u", "password": "s3cr3t"},
            "housing_fund": {"url": f"sqlite:///{folder / 'hedui.sqlite3'}"},
        }
    }
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump(document))
    done = run(folder, "--json", HEDUI_SOURCES=str(path))
    assert (done.exit_code, states(done)["tax"]) == (1, "failed")
    assert states(done)["housing_fund"] == "ok"
    assert "s3cr3t" not in done.output + run(folder, HEDUI_SOURCES=str(path)).output
    left = run(folder, "--json", "--without-sources", HEDUI_SOURCES=str(path))
    assert (left.exit_code, "tax" in states(left)) == (0, False)


def test_a_key_of_another_database(folder: Path, tmp_path_factory: Any) -> None:
    other = tmp_path_factory.mktemp("other")
    made = CliRunner(env={"HEDUI_DATA_DIR": str(folder)}).invoke(cli, ["events", "list"])
    assert made.exit_code == 0
    shutil.copy(folder / "hedui.sqlite3", other)
    read_key(other / "master.key", create=True)
    seal_something(other / "hedui.sqlite3")
    done = run(other, "--json")
    assert (done.exit_code, states(done)["key of the database"]) == (1, "failed")


def seal_something(database: Path) -> None:
    connection = sqlite3.connect(database)
    sealed = bytes.fromhex("00000000") + os.urandom(40)
    connection.execute(
        "INSERT INTO outbox (event_id, region, client_id, sealed_url, sealed_body, state, attempts,"
        " next_at, created_at) VALUES ('ev_1', '22', 'cl_1', ?, ?, 'waiting', 0, 0, 0)",
        (sealed, sealed),
    )
    connection.commit()
    connection.close()


@pytest.mark.postgresql
def test_a_server_that_does_not_sync_is_named(folder: Path, empty_postgresql_url: str) -> None:
    """That of the tests does not, which is why they are quick."""
    brought_up(empty_postgresql_url)
    found = examined(Settings(data_dir=folder, database_url=empty_postgresql_url))
    durability = {one.name: one for one in found}["durability"]
    assert (durability.state, "fsync=off" in durability.detail) == ("failed", True)
    others = {one.name: one.state for one in found if one.name != "durability"}
    assert others.pop("regions apart") == "warning"  # one role owns and serves there
    assert set(others.values()) == {"ok"}
