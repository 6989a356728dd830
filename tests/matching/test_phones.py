"""Telephone numbers: how two that were written stand to each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.levels import Level
from matching.phones import parse_phone, phone_relation
from tests.matching.tables import cases

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(parse_phone)
LANDLINES = st.from_regex(r"043[1-9][2-8][0-9]{7}", fullmatch=True).filter(parse_phone)
WRITTEN = st.text(alphabet="0123456789*+-() 转", max_size=16)


def level(left: str | None, right: str | None) -> Level:
    one, other = parse_phone(left), parse_phone(right)
    return Level.MISSING if one is None or other is None else phone_relation(one, other)


@pytest.mark.parametrize("case", cases("phones"), ids=lambda case: case["why"])
def test_every_way_of_writing(case: dict[str, Any]) -> None:
    assert level(case["left"], case["right"]) is Level(case["level"])
    assert level(case["right"], case["left"]) is Level(case["level"])


@given(MOBILES | LANDLINES | WRITTEN, MOBILES | LANDLINES | WRITTEN)
def test_the_relation_is_symmetric(left: str, right: str) -> None:
    assert level(left, right) is level(right, left)


@given(MOBILES | LANDLINES | WRITTEN | st.text(max_size=20))
def test_what_was_read_reads_as_itself(raw: str) -> None:
    digits = parse_phone(raw)
    assert digits is None or parse_phone(digits) == digits


@given(MOBILES | LANDLINES)
def test_a_number_is_itself(digits: str) -> None:
    assert parse_phone(digits) == digits
    assert level(digits, digits) is Level.SAME


@given(MOBILES, st.sets(st.integers(3, 10), min_size=1, max_size=6))
def test_a_masked_number_is_compatible_and_never_the_same(digits: str, hidden: set[int]) -> None:
    masked = "".join("*" if place in hidden else sign for place, sign in enumerate(digits))
    assert level(digits, masked) in (Level.MASKED_COMPATIBLE, Level.MISSING)


@given(LANDLINES)
def test_the_area_code_may_be_left_out(digits: str) -> None:
    assert level(digits, digits[4:]) in (Level.SAME, Level.MISSING)
