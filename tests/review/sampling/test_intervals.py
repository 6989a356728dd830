"""Intervals beside others' and beside their own definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom, poisson
from statsmodels.stats.proportion import proportion_confint

from app.review.sampling.intervals import exact, of_amount, of_share


@pytest.mark.parametrize(("found", "n"), [(0, 30), (3, 100), (23, 456), (30, 30), (1, 2)])
def test_without_end_the_exact_interval_is_clopper_and_pearsons(found: int, n: int) -> None:
    wanted = proportion_confint(found, n, method="beta")
    assert exact(found, n, 10**6) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(("n", "size"), [(1, 5), (4, 9), (10, 30), (25, 30), (30, 30)])
def test_the_exact_interval_never_holds_less_than_its_level(n: int, size: int) -> None:
    for wrong in range(size + 1):
        covered = sum(
            hypergeom.pmf(found, size, wrong, n)
            for found in range(max(0, n - size + wrong), min(n, wrong) + 1)
            if exact(found, n, size)[0] <= wrong / size <= exact(found, n, size)[1]
        )
        assert covered >= 0.95 - 1e-9


def test_a_census_leaves_nothing_open() -> None:
    assert exact(3, 40, 40) == (3 / 40, 3 / 40)
    assert of_share(0.1, 0.0, 0.0) == (0.1, 0.1)
    assert of_amount(0.1, 0.0, 0.0) == (0.1, 0.1)


def test_what_cannot_have_been_found() -> None:
    for found, n, size in [(-1, 3, 9), (4, 3, 9), (1, 10, 9), (0, 0, 9)]:
        with pytest.raises(ValueError, match="cannot have been found"):
            exact(found, n, size)


@pytest.mark.parametrize("found", [1, 2, 5, 20])
def test_of_equal_amounts_it_is_the_mid_p_interval_of_a_poisson_mean(found: int) -> None:
    low, high = of_amount(float(found), float(found), 1.0)
    assert poisson.sf(found, low) + poisson.pmf(found, low) / 2 == pytest.approx(0.025)
    assert poisson.cdf(found - 1, high) + poisson.pmf(found, high) / 2 == pytest.approx(0.025)


@pytest.mark.parametrize(("found", "n"), [(1, 456), (5, 456), (23, 456), (20, 100), (50, 100)])
def test_of_a_simple_sample_it_is_the_mid_p_interval_of_a_share(found: int, n: int) -> None:
    y = found / n
    low, high = of_share(y, y * (1 - y) / n, 1 / n)
    below = binom.sf(found, n, low) + binom.pmf(found, n, low) / 2
    above = binom.cdf(found - 1, n, high) + binom.pmf(found, n, high) / 2
    assert (below, above) == pytest.approx((0.025, 0.025), abs=0.002)


@pytest.mark.parametrize("n", [30, 456, 2400])
def test_nothing_found_is_not_nothing(n: int) -> None:
    """Mid-P: half of (1 − p)ⁿ is 2.5 %, about three in n."""
    low, high = of_share(0.0, 0.0, 1 / n)
    assert low == 0.0
    assert high == pytest.approx(1 - 0.05 ** (1 / n), rel=0.02)
    assert of_amount(0.0, 0.0, 1 / n) == pytest.approx((0.0, 2.9957 / n), rel=1e-3)


@given(st.integers(2, 3000), st.data())
def test_a_share_lies_in_its_interval_and_wrong_mirrors_right(n: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, n))
    effect = data.draw(st.floats(0.3, 8.0))
    y = found / n
    variance, weight = effect * y * (1 - y) / n, effect / n
    low, high = of_share(y, variance, min(weight, 1.0))
    assert 0.0 <= low <= y <= high <= 1.0
    if 2 * found == n:
        return
    mirrored = of_share(1 - y, variance, min(weight, 1.0))
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(0, 60), st.floats(0.1, 10.0))
def test_unseen_errors_of_more_weight_widen_the_interval(found: int, weight: float) -> None:
    y = float(found)
    low, high = of_amount(y, y, 1.0)
    wide_low, wide_high = of_amount(y, y, 1.0 + weight)
    assert low <= y <= high
    assert wide_high >= high
    assert wide_low <= y


@given(st.floats(0.5, 0.98))
def test_a_higher_level_is_a_wider_interval(level: float) -> None:
    inner = of_share(0.05, 0.05 * 0.95 / 456, 1 / 456, level=level)
    outer = of_share(0.05, 0.05 * 0.95 / 456, 1 / 456, level=level + 0.01)
    assert outer[0] < inner[0] < inner[1] < outer[1]


def test_it_is_shorter_than_clopper_and_pearsons() -> None:
    for found in range(12):
        y = found / 456
        low, high = of_share(y, y * (1 - y) / 455, 1 / 456)
        wide_low, wide_high = proportion_confint(found, 456, method="beta")
        assert (wide_low, high) <= (low + 1e-12, wide_high)
