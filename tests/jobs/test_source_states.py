"""What state a source is judged to be in, from what it said of late."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.source_states import CELLS, Health, Seen, SourceState, healths
from app.store.source_breakers import OpenBreaker
from app.store.source_health import SaidCount, Timed, Waiting, cell_of
from app.verification.terms import SourceTerms
from connectors.transport.limits import Limits

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def said(replies: int, ago: timedelta, *, failure: str | None = None) -> SaidCount:
    state = "found" if failure is None else "unknown"
    return SaidCount("tax", "", state, failure, cell_of(NOW - ago), replies, None)


def timed(seconds: float, ago: timedelta, count: int = 1) -> list[Timed]:
    return [Timed("", NOW - ago, timedelta(seconds=seconds))] * count


def health(
    some: Sequence[SaidCount] = (),
    times: Sequence[Timed] = (),
    waiting: Sequence[Waiting] = (),
    breakers: Sequence[OpenBreaker] = (),
    window: str | None = None,
) -> Health:
    terms = SourceTerms(limits=Limits(window=window))
    seen = Seen(
        source="tax",
        said=some,
        timed=times,
        waiting=waiting,
        asked=0,
        judged=None,
        breakers=breakers,
        terms=terms,
    )
    [one] = healths(seen, ("",), NOW, MIDNIGHT)
    return one


MINUTES, HOURS = timedelta(minutes=20), timedelta(hours=5)
ALONE = OpenBreaker(source="tax", holder="w1", failures=8, until=NOW)


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (health(), SourceState.NORMAL),
        (health([said(9, MINUTES), said(1, MINUTES, failure="timed_out")]), SourceState.NORMAL),
        (health([said(9, MINUTES), said(9, MINUTES, failure="timed_out")]), SourceState.FAILING),
        (health([said(9, HOURS, failure="timed_out")]), SourceState.NORMAL),
        (health(breakers=[ALONE]), SourceState.FAILING),
        (health(window="22:00-06:00"), SourceState.OUTSIDE_WINDOW),
        (health(window="08:00-18:00"), SourceState.NORMAL),
        (health(times=[*timed(2, HOURS, 50), *timed(9, MINUTES, 9)]), SourceState.SLOW),
        (health(times=[*timed(2, HOURS, 50), *timed(9, MINUTES, 2)]), SourceState.NORMAL),
        (health(waiting=[Waiting("tax", 3, NOW - timedelta(hours=19))]), SourceState.SLOW),
    ],
)
def test_the_state_follows_from_what_was_said(one: Health, state: SourceState) -> None:
    assert one.state is state


def test_what_is_not_known_is_not_zero() -> None:
    one = health()
    assert (one.median, one.slow, one.no_record_share, one.data_as_of) == (None,) * 4


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 23)), max_size=20))
def test_the_strip_holds_all_of_the_day(some: list[tuple[int, int]]) -> None:
    one = health([said(number, timedelta(hours=ago)) for number, ago in some])
    assert len(one.strip) == CELLS
    assert sum(replies for replies, _ in one.strip) == sum(number for number, _ in some)
    assert one.answered_today == sum(number for number, ago in some if ago <= 12)
