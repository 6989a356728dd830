"""Takes up questions of other centres 异地协查 that nobody works on any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.jobs.engine import Engine
from app.store.assistance import Assistances
from app.store.session import Database

_LEFT_FOR: Final = timedelta(seconds=5)
"""So long a question may be without a worker: whoever took it in is just about to begin."""
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Resuming:
    """Each process looks; the lease of a question says who works on it."""

    database: Database
    stored: Assistances
    engine: Engine
    now: Callable[[], datetime]

    async def resume(self) -> None:
        """Also what a source should have answered by now: it is looked for a last time."""
        now = self.now()
        left = await self.database.read(
            lambda tx: self.stored.left(tx, now, now - _LEFT_FOR, _AT_ONCE)
        )
        for id_ in left:
            self.engine.submit(id_)
