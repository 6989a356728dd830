"""`hedui matching explain` shows two people side by side, and no value in its errors."""

import json
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli_explain import explain
from tests.matching.registers import number

N = number(date(1980, 3, 7), 123)
SLIP = N[:16] + "8" + N[17]
LEFT = {"name": "李明", "id_number": N, "birth_date": "1980-03-07", "sex": "male"}
RIGHT = {"name": "李眀", "id_number": SLIP, "former_names": ["李亮"]}
CSV = f"id,name,id_number\nA,李明,{N}\nB,李眀,{SLIP}\n"


@pytest.fixture
def command() -> typer.Typer:
    cli = typer.Typer()
    cli.command("explain")(explain)
    return cli


def written(folder: Path, name: str, content: object) -> str:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(command: typer.Typer, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "240", "NO_COLOR": "1"}).invoke(command, arguments)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    return written(tmp_path, "left.json", LEFT), written(tmp_path, "right.json", RIGHT)


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("第17位不同：3 与 8", "男", "合计")), ("en", ("digit 17 differs: 3 and 8", "total"))],
)
def test_the_table_names_the_difference(
    command: typer.Typer, files: tuple[str, str], language: str, words: tuple[str, ...]
) -> None:
    done = run(command, *files, "--language", language)
    assert done.exit_code == 0
    shown = done.stdout
    assert all(word in shown for word in words)
    assert N in shown


def test_masked_stars_what_is_equal(command: typer.Typer, files: tuple[str, str]) -> None:
    done = run(command, *files, "--masked")
    assert done.exit_code == 0
    assert N[:16] not in done.stdout
    assert "229901*********23" in done.stdout
    assert "229901*********28" in done.stdout


def test_for_machines_and_by_rows_of_a_csv(command: typer.Typer, tmp_path: Path) -> None:
    people = written(tmp_path, "people.csv", CSV)
    done = run(command, people, people, "--rows", "A", "B", "--json", "--masked")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["masked"] is True
    assert document["link"] in ("accept", "review", "refuse")
    assert [one["level"] for one in document["fields"]][:2] == ["variant", "one_edit"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ({"name": "李明", "idnumber": N}, "not idnumber"),
        ({"birth_date": f"x{N}"}, "birth_date"),
        ([N], "the document"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_its_values_are_not(
    command: typer.Typer, tmp_path: Path, content: object, says: str
) -> None:
    good, bad = written(tmp_path, "left.json", LEFT), written(tmp_path, "bad.json", content)
    done = run(command, good, bad)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "bad.json" in done.stderr
    assert N not in done.stderr
    assert "李" not in done.stderr


@pytest.mark.parametrize(
    ("rows", "says"), [((), "--rows"), (("--rows", "A", "Z"), "no row has this id")]
)
def test_rows_that_are_not_there(
    command: typer.Typer, tmp_path: Path, rows: tuple[str, ...], says: str
) -> None:
    people = written(tmp_path, "people.csv", CSV)
    done = run(command, people, people, *rows)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_file_that_is_not_there(command: typer.Typer, tmp_path: Path) -> None:
    done = run(command, str(tmp_path / "none.json"), str(tmp_path / "none.json"))
    assert done.exit_code == 2
    assert "No such file" in done.stderr
