"""The demo's clock: begun in the past, moved on, and in the end everybody's."""

from datetime import UTC, datetime, timedelta

from app.demo.clock import PastClock


def test_a_clock_that_was_moved_on_never_goes_back() -> None:
    clock = PastClock()
    then = datetime.now(UTC) - timedelta(days=9)
    clock.begin(then)
    clock.move_to(then + timedelta(days=3))
    assert clock() >= then + timedelta(days=3)
    clock.move_to(then)
    assert clock() >= then + timedelta(days=3)
    clock.move_to(datetime.now(UTC) + timedelta(days=1))
    assert clock() <= datetime.now(UTC)
    clock.to_the_present()
    assert datetime.now(UTC) - clock() < timedelta(seconds=1)
