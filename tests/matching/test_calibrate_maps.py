"""Laws of the maps, and that they find a distortion that is known."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from matching.calibration.fit import FITS, Method, beta, isotonic, platt
from matching.calibration.labelled import CalibrationError, Labelled, labelled
from matching.calibration.maps import LN2, Beta, Curve, Identity, Isotonic, Platt, Steepened
from matching.calibration.reliability import reliability
from tests.matching.labelled_pairs import calibrated, drawn, overconfident, pairs, uneven

SCALE = np.concatenate([[-np.inf, -5000.0], np.linspace(-80, 80, 641), [5000.0, np.inf]])
ROWS = st.lists(
    st.tuples(st.floats(-60, 60), st.booleans(), st.floats(0.01, 100)), min_size=1, max_size=80
)


def of_rows(rows: list[tuple[float, bool, float]]) -> Labelled:
    return labelled(
        [odds for odds, _, _ in rows],
        [same for _, same, _ in rows],
        weights=[weight for _, _, weight in rows],
    )


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(Method))
def test_a_map_keeps_the_order_and_never_says_0_or_1(
    rows: list[tuple[float, bool, float]], method: Method
) -> None:
    found = FITS[method](of_rows(rows).ordered()).probabilities(SCALE)
    assert np.all(np.diff(found) >= 0)
    assert np.all((found > 0) & (found < 1))


@settings(max_examples=30, deadline=None)
@given(ROWS, st.sampled_from(Method), st.randoms())
def test_the_order_of_rows_changes_no_map(
    rows: list[tuple[float, bool, float]], method: Method, random: Random
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert FITS[method](of_rows(rows).ordered()) == FITS[method](of_rows(shuffled).ordered())


@pytest.mark.parametrize("method", Method)
def test_what_is_calibrated_stays_so(method: Method) -> None:
    made = pairs(40_000, calibrated, seed=2)
    learned = FITS[method](drawn(made, 20_000).ordered())
    found = learned.probabilities(made.raw)
    assert np.abs(found - made.true).mean() < 0.003
    assert reliability(found, made.same, bins=15).ece < 0.003


def test_the_line_of_an_overconfident_model_is_found() -> None:
    made = pairs(20_000, overconfident, seed=5)
    line = platt(drawn(made, 20_000).ordered())
    assert line.slope == pytest.approx(1 / 2.4, rel=0.05)
    assert line.intercept * LN2 == pytest.approx(2.8 / 2.4, abs=0.1)


def test_the_two_slopes_of_a_beta_map_are_found() -> None:
    true = Beta(0.6, 1.3, 0.4)
    raw = np.random.default_rng(7).normal(0, 5, 30_000)
    same = np.random.default_rng(8).random(len(raw)) < true.probabilities(raw)
    found = beta(labelled(raw, same).ordered())
    assert (found.a, found.b, found.c) == pytest.approx((0.6, 1.3, 0.4), abs=0.08)


@pytest.mark.parametrize("bent", [overconfident, uneven])
def test_the_isotonic_map_finds_what_no_line_can(bent: Callable[..., np.ndarray]) -> None:
    made = pairs(40_000, bent, seed=3)
    learned = isotonic(drawn(made, 20_000).ordered())
    assert np.abs(learned.probabilities(made.raw) - made.true).mean() < 0.005


def test_a_block_without_a_link_is_not_taken_for_certain() -> None:
    raw = np.linspace(-8, -4, 300)
    learned = isotonic(labelled(np.append(raw, 9.0), [False] * 300 + [True]).ordered())
    # Three hundred pairs of two people say no more than "hardly one in a hundred".
    assert 1e-4 < learned.probabilities(np.array([-4.0]))[0] < 0.05


def test_equal_odds_get_one_probability_whatever_their_labels() -> None:
    learned = isotonic(labelled([0.0] * 60 + [5.0] * 40, [True, False] * 30 + [True] * 40))
    assert learned.probabilities(np.array([0.0]))[0] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("learned", "raw", "corrected"),
    [
        (Identity(), 3.0, 3.0),
        (Platt(0.5, 1.0), 4.0, 3.0),
        (Beta(1.0, 1.0, 0.0), -7.25, -7.25),
        (Beta(0.5, 1.0, 0.0), -40.0, -20.0),
        (Isotonic((0.0, 2.0), (1.0, 4.0), 0.5), 1.0, 2.5),
        (Isotonic((0.0, 2.0), (1.0, 4.0), 0.5), -2.0, 0.0),
        (Isotonic((0.0, 2.0), (1.0, 4.0), 0.5), 4.0, 5.0),
        (Steepened(Platt(2.0, 1.0), 0.5), 3.0, 3.5),
    ],
)
def test_a_map_by_hand(learned: Curve, raw: float, corrected: float) -> None:
    assert learned.corrected(raw) == pytest.approx(corrected)
    probability = learned.probabilities(np.array([raw]))[0]
    assert probability == pytest.approx(expit(corrected * LN2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Platt(-0.1, 0.0),
        lambda: Platt(float("nan"), 0.0),
        lambda: Beta(1.0, -1.0, 0.0),
        lambda: Isotonic((), (), 1.0),
        lambda: Isotonic((0.0, 0.0), (1.0, 2.0), 1.0),
        lambda: Isotonic((0.0, 1.0), (2.0, 1.0), 1.0),
        lambda: Isotonic((0.0, 1.0), (1.0, 2.0), -1.0),
        lambda: Steepened(Identity(), -1.0),
    ],
)
def test_a_map_that_turns_the_order_round_is_refused(make: Callable[[], Curve]) -> None:
    with pytest.raises(CalibrationError):
        make()
