"""Reliability and its correction on labelled pairs."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.calibrate import CalibrationError, fit_platt, reliability
from matching.weights import log_odds, probability_of


def test_the_table_of_a_small_set() -> None:
    found = reliability([0.1, 0.1, 0.9, 0.9], [False, False, True, False], bins=2)
    assert [(row.n, row.observed) for row in found.bins] == [(2, 0.0), (2, 0.5)]
    assert math.isclose(found.ece, 0.25)
    assert math.isclose(found.brier, (0.01 + 0.01 + 0.01 + 0.81) / 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_every_pair_is_in_one_bin(pairs: list[tuple[float, bool]]) -> None:
    found = reliability([p for p, _ in pairs], [y for _, y in pairs])
    assert sum(row.n for row in found.bins) == len(pairs)
    assert 0 <= found.ece <= 1
    assert 0 <= found.brier <= 1


def test_platt_undoes_a_stretch_of_the_log_odds() -> None:
    random = Random(3)
    true = [random.uniform(-6, 6) for _ in range(4000)]
    labels = [random.random() < probability_of(odds) for odds in true]
    line = fit_platt([2 * odds + 1 for odds in true], labels)
    assert math.isclose(line.slope, 0.5, abs_tol=0.05)
    assert math.isclose(line.intercept, -0.5, abs_tol=0.2)
    corrected = [probability_of(line.corrected(2 * odds + 1)) for odds in true]
    assert reliability(corrected, labels).ece < 0.03


def test_separable_pairs_have_a_finite_fit() -> None:
    line = fit_platt([-20.0, -10.0, 10.0, 20.0], [False, False, True, True])
    assert 0 < line.slope < 10
    assert probability_of(line.corrected(20)) > 0.5


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(CalibrationError):
        fit_platt([1.0, 2.0], [True, True])
    with pytest.raises(CalibrationError):
        reliability([], [])
    with pytest.raises(CalibrationError):
        reliability([0.5], [True, False])


@given(st.floats(1e-9, 1 - 1e-9))
def test_log_odds_and_probability_are_inverse(probability: float) -> None:
    assert math.isclose(probability_of(log_odds(probability)), probability, rel_tol=1e-9)
