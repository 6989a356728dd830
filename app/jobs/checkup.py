"""Is the installation able to work: named checks, each with what it found and the remedy."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail, is_overdue
from app.domain.errors import StorageUnavailable
from app.store.checks import (
    answers,
    batches_wait,
    dead_letters,
    newest_revision,
    not_durable,
    revision_of,
)
from app.store.figures import stuck_units, unit_seconds_median
from app.store.session import Database
from app.store.workers import Workers, database_time

MOST_APART: Final = timedelta(seconds=60)
"""How far this machine's clock may be off the database's."""

ALIVE: Final = timedelta(seconds=60)
"""A worker that has not told of itself for so long is taken for dead."""

_LEAST_FREE: Final = 256 * 1024 * 1024  # bytes; below it nothing can be relied upon
_LITTLE_FREE: Final = 2 * 1024 * 1024 * 1024
_ANCHORED_WITHIN: Final = timedelta(minutes=10)
_PATIENCE: Final = 5.0  # seconds for the database to answer all
_GOOD_FOR: Final = 2.0  # seconds


class State(StrEnum):
    """What a check came to; `unknown`: it could not be made."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `detail` holds no secret and no personal data; `remedy` is for the operator."""

    name: str
    state: State
    detail: str = ""
    remedy: str = ""


class _Undone(Exception):  # noqa: N818 - takes back a transaction on purpose
    """The entry was written; nothing of it is to stay."""


def _machine() -> datetime:
    return datetime.now(UTC)


@dataclass
class Checkup:
    """Checks of a running service; none changes anything.

    `now`: the time that processes share; `machine`: this machine's own, which is looked at.
    """

    database: Database
    audit: AuditTrail
    folder: Path
    _: KW_ONLY
    now: Callable[[], datetime] = _machine
    machine: Callable[[], datetime] = _machine
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _kept: tuple[Finding, ...] = field(default=(), init=False)
    _good_until: float = field(default=0.0, init=False)

    async def ready(self) -> tuple[Finding, ...]:
        """Whether it can take work; asked by anybody, so made anew every two seconds at most."""
        async with self._lock:
            if time.monotonic() >= self._good_until:
                self._kept = await self._all(self.essential())
                self._good_until = time.monotonic() + _GOOD_FOR
            return self._kept

    async def whole(self) -> tuple[Finding, ...]:
        """The same and what else an operator wants to know."""
        more = {
            "durability": self._durability,
            "stuck units": self._stuck,
            "dead letters": self._dead,
        }
        return await self._all(self.essential() | more)

    def essential(self) -> dict[str, Callable[[], Awaitable[Finding]]]:
        """By name; the database first: without it the others of it are not made."""
        return {
            "database": self._reachable,
            "migrations": self._migrated,
            "clock": self._clock,
            "audit trail": self._audited,
            "audit anchor": self._anchored,
            "workers": self._workers,
        }

    async def _all(
        self, checks: dict[str, Callable[[], Awaitable[Finding]]]
    ) -> tuple[Finding, ...]:
        found = [disk(self.folder)]
        gone = False
        for name, check in checks.items():
            one = Finding(name, State.UNKNOWN, "the database cannot be used")
            if not gone:
                one = await _guarded(name, check)
            gone = gone or (name == "database" and one.state is State.FAILED)
            found.append(one)
        return tuple(found)

    async def _reachable(self) -> Finding:
        await self.database.read(answers)
        return Finding("database", State.OK, self.database.dialect)

    async def _migrated(self) -> Finding:
        found, wanted = await self.database.read(revision_of), newest_revision()
        if found == wanted:
            return Finding("migrations", State.OK, f"revision {found}")
        detail = f"the database is at revision {found}, this release needs {wanted}"
        return Finding("migrations", State.FAILED, detail, "hedui migrate, with the newest release")

    async def _clock(self) -> Finding:
        """The machine's own, against the database's, where that has one."""
        before = self.machine()
        told = await self.database.read(database_time)
        if told is None:
            return Finding("clock", State.OK, "the database goes by this machine's clock")
        middle = before + (self.machine() - before) / 2
        apart = abs((middle - told).total_seconds())
        detail = f"{apart:.1f} s off the database's"
        if apart > MOST_APART.total_seconds():
            return Finding("clock", State.FAILED, detail, "synchronise both machines by NTP")
        return Finding("clock", State.OK, detail)

    async def _audited(self) -> Finding:
        """Writes an entry and takes it back: without its trail nothing may be done."""

        def work(tx: sa.Connection) -> None:
            self.audit.append(
                tx, actor="hedui", action="checked", about=("checkup", ""), details={}
            )
            raise _Undone

        try:
            await self.database.write(work)
        except _Undone:
            return Finding("audit trail", State.OK, "can be written")
        return Finding("audit trail", State.UNKNOWN, "the entry was not tried")

    async def _anchored(self) -> Finding:
        """Whether heads leave for an anchor: without, nothing may be asked after some hours."""
        name, now = "audit anchor", self.now()
        since = await self.database.read(self.audit.waiting_since)
        if since is None or now - since < _ANCHORED_WITHIN:
            return Finding(name, State.OK, "what was done is anchored")
        hours = (now - since).total_seconds() / 3600
        detail = f"entries wait since {hours:.1f} h"
        remedy = "see HEDUI_AUDIT_ANCHOR and the log: audit_not_anchored"
        if is_overdue(since, now):
            return Finding(name, State.FAILED, f"{detail}: nothing is asked any more", remedy)
        return Finding(name, State.WARNING, detail, remedy)

    async def _workers(self) -> Finding:
        """No dead worker makes the interface unable to work: a warning, nothing more."""
        waits = await self.database.read(batches_wait)
        known = [one for one in await self.database.read(Workers().all) if one.kind == "worker"]
        alive = [one for one in known if self.now() - one.beat_at <= ALIVE]
        detail = f"{len(alive)} of {len(known)} alive"
        if waits and not alive:
            remedy = "start hedui worker"
            return Finding("workers", State.WARNING, f"{detail}, and batches wait", remedy)
        if len(alive) < len(known):
            return Finding("workers", State.WARNING, detail, "look into the log of the dead one")
        return Finding("workers", State.OK, detail)

    async def _durability(self) -> Finding:
        unsafe = await self.database.read(not_durable)
        if unsafe:
            detail = f"what was acknowledged may be lost: {', '.join(unsafe)}"
            return Finding("durability", State.FAILED, detail, "switch it on in the database")
        return Finding("durability", State.OK, "what is acknowledged has been synced")

    async def _stuck(self) -> Finding:
        now = self.now()
        stuck = await self.database.read(lambda tx: stuck_units(tx, now, unit_seconds_median(tx)))
        if not stuck:
            return Finding("stuck units", State.OK, "none")
        named = ", ".join(f"{batch} unit {number}" for batch, number in stuck[:3])
        detail = f"{len(stuck)} under way over ten times as long as others: {named}"
        return Finding("stuck units", State.WARNING, detail, "look at their worker and the sources")

    async def _dead(self) -> Finding:
        dead = await self.database.read(dead_letters)
        if dead == 0:
            return Finding("dead letters", State.OK, "none")
        remedy = "hedui events list --state dead; hedui events replay --dead"
        return Finding("dead letters", State.WARNING, f"{dead} notices given up", remedy)


async def _guarded(name: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await check()
    except StorageUnavailable as gone:
        return Finding(name, State.FAILED, str(gone), "start the database; see HEDUI_DATABASE_URL")
    except TimeoutError:
        return Finding(name, State.FAILED, f"no answer within {_PATIENCE:g} s", "see the database")
    except sa.exc.SQLAlchemyError as error:
        # Its text may quote values.
        return Finding(name, State.FAILED, type(error).__name__, "hedui migrate")


def disk(folder: Path) -> Finding:
    """Room in the data folder."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", State.FAILED, f"{folder}: {error.strerror}", "see HEDUI_DATA_DIR")
    detail = f"{free / 1024**3:.1f} GiB free"
    if free < _LEAST_FREE:
        return Finding("disk", State.FAILED, detail, "make room in the data folder")
    if free < _LITTLE_FREE:
        return Finding("disk", State.WARNING, detail, "make room in the data folder")
    return Finding("disk", State.OK, detail)
