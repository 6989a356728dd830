"""Runs verifications in this process, side by side; what a crash leaves is found in our tables.

A run is begun again by whoever sees that it has no lease: at the start of a process, when the
reaper finds one dead, or by the sweep. The truth is in our tables, so a run first skips what they
hold. How this compares with an engine that keeps rows of its own stands in `app/jobs/README.md`.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.domain.errors import is_storage_away
from app.store.scope import context_of_service

Run = Callable[[str], Awaitable[None]]
_GRACE = 2.0  # seconds
_PAUSE = 2.0

log = structlog.get_logger()


class Engine:
    """Starts `run(id)` as a task of this process, for the service itself."""

    def __init__(self, run: Run, *, grace: float = _GRACE, pause: float = _PAUSE) -> None:
        self._run = run
        self._grace = grace
        self._pause = pause
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def submit(self, id_: str) -> None:
        """Start the run unless it is under way here."""
        if id_ in self._under_way:
            return
        # Whoever asked for it may be a request, which sees its caller's region alone.
        task = asyncio.create_task(self._guarded(id_), context=context_of_service())
        self._under_way[id_] = task
        task.add_done_callback(lambda _: self._under_way.pop(id_, None))

    async def _guarded(self, id_: str) -> None:
        """Again and again while the database is away: its lease is still this process's."""
        while True:
            try:
                await self._run(id_)
            except Exception as error:  # noqa: BLE001 - the sweep begins it again
                if not is_storage_away(error):
                    log.error("run_failed", verification=id_, error=_kind(error))
                    return
                log.warning("storage_unavailable", verification=id_)
            else:
                return
            await asyncio.sleep(self._pause)

    async def aclose(self) -> None:
        """Runs under way have a moment to end; those that do not are begun again at the start."""
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, left = await asyncio.wait(tasks, timeout=self._grace)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)


def _kind(error: BaseException) -> str:
    """Names of errors, never their texts."""
    if isinstance(error, BaseExceptionGroup):
        return ",".join(sorted({_kind(one) for one in error.exceptions}))
    return type(error).__name__
