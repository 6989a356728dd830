"""This process's part of what each source bears: paces and slots that all processes share."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.store.session import Database
from app.store.source_pace import Block, Share, SourcePace
from connectors.transport.limits import Limits

INTERACTIVE: Final = "interactive"
BATCH: Final = "batch"
"""Lanes: single verifications that somebody waits for, and batches."""
_BURST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where shares are kept, and for whom this process takes its own."""

    database: Database
    pace: SourcePace
    holder: str
    lane: str
    now: Callable[[], datetime]


def lanes_of(source: str, rate: float, share: float, lane: str) -> tuple[Block, ...]:
    """The lanes that may be used, one start each.

    A single verification has its own, which may begin with a burst, and that of the batches.
    Together they start at most `rate` calls in any second: share + burst of it + the rest.
    """
    batch = Block(
        source=source,
        lane=BATCH,
        starts=1,
        interval=timedelta(seconds=1 / (rate * (1 - 2 * share))) if share < 0.5 else _BURST,
        burst=timedelta(0),
    )
    if lane == BATCH or share == 0:
        return (batch,)
    own = Block(
        source=source,
        lane=INTERACTIVE,
        starts=1,
        interval=timedelta(seconds=1 / (rate * share)),
        burst=_BURST,
    )
    return (own, batch)


class SharedPace:
    """Starts taken from the books, as many together as wait here."""

    def __init__(self, books: Books, source: str, limits: Limits) -> None:
        assert limits.rate is not None  # noqa: S101 - without a rate there is no pace
        self._books = books
        self._lanes = lanes_of(source, limits.rate, limits.interactive_share, books.lane)
        self._most = max(1, math.ceil(limits.rate / 2))
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._starts: deque[datetime] = deque()

    async def wait(self) -> None:
        self._waiting += 1
        try:
            async with self._turn:
                if not self._starts:
                    await self._take()
                start = self._starts.popleft()
        finally:
            self._waiting -= 1
        pause = (start - self._books.now()).total_seconds()
        if pause > 0:
            await asyncio.sleep(pause)

    async def _take(self) -> None:
        books = self._books
        # One by one where two lanes may serve: each goes where it is soonest.
        count = 1 if len(self._lanes) > 1 else min(self._most, max(1, self._waiting))

        def take(tx: sa.Connection) -> list[datetime]:
            block = self._lanes[0]
            if len(self._lanes) > 1:
                return [books.pace.take(tx, self._lanes, books.now())]
            many = Block(
                source=block.source,
                lane=block.lane,
                starts=count,
                interval=block.interval,
                burst=block.burst,
            )
            first = books.pace.take(tx, (many,), books.now())
            return [first + block.interval * place for place in range(count)]

        self._starts.extend(await books.database.write(take))


@dataclass(eq=False)
class SharedSlots:
    """A semaphore whose size is this process's share; `renew` tells it anew."""

    limits: Limits
    size: int = 0
    in_use: int = 0
    renewed: "Callable[[], None]" = lambda: None
    _waiting: deque["asyncio.Future[None]"] = field(default_factory=deque)

    @property
    def wanted(self) -> int:
        return self.in_use + len(self._waiting)

    @property
    def bounds(self) -> tuple[int, int]:
        """All calls at once that the source bears, and those kept for single verifications."""
        everything = self.limits.concurrency
        if everything == 1 or self.limits.interactive_share == 0:
            return everything, 0
        return everything, max(1, round(everything * self.limits.interactive_share))

    async def acquire(self) -> None:
        if self.in_use < self.size and not self._waiting:
            self.in_use += 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        if self.size == 0:
            self.renewed()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.release()
            raise

    def release(self) -> None:
        self.in_use -= 1
        self._admit()

    def resize(self, size: int) -> None:
        self.size = size
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_use < self.size:
            future = self._waiting.popleft()
            if not future.done():
                self.in_use += 1
                future.set_result(None)


class ShareKeeper:
    """Renews this process's shares of all sources, in one transaction."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._slots: dict[str, SharedSlots] = {}
        self._asked = asyncio.Event()
        self._ended = False

    def slots(self, source: str, limits: Limits) -> SharedSlots:
        self._slots[source] = SharedSlots(limits, renewed=self._asked.set)
        return self._slots[source]

    async def keep(self, pause: float) -> None:
        """Renew until the end: every so often, and at once when somebody has no share at all.

        Raises `StorageUnavailable`; begin again then.
        """
        while not self._ended:
            self._asked.clear()
            await self.renew()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._asked.wait()

    def end(self) -> None:
        """The round under way is the last."""
        self._ended = True
        self._asked.set()

    async def renew(self) -> None:
        """Raises `StorageUnavailable`; the shares stay as they were until their lease ends."""
        wanted = {name: one.wanted for name, one in self._slots.items()}
        if not wanted:
            return
        sizes = await self._books.database.write(lambda tx: self._shares(tx, wanted))
        for name, size in sizes.items():
            self._slots[name].resize(size)

    def _shares(self, tx: sa.Connection, wanted: Mapping[str, int]) -> dict[str, int]:
        books, now, sizes = self._books, self._books.now(), {}
        for name in sorted(wanted):
            slots = self._slots[name]
            if wanted[name] == 0 and books.lane == BATCH:
                if slots.size:
                    books.pace.give_back(tx, name, books.holder)
                sizes[name] = 0
                continue
            asked = Share(source=name, holder=books.holder, lane=books.lane, wanted=wanted[name])
            sizes[name] = books.pace.share(tx, asked, slots.bounds, now)
        return sizes
