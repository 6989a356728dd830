"""Identity numbers: one form, their content, and how two differ."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.identity import Sex
from matching.idnumber import (
    NumberKind,
    check_character,
    cleaned,
    parse_number,
    to_15,
    to_18,
)
from matching.levels import Level
from matching.number_relation import present_area, relation
from matching.places import area_successors
from tests.matching.registers import check, number
from tests.matching.tables import cases

N = "229901198003071236"


@st.composite
def numbers(draw: st.DrawFn, *, century: str = "any") -> str:
    """Valid numbers of areas where no one lives."""
    first = date(1900, 1, 1) if century == "19" else date(1871, 1, 1)
    last = date(1999, 12, 31) if century == "19" else date(2030, 1, 1)
    born = draw(st.dates(first, last))
    return number(born, draw(st.integers(1, 999)), f"2299{draw(st.integers(0, 99)):02d}")


@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        (N, NumberKind.FULL, N),
        (f" {N[:6]} {N[6:14]} {N[14:]}\t", NumberKind.FULL, N),
        ("２２９９０１１９８００３０７１２３６", NumberKind.FULL, N),
        ("22990819610921232x", NumberKind.FULL, "22990819610921232X"),
        ("22990819610921232Ｘ", NumberKind.FULL, "22990819610921232X"),
        ("229901800307123", NumberKind.FIFTEEN, N),
        (N + "43", NumberKind.FULL, N),  # 残疾人证
        (N + "43B1", NumberKind.FULL, N),
        ("229901198003071237", NumberKind.BAD_CHECK, "229901198003071237"),
        ("22990119800307123", NumberKind.BAD_CHECK, "22990119800307123"),
        ("229901198013071236", NumberKind.BAD_CHECK, "229901198013071236"),
        ("229901********1236", NumberKind.MASKED, "229901********1236"),
        ("229901＊＊＊＊＊＊＊＊1236", NumberKind.MASKED, "229901********1236"),
        ("229901XXXXXXXX1236", NumberKind.MASKED, "229901********1236"),
        ("229901****1236", NumberKind.MASKED, "229901********1236"),
        ("229901******123", NumberKind.MASKED, "229901********123*"),
        ("229901198003071000", NumberKind.MASKED, "229901198003071***"),  # a spreadsheet's zeros
        ("2.20102E+17", NumberKind.UNUSABLE, ""),
        ("2.29901198003071E+17", NumberKind.MASKED, "229901198003071***"),
        ("2.2990119800E+17", NumberKind.MASKED, "2299011980********"),
        ("111111111111111111", NumberKind.UNUSABLE, ""),
        ("不详", NumberKind.UNUSABLE, ""),
        ("²²9901198003071236", NumberKind.UNUSABLE, ""),
        ("************1236", NumberKind.MASKED, "**************1236"),
        ("***************", NumberKind.UNUSABLE, ""),
        ("", NumberKind.MISSING, ""),
        ("  ", NumberKind.MISSING, ""),
        (None, NumberKind.MISSING, ""),
    ],
)
def test_what_a_written_number_is(raw: str | None, kind: NumberKind, text: str) -> None:
    found = parse_number(raw)
    assert found.kind is kind
    if kind not in (NumberKind.UNUSABLE, NumberKind.MISSING):
        assert found.text == text


def test_birth_and_sex_are_read_from_the_number() -> None:
    assert parse_number(N).birth_date == date(1980, 3, 7)
    assert parse_number(N).sex is Sex.MALE
    assert parse_number("229901198204152227").sex is Sex.FEMALE
    assert parse_number("229901800307123").birth_date == date(1980, 3, 7)
    masked = parse_number("229901********1236")
    assert masked.birth_date is None
    assert masked.sex is Sex.MALE


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (N, N, Level.EQUAL),
        (N, "229901800307123", Level.EQUAL_15_18),
        ("229901800307123", "229901800307123", Level.EQUAL),
        (number(date(1898, 3, 7), 997), "229901980307997", Level.EQUAL_15_18),
        (number(date(2005, 3, 7), 123), "229901050307123", Level.DIFFERENT),
        (N, "229901********1236", Level.MASKED_COMPATIBLE),
        ("229901800307123", "229901********1236", Level.MASKED_COMPATIBLE),
        ("229901********1236", "**************1236", Level.MASKED_COMPATIBLE),
        (N, "229901********1246", Level.MASKED_NEAR),
        (N, "229901********2246", Level.DIFFERENT),
        (N, "229901198003071226", Level.ONE_EDIT),
        (N, "22990119800307123", Level.ONE_EDIT),
        (N, "229901198003071263", Level.TRANSPOSED),
        (N, "229901198003071345", Level.DIFFERENT),
        (N, "229901198003071245", Level.TWO_EDITS),
        (N, number(date(1980, 3, 7), 125), Level.NEIGHBOUR),
        (N, "229901800307124", Level.ONE_EDIT),
        (N, number(date(1976, 5, 7), 125), Level.DIFFERENT),
        (N, "2.29901E+17", Level.UNUSABLE),
        (N, None, Level.MISSING),
        (N, "E12345678", Level.UNUSABLE),
    ],
)
def test_how_two_numbers_differ(left: str, right: str | None, level: Level) -> None:
    one, other = parse_number(left), parse_number(right)
    assert relation(one, other) is level
    assert relation(other, one) is level


@pytest.mark.parametrize("case", cases("numbers"), ids=lambda case: case["why"])
def test_every_kind_of_writing_and_slip(case: dict[str, Any]) -> None:
    kind = case.get("id_type", "resident_id")
    one, other = (parse_number(case[side], kind) for side in ("left", "right"))
    expected = Level(case["level"])
    assert relation(one, other, case.get("successors")) is expected
    assert relation(other, one, case.get("successors")) is expected


def test_counties_that_were_merged_are_followed_to_the_present() -> None:
    known = area_successors()
    assert present_area("220625", known) == present_area("220605", known) == "220605"
    assert present_area("220381", known) == "220184"  # 公主岭
    assert present_area("220181", known) == "220113"  # 九台
    assert present_area("229901", known) == "229901"
    assert present_area("1", {"1": "2", "2": "1"}) == "2"  # a table that goes round does end


@pytest.mark.parametrize(
    ("id_type", "left", "right", "level"),
    [
        ("passport", "E12345678", " e12345678", Level.EQUAL),
        ("passport", "E12345678", "E12345679", Level.DIFFERENT_OTHER),
        ("hk_macau_permit", "H12345678", "H1234567802", Level.EQUAL),
        ("taiwan_permit", "01234567", "01234567", Level.EQUAL),
        ("none", "1", "1", Level.UNUSABLE),
    ],
)
def test_other_papers_compare_as_text(id_type: str, left: str, right: str, level: Level) -> None:
    assert relation(parse_number(left, id_type), parse_number(right, id_type)) is level


@given(numbers())
def test_a_made_number_is_valid(text: str) -> None:
    assert check_character(text[:17]) == check(text[:17]) == text[17]
    assert parse_number(text).kind is NumberKind.FULL


@given(numbers(century="19"))
def test_15_and_18_are_one_number(text: str) -> None:
    assert to_18(to_15(text)) == text
    expected = relation(parse_number(text), parse_number(to_15(text)))
    assert expected is Level.EQUAL_15_18


@given(numbers(), st.text(alphabet=" \u3000-－’\u200e", max_size=3), st.integers(0, 18))
def test_padding_and_dashes_change_nothing(text: str, padding: str, place: int) -> None:
    assert parse_number(text[:place] + padding + text[place:]) == parse_number(text)


@given(numbers(), numbers())
def test_two_valid_numbers_are_equal_or_never_a_slip(left: str, right: str) -> None:
    found = relation(parse_number(left), parse_number(right))
    never = {Level.ONE_EDIT, Level.TRANSPOSED, Level.TWO_EDITS, Level.EQUAL_15_18}
    assert found not in never
    assert (found is Level.EQUAL) is (left == right)


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_seen(text: str, place: int, step: int) -> None:
    wrong = text[:place] + str((int(text[place]) + step) % 10) + text[place + 1 :]
    assert parse_number(wrong).kind is not NumberKind.FULL


@given(st.text(max_size=30))
def test_anything_can_be_read_and_cleaned_twice(raw: str) -> None:
    parse_number(raw)
    assert cleaned(cleaned(raw)) == cleaned(raw)


@given(numbers(), st.sets(st.integers(0, 17), min_size=1, max_size=13))
def test_a_masked_number_is_compatible_and_never_equal(text: str, hidden: set[int]) -> None:
    masked = "".join("*" if place in hidden else sign for place, sign in enumerate(text))
    found = relation(parse_number(text), parse_number(masked))
    assert found is Level.MASKED_COMPATIBLE


SIGNS = st.text(alphabet="0123456789Xx* ", max_size=20)


@given(st.one_of(SIGNS, numbers()), st.one_of(SIGNS, numbers()))
def test_the_relation_is_symmetric(left: str, right: str) -> None:
    one, other = parse_number(left), parse_number(right)
    assert relation(one, other) is relation(other, one)
