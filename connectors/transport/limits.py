"""How hard a source may be asked: rate, calls at once, and a pause where it fails on and on."""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import structlog

from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.addresses import networks_of
from connectors.transport.x_road import XRoad

FAILURES_TO_OPEN: Final = 8
"""Failures in a row after which a source is left alone for a while."""

OPEN_SECONDS: Final = 30.0
"""How long it is left alone before one call tries it."""

_FAILED: Final = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.TIMED_OUT, FailureKind.UNAVAILABLE}
)

_WINDOW: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source bears; times in seconds, sizes in bytes.

    `rate`: calls a second (None: no limit); `timeout`: one call as a whole; `deadline`: after it
    an answer that is still outstanding counts as failed; `interactive_share`: the part of rate and
    calls at once that batches leave to single verifications; `reuse_days`: for so long an answer
    is used again for the same purpose (0: never); `window`: when batches may call, by the clock of
    China, such as `22:00-06:00` (None: always); `networks`: where its addresses must be, whatever
    its name stands for (none: anywhere but link-local and the like).
    """

    rate: float | None = None
    concurrency: int = 8
    timeout: float = 10.0
    tries: int = 3
    deadline: float = 86400.0
    max_bytes: int = 8 * 1024 * 1024
    interactive_share: float = 0.2
    reuse_days: int = 0
    window: str | None = None
    networks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("rate", "concurrency", "timeout", "tries", "deadline", "max_bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"limit {name} must be above zero")
        if not 0 <= self.interactive_share < 1:
            raise ValueError("limit interactive_share must be from 0 to below 1")
        if self.reuse_days < 0:
            raise ValueError("limit reuse_days must not be below zero")
        if self.window is not None and _WINDOW.fullmatch(self.window) is None:
            raise ValueError("limit window must be HH:MM-HH:MM")
        networks_of(self.networks)


class Pace(Protocol):
    """How fast calls follow each other."""

    async def wait(self) -> None:
        """Until the next call may start."""
        ...


class Slots(Protocol):
    """How many calls may be under way (an `asyncio.Semaphore` is one such)."""

    async def acquire(self) -> object:
        """Until there is room for one more."""
        ...

    def release(self) -> None:
        """One has ended."""
        ...


class Watch(Protocol):
    """Whoever counts calls for the operators."""

    def begun(self, source: str) -> None:
        """A call leaves."""
        ...

    def ended(self, source: str, seconds: float, failure: FailureKind | None) -> None:
        """A call was answered, or failed for this reason."""
        ...

    def breaker(self, source: str, *, open: bool) -> None:  # noqa: A002 - what it is called
        """The source is left alone from now on, or no longer."""
        ...


class LocalPace:
    """At most so many starts in any window of time, so a burst within the rate does not wait."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._starts_a_window = max(1, int(rate))
        self._window = self._starts_a_window / rate
        self._clock = clock
        self._starts: deque[float] = deque(maxlen=self._starts_a_window)

    def seconds_to_wait(self) -> float:
        """Reserve a start; how long from now it is."""
        now = self._clock()
        start = now
        if len(self._starts) == self._starts_a_window:
            start = max(now, self._starts[0] + self._window)
        self._starts.append(start)
        return start - now

    async def wait(self) -> None:
        pause = self.seconds_to_wait()
        if pause > 0:
            await asyncio.sleep(pause)


class _Breaker:
    """Opens after failures in a row, then lets one call through at a time until one succeeds."""

    def __init__(self, source: str, clock: Callable[[], float]) -> None:
        self._source = source
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._trial_is_out = False

    def check(self) -> None:
        """Raise `BREAKER_OPEN` where the source is to be left alone."""
        if self._open_until is None:
            return
        left = self._open_until - self._clock()
        if left > 0 or self._trial_is_out:
            raise SourceError.of(
                FailureKind.BREAKER_OPEN,
                f"{self._source} failed {FAILURES_TO_OPEN} times in a row and is left alone",
                retry_after=timedelta(seconds=max(left, 1.0)),
            )

    def enter(self) -> bool:
        """Let a call through or raise `BREAKER_OPEN`; True where it is the trial."""
        self.check()
        self._trial_is_out = self._open_until is not None
        return self._trial_is_out

    def leave(self, *, trial: bool) -> None:
        if trial:
            self._trial_is_out = False

    def failed(self, failure: Failure) -> None:
        self._failures += 1
        if self._failures < FAILURES_TO_OPEN:
            return
        if self._open_until is None:
            _log.warning("source_unavailable", source=self._source, reason=failure.kind.value)
        self._open_until = self._clock() + OPEN_SECONDS

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    @property
    def failures(self) -> int:
        return self._failures

    @property
    def seconds_left(self) -> float:
        """How long the source is still left alone."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    def try_now(self) -> None:
        """The next call is the trial, however long the source was to be left alone."""
        if self._open_until is not None:
            self._open_until = self._clock()

    def answered(self) -> None:
        self._failures = 0
        if self._open_until is not None:
            _log.info("source_available", source=self._source)
            self._open_until = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What a gate has in common with other processes; None: this process is the only one."""

    pace: Pace | None = None
    slots: Slots | None = None
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A source that is left alone: after so many failures in a row, and for how long yet."""

    failures: int
    seconds_left: float


class Gate:
    """What every call to one source passes: calls at once, rate and breaker."""

    def __init__(
        self,
        source: str,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        shared: Shared | None = None,
    ) -> None:
        self.source, self.limits = source, limits
        self.way: XRoad | None = None  # where the source is behind X-Road
        shared = shared or Shared()
        self._clock = clock
        self._slots: Slots = shared.slots or asyncio.Semaphore(limits.concurrency)
        self._pace = shared.pace
        if self._pace is None and limits.rate is not None:
            self._pace = LocalPace(limits.rate, clock)
        self._watch = shared.watch
        self._breaker = _Breaker(source, clock)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait until a call may start; what leaves the block tells how the source does.

        Raises `SourceError` of kind `BREAKER_OPEN` without waiting. A refusal of ours and a
        cancelled call say nothing about the source; any other failure shows that it answers.
        """
        self._breaker.check()
        await self._slots.acquire()
        try:
            if self._pace is not None:
                await self._pace.wait()
            trial = self._breaker.enter()
            begun = self._begin()
            try:
                yield
            except SourceError as error:
                self._failed(error.failure, begun)
                raise
            except BaseException:  # not permitted, or broken off by us: nothing of the source
                self._end(begun, FailureKind.NOT_PERMITTED)
                raise
            else:
                self._end(begun, None)
                self._breaker.answered()
            finally:
                self._breaker.leave(trial=trial)
                self._tell_breaker()
        finally:
            self._slots.release()

    @property
    def breaker(self) -> BreakerState | None:
        """None while the source is asked as usual."""
        if not self._breaker.is_open:
            return None
        return BreakerState(self._breaker.failures, self._breaker.seconds_left)

    def probe(self) -> None:
        """One call may try the source now; it stays left alone until that one is answered."""
        self._breaker.try_now()

    def restore(self) -> None:
        """The source is asked as if it had not failed."""
        self._breaker.answered()
        self._tell_breaker()

    def _begin(self) -> float:
        if self._watch is not None:
            self._watch.begun(self.source)
        return self._clock()

    def _failed(self, failure: Failure, begun: float) -> None:
        self._end(begun, failure.kind)
        if failure.kind in _FAILED:
            self._breaker.failed(failure)
        else:
            self._breaker.answered()

    def _end(self, begun: float, failure: FailureKind | None) -> None:
        if self._watch is not None:
            self._watch.ended(self.source, self._clock() - begun, failure)

    def _tell_breaker(self) -> None:
        if self._watch is not None:
            self._watch.breaker(self.source, open=self._breaker.is_open)
