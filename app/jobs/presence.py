"""This process among the others: its heartbeat, its duties, and who of them has died."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

import sqlalchemy as sa
import structlog

from app.batch.units import LEASE
from app.domain.errors import ConfigurationError
from app.store.batch_units import BatchUnits
from app.store.session import Database
from app.store.verifications import Verifications
from app.store.workers import LiveWorker, Workers

log = structlog.get_logger()
BEAT: Final = 5.0
"""Seconds between two heartbeats."""
DEAD_AFTER: Final = timedelta(seconds=30)
"""Without a heartbeat for so long, what a process held is given to others."""
DUTY_LEASE: Final = timedelta(seconds=20)
_MOST_ON_SQLITE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Heartbeat, elections, and the reaper."""

    database: Database
    workers: Workers
    verifications: Verifications
    units: BatchUnits
    name: str
    kind: str
    started_at: datetime
    now: Callable[[], datetime]
    held: set[tuple[str, int]] = field(default_factory=set)
    """The units of batches (batch, number) that this process is at."""

    async def begin(self) -> None:
        """At the start: what a process of this name held before its end is free, at once.

        Raises `ConfigurationError` for a third worker on SQLite: one file has one writer, and more
        of them only wait for each other.
        """

        def work(tx: sa.Connection) -> None:
            self._check_room(tx)
            self._release(tx, self.name)
            self._beat(tx)

        await self.database.write(work)

    async def beat(self) -> None:
        """Tell that this process lives; what it holds stays its own."""

        def work(tx: sa.Connection) -> None:
            self._beat(tx)
            until = self.now() + LEASE
            self.units.renew(tx, self.held, worker=self.name, until=until)

        await self.database.write(work)

    def _check_room(self, tx: sa.Connection) -> None:
        if tx.dialect.name != "sqlite" or self.kind != "worker":
            return
        alive = self.now() - DEAD_AFTER
        others = [
            one.name
            for one in self.workers.all(tx)
            if one.kind == self.kind and one.name != self.name and one.beat_at >= alive
        ]
        if len(others) >= _MOST_ON_SQLITE:
            raise ConfigurationError(
                f"on SQLite at most {_MOST_ON_SQLITE} workers share a database; "
                "use PostgreSQL for more"
            )

    def _beat(self, tx: sa.Connection) -> None:
        one = LiveWorker(
            name=self.name,
            kind=self.kind,
            version=version("hedui"),
            started_at=self.started_at,
            beat_at=self.now(),
        )
        self.workers.beat(tx, one)

    async def leave(self) -> None:
        """An orderly end: others need not wait until this process counts as dead."""

        def work(tx: sa.Connection) -> None:
            self._release(tx, self.name)
            self.workers.leave(tx, self.name)

        await self.database.write(work)

    async def reap(self) -> int:
        """Give back what dead processes held; gives how many there were."""

        def work(tx: sa.Connection) -> list[str]:
            before = self.now() - DEAD_AFTER
            dead = [one.name for one in self.workers.all(tx) if one.beat_at < before]
            for name in dead:
                self._release(tx, name)
                self.workers.leave(tx, name)
            return dead

        dead = await self.database.write(work)
        for name in dead:
            log.warning("worker_dead", worker=name)
        return len(dead)

    def _release(self, tx: sa.Connection, name: str) -> None:
        self.verifications.release_all(tx, worker=name)
        self.units.release_all(tx, worker=name)

    def elected(
        self, duty: str, work: Callable[[], Awaitable[int | None]]
    ) -> Callable[[], Awaitable[int | None]]:
        """The same work, done by one process at a time: by whoever has the duty."""
        asked_again_at = self.started_at - DUTY_LEASE
        mine = False

        async def if_mine() -> int | None:
            nonlocal asked_again_at, mine
            now = self.now()
            if now >= asked_again_at:
                mine = await self.database.write(
                    lambda tx: self.workers.take_duty(
                        tx, duty, self.name, now=now, lease=DUTY_LEASE
                    )
                )
                # Whoever has it renews it in good time; the others look now and then.
                asked_again_at = now + DUTY_LEASE / 4
            return await work() if mine else None

        return if_mine
