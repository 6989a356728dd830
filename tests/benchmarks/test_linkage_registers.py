"""The linkage benchmark measures what it says: sound registers, true pairs, right figures."""

import math
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest

from matching.people import COLUMNS
from tests.benchmarks.linkage import name_slips, normal_forms, numbers, tables
from tests.benchmarks.linkage.homes import chinese
from tests.benchmarks.linkage.metrics import (
    Scored,
    calibration,
    curve,
    measure,
    read_scored,
    within_one_file,
)
from tests.benchmarks.linkage.name_pairs import make_name_pairs
from tests.benchmarks.linkage.people import TWIN, make_people
from tests.benchmarks.linkage.registers import (
    MATCHED,
    Registers,
    make_registers,
    write_registers,
)

SIZE = 1500
NAME, NUMBER = COLUMNS.index("name"), COLUMNS.index("id_number")


@pytest.fixture(scope="module")
def registers() -> Registers:
    return make_registers(SIZE, 7)


def test_a_seed_gives_the_same_registers_and_another_others(registers: Registers) -> None:
    assert make_registers(SIZE, 7) == registers
    assert make_registers(SIZE, 8).left != registers.left


def test_every_stated_number_is_valid_and_of_an_unassigned_area(registers: Registers) -> None:
    stated = [row[NUMBER] for row in registers.left if row[NUMBER]]
    assert len(stated) > SIZE * 0.95
    for number in stated:
        assert number.startswith("2299")
        assert numbers.is_valid(number)
    assert len(set(stated)) == len(stated)


def test_the_truth_names_rows_of_both_sides_once(registers: Registers) -> None:
    left = {row[0]: row for row in registers.left}
    right = {row[0]: row for row in registers.right}
    assert len(left) == len(right) == SIZE
    assert len(registers.truth) == round(SIZE * MATCHED)
    assert len({one for one, _ in registers.truth}) == len(registers.truth)
    assert len({other for _, other in registers.truth}) == len(registers.truth)
    equal = sum(left[one][NAME] == right[other][NAME] for one, other in registers.truth)
    assert 0.65 < equal / len(registers.truth) < 0.85


def test_one_number_is_never_two_people(registers: Registers) -> None:
    of_left = {row[NUMBER]: row[0] for row in registers.left if row[NUMBER]}
    truth = set(registers.truth)
    for row in registers.right:
        if numbers.is_valid(row[NUMBER]) and row[NUMBER] in of_left:
            assert (of_left[row[NUMBER]], row[0]) in truth


def test_about_27_percent_of_the_replies_have_no_number(registers: Registers) -> None:
    share = sum(row[NUMBER] == "" for row in registers.right) / SIZE
    assert 0.23 < share < 0.31


def test_twins_have_one_birthday_and_numbers_beside_each_other() -> None:
    people = make_people(np.random.default_rng(3), 4000)
    twins = np.flatnonzero(people.role == TWIN)
    assert len(twins) > 50
    for row in twins.tolist():
        at_home = np.flatnonzero((people.home == people.home[row]) & (people.role == 2))
        assert any(
            people.born[other] == people.born[row]
            and 0 < int(people.numbers[row][14:17]) - int(people.numbers[other][14:17]) <= 2
            for other in at_home.tolist()
        )


def test_the_files_hold_the_columns_in_their_order(registers: Registers, tmp_path: Path) -> None:
    paths = write_registers(registers, tmp_path)
    lines = paths["left"].read_text("utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == SIZE + 1
    assert paths["truth"].read_text("utf-8").startswith("left,right\n")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("homophone", "王秀英"),
        ("look_alike", "王明"),
        ("traditional", "刘伟"),
        ("variant", "肖强"),
        ("near_sound", "林静"),
        ("pinyin", "欧阳丽"),
        ("order", "王建国"),
        ("transcription", "艾力·买买提"),
        ("rare_glyph", "赵喆"),
        ("romanised", "金哲洙"),
        ("masked", "张伟"),
        ("dropped", "李建国"),
        ("formatted", "李建国"),
    ],
)
def test_a_slip_changes_the_name_and_needs_no_other(kind: str, name: str) -> None:
    written = [name_slips.KINDS[kind](name, Random(seed)) for seed in range(30)]
    assert any(one is not None and one != name for one in written)
    assert written == [name_slips.KINDS[kind](name, Random(seed)) for seed in range(30)]


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (23, "二十三"), (104, "一〇四")]
)
def test_numerals(number: int, text: str) -> None:
    assert chinese(number) == text


def test_the_counts_between_known_ranks_fall() -> None:
    counts = tables.by_rank(50, {1: 100.0, 10: 40.0, 50: 10.0})
    assert counts[0] == pytest.approx(100)
    assert counts[9] == pytest.approx(40)
    assert all(one > other for one, other in pairwise(counts))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("２２９９０１１９８００３０７１２３０", "229901198003071230"),
        ("229901 800307 123", "22990119800307123"),
        ("2299****1230", ""),
    ],
)
def test_the_peers_numbers_are_completed(written: str, normal: str) -> None:
    assert normal_forms.id_number(written)[:17] == normal[:17]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("吉林省北原市东城区平安街道人民路二十三号", "人民路23"),
        ("柳泉县新华大街8号", "新华大街8"),
        ("大岭镇前屯村3组", "前屯村"),
        ("阳光小区 3栋", ""),
    ],
)
def test_the_peers_road_keys(written: str, key: str) -> None:
    assert normal_forms.road_key(normal_forms.address(written)) == key


def _scored(*rows: tuple[str, str, float]) -> Scored:
    probability = np.array([row[2] for row in rows])
    return Scored(tuple((row[0], row[1]) for row in rows), probability, probability)


def test_figures_of_a_hand_worked_example() -> None:
    scored = _scored(("a", "x", 0.9), ("b", "y", 0.8), ("b", "z", 0.6), ("c", "z", 0.2))
    found = measure(scored, {("a", "x"), ("b", "y"), ("c", "z"), ("d", "w")}, {"z", "w"})
    assert (found.best.precision, found.best.recall) == (0.75, 0.75)
    assert found.at_half is not None
    assert found.at_half.f1 == pytest.approx(2 * (2 / 3) * 0.5 / (2 / 3 + 0.5))
    assert found.strict_recall == 0.5
    assert found.blocking_recall == 0.75
    assert found.best_without_number is not None
    assert found.best_without_number.f1 == pytest.approx(0.5)


def test_pairs_of_one_score_are_taken_together() -> None:
    points = curve(np.array([0.7, 0.7]), np.array([True, False]), 1)
    assert [(point.precision, point.recall) for point in points] == [(0.5, 1.0)]


def test_a_probability_that_holds_has_no_calibration_error() -> None:
    true = np.array([True, False] * 15)
    found = calibration(np.full(30, 0.5), true)
    assert found.ece == pytest.approx(0)
    assert found.brier == pytest.approx(0.25)
    assert found.log_loss == pytest.approx(math.log(2))
    assert (found.grey, found.grey_said, found.grey_true) == (30, 0.5, 0.5)


def test_nothing_scored_is_nothing_found() -> None:
    found = measure(Scored((), np.array([]), np.array([])), {("a", "x")})
    assert (found.best.f1, found.calibration, found.blocking_recall) == (0.0, None, 0.0)


def test_a_file_with_itself_counts_a_pair_once() -> None:
    scored = within_one_file(_scored(("a", "b", 0.4), ("b", "a", 0.6), ("a", "a", 1.0)))
    assert scored.pairs == (("a", "b"),)
    assert scored.score.tolist() == [0.6]


def test_log2_odds_order_the_pairs_where_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("left_id,right_id,probability,log2_odds\na,x,1.0,41.5\n", "utf-8")
    scored = read_scored(path)
    assert scored.score.tolist() == [41.5]
    assert scored.probability is not None
    assert scored.probability.tolist() == [1.0]


def test_name_pairs_are_as_many_as_said_and_no_two_people_sound_alike() -> None:
    pairs = make_name_pairs(7)
    assert (sum(pair.match for pair in pairs), len(pairs)) == (3750, 6375)
    for pair in pairs:
        if not pair.match:
            assert [tables.sound(one) for one in pair.one] != [
                tables.sound(one) for one in pair.other
            ]
