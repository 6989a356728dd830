"""What a source teaches beside the others, how little few labels move, and how it is stored."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.calibration.crossfit import choose
from matching.calibration.fit import Method
from matching.calibration.labelled import ANY, CalibrationError, Labelled, labelled
from matching.calibration.maps import Identity
from matching.calibration.reliability import reliability
from matching.calibration.sources import (
    Adjustments,
    adjust,
    from_document,
    learn,
    to_document,
    without_any,
)
from tests.matching.labelled_pairs import drawn, overconfident, pairs

DAY = date(2026, 11, 20)
RAW = np.array([-30.0, -5.0, 0.0, 5.0, 30.0])


def _of_sources(counts: dict[str, int], shifts: dict[str, float], seed: int = 3) -> Labelled:
    """A model that is right, but that each source's true log2 odds are shifted."""
    random = np.random.default_rng(seed)
    names = np.repeat(list(counts), list(counts.values()))
    raw = random.normal(0, 4, len(names))
    true = raw + np.array([shifts[str(name)] for name in names])
    same = random.random(len(names)) < Identity().probabilities(true)
    return labelled(raw, same, sources=[str(name) for name in names])


def test_the_prior_of_a_source_with_many_labels_is_found() -> None:
    made = _of_sources({"tax": 4000, "bank": 4000}, {"tax": 1.5, "bank": -1.5})
    found = adjust(made, Method.PLATT, DAY)
    between = found.of("tax").prior_log2_odds - found.of("bank").prior_log2_odds
    assert between == pytest.approx(3.0, abs=0.3)
    for source, shift in (("tax", 1.5), ("bank", -1.5)):
        corrected = found.of(source).log2_odds(np.array([0.0]))[0]
        assert corrected == pytest.approx(shift, abs=0.3)


@pytest.mark.parametrize(
    ("labels", "least", "most"), [(3, 0.0, 1.2), (30, 1.2, 2.8), (3000, 2.8, 3.2)]
)
def test_the_fewer_labels_the_nearer_to_all_sources(labels: int, least: float, most: float) -> None:
    made = _of_sources({"tax": 5000, "vehicle": labels}, {"tax": 0.0, "vehicle": -3.0})
    found = adjust(made, Method.PLATT, DAY)
    # The shift is 3 bits; the prior holds what is not yet in the map of all sources.
    assert least < -found.of("vehicle").log2_odds(np.array([0.0]))[0] < most
    assert abs(found.of("tax").log2_odds(np.array([0.0]))[0]) < 0.3


def test_a_source_without_labels_gets_what_all_have_within_a_wider_band() -> None:
    made = _of_sources({"tax": 1000, "bank": 1000}, {"tax": 0.5, "bank": -0.5})
    found = adjust(made, Method.BETA, DAY)
    other = found.of("securities")
    assert other.source == ANY
    assert other.prior_log2_odds == 0.0
    low, high = other.intervals(np.array([0.0]))
    known_low, known_high = found.of("tax").intervals(np.array([0.0]))
    assert high[0] - low[0] > known_high[0] - known_low[0]


def test_adjustments_by_source_are_better_held_out_than_one_for_all() -> None:
    shifts = {"tax": 2.0, "bank": -2.0, "insurance": 0.0}
    made = _of_sources(dict.fromkeys(shifts, 400), shifts)
    learned = learn(made, DAY)
    after = reliability(learned.held_out, made.same).log_loss
    assert after < learned.choice.losses[learned.choice.method] - 0.01


def test_pairs_are_corrected_by_their_source() -> None:
    made = _of_sources({"tax": 800, "bank": 800}, {"tax": 2.0, "bank": -2.0})
    found = adjust(made, Method.PLATT, DAY)
    names = ["bank", "tax", "vehicle", "tax", "bank"]
    together = found.probabilities(RAW, names)
    for place, name in enumerate(names):
        assert together[place] == found.of(name).probabilities(RAW)[place]


@pytest.mark.parametrize("labels", [60, 700])
def test_the_point_is_in_its_interval_and_the_order_is_kept(labels: int) -> None:
    some = drawn(pairs(1000, overconfident, seed=8), labels)
    found = learn(some, DAY).adjustments.any_source
    raw = np.linspace(-90, 90, 721)
    low, high = found.intervals(raw)
    point = found.probabilities(raw)
    assert np.all((low <= point) & (point <= high))
    assert np.all((low > 0) & (high < 1))
    assert np.all(np.diff(point) >= 0)


def test_before_the_first_label_the_odds_are_the_models_own() -> None:
    found = learn(labelled([], []), DAY)
    assert found.adjustments == without_any(DAY)
    assert found.adjustments.of("tax").log2_odds(RAW) == pytest.approx(RAW)
    low, high = found.adjustments.of("tax").intervals(np.array([0.0]))
    assert low[0] < 0.07
    assert high[0] > 0.93


@pytest.mark.parametrize("same", [[True] * 5, [False] * 5])
def test_labels_of_one_kind_teach_nothing(same: list[bool]) -> None:
    with pytest.raises(CalibrationError, match="of one kind"):
        learn(labelled([1.0, 2.0, 3.0, 4.0, 5.0], same), DAY)


def test_the_order_of_rows_changes_nothing_that_is_stored() -> None:
    made = _of_sources({"tax": 300, "bank": 300}, {"tax": 1.0, "bank": -1.0})
    turned = made.where(np.random.default_rng(1).permutation(len(made)))
    assert learn(turned, DAY).adjustments == learn(made, DAY).adjustments


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(Method),
    st.lists(
        st.tuples(
            st.floats(-50, 50), st.booleans(), st.sampled_from(["", "tax", "bank", "公积金"])
        ),
        min_size=2,
        max_size=40,
    ).filter(lambda rows: len({same for _, same, _ in rows}) == 2),
)
def test_what_is_stored_is_read_back_exactly(
    method: Method, rows: list[tuple[float, bool, str]]
) -> None:
    made = labelled(
        [odds for odds, _, _ in rows],
        [same for _, same, _ in rows],
        sources=[source for _, _, source in rows],
    )
    stored = adjust(made, method, DAY)
    text = json.dumps(to_document(stored))
    assert from_document(json.loads(text)) == stored


def _stored() -> dict[str, Any]:
    made = _of_sources({"tax": 40, "bank": 40}, {"tax": 0.0, "bank": 0.0})
    return to_document(adjust(made, Method.ISOTONIC, DAY))


def _version(document: dict[str, Any]) -> None:
    document["version"] = 2


def _unknown_field(document: dict[str, Any]) -> None:
    document["any_source"]["slope"] = 1.0


def _missing_field(document: dict[str, Any]) -> None:
    del document["sources"][0]["digest"]


def _unknown_map(document: dict[str, Any]) -> None:
    document["any_source"]["map"]["kind"] = "spline"


def _falling_knots(document: dict[str, Any]) -> None:
    document["any_source"]["map"]["fitted"].reverse()


def _text_for_number(document: dict[str, Any]) -> None:
    document["sources"][1]["prior_log2_odds"] = "0"


def _no_number(document: dict[str, Any]) -> None:
    document["sources"][1]["prior_log2_odds"] = float("nan")


def _no_day(document: dict[str, Any]) -> None:
    document["date"] = "2026-13-01"


def _band_of_another_length(document: dict[str, Any]) -> None:
    document["any_source"]["band"]["below"].pop()


def _a_source_twice(document: dict[str, Any]) -> None:
    document["sources"][1]["source"] = document["sources"][0]["source"]


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (_version, "version"),
        (_unknown_field, "any_source.slope"),
        (_missing_field, "sources.0.digest"),
        (_unknown_map, "any_source.map"),
        (_falling_knots, "any_source.map"),
        (_text_for_number, "sources.1.prior_log2_odds"),
        (_no_number, "sources.1.prior_log2_odds"),
        (_no_day, "date"),
        (_band_of_another_length, "any_source.band"),
        (_a_source_twice, "document"),
    ],
)
def test_a_spoilt_document_is_refused_with_its_place(
    spoil: Callable[[dict[str, Any]], None], place: str
) -> None:
    document = _stored()
    assert isinstance(from_document(document), Adjustments)
    spoil(document)
    with pytest.raises(CalibrationError, match=f"adjustments: {place}"):
        from_document(document)


def test_the_choice_is_reported_with_the_loss_of_every_method() -> None:
    made = drawn(pairs(800, overconfident, seed=4), 800)
    learned = learn(made, DAY)
    assert learned.choice == choose(made)
    assert learned.adjustments.method is learned.choice.method
    assert learned.adjustments.labels_n == 800
    assert learned.adjustments.digest == made.digest
