"""Predicted against observed: the map, the reliability table and the scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Cause, ErrorRate
from app.error_rate.calibration import (
    IDENTITY,
    Audited,
    Calibration,
    brier,
    expected_calibration_error,
    fit,
    reliability,
    wilson,
)

RATES = st.floats(0.0, 1.0)
AUDITED = st.lists(
    st.builds(Audited, predicted=RATES, wrong=st.booleans(), weight=st.floats(0.5, 20.0)),
    max_size=30,
)
AN_ERROR_RATE = ErrorRate(
    rate=0.1,
    interval=(0.05, 0.2),
    causes={Cause.IDENTITY: 0.04, Cause.SOURCE_GAP: 0.06},
    wrongly_confirmed=0.1,
    wrongly_refused=0.0,
)


def audited(predicted: float, wrong: int, right: int) -> list[Audited]:
    outcomes = [True] * wrong + [False] * right
    return [Audited(predicted=predicted, wrong=was_wrong) for was_wrong in outcomes]


@given(RATES)
def test_the_identity_changes_nothing(rate: float) -> None:
    assert IDENTITY.calibrated(rate) == pytest.approx(rate)


@given(AUDITED, RATES, RATES)
def test_a_fit_never_falls_and_stays_a_probability(
    sample: list[Audited], one: float, other: float
) -> None:
    calibration = fit(sample, "test")
    low, high = sorted((one, other))
    assert 0.0 <= calibration.calibrated(low) <= calibration.calibrated(high) <= 1.0


def test_a_fit_follows_what_was_observed() -> None:
    calibration = fit([*audited(0.05, 1, 9), *audited(0.2, 4, 6)], "2026-06")
    assert calibration.version == "2026-06"
    assert calibration.calibrated(0.05) == pytest.approx(0.1)
    assert calibration.calibrated(0.2) == pytest.approx(0.4)
    assert calibration.calibrated(0.125) == pytest.approx(0.25)


def test_a_fit_pools_neighbours_out_of_order() -> None:
    calibration = fit([*audited(0.1, 3, 7), *audited(0.3, 1, 9)], "test")
    assert calibration.calibrated(0.2) == pytest.approx(0.2)


def test_an_error_rate_is_calibrated_as_a_whole() -> None:
    double = Calibration("double", ((0.0, 0.0), (0.5, 1.0), (1.0, 1.0)))
    result = double.apply(AN_ERROR_RATE)
    assert result.rate == pytest.approx(0.2)
    assert result.interval == pytest.approx((0.1, 0.4))
    assert sum(result.causes.values()) == pytest.approx(result.rate)
    assert (result.wrongly_confirmed, result.wrongly_refused) == (result.rate, 0.0)
    assert IDENTITY.apply(AN_ERROR_RATE) == AN_ERROR_RATE


@pytest.mark.parametrize(
    "knots",
    [
        ((0.1, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (0.9, 1.0)),
        ((0.0, 0.0), (0.5, 0.2), (0.5, 0.3), (1.0, 1.0)),
        ((0.0, 0.5), (1.0, 0.4)),
        ((0.0, 0.0), (1.0, 1.1)),
    ],
)
def test_what_is_no_calibration(knots: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="must"):
        Calibration("test", knots)


def test_the_reliability_table() -> None:
    sample = [*audited(0.02, 1, 49), *audited(0.1, 2, 8), *audited(1.0, 1, 0)]
    low, middle, high = reliability(sample, (0.0, 0.05, 0.15, 1.0))
    assert [one.count for one in (low, middle, high)] == [50, 10, 1]
    assert low.predicted == pytest.approx(0.02)
    assert low.observed == pytest.approx(0.02)
    assert middle.observed == pytest.approx(0.2)
    assert high.observed == 1.0
    assert low.observed_interval == pytest.approx(wilson(0.02, 50))
    assert low.observed_interval[0] < 0.02 < low.observed_interval[1]


def test_weights_are_what_a_decision_stands_for() -> None:
    sample = [
        Audited(predicted=0.1, wrong=True, weight=1.0),
        Audited(predicted=0.1, wrong=False, weight=3.0),
    ]
    (only,) = reliability(sample, (0.0, 1.0))
    assert only.observed == pytest.approx(0.25)
    assert brier(sample) == pytest.approx(0.25 * 0.81 + 0.75 * 0.01)
    assert expected_calibration_error(sample, (0.0, 1.0)) == pytest.approx(0.15)


def test_perfect_predictions_score_nothing() -> None:
    sample = [*audited(0.0, 0, 5), *audited(1.0, 3, 0)]
    assert brier(sample) == 0.0
    assert expected_calibration_error(sample, (0.0, 0.5, 1.0)) == 0.0


@pytest.mark.parametrize(
    ("observed", "count", "interval"),
    [(0.05, 456, (0.0334, 0.0742)), (0.0, 10, (0.0, 0.2775)), (1.0, 10, (0.7225, 1.0))],
)
def test_wilsons_interval(observed: float, count: int, interval: tuple[float, float]) -> None:
    assert wilson(observed, count) == pytest.approx(interval, abs=1e-3)


def test_nothing_audited_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="no audited decisions"):
        brier([])
