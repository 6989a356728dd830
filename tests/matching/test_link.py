"""Two files of people linked: how well, how sure, and the file of pairs that comes out."""

import csv
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from matching.bulk.job import Job
from matching.bulk.parts import Links, one_to_one, prior_of
from matching.bulk.texts import Texts
from matching.calibration.reliability import reliability
from matching.link import COLUMNS, Linked, Options, link_people, write
from matching.pair import compare, prepare
from matching.weights import load_weights
from tests.matching.bulk.rows import Row, people_of, two_files
from tests.matching.registers import number, registers

DAY = date(2026, 1, 2)
WEIGHTS = load_weights()
Pair = tuple[str | None, str | None]


def linked(folder: Path, left: Path, right: Path) -> Linked:
    job = Job(folder, left, right, Options(train=False, workers=1))
    return link_people(job, WEIGHTS, day=DAY, progress=lambda _step, _done, _whole: None)


def ids(found: Linked, kept: np.ndarray) -> list[Pair]:
    return [
        (found.left[int(found.links.i[place])], found.right[int(found.links.j[place])])
        for place in kept.tolist()
    ]


def _in(row: Row, place: int) -> Row:
    """The same person in another county and year, at another address."""
    born = BORN.replace(year=1950 + place)
    return {
        **row,
        "id_number": number(born, int(row["id_number"][14:17]), f"2299{place:02d}"),
        "birth_date": born.isoformat(),
        "address": row["address"].replace("平阳街12", f"同德路{place}"),
    }


BORN = date(1990, 5, 6)
ELDER: Row = {
    "name": "李大双",
    "id_number": number(BORN, 123),
    "birth_date": "1990-05-06",
    "sex": "男",
    "address": "长春市南关区民康街道平阳街12号3栋2单元501室",
}
YOUNGER: Row = {**ELDER, "name": "李小双", "id_number": number(BORN, 125)}
PHONE: Row = {"phone": "19912345678", "household_number": "229900000001"}
# Written into both registers beside the others: only the twins who stand on both sides are one.
PLANTED: tuple[tuple[str, Row, Row], ...] = (
    ("twins", _in(ELDER, 2), _in(YOUNGER, 2)),
    ("elder", _in(ELDER, 3), _in(ELDER, 3)),
    ("younger", _in(YOUNGER, 3), _in(YOUNGER, 3)),
    ("blank", {}, {}),
)


@dataclass(frozen=True)
class Made:
    linked: Linked
    truth: set[Pair]

    def scored(self, *, each_once: bool = False) -> list[tuple[float, bool]]:
        """Probability, and whether it is one person, of every pair looked at."""
        found = self.linked.probabilities(each_once=each_once)
        pairs = ids(self.linked, np.arange(len(found)))
        return [(p, pair in self.truth) for p, pair in zip(found.tolist(), pairs, strict=True)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("link")
    made = registers(1500, seed=11)
    for key, ours, theirs in PLANTED:
        one, other = people_of([ours, theirs])
        made.left.append((f"{key}-left", one))
        made.right.append((f"{key}-right", other))
    truth: set[Pair] = {
        *made.truth,
        *((f"{key}-left", f"{key}-right") for key in ("elder", "younger")),
    }
    return Made(linked(folder / "work", *two_files(folder, made)), truth)


def precision_and_recall(made: Made, threshold: float, *, each_once: bool) -> tuple[float, float]:
    found = [right for p, right in made.scored(each_once=each_once) if p >= threshold]
    return sum(found) / len(found), sum(found) / len(made.truth)


def test_two_registers_are_linked(made: Made) -> None:
    precision, recall = precision_and_recall(made, 0.5, each_once=False)
    assert 2 * precision * recall / (precision + recall) > 0.98


def test_nearly_all_are_found_with_one_error_in_a_thousand(made: Made) -> None:
    right = best = 0
    for found, (_, is_one) in enumerate(sorted(made.scored(), reverse=True), start=1):
        right += is_one
        if right >= 0.999 * found:
            best = right
    assert best / len(made.truth) > 0.95


def test_the_probabilities_hold(made: Made) -> None:
    found, labels = zip(*made.scored(), strict=True)
    assert reliability(list(found), list(labels)).ece < 0.02


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9, 0.99])
def test_that_nobody_stands_twice_makes_no_more_errors(made: Made, threshold: float) -> None:
    before, _ = precision_and_recall(made, threshold, each_once=False)
    after, recall = precision_and_recall(made, threshold, each_once=True)
    assert after >= before
    assert recall > 0.93


@pytest.mark.parametrize("each_once", [False, True])
def test_nobody_gains_by_it(made: Made, each_once: bool) -> None:
    found = made.linked.probabilities(each_once=each_once)
    assert (found <= made.linked.probabilities() + 1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_twins_are_not_linked(made: Made) -> None:
    found = dict(
        zip(
            ids(made.linked, np.arange(len(made.linked.links.i))),
            made.linked.probabilities().tolist(),
            strict=True,
        )
    )
    planted = {pair: p for pair, p in found.items() if "-" in (pair[0] or "") + (pair[1] or "")}
    certain = {pair for pair, p in planted.items() if p > 0.999}
    assert certain == {("elder-left", "elder-right"), ("younger-left", "younger-right")}
    assert all(p < 0.01 for pair, p in planted.items() if pair not in certain)


def test_twins_who_share_a_phone_are_not_linked() -> None:
    elder, younger = map(prepare, people_of([{**ELDER, **PHONE}, {**YOUNGER, **PHONE}]))
    setting = WEIGHTS.with_prior(prior_of(1000, 1000))
    assert compare(elder, younger, setting).probability < 0.01


def links(*scored: tuple[int, int, float]) -> Links:
    i, j, odds = zip(*scored, strict=True)
    return Links(np.array(i), np.array(j), np.array(odds, dtype=np.float64))


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        ([(0, 0, 0.0)], [0.5]),
        ([(0, 0, 0.0), (0, 1, 0.0)], [1 / 3, 1 / 3]),
        ([(0, 0, 0.0), (1, 0, 0.0)], [1 / 3, 1 / 3]),
        ([(0, 0, 0.0), (1, 1, 0.0)], [0.5, 0.5]),
        ([(0, 0, 10.0), (0, 1, 0.0), (1, 1, 0.0)], [1024 / 1026, 1 / 1026, 1 / 3]),
        ([(0, 0, 500.0), (0, 1, 500.0)], [0.5, 0.5]),
        ([(0, 0, -500.0)], [0.0]),
    ],
)
def test_rivals_share_what_there_is_to_have(
    scored: list[tuple[int, int, float]], expected: list[float]
) -> None:
    assert one_to_one(links(*scored)).tolist() == pytest.approx(expected, abs=1e-9)


@pytest.fixture
def small() -> Linked:
    """Three pairs: certain, even, hardly."""
    return Linked(
        Texts.of(["a,1", '甲"2']),
        Texts.of(["b1", "b2"]),
        links((0, 0, 40.0), (1, 0, 0.0), (1, 1, -5.0)),
        WEIGHTS,
        (),
    )


@pytest.mark.parametrize(("threshold", "count"), [(0.0, 3), (0.5, 2), (0.500001, 1), (1.0, 0)])
def test_only_pairs_at_or_above_the_threshold_are_written(
    small: Linked, threshold: float, count: int, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.csv"
    assert write(small, out, threshold=threshold) == count
    rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == list(COLUMNS)
    written = [
        ["a,1", "b1", "1.000000000", "40.000000"],
        ['甲"2', "b1", "0.500000000", "0.000000"],
        ['甲"2', "b2", "0.030303030", "-5.000000"],
    ]
    assert rows[1:] == written[:count]
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]


def test_parquet_holds_what_csv_holds(small: Linked, tmp_path: Path) -> None:
    out, other = tmp_path / "pairs.parquet", tmp_path / "pairs.csv"
    assert write(small, out, threshold=0.1) == write(small, other, threshold=0.1) == 2
    with duckdb.connect() as duck:
        found = duck.read_parquet(str(out)).fetchall()
        assert [column[0] for column in duck.read_parquet(str(out)).description] == list(COLUMNS)
        written = duck.read_csv(str(other), all_varchar=True).fetchall()
    assert [(a, b, f"{p:.9f}", f"{odds:.6f}") for a, b, p, odds in found] == written


def test_each_once_is_what_is_written(small: Linked, tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    assert write(small, out, threshold=0.5, each_once=True) == 1


def test_no_pair_at_all_is_a_file_with_its_header(small: Linked, tmp_path: Path) -> None:
    nobody = replace(small, links=Links(*(np.zeros(0, np.int64),) * 2, np.zeros(0)))
    for name in ("pairs.csv", "pairs.parquet"):
        assert write(nobody, tmp_path / name, threshold=0.0) == 0
    assert (tmp_path / "pairs.csv").read_text(encoding="utf-8").split() == [",".join(COLUMNS)]
    with duckdb.connect() as duck:
        assert duck.read_parquet(str(tmp_path / "pairs.parquet")).fetchall() == []
