"""Linking two files: found pairs, candidates, and reading the file."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from matching.block import MOST_PAIRS, candidates
from matching.calibrate import reliability
from matching.identity import Identity, Sex
from matching.link import link, read_people_csv
from matching.pair import prepare
from matching.people import PeopleFileError, RowProblem, people_from_csv
from matching.weights import load_weights
from tests.matching.registers import number, registers

WEIGHTS = load_weights()
N = "229901198003071236"


def test_two_registers_are_linked_and_the_probabilities_hold() -> None:
    made = registers(1500, seed=11)
    scored = {(a, b): p for a, b, p in link(made.left, made.right, WEIGHTS, threshold=0.0)}
    found = {pair for pair, p in scored.items() if p >= 0.5}
    right = len(found & made.truth)
    precision, recall = right / len(found), right / len(made.truth)
    assert 2 * precision * recall / (precision + recall) > 0.97
    sure = {pair for pair, p in scored.items() if p >= 0.999}
    assert len(sure & made.truth) / len(sure) > 0.998
    assert len(sure & made.truth) / len(made.truth) > 0.9
    labels = [pair in made.truth for pair in scored]
    assert reliability(list(scored.values()), labels).ece < 0.02


def test_twins_are_not_linked() -> None:
    born = date(1990, 5, 6)
    home = "长春市南关区民康街道平阳街12号3栋2单元501室"
    elder = Identity(name="李大双", id_number=number(born, 123), birth_date=born, address=home)
    younger = replace(elder, name="李小双", id_number=number(born, 125))
    assert list(link([("a", elder)], [("b", younger)], WEIGHTS, threshold=0.01)) == []


def test_only_pairs_at_or_above_the_threshold_are_given() -> None:
    person = Identity(name="李明", id_number=N)
    assert [pair[:2] for pair in link([("a", person)], [("b", person)], WEIGHTS)] == [("a", "b")]
    stranger = Identity(name="王芳", birth_date=date(1970, 1, 2))
    assert list(link([("a", person)], [("b", stranger)], WEIGHTS)) == []
    assert list(link([], [], WEIGHTS)) == []


def test_a_crowded_key_is_cut() -> None:
    crowd = [
        prepare(Identity(name="李明", birth_date=date(1950 + i % 40, 1, 1), phone="02012345678"))
        for i in range(200)
    ]
    pairs = list(candidates(crowd, crowd))
    assert len(pairs) == len(set(pairs))
    assert MOST_PAIRS < 200 * 200
    assert len(pairs) < 200 * 200 / 10
    assert {(i, i) for i in range(200)} <= set(pairs)


CSV = """id,name,former_name,id_type,id_number,birth_date,sex,address,phone,employer
a1,李明,李亮;李量,resident_id,229901198003071236,1980-03-07,男,平阳街12号3-2-501,19912345678,
a2,王芳,,,229901198204152227,19820415,2,,,某某小吃店
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_of_people_is_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(CSV.replace("李明", "李䶮").encode(encoding))
    people = read_people_csv(path)
    assert people.problems == ()
    assert people.rows[0] == (
        "a1",
        Identity(
            name="李䶮",
            former_names=("李亮", "李量"),
            id_number=N,
            birth_date=date(1980, 3, 7),
            sex=Sex.MALE,
            address="平阳街12号3-2-501",
            phone="19912345678",
        ),
    )
    assert people.rows[1][1].sex is Sex.FEMALE
    assert people.rows[1][1].address is None


def test_a_bad_row_is_reported_and_does_not_stop_the_others() -> None:
    text = "ID,name,birth_date,sex,ward\na1,李明,1980-13-07,男,x\n,王芳,,,\na1,王芳,,,\n\n"
    text += "a2,王芳,1982/4/15,不男不女,\na3,赵军,1970年1月2日,0,\na4,钱红,,,,,\n"
    people = people_from_csv(text.encode())
    assert people.problems == (
        RowProblem(2, "birth_date", "invalid_date"),
        RowProblem(3, "id", "missing_id"),
        RowProblem(4, "id", "duplicate_id"),
        RowProblem(6, "sex", "invalid_sex"),
        RowProblem(8, "ward", "too_many_columns"),
    )
    assert [key for key, _ in people.rows] == ["a1", "a2", "a3"]
    assert people.rows[1][1].birth_date == date(1982, 4, 15)
    assert people.rows[2][1].birth_date == date(1970, 1, 2)


@pytest.mark.parametrize("data", [b"", b"name\nx\n", b"id,name\na,\xff\xff\xff\n"])
def test_a_file_that_cannot_be_read_says_why(data: bytes) -> None:
    with pytest.raises(PeopleFileError):
        people_from_csv(data)
