"""Due dates: after the last verification, by whole months, and windows by China's clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.recipient import Cadence, WhyDue
from app.recipients.due import Due, due_by_cadence, next_due, window_begun
from app.recipients.rules import Schedule

DAYS = st.dates(date(2014, 7, 1), date(2090, 12, 31))
CADENCES = st.sampled_from(Cadence)


@pytest.mark.parametrize(
    ("verified", "cadence", "due"),
    [
        ("2026-11-24", Cadence.YEARLY, "2027-11-24"),
        ("2026-11-24", Cadence.HALF_YEARLY, "2027-05-24"),
        ("2026-11-24", Cadence.QUARTERLY, "2027-02-24"),
        ("2026-11-30", Cadence.QUARTERLY, "2027-02-28"),  # the month's end
        ("2023-11-30", Cadence.QUARTERLY, "2024-02-29"),  # of a leap year
        ("2024-02-29", Cadence.YEARLY, "2025-02-28"),
        ("2026-08-31", Cadence.HALF_YEARLY, "2027-02-28"),
        ("2026-12-31", Cadence.QUARTERLY, "2027-03-31"),
    ],
)
def test_the_same_day_of_a_later_month_or_its_last(
    verified: str, cadence: Cadence, due: str
) -> None:
    assert next_due(date.fromisoformat(verified), cadence) == date.fromisoformat(due)


def _month(day: date) -> int:
    return day.year * 12 + day.month


@given(DAYS, CADENCES)
def test_due_lies_after_the_verification_and_skips_no_period(
    verified: date, cadence: Cadence
) -> None:
    due = next_due(verified, cadence)
    assert due > verified
    assert _month(due) - _month(verified) == cadence.months
    assert due.day <= verified.day


@given(DAYS, DAYS, CADENCES)
def test_verified_later_is_due_no_earlier(one: date, other: date, cadence: Cadence) -> None:
    first, last = sorted((one, other))
    assert next_due(first, cadence) <= next_due(last, cadence)


@given(DAYS, CADENCES, st.integers(1, 12))
def test_verified_each_time_on_the_day_it_never_comes_later(
    verified: date, cadence: Cadence, times: int
) -> None:
    day = verified
    for _ in range(times):
        day = next_due(day, cadence)
    assert _month(day) - _month(verified) == cadence.months * times


def test_who_was_never_verified_is_due_today() -> None:
    today = date(2026, 11, 24)
    assert due_by_cadence(None, Cadence.YEARLY, today) == Due(today, WhyDue.NEW)
    due = due_by_cadence(today, Cadence.YEARLY, today)
    assert (due, due.at_once) == (Due(date(2027, 11, 24), WhyDue.CADENCE), False)


def a_schedule(opens: time, closes: time) -> Schedule:
    return Schedule(enabled=True, opens=opens, closes=closes, regions=("22",), most_households=9)


NIGHT, DAY = a_schedule(time(22), time(6)), a_schedule(time(9), time(17))


@pytest.mark.parametrize(
    ("schedule", "now", "begun"),
    [  # now and begun in UTC: China is eight hours ahead
        (NIGHT, datetime(2026, 11, 24, 13, 59, tzinfo=UTC), None),
        (NIGHT, datetime(2026, 11, 24, 14, 0, tzinfo=UTC), datetime(2026, 11, 24, 14, tzinfo=UTC)),
        (NIGHT, datetime(2026, 11, 24, 21, 59, tzinfo=UTC), datetime(2026, 11, 24, 14, tzinfo=UTC)),
        (NIGHT, datetime(2026, 11, 24, 22, 0, tzinfo=UTC), None),
        (DAY, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (DAY, datetime(2026, 11, 24, 9, 0, tzinfo=UTC), None),
    ],
)
def test_a_window_is_open_by_the_clock_of_china(
    schedule: Schedule, now: datetime, begun: datetime | None
) -> None:
    assert window_begun(schedule, now) == begun


@given(st.integers(0, 366 * 86_400))
def test_a_window_that_is_open_began_within_the_last_day(seconds: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    begun = window_begun(NIGHT, now)
    assert begun is None or 0 <= (now - begun).total_seconds() < 8 * 3600
