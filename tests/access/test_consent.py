"""Is this question covered by a consent at this moment?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.consent import birth_date_of, consent_holds
from app.api.schemas.verification import VerificationIn
from app.domain.consent import Withdrawal
from app.domain.household import VerificationRequest
from app.domain.instants import china_day
from tests.service_parts import NOON, a_body, number

YOUNG = number("22990120120608122")
"""14 at the day of judgement."""


def a_request(signatories: tuple[str, ...] = ("m1", "m2"), **consent: Any) -> VerificationRequest:
    body = a_body()
    body["consent"].update(signatories=list(signatories), **consent)
    return VerificationIn.model_validate(body).to_domain()


def reason(
    request: VerificationRequest,
    *refs: str,
    now: datetime = NOON,
    withdrawn_at: datetime | None = None,
    source: str = "bank",
) -> str | None:
    withdrawals = [] if withdrawn_at is None else [a_withdrawal(at=withdrawn_at)]
    decision = consent_holds(request, refs, source, withdrawals=withdrawals, now=now)
    return None if decision.refusal is None else decision.refusal.words


def a_withdrawal(**changes: Any) -> Withdrawal:
    values = {"region": "220102", "reference": "SQ-2026-000123", "at": NOON, **changes}
    return Withdrawal(**values)


def china(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 by the clocks of China."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("refs", "signatories", "wanted"),
    [
        (("m1",), ("m1", "m2"), None),
        (("m1", "m2", "m3"), ("m1", "m2"), None),  # an adult signs for a minor
        (("m3",), ("m1",), None),
        (("m3",), ("m3",), None),
        (("m3",), ("s1",), "m3 has not signed"),  # a supporter is no guardian
        (("m2",), ("m1",), "m2 has not signed"),
        (("m1", "m2"), ("m1",), "m2 has not signed"),
        (("s1",), ("m1", "m2"), "s1 has not signed"),
        (("s1",), ("m1", "s1"), None),
        (("m9",), ("m1", "m9"), "m9 has not signed"),
    ],
)
def test_who_must_have_signed(
    refs: tuple[str, ...], signatories: tuple[str, ...], wanted: str | None
) -> None:
    assert reason(a_request(signatories), *refs) == wanted


def test_a_minor_does_not_sign_for_another() -> None:
    body = a_body()
    body["household"]["members"][1]["id_number"] = YOUNG
    body["consent"]["signatories"] = ["m2"]
    request = VerificationIn.model_validate(body).to_domain()
    assert reason(request, "m2") is None
    assert reason(request, "m3") == "m3 has not signed"


def test_whoever_may_be_an_adult_must_have_signed() -> None:
    """No birth date, no guardian's word."""
    body = a_body()
    body["household"]["members"][2].update(id_type="passport", id_number="E12345678")
    request = VerificationIn.model_validate(body).to_domain()
    assert reason(request, "m3") == "m3 has not signed"


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (china(19, 23, 59), "the consent is not signed yet"),
        (china(20, 0), None),  # still the 19th in UTC
        (china(30, 23, 59), None),
        (china(30, 23, 59) + timedelta(minutes=1), "the consent has expired"),
    ],
)
def test_days_are_days_in_china(now: datetime, wanted: str | None) -> None:
    request = a_request(signed_on="2026-11-20", valid_until="2026-11-30")
    assert reason(request, "m1", now=now) == wanted


@pytest.mark.parametrize(
    ("withdrawn_at", "wanted"),
    [
        (None, None),
        (NOON, "the consent was withdrawn"),
        (NOON - timedelta(days=1), "the consent was withdrawn"),
        (NOON + timedelta(microseconds=1), None),
    ],
)
def test_a_withdrawn_consent_covers_nothing(
    withdrawn_at: datetime | None, wanted: str | None
) -> None:
    assert reason(a_request(), "m1", withdrawn_at=withdrawn_at) == wanted


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_consent_covers_its_days_and_no_other_moment(now: datetime) -> None:
    request = a_request()
    assert request.consent.signed_on is not None
    inside = request.consent.signed_on <= china_day(now) <= request.consent.valid_until
    assert (reason(request, "m1", now=now) is None) is inside


@pytest.mark.parametrize(
    ("id_number", "wanted"),
    [
        (YOUNG, date(2012, 6, 8)),
        ("229901201302301224", None),  # no such day
        ("229901２０１２０６０８1229", None),  # full-width digits
        ("229901120608122", None),  # 15 digits: the century is not told
        ("", None),
    ],
)
def test_the_birth_date_in_a_number(id_number: str, wanted: date | None) -> None:
    body = a_body()
    body["household"]["members"][0]["id_number"] = id_number
    person = VerificationIn.model_validate(body).to_domain().household.members[0]
    assert birth_date_of(person) == wanted
