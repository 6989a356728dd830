"""`hedui programmes` lists, checks, explains, and prints the schema of the files."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.programmes.folder import SHIPPED
from app.programmes.schema import SCHEMA_FILE
from tests.programmes.drafts import A_DRAFT

REGION, DAY = "220102003", "2026-11-24"


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    settings = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", **(env or {})}
    return CliRunner(env=settings).invoke(cli, ["programmes", *arguments])


def folder_with(folder: Path, text: str) -> str:
    (folder / "a_draft.yaml").write_text(text, "utf-8")
    return str(folder)


def test_the_list_has_every_programme() -> None:
    done = run("list")
    assert done.exit_code == 0
    for path in SHIPPED.glob("*.yaml"):
        assert path.stem == "local" or path.stem in done.stdout
    rows = json.loads(run("list", "--json").stdout)
    row = next(one for one in rows if one["programme"] == "urban_three_nos")
    assert row == {
        "programme": "urban_three_nos",
        "name": {
            "zh": "城市三无人员救助",
            "en": "support of urban residents without work or means",
        },
        "clause": "4",
        "area": "urban",
        "until": "2016-02-09",
    }
    assert "城市三无人员救助" in run("list", "--language", "zh").stdout


def test_the_list_of_a_county_has_its_own_programmes(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, A_DRAFT)
    assert "a_draft" in run("list", "--folder", folder).stdout
    assert "a_draft" in run("list", env={"HEDUI_PROGRAMMES": folder}).stdout


def test_a_good_folder_passes_with_warnings(tmp_path: Path) -> None:
    text = A_DRAFT.replace("once: {reference: test,", "once: {reference: test, example: true,")
    done = run("check", folder_with(tmp_path, text), "--as-of", DAY)
    assert done.exit_code == 0, done.stdout
    line = text[: text.index("  once")].count("\n") + 1
    warning = (
        f"{tmp_path}/a_draft.yaml:{line}:3: warning: benefits.once: example values are in force"
    )
    assert warning in done.stdout.splitlines()
    assert "26 programmes" in done.stdout.splitlines()
    row = next(one for one in done.stdout.splitlines() if one.startswith("│ a_draft "))
    assert re.findall(r"[^ │]+", row) == ["a_draft", "urban", "1/1", "60/60", "all"]
    over = next(one for one in done.stdout.splitlines() if one.startswith("│ urban_three_nos "))
    assert "last day 2016-02-09" in over


def test_a_gap_is_told_and_passes(tmp_path: Path) -> None:
    text = A_DRAFT.replace('"22": {2014-07-01: "10.00"}', '"220102": {2014-07-01: "10.00"}')
    done = run("check", folder_with(tmp_path, text), "--as-of", DAY)
    assert done.exit_code == 0
    row = next(one for one in done.stdout.splitlines() if one.startswith("│ a_draft "))
    assert "0/1" in row
    assert "1/60" in row
    assert "a_draft: 220103 urban: a_draft: none for 220103 on 2026-11-24, no level" in done.stdout


def test_all_faults_are_told_and_the_status_is_1(tmp_path: Path) -> None:
    text = (
        A_DRAFT.replace("area: urban", "area: suburb")
        .replace("limit: homes_most", "limit: homes_mst")
        .replace('"220102": {2015', '"220120": {2015')
    )
    (tmp_path / "charity.yaml").write_text("programme: [", "utf-8")
    done = run("check", folder_with(tmp_path, text))
    assert done.exit_code == 1
    told = done.stdout.splitlines()
    places = [re.sub(r"^(\S+?):(\d+):(\d+): (\S+): .*", r"\1 \2 \4", line) for line in told[:-1]]
    assert places == [
        f"{tmp_path}/a_draft.yaml 4 area",
        f"{tmp_path}/a_draft.yaml 9 tests.1.limit",
        f"{tmp_path}/charity.yaml 1 file",
        f"{tmp_path}/a_draft.yaml 19 parameters.supporter_share.values.220120",
    ]
    assert told[-1] == "4 faults in 2 of 27 files"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run("check", str(tmp_path / "none"))
    assert (done.exit_code, "no such folder" in done.stderr) == (2, True)
    assert run("list", "--folder", str(tmp_path / "none")).exit_code == 2


def test_a_faulty_folder_is_not_explained_by(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, A_DRAFT.replace("area: urban", "area: suburb"))
    done = run("explain", "a_draft", "--region", REGION, "--folder", folder)
    assert done.exit_code == 2
    assert "a_draft.yaml:4:7: area: must be" in done.stderr


IN_ENGLISH = (
    "special_support@2014-07-01/22/urban",
    "present values hold until",
    "2025-12-31",
    "2026-01-01 local standard, yuan a month and person → 760.00 (county 220102)",
    "at most 371.24",
    "province 22",
    "whole country",
    "4200.00",
    "Left to the case system",
    "社会救助暂行办法 (State Council order 649) articles 14 to 19",
    "some values are made-up examples",
)
IN_CHINESE = (
    "执行标准",
    "现行数值有效至",
    "月人均收入",
    "不超过 371.24",
    "省 22",
    "核算口径",
    "示例值",
)


@pytest.mark.parametrize(("language", "words"), [("en", IN_ENGLISH), ("zh", IN_CHINESE)])
def test_a_standard_is_explained_for_people(language: str, words: tuple[str, ...]) -> None:
    where = ("--region", REGION, "--as-of", "2025-05-01")
    done = run("explain", "special_support", *where, "--language", language)
    assert done.exit_code == 0, done.output
    assert [one for one in words if one not in done.stdout] == []


def test_a_standard_is_explained_for_machines() -> None:
    done = run("explain", "funeral_relief", "--region", REGION, "--as-of", DAY, "--json")
    document = json.loads(done.stdout)
    assert document["standard"] == "funeral_relief@2026-01-01/220102/urban"
    assert document["holds_one_of"] == ["urban_dibao"]
    assert document["benefits"][0]["value"] == "6"


def test_what_cannot_be_explained_is_said_in_a_line() -> None:
    for arguments, words in (
        (("dibao", "--region", REGION), "no programme has that key"),
        (("urban_dibao", "--region", "110101"), "no level of the region has a"),
        (("urban_three_nos", "--region", REGION), "its last day was 2016-02-09"),
    ):
        done = run("explain", *arguments)
        assert (done.exit_code, words in done.stderr) == (2, True)
    assert run("explain", "urban_dibao", "--region", "Jilin").exit_code == 2


def test_the_schema_is_printed_as_it_is_committed() -> None:
    done = run("schema")
    assert done.exit_code == 0
    assert done.stdout == SCHEMA_FILE.read_text("utf-8")
