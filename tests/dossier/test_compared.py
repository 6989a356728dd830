"""Declared beside verified: the word, and by how much."""

from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.interval import Interval
from app.dossier.lines import Compared, amount, compared, interval_of

TOLERANCE: Final = Decimal("0.10")
EXACT = Interval.exactly


@pytest.mark.parametrize(
    ("declared", "verified", "word", "difference"),
    [
        ("1200", EXACT(2600), Compared.UNDER_DECLARED, EXACT(1400)),
        ("1200", EXACT(1250), Compared.EQUAL, None),
        ("1200", EXACT(900), Compared.OVER_DECLARED, EXACT(300)),
        ("1200", EXACT(0), Compared.NOT_CONFIRMED, EXACT(1200)),
        (None, EXACT(0), Compared.EQUAL, None),
        (None, EXACT(500), Compared.OMITTED, EXACT(500)),
        (None, Interval.at_least(0), Compared.CANNOT_CHECK, None),
        ("1200", Interval.at_least(0), Compared.CANNOT_CHECK, None),
        ("1200", Interval.at_least(2000), Compared.UNDER_DECLARED, Interval.at_least(800)),
        ("1200", Interval(Decimal(1000), Decimal(1400)), Compared.CANNOT_CHECK, None),
        ("1200", Interval(Decimal(0), Decimal(600)), Compared.OVER_DECLARED, None),
    ],
)
def test_words(
    declared: str | None, verified: Interval, word: Compared, difference: Interval | None
) -> None:
    told = None if declared is None else Decimal(declared)
    found = compared(told, verified, TOLERANCE)
    assert found[0] is word
    if difference is not None:
        assert found[1] == difference


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_is_within_the_tolerance_is_never_called_a_difference(
    declared: int, low: int, more: int
) -> None:
    """Whatever lies between the ends: a word of difference holds for all of it."""
    verified = Interval(Decimal(low), Decimal(low + more))
    word, _ = compared(Decimal(declared), verified, TOLERANCE)
    near = [one for one in (low, low + more) if abs(one - declared) <= declared * TOLERANCE]
    if near and declared:
        assert word in (Compared.EQUAL, Compared.CANNOT_CHECK)


@given(st.integers(0, 10**12), st.integers(0, 10**12) | st.none())
def test_an_amount_is_read_as_it_was_written(low: int, more: int | None) -> None:
    high = None if more is None else Decimal(low + more) / 100
    value = Interval(Decimal(low) / 100, high)
    shown = amount(value)
    assert shown is None or interval_of(shown) == value
