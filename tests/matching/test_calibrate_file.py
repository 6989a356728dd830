"""Reading labelled pairs: what may stand in the file, and where a fault is said to be."""

import math
from pathlib import Path

import numpy as np
import pytest

from matching.calibration.labels_file import LabelsFileError, labels_from_csv, read_labels_csv

WHOLE = """\ufefflog2_odds,same,source,group,weight,remark
-3.5,no,tax,p1,1,

2,YES,bank,p1,20.5,x
0.25,1,,p2,1,
1,是,tax,p3,1,
"""


def test_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text(WHOLE, "utf-8")
    found = read_labels_csv(path)
    assert found.log2_odds.tolist() == [-3.5, 2.0, 0.25, 1.0]
    assert found.same.tolist() == [0, 1, 1, 1]
    assert found.sources.tolist() == ["tax", "bank", "", "tax"]
    assert found.weights.tolist() == [1, 20.5, 1, 1]
    assert found.groups.tolist() == [0, 0, 1, 2]


def test_probabilities_and_as_little_as_can_be() -> None:
    found = labels_from_csv(b"same,probability\n1,0.5\n0,0.2\nno,0\nyes,1\n")
    assert found.log2_odds[:2] == pytest.approx([0, -2])
    assert found.log2_odds[2:] == pytest.approx([math.log2(1e-12), -math.log2(1e-12)], rel=1e-5)
    assert set(found.sources) == {""}
    assert np.all(found.weights == 1)
    assert len(set(found.groups)) == 4


def test_the_source_may_stand_in_another_column() -> None:
    text = b"log2_odds,same,register\n1,yes,tax\n2,no,bank\n"
    assert labels_from_csv(text, source="register").sources.tolist() == ["tax", "bank"]
    with pytest.raises(LabelsFileError, match="no column where"):
        labels_from_csv(text, source="where")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "row 1 names no column log2_odds or probability"),
        ("same\nyes\n", "row 1 names no column log2_odds or probability"),
        ("log2_odds\n1\n", "row 1 names no column same"),
        ("log2_odds,same,same\n1,yes,yes\n", "row 1 names a column twice"),
        ("log2_odds,same\n\n", "no labelled pairs"),
        ("log2_odds,same\n1,yes\nx,no\n", "row 3, column log2_odds: not a number"),
        ("log2_odds,same\n\n1,yes\n,no\n", "row 4, column log2_odds: not a number"),
        ("log2_odds,same\nnan,yes\n", "row 2, column log2_odds: not a finite number"),
        ("probability,same\n1.01,yes\n", "row 2, column probability: a probability lies"),
        ("log2_odds,same\n1,maybe\n", "row 2, column same: neither yes or 1 nor no or 0"),
        ("log2_odds,same,weight\n1,yes,0\n", "row 2, column weight: a weight lies above 0"),
        ("log2_odds,same,group\n1,yes,\n", "row 2, column group: empty"),
        ("log2_odds,same,source\n1,yes,*\n", "row 2, column source: . stands for all"),
        ("log2_odds,same\n1\n", "row 2, column same: 1 cells, not 2"),
        ("log2_odds,same\n" + "1,?\n" * 8, "and 3 more"),
    ],
)
def test_a_fault_is_said_with_row_and_column(text: str, said: str) -> None:
    with pytest.raises(LabelsFileError, match=said):
        labels_from_csv(text.encode())


def test_no_value_is_shown() -> None:
    with pytest.raises(LabelsFileError) as refused:
        labels_from_csv("log2_odds,same\n李明,王芳\n".encode())
    assert "李明" not in str(refused.value)
    assert "王芳" not in str(refused.value)


def test_another_encoding_is_refused() -> None:
    with pytest.raises(LabelsFileError, match="UTF-8"):
        labels_from_csv("log2_odds,same\n1,是\n".encode("gb18030"))
