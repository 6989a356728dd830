"""`hedui error-rate`: over the service's own database and a file, for people and machines."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.cli import cli
from app.domain.errors import (
    ConfigurationError,
    Conflict,
    InvalidFile,
    MissingModel,
    NotFound,
    TooFewAudits,
)
from app.domain.instants import china_day
from app.error_rate.versions import Models
from app.settings import Settings
from app.store.migrate import sync_engine
from app.store.tables import audit_entry
from app.store.tables_audits import known_outcome, source_observation
from tests.error_rate.audits import doubled, drawn
from tests.service_parts import (
    REGION,
    Clock,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

NOW: Final = datetime.now(UTC)
Run = Callable[..., Result]


@pytest.fixture
async def decided(tmp_path: Path) -> tuple[Path, list[str]]:
    """The data of a closed service with four verifications that are final."""
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    ids, clock = [], Clock(NOW)
    async with running(tmp_path, all_ten(bank), clock=clock) as service:
        for number in range(4):
            clock.forward(seconds=1)
            body = a_body(case_reference=f"case {number}", as_of=NOW.date().isoformat())
            document = (await service.post(body)).json()
            assert document["status"] == "final", document
            ids.append(document["id"])
    return tmp_path, ids


@pytest.fixture
def run(tmp_path: Path) -> Run:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(tmp_path), "COLUMNS": "200"})

    def invoke(*arguments: str) -> Result:
        return runner.invoke(cli, ["error-rate", *arguments])

    return invoke


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sync_engine(Settings(data_dir=tmp_path).database)
    yield engine
    engine.dispose()


def insert(database: sa.Engine, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(table.insert(), rows)
        connection.commit()


def known(ids: list[str], *wrong: bool) -> list[dict[str, Any]]:
    return [
        {
            "verification_id": id_,
            "programme": "urban_dibao",
            "origin": "audit",
            "region": REGION,
            "true_outcome": "confirmed" if is_wrong else "not_confirmed",
            "probability": 0.5,
            "known_at": NOW,
        }
        for id_, is_wrong in zip(ids, wrong, strict=True)
    ]


def observed(id_: str, hits: int, trials: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"so_{number}",
            "region": REGION,
            "verification_id": id_,
            "source": "tax",
            "kind": "missed",
            "hits": int(number < hits),
            "trials": 1,
            "origin": "audit",
            "observed_at": NOW,
        }
        for number in range(trials)
    ]


def a_file(folder: Path, count: int = 300) -> Path:
    rows = ["predicted,wrong,weight,programme,region,area,ethnic_group,household_size"]
    for number, one in enumerate(drawn(count, doubled, seed=9)):
        area, group = ("urban", "rural")[number % 2], ("01", "10")[number % 3 == 0]
        cells = (f"{one.predicted:.6f}", int(one.wrong), 2, "urban_dibao", "220102", area, group, 3)
        rows.append(",".join(map(str, cells)))
    path = folder / "audited.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def entries(database: sa.Engine) -> list[tuple[str, str]]:
    with database.connect() as connection:
        rows = connection.execute(sa.select(audit_entry).order_by(audit_entry.c.position)).all()
    return [(row.action, row.object) for row in rows if row.action.startswith("error_rate")]


def failure_of(done: Result, kind: type[Exception]) -> str:
    assert isinstance(done.exception, kind), done.output
    return str(done.exception)


def test_reliability_of_a_file(tmp_path: Path, run: Run) -> None:
    path, svg = a_file(tmp_path), tmp_path / "reliability.svg"
    arguments = ("reliability", "--from", str(path), "--by", "area", "--by", "ethnic_group")
    done = run(*arguments, "--svg", str(svg), "--language", "en")
    assert done.exit_code == 0, done.output
    for words in ("Reliability 可靠性", "By area", "By ethnic_group", "outside the expected"):
        assert words in done.stdout
    assert ET.parse(svg).getroot().get("lang") == "en"  # noqa: S314 - our own
    machine = json.loads(run(*arguments, "--json").stdout)
    assert machine["decisions"] == 300
    assert [one["by"] for one in machine["compared"]] == ["area", "ethnic_group"]
    assert machine["compared"][0]["groups"].keys() == {"urban", "rural"}
    assert not (tmp_path / "hedui.sqlite3").exists()


def test_reliability_of_the_services_own_decisions(
    decided: tuple[Path, list[str]], run: Run, database: sa.Engine
) -> None:
    assert "no decision has a known outcome" in failure_of(run("reliability"), TooFewAudits)
    insert(database, known_outcome, known(decided[1], True, False, False, False))
    machine = json.loads(run("reliability", "--json").stdout)
    assert machine["decisions"] == 4
    by = {one["by"]: list(one["groups"]) for one in machine["compared"]}
    assert by["region"] == ["220102"]
    assert by["ethnic_group"] == ["01"]
    assert by["household_size"] == ["3"]
    assert machine["overall"] == {"count": 4, "effective": 4.0, "needed": 30}


def test_recalibrating_from_a_file(tmp_path: Path, run: Run, database: sa.Engine) -> None:
    path = a_file(tmp_path)
    done = run("recalibrate", "--from", str(path))
    assert done.exit_code == 0, done.output
    assert "takes effect when the service starts next" in " ".join(done.stderr.split())
    _, calibration = Models.load(tmp_path / "models").in_force(china_day(NOW))
    assert calibration.calibrated(0.05, "urban_dibao") > 0.06
    assert entries(database) == [("error_rate_calibrated", calibration.version)]
    again = run("recalibrate", "--from", str(path))
    assert "nothing new was learned" in failure_of(again, Conflict)
    assert len(entries(database)) == 1


def test_recalibrating_from_what_became_known(
    decided: tuple[Path, list[str]], run: Run, database: sa.Engine
) -> None:
    insert(database, known_outcome, known(decided[1], True, False, False, False))
    later = (NOW + timedelta(days=40)).date()
    done = run("recalibrate", "--since", later.isoformat(), "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["learned_from"]["rows"] == 4
    assert said["since"] == later.isoformat()
    models = Models.load(decided[0] / "models")
    assert models.in_force(china_day(NOW))[1].version == "identity"
    assert models.in_force(later)[1].version == said["version"]


def test_learning_takes_effect_with_the_next_start_and_old_results_stay(
    decided: tuple[Path, list[str]], run: Run, database: sa.Engine
) -> None:
    folder, ids = decided
    insert(database, source_observation, observed(ids[0], 12, 60))
    done = run("learn", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    (tax,) = [one for one in said["explained"] if one["key"] == "sources.tax.miss_rate"]
    assert (tax["hits"], tax["trials"]) == pytest.approx((12.0, 60.0))
    assert entries(database) == [("error_rate_learned", said["version"])]
    explained = run("explain-parameters", "--source", "tax")
    assert "sources.tax.miss_rate" in explained.stdout
    assert "12.0 of 60.0" in explained.stdout
    assert "sources.bank" not in explained.stdout
    versions = json.loads(run("versions", "--json").stdout)
    assert versions["in_force"]["parameters"] == said["version"]
    assert versions["shipped"] == "example-2026-01"
    replayed = CliRunner(env={"HEDUI_DATA_DIR": str(folder)}).invoke(cli, ["replay", ids[0]])
    assert replayed.exit_code == 0, replayed.output


async def test_a_result_names_the_versions_that_computed_it(
    decided: tuple[Path, list[str]], run: Run, database: sa.Engine, tmp_path: Path
) -> None:
    insert(database, source_observation, observed(decided[1][0], 12, 60))
    done = await asyncio.to_thread(run, "learn", "--json")
    version = json.loads(done.stdout)["version"]
    later = Clock(NOW + timedelta(minutes=1))
    async with running(tmp_path, all_ten(), clock=later) as service:
        id_ = (await service.post(a_body(as_of=NOW.date().isoformat()))).json()["id"]
        same, stored, _ = await service.parts.verifier.replay(id_)
        assert same
        assert stored.model["error_rate"] == version
    (tmp_path / "models" / f"parameters-{version}.yaml").unlink()
    async with running(tmp_path, all_ten(), clock=later) as service:
        with pytest.raises(MissingModel, match=version):
            await service.parts.verifier.replay(id_)
        assert (await service.parts.verifier.replay(decided[1][0]))[0]


async def test_rates_are_calibrated_with_the_next_start(
    decided: tuple[Path, list[str]], run: Run, tmp_path: Path
) -> None:
    """The rate of the same household is now what the map makes of the one before."""
    await asyncio.to_thread(run, "recalibrate", "--from", str(a_file(tmp_path)))
    today = china_day(NOW)
    _, calibration = Models.load(tmp_path / "models").in_force(today)
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    later = Clock(NOW + timedelta(minutes=1))
    async with running(tmp_path, all_ten(bank), clock=later) as service:
        before = (await service.shown(decided[1][0]))["decisions"][0]
        body = a_body(case_reference="case 0", as_of=NOW.date().isoformat())
        after = (await service.post(body)).json()
        _, stored, again = await service.parts.verifier.replay(after["id"])
    assert stored.digest == again.digest
    assert stored.model["calibration"] == calibration.version
    (decision,) = after["decisions"]
    wanted = calibration.calibrated(before["error_rate"], "urban_dibao")
    assert 0.0 < before["error_rate"] != decision["error_rate"]
    assert decision["error_rate"] == pytest.approx(wanted, rel=0.25)  # other draws
    assert sum(decision["error_causes"].values()) == pytest.approx(decision["error_rate"], abs=1e-5)


def test_a_draft_takes_no_effect(
    decided: tuple[Path, list[str]], run: Run, database: sa.Engine, tmp_path: Path
) -> None:
    out = tmp_path / "draft.yaml"
    done = run("learn", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "Learned 参数学习" in done.stdout  # of what applicants have, by the service's own tasks
    assert "sources.bank.has.deposits.probability" in done.stdout
    assert "it takes no effect there" in done.stderr.replace("\n", " ")
    assert out.exists()
    assert not (tmp_path / "models").exists()
    assert entries(database) == []


def test_one_cases_causes(decided: tuple[Path, list[str]], run: Run, tmp_path: Path) -> None:
    svg = tmp_path / "case.svg"
    done = run("case", decided[1][0], "--svg", str(svg))
    assert done.exit_code == 0, done.output
    assert "预测差错率" in svg.read_text("utf-8")
    other = run("case", decided[1][0], "--svg", str(svg), "--programme", "orphan")
    assert "decided were urban_dibao" in failure_of(other, NotFound)
    failure_of(run("case", "vf_none", "--svg", str(svg)), NotFound)


def test_what_is_shipped_is_explained_by_its_reference(run: Run) -> None:
    assert "assumed figures" in run("explain-parameters").stdout
    assert "example-2026-01" in run("versions").stdout
    unknown = run("explain-parameters", "--version", "gone")
    assert "parameters gone" in failure_of(unknown, MissingModel)


def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path) -> None:
    assert "nothing was observed" in failure_of(run("learn"), TooFewAudits)
    assert "teach no calibration" in failure_of(run("recalibrate"), TooFewAudits)
    missing = run("reliability", "--from", str(tmp_path / "none.csv"))
    assert "none.csv" in failure_of(missing, InvalidFile)
    past = run("learn", "--since", "2026-01-01")
    assert past.exit_code == 2
    assert "is over" in past.stderr.replace("\n", " ")
    path = a_file(tmp_path, 60)
    svg = run("reliability", "--from", str(path), "--svg", str(tmp_path / "none" / "x.svg"))
    assert "cannot be written" in failure_of(svg, ConfigurationError)
