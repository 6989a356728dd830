"""`hedui programmes simulate`: what a draft changes, from what is stored, as if decided anew."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.programmes.folder import SHIPPED
from tests.api.test_statistics import of_members
from tests.service_parts import (
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

STREET, OTHER_STREET = "220102003", "220102005"
URBAN_DIBAO = (SHIPPED / "urban_dibao.yaml").read_text("utf-8")


def parameter(name: str, value: str, *, town: bool = False) -> str:
    values = f"values: {{all: {{2014-07-01: {value}}}}}"
    if town:
        one = f"{{all: {{2014-07-01: {value}}}}}"
        values = f"urban: {one}\n    rural: {one}"
    return f"  {name}:\n    reference: a draft\n    {values}\n"


FEWER_ASSETS = f"{URBAN_DIBAO}parameters:\n" + parameter("asset_months", '"12"')
HIGHER = f"{URBAN_DIBAO}parameters:\n" + parameter("local_standard", '"800.00"', town=True)
SHORTER = f"{URBAN_DIBAO}parameters:\n" + parameter("window_months", "6")
NEW = """
programme: winter_fuel
name: {zh: 取暖补助, en: winter fuel}
clause: "5"
area: by_township
tests:
  - {test: financial_assets_per_person, comparison: at_most, limit: most}
parameters:
  most:
    reference: a draft
    values: {all: {2014-07-01: "8000.00"}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three households with 15,320.55 yuan: three persons, two, and one alone elsewhere.

    The two are verified twice, the second time for medical relief as well.
    """
    place = tmp_path_factory.mktemp("service")
    asyncio.run(_verified(place))
    return place


async def _verified(folder: Path) -> None:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    two = ["urban_dibao", "medical_relief"]
    async with running(folder, all_ten(bank)) as service:
        for body in (
            a_body(),
            of_members("m1", "m2"),
            of_members("m1", "m2", programmes=two),
            of_members("m1", region=OTHER_STREET),
        ):
            reply = await service.post(body)
            assert reply.json()["status"] == "final", reply.text
            first = reply.json()["decisions"][0]
            assert first["outcome"] == "confirmed", first


def run(folder: Path, draft: str, *arguments: str) -> Result:
    path = folder / "draft.yaml"
    path.write_text(draft, "utf-8")
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), "COLUMNS": "200", "NO_COLOR": "1"})
    command = ["programmes", "simulate", str(path), "--as-of", "2026-11-24"]
    return runner.invoke(cli, [*command, *arguments])


def simulated(folder: Path, draft: str, *arguments: str, region: str = "220102") -> dict[str, Any]:
    done = run(folder, draft, "--region", region, "--json", *arguments)
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def outcomes(document: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (one["before"], one["after"]): (one["households"], one["members"])
        for one in document["outcomes"]
    }


def test_households_are_judged_by_the_draft_and_by_what_is_in_force(folder: Path) -> None:
    document = simulated(folder, FEWER_ASSETS)
    assert outcomes(document) == {
        ("confirmed", "confirmed"): (2, 5),
        ("confirmed", "not_confirmed"): (1, 1),
    }
    assert (document["changed_households"], document["changed_members"]) == (1, 1)
    assert document["cost"] == {"before": "4560.00", "after": "3800.00", "difference": "-760.00"}
    places = {one["region"]: one["changed_households"] for one in document["regions"]}
    assert places == {STREET: 0, OTHER_STREET: 1}
    (moved,) = document["largest"]
    assert (moved["region"], moved["after"], moved["change"]) == (
        OTHER_STREET,
        "not_confirmed",
        "-760.00",
    )
    assert 0 < document["expected_wrong"] < 3
    assert document["notes"] == []


def test_a_higher_standard_costs_more_and_says_what_is_approximate(folder: Path) -> None:
    document = simulated(folder, HIGHER)
    assert outcomes(document) == {("confirmed", "confirmed"): (3, 6)}
    assert document["cost"] == {"before": "4560.00", "after": "4800.00", "difference": "240.00"}
    assert [note["code"] for note in document["notes"]] == ["local_standard"]


@pytest.mark.parametrize("draft", [FEWER_ASSETS, HIGHER])
def test_stored_totals_tell_what_the_evidence_tells(folder: Path, draft: str) -> None:
    """Nobody's supporter pays: what is approximate elsewhere is exact here."""
    quick, anew = simulated(folder, draft), simulated(folder, draft, "--recount")
    assert {(one["before"], one["after"]): one["households"] for one in anew["outcomes"]} == {
        pair: households for pair, (households, _) in outcomes(quick).items()
    }
    assert anew["cost"]["difference"] == quick["cost"]["difference"]
    assert anew["cost"]["interval"] == [quick["cost"]["difference"]] * 2  # all were drawn
    assert (anew["population"], anew["sample"]) == (3, 3)


def test_other_counting_is_refused_by_name_and_recounted(folder: Path) -> None:
    done = run(folder, SHORTER, "--region", "220102")
    assert done.exit_code == 2
    assert "window_months" in done.stderr
    assert "--recount" in done.stderr
    document = simulated(folder, SHORTER, "--recount", "--sample", "2", "--seed", "7")
    assert (document["sample"], document["population"]) == (2, 3)
    assert simulated(folder, SHORTER, "--recount", "--sample", "2", "--seed", "7") == document
    (pair,) = document["outcomes"]
    low, high = pair["interval"]
    assert pair["sampled"] == 2
    assert 0 <= low <= pair["households"] == 3 == high


def test_a_new_programme_is_for_every_household_once(folder: Path) -> None:
    document = simulated(folder, NEW)
    assert document["programme"] == "winter_fuel"
    assert outcomes(document) == {
        ("no_standard", "confirmed"): (2, 5),
        ("no_standard", "not_confirmed"): (1, 1),
    }
    assert document["cost"] is None
    assert [note["code"] for note in document["notes"]] == ["new_programme"]


def test_every_household_may_be_judged_whatever_it_was_decided_for(folder: Path) -> None:
    medical = (SHIPPED / "medical_relief.yaml").read_text("utf-8")
    assert simulated(folder, medical)["households"] == 1
    assert simulated(folder, medical, "--all-households")["households"] == 3


def test_before_it_is_in_force_there_is_no_standard(folder: Path) -> None:
    later = FEWER_ASSETS.replace('2014-07-01: "12"', '2027-01-01: "12"')
    document = simulated(folder, later)
    assert outcomes(document) == {("confirmed", "no_standard"): (3, 6)}


def test_other_regions_have_no_households(folder: Path) -> None:
    document = simulated(folder, FEWER_ASSETS, region="220103")
    assert (document["households"], document["outcomes"], document["regions"]) == (0, [], [])


def test_the_tables_say_the_same(folder: Path) -> None:
    done = run(folder, FEWER_ASSETS, "--region", "220102")
    assert done.exit_code == 0, done.output
    shown = " ".join(done.stdout.split())
    assert "1 of 3 households change" in shown
    assert "-760.00" in shown
    done = run(folder, HIGHER, "--region", "220102", "--recount")
    assert "3 of 3 households concluded anew" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("draft", "arguments", "words"),
    [
        ("programme: [", ["--region", "220102"], "draft.yaml"),
        (URBAN_DIBAO.replace("homes_most", "homes_least"), ["--region", "220102"], "homes_least"),
        (URBAN_DIBAO, ["--region", "2201022"], "digits"),
        (URBAN_DIBAO, ["--region", "220102", "--level", "5"], "level"),
    ],
)
def test_what_cannot_be_simulated_is_said(
    tmp_path: Path, draft: str, arguments: list[str], words: str
) -> None:
    done = run(tmp_path, draft, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_a_draft_that_is_not_there(tmp_path: Path) -> None:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(tmp_path)})
    command = ["programmes", "simulate", str(tmp_path / "none.yaml"), "--region", "22"]
    done = runner.invoke(cli, command)
    assert done.exit_code == 2
    assert "none.yaml" in done.stderr
