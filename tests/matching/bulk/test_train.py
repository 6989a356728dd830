"""Training without labels: what made-up pairs of known odds give back, and how it is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matching.bulk.codes import CODES
from matching.bulk.columns import COMPARED
from matching.bulk.compared import PLACE
from matching.bulk.score import TOGETHER, WIDTH, Scored, log_odds, probabilities
from matching.bulk.train import CONTRADICTING, Pairs, Settings, trained
from matching.levels import Level
from matching.weights import Weights, WeightsError, load_weights, probability_of, weights_from
from matching.weights import (
    log_odds as log_odds_of,
)
from matching.weights_file import document_of, read_weights

DAY = date(2026, 1, 2)
SETTINGS = Settings(digest="ab+cd", day=DAY)
START = replace(load_weights(), prior=log_odds_of(1e-3), training=None)
ONE, TWO = 6_000, 24_000  # pairs of one person and of two
NAME_BITS = 15.0
# Another clerk's slips than the packaged weights expect; numbers of one person never contradict.
TRUE_M: Mapping[str, Mapping[Level, float]] = {
    "name": {Level.EQUAL: 0.7, Level.HOMOPHONE: 0.15, Level.NEAR: 0.05, Level.DIFFERENT: 0.1},
    "id_number": {Level.EQUAL: 0.6, Level.EQUAL_15_18: 0.3, Level.ONE_EDIT: 0.1},
    "birth_date": {Level.SAME: 0.8, Level.YEAR_MONTH: 0.12, Level.DIFFERENT: 0.08},
    "sex": {Level.SAME: 0.93, Level.DIFFERENT: 0.07},
    "address": {Level.SAME_ROAD: 0.3, Level.SAME_VILLAGE: 0.4, Level.DIFFERENT: 0.3},
    "household_number": {Level.DIFFERENT: 1.0},
    "phone": {Level.SAME: 0.4, Level.ONE_EDIT: 0.1, Level.DIFFERENT: 0.5},
    "employer": {Level.SAME: 0.5, Level.SIMILAR: 0.2, Level.DIFFERENT: 0.3},
}
TRUE_U: Mapping[str, Mapping[Level, float]] = {
    "name": {Level.EQUAL: 0.0005, Level.NEAR: 0.0005, Level.DIFFERENT: 0.999},
    "id_number": {Level.NEIGHBOUR: 0.001, Level.DIFFERENT: 0.999},
    "birth_date": {Level.SAME: 0.0005, Level.YEAR_MONTH: 0.0015, Level.DIFFERENT: 0.998},
    "sex": {Level.SAME: 0.45, Level.DIFFERENT: 0.55},
    "address": {Level.SAME_ROAD: 0.02, Level.SAME_VILLAGE: 0.01, Level.DIFFERENT: 0.97},
    "household_number": {Level.DIFFERENT: 1.0},
    "phone": {Level.ONE_EDIT: 0.001, Level.DIFFERENT: 0.999},
    "employer": {Level.SAME: 0.01, Level.SIMILAR: 0.01, Level.DIFFERENT: 0.98},
}


def drawn(
    chances: Mapping[str, Mapping[Level, float]],
    count: int,
    draw: np.random.Generator,
    missing: Mapping[str, float],
) -> Scored:
    """Pairs whose fields are at levels drawn one by one."""
    cells = np.zeros((count, len(COMPARED)), dtype=np.int16)
    for field, levels in chances.items():
        codes = [CODES[level] for level in levels]
        cells[:, PLACE[field]] = draw.choice(codes, count, p=list(levels.values()))
        hidden = draw.random(count) < missing.get(field, 0.1)
        cells[hidden, PLACE[field]] = CODES[Level.MISSING]
    return scored_of(cells)


def scored_of(cells: np.ndarray) -> Scored:
    silent = (CODES[Level.MISSING], CODES[Level.DIFFERENT])
    worth = np.where(np.isin(cells[:, PLACE["name"]] % WIDTH, silent), 0.0, NAME_BITS)
    return Scored(COMPARED, cells, worth, np.zeros(len(cells)))


def joined(*parts: Scored) -> Scored:
    return scored_of(np.concatenate([part.cells for part in parts]))


def cells(count: int, **levels: Level) -> Scored:
    """Pairs that are all alike; fields that are not named are missing."""
    found = np.full((count, len(COMPARED)), CODES[Level.MISSING], dtype=np.int16)
    for field, level in levels.items():
        found[:, PLACE[field]] = CODES[level]
    return scored_of(found)


@dataclass(frozen=True, eq=False)
class Made:
    data: Pairs
    weights: Weights


@pytest.fixture(scope="module")
def made() -> Made:
    """Training on pairs of two files of 9,000 rows, all of them candidates."""
    draw = np.random.default_rng(7)
    half = {"id_number": 0.5, "phone": 0.5}
    one, two = drawn(TRUE_M, ONE, draw, half), drawn(TRUE_U, TWO, draw, half)
    data = Pairs(
        blocked=joined(one, two),
        share=1.0,
        strangers=drawn(TRUE_U, 40_000, draw, half),
        at_home=cells(0),
        pairs=ONE + TWO,
    )
    return Made(data, trained(START, data, SETTINGS))


def test_training_says_how_it_ended(made: Made) -> None:
    training = made.weights.training
    assert training is not None
    assert training.digest == "ab+cd"
    assert training.pairs == ONE + TWO
    assert training.converged
    assert 1 < training.iterations < SETTINGS.most_steps
    assert training.change <= SETTINGS.close
    assert made.weights.date == DAY
    assert made.weights.name == START.name


@pytest.mark.parametrize("field", [field for field in COMPARED if field != "household_number"])
def test_the_chances_of_one_persons_levels_come_back(made: Made, field: str) -> None:
    found = made.weights.fields[field]
    assert sum(odds.m for level, odds in found.items() if level is not Level.NEIGHBOUR) < 1.001
    for level, odds in found.items():
        assert odds.m == pytest.approx(TRUE_M[field].get(level, 0.0), abs=0.03), level


@pytest.mark.parametrize("field", [field for field in COMPARED if field != "household_number"])
def test_the_chances_of_two_peoples_levels_come_back(made: Made, field: str) -> None:
    for level, odds in made.weights.fields[field].items():
        if odds.u is not None:
            known = TRUE_U[field].get(level, 0.0)
            assert odds.u == pytest.approx(known, abs=0.001 + 0.05 * known), level


def test_the_share_of_one_persons_pairs_comes_back(made: Made) -> None:
    assert probability_of(made.weights.prior) == pytest.approx(ONE / (ONE + TWO), rel=0.03)
    found = probabilities(log_odds(made.data.blocked, made.weights)) >= 0.5
    truth = np.arange(ONE + TWO) < ONE
    right = (found & truth).sum()
    assert 2 * right / (found.sum() + truth.sum()) > 0.98


def test_a_neighbours_number_is_never_learned(made: Made) -> None:
    before = START.fields["id_number"][Level.NEIGHBOUR].m
    assert made.weights.fields["id_number"][Level.NEIGHBOUR].m == before


def test_no_level_becomes_impossible(made: Made) -> None:
    for levels in (*made.weights.fields.values(), *made.weights.together.values()):
        for odds in levels.values():
            assert 0 < odds.m <= 1
            assert odds.u is None or 0 < odds.u <= 1
            assert 0 < odds.lift < 1e5


def test_the_candidates_seen_stand_for_all(made: Made) -> None:
    half = replace(made.data, share=0.5, pairs=2 * made.data.pairs)
    assert trained(START, half, SETTINGS).prior == pytest.approx(made.weights.prior, abs=0.05)


def test_training_that_is_cut_short_says_so(made: Made) -> None:
    training = trained(START, made.data, replace(SETTINGS, most_steps=1)).training
    assert training is not None
    assert (training.iterations, training.converged) == (1, False)
    assert training.change > SETTINGS.close


ALIKE = {"name": Level.EQUAL, "birth_date": Level.SAME, "sex": Level.SAME, "phone": Level.SAME}


@pytest.mark.parametrize("number", [Level.DIFFERENT, Level.NEIGHBOUR])
def test_whole_numbers_that_contradict_are_two_people(number: Level) -> None:
    """However alike all else is, what training learns of one person it learns of others."""
    assert CODES[number] in CONTRADICTING
    strangers = cells(1000, name=Level.DIFFERENT, birth_date=Level.DIFFERENT)
    data = Pairs(cells(400, **ALIKE), 1.0, strangers, cells(0), 10**6)
    contrary = replace(data, blocked=cells(400, id_number=number, **ALIKE))
    one, two = trained(START, data, SETTINGS), trained(START, contrary, SETTINGS)
    assert probability_of(one.prior) == pytest.approx(400e-6, rel=0.05)
    assert probability_of(two.prior) < 1e-9
    shares = {level: odds.m for level, odds in START.fields["name"].items()}
    whole = sum(shares.values())
    for level, odds in two.fields["name"].items():
        assert odds.m == pytest.approx(shares[level] / whole, rel=1e-3)
    assert one.fields["name"][Level.EQUAL].m > two.fields["name"][Level.EQUAL].m - 1e-9


def test_two_people_of_one_home_are_known_by_their_numbers() -> None:
    """Where numbers contradict often enough, they tell what two of one home have in common."""
    home = cells(150, id_number=Level.DIFFERENT, birth_date=Level.SAME, sex=Level.SAME)
    others = cells(450, id_number=Level.DIFFERENT, birth_date=Level.DIFFERENT, sex=Level.SAME)
    unknown = cells(5_000, birth_date=Level.SAME, name=Level.EQUAL)
    strangers = cells(5_000, birth_date=Level.DIFFERENT)
    data = Pairs(cells(10, **ALIKE), 1.0, strangers, joined(home, others, unknown), 10**6)
    found = trained(START, data, SETTINGS)
    u = found.together["birth_date"][Level.SAME].u
    assert u == pytest.approx(0.25, abs=0.01)
    assert found.fields["birth_date"][Level.SAME].u != u
    assert "address" not in found.together


def test_what_a_move_changes_is_learned_apart_at_home() -> None:
    """The household number of one person: often the same at one address, hardly after a move."""
    near = cells(500, household_number=Level.SAME, **ALIKE)
    moved = cells(500, household_number=Level.DIFFERENT, **ALIKE)
    near.cells[:, PLACE["household_number"]] += TOGETHER * WIDTH
    strangers = cells(1000, name=Level.DIFFERENT, household_number=Level.DIFFERENT)
    data = Pairs(joined(near, moved), 1.0, strangers, cells(0), 10**6)
    found = trained(START, data, SETTINGS)
    assert found.fields["household_number"][Level.SAME].m < 0.2
    assert found.together["household_number"][Level.SAME].m > 0.85


@pytest.mark.parametrize("planted", [0, 40, 400])
def test_namesakes_of_one_birthday_are_counted(planted: int) -> None:
    alike = cells(planted, name=Level.EQUAL, birth_date=Level.SAME, id_number=Level.DIFFERENT)
    apart = cells(5_000, name=Level.DIFFERENT, birth_date=Level.SAME, id_number=Level.DIFFERENT)
    strangers = cells(1000, name=Level.DIFFERENT, birth_date=Level.DIFFERENT)
    data = Pairs(joined(alike, apart), 0.5, strangers, cells(0), 10**9, numbered=10**9)
    found = trained(replace(START, namesakes=0.0), data, SETTINGS).namesakes
    assert found == pytest.approx((planted / 0.5 + 0.5) / 1e9, rel=0.1)


def test_a_file_without_numbers_keeps_the_namesakes_it_started_with(made: Made) -> None:
    assert made.weights.namesakes == START.namesakes


def test_weights_come_back_from_their_document(made: Made) -> None:
    document = document_of(made.weights)
    again = weights_from(json.loads(json.dumps(document)))
    assert document_of(again) == document
    assert again.training == made.weights.training
    assert again.date == DAY
    assert again.prior == pytest.approx(made.weights.prior, abs=1e-4)
    assert again.fixed.keys() == made.weights.fixed.keys()
    for key, weight in made.weights.fixed.items():
        assert again.fixed[key] == pytest.approx(weight, abs=1e-4), key


def test_the_packaged_weights_come_back_from_their_document() -> None:
    packaged = load_weights()
    again = weights_from(document_of(packaged))
    assert again.fixed == pytest.approx(dict(packaged.fixed), abs=1e-4)
    assert again.name_bits == packaged.name_bits
    assert again.thresholds == packaged.thresholds
    assert again.masked_number == packaged.masked_number
    assert again.namesakes == pytest.approx(packaged.namesakes)
    assert again.priors == pytest.approx(packaged.priors, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"a"',
        '{"name": 5}',
        "[]",
        '"x"',
        "null",
        "3",
    ],
)
def test_a_file_that_holds_no_weights_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"weights\.json is no weights file"):
        read_weights(path)


@pytest.mark.parametrize(
    ("field", "entry"),
    [
        ("sex", {"same": {"m": 0.0, "u": 0.5}}),
        ("sex", {"same": {"m": 0.9, "u": 1.5}}),
        ("sex", {"same": {"m": 0.9, "lift": -1}}),
        ("sex", {"same": {"u": 0.5}}),
        ("sex", {"no_level": {"m": 0.9, "u": 0.5}}),
        ("sex", []),
        ("sex", {"same": 0.9}),
    ],
)
def test_weights_that_are_not_possible_are_named(field: str, entry: object, tmp_path: Path) -> None:
    document = document_of(START)
    document["fields"][field] = entry
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(WeightsError, match=r"weights\.json"):
        read_weights(path)


def test_a_weights_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nothing\.json"):
        read_weights(tmp_path / "nothing.json")


def test_the_starting_m_counts_for_so_many_pairs() -> None:
    """One pair of one person hardly moves the weights; a thousand do."""
    strangers = cells(1000, name=Level.DIFFERENT, sex=Level.DIFFERENT)
    found = [
        trained(START, Pairs(cells(n, **ALIKE), 1.0, strangers, cells(0), 10**6), SETTINGS)
        for n in (1, 1000)
    ]
    before = START.fields["phone"]
    start = before[Level.SAME].m / sum(odds.m for odds in before.values())
    few, many = (one.fields["phone"][Level.SAME].m for one in found)
    assert few == pytest.approx(
        (1 + SETTINGS.prior_matches * start) / (1 + SETTINGS.prior_matches), rel=0.02
    )
    assert many == pytest.approx(
        (1000 + SETTINGS.prior_matches * start) / (1000 + SETTINGS.prior_matches), rel=0.02
    )
