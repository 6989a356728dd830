"""A CSV file of people read into identities, and what is wrong with a row or the file."""

from datetime import date
from pathlib import Path

import pytest

from matching.identity import Identity, Sex
from matching.people import (
    PeopleFileError,
    RowProblem,
    date_of,
    former_names,
    people_from_csv,
    read_people_csv,
)

N = "229901198003071236"
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("李亮", ("李亮",)),
        ("李亮；李量, 李凉", ("李亮", "李量", "李凉")),
        ("李亮、李量/李凉|李梁", ("李亮", "李量", "李凉", "李梁")),
        (" ;, ", ()),
    ],
)
def test_one_cell_holds_several_former_names(text: str, names: tuple[str, ...]) -> None:
    assert former_names(text) == names


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-03-07", date(1980, 3, 7)),
        ("1980.3.7", date(1980, 3, 7)),
        ("1980年03月07日", date(1980, 3, 7)),
        ("1980-03-07 00:00:00", date(1980, 3, 7)),
        ("1980-02-30", None),
        ("07.03.1980", None),
        ("", None),
    ],
)
def test_a_date_as_registers_write_it(text: str, day: date | None) -> None:
    assert date_of(text) == day
