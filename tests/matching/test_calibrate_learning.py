"""Which map is chosen, what held-out pairs say of it, and how wide the interval has to be."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.calibration.band import Band, learned, without_labels
from matching.calibration.crossfit import FEW, choose, cross_fitted, folds_of
from matching.calibration.fit import FITS, MODEL_SPREAD, Method, platt
from matching.calibration.labelled import CalibrationError, Labelled, labelled
from matching.calibration.maps import Curve, Identity
from matching.calibration.near import PLACES
from matching.calibration.reliability import reliability
from tests.matching.labelled_pairs import (
    BENDS,
    Bent,
    Made,
    calibrated,
    drawn,
    drawn_grey,
    overconfident,
    pairs,
    uneven,
)


@pytest.mark.parametrize(
    ("labels", "allowed"),
    [
        (0, {Method.IDENTITY}),
        (40, {Method.PLATT}),
        (FEW - 1, {Method.PLATT}),
        (FEW, {Method.BETA, Method.ISOTONIC}),
    ],
)
def test_the_number_of_labels_says_what_may_be_learned(labels: int, allowed: set[Method]) -> None:
    choice = choose(drawn(pairs(600, overconfident, seed=1), labels))
    assert choice.method in allowed
    assert set(choice.losses) == (set(Method) if labels else set())


def test_what_no_line_undoes_is_left_to_the_isotonic_map() -> None:
    choice = choose(drawn(pairs(6000, uneven, seed=1), 6000))
    assert choice.method is Method.ISOTONIC
    assert choice.losses[Method.ISOTONIC] < choice.losses[Method.BETA]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.floats(-30, 30), st.booleans()), min_size=2, max_size=60
    ).filter(lambda rows: len({group for group, _, _ in rows}) > 1),
    st.randoms(),
)
def test_pairs_of_one_person_share_a_fold_in_any_order(
    rows: list[tuple[int, float, bool]], random: Random
) -> None:
    shuffled = random.sample(rows, len(rows))
    dealt = []
    for some in (rows, shuffled):
        given_pairs = labelled(
            [odds for _, odds, _ in some],
            [same for _, _, same in some],
            groups=[f"p{group}" for group, _, _ in some],
        )
        folds = folds_of(given_pairs, 5, seed=0)
        of_person: dict[int, set[int]] = {}
        for (group, _, _), fold in zip(some, folds, strict=True):
            of_person.setdefault(group, set()).add(int(fold))
        assert all(len(found) == 1 for found in of_person.values())
        dealt.append(of_person)
    assert dealt[0] == dealt[1]


def test_folds_of_one_person_are_refused() -> None:
    with pytest.raises(CalibrationError, match="two persons"):
        folds_of(labelled([1.0, 2.0], [True, False], groups=["a", "a"]), 5, seed=0)


def test_no_pair_is_predicted_by_what_learned_from_it() -> None:
    # Labels that are noise: what has seen them does better than the base rate, held out it cannot.
    random = np.random.default_rng(4)
    noise = labelled(random.normal(0, 3, 800), random.random(800) < 0.5)
    held_out = cross_fitted(noise)
    seen = FITS[Method.ISOTONIC](noise.ordered()).probabilities(noise.log2_odds)
    assert reliability(seen, noise.same).log_loss < np.log(2)
    assert held_out.choice.losses[Method.ISOTONIC] > reliability(seen, noise.same).log_loss
    assert reliability(held_out.probabilities, noise.same).log_loss > 0.99 * np.log(2)


def test_held_out_predictions_are_in_the_order_of_the_pairs() -> None:
    some = drawn_grey(pairs(5000, overconfident, seed=9), 400, seed=9)
    turned = np.random.default_rng(0).permutation(len(some))
    one, other = cross_fitted(some), cross_fitted(some.where(turned))
    assert np.allclose(one.probabilities[turned], other.probabilities, atol=1e-12)


def _ece_after(made: Made, some: Labelled, bigger: Made) -> float:
    chosen = FITS[choose(some).method](some.ordered())
    return reliability(chosen.probabilities(bigger.raw), bigger.same, bins=15).ece


def test_five_hundred_labels_of_grey_pairs_are_enough() -> None:
    bigger = pairs(100_000, overconfident, seed=1)
    before = reliability(Identity().probabilities(bigger.raw), bigger.same, bins=15)
    assert before.ece > 0.025
    after = []
    for seed in range(50, 58):
        made = pairs(20_000, overconfident, seed)
        after.append(_ece_after(made, drawn_grey(made, 510, seed), bigger))
    assert np.mean(after) <= 0.005


def test_weights_undo_that_grey_pairs_are_asked_oftener() -> None:
    # A model that is right but for pairs of a kind which reviewers see ten times as often.
    random = np.random.default_rng(12)
    raw = random.normal(0, 2, 60_000)
    odd_kind = random.random(len(raw)) < 0.2
    same = random.random(len(raw)) < Identity().probabilities(np.where(odd_kind, raw - 6, raw))
    chance = np.where(odd_kind, 0.5, 0.05)
    chosen = random.random(len(raw)) < chance
    everyone = platt(labelled(raw, same).ordered())
    weighted = platt(labelled(raw[chosen], same[chosen], weights=1 / chance[chosen]).ordered())
    plain = platt(labelled(raw[chosen], same[chosen]).ordered())
    assert weighted.intercept == pytest.approx(everyone.intercept, abs=0.12)
    assert abs(plain.intercept - everyone.intercept) > 1


def _band(curve: Curve, some: Labelled) -> Band:
    return learned(without_labels(MODEL_SPREAD), some).band(curve.log2_odds(PLACES))


@pytest.mark.parametrize("bent", BENDS)
@pytest.mark.parametrize("labels", [100, 500, 2000])
def test_nine_in_ten_intervals_hold_the_truth(bent: Bent, labels: int) -> None:
    covered, grey = [], []
    for seed in range(100, 116):
        made = pairs(8_000, bent, seed)
        some = drawn_grey(made, labels, seed).ordered()
        curve = FITS[choose(some).method](some)
        low, high = _band(curve, some).limits(made.raw, curve.log2_odds(made.raw))
        holds = (low <= made.true) & (made.true <= high)
        covered.append(holds.mean())
        grey.append(holds[(made.true > 0.01) & (made.true < 0.99)].mean())
    assert np.mean(covered) >= 0.85
    assert np.mean(grey) >= 0.85


def test_the_interval_narrows_with_labels_and_is_widest_without() -> None:
    made = pairs(8000, calibrated, seed=6)
    raw = np.array([-6.0, 0.0, 6.0])
    widths = []
    for labels in (0, 100, 1000, 8000):
        some = drawn(made, labels).ordered()
        low, high = _band(Identity(), some).limits(raw, raw)
        assert np.all((low <= Identity().probabilities(raw)) & (low < high))
        widths.append(high - low)
    assert all(np.all(one > other) for one, other in pairwise(widths))


def test_the_default_is_as_wide_as_such_models_are_found_wrong() -> None:
    raw = np.array([0.0, np.log2(0.999 / 0.001)])
    low, high = without_labels(MODEL_SPREAD).band(PLACES).limits(raw, raw)
    # Even odds off by 1.64 nats, nine times in ten by no more than 2.7: 0.06 to 0.94 at least.
    assert 0.005 < low[0] < 0.07
    assert 0.93 < high[0] < 0.995
    assert 0.1 < low[1] < 0.86
    assert 0.9999 < high[1] < 1
