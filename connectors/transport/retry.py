"""Repeats of a call that failed: only for named kinds of failure, with growing pauses."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from connectors.failure import FailureKind, SourceError

T = TypeVar("T")

LONGEST_PAUSE: Final = timedelta(seconds=30)
"""Where the source asks for a longer pause, the asking is not repeated here but later."""

_FIRST_PAUSE: Final = 0.2  # seconds
_LONGEST_OWN_PAUSE: Final = 5.0  # seconds, where the source names none
_pauses: Final = wait_exponential(
    multiplier=_FIRST_PAUSE, max=_LONGEST_OWN_PAUSE - _FIRST_PAUSE
) + wait_random(0, _FIRST_PAUSE)


async def repeated(
    call: Callable[[], Awaitable[T]],
    *,
    tries: int,
    on: frozenset[FailureKind],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Call, and again up to `tries` times in all where it fails with one of the kinds `on`.

    Raises the last `SourceError`. Each repeat is a new call, so it passes the permit again.
    """
    # Most calls succeed, and tenacity around each would cost more than their own bookkeeping:
    # it comes in after a failure only, and is given that failure as its first attempt.
    try:
        return await call()
    except SourceError as error:
        if tries <= 1 or not _may_repeat(error, on):
            raise
        failed = [error]

    async def attempt() -> T:
        if failed:
            raise failed.pop()
        return await call()

    retrying = AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(tries),
        wait=_pause,
        retry=retry_if_exception(lambda error: _may_repeat(error, on)),
        reraise=True,
    )
    return await retrying(attempt)


def _may_repeat(error: BaseException, on: frozenset[FailureKind]) -> bool:
    if not isinstance(error, SourceError) or error.failure.kind not in on:
        return False
    asked_for = error.failure.retry_after
    return asked_for is None or asked_for <= LONGEST_PAUSE


def _pause(state: RetryCallState) -> float:
    """Seconds to wait: what the source asked for, else growing ones."""
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, SourceError) and error.failure.retry_after is not None:
        return error.failure.retry_after.total_seconds()
    return _pauses(state)
