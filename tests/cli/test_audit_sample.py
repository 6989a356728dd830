"""`hedui audit-sample` plans without a database, and draws, lists and measures on the service's."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.keys import master_key
from app.settings import Settings
from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine
from tests.new_databases import brought_up
from tests.review.audited import some_decisions, store

SEEDED = [*some_decisions(40), *some_decisions(20, start=100, outcome="not_confirmed", paid=None)]
DRAW = (
    *("draw", "--region", "220102", "--programme", "urban_dibao", "--seed", "5"),
    *("--final-from", "2026-11-01", "--final-until", "2026-11-24"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service's folder with decisions in its database."""
    place = tmp_path_factory.mktemp("service")
    settings = Settings(data_dir=place)
    brought_up(settings.database)
    engine = sync_engine(settings.database)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        store(connection, FieldCipher(master_key(settings)), SEEDED)
        connection.commit()
    engine.dispose()
    return place


def run(folder: Path, *arguments: str) -> Result:
    env = {"HEDUI_DATA_DIR": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner(env=env).invoke(cli, ["audit-sample", *arguments])


def said(done: Result) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def drawn(folder: Path) -> dict[str, Any]:
    options = ("--size", "12", "--risk-supplement", "3", "--tolerance", "inclusion=0.05")
    document: dict[str, Any] = said(run(folder, *DRAW, *options, "--json"))
    return document


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--half-width", "0.02"), {"size": 457}),
        (("--half-width", "0.02", "--frame", "2000"), {"size": 372, "frame": 2000}),
        (
            ("--below", "0.05", "--expected", "0.02", "--frame", "10000"),
            {"size": 272, "most_errors": 7},
        ),
    ],
)
def test_a_plan_needs_no_database(
    tmp_path: Path, options: tuple[str, ...], wanted: dict[str, Any]
) -> None:
    told = said(run(tmp_path / "none", "plan", *options, "--json"))
    assert {name: told[name] for name in wanted} == wanted
    assert not (tmp_path / "none").exists()
    assert str(wanted["size"]) in run(tmp_path, "plan", *options).stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "either --half-width or --below"),
        (("--below", "0.05"), "--frame"),
        (("--below", "0.05", "--expected", "0.06", "--frame", "100"), "has to be below it"),
        (("--half-width", "0"), "cannot be planned"),
    ],
)
def test_what_cannot_be_planned(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    done = run(tmp_path, "plan", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_sample_is_drawn_listed_and_shown(folder: Path, drawn: dict[str, Any]) -> None:
    assert {one["kind"]: one["drawn"] for one in drawn["planned"]} == {
        "confirmed": 12,
        "refused": 12,
    }
    assert drawn["tolerance"] == {"inclusion": 0.05}
    assert drawn["id"] in [one["id"] for one in said(run(folder, "list", "--json"))]
    assert said(run(folder, "list", "--region", "2202", "--json")) == []
    assert said(run(folder, "show", drawn["id"], "--json")) == drawn
    for command in (("show", drawn["id"], "--again"), ("list",)):
        done = run(folder, *command)
        assert done.exit_code == 0
        assert drawn["id"] in done.stdout
    again = run(folder, "show", drawn["id"], "--again")
    assert "drawn again: the same" in " ".join(again.stdout.split())


def test_a_worklist_is_csv_and_blind(folder: Path, drawn: dict[str, Any]) -> None:
    done = run(folder, "worklist", drawn["id"], "--reader", "cl_reader")
    assert done.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 30
    assert set(rows[0]) == {
        *("position", "verification_id", "case_reference", "programme", "region", "reading"),
    }
    as_json = said(run(folder, "worklist", drawn["id"], "--reader", "cl_reader", "--json"))
    assert [one["verification_id"] for one in as_json] == [one["verification_id"] for one in rows]


def test_results_show_intervals_and_what_is_missing(folder: Path, drawn: dict[str, Any]) -> None:
    document = said(run(folder, "results", drawn["id"], "--json"))
    assert {one["measure"] for one in document["measures"]} == {
        *("inclusion", "class", "amount", "exclusion"),
    }
    done = run(folder, "results", drawn["id"])
    assert done.exit_code == 0
    for word in ("inclusion", "too few", "cannot_tell", "drawn by risk"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "as_none"), "no such audit"),
        (("results", "as_none"), "no such audit"),
        (("worklist", "as_none", "--reader", "cl_1"), "no such audit"),
        ((*DRAW, "--size", "12", "--tolerance", "luck=0.1"), "a tolerance is"),
        ((*DRAW, "--size", "12", "--tolerance", "money=2"), "between 0 and 1"),
        (DRAW, "/size: give either size or half_width"),
        ((*DRAW, "--size", "12", "--programme", "gold"), "/programmes/1: no such programme"),
        ((*DRAW, "--size", "12", "--kind", "stopped"), "/frame: no decision of these kinds"),
    ],
)
def test_what_is_refused(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    done = run(folder, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in " ".join(done.stderr.split())
