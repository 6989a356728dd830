"""Candidate pairs: all that share a key, once and in order; crowded keys cut."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from matching.bulk.columns import Columns
from matching.bulk.keys import former_keys, home_keys, keys
from matching.bulk.pairs import MOST_PAIRS, MOST_REFINED, Blocks, Index, home_pairs, index_of
from matching.bulk.pairs import random_pairs as drawn
from matching.bulk.parts import commoner
from tests.matching.bulk.rows import Row, columns_of, written

NOBODY = np.zeros(0, np.int64)
MADE = written(250, seed=3)


def index(entries: Sequence[tuple[int, int, int]]) -> Index:
    """Row, key, cut."""
    rows, keyed, cuts = zip(*entries, strict=True)
    return Index(np.array(rows), np.array(keyed, np.uint64), np.array(cuts, np.uint64))


def pairs_of(
    left: Index, right: Index, *ranges: tuple[int, int], folder: Path | None = None
) -> Iterator[list[tuple[int, int]]]:
    with Blocks(left, right, memory="200MB", folder=folder) as blocks:
        for start, stop in ranges:
            i, j = blocks.pairs(start, stop)
            yield list(zip(i.tolist(), j.tolist(), strict=True))


def sharing(left: Columns, right: Columns) -> set[tuple[int, int]]:
    """Every pair that shares a key, one by one."""
    found = set()
    sides = keys(left, left=True), keys(right, left=False)
    for ours, theirs in zip(*sides, strict=True):
        where: dict[int, list[int]] = {}
        for row, key in enumerate(theirs.tolist()):
            where.setdefault(key, []).append(row)
        found |= {
            (row, other)
            for row, key in enumerate(ours.tolist())
            if key
            for other in where.get(key, [])
        }
    return found


@pytest.fixture(scope="module")
def files() -> tuple[Columns, Columns]:
    left, right = columns_of(MADE.left), columns_of(MADE.right)
    bits = commoner(left.names, right.names)
    return (
        replace(left, names=replace(left.names, bits=bits[0])),
        replace(right, names=replace(right.names, bits=bits[1])),
    )


def test_every_pair_that_shares_a_key_comes_once_in_order(
    files: tuple[Columns, Columns], tmp_path: Path
) -> None:
    left, right = files
    parts = pairs_of(
        index_of(left, NOBODY, left=True),
        index_of(right, NOBODY, left=False),
        (0, 100),
        (100, 101),
        (101, 250),
        (250, 250),
        folder=tmp_path,
    )
    found = [pair for part in parts for pair in part]
    assert found == sorted(set(found))
    by_former = {pair for pair in found if pair not in sharing(left, right)}
    assert sharing(left, right) <= set(found)
    former = set(former_keys(left)[0].tolist()), set(former_keys(right)[0].tolist())
    assert all(i in former[0] or j in former[1] for i, j in by_former)
    # Most rows were changed in several fields at once: nine in ten still meet.
    assert len(set(MADE.same) & set(found)) >= 0.9 * len(MADE.same)


def test_rows_that_are_left_out_are_in_no_pair(files: tuple[Columns, Columns]) -> None:
    left, right = files
    out = np.array([0, 7, 249]), np.array([3, 4])
    every, some = (
        pairs_of(index_of(left, one, left=True), index_of(right, other, left=False), (0, 250))
        for one, other in ((NOBODY, NOBODY), out)
    )
    kept = [(i, j) for i, j in next(every) if i not in out[0] and j not in out[1]]
    assert next(some) == kept


FORMER: list[Row] = [
    {"name": "王亮", "former_name": "李明", "birth_date": "1980-03-07"},
    {"name": "赵军", "former_name": "王芳、李明", "birth_date": "1980-12-31"},
    {"name": "孙强", "former_name": "李明", "birth_date": "1981-01-01"},
]


def test_a_former_name_and_the_year_bring_people_together() -> None:
    left, right = columns_of(FORMER), columns_of([{"name": "李明", "birth_date": "1980-06-15"}])
    for one, other, expected in ((left, right, {(0, 0), (1, 0)}), (right, left, {(0, 0), (0, 1)})):
        sides = index_of(one, NOBODY, left=True), index_of(other, NOBODY, left=False)
        assert set(*pairs_of(*sides, (0, 3))) == expected


def test_a_key_of_few_people_is_not_cut() -> None:
    side = index([(row, 7, row) for row in range(50)])
    (found,) = pairs_of(side, side, (0, 50))
    assert MOST_PAIRS >= 50 * 50
    assert found == list(product(range(50), repeat=2))


def test_a_crowded_key_is_cut_by_what_is_rarer_in_it() -> None:
    side = index([(row, 7, row % 10) for row in range(100)] + [(100, 8, 0)])
    (found,) = pairs_of(side, side, (0, 101))
    assert MOST_PAIRS < 100 * 100
    cut = [(i, j) for i, j in product(range(100), repeat=2) if i % 10 == j % 10]
    assert found == sorted([*cut, (100, 100)])


def test_what_is_still_crowded_is_left_out_and_nothing_else() -> None:
    side = index([(row, 7, 1) for row in range(150)] + [(row, 7, 2) for row in range(150, 160)])
    (found,) = pairs_of(side, side, (0, 160))
    assert MOST_REFINED < 150 * 150
    assert found == list(product(range(150, 160), repeat=2))


def test_a_phone_of_a_whole_office_is_cut_by_surname_and_year() -> None:
    rows: list[Row] = [
        {
            "name": "李王张赵"[place % 4] + "伟芳娜敏静丽强磊军洋"[place // 4 % 10],
            "phone": "19912345678",
        }
        | {"birth_date": f"{1950 + place % 40}-01-{1 + place % 28:02d}"}
        for place in range(200)
    ]
    columns = columns_of(rows)
    (found,) = pairs_of(
        index_of(columns, NOBODY, left=True), index_of(columns, NOBODY, left=False), (0, 200)
    )
    assert {(row, row) for row in range(200)} <= set(found)
    assert len(found) < 200 * 200 / 10
    for i, j in found:
        same_name = rows[i]["name"][1] == rows[j]["name"][1] or rows[i]["name"] == rows[j]["name"]
        same_year = rows[i]["birth_date"][:4] == rows[j]["birth_date"][:4]
        assert same_year or same_name


def test_pairs_of_one_home_share_it(files: tuple[Columns, Columns]) -> None:
    left, right = files
    i, j = home_pairs(left, right, most=10_000, seed=1)
    pairs = list(zip(i.tolist(), j.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs) > 400
    ours, theirs = home_keys(left), home_keys(right)
    shared = np.zeros(len(i), dtype=bool)
    for one, other in zip(ours, theirs, strict=True):
        shared |= (one[i] == other[j]) & (one[i] != 0)
    assert shared.all()
    fewer = home_pairs(left, right, most=100, seed=1)
    again = home_pairs(left, right, most=100, seed=1)
    assert len(fewer[0]) == 100
    assert np.array_equal(fewer, again)
    assert set(zip(*map(list, fewer), strict=True)) <= set(pairs)


def test_random_pairs_are_the_same_for_the_same_seed() -> None:
    one, other, third = (drawn(50, 9, most=1000, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, third)
    assert set(one[0].tolist()) == set(range(50))
    assert set(one[1].tolist()) == set(range(9))


def test_masked_numbers_and_slips_bring_people_together() -> None:
    full = "229901198003071236"
    left = columns_of([{"id_number": full}])
    claims = [full[:6] + full[8:17], full[:6] + "*" * 8 + full[14:], "229902" + full[6:], full]
    right = columns_of([{"id_number": one} for one in claims])
    sides = index_of(left, NOBODY, left=True), index_of(right, NOBODY, left=False)
    assert set(*pairs_of(*sides, (0, 1))) == {(0, 0), (0, 1), (0, 2), (0, 3)}
