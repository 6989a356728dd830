"""Chances and what may be uncertain."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Cause
from app.error_rate.variables import Chance, Spread


@pytest.mark.parametrize(("mean", "weight"), [(-0.1, 1.0), (1.1, 1.0), (0.5, 0.0), (0.5, -1.0)])
def test_a_chance_is_a_probability_with_a_weight(mean: float, weight: float) -> None:
    with pytest.raises(ValueError, match="mean from 0 to 1"):
        Chance(mean, weight)


def test_a_spread_runs_upwards() -> None:
    with pytest.raises(ValueError, match="from low up to high"):
        Spread(cause=Cause.AMOUNT, total="homes", low=2.0, high=1.0, base=1.0, sigma=0.0)


@given(
    st.floats(0.001, 0.999), st.floats(1.0, 500.0), st.floats(0.001, 0.999), st.floats(1.0, 500.0)
)
def test_both_of_two_chances_have_the_products_mean_and_variance(
    mean: float, weight: float, other_mean: float, other_weight: float
) -> None:
    def second(chance: Chance) -> float:
        return chance.mean**2 + chance.mean * (1 - chance.mean) / (chance.weight + 1)

    one, other = Chance(mean, weight), Chance(other_mean, other_weight)
    both = one.and_(other)
    assert both.mean == pytest.approx(mean * other_mean)
    assert second(both) == pytest.approx(second(one) * second(other), rel=1e-6)


def test_known_chances_stay_known() -> None:
    both = Chance(0.5, inf).and_(Chance(0.4, inf, "miss_rate of bank"))
    assert both == Chance(0.2, inf, "miss_rate of bank")
    assert Chance(0.0, 5.0).and_(Chance(0.4, 9.0)).mean == 0.0
