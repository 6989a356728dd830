"""A file in columns: the same in pieces, in another process, and from the disk."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.bulk.columns import Columns
from matching.bulk.stored import flat, load, save
from matching.bulk.texts import Texts, code_points, combined, hashes
from matching.people import FIELDS
from tests.matching.bulk.rows import Row, columns_of, digest, encoded_elsewhere, written

ROWS = written(300, seed=8).left
TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=9), max_size=12)


def joined(parts: list[Columns], folder: Path) -> Columns:
    save(parts, folder)
    return load(folder)


def one(row: Row) -> Columns:
    return columns_of([row])


@pytest.mark.parametrize("cuts", [(150,), (1, 2, 299), (100, 200)])
def test_chunks_joined_are_the_whole_file(cuts: tuple[int, ...], tmp_path: Path) -> None:
    ends = [0, *cuts, len(ROWS)]
    parts = [columns_of(ROWS[start:end]) for start, end in pairwise(ends)]
    together = joined(parts, tmp_path)
    assert len(together) == len(ROWS)
    assert digest(together) == digest(columns_of(ROWS))


def test_another_process_makes_the_same_columns() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(encoded_elsewhere, ROWS).result()
    assert there == encoded_elsewhere(ROWS)


def test_the_order_of_the_rows_before_changes_nothing() -> None:
    forward, back = columns_of(ROWS), columns_of(ROWS[::-1])
    for name, array in flat(forward):
        if not name.startswith("texts."):
            assert np.array_equal(array, dict(flat(back))[name][::-1]), name


def test_columns_come_back_from_a_folder(tmp_path: Path) -> None:
    columns = columns_of(ROWS)
    found = joined([columns], tmp_path / "left")
    assert digest(found) == digest(columns)
    for field in FIELDS:
        written_there = [found.raw(field, row) or "" for row in range(len(ROWS))]
        assert written_there == [row.get(field, "").strip() for row in ROWS]


def test_an_empty_file_has_columns(tmp_path: Path) -> None:
    assert len(columns_of([])) == 0
    together = joined([columns_of([]), columns_of(ROWS[:3])], tmp_path)
    assert digest(together) == digest(columns_of(ROWS[:3]))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-03-07", 19800307),
        ("1980-3-7", 19800307),
        ("1980/3/7", 19800307),
        ("19800307", 19800307),
        ("1980年3月7日", 19800307),
        ("1980-03-07 00:00:00", 19800307),
        ("2000-02-29", 20000229),
        ("1900-02-29", 0),
        ("1980-02-30", 0),
        ("1980-13-01", 0),
        ("1980-00-07", 0),
        ("1980-03-0x", 0),
        ("1980--3-07", 0),
        ("不详", 0),
        ("", 0),
    ],
)
def test_a_date_that_cannot_be_read_is_missing(text: str, day: int) -> None:
    assert one({"birth_date": text}).born.tolist() == [day]


@pytest.mark.parametrize(
    ("text", "sex"),
    [("男", 1), ("1", 1), ("M", 1), ("Female", 2), ("2", 2), ("0", 0), ("不明", 0), ("", 0)],
)
def test_a_sex_that_cannot_be_read_is_missing(text: str, sex: int) -> None:
    assert one({"sex": text}).sex.tolist() == [sex]


def test_a_number_tells_the_day_and_sex_that_are_not_written() -> None:
    number = "229901198003071236"
    alone, beside = one({"id_number": number}), one({"id_number": number, "birth_date": "1976-5-2"})
    assert (alone.born.tolist(), alone.sex.tolist()) == ([19800307], [1])
    assert alone.born_in_number.tolist() == [True]
    assert beside.born.tolist() == [19760502]
    assert beside.born_in_number.tolist() == [False]
    assert one({"id_number": "229901198003071235"}).numbers.is_full.tolist() == [False]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "未取名"),
        ("name", "??"),
        ("address", "不详"),
        ("phone", "无"),
        ("household_number", "  "),
    ],
)
def test_what_says_nothing_has_no_key(field: str, text: str) -> None:
    columns = one({field: text})
    of_field = {
        "name": columns.names.key,
        "address": columns.places.key,
        "phone": columns.phone,
        "household_number": columns.household,
    }
    assert of_field[field].tolist() == [0]


@given(TEXTS, TEXTS)
def test_texts_come_back(first: Sequence[str | None], second: Sequence[str | None]) -> None:
    whole = [*first, *second]
    together = Texts.joined([Texts.of(first), Texts.of(second)])
    assert len(together) == len(whole)
    assert [together[place] for place in range(len(whole))] == [text or None for text in whole]


def test_no_texts_are_joined_to_none() -> None:
    assert len(Texts.joined([])) == 0


@given(TEXTS)
def test_a_hash_is_of_the_text_alone(texts: Sequence[str | None]) -> None:
    alone = [hashes([text])[0] for text in texts]
    assert hashes(texts).tolist() == alone
    assert [key == 0 for key in alone] == [not text for text in texts]
    known = {text or "": int(key) for text, key in zip(texts, alone, strict=True)}
    assert len(set(known.values())) == len(known)


@given(TEXTS)
def test_code_points_are_those_of_the_text(texts: Sequence[str | None]) -> None:
    points, lengths = code_points(texts, 4)
    for text, row, length in zip(texts, points.tolist(), lengths.tolist(), strict=True):
        known = [ord(sign) for sign in (text or "")]
        assert length == len(known)
        assert row == (known + [0] * 4)[:4]


def test_a_key_of_several_parts_is_missing_where_one_is() -> None:
    one_, other = np.array([1, 0, 5], np.uint64), np.array([2, 2, 6], np.uint64)
    found = combined(7, one_, other)
    assert (found != 0).tolist() == [True, False, True]
    assert combined(8, one_, other)[0] != found[0]
    assert combined(7, other, one_)[0] != found[0]
