"""Measured rates: with a point or without, in domains, held against limits."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import (
    Estimate,
    Lack,
    Precision,
    TooFew,
    Verdict,
    by_stratum,
    estimate,
    measured,
    measured_by,
    verdict,
)
from app.review.sampling.frame import Decided
from app.review.sampling.intervals import exact
from app.review.sampling.readings import Fault
from app.review.sampling.tally import Tally
from tests.review.sampling.parts import an_audit, read_once

INCLUSION = frozenset({Fault.INCLUSION})


def a_tally(size: int, n: int, found: int, unread: int = 0) -> Tally:
    return Tally(size=size, drawn=n, inside=n, read=n - unread, found=found)


@st.composite
def counts(draw: st.DrawFn) -> list[Tally]:
    strata = []
    for _ in range(draw(st.integers(1, 6))):
        size = draw(st.integers(1, 5000))
        n = draw(st.integers(1, min(size, 400)))
        unread = draw(st.integers(0, n - 1))
        strata.append(a_tally(size, n, draw(st.integers(0, n - unread)), unread))
    return strata


@given(counts())
def test_intervals_are_nested_and_hold_the_point(strata: list[Tally]) -> None:
    told = estimate(strata)
    (low, high), (worst_low, worst_high) = told.interval, told.worst_case
    assert 0.0 <= worst_low <= low <= high <= worst_high <= 1.0
    found = sum(one.found for one in strata)
    assert high * sum(one.size for one in strata) >= found - 1e-6
    if isinstance(told, Estimate):
        assert low <= told.rate <= high
    else:
        assert told.needed > told.n or told.needed == sum(one.size for one in strata)


@given(counts())
def test_the_order_of_strata_changes_nothing(strata: list[Tally]) -> None:
    one, other = estimate(strata), estimate(strata[::-1])
    assert one.interval == pytest.approx(other.interval)
    assert type(one) is type(other)


def test_all_read_is_all_known() -> None:
    told = estimate([a_tally(40, 40, 3), a_tally(10, 10, 0)])
    assert isinstance(told, Estimate)
    assert told.interval == told.worst_case == (0.06, 0.06)
    assert told.standard_error == 0.0


@pytest.mark.parametrize(
    ("strata", "why"),
    [
        ([a_tally(5000, 20, 9)], Lack.FEW_READ),
        ([a_tally(5000, 100, 0)], Lack.FEW_ERRORS),
        ([a_tally(5000, 200, 4)], Lack.FEW_ERRORS),
        ([a_tally(5000, 200, 5)], None),  # five errors
        ([a_tally(5000, 456, 2)], None),  # few errors, but ± 0.8 points
        ([a_tally(12, 11, 0)], Lack.FEW_READ),
        ([a_tally(5000, 100, 20), a_tally(90, 1, 0, unread=1)], Lack.STRATUM_UNREAD),
    ],
)
def test_no_point_where_it_would_say_more_than_is_known(
    strata: list[Tally], why: Lack | None
) -> None:
    told = estimate(strata)
    assert (told.why if isinstance(told, TooFew) else None) == why


def test_what_is_needed_would_do() -> None:
    told = estimate([a_tally(5000, 200, 4)])
    assert isinstance(told, TooFew)
    assert told.needed == 250  # five errors, at 2 %
    assert isinstance(estimate([a_tally(5000, told.needed, 5)]), Estimate)
    nothing = estimate([a_tally(5000, 100, 0)])
    assert isinstance(nothing, TooFew)
    assert isinstance(estimate([a_tally(5000, nothing.needed, 0)]), Estimate)


def test_the_precision_asked_for() -> None:
    strict = Precision(found=50, half_width=0.001)
    assert isinstance(estimate([a_tally(5000, 456, 23)], strict), TooFew)
    narrow = estimate([a_tally(5000, 456, 23)], Precision(level=0.8))
    wide = estimate([a_tally(5000, 456, 23)])
    assert wide.interval[0] < narrow.interval[0] < narrow.interval[1] < wide.interval[1]


@pytest.mark.parametrize(
    ("strata", "limit", "wanted"),
    [
        ([a_tally(9000, 456, 1)], 0.02, Verdict.BELOW),
        ([a_tally(9000, 456, 7)], 0.02, Verdict.CANNOT_TELL),
        ([a_tally(9000, 456, 9)], 0.02, Verdict.CANNOT_TELL),  # 1.97 %: the point is below
        ([a_tally(9000, 456, 23)], 0.02, Verdict.ABOVE),
        ([a_tally(9000, 456, 1, unread=5)], 0.02, Verdict.CANNOT_TELL),
        ([a_tally(9000, 456, 23, unread=100)], 0.02, Verdict.ABOVE),
        ([a_tally(100, 100, 2)], 0.02, Verdict.CANNOT_TELL),  # exactly at it
        ([a_tally(9000, 10, 0)], 0.02, Verdict.CANNOT_TELL),
    ],
)
def test_a_limit_is_held_against_the_interval(
    strata: list[Tally], limit: float, wanted: Verdict
) -> None:
    assert verdict(estimate(strata), limit) == wanted


def test_nothing_is_known_of_a_stratum_that_nobody_read() -> None:
    told = estimate([a_tally(900, 450, 0), a_tally(100, 5, 0, unread=5)])
    assert isinstance(told, TooFew)
    assert told.interval[0] == 0.0
    assert told.interval[1] > 0.1
    assert estimate([a_tally(100, 5, 0, unread=5)]).interval == (0.0, 1.0)


def test_several_audits_side_by_side() -> None:
    town, country = a_tally(8000, 400, 20), a_tally(2000, 100, 15)
    told = estimate([town, country])
    assert isinstance(told, Estimate)
    assert told.rate == pytest.approx(0.8 * 0.05 + 0.2 * 0.15)
    assert told.size == 10_000


def test_a_county_by_its_towns() -> None:
    audit = an_audit([(400, read_once(8, 42)), (300, read_once(2, 48)), (50, read_once(0, 0, 9))])
    by_town = measured_by(audit, INCLUSION, lambda unit: unit.region)
    rates = {
        town: one.rate if isinstance(one, Estimate) else one.why for town, one in by_town.items()
    }
    assert rates == {
        "229901": pytest.approx(0.16),
        "229902": Lack.FEW_ERRORS,
        "229903": Lack.STRATUM_UNREAD,
    }
    alone = measured(audit, INCLUSION, within=lambda unit: unit.region == "229901")
    assert alone == by_town["229901"]


def test_each_stratum_by_itself() -> None:
    audit = an_audit([(400, read_once(8, 42)), (50, read_once(0, 0, 9))])
    first, second = by_stratum(audit, INCLUSION)
    assert (first.n, first.found, first.interval) == (50, 8, exact(8, 50, 400))
    assert (second.n, second.unread, second.interval) == (0, 9, (0.0, 1.0))


@pytest.mark.parametrize(
    ("decided", "faults"),
    [
        (Decided.CONFIRMED, {Fault.EXCLUSION}),
        (Decided.REFUSED, {Fault.INCLUSION}),
        (Decided.STOPPED, {Fault.WRONGLY_STOPPED, Fault.AMOUNT}),
        (Decided.CONFIRMED, set()),
    ],
)
def test_a_fault_that_cannot_befall_the_decision(decided: Decided, faults: set[Fault]) -> None:
    audit = an_audit([(100, read_once(1, 9))], decided)
    with pytest.raises(InvalidReadings, match="can have"):
        measured(audit, faults)


def test_a_domain_that_was_not_drawn_from() -> None:
    with pytest.raises(InvalidReadings, match="no unit of the domain"):
        measured(an_audit([(9, read_once(1, 3))]), INCLUSION, within=lambda unit: False)


def test_a_point_is_typed() -> None:
    told: Mapping[str, Estimate | TooFew] = {"x": estimate([a_tally(5000, 10, 1)])}
    assert not hasattr(told["x"], "rate")
