"""Shapes of standards agree with the tests over exact totals."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decision import Comparison
from app.domain.interval import Interval, Truth
from app.domain.profile import EMPTY_TOTALS
from app.error_rate.shape import (
    ALWAYS,
    NEVER,
    SIZE,
    AllOf,
    AnyOf,
    Shape,
    TestShape,
    holds,
    scales_of,
    shape_of,
)
from app.programmes.conditions import evaluate
from app.programmes.standard import Standards

STANDARDS: Final = Standards.load()
DAY: Final = date(2026, 11, 24)
TOWN: Final = "220102003"
NAMES: Final = (
    "household_size", "monthly_income", "financial_assets", "homes", "floor_area", "vehicles",
    "vessels", "businesses", "business_capital", "housing_fund_balance",
)  # fmt: skip


def met(shape: Shape, known: dict[str, Decimal]) -> bool:
    return bool(holds(shape, {name: np.array([float(value)]) for name, value in known.items()})[0])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([key for key in STANDARDS.programmes if STANDARDS.file(key).until is None]),
    st.fixed_dictionaries(
        {
            "monthly_income": st.integers(0, 600_000).map(lambda fen: Decimal(fen) / 100),
            "financial_assets": st.integers(0, 12_000_000).map(lambda fen: Decimal(fen) / 100),
            "homes": st.integers(0, 2).map(Decimal),
            "vehicles": st.integers(0, 1).map(Decimal),
            "floor_area": st.integers(0, 90).map(Decimal),
            "household_size": st.integers(1, 5).map(Decimal),
        }
    ),
    st.booleans(),
)
def test_a_shape_holds_where_the_standard_is_met(
    programme: str, known: dict[str, Decimal], is_held: bool
) -> None:
    standard = STANDARDS.in_force(programme, TOWN, DAY)
    intervals = {name: Interval.exactly(value) for name, value in known.items()}
    held = dict.fromkeys(standard.holds_one_of, Truth.YES if is_held else Truth.NO)
    _, truth = evaluate(standard, replace(EMPTY_TOTALS, **intervals), held)
    shape = shape_of(standard, dict.fromkeys(standard.holds_one_of, ALWAYS if is_held else NEVER))
    values = dict.fromkeys(NAMES, Decimal(0)) | known
    assert met(shape, values) == (truth is Truth.YES)


@pytest.mark.parametrize(
    ("comparison", "value", "passes"),
    [
        (Comparison.BELOW, "759.99", True),
        (Comparison.BELOW, "760.00", False),
        (Comparison.AT_MOST, "760.00", True),
        (Comparison.AT_MOST, "760.01", False),
        (Comparison.AT_MOST, "-5", True),
    ],
)
def test_limits_hold_to_the_cent(comparison: Comparison, value: str, passes: bool) -> None:
    shape = TestShape("monthly_income", False, comparison, 760.0)
    assert met(shape, {"monthly_income": Decimal(value), SIZE: Decimal(1)}) is passes


@pytest.mark.parametrize(
    ("income", "size", "passes"), [("2279.985", 3, False), ("2279.98", 3, True), ("0.1", 1, True)]
)
def test_half_a_fen_goes_up(income: str, size: int, passes: bool) -> None:
    shape = TestShape("monthly_income", True, Comparison.BELOW, 760.0)
    known = {"monthly_income": Decimal(income), SIZE: Decimal(size)}
    assert met(shape, known) is passes


def test_nobody_shares_among_less_than_one() -> None:
    shape = TestShape("monthly_income", True, Comparison.BELOW, 760.0)
    assert met(shape, {"monthly_income": Decimal(700), SIZE: Decimal(-1)})


def test_a_category_nests() -> None:
    dibao = shape_of(STANDARDS.in_force("urban_dibao", TOWN, DAY), {})
    standard = STANDARDS.in_force("medical_relief", TOWN, DAY)
    held = dict.fromkeys(standard.holds_one_of, NEVER) | {"urban_dibao": dibao}
    shape = shape_of(standard, held)
    assert isinstance(shape, AnyOf)
    assert scales_of(shape, 1).keys() == scales_of(dibao, 1).keys()
    with pytest.raises(KeyError):
        shape_of(standard, {})


def test_no_parts_always_hold_or_never() -> None:
    known = {SIZE: Decimal(1)}
    assert met(AllOf(()), known)
    assert not met(AnyOf(()), known)
