"""Employers: codes and their check signs, names without region and legal form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.employers import (
    CREDIT_SIGNS,
    credit_check,
    employer_relation,
    is_code,
    is_valid_code,
    organisation_check,
    parse_employer,
    registration_check,
)
from matching.levels import Level
from tests.matching.tables import cases

CODES = st.text(alphabet=CREDIT_SIGNS, min_size=17, max_size=17).map(
    lambda first: first + credit_check(first)
)
PIECES = ("长春市", "吉林省", "南关区", "福兴", "食品", "超市", "有限公司", "有限责任公司", "公司")
NAMES = st.lists(
    st.sampled_from((*PIECES, "(长春)", "（一分店）", "厂", "个体工商户", " ", "Ａ")), max_size=7
).map("".join)
WRITTEN = st.one_of(CODES, NAMES, st.text(max_size=20))


def level(left: str | None, right: str | None) -> Level:
    one, other = parse_employer(left), parse_employer(right)
    return Level.MISSING if one is None or other is None else employer_relation(one, other)


@pytest.mark.parametrize("case", cases("employers"), ids=lambda case: case["why"])
def test_every_way_of_writing(case: dict[str, Any]) -> None:
    assert level(case["left"], case["right"]) is Level(case["level"])
    assert level(case["right"], case["left"]) is Level(case["level"])


def test_check_signs_are_those_of_the_standards_examples() -> None:
    assert credit_check("91350100M000100Y4") == "3"  # GB 32100-2015
    assert organisation_check("D2143569") == "X"  # GB 11714-1997
    assert registration_check("11010800000001") == "6"  # 注册号, GS 15-2006
    assert is_valid_code("91350100M000100Y43")
    assert is_valid_code("D2143569X")
    assert is_valid_code("110108000000016")
    assert not is_valid_code("91350100M000100Y44")


@given(CODES, st.integers(0, 16), st.sampled_from(CREDIT_SIGNS))
def test_one_wrong_sign_is_seen(code: str, place: int, sign: str) -> None:
    wrong = code[:place] + sign + code[place + 1 :]
    assert is_valid_code(wrong) is (wrong == code)


@given(WRITTEN, WRITTEN)
def test_the_relation_is_symmetric(left: str, right: str) -> None:
    assert level(left, right) is level(right, left)


@given(WRITTEN)
def test_what_was_read_reads_as_itself(raw: str) -> None:
    form = parse_employer(raw)
    assert form is None or parse_employer(form) == form
    assert level(raw, raw) is (Level.MISSING if form is None else Level.SAME)


@given(CODES, NAMES.filter(lambda name: not name.isascii()))
def test_a_code_and_a_name_do_not_compare(code: str, name: str) -> None:
    form = parse_employer(name)
    assert form is None or is_code(form) or level(code, name) is Level.MISSING
