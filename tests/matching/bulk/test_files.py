"""Files of people in chunks: encodings, Parquet, and rows that are wrong."""

from pathlib import Path

import duckdb
import pytest

from matching.bulk.files import Chunk, read_chunks
from matching.people import FIELDS, PeopleFileError, RowProblem, people_from_csv

TEXT = "\n".join(
    [
        "ID, name ,birth_date,sex,ward",
        "a1, 李䶮 ,1980-13-07,男,x",
        ",王芳,,,",
        "",
        "a1,王芳,,,",
        'a2,"王\n芳",1982/4/15,不男不女,',
        "a3,赵军,1970年1月2日,0,",
        "a4,钱红,,,,,",
        "a5,孙强",
        "a6,周磊,昨天,不明,",
        "",
    ]
)
PROBLEMS = [
    RowProblem(3, "id", "missing_id"),
    RowProblem(9, "ward", "too_many_columns"),
    RowProblem(7, "sex", "invalid_sex"),
    RowProblem(11, "sex", "invalid_sex"),
    RowProblem(2, "birth_date", "invalid_date"),
    RowProblem(11, "birth_date", "invalid_date"),
]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


def parquet(csv: Path) -> Path:
    """The same table as Parquet, all texts."""
    path = csv.with_suffix(".parquet")
    with duckdb.connect() as duck:
        source = duck.read_csv(str(csv), all_varchar=True, null_padding=False)
        source.write_parquet(str(path))
    return path


def merged(chunks: list[Chunk]) -> Chunk:
    return Chunk(
        [one for chunk in chunks for one in chunk.ids],
        [one for chunk in chunks for one in chunk.lines],
        {f: [one for chunk in chunks for one in chunk.fields[f]] for f in chunks[0].fields},
        [one for chunk in chunks for one in chunk.problems],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_bad_rows_are_reported_with_their_lines_and_the_others_go_on(
    encoding: str, tmp_path: Path
) -> None:
    (chunk,) = read_chunks(written(tmp_path, TEXT, encoding))
    assert chunk.problems == PROBLEMS
    assert chunk.ids == ["a1", "a1", "a2", "a3", "a5", "a6"]
    assert chunk.lines == [2, 5, 7, 8, 10, 11]
    assert chunk.fields["name"] == ["李䶮", "王芳", "王\n芳", "赵军", "孙强", "周磊"]
    assert chunk.fields["sex"] == ["男", None, "不男不女", "0", None, "不明"]
    assert set(chunk.fields) == set(FIELDS)
    assert chunk.fields["phone"] == [None] * 6


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_chunks_hold_the_rows_of_the_file_in_order(size: int, tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    chunks = list(read_chunks(path, size=size))
    (whole,) = read_chunks(path)
    assert max(len(chunk.ids) for chunk in chunks) <= size
    found = merged(chunks)
    assert (found.ids, found.lines, found.fields) == (whole.ids, whole.lines, whole.fields)
    assert sorted(found.problems, key=str) == sorted(whole.problems, key=str)


def test_the_rows_are_those_that_one_at_a_time_are_read(tmp_path: Path) -> None:
    text = "id,name,birth_date,sex\na1,李明,1980-02-30,男\na2,王芳,1982/4/15,3\n"
    (chunk,) = read_chunks(written(tmp_path, text))
    people = people_from_csv(text.encode())
    assert sorted(chunk.problems, key=str) == sorted(people.problems, key=str)
    assert list(zip(chunk.ids, chunk.fields["name"], strict=True)) == [
        (key, person.name) for key, person in people.rows
    ]


def test_parquet_holds_the_same_rows_whatever_their_types(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    with duckdb.connect() as duck:
        table = duck.sql(
            "SELECT * FROM (VALUES (1, '李明', DATE '1980-03-07', 19912345678, 1),"
            " (2, NULL, NULL, NULL, 2), (NULL, '王芳', NULL, NULL, 7))"
            " t(id, name, birth_date, phone, sex)"
        )
        table.write_parquet(str(path))
    (chunk,) = read_chunks(path)
    assert chunk.ids == ["1", "2"]
    assert chunk.fields["name"] == ["李明", None]
    assert chunk.fields["birth_date"] == ["1980-03-07", None]
    assert chunk.fields["phone"] == ["19912345678", None]
    assert chunk.problems == [RowProblem(4, "id", "missing_id")]


def test_parquet_of_a_csv_gives_what_the_csv_gives(tmp_path: Path) -> None:
    csv = written(tmp_path, "id,name,birth_date,sex\na1,李䶮,1980-13-07,男\n,王芳,,\na2,赵军,,3\n")
    (one,), (other,) = read_chunks(csv), read_chunks(parquet(csv))
    assert (one.ids, one.lines, one.fields) == (other.ids, other.lines, other.fields)
    assert one.problems == other.problems


def test_other_fields_are_read_for_other_records(tmp_path: Path) -> None:
    path = written(tmp_path, "id,title,birth_date\n1,盆景,昨天\n")
    (chunk,) = read_chunks(path, fields=("title", "birth_date"))
    assert chunk.fields == {"title": ["盆景"], "birth_date": ["昨天"]}
    assert chunk.problems == []


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("people.csv", b"", "no column `id`"),
        ("people.csv", b"name,sex\nx,1\n", "no column `id`"),
        ("people.csv", b"id,ward\n1,x\n", "none of the columns name"),
        ("people.csv", b"id,name\na,\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
        ("people.csv", b'id,name\na,"' + b"x" * 140_000, "CSV"),
        ("people.parquet", b"id,name\n1,x\n", "no Parquet file"),
    ],
    ids=["empty", "no id", "no field", "no text", "a quote that never ends", "no Parquet"],
)
def test_a_file_that_cannot_be_read_says_why(
    name: str, data: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PeopleFileError, match=why):
        list(read_chunks(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nothing\.csv"):
        list(read_chunks(tmp_path / "nothing.csv"))
