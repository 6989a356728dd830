"""A source looks people up by number in either form and by name after its own clean-up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.county.numbers import AREA_CODES, fifteen
from connectors.sandbox.register import (
    SOURCES,
    Entry,
    Register,
    check_character,
    number_forms,
)

OWN = "22990119800307123" + check_character("22990119800307123")
OTHER = "22990219900101001" + check_character("22990219900101001")


def entry(name: str, number: str, household: str = "220102000001") -> Entry:
    return Entry(name, number, {"xm": name, "hh": household}, "person", "p000001")


@pytest.mark.parametrize(
    ("kept_name", "kept_number", "asked_name", "asked_number"),
    [
        ("甲乙", OWN, "", OWN),
        ("甲乙", fifteen(OWN), "", OWN),
        ("甲乙", OWN, "", fifteen(OWN)),
        ("甲乙", f"{OWN}  ", "", OWN),
        ("李明", OTHER, "李明", OWN),
        ("李\u3000明", "", "李明", OWN),
        (" 李 明 ", "", "李明", ""),
        ("艾尔肯•吐尔逊", "", "艾尔肯·吐尔逊", ""),
        ("艾尔肯吐尔逊", "", "艾尔肯·吐尔逊", ""),
        ("KIM YOUNGSU", "M1", "Kim Youngsu", ""),
        ("KIM YOUNGSU", "M1", "", "m1"),
    ],
)
def test_what_is_found(
    kept_name: str, kept_number: str, asked_name: str, asked_number: str
) -> None:
    kept = entry(kept_name, kept_number)
    assert Register([kept]).find(asked_name, asked_number) == [kept]


@pytest.mark.parametrize(
    ("kept_name", "kept_number", "asked_name", "asked_number"),
    [
        ("李眀", OTHER, "李明", OWN),
        ("李明", OWN, "", ""),
        ("", "", "", ""),
        ("甲乙", "229901********1236", "", OWN),
        ("甲乙", OWN[:-1], "", OWN),
        ("李明（平阳街）", "", "李明", ""),
    ],
)
def test_what_is_not_found(
    kept_name: str, kept_number: str, asked_name: str, asked_number: str
) -> None:
    assert Register([entry(kept_name, kept_number)]).find(asked_name, asked_number) == []


def test_an_entry_that_answers_twice_comes_once_and_in_the_registers_order() -> None:
    first, second = entry("李明", OTHER), entry("李明", OWN)
    assert Register([first, second]).find("李明", OWN) == [first, second]


def test_a_household_is_everybody_under_its_number() -> None:
    register = Register([entry("甲", "1"), entry("乙", "2", "220102000002"), entry("丙", "3")])
    assert [kept.name for kept in register.household("220102000001")] == ["甲", "丙"]
    assert register.household("220102999999") == []


def test_there_are_ten_sources() -> None:
    assert len(set(SOURCES)) == 10


@given(
    area=st.sampled_from(AREA_CODES),
    day=st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)),
    sequence=st.integers(min_value=0, max_value=999),
)
def test_both_forms_of_a_number_lead_to_the_same_register_entry(
    area: str, day: date, sequence: int
) -> None:
    body = f"{area}{day:%Y%m%d}{sequence:03d}"
    number = body + check_character(body)
    assert set(number_forms(number)) == {number, fifteen(number)}
    assert set(number_forms(fifteen(number))) == {number, fifteen(number)}
