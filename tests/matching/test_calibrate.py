"""The reliability table, and Platt scaling of labelled pairs."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.calibration.fit import fit_platt
from matching.calibration.labelled import CalibrationError, labelled
from matching.calibration.reliability import jeffreys, reliability
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
    assert all(row.low <= row.observed <= row.high for row in found.bins)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans()), min_size=1),
    st.randoms(),
)
def test_the_order_of_rows_changes_no_table(
    pairs: list[tuple[float, bool]], random: Random
) -> None:
    shuffled = random.sample(pairs, len(pairs))
    one, other = (
        reliability([p for p, _ in rows], [y for _, y in rows]) for rows in (pairs, shuffled)
    )
    assert one == other


def test_equal_predictions_stay_together() -> None:
    found = reliability([0.5] * 8 + [0.9] * 2, [True, False] * 5, bins=5)
    assert [row.n for row in found.bins] == [8, 2]


def test_a_weight_counts_like_as_many_pairs() -> None:
    one = reliability([0.2, 0.8], [False, True], weights=[3, 2], bins=2)
    many = reliability([0.2] * 3 + [0.8] * 2, [False] * 3 + [True] * 2, bins=2)
    assert (one.ece, one.brier, one.log_loss) == pytest.approx(
        (many.ece, many.brier, many.log_loss)
    )


@pytest.mark.parametrize(
    ("ones", "n", "low", "high"),
    [(0, 50, 0.0, 0.0376), (50, 50, 0.9624, 1.0), (5, 10, 0.2617, 0.7383)],
)
def test_the_interval_of_a_share(ones: float, n: float, low: float, high: float) -> None:
    assert jeffreys(ones, n) == pytest.approx((low, high), abs=1e-3)


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
    with pytest.raises(CalibrationError, match="of one kind"):
        fit_platt([1.0, 2.0], [True, True])
    with pytest.raises(CalibrationError):
        fit_platt([], [])
    with pytest.raises(CalibrationError):
        reliability([], [])
    with pytest.raises(CalibrationError):
        reliability([0.5], [True, False])


@pytest.mark.parametrize(
    ("odds", "same", "weights"),
    [
        ([1.0, 2.0], [True], [1.0, 1.0]),
        ([1.0, math.nan], [True, False], [1.0, 1.0]),
        ([1.0, 2.0], [True, False], [1.0, 0.0]),
        ([1.0, 2.0], [True, False], [1.0, math.inf]),
    ],
)
def test_columns_that_are_no_labelled_pairs(
    odds: list[float], same: list[bool], weights: list[float]
) -> None:
    with pytest.raises(CalibrationError):
        labelled(odds, same, weights=weights)


def test_the_digest_names_the_pairs_and_not_their_order_or_persons() -> None:
    odds, same = [1.0, -2.0, 3.5], [True, False, True]
    digest = labelled(odds, same).digest
    turned = labelled(odds[::-1], same[::-1], groups=["c", "b", "a"])
    assert turned.digest == digest
    assert labelled(odds, [True, True, True]).digest != digest
    assert labelled(odds, same, weights=np.array([1.0, 2.0, 1.0])).digest != digest


@given(st.floats(1e-9, 1 - 1e-9))
def test_log_odds_and_probability_are_inverse(probability: float) -> None:
    assert math.isclose(probability_of(log_odds(probability)), probability, rel_tol=1e-9)
