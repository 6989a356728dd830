"""Rate, calls at once and the breaker of a source."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.limits import FAILURES_TO_OPEN, OPEN_SECONDS, Gate, Limits


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def fail(gate: Gate, kind: FailureKind, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(SourceError):
            async with gate.slot():
                raise SourceError.of(kind, "failed")


async def succeed(gate: Gate) -> None:
    async with gate.slot():
        pass


async def is_open(gate: Gate) -> bool:
    try:
        await succeed(gate)
    except SourceError as error:
        return error.failure.kind is FailureKind.BREAKER_OPEN
    return False


async def test_failures_in_a_row_open_the_breaker_and_one_trial_closes_it() -> None:
    clock = Clock()
    gate = Gate("tax", Limits(), clock=clock)
    with capture_logs() as logs:
        await fail(gate, FailureKind.TIMED_OUT, FAILURES_TO_OPEN)
        assert await is_open(gate)
        clock.now += OPEN_SECONDS
        await fail(gate, FailureKind.UNREACHABLE)
        assert await is_open(gate)
        clock.now += OPEN_SECONDS
        assert not await is_open(gate)
    assert [line["event"] for line in logs] == ["source_unavailable", "source_available"]
    assert logs[0]["source"] == "tax"


async def test_only_one_call_tries_a_source_that_was_left_alone() -> None:
    clock = Clock()
    gate = Gate("tax", Limits(), clock=clock)
    await fail(gate, FailureKind.TIMED_OUT, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    async with gate.slot():
        with pytest.raises(SourceError, match="breaker_open"):
            await succeed(gate)
    await succeed(gate)


@pytest.mark.parametrize(
    "between", [FailureKind.MALFORMED, FailureKind.RATE_LIMITED, FailureKind.REFUSED]
)
async def test_a_source_that_answers_wrongly_is_there(between: FailureKind) -> None:
    gate = Gate("tax", Limits())
    await fail(gate, FailureKind.UNAVAILABLE, FAILURES_TO_OPEN - 1)
    await fail(gate, between)
    await fail(gate, FailureKind.UNAVAILABLE, FAILURES_TO_OPEN - 1)
    assert not await is_open(gate)


async def test_a_refusal_of_ours_says_nothing_about_the_source() -> None:
    clock = Clock()
    gate = Gate("tax", Limits(), clock=clock)
    await fail(gate, FailureKind.UNAVAILABLE, FAILURES_TO_OPEN)
    clock.now += OPEN_SECONDS
    with pytest.raises(NotPermitted):
        async with gate.slot():
            raise NotPermitted("no consent")
    await fail(gate, FailureKind.UNAVAILABLE)
    assert await is_open(gate)


async def test_calls_at_once_are_bounded() -> None:
    gate = Gate("tax", Limits(concurrency=2))
    inside = most = 0

    async def call() -> None:
        nonlocal inside, most
        async with gate.slot():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(call() for _ in range(10)))
    assert most == 2


@pytest.mark.parametrize(("rate", "at_once", "window"), [(20.0, 20, 1.0), (0.5, 1, 2.0)])
async def test_no_window_holds_more_starts_than_the_rate_allows(
    rate: float, at_once: int, window: float
) -> None:
    clock = Clock()
    gate = Gate("tax", Limits(rate=rate, concurrency=100), clock=clock)

    async def starts_now(call: Callable[[], asyncio.Task[None]]) -> bool:
        task = call()
        for _ in range(5):
            await asyncio.sleep(0)
        if task.done():
            return True
        task.cancel()
        return False

    def call() -> asyncio.Task[None]:
        return asyncio.create_task(succeed(gate))

    assert [await starts_now(call) for _ in range(at_once + 1)] == [True] * at_once + [False]
    clock.now += window * 2
    assert await starts_now(call)


@pytest.mark.parametrize("limit", [{"rate": 0.0}, {"concurrency": 0}, {"timeout": -1.0}])
def test_a_limit_of_nothing_is_refused(limit: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(limit))):
        Limits(**limit)  # type: ignore[arg-type]
