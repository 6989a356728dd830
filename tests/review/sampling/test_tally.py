"""The stratified estimator, by going through every sample of a small population."""

from collections.abc import Iterator
from itertools import combinations, product
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.sampling.tally import Tally, share

# Wrong or not, and inside the domain or not, of every unit of two strata.
POPULATION = (
    ((1, 1), (0, 1), (0, 1), (1, 0), (0, 0)),
    ((1, 1), (1, 1), (0, 1), (0, 0), (1, 0), (0, 1)),
)
DRAWN = (3, 2)


def samples() -> Iterator[tuple[tuple[tuple[int, int], ...], ...]]:
    """Every stratified sample, each as likely as any other."""
    return product(
        *(combinations(stratum, n) for stratum, n in zip(POPULATION, DRAWN, strict=True))
    )


def tally(size: int, units: tuple[tuple[int, int], ...], *, whole: bool) -> Tally:
    inside = [wrong for wrong, is_inside in units if is_inside or whole]
    return Tally(
        size=size, drawn=len(units), inside=len(inside), read=len(inside), found=sum(inside)
    )


def test_over_all_samples_estimate_and_variance_are_unbiased() -> None:
    rates, variances = [], []
    for drawn in samples():
        of_it = share(
            [
                tally(len(all_), units, whole=True)
                for all_, units in zip(POPULATION, drawn, strict=True)
            ]
        )
        rates.append(of_it.rate)
        variances.append(of_it.variance)
    true = np.mean([wrong for stratum in POPULATION for wrong, _ in stratum])
    assert np.mean(rates) == pytest.approx(true)
    assert np.mean(variances) == pytest.approx(np.var(rates))


def test_over_all_samples_a_domain_is_nearly_unbiased() -> None:
    """Hájek's ratio: what is left is of the order 1/n, here with five units drawn."""
    rates = []
    for drawn in samples():
        strata = [
            tally(len(all_), units, whole=False)
            for all_, units in zip(POPULATION, drawn, strict=True)
        ]
        kept = [one for one in strata if one.inside]
        if kept:
            rates.append(share(kept).rate)
    true = np.mean([wrong for stratum in POPULATION for wrong, inside in stratum if inside])
    assert np.mean(rates) == pytest.approx(true, abs=0.02)


def test_a_domains_variance_is_that_of_the_linearised_ratio() -> None:
    """s² of u = (y − p·z)/Z by hand, unit by unit (Cochran 1977, 5A.14)."""
    rows = [(40, [(1, 1), (0, 1), (0, 1), (0, 0)]), (90, [(1, 1), (1, 1), (0, 1), (0, 0), (0, 0)])]
    of_it = share([tally(size, tuple(units), whole=False) for size, units in rows])
    total = sum(size / len(units) * sum(z for _, z in units) for size, units in rows)
    wrong = sum(size / len(units) * sum(y * z for y, z in units) for size, units in rows)
    assert of_it.size == pytest.approx(total)
    assert of_it.rate == pytest.approx(wrong / total)
    variance = 0.0
    for size, units in rows:
        n = len(units)
        u = [z * (y - wrong / total) / total for y, z in units]
        variance += size**2 * (1 - n / size) / n * float(np.var(u, ddof=1))
    assert of_it.variance == pytest.approx(variance)


def test_a_worked_example() -> None:
    """By hand: W = 0.75, 0.25; 0.75·0.1 + 0.25·0.4 = 0.175."""
    of_it = share(
        [
            Tally(size=300, drawn=30, inside=30, read=30, found=3),
            Tally(size=100, drawn=20, inside=20, read=20, found=8),
        ]
    )
    assert of_it.rate == pytest.approx(0.175)
    by_hand = 0.75**2 * 0.9 * 0.09 / 29 + 0.25**2 * 0.8 * 0.24 / 19
    assert of_it.variance == pytest.approx(by_hand)
    weights = [0.75 / 30 * 0.9**0.5] * 30 + [0.25 / 20 * 0.8**0.5] * 20
    assert of_it.one_more == pytest.approx(sum(w**2 for w in weights) / sum(weights))


@given(st.integers(1, 400), st.data())
def test_a_census_has_no_variance(size: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, size))
    of_it = share([Tally(size=size, drawn=size, inside=size, read=size, found=found)])
    assert (of_it.rate, of_it.variance, of_it.one_more) == (found / size, 0.0, 0.0)


def test_unread_units_are_like_the_read_ones_of_their_stratum_and_are_told() -> None:
    of_it = share(
        [
            Tally(size=100, drawn=20, inside=20, read=10, found=5),
            Tally(size=300, drawn=30, inside=30, read=30, found=0),
        ]
    )
    assert of_it.rate == pytest.approx(0.25 * 0.5)
    assert of_it.unread == pytest.approx(0.25 * 0.5)
    all_read = share(
        [
            Tally(size=100, drawn=20, inside=20, read=20, found=10),
            Tally(size=300, drawn=30, inside=30, read=30, found=0),
        ]
    )
    assert of_it.variance > 1.8 * all_read.variance


def test_a_stratum_of_which_one_was_read_is_not_taken_to_be_known() -> None:
    of_it = share(
        [
            Tally(size=50, drawn=1, inside=1, read=1, found=0),
            Tally(size=50, drawn=20, inside=20, read=20, found=10),
        ]
    )
    alone = share([Tally(size=50, drawn=20, inside=20, read=20, found=10)])
    assert of_it.variance > alone.variance / 4
    assert not isclose(of_it.variance, alone.variance / 4, rel_tol=0.5)


def test_numbers_that_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="at most the one before"):
        Tally(size=10, drawn=5, inside=5, read=4, found=5)
