"""Rows of the housing fund's view."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AskedPerson, Found, IdType, NoRecord, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.housing_fund.client import MAPPING
from connectors.housing_fund.parse import kept, outcome_of, row_of
from connectors.mapping import FieldMap
from connectors.records import AccountState, FundAccount

MAP = FieldMap.load(MAPPING)
PERSON = AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236")


def a_row(**changed: str | None) -> Mapping[str, str | None]:
    return {
        "GRZH": "220100425792",
        "XM": "李　明",
        "ZJHM": "229901800307123   ",
        "CSRQ": "1980-03-07",
        "DWMC": "长春市某某物业有限公司",
        "DWDM": None,
        "JCJS": "4600.0",
        "YJCE": "700",
        "ZHYE": "26700.55",
        "ZHZT": "02",
        "JZNY": "202112",
        "GXSJ": "2021-12-15 09:30:00",
        **changed,
    }


def test_a_row_is_an_account() -> None:
    found = outcome_of([a_row()], PERSON, MAP)
    assert isinstance(found, Found)
    (account,) = found.records
    assert isinstance(account, FundAccount)
    assert account.balance == Decimal("26700.55")
    assert (account.base, account.monthly) == (Decimal(4600), Decimal(700))
    assert (account.state, account.last_month) == (AccountState.SEALED, date(2021, 12, 1))
    assert account.changed_at is not None
    assert account.changed_at.astimezone(UTC) == datetime(2021, 12, 15, 1, 30, tzinfo=UTC)
    assert account.subjects[0].birth_date == date(1980, 3, 7)
    assert account.employer_code is None
    assert account.problems == ()


def test_no_row_is_no_record() -> None:
    assert outcome_of([], PERSON, MAP) == NoRecord()


@pytest.mark.parametrize(
    ("rows", "more", "kind", "count"),
    [
        ([a_row(ZHZT="07")], False, FailureKind.UNMAPPED, 1),
        ([a_row(ZHYE="NaN")], False, FailureKind.UNMAPPED, 1),
        ([a_row(ZHYE="1E+999")], False, FailureKind.UNMAPPED, 1),
        ([a_row(), a_row(GRZH="2")], True, FailureKind.TOO_LARGE, 2),
        (
            [a_row(), a_row(XM="张三", ZJHM="229902198909140639")],
            False,
            FailureKind.MISMATCHED,
            1,
        ),
    ],
)
def test_what_can_be_read_is_kept(
    rows: list[Mapping[str, str | None]], more: bool, kind: FailureKind, count: int
) -> None:
    partial = outcome_of(rows, PERSON, MAP, more=more)
    assert isinstance(partial, Partial)
    assert (partial.gap.kind, len(partial.records)) == (kind, count)


def test_rows_of_quite_another_person_are_no_answer() -> None:
    outcome = outcome_of([a_row(XM="张三", ZJHM="229902198909140639")], PERSON, MAP)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.MISMATCHED


def test_a_row_twice_is_one() -> None:
    found = outcome_of([a_row(), a_row()], PERSON, MAP)
    assert isinstance(found, Found)
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a ", "a "),
        (Decimal("5951.30"), "5951.30"),
        (7, "7"),
        (date(2026, 10, 15), "2026-10-15"),
        (datetime(2026, 10, 15, 9, 30), "2026-10-15 09:30:00"),  # noqa: DTZ001 - as a driver gives it
        (datetime(2026, 10, 15, 1, 30, tzinfo=UTC), "2026-10-15 09:30:00"),
        ("2026-10-15 09:30:00.000000", "2026-10-15 09:30:00"),
    ],
)
def test_values_become_text(value: object, text: str | None) -> None:
    assert row_of({"jcjs": value}) == {"JCJS": text}


@pytest.mark.parametrize("value", [True, b"a", 1.5, [1]])
def test_a_value_of_no_column_is_told_without_itself(value: object) -> None:
    with pytest.raises(SourceError) as caught:
        row_of({"jcjs": value})
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert str(value) not in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(a_row())), st.none() | st.text(max_size=8)))
def test_no_row_becomes_no_record(changed: dict[str, str | None]) -> None:
    row = a_row(**changed)
    assert not isinstance(outcome_of([row], PERSON, MAP), NoRecord)
    assert kept([row])
