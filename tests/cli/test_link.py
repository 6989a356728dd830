"""`hedui link` end to end: files in, pairs out, and one line where a file cannot be used."""

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from tests.matching.bulk.rows import Row, csv_of, people_of, row_of, two_files
from tests.matching.registers import Registers, number, registers

MADE = registers(120, seed=4)
BORN = date(1990, 5, 6)
ELDER: Row = {
    "name": "李大双",
    "id_number": number(BORN, 123),
    "birth_date": "1990-05-06",
    "address": "长春市南关区民康街道同德路12号3栋2单元501室",
}
YOUNGER: Row = {**ELDER, "name": "李小双", "id_number": number(BORN, 125)}
TWICE: Row = {"name": "曲逄玥", "birth_date": "1961-05-06", "sex": "女"}
# One who stands twice in the right file, and twins: rivals, and a pair that is hardly one person.
for _key, _ours, _theirs in (("x", ELDER, YOUNGER), ("y", TWICE, TWICE), ("z", {}, TWICE)):
    _one, _other = people_of([_ours, _theirs])
    MADE.left.append((f"a{_key}", _one))
    MADE.right.append((f"b{_key}", _other))


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    left, right = two_files(tmp_path, MADE)
    return str(left), str(right)


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    return runner.invoke(cli, ["link", *arguments, "--workers", "1"])


def pairs_in(path: Path) -> dict[tuple[str, str], float]:
    with path.open(encoding="utf-8", newline="") as text:
        return {
            (row["left_id"], row["right_id"]): float(row["probability"])
            for row in csv.DictReader(text)
        }


def shown(result: Result) -> str:
    """What stands on the screen, in one line: rich breaks long ones."""
    return " ".join((result.stdout + result.stderr).split())


def f1(found: set[tuple[str, str]], made: Registers) -> float:
    return 2 * len(found & made.truth) / (len(found) + len(made.truth))


def test_two_files_give_a_file_of_pairs_and_can_be_taken_up(
    files: tuple[str, str], tmp_path: Path
) -> None:
    out, work = tmp_path / "pairs.csv", tmp_path / "work"
    first = run(*files, "--out", str(out), "--work", str(work))
    assert first.exit_code == 0, first.stderr
    assert first.stdout == ""
    assert f1(set(pairs_in(out)), MADE) > 0.95
    assert min(pairs_in(out).values()) >= 0.5
    assert f"{len(pairs_in(out))} in " in shown(first)
    before = out.read_bytes()
    parquet = tmp_path / "pairs.parquet"
    second = run(*files, "--out", str(parquet), "--work", str(work))
    assert second.exit_code == 0
    with duckdb.connect() as duck:
        found = duck.read_parquet(str(parquet)).fetchall()
    assert {(row[0], row[1]): f"{row[2]:.9f}" for row in found} == {
        pair: f"{p:.9f}" for pair, p in pairs_in(out).items()
    }
    loose = run(*files, "--out", str(out), "--work", str(work), "--threshold", "0")
    assert loose.exit_code == 0
    every = pairs_in(out)
    assert len(every) > len(found)
    once = run(*files, "--out", str(out), "--work", str(work), "--threshold", "0", "--each-once")
    assert once.exit_code == 0
    stricter = pairs_in(out)
    assert stricter.keys() == every.keys()
    assert all(p <= every[pair] + 1e-9 for pair, p in stricter.items())
    assert stricter != every
    again = run(*files, "--out", str(out), "--work", str(work))
    assert again.exit_code == 0
    assert out.read_bytes() == before
    other = run(*files, "--work", str(work), "--no-train")
    assert other.exit_code == 2
    assert "other files or options" in shown(other)


def test_one_file_against_itself_tells_what_is_wrong(tmp_path: Path) -> None:
    person = row_of(MADE.left[0][1])
    again = {**person, "id_number": "", "birth_date": "昨天"}
    stranger = row_of(MADE.left[1][1])
    path, out = tmp_path / "people.csv", tmp_path / "pairs.csv"
    rows = [person, again, stranger, stranger]
    path.write_text(csv_of(rows, ["a", "b", "c", "a"]), encoding="gb18030")
    result = run(str(path), "--out", str(out), "--threshold", "0.1")
    assert result.exit_code == 0, result.stderr
    assert set(pairs_in(out)) == {("a", "b")}
    assert "left: row 3, birth_date: invalid_date" in shown(result)
    assert "left: row 5, id: duplicate_id" in shown(result)
    for text in (person["name"], person["id_number"], person["phone"]):
        assert text not in shown(result)


def test_many_problems_are_counted(tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "pairs.csv"
    path.write_text("id,name\n1,mara\n" + ",olga\n" * 30, encoding="utf-8")
    fields = tmp_path / "fields.yaml"
    fields.write_text("fields: {name: text}", encoding="utf-8")
    result = run(str(path), str(path), "--fields", str(fields), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert shown(result).count("missing_id") == 20
    assert "and 40 more rows with problems" in shown(result)


def test_other_records_by_their_fields(tmp_path: Path) -> None:
    fields = tmp_path / "fields.yaml"
    fields.write_text("fields: {given: text, surname: text, born: code}", encoding="utf-8")
    names = [("mara", "roth"), ("olga", "lindberg"), ("hugo", "falkental"), ("nils", "eichwald")]
    for side, slip in (("left", ""), ("right", "e")):
        lines = [
            f"{side[0]}{place},{one},{two}{slip},19{place + 50}0307"
            for place, (one, two) in enumerate(names)
        ]
        text = "id,given,surname,born\n" + "\n".join(lines) + "\n"
        (tmp_path / f"{side}.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "pairs.csv"
    paths = [str(tmp_path / f"{side}.csv") for side in ("left", "right")]
    result = run(*paths, "--fields", str(fields), "--out", str(out), "--threshold", "0")
    assert result.exit_code == 0, result.stderr
    assert {(f"l{place}", f"r{place}") for place in range(4)} <= set(pairs_in(out))
    assert "trained on" in shown(result)


@pytest.mark.parametrize(
    ("name", "text", "options", "why"),
    [
        ("a.csv", "name\n李明\n", [], "a.csv: the first line names no column `id`"),
        ("a.csv", "id,ward\n1,x\n", [], "none of the columns"),
        ("a.csv", "id,name\n", [], "a.csv holds no row"),
        ("a.parquet", "id,name\n", [], "no Parquet file"),
        ("a.csv", 'id,name\n1,"' + "x" * 140_000, [], "CSV"),
        ("a.csv", "id,name\n1,李明\n", ["--fields", "fields.yaml"], "`fields` must name"),
        pytest.param("a.csv", "id,name\n1,李明\n", ["--fields", "broken.yaml"], "broken.yaml"),
        ("a.csv", "id,name\n1,李明\n", ["--fields", "nothing.yaml"], "nothing.yaml"),
        pytest.param(
            "a.csv",
            "id,name\n1,李明\n",
            ["--weights", "weights.json"],
            "no weights file",
        ),
        ("a.csv", "id,name\n1,李明\n", ["--weights", "nothing.json"], "nothing.json"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else " ".join(value),
)
def test_what_cannot_be_used_is_one_line_and_status_2(
    name: str, text: str, options: list[str], why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "fields.yaml").write_text("fields: []", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("fields: {", encoding="utf-8")
    (tmp_path / "weights.json").write_text("[]", encoding="utf-8")
    at = [str(tmp_path / one) if "." in one else one for one in options]
    path = str(tmp_path / name)
    result = run(path, path, "--out", str(tmp_path / "pairs.csv"), *at)
    assert result.exit_code == 2
    assert why in shown(result)
    assert "Traceback" not in shown(result)
    assert "李明" not in shown(result)
    assert not (tmp_path / "pairs.csv").exists()


def test_weights_that_were_not_fitted_here_are_not_told_as_trained(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,李明\n", encoding="utf-8")
    result = run(str(path), str(path), "--out", str(tmp_path / "pairs.csv"))
    assert result.exit_code == 0, result.stderr
    assert "trained on" not in shown(result)


def test_what_would_fail_at_the_end_fails_before_the_work(tmp_path: Path) -> None:
    path, work = tmp_path / "a.csv", tmp_path / "work"
    path.write_text("id,name\n1,李明\n", encoding="utf-8")
    result = run(str(path), "--out", str(tmp_path / "no" / "pairs.csv"), "--work", str(work))
    assert result.exit_code == 2
    assert "pairs.csv" in shown(result)
    assert not work.exists()


@pytest.mark.parametrize("memory", ["much", "1 parrot", ""])
def test_memory_that_is_no_amount(memory: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,李明\n", encoding="utf-8")
    result = run(str(path), "--out", str(tmp_path / "pairs.csv"), "--memory", memory)
    assert result.exit_code == 2
    assert "no amount of memory" in shown(result)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nothing.csv"), "--out", str(tmp_path / "pairs.csv"))
    assert result.exit_code == 2
    assert "nothing.csv" in shown(result)


@pytest.mark.parametrize("options", [["--threshold", "1.5"], ["--workers", "0"], ["--what"]])
def test_an_option_that_is_not_possible(options: list[str]) -> None:
    assert run("left.csv", *options).exit_code == 2
