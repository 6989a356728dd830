"""Sizes: textbook numbers, and the intervals that the planned samples then have."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.proportion import samplesize_confint_proportion

from app.review.sampling.allocation import allocate
from app.review.sampling.errors import InvalidDesign
from app.review.sampling.estimate import Verdict, estimate, verdict
from app.review.sampling.planning import (
    Expected,
    Pilot,
    half_width_of,
    more_after,
    plan_below,
    power_below,
    size_for,
    size_for_strata,
)
from app.review.sampling.tally import Tally, share

TWO_SIGMA = 0.9544997361036416


def simple(size: int, n: int, found: int) -> Tally:
    return Tally(size=size, drawn=n, inside=n, read=n, found=found)


@pytest.mark.parametrize(
    ("rate", "half_width", "population", "level", "n"),
    [
        (0.05, 0.02, None, 0.95, 457),  # 456.2
        (0.05, 0.02, 2000, 0.95, 372),
        (0.5, 0.05, 3200, TWO_SIGMA, 356),  # Cochran 1977, 4.4: blood groups on an island
        (0.5, 0.05, None, TWO_SIGMA, 400),
        (0.0, 0.02, 2000, 0.95, 1),
        (0.05, 0.0001, 50, 0.95, 50),
    ],
)
def test_textbook_sizes(
    rate: float, half_width: float, population: int | None, level: float, n: int
) -> None:
    assert size_for(rate, half_width, population, level=level) == n


@given(st.floats(0.001, 0.999), st.floats(0.005, 0.2))
def test_sizes_are_others_sizes(rate: float, half_width: float) -> None:
    wanted = samplesize_confint_proportion(rate, half_width)
    assert wanted <= size_for(rate, half_width) <= max(1.0, wanted + 1.0)


@given(st.floats(0.01, 0.99), st.floats(0.005, 0.2), st.integers(1, 10**6), st.floats(1.0, 4.0))
def test_a_finite_population_never_needs_more(
    rate: float, half_width: float, population: int, effect: float
) -> None:
    n = size_for(rate, half_width, population, design_effect=effect)
    assert 1 <= n <= min(population, size_for(rate, half_width, design_effect=effect))
    assert n >= size_for(rate, half_width, population)


def test_a_planned_sample_is_as_exact_as_planned() -> None:
    n = size_for(0.05, 0.02, 12_000)
    low, high = estimate([simple(12_000, n, round(0.05 * n))]).interval
    assert (high - low) / 2 == pytest.approx(0.02, rel=0.06)


STRATA = [Expected(8000, 0.01, 8000 * 0.0995), Expected(1500, 0.1, 450), Expected(500, 0.3, 229)]


@pytest.mark.parametrize("half_width", [0.03, 0.01, 0.004])
@pytest.mark.parametrize("effect", [1.0, 1.5])
def test_the_least_size_for_strata(half_width: float, effect: float) -> None:
    n = size_for_strata(STRATA, half_width, design_effect=effect)
    assert half_width_of(STRATA, n) * sqrt(effect) <= half_width
    assert n == 6 or half_width_of(STRATA, n - 1) * sqrt(effect) > half_width


def test_the_width_of_strata_by_hand() -> None:
    numbers = allocate([8000, 1500, 500], 400, pulls=[one.pull for one in STRATA])
    variance = sum(
        (one.size / 10_000) ** 2 * (1 - n / one.size) * one.rate * (1 - one.rate) / n
        for one, n in zip(STRATA, numbers, strict=True)
    )
    assert half_width_of(STRATA, 400) == pytest.approx(1.959964 * sqrt(variance))
    assert half_width_of(STRATA, 10_000) == 0.0


def test_neyman_needs_fewer_than_proportional() -> None:
    proportional = [Expected(one.size, one.rate, float(one.size)) for one in STRATA]
    assert size_for_strata(STRATA, 0.01) < size_for_strata(proportional, 0.01)


@pytest.mark.parametrize(
    ("limit", "rate", "population"),
    [(0.02, 0.005, 12_000), (0.02, 0.01, 12_000), (0.05, 0.02, 900), (0.02, 0.0, 12_000)],
)
def test_a_plan_shows_what_it_promises(limit: float, rate: float, population: int) -> None:
    plan = plan_below(limit, rate, population)
    assert plan.power >= 0.8
    allowed = estimate([simple(population, plan.n, plan.at_most)])
    one_more = estimate([simple(population, plan.n, plan.at_most + 1)])
    assert verdict(allowed, limit) is Verdict.BELOW
    assert verdict(one_more, limit) is not Verdict.BELOW
    wrong = round(rate * population)
    assert plan.power == pytest.approx(hypergeom.cdf(plan.at_most, population, wrong, plan.n))
    assert power_below(limit, rate, population, plan.n) == pytest.approx(plan.power)


def test_less_would_not_do() -> None:
    plan = plan_below(0.02, 0.005, 12_000)
    assert all(power_below(0.02, 0.005, 12_000, n) < 0.8 for n in range(20, plan.n, 3))


def test_readers_and_clusters_cost_units() -> None:
    plain, clustered = (
        plan_below(0.02, 0.005, 10**6),
        plan_below(0.02, 0.005, 10**6, design_effect=2.0),
    )
    assert clustered.n == pytest.approx(2 * plain.n, rel=0.02)


def test_where_nothing_less_shows_it_all_are_read() -> None:
    assert plan_below(0.02, 0.019, 300).n == 300


def test_nothing_is_shown_of_too_small_a_sample() -> None:
    assert power_below(0.02, 0.0, 12_000, 20) == 0.0


@pytest.mark.parametrize(
    ("size", "n", "found", "half_width"),
    [(12_000, 120, 6, 0.02), (12_000, 120, 0, 0.005), (900, 60, 3, 0.02), (12_000, 456, 23, 0.02)],
)
def test_after_a_pilot(size: int, n: int, found: int, half_width: float) -> None:
    of_it = share([simple(size, n, found)])
    pilot = Pilot(
        population=size, n=n, rate=of_it.rate, variance=of_it.variance, one_more=of_it.one_more
    )
    total = n + more_after(pilot, half_width)
    low, high = estimate([simple(size, total, round(found / n * total))]).interval
    assert (high - low) / 2 == pytest.approx(half_width, rel=0.07)


def test_a_pilot_that_is_exact_enough_needs_no_more() -> None:
    pilot = Pilot(population=12_000, n=2000, rate=0.05, variance=2e-5, one_more=1 / 2000)
    assert more_after(pilot, 0.02) == 0
    assert more_after(pilot, 1e-9) == 10_000


@pytest.mark.parametrize(
    ("rate", "half_width", "effect"), [(1.1, 0.02, 1.0), (0.1, 0.0, 1.0), (0.1, 0.02, 0.0)]
)
def test_what_cannot_be_planned(rate: float, half_width: float, effect: float) -> None:
    with pytest.raises(InvalidDesign, match="cannot be planned"):
        size_for(rate, half_width, design_effect=effect)
    with pytest.raises(InvalidDesign, match="has to be below"):
        plan_below(0.02, 0.02, 900)
