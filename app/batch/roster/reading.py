"""Reads received rosters, durably: by lease, in pages, from the start where it broke off."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import sqlalchemy as sa
import structlog

from app.audit.chain import AuditTrail
from app.batch.roster.bounds import Failure, Unusable
from app.batch.roster.households import Households, InForce, Taken, Terms
from app.batch.roster.persons import RowError
from app.batch.roster.process import End, Page, Reading, RosterNotRead, reading
from app.batch.roster.words import WORDS
from app.store.batch_rosters import (
    BatchRosters,
    Lease,
    LeaseLost,
    NewHousehold,
    StoredRowError,
    Sums,
)
from app.store.batches import Batches, StoredBatch
from app.store.clients import Clients
from app.store.session import Database

log = structlog.get_logger()
LEASE: Final = timedelta(minutes=15)
"""As long as a child may think about its first page; renewed with every page."""
_CROWD: Final = "household.too_large"
_ERRORS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is stored so far."""

    households: int = 0
    errors: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReading:
    """`read_due` is a round of a worker's loop."""

    database: Database
    batches: Batches
    rosters: BatchRosters
    clients: Clients
    audit: AuditTrail
    names: Callable[[], Mapping[str, str]]  # programmes by key and Chinese name
    in_force: InForce
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    folder: Path  # for files without names, gone with the process

    async def read_due(self) -> int:
        """The oldest roster that nobody reads, to its end; gives how many there were."""
        now = self.now()
        reader = self.new_id("rr")
        lease = await self.database.write(
            lambda tx: self.rosters.take(tx, reader, now=now, until=now + LEASE)
        )
        if lease is None:
            await self.database.write(lambda tx: self.rosters.sweep(tx, now))
            return 0
        try:
            await self._read(lease)
        except LeaseLost:
            log.info("roster_not_read", reason="cancelled or taken over")
        except RosterNotRead as error:
            log.error("roster_not_read", reason=str(error))
            raise
        return 1

    async def _read(self, lease: Lease) -> None:
        batch = await self.database.read(
            lambda tx: self.batches.get(tx, lease.batch_id, region=lease.region)
        )
        await self._start_anew(lease)
        terms = Terms(
            region=batch.region,
            purpose=batch.purpose,
            as_of=batch.as_of,
            programmes=batch.programmes,
            allowed=await self._allowed(batch),
        )
        households = Households(terms, self.names(), self.in_force)
        try:
            async with self._opened(lease) as roster, reading(roster, self.folder) as child:
                kept, end = await self._pages(lease, child, households)
        except Unusable as unusable:
            failure = unusable.failure
            await self.database.write(lambda tx: self._failed(tx, lease, batch, failure))
        else:
            await self.database.write(lambda tx: self._ended(tx, lease, kept, end))

    async def _allowed(self, batch: StoredBatch) -> tuple[str, ...]:
        """The programmes of the client as it stands now; a command is nobody's client."""
        client = await self.database.read(lambda tx: self.clients.get(tx, batch.client_id))
        return () if client is None else client.programmes

    async def _start_anew(self, lease: Lease) -> None:
        """Nothing of an earlier reading stays: rules may have changed since, and places with them.

        Nobody has worked on it: there are no units before a roster is read.
        """
        gone = 1
        while gone:
            gone = await self.database.write(lambda tx: self._forget(tx, lease))

    def _forget(self, tx: sa.Connection, lease: Lease) -> int:
        self.rosters.hold(tx, lease, self.now() + LEASE)
        return self.rosters.forget_some(tx, lease.batch_id)

    @asynccontextmanager
    async def _opened(self, lease: Lease) -> AsyncIterator[IO[bytes]]:
        """The file in the clear, without a name, for as long as it is read."""
        with TemporaryFile(dir=self.folder) as file:
            for part in count():
                read = partial(self.rosters.part, batch_id=lease.batch_id, part=part)
                data = await self.database.read(read)
                if data is None:
                    break
                await asyncio.to_thread(file.write, data)
            await asyncio.to_thread(file.flush)
            yield file

    async def _pages(
        self, lease: Lease, child: Reading, households: Households
    ) -> tuple[_Kept, End]:
        kept = _Kept()
        while True:
            said = await child.next()
            if isinstance(said, End):
                return kept, said
            taken = await asyncio.to_thread(taken_of, households, said)
            kept = await self._keep(lease, kept, taken)

    async def _keep(self, lease: Lease, kept: _Kept, taken: Sequence[Taken]) -> _Kept:
        new = [one.household for one in taken if one.household is not None]
        errors = [error for one in taken for error in one.errors]
        rows = [
            NewHousehold(position=position, request=one.request, first_row=one.rows[0])
            for position, one in enumerate(new, start=kept.households)
        ]
        stored = _numbered(errors, kept.errors)

        def work(tx: sa.Connection) -> None:
            self.rosters.hold(tx, lease, self.now() + LEASE)
            self.rosters.add_households(tx, lease.batch_id, rows)
            self.rosters.add_errors(tx, (lease.batch_id, lease.region), stored[:_ERRORS_AT_ONCE])

        await self.database.write(work)
        for first in range(_ERRORS_AT_ONCE, len(stored), _ERRORS_AT_ONCE):
            await self._keep_errors(lease, stored[first : first + _ERRORS_AT_ONCE])
        return replace(
            kept,
            households=kept.households + len(new),
            errors=kept.errors + len(errors),
            rejected=kept.rejected + sum(one.rejected for one in taken),
        )

    async def _keep_errors(self, lease: Lease, errors: Sequence[StoredRowError]) -> None:
        def work(tx: sa.Connection) -> None:
            self.rosters.hold(tx, lease, self.now() + LEASE)
            self.rosters.add_errors(tx, (lease.batch_id, lease.region), errors)

        await self.database.write(work)

    def _ended(self, tx: sa.Connection, lease: Lease, kept: _Kept, end: End) -> None:
        now = self.now()
        self.rosters.hold(tx, lease, now + LEASE)
        sums = Sums(
            format=end.format,
            rows=end.rows,
            rejected_rows=kept.rejected,
            households=kept.households,
            columns=end.columns,
        )
        self.rosters.start(tx, (lease.batch_id, lease.region), sums, now)
        self._tell(
            tx,
            lease,
            rows=str(sums.rows),
            rejected=str(sums.rejected_rows),
            households=str(sums.households),
        )

    def _failed(
        self, tx: sa.Connection, lease: Lease, batch: StoredBatch, failure: Failure
    ) -> None:
        now = self.now()
        self.rosters.hold(tx, lease, now + LEASE)
        sums = Sums(format=batch.format, rows=0, rejected_rows=0, households=0)
        self.rosters.failed(tx, lease.batch_id, sums, failure.value, now)
        self._tell(tx, lease, failure=failure.value)

    def _tell(self, tx: sa.Connection, lease: Lease, **details: str) -> None:
        self.audit.append(
            tx,
            actor="roster reader",
            action="batch_read",
            about=(lease.batch_id, lease.region),
            details=details,
        )


def taken_of(households: Households, page: Page) -> list[Taken]:
    """What comes of each case of a page."""
    taken = [households.read(rows) for rows in page.households]
    for numbers in page.crowds:
        words = WORDS[_CROWD]
        errors = tuple(RowError(row, "case_reference", _CROWD, words) for row in numbers)
        taken.append(Taken(None, errors))
    return taken


def _numbered(errors: Sequence[RowError], first: int) -> list[StoredRowError]:
    return [
        StoredRowError(
            number=first + place,
            row=error.row,
            column=error.column,
            code=error.code,
            detail=error.detail,
        )
        for place, error in enumerate(errors)
    ]
