"""Versions of models: as files and back, in force by day, named again, faults told."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from app.domain.errors import ConfigurationError, MissingModel
from app.error_rate.audited import audited_decisions
from app.error_rate.calibration import IDENTITY, recalibrate
from app.error_rate.learning import learn
from app.error_rate.observed import Kind, Observation
from app.error_rate.parameters import SHIPPED, Parameters
from app.error_rate.versions import (
    CalibrationFile,
    LearnedFile,
    Models,
    calibration_file,
    name_of,
    text_of,
    version_of,
)
from tests.error_rate.audits import doubled, drawn

DAY: Final = date(2026, 11, 24)
LATER: Final = DAY + timedelta(days=30)
SHIPPED_VERSION: Final = "example-2026-01"


def some_parameters(since: date = DAY, hits: int = 9) -> LearnedFile:
    row = Observation(source="tax", kind=Kind.MISSED, hits=hits, trials=80, observed_on=DAY)
    learned = learn(Models.load().shipped.document, [row])
    return LearnedFile(
        version=version_of(since, learned.learned_from.digest),
        since=since,
        assumed=SHIPPED_VERSION,
        learned_from=learned.learned_from,
        parameters=learned.content,
        explained=learned.explained,
    )


def a_calibration(
    parameters: str = SHIPPED_VERSION, since: date = DAY, count: int = 150
) -> CalibrationFile:
    audited = audited_decisions(drawn(count, doubled, seed=3))
    version = version_of(since, audited.learned_from.digest)
    found = recalibrate(audited, version=version, since=since, parameters=parameters)
    return calibration_file(found)


def filed(folder: Path, *files: LearnedFile | CalibrationFile) -> Models:
    for one in files:
        (folder / name_of(one)).write_text(text_of(one), "utf-8")
    return Models.load(folder)


def test_what_is_shipped_is_the_first_version(tmp_path: Path) -> None:
    for folder in (None, tmp_path, tmp_path / "none"):
        models = Models.load(folder)
        assert models.in_force(DAY) == (Parameters.load(), IDENTITY)
        assert models.shipped.explained == ()


def test_versions_are_read_back_exactly(tmp_path: Path) -> None:
    parameters, calibration = some_parameters(), a_calibration()
    models = filed(tmp_path, parameters, calibration)
    assert models.calibrations == (calibration,)
    assert models.parameters[1].file == parameters
    assert models.parameters[1].explained == parameters.explained
    read = models.calibrations[0].calibration
    for rate in (0.001, 0.04, 0.3):
        assert read.calibrated(rate, "x") == calibration.calibration.calibrated(rate, "x")


def test_learned_numbers_take_effect_on_their_day(tmp_path: Path) -> None:
    learned = some_parameters(LATER)
    models = filed(tmp_path, learned)
    before, _ = models.in_force(LATER - timedelta(days=1))
    after, _ = models.in_force(LATER)
    assert (before.version, after.version) == (SHIPPED_VERSION, learned.version)
    (tax,) = [one for one in learned.explained if one.key == "sources.tax.miss_rate"]
    assert after.sources["tax"].miss_rate.mean == pytest.approx(tax.learned)
    assert after.sources["tax"].miss_rate.weight == pytest.approx(180.0)
    assert before.sources["tax"].miss_rate.mean == 0.03


def test_a_calibration_holds_for_its_parameters_alone(tmp_path: Path) -> None:
    learned = some_parameters(LATER)
    old = a_calibration()
    models = filed(tmp_path, learned, old)
    assert models.in_force(DAY)[1].version == old.version
    assert models.in_force(LATER) == (models.parameters[1].parameters, IDENTITY)
    new = a_calibration(learned.version, LATER, 160)
    assert filed(tmp_path, new).in_force(LATER)[1].version == new.version


def test_the_newest_calibration_of_the_parameters_is_in_force(tmp_path: Path) -> None:
    first, second = a_calibration(), a_calibration(since=LATER, count=170)
    models = filed(tmp_path, second, first)
    assert [one.version for one in models.calibrations] == [first.version, second.version]
    assert models.in_force(LATER)[1].version == second.version
    assert models.in_force(LATER - timedelta(days=1))[1].version == first.version


def test_every_version_can_be_named_again(tmp_path: Path) -> None:
    learned, calibration = some_parameters(), a_calibration()
    models = filed(tmp_path, learned, calibration)
    assert models.named(SHIPPED_VERSION, "identity") == (Parameters.load(), IDENTITY)
    parameters, corrected = models.named(learned.version, calibration.version)
    assert (parameters.version, corrected.version) == (learned.version, calibration.version)


@pytest.mark.parametrize(
    ("parameters", "calibration", "named"),
    [
        ("gone", "identity", "parameters gone: not among"),
        (SHIPPED_VERSION, "gone", "calibration gone: not among"),
    ],
)
def test_a_version_that_is_gone_is_named(parameters: str, calibration: str, named: str) -> None:
    with pytest.raises(MissingModel, match=named):
        Models.load().named(parameters, calibration)


def test_before_the_first_day_nothing_is_in_force() -> None:
    with pytest.raises(ConfigurationError, match="none in force on 2025-12-31"):
        Models.load().in_force(date(2025, 12, 31))


def test_parts_that_a_later_release_added_are_as_shipped(tmp_path: Path) -> None:
    learned = some_parameters()
    document = yaml.safe_load(text_of(learned))
    del document["parameters"]["conflict_sigma"]
    del document["parameters"]["sources"]["vehicle"]["has"]["vessel"]
    (tmp_path / name_of(learned)).write_text(yaml.safe_dump(document), "utf-8")
    parameters, _ = Models.load(tmp_path).in_force(DAY)
    assert parameters.conflict_sigma == 0.1
    assert parameters.sources["vehicle"].has["vessel"].probability.mean == 0.001


def test_what_another_release_shipped_can_be_put_back(tmp_path: Path) -> None:
    """A result of that release then finds its parameters again; the newest are in force."""
    old = SHIPPED.read_text("utf-8").replace(SHIPPED_VERSION, "example-2025-07")
    old = old.replace("since: 2026-01-01", "since: 2025-07-01")
    (tmp_path / "parameters-example-2025-07.yaml").write_text(old, "utf-8")
    models = Models.load(tmp_path)
    assert models.named("example-2025-07", "identity")[0].since == date(2025, 7, 1)
    assert models.in_force(DAY)[0].version == SHIPPED_VERSION
    assert models.in_force(date(2025, 8, 1))[0].version == "example-2025-07"
    assert models.shipped.parameters.version == SHIPPED_VERSION


def changed(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(values)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(since="soon"), "since: "),
        (changed(version="another"), "holds the version of parameters-another.yaml: name it so"),
        (changed(more=1), "more: "),
        (changed(parameters={"undeclared_member": {"mean": 2.0, "weight": 1.0}}), "mean: "),
        (changed(format="hedui-error-rate-calibration"), "format: "),
    ],
)
def test_a_fault_names_file_and_key(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    learned = some_parameters()
    document = yaml.safe_load(text_of(learned))
    change(document)
    (tmp_path / name_of(learned)).write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        Models.load(tmp_path)
    assert name_of(learned) in str(raised.value)
    assert words in str(raised.value)


def test_a_calibration_without_a_map_for_all_is_refused(tmp_path: Path) -> None:
    calibration = a_calibration()
    document = yaml.safe_load(text_of(calibration))
    document["maps"] = document["maps"][1:]
    (tmp_path / name_of(calibration)).write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ConfigurationError, match="for the others"):
        Models.load(tmp_path)


@pytest.mark.parametrize("text", ["a: [", "- a list"])
def test_what_is_no_file_of_a_model(tmp_path: Path, text: str) -> None:
    (tmp_path / "parameters-x.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"parameters-x\.yaml: "):
        Models.load(tmp_path)


def test_a_file_of_another_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "parameter-x.yaml").write_text(SHIPPED.read_text("utf-8"), "utf-8")
    with pytest.raises(ConfigurationError, match="is no model"):
        Models.load(tmp_path)


def test_two_versions_of_one_name_are_refused(tmp_path: Path) -> None:
    learned = some_parameters()
    document = yaml.safe_load(text_of(learned)) | {"version": SHIPPED_VERSION}
    (tmp_path / f"parameters-{SHIPPED_VERSION}.yaml").write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ConfigurationError, match=f"two versions are named {SHIPPED_VERSION}"):
        Models.load(tmp_path)
