"""`hedui matching export-labels`: decisions of reviewers as the calibration reads them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.domain.review import Choice
from app.review.labels import labels_of, write_labels
from matching.calibration.labels_file import read_labels_csv
from tests.review_parts import (
    RECORD,
    a_doubtful_account,
    a_doubtful_car,
    a_word,
    holding,
    reviewers,
)
from tests.service_parts import running


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The data of a service in which one of two doubtful records was decided."""
    sources = holding(m1_bank=(a_doubtful_account("900.00"),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources) as service:
        await service.post()
        [first] = await reviewers(service, 1)
        [car] = [one for one in await first.records() if one["source"] == "vehicle"]
        assert (await first.says(car["id"], "another_person")).status_code == 201
    return tmp_path


def test_what_was_decided_is_a_label_and_names_nobody(folder: Path) -> None:
    out = folder / "labels.csv"
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), "COLUMNS": "400"})
    done = runner.invoke(cli, ["matching", "export-labels", "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert "1 labels" in done.stderr
    header, row = out.read_text("utf-8").splitlines()
    assert header == "log2_odds,same,source,group,weight"
    assert row.split(",")[1:3] == ["0", "vehicle"]
    assert "m2" not in row
    assert "vf_" not in row
    [same] = read_labels_csv(out).same
    assert not same


def test_where_it_cannot_be_written(folder: Path) -> None:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder)})
    missing = folder / "no" / "labels.csv"
    done = runner.invoke(cli, ["matching", "export-labels", "--out", str(missing)])
    assert done.exit_code == 2


def test_records_that_stand_together_are_one_pair_and_a_persons_pairs_one_group() -> None:
    several = (RECORD, replace(RECORD, record="ev_2/sha256:00"))
    other = replace(RECORD, person="m2", log2_odds=-3.25)
    words = [
        a_word(1, Choice.SAME_PERSON, "cl_1", records=several),
        a_word(2, Choice.ANOTHER_PERSON, "cl_1", records=(RECORD,)),
        a_word(3, Choice.ANOTHER_PERSON, "cl_1", records=(other,)),
    ]
    labels = list(labels_of(words))
    assert [(one.log2_odds, one.same) for one in labels] == [(1.5, 1), (1.5, 0), (-3.25, 0)]
    assert labels[0].group == labels[1].group != labels[2].group
    file = StringIO()
    assert write_labels(file, labels) == 3
    assert len(file.getvalue().splitlines()) == 4
