"""Each reader: what it reads, and what it reports and does not guess."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers import CHINA, READERS, Hints, Read, ReaderName, read_fen, read_yuan

CODES = Hints(codes={"2?": "child", "20": "exactly", "K*": "car", "1???": "company"})
DAY = Hints(formats=("YYYYMMDD",))
TIME = Hints(formats=("YYYY-MM-DD hh:mm:ss", "YYYY-MM-DD"))


@pytest.mark.parametrize(
    ("reader", "written", "hints", "read"),
    [
        ("text", "  李　明\u3000", Hints(), "李　明"),
        ("text", 12, Hints(), "12"),
        ("yuan", "2600.00", Hints(), Decimal("2600.00")),
        ("yuan", "-2,600.50", Hints(), Decimal("-2600.50")),
        ("yuan", " 1,234,567 ", Hints(), Decimal("1234567")),
        ("yuan", 2600, Hints(), Decimal(2600)),
        ("yuan", Decimal("0.10"), Hints(), Decimal("0.10")),
        ("yuan", 4600.1, Hints(), Decimal("4600.1")),
        ("fen", 360000, Hints(), Decimal(3600)),
        ("fen", "28801", Hints(), Decimal("288.01")),
        ("ten_thousand_yuan", Decimal("20.5"), Hints(), Decimal(205000)),
        ("decimal", 58.42, Hints(), Decimal("58.42")),
        ("share", Decimal("0.41"), Hints(), Decimal("0.41")),
        ("fraction_or_percent", "50%", Hints(), Fraction(1, 2)),
        ("fraction_or_percent", "33.3％", Hints(), Fraction(333, 1000)),
        ("fraction_or_percent", "1/3", Hints(), Fraction(1, 3)),
        ("fraction_or_percent", "0.25", Hints(), Fraction(1, 4)),
        ("date", "19800307", DAY, date(1980, 3, 7)),
        ("date", 19800307, DAY, date(1980, 3, 7)),
        ("date", "2019-05-06 10:22:31", TIME, date(2019, 5, 6)),
        ("date", "2019-05-06", Hints(), date(2019, 5, 6)),
        ("date", datetime(2019, 5, 6, 1), Hints(), date(2019, 5, 6)),  # noqa: DTZ001
        ("month", "202609", Hints(), date(2026, 9, 1)),
        ("timestamp", "2021-12-15 09:30:00", TIME, datetime(2021, 12, 15, 9, 30, tzinfo=CHINA)),
        ("bool", "1", Hints(codes={"1": True, "0": False}), True),
        ("bool", 0, Hints(codes={"1": True, "0": False}), False),
        ("bool", True, Hints(), True),
        ("code", "20", CODES, "exactly"),
        ("code", "29", CODES, "child"),
        ("code", "K33", CODES, "car"),
        ("code", 1130, CODES, "company"),
    ],
)
def test_values_are_read(reader: str, written: object, hints: Hints, read: object) -> None:
    assert READERS[ReaderName(reader)](written, hints) == Read(read)


@pytest.mark.parametrize(
    ("reader", "written", "hints", "problem"),
    [
        ("text", 2.20102e17, Hints(), "unreadable text"),
        ("text", "a\0b", Hints(), "unreadable text"),
        ("text", ["a"], Hints(), "unreadable text"),
        ("yuan", "面议", Hints(), "unreadable amount"),
        ("yuan", "NaN", Hints(), "unreadable amount"),
        ("yuan", "1e999", Hints(), "unreadable amount"),
        ("yuan", "１２", Hints(), "unreadable amount"),
        ("yuan", "1,2,3", Hints(), "unreadable amount"),
        ("yuan", float("inf"), Hints(), "unreadable amount"),
        ("yuan", True, Hints(), "unreadable amount"),
        ("yuan", 10**10, Hints(), "implausible amount"),
        ("yuan", "-99999999999.00", Hints(), "implausible amount"),
        ("fen", Decimal("0.5"), Hints(), "unreadable amount"),
        ("ten_thousand_yuan", 10**7, Hints(), "implausible amount"),
        ("decimal", "约58", Hints(), "unreadable number"),
        ("share", Decimal("41"), Hints(), "implausible share"),
        ("fraction_or_percent", "1/0", Hints(), "unreadable share"),
        ("fraction_or_percent", "150%", Hints(), "implausible share"),
        ("fraction_or_percent", "一半", Hints(), "unreadable share"),
        ("date", "20191301", DAY, "unreadable date"),
        ("date", "2019111", DAY, "unreadable date"),
        ("date", "2019-02-29", Hints(), "unreadable date"),
        ("date", "1700-01-01", Hints(), "unreadable date"),
        ("date", True, Hints(), "unreadable date"),
        ("date", "1900-01-01", Hints(), "placeholder date"),
        ("date", "00000000", DAY, "placeholder date"),
        ("date", "0000-00-00", Hints(), "placeholder date"),
        ("date", "9999-12-31", Hints(), "placeholder date"),
        ("month", "202613", Hints(), "unreadable date"),
        ("timestamp", "yesterday", Hints(), "unreadable time"),
        ("bool", "2", Hints(codes={"1": True}), "unknown code"),
        ("code", "99", CODES, "unknown code"),
        ("code", 2.0, CODES, "unknown code"),
        ("code", True, CODES, "unknown code"),
    ],
)
def test_what_cannot_be_read_is_named(
    reader: str, written: object, hints: Hints, problem: str
) -> None:
    assert READERS[ReaderName(reader)](written, hints) == Read(None, problem)


@given(st.integers(-(10**11), 10**11))
def test_fen_and_yuan_of_the_same_amount_are_equal(fen: int) -> None:
    yuan = Decimal(fen) / 100
    assert read_fen(fen, Hints()).value == yuan
    assert read_yuan(f"{yuan:,.2f}", Hints()).value == yuan
    assert read_yuan(str(yuan), Hints()).value == yuan


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.lists(st.integers())
)


@given(st.sampled_from(ReaderName), ANYTHING)
def test_no_reader_fails_and_none_quotes_the_value(reader: ReaderName, written: object) -> None:
    value, problem = READERS[reader](written, CODES if reader is ReaderName.CODE else Hints())
    assert value is None or problem is None
    assert problem is None or problem.isascii()
