"""`hedui matching reliability` and `calibrate`, as a person and a machine call them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli_matching import matching
from matching.calibration.sources import from_document
from tests.matching.labelled_pairs import drawn, overconfident, pairs


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(matching, list(arguments))


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    some = drawn(pairs(900, overconfident, seed=3), 900)
    rows = ["log2_odds,same,source,group"]
    for number, (odds, same) in enumerate(zip(some.log2_odds, some.same, strict=True)):
        source = ("tax", "bank", "vehicle")[number % 3]
        rows.append(f"{odds:.6f},{int(same)},{source},p{number // 2}")
    path = tmp_path / "labelled.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def test_a_table_for_all_and_for_each_source(labels: Path) -> None:
    done = run("reliability", str(labels), "--bins", "5")
    assert done.exit_code == 0
    for title in ("all sources", "tax", "bank", "vehicle"):
        assert f"Reliability 可靠性: {title}" in done.stdout
    assert done.stdout.count("ECE ") == 4


def test_reliability_for_machines(labels: Path) -> None:
    found: dict[str, Any] = json.loads(run("reliability", str(labels), "--json").stdout)
    assert set(found["sources"]) == {"tax", "bank", "vehicle"}
    assert sum(row["n"] for row in found["all"]["bins"]) == 900
    assert 5 <= len(found["all"]["bins"]) <= 15
    assert 0.01 < found["all"]["ece"] < 0.05
    assert set(found["all"]) == {"bins", "brier", "ece", "log_loss"}


def test_what_was_learned_is_stored_and_is_better_held_out(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "adjustments.json"
    done = run("calibrate", str(labels), "--out", str(out), "--date", "2026-11-20", "--json")
    assert done.exit_code == 0
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["all"]["after"]["log_loss"] < said["all"]["before"]["log_loss"]
    assert said["method"] in ("beta", "isotonic")
    assert set(said["log_loss_by_method"]) == {"identity", "platt", "beta", "isotonic"}
    stored = from_document(json.loads(out.read_text("utf-8")))
    assert stored.digest == said["digest"]
    assert stored.date.isoformat() == "2026-11-20"
    assert [one.source for one in stored.sources] == ["bank", "tax", "vehicle"]
    assert {one.labels_n for one in stored.sources} == {300}


def test_calibrate_for_people(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "adjustments.json"
    done = run("calibrate", str(labels), "--out", str(out))
    assert done.exit_code == 0
    assert "Cross-fitted, by" in done.stdout
    assert "all sources" in done.stdout
    assert str(out) in done.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("log2_odds,same\n1,yes\n2,perhaps\n", "row 3, column same"),
        ("log2_odds,same\n1,yes\n2,yes\n", "all of one kind"),
        ("log2_odds,same,group\n1,yes,a\n2,no,a\n", "two persons"),
    ],
)
def test_what_cannot_be_used_ends_with_one_line(tmp_path: Path, text: str, said: str) -> None:
    path, out = tmp_path / "labelled.csv", tmp_path / "adjustments.json"
    path.write_text(text, "utf-8")
    done = run("calibrate", str(path), "--out", str(out))
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr.replace("\n", " ")
    assert not out.exists()


def test_files_that_are_not_there(labels: Path, tmp_path: Path) -> None:
    missing = run("reliability", str(tmp_path / "none.csv"))
    assert (missing.exit_code, missing.stdout) == (2, "")
    unwritten = run("calibrate", str(labels), "--out", str(tmp_path / "no" / "a.json"))
    assert (unwritten.exit_code, unwritten.stdout) == (2, "")
