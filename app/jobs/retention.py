"""Retention of the rows that only told where work stood."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.store.retention import forget_work
from app.store.session import Database

KEPT_FOR: Final = timedelta(days=30)
"""After the work's end: long enough to look into what went wrong."""


@dataclass(frozen=True, slots=True)
class Retention:
    """One page at a time, so that nobody waits for it."""

    database: Database
    now: Callable[[], datetime]

    async def run(self) -> int:
        before = self.now() - KEPT_FOR
        return await self.database.write(lambda tx: forget_work(tx, before))
