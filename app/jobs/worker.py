"""The loops of a process: each goes on whatever one round of it runs into."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from app.domain.errors import StorageUnavailable

log = structlog.get_logger()
GRACE: Final = 2.0
"""Seconds for rounds under way: what is broken off is done again by whoever comes next."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Work that is done again and again.

    `work` gives how much there was (None: nothing to speak of); the pause is left out where there
    was something, so that a queue is worked off without waiting.
    """

    name: str
    work: Callable[[], Awaitable[int | None]]
    pause: float
    at_once: int = 1
    """So many of it side by side."""


class Worker:
    """Keeps loops going until it is told to stop; a fault of one round is not its end."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = loops
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._repeat(loop))
            for loop in self._loops
            for _ in range(loop.at_once)
        ]

    async def stop(self, grace: float = GRACE) -> None:
        """No round begins any more; those under way have so many seconds to end."""
        self._stopping.set()
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=grace)
            for task in left:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, loop: Loop) -> None:
        while not self._stopping.is_set():
            done: int | None = None
            try:
                done = await loop.work()
            except StorageUnavailable as gone:
                log.warning("storage_unavailable", error=str(gone))
            except ExceptionGroup as several:
                for error in several.exceptions:
                    log.error("round_failed", duty=loop.name, error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the next round must come, whatever it was
                log.error("round_failed", duty=loop.name, error=type(error).__name__)
            if not done:
                await self._pause(loop.pause)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
