"""What is drawn: whole numbers that are optimal, chances that are true, a draw that repeats."""

from collections import Counter
from itertools import combinations, pairwise, product
from math import ceil, comb, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.sampling.allocation import Allocation, allocate, pull
from app.review.sampling.design import Part, Plan, draw
from app.review.sampling.errors import InvalidDesign
from app.review.sampling.frame import Frame
from app.review.sampling.lottery import Lottery, by_size, systematic
from app.review.sampling.strata import Stratification, stratify
from tests.review.sampling.parts import a_frame, a_unit

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=12)
COUNTY = [
    (programme, f"2299{town:02d}", risk, count)
    for programme in ("urban_dibao", "rural_dibao")
    for town in range(4)
    for risk, count in ((0.01, 60), (0.1, 25), (0.4, 12))
]


@given(SIZES, st.data())
def test_an_allocation_adds_up_and_stays_within_its_bounds(
    sizes: list[int], data: st.DataObject
) -> None:
    least = sum(min(2, size) for size in sizes)
    n = data.draw(st.integers(least, sum(sizes)))
    pulls = data.draw(st.lists(st.floats(0.0, 100.0), min_size=len(sizes), max_size=len(sizes)))
    numbers = allocate(sizes, n, pulls=pulls)
    assert sum(numbers) == n
    assert all(min(2, size) <= k <= size for k, size in zip(numbers, sizes, strict=True))
    if n < sum(sizes):
        larger = allocate(sizes, n + 1, pulls=pulls)
        assert all(k <= more for k, more in zip(numbers, larger, strict=True))


def test_no_other_whole_numbers_have_a_smaller_variance() -> None:
    sizes, spreads = (30, 12, 7, 3), (0.1, 0.3, 0.5, 0.2)
    pulls = [size * spread for size, spread in zip(sizes, spreads, strict=True)]

    def variance(numbers: tuple[int, ...]) -> float:
        return sum(a**2 / k for a, k in zip(pulls, numbers, strict=True))

    for n in range(8, 53):
        others = (k for k in product(*(range(2, s + 1) for s in sizes)) if sum(k) == n)
        best = min(variance(numbers) for numbers in others)
        assert variance(allocate(sizes, n, pulls=pulls)) == pytest.approx(best)


def test_pulls() -> None:
    frame = a_frame([("urban_dibao", "229901", 0.2, 20), ("urban_dibao", "229902", 0.0, 30)])
    high, low = stratify(frame, Stratification())
    assert pull(high, Allocation.PROPORTIONAL) == 20
    assert pull(high, Allocation.EQUAL) == 1
    assert pull(high, Allocation.NEYMAN) == pytest.approx(20 * 0.4)
    # Predicted to be surely right, and looked at all the same.
    assert pull(low, Allocation.NEYMAN) == pytest.approx(30 * sqrt(0.005 * 0.995))


def test_equal_allocation_goes_on_where_a_stratum_is_used_up() -> None:
    assert allocate((3, 50, 50), 43, pulls=(1, 1, 1)) == (3, 20, 20)
    assert allocate((100, 300), 40, pulls=(100, 300)) == (10, 30)


def test_what_cannot_be_allocated() -> None:
    with pytest.raises(InvalidDesign, match="draw at least 5"):
        allocate((10, 10, 1), 4, pulls=(1, 1, 1))
    with pytest.raises(InvalidDesign, match="more than the 21"):
        allocate((10, 10, 1), 22, pulls=(1, 1, 1))


def test_every_sample_of_the_lottery_is_as_likely_as_any_other() -> None:
    names, draws = "abcdef", 3000
    seen = Counter(
        tuple(sorted(Lottery(seed, "sha256:frame", "first").lowest(names, 3)))
        for seed in range(draws)
    )
    expected = draws / comb(6, 3)
    assert set(seen) == set(combinations(names, 3))
    chi_square = sum((count - expected) ** 2 / expected for count in seen.values())
    assert chi_square < 36.2  # 99 % of chi-square with 19 degrees of freedom


def test_a_ticket_anybody_can_work_out() -> None:
    # printf '7\nsha256:frame\nfirst\nvf_1' | sha256sum
    ticket = Lottery(7, "sha256:frame", "first").ticket("vf_1").hex()
    assert ticket == "f0f459c95d2565f7efdcfbbac0b28671838fa6d19fd3c3408d65ace41dd4de81"


@given(
    st.lists(st.floats(0.0, 1.0).filter(lambda x: x == 0 or x > 1e-6), min_size=1, max_size=30),
    st.data(),
)
def test_chances_by_size_add_up(sizes: list[float], data: st.DataObject) -> None:
    names = [f"vf_{number}" for number in range(len(sizes))]
    drawable = sum(size > 0 for size in sizes)
    n = data.draw(st.integers(0, drawable))
    chances = by_size(names, sizes, n)
    assert sum(chances) == pytest.approx(n)
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    drawn = systematic(Lottery(1, "d", "risk"), names, chances)
    assert len(set(drawn)) == len(drawn) == n
    uncertain = [(c / s, s) for c, s in zip(chances, sizes, strict=True) if 0 < c < 1]
    if uncertain:
        assert max(uncertain)[0] == pytest.approx(min(uncertain)[0])


def test_chances_by_size_are_what_happens() -> None:
    names, sizes, draws = list("abcdef"), [1.0, 2.0, 3.0, 4.0, 30.0, 0.0], 1500
    chances = by_size(names, sizes, 3)
    assert chances == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 0.0])
    seen = Counter(
        name
        for seed in range(draws)
        for name in systematic(Lottery(seed, "d", "r"), names, chances)
    )
    for name, chance in zip(names, chances, strict=True):
        assert seen[name] / draws == pytest.approx(chance, abs=4 * sqrt(0.25 / draws))


def test_more_than_have_a_risk_cannot_be_drawn_by_it() -> None:
    with pytest.raises(InvalidDesign, match="only 1 have a size above 0"):
        by_size(["a", "b"], [0.0, 0.3], 2)


@pytest.mark.parametrize("allocation", list(Allocation))
def test_a_sample_is_what_its_tables_say(allocation: Allocation) -> None:
    frame = a_frame(COUNTY)
    sample = draw(frame, Plan(n=120, allocation=allocation, second_share=0.5, risk=20), seed=7)
    random = [one for one in sample.units if one.part is Part.RANDOM]
    by_risk = [one for one in sample.units if one.part is Part.RISK]
    assert (len(random), len(by_risk), sample.size) == (120, 20, len(frame.units))
    assert len({one.unit for one in sample.units}) == 140
    assert sample.digest == frame.digest
    for stratum in sample.strata:
        here = [one for one in random if one.stratum == stratum.name]
        assert len(here) == stratum.drawn
        assert sum(one.twice for one in here) == stratum.twice
        assert all(one.chance == stratum.drawn / stratum.size for one in here)
        assert stratum.twice >= min(2, stratum.drawn)
        assert stratum.second_chance == stratum.twice / stratum.drawn
    assert sum(one.twice for one in random) == 60
    assert sum(stratum.chance * stratum.size for stratum in sample.strata) == pytest.approx(120)
    assert not any(one.twice for one in by_risk)


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    frame, plan = a_frame(COUNTY), Plan(n=120, second_share=0.2, risk=20)
    assert draw(frame, plan, 7) == draw(Frame.of(reversed(frame.units)), plan, 7)
    assert draw(frame, plan, 7).units != draw(frame, plan, 8).units


def test_another_frame_is_another_draw() -> None:
    small, large = a_frame(COUNTY[:3]), a_frame(COUNTY)
    drawn = {one.unit for one in draw(small, Plan(n=30), 7).units}
    again = {one.unit for one in draw(large, Plan(n=700), 7).units}
    assert not drawn <= again


def test_a_larger_sample_keeps_the_smaller_one() -> None:
    frame = a_frame(COUNTY)
    samples = [{one.unit for one in draw(frame, Plan(n=n), 7).units} for n in (60, 61, 200, 700)]
    assert all(less < more for less, more in pairwise(samples))


def test_risk_goes_where_errors_are_expected() -> None:
    frame = a_frame(COUNTY)
    sample = draw(frame, Plan(n=100, risk=40), 7)
    risk_of = {unit.id: unit.risk for unit in frame.units}
    by_risk = [risk_of[one.unit] for one in sample.units if one.part is Part.RISK]
    assert sum(by_risk) / len(by_risk) > 2 * sum(risk_of.values()) / len(risk_of)


def test_all_can_be_drawn() -> None:
    frame = a_frame(COUNTY)
    sample = draw(frame, Plan(n=len(frame.units), second_share=1.0), 7)
    assert {one.chance for one in sample.units} == {1.0}
    assert all(one.twice for one in sample.units)


def test_few_second_readings_still_reach_every_stratum() -> None:
    sample = draw(a_frame(COUNTY), Plan(n=120, second_share=0.01), 7)
    assert all(stratum.twice == 2 for stratum in sample.strata)


@pytest.mark.parametrize(
    "changes", [{"n": 0}, {"risk": -1}, {"second_share": 1.1}, {"second_share": -0.1}]
)
def test_what_is_no_plan(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidDesign):
        Plan(**({"n": 30} | changes))


def test_a_plan_too_small_for_its_strata_says_what_it_needs() -> None:
    with pytest.raises(InvalidDesign, match="draw at least 48"):
        draw(a_frame(COUNTY), Plan(n=47), 7)


def test_a_unit_of_no_risk_is_never_drawn_by_risk() -> None:
    frame = Frame.of([a_unit(n, risk=0.0 if n % 2 else 0.04) for n in range(40)])
    sample = draw(frame, Plan(n=4, risk=10), 7)
    by_risk = {one.unit for one in sample.units if one.part is Part.RISK}
    assert all(unit.risk > 0 for unit in frame.units if unit.id in by_risk)
    assert ceil(sum(one.chance for one in sample.units if one.part is Part.RISK)) <= 10
