"""The loops beside the interface: work left behind, outstanding replies, notices."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from app.domain.errors import StorageUnavailable
from app.jobs.engine import DurableEngine
from app.jobs.notices import Notifier
from app.store.session import Database
from app.store.verifications import Verifications
from app.verification.run import Verifier

log = structlog.get_logger()
_SWEEP = 5.0
_POLL = 0.25
_NOTICES = 0.5


class Worker:
    """Keeps the loops going until it is told to stop; a fault of one round is not its end."""

    def __init__(
        self,
        verifier: Verifier,
        engine: DurableEngine,
        notifier: Notifier,
        *,
        shelf: tuple[Database, Verifications],
        now: Callable[[], datetime],
    ) -> None:
        self._verifier = verifier
        self._engine = engine
        self._notifier = notifier
        self._database, self._verifications = shelf
        self._now = now
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._repeat(self.sweep, _SWEEP)),
            asyncio.create_task(self._repeat(self._poll, _POLL)),
            asyncio.create_task(self._repeat(self._notifier.send_due, _NOTICES)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sweep(self) -> None:
        """Start what was accepted and is not worked on: nothing stays lying after a crash."""
        now = self._now()
        left = await self._database.read(
            lambda tx: self._verifications.left_behind(tx, now=now, older_than_seconds=_SWEEP)
        )
        for id_ in left:
            await self._engine.submit(id_, attempt=f"sweep-{int(now.timestamp())}")

    async def _poll(self) -> None:
        await self._verifier.collect_due()

    async def _repeat(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            try:
                await work()
            except StorageUnavailable as gone:
                log.warning("storage_unavailable", error=str(gone))
            except ExceptionGroup as several:
                for error in several.exceptions:
                    log.error("round_failed", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the next round must come, whatever it was
                log.error("round_failed", error=type(error).__name__)
            await asyncio.sleep(pause)
