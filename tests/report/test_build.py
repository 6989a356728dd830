"""A report's number, code, term and content; whether it is genuine."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.report.build import new_code, valid_until
from app.report.content import Head, suspension_of
from app.report.genuine import check, state_of
from app.report.signing import ReportKeys
from app.store.reports import IssuedReport
from tests.service_parts import NAMES, NOON, NUMBERS, REGION
from tests.store.test_verifications import a_verification

CONTENT = b'{"a": 1}'
REPORT = IssuedReport(
    number="HD-220102-2026-0000001",
    version=1,
    verification_id="vf_1",
    region=REGION,
    code="7K2M-Q9XD",
    content_digest=f"sha256:{sha256(CONTENT).hexdigest()}",
    content=CONTENT,
    issued_at=NOON,
    valid_until=date(2027, 5, 24),
)


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (date(2026, 11, 24), date(2027, 5, 24)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_six_months_later_or_the_months_last_day(issued: date, until: date) -> None:
    assert valid_until(issued) == until


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 48))
def test_the_term_ends_in_the_month_that_it_says(issued: date, months: int) -> None:
    until = valid_until(issued, months)
    assert (until.year - issued.year) * 12 + until.month - issued.month == months
    assert until.day <= issued.day


def test_codes_can_be_read_aloud_and_do_not_repeat() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert not [code for code in codes if set(code) & set("ILOU")]


@pytest.mark.parametrize(
    ("changes", "today", "state"),
    [
        ({}, date(2027, 5, 24), "valid"),
        ({}, date(2027, 5, 25), "expired"),
        ({"superseded_at": NOON}, date(2026, 11, 25), "superseded"),
        ({"superseded_at": NOON}, date(2028, 1, 1), "superseded"),
    ],
)
def test_the_state_of_a_report(changes: dict[str, object], today: date, state: str) -> None:
    assert state_of(replace(REPORT, **changes), today) == state  # type: ignore[arg-type]


def test_a_changed_content_is_not_genuine() -> None:
    keys = ReportKeys.of(b"k" * 32)
    assert check(REPORT, date(2026, 11, 24), keys)["genuine"] is True
    changed = replace(REPORT, content=CONTENT + b" ")
    assert check(changed, date(2026, 11, 24), keys)["genuine"] is False


def test_the_content_names_nobody_in_full() -> None:
    consent = {"state": "valid", "parts": []}
    head = Head(
        number="HD-1",
        version=1,
        issued_at=NOON,
        valid_until="2027-05-24",
        centre="",
        consent=consent,
    )
    content = suspension_of(a_verification(), (), head, "other_reason")
    text = content.decode()
    assert not [one for one in (NAMES["m1"], NAMES["m3"], *NUMBERS.values()) if one in text]
    document = orjson.loads(content)
    assert [one["role"] for one in document["persons"]] == [*["member"] * 3, "supporter"]
    assert [one["consent"] for one in document["persons"]] == [
        *("valid", "valid", "by_guardian", "not_signed")
    ]
    assert content == orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
