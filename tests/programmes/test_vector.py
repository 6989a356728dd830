"""Many households at once are judged as each of them alone, to the fen."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import NoStandardInForce
from app.domain.interval import Interval, Truth
from app.domain.profile import COUNT_TOTALS, EMPTY_TOTALS, Totals
from app.programmes.conditions import monthly_gap
from app.programmes.standard import Standard, Standards
from app.programmes.vector import (
    NO,
    NO_BOUND,
    OPEN,
    YES,
    TotalsArray,
    in_units,
    judge,
    value_of,
)
from app.programmes.vector import monthly_gap as gaps
from tests.totals import TOTALS, alone

DAY: Final = date(2026, 11, 24)
EARLY: Final = date(2015, 6, 1)
TOWN, COUNTRY = "220102003", "220122101"
WORDS: Final = {NO: Truth.NO, OPEN: Truth.OPEN, YES: Truth.YES}
NUMBERS: Final = {truth: number for number, truth in WORDS.items()}


@cache
def shipped() -> Standards:
    return Standards.load()


def in_force(programme: str, region: str, day: date = DAY) -> Standard:
    return shipped().in_force(programme, region, day)


def categories(standard: Standard, region: str, day: date = DAY) -> Mapping[str, Standard]:
    return {name: in_force(name, region, day) for name in standard.holds_one_of}


@cache
def places() -> tuple[tuple[Standard, Mapping[str, Standard]], ...]:
    """Every shipped programme in town and country, on a day on which it is in force."""
    found = []
    for programme in shipped().programmes:
        days = [day for day in (DAY, EARLY) if _is_in_force(programme, day)]
        assert days, programme
        for region in (TOWN, COUNTRY):
            standard = in_force(programme, region, days[0])
            found.append((standard, categories(standard, region, days[0])))
    return tuple(found)


def _is_in_force(programme: str, day: date) -> bool:
    try:
        in_force(programme, TOWN, day)
    except NoStandardInForce:
        return False
    return True


def an_array(households: Sequence[Totals], identity: Sequence[Truth] | None = None) -> TotalsArray:
    """The totals of these households, by default of members who are surely who they are."""
    bounds = {}
    for name in (field.name for field in fields(Totals)):
        whole = int if name in COUNT_TOTALS else in_units
        values = [getattr(one, name) for one in households]
        low = np.array([whole(one.low) for one in values], dtype=np.int64)
        high = np.array(
            [NO_BOUND if one.high is None else whole(one.high) for one in values], dtype=np.int64
        )
        bounds[name] = (low, high)
    sure = identity or [Truth.YES] * len(households)
    return TotalsArray(bounds, np.array([NUMBERS[one] for one in sure], dtype=np.int8))


HOUSEHOLDS = st.lists(
    st.tuples(TOTALS, st.sampled_from([Truth.YES, Truth.OPEN])), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(households=HOUSEHOLDS)
def test_an_array_is_judged_as_each_household_alone(
    households: list[tuple[Totals, Truth]],
) -> None:
    totals = [one for one, _ in households]
    array = an_array(totals, [identity for _, identity in households])
    for standard, others in places():
        found = judge(standard, array, others)
        expected = [alone(standard, others, one, identity) for one, identity in households]
        assert [WORDS[int(truth)] for truth in found] == expected, standard.id
        gap = gaps(standard, array)
        expected_gaps = [monthly_gap(standard, one) for one in totals]
        if gap is None:
            assert set(expected_gaps) == {None}
        else:
            shown = [_interval(low, high) for low, high in zip(*gap, strict=True)]
            assert shown == expected_gaps, standard.id


def _interval(low: int, high: int) -> Interval:
    top = None if high == NO_BOUND else Decimal(int(high)) / 100
    return Interval(Decimal(int(low)) / 100, top)


@given(TOTALS)
def test_every_total_is_seen_as_it_is_tested(totals: Totals) -> None:
    array = an_array([totals])
    for test in (*array.bounds, "monthly_income_per_person", "financial_assets_per_person"):
        low, high = value_of(test, array)
        scale = 1 if test in COUNT_TOTALS else 100
        value = totals.value(test)
        bounds = (value.low, value.high)
        shown = (Decimal(int(low[0])) / scale, None)
        if high[0] != NO_BOUND:
            shown = (shown[0], Decimal(int(high[0])) / scale)  # type: ignore[assignment]
        assert shown == bounds, test


@pytest.mark.parametrize(
    ("income", "size", "truth"),
    [
        ("2279.97", 3, Truth.YES),  # 759.99 each
        ("2279.985", 3, Truth.NO),  # 759.995 each is 760.00
        ("2280.00", 3, Truth.NO),
        ("759.994", 1, Truth.YES),
        ("759.995", 1, Truth.NO),
    ],
)
def test_a_part_is_rounded_half_up_once(income: str, size: int, truth: Truth) -> None:
    standard = in_force("urban_dibao", TOWN)
    totals = replace(
        EMPTY_TOTALS,
        household_size=Interval.exactly(size),
        monthly_income=Interval.exactly(Decimal(income)),
    )
    (found,) = judge(standard, an_array([totals]), {})
    assert WORDS[int(found)] is truth
    assert alone(standard, {}, totals, Truth.YES) is truth


def test_a_category_that_is_not_told_is_open() -> None:
    standard = in_force("education_relief", TOWN)
    assert judge(standard, an_array([EMPTY_TOTALS]), {}).tolist() == [OPEN]


@pytest.mark.parametrize("share", ["0.5", "0.33", "1", "0.000001"])
@given(income=st.integers(0, 10**12), size=st.integers(1, 20))
def test_a_share_of_the_gap_is_exact_however_large(share: str, income: int, size: int) -> None:
    """Also where the products do not fit into 64 bits."""
    standard = in_force("urban_dibao", TOWN)
    standard = replace(standard, benefits={"gap_share": Decimal(share)})
    fen = Interval.exactly(Decimal(income) / 100)
    totals = replace(EMPTY_TOTALS, household_size=Interval.exactly(size), monthly_income=fen)
    gap = gaps(standard, an_array([totals]))
    assert gap is not None
    assert _interval(gap[0][0], gap[1][0]) == monthly_gap(standard, totals)


def test_some_of_an_array_are_those_rows() -> None:
    homes = [replace(EMPTY_TOTALS, homes=Interval.exactly(number)) for number in range(4)]
    some = an_array(homes).some(np.array([3, 1]))
    assert len(some) == 2
    assert some.bounds["homes"][0].tolist() == [3, 1]
