"""Money errors: the ratio, its variance, its interval and the bootstrap's."""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.sampling.amounts import (
    Amounts,
    MoneyErrors,
    MoneyRate,
    bootstrap,
    money_errors,
    money_rate,
    ratio,
    side_by_side,
)
from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import Estimate, Verdict, verdict
from app.review.sampling.frame import Decided
from app.review.sampling.readings import Reading
from tests.review.sampling.parts import NO_RIGHT, PROGRAMME, RIGHT, an_audit, read_once


def amounts(strata: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> Amounts:
    """Strata by size and by paid and wrong fen of each unit read."""
    rows = [(place, *unit) for place, (_, units) in enumerate(strata) for unit in units]
    columns = np.array(rows, dtype=np.int64)
    return Amounts(
        sizes=np.array([size for size, _ in strata], dtype=np.int64),
        stratum=columns[:, 0].astype(np.intp),
        paid=columns[:, 1],
        error=columns[:, 2],
        inside=len(rows),
        unread=0,
        drawn_fen=1.0,
        unread_fen=0.0,
    )


def due(fen: int) -> tuple[Reading, None]:
    return Reading(programme=PROGRAMME, monthly_fen=fen), None


def point(money: MoneyRate) -> float:
    assert isinstance(money.rate, Estimate)
    return money.rate.rate


def test_by_hand() -> None:
    """100 and 20 units that each stand for 10 and 2; every one is paid 500.00 a month."""
    audit = an_audit(
        [
            (100, [due(50_000)] * 8 + [due(40_000), due(65_000)]),
            (20, [(NO_RIGHT, None)] * 2 + [due(50_000)] * 8),
        ]
    )
    told: MoneyErrors = money_errors(audit)
    assert told.over.paid_fen == 120 * 50_000
    assert told.over.error_fen == 10 * 10_000 + 2 * 2 * 50_000
    assert told.under.error_fen == 10 * 15_000
    assert told.total.error_fen == told.over.error_fen + told.under.error_fen
    assert told.total.rate.found == 4


def test_the_linearised_variance_by_hand() -> None:
    strata = [(40, [(500, 0), (800, 100), (300, 0), (600, 600)]), (30, [(900, 0), (400, 50)])]
    of_it, _ = ratio(amounts(strata))
    paid = sum(size / len(units) * sum(x for x, _ in units) for size, units in strata)
    wrong = sum(size / len(units) * sum(e for _, e in units) for size, units in strata)
    assert of_it.rate == pytest.approx(wrong / paid)
    variance = 0.0
    for size, units in strata:
        u = [(e - wrong / paid * x) / paid for x, e in units]
        n = len(units)
        variance += size**2 * (1 - n / size) / n * float(np.var(u, ddof=1))
    assert of_it.variance == pytest.approx(variance)


def test_over_all_samples_of_equal_payments_it_is_unbiased() -> None:
    population = [[(100, 0), (100, 30), (100, 0), (100, 100)], [(100, 0), (100, 0), (100, 70)]]
    rates, variances = [], []
    for drawn in product(combinations(population[0], 2), combinations(population[1], 2)):
        of_it, _ = ratio(amounts([(4, drawn[0]), (3, drawn[1])]))
        rates.append(of_it.rate)
        variances.append(of_it.variance)
    assert np.mean(rates) == pytest.approx(200 / 700)
    assert np.mean(variances) == pytest.approx(np.var(rates))


def test_over_all_samples_of_unequal_payments_it_is_nearly_so() -> None:
    population = [(90, 0), (110, 30), (60, 0), (140, 100), (100, 0), (80, 8), (120, 0), (100, 10)]
    told = [ratio(amounts([(8, drawn)]))[0] for drawn in combinations(population, 5)]
    rates = [one.rate for one in told]
    true = sum(e for _, e in population) / sum(x for x, _ in population)
    assert np.mean(rates) == pytest.approx(true, abs=0.01)
    assert np.mean([one.variance for one in told]) == pytest.approx(np.var(rates), rel=0.2)


@given(
    st.lists(st.tuples(st.integers(1, 10**8), st.integers(0, 10**8)), min_size=1, max_size=40),
    st.integers(0, 5000),
)
def test_the_interval_holds_the_point(units: list[tuple[int, int]], more: int) -> None:
    told = money_rate(amounts([(len(units) + more, units)]))
    low, high = told.rate.interval
    assert 0.0 <= low <= high
    if isinstance(told.rate, Estimate):
        assert low <= told.rate.rate <= high
    if more == 0:
        exact = sum(e for _, e in units) / sum(x for x, _ in units)
        assert (low, high) == pytest.approx((exact, exact))
        assert told.error_fen == sum(e for _, e in units)


def test_nothing_found_is_not_nothing() -> None:
    told = money_rate(amounts([(100_000, [(50_000, 0)] * 300)])).rate
    assert told.interval[0] == 0.0
    assert told.interval[1] == pytest.approx(3.0 / 300, rel=0.01)


def test_unread_money_counts_against_a_limit() -> None:
    told = money_errors(an_audit([(5000, read_once(0, 490, 10))])).over.rate
    assert told.unread == 10
    assert told.interval[1] < 0.01 < 0.02 < told.worst_case[1]
    assert verdict(told, 0.02) is Verdict.CANNOT_TELL


def test_a_domain() -> None:
    audit = an_audit([(100, read_once(5, 5)), (300, read_once(1, 29))])
    told = money_errors(audit, within=lambda unit: unit.region == "229901")
    assert told.over.paid_fen == 100 * 50_000
    assert told.over.error_fen == 50 * 50_000


def test_amounts_without_a_reading_are_unread() -> None:
    open_amount = (Reading(programme=PROGRAMME), None)
    told = money_errors(an_audit([(100, [open_amount, (RIGHT, None), (RIGHT, None)])]))
    assert (told.over.rate.n, told.over.rate.unread) == (2, 1)


def test_what_has_no_rate_of_money() -> None:
    with pytest.raises(InvalidReadings, match="nothing is paid on refused"):
        money_errors(an_audit([(100, read_once(1, 9))], Decided.REFUSED))
    with pytest.raises(InvalidReadings, match="nothing is paid in the domain"):
        money_errors(an_audit([(100, read_once(1, 9))]), within=lambda unit: False)
    with pytest.raises(InvalidReadings, match="nothing was read in a stratum"):
        money_errors(an_audit([(100, read_once(1, 9)), (50, read_once(0, 0, 4))]))


def many(seed: int, n: int) -> Amounts:
    rng = np.random.default_rng(seed)
    paid = rng.integers(30_000, 90_000, n)
    error = np.where(rng.random(n) < 0.3, rng.integers(1, 30_000, n), 0)
    units = list(zip(paid.tolist(), error.tolist(), strict=True))
    return amounts([(2 * n, units[: n // 2]), (n, units[n // 2 :])])


def test_where_errors_are_many_the_bootstrap_agrees() -> None:
    drawn = many(5, 600)
    low, high = bootstrap(drawn, seed=1)
    told = money_rate(drawn)
    assert low < point(told) < high
    assert (low, high) == pytest.approx(told.rate.interval, abs=0.004)
    of_it, _ = ratio(drawn)
    assert (high - low) / (2 * 1.96) == pytest.approx(of_it.variance**0.5, rel=0.1)


def test_the_bootstrap_repeats_and_knows_a_census() -> None:
    drawn = many(5, 60)
    assert bootstrap(drawn, seed=1) == bootstrap(drawn, seed=1) != bootstrap(drawn, seed=2)
    low, high = bootstrap(amounts([(3, [(10, 0), (20, 5), (30, 0)])]), seed=1)
    assert (low, high) == pytest.approx((5 / 60, 5 / 60))


def test_audits_side_by_side() -> None:
    strata = [(40, [(500, 0), (800, 100), (300, 0)]), (30, [(900, 0), (400, 50)])]
    apart = side_by_side([amounts(strata[:1]), amounts(strata[1:])])
    assert ratio(apart) == ratio(amounts(strata))
