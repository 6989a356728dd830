"""The circuit of a client: opens after failures in a row, for ever longer, and closes at once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.jobs.circuits import FAILURES_TO_OPEN, Circuit
from tests.service_parts import NOON


def plain() -> Circuit:
    return Circuit(lambda pause: pause)


def test_it_opens_after_failures_in_a_row_and_tries_one() -> None:
    circuit = plain()
    told = [circuit.failed(NOON) for _ in range(FAILURES_TO_OPEN)]
    assert told == [False] * (FAILURES_TO_OPEN - 1) + [True]
    assert circuit.is_open(NOON)
    assert circuit.is_open(NOON + timedelta(seconds=9))
    assert not circuit.is_open(NOON + timedelta(seconds=10))
    assert circuit.room(8) == 1
    assert circuit.answered()
    assert circuit.room(8) == 8
    assert not circuit.answered()


def test_a_success_between_starts_the_count_anew() -> None:
    circuit = plain()
    for _ in range(20):
        for _ in range(FAILURES_TO_OPEN - 1):
            assert not circuit.failed(NOON)
        circuit.answered()
    assert not circuit.is_open(NOON)


def test_pauses_grow_to_ten_minutes() -> None:
    circuit, now, pauses = plain(), NOON, []
    for _ in range(FAILURES_TO_OPEN - 1):
        circuit.failed(now)
    for _ in range(10):
        circuit.failed(now)
        assert circuit.open_until is not None
        pauses.append((circuit.open_until - now).total_seconds())
        now = circuit.open_until
    assert pauses == [10, 20, 40, 80, 160, 320, 600, 600, 600, 600]


@given(st.lists(st.sampled_from(["fail", "answer", "hold", "wait"])), st.integers(0, 10**9))
def test_it_is_never_open_for_over_an_hour(steps: list[str], wish: int) -> None:
    circuit, now = Circuit(lambda pause: pause * 1.2), NOON
    for step in steps:
        match step:
            case "fail":
                circuit.failed(now)
            case "answer":
                circuit.answered()
            case "hold":
                circuit.held(now, timedelta(seconds=wish))
            case _:
                now += timedelta(seconds=30)
    assert not circuit.is_open(now + timedelta(hours=1))
    assert circuit.room(8) in (1, 8)
