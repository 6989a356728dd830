"""Rows of a case to a request: what is taken, and for which reasons a household is rejected."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.roster.columns import COLUMNS
from app.batch.roster.households import Households
from app.batch.roster.programmes import programme_names
from app.batch.roster.values import day_of, words_of, yuan_of
from app.batch.roster.words import WORDS
from app.domain.household import IdType, PersonConsent, Relationship, Scope
from tests.batch.rosters import TERMS, a_family, a_row, as_csv, read
from tests.builders import shipped
from tests.service_parts import CHILD, HEAD, SPOUSE

HOUSEHOLDS = Households(TERMS, programme_names(shipped()), shipped().in_force)
CHINESE_HEAD = {
    "programme": "城市居民最低生活保障",
    "id_type": "居民身份证",
    "relationship": "户主",
}


def taken(*rows: dict[str, Any]) -> Any:
    """What comes of rows that the child found nothing wrong with."""
    told: list[tuple[int, list[str], list[tuple[int, str]]]] = [
        (number, [str(row.get(name, "")) for name in COLUMNS], [])
        for number, row in enumerate(rows, start=1)
    ]
    return HOUSEHOLDS.read(told)


def test_a_family_with_its_consents() -> None:
    family = taken(*a_family())
    assert family.errors == ()
    request = family.household.request
    assert (request.consent.reference, request.consent.signed_on) == ("SQ-1", None)
    assert request.consent.signatories == ("m1", "m2")  # the child's row names none
    assert request.consent.of_persons == (
        PersonConsent(person="m2", reference="SQ-2", valid_until=date(2027, 11, 19)),
    )
    assert [one.relationship for one in request.household.members] == [
        Relationship.HEAD,
        Relationship.SPOUSE,
        Relationship.CHILD,
    ]
    assert [(one.person, one.monthly) for one in request.declared.income] == [
        ("m1", Decimal("1200.00"))
    ]


def test_what_a_consent_is_limited_to_and_who_signs_for_whom() -> None:
    head, spouse, child = a_family()
    head |= {"consent_sources": "tax; bank", "consent_programmes": "城市居民最低生活保障"}
    child |= {"guardian": "m2"}
    consent = taken(head, spouse, child).household.request.consent
    assert consent.scope == Scope(sources=("tax", "bank"), programmes=("urban_dibao",))
    assert consent.scope_of("m2") == Scope(programmes=("urban_dibao",))
    assert consent.scope_of("m3") is consent.scope
    assert consent.guardian_of("m3") == "m2"
    same = taken(head, {**spouse, "consent_reference": "SQ-1"}, child).household.request.consent
    assert same.of("m2")[0] == same.reference
    assert same.scope_of("m2").sources is None


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"consent_sources": "the bank"}, "consent_sources", "consent_sources.unknown"),
        (
            {"consent_programmes": "dibao_edge"},
            "consent_programmes",
            "consent.programme_not_covered",
        ),
        ({"guardian": "m9"}, "guardian", "ref.unknown"),
        ({"guardian": "m3"}, "guardian", "consent.guardian_may_not_sign"),
    ],
)
def test_a_scope_that_does_not_fit(changes: dict[str, str], column: str, code: str) -> None:
    head, spouse, child = a_family()
    found = taken({**head, **changes}, spouse, child)
    assert found.household is None
    assert (column, code) in [(one.column, one.code) for one in found.errors]


def test_what_may_be_left_out_and_what_chinese_words_mean() -> None:
    head = a_row(**CHINESE_HEAD, ref="", address="平阳街12号")
    spouse = a_row(
        ref="",
        region="",
        programme="医疗救助；临时救助",
        name="王芳",
        id_type="",
        id_number=SPOUSE.lower(),
        relationship="妻子",
        address="平阳街12号",
    )
    child = a_row(
        ref="",
        name="李小雨",
        id_type="身份证",
        id_number=CHILD,
        relationship="长女",
        in_school="在校",
    )
    request = taken(head, spouse, child).household.request
    members = request.household.members
    assert [one.ref for one in members] == ["m1", "m2", "m3"]
    assert {one.id_type for one in members} == {IdType.RESIDENT_ID}
    assert [one.address for one in members] == [None, None, None]
    assert request.household.address == "平阳街12号"
    assert members[2].in_school
    assert request.programmes == ("urban_dibao", "medical_relief", "temporary_relief")


def test_a_household_of_minors_needs_somebodys_consent() -> None:
    child = a_row(name="李小雨", id_number=CHILD)
    assert taken(child).household is not None
    unsigned = taken({**child, "consent_reference": ""})
    assert [one.code for one in unsigned.errors] == ["consent.no_adult_has_signed"]


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"case_reference": ""}, "case_reference", "case_reference.missing"),
        ({"case_reference": "x" * 101}, "case_reference", "case_reference.too_long"),
        ({"region": ""}, "region", "region.missing"),
        ({"region": "2201"}, "region", "region.invalid"),
        ({"region": "220103"}, "region", "region.outside"),
        ({"programme": ""}, "programme", "programme.missing"),
        ({"programme": "nothing"}, "programme", "programme.unknown"),
        ({"ref": "m 1"}, "ref", "ref.invalid"),
        ({"name": ""}, "name", "name.missing"),
        ({"id_type": "library_card"}, "id_type", "id_type.unknown"),
        ({"id_type": "", "id_number": "E1234567"}, "id_type", "id_type.missing"),
        ({"id_number": ""}, "id_number", "id_number.missing"),
        ({"id_type": "none"}, "id_number", "id_number.not_expected"),
        ({"id_number": HEAD[:-1] + "7"}, "id_number", "id_number.invalid"),
        ({"id_number": HEAD[:15] + "000"}, "id_number", "id_number.lost_digits"),
        ({"relationship": "friend"}, "relationship", "relationship.unknown"),
        ({"consent_valid_until": ""}, "consent_valid_until", "consent_valid_until.missing"),
        (
            {"consent_valid_until": "2027-02-30"},
            "consent_valid_until",
            "consent_valid_until.invalid",
        ),
        ({"consent_reference": ""}, "consent_reference", "consent.no_adult_has_signed"),
        (
            {"declared_monthly_income": "1.234"},
            "declared_monthly_income",
            "declared_monthly_income.invalid",
        ),
        (
            {"declared_monthly_income": "-5"},
            "declared_monthly_income",
            "declared_monthly_income.invalid",
        ),
        ({"birth_date": "1980-13-01"}, "birth_date", "birth_date.invalid"),
        ({"in_school": "maybe"}, "in_school", "in_school.invalid"),
        ({"address": "x" * 301}, "address", "address.too_long"),
        ({"class": "x" * 65}, "class", "class.invalid"),
    ],
)
def test_one_bad_cell_rejects_the_household(
    changes: dict[str, str], column: str, code: str
) -> None:
    found = taken(a_row(**changes))
    assert [(one.row, one.column, one.code) for one in found.errors] == [(1, column, code)]
    assert found.errors[0].detail == WORDS[code]
    assert (found.household, found.rejected) == (None, 1)


@pytest.mark.parametrize(
    ("second", "column", "code"),
    [
        ({"ref": "m1"}, "ref", "ref.repeated"),
        ({"id_number": HEAD}, "id_number", "id_number.repeated"),
        ({"relationship": "head"}, "relationship", "relationship.two_heads"),
        ({"relationship": ""}, "relationship", "relationship.missing"),
        ({"region": "220102004"}, "region", "household.differs"),
        ({"class": "B"}, "class", "household.differs"),
    ],
)
def test_rows_of_a_household_must_fit_together(
    second: dict[str, str], column: str, code: str
) -> None:
    head, spouse, child = a_family()
    found = taken({**head, "class": "A"}, {**spouse, **second}, child)
    assert [(one.row, one.column, one.code) for one in found.errors] == [
        (1, "case_reference", "household.rejected"),
        (2, column, code),
        (3, "case_reference", "household.rejected"),
    ]
    assert "see row 2" in found.errors[0].detail
    assert found.rejected == 3


def test_no_standard_in_force_is_the_households_fault() -> None:
    found = HOUSEHOLDS.read([(1, [str(a_row().get(name, "")) for name in COLUMNS], [])])
    assert found.household is not None
    early = Households(
        TERMS.__class__(region="", purpose=TERMS.purpose, as_of=date(1990, 1, 1)),
        programme_names(shipped()),
        shipped().in_force,
    )
    found = early.read([(1, [str(a_row().get(name, "")) for name in COLUMNS], [])])
    assert [one.code for one in found.errors] == ["programme.no_standard_in_force"]


async def test_one_bad_household_does_not_hold_up_the_others(tmp_path: Path) -> None:
    rows = [*a_family("A"), a_row(case_reference="B", name=""), *a_family("C")]
    found = await read(as_csv(rows), tmp_path)
    assert [one.request.case_reference for one in found.households] == ["A", "C"]
    assert found.codes == {4: ["name.missing"]}


async def test_no_value_of_a_person_in_what_is_told(tmp_path: Path) -> None:
    rows = [a_row(case_reference=str(place), id_number=f"99{HEAD}") for place in range(3)]
    found = await read(as_csv(rows), tmp_path)
    assert found.errors
    assert not any(HEAD in one.detail or "李明" in one.detail for one in found.errors)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-11-19", date(2027, 11, 19)),
        ("2027/1/9", date(2027, 1, 9)),
        ("2027.11.19", date(2027, 11, 19)),
        ("2027年1月9日", date(2027, 1, 9)),
        ("20271119", date(2027, 11, 19)),
        ("2027-11-19 00:00:00", date(2027, 11, 19)),
        ("19-11-2027", None),
        ("2027", None),
        ("202711", None),
        ("20270230", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1200", "1200.00"), ("1,200.5", "1200.50"), ("0", "0.00"), ("12,00", None), ("1e3", None)],
)
def test_amounts(text: str, amount: str | None) -> None:
    assert yuan_of(text) == (None if amount is None else Decimal(amount))


def test_several_programmes_in_one_cell() -> None:
    assert words_of("a; b|a、c；") == ["a", "b", "c"]


@given(
    st.lists(
        st.lists(
            st.text(max_size=8) | st.sampled_from([HEAD, "2027-11-19", "head"]),
            min_size=15,
            max_size=15,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_written_every_row_is_accounted_for(cells: list[list[str]]) -> None:
    found = HOUSEHOLDS.read([(number, list(row), []) for number, row in enumerate(cells)])
    accepted = 0 if found.household is None else len(found.household.rows)
    assert accepted + found.rejected == len(cells)
    assert all(one.code in WORDS and one.column in COLUMNS for one in found.errors)
