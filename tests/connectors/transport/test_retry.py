"""Repeats: for named kinds only, with the pause asked for."""

from datetime import timedelta

import pytest

from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.retry import repeated

RETRIED = frozenset({FailureKind.TIMED_OUT, FailureKind.RATE_LIMITED})


class Calls:
    """Fails with the given errors one after another, then succeeds; notes the pauses."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.made = 0
        self.pauses: list[float] = []

    async def __call__(self) -> str:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def failed(kind: FailureKind, pause: float | None = None) -> SourceError:
    after = None if pause is None else timedelta(seconds=pause)
    return SourceError.of(kind, "failed", retry_after=after)


async def run(calls: Calls, tries: int = 3) -> str:
    return await repeated(calls, tries=tries, on=RETRIED, sleep=calls.sleep)


async def test_a_success_is_not_repeated() -> None:
    calls = Calls()
    assert await run(calls) == "answer"
    assert (calls.made, calls.pauses) == (1, [])


async def test_pauses_grow_from_a_fifth_of_a_second() -> None:
    calls = Calls(*(failed(FailureKind.TIMED_OUT) for _ in range(7)))
    assert await run(calls, tries=8) == "answer"
    assert calls.made == 8
    assert 0.2 <= calls.pauses[0] <= 0.4
    assert 0.4 <= calls.pauses[1] <= 0.6
    assert 4.8 <= calls.pauses[-1] <= 5.0


async def test_the_last_failure_comes_out_after_all_tries() -> None:
    calls = Calls(*(failed(FailureKind.TIMED_OUT) for _ in range(9)))
    with pytest.raises(SourceError):
        await run(calls)
    assert calls.made == 3


async def test_the_source_names_the_pause() -> None:
    calls = Calls(failed(FailureKind.RATE_LIMITED, 7.0))
    assert await run(calls) == "answer"
    assert calls.pauses == [7.0]


@pytest.mark.parametrize(
    "error",
    [
        failed(FailureKind.REFUSED),
        failed(FailureKind.RATE_LIMITED, 3600.0),
        NotPermitted("no consent"),
    ],
)
async def test_other_failures_and_long_pauses_are_not_waited_for(error: Exception) -> None:
    calls = Calls(error)
    with pytest.raises(type(error)):
        await run(calls)
    assert calls.made == 1


async def test_a_failure_of_another_kind_ends_the_repeats() -> None:
    calls = Calls(failed(FailureKind.TIMED_OUT), failed(FailureKind.REFUSED))
    with pytest.raises(SourceError, match="refused"):
        await run(calls)
    assert calls.made == 2
