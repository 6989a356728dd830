"""`hedui recipients` and `hedui reverify` on the service's own database."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli_recipients import recipients, reverify
from tests.service_parts import HEAD, SPOUSE, SUPPORTER

cli = typer.Typer()
cli.add_typer(recipients, name="recipients")
cli.command()(reverify)
HEADER = "案件编号,行政区划,救助类型,姓名,证件类型,证件号码,与户主关系,授权书编号,授权有效期,类别\n"
LINES = {
    "k-1": f"k-1,220102003,urban_dibao,李明,resident_id,{HEAD},head,SQ-1,2027-11-19,A\n",
    "k-2": f"k-2,220103001,urban_dibao,王芳,resident_id,{SPOUSE},head,SQ-2,2027-11-19,C\n",
    "=k-3": f"=k-3,220102003,urban_dibao,李建国,resident_id,{SUPPORTER},head,SQ-3,2020-01-01,B\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roster.csv").write_text(HEADER + "".join(LINES.values()), "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    env = {"HEDUI_DATA_DIR": str(folder / "data"), "COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner(env=env).invoke(cli, list(arguments))


def taken_in(folder: Path, *options: str, name: str = "roster.csv") -> Result:
    where = ("--region", "2201", *options)
    return run(folder, "recipients", "import", str(folder / name), *where)


def lines(done: Result) -> list[dict[str, str]]:
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_a_roster_its_lists_and_a_batch(folder: Path) -> None:
    done = taken_in(folder)
    assert (done.exit_code, done.stderr) == (0, "3 added, 0 updated, 0 unchanged\n")
    assert "0 added, 0 updated, 3 unchanged" in taken_in(folder).stderr
    listed = lines(run(folder, "recipients", "list", "--region", "2201"))
    assert [one["case_reference"] for one in listed] == ["'=k-3", "k-1", "k-2"]
    due = run(folder, "recipients", "due", "--region", "220102", "--class", "A", "--json")
    (one,) = map(json.loads, due.stdout.splitlines())
    assert (one["case_reference"], one["why_due"]) == ("k-1", "new")
    ends = run(folder, "recipients", "list", "--region", "2201", "--consent-expiring-within", "30")
    assert [each["case_reference"] for each in lines(ends)] == ["'=k-3"]


def test_re_verification_is_told_and_begun(folder: Path) -> None:
    taken_in(folder)
    told = run(folder, "reverify", "--region", "2201", "--due", "--dry-run")
    assert said(told)["counties"] == {"220102": 2, "220103": 1}
    assert "of 1 households it has ended" in told.stderr
    begun = said(run(folder, "reverify", "--region", "2201", "--due", "--class", "A"))
    assert [one["households"] for one in begun["batches"]] == [1]
    assert len(said(run(folder, "reverify", "--region", "2201", "--due"))["batches"]) == 2
    assert said(run(folder, "reverify", "--region", "2201", "--due"))["batches"] == []


def said(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_one_household_is_reported_and_ended(folder: Path) -> None:
    taken_in(folder)
    (one,) = lines(run(folder, "recipients", "list", "--region", "220103"))
    told = said(run(folder, "recipients", "report-change", one["id"], "--why", "doubtful"))
    assert told["why_due"] == "doubtful"
    assert said(run(folder, "recipients", "end", one["id"]))["state"] == "ended"
    again = run(folder, "recipients", "end", one["id"])
    assert (again.exit_code, again.stderr) == (2, "hedui: the recipient is ended already\n")


def test_who_is_absent(folder: Path) -> None:
    taken_in(folder)
    (folder / "less.csv").write_text(HEADER + LINES["k-1"], "utf-8")
    told = taken_in(folder, "--replace", "--dry-run", name="less.csv")
    assert "2 absent, 0 ended" in told.stderr
    (folder / "bad.csv").write_text(HEADER + LINES["k-1"] + LINES["k-2"].replace("C", "Z"), "utf-8")
    bad = taken_in(folder, "--replace", name="bad.csv")
    assert bad.exit_code == 1
    assert "row 2: class: class.unknown" in bad.stderr
    assert "nobody was ended" in bad.stderr
    assert "2 absent, 2 ended" in taken_in(folder, "--replace", name="less.csv").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reverify", "--region", "2201"), "--due is needed"),
        (("reverify", "--region", "22O1", "--due"), "a region is"),
        (("recipients", "list", "--region", "x"), "a region is"),
        (("recipients", "end", "rc_none"), "no such recipient"),
        (("recipients", "import", "none.csv", "--region", "2201"), "No such file"),
        (("recipients", "import", "/dev/null", "--region", "2201"), "file.empty"),
    ],
)
def test_refusals(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(folder, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
