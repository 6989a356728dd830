"""Starts verifications that were accepted and that nobody works on: nothing stays lying."""

from collections.abc import Callable
from datetime import datetime

from app.jobs.engine import Engine
from app.store.left_over import waited_for_no_more
from app.store.session import Database
from app.store.verifications import Verifications

_TOLD_AT_ONCE = 50
_LEFT_FOR = 5.0
"""Seconds that a verification may be without a worker: somebody is just about to take it."""


class Sweeper:
    """Looks for what was left behind."""

    def __init__(
        self,
        database: Database,
        verifications: Verifications,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        settling: Engine,
    ) -> None:
        """`settling` concludes a verification where nothing of it is outstanding."""
        self._database = database
        self._verifications = verifications
        self._engine = engine
        self._now = now
        self._settling = settling

    async def begin(self) -> None:
        """At a start: all that is free, however short a time."""
        await self._start(0.0)

    async def sweep(self) -> None:
        await self._start(_LEFT_FOR)

    async def _start(self, older_than: float) -> None:
        now = self._now()
        left = await self._database.read(
            lambda tx: self._verifications.left_behind(tx, now=now, older_than_seconds=older_than)
        )
        for id_ in left:
            self._engine.submit(id_)
        told = await self._database.read(lambda tx: waited_for_no_more(tx, now, _TOLD_AT_ONCE))
        for id_ in told:
            self._settling.submit(id_)  # a fault of one is not the next one's
