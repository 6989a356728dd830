"""Batches received, started, paused, resumed, cancelled; each change with its audit entry."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import IO, Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import AuditTrail
from app.domain.errors import Conflict
from app.domain.household import VerificationRequest
from app.domain.suspension import SuspensionReason
from app.store.batch_results import BatchResults
from app.store.batch_rosters import BatchRosters, NewHousehold, Sums
from app.store.batches import HELD, OPEN_STATUSES, Batches, BatchKey, NewBatch, StoredBatch
from app.store.scope import Crossing, across
from app.store.session import Database
from app.store.verifications import StoredVerification
from app.verification.persist import Shelf

PART: Final = 1024 * 1024
"""Bytes of a roster that are sealed together."""
_RECEIVING: Final = timedelta(minutes=2)
"""From one part of a file to the next; then it has broken off."""
_PAGE: Final = 500
_CANCELLED_AT_ONCE: Final = 50
_CANCELLED_AT_CALL: Final = 4  # pages; the rest is a worker's


End = Callable[[sa.Connection, StoredVerification, str], None]
"""Ends a verification that is still open, for a reason that its suspension report tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Use cases over batches."""

    database: Database
    shelf: Shelf
    end: End
    batches: Batches
    rosters: BatchRosters
    results: BatchResults
    audit: AuditTrail
    now: Callable[[], datetime]

    async def receive(self, new: NewBatch, key: str, terms: bytes, roster: IO[bytes]) -> str:
        """Store the file, sealed, to be read; the same key with the same file gives its batch.

        `terms` tells what was asked for besides the file. Raises `KeyReused`, and `Conflict` while
        the same file is coming in elsewhere.
        """
        digest = await asyncio.to_thread(_digest, roster, terms)
        bound = BatchKey(key, digest)
        until = self.now() + _RECEIVING
        there = await self.database.write(
            lambda tx: self.batches.claim(tx, new, bound, until=until)
        )
        if there is not None:
            return await self._there(there)
        where = (new.id, new.region)
        roster.seek(0)
        for part, data in enumerate(iter(partial(roster.read, PART), b"")):
            until = self.now() + _RECEIVING
            await self.database.write(
                partial(self._part, where=(*where, part), data=data, until=until)
            )
        await self.database.write(lambda tx: self._received(tx, new))
        return new.id

    async def _there(self, id_: str) -> str:
        if await self.database.read(lambda tx: self.batches.is_receiving(tx, id_)):
            raise Conflict("a file under this Idempotency-Key is coming in just now")
        return id_

    def _part(
        self, tx: sa.Connection, *, where: tuple[str, str, int], data: bytes, until: datetime
    ) -> None:
        """`where`: the batch, its region, the part's number."""
        self.rosters.prolong(tx, where[0], until)
        self.rosters.add_part(tx, where[:2], where[2], data)

    def _received(self, tx: sa.Connection, new: NewBatch) -> None:
        self.rosters.received(tx, new.id)
        self._accepted(tx, new)

    def _accepted(self, tx: sa.Connection, new: NewBatch, **more: str) -> None:
        details = {"origin": new.origin, "purpose": new.purpose.value, **more}
        self.audit.append(
            tx,
            actor=new.client_id,
            action="batch_accepted",
            about=(new.id, new.region),
            details=details,
        )

    def create_from_households(
        self,
        tx: sa.Connection,
        new: NewBatch,
        households: Iterable[tuple[str, VerificationRequest]],
    ) -> int:
        """A batch of recipients (id, request), running at once; gives how many they are."""
        self.batches.add(tx, new, "running")
        position = 0
        for page in _pages(households):
            rows = [
                NewHousehold(position=position + place, request=request, recipient_id=id_)
                for place, (id_, request) in enumerate(page)
            ]
            self.rosters.add_households(tx, new.id, rows)
            position += len(rows)
        sums = Sums(format=new.format, rows=position, rejected_rows=0, households=position)
        self.rosters.start(tx, (new.id, new.region), sums, new.created_at)
        self._accepted(tx, new, households=str(position))
        return position

    async def pause(self, id_: str, who: Caller) -> StoredBatch:
        """No unit is begun any more; those under way are ended, and answers still taken in."""
        return await self._move(id_, who, "paused", ("running",))

    async def resume(self, id_: str, who: Caller) -> StoredBatch:
        return await self._move(id_, who, "running", ("paused",))

    async def confirm(self, id_: str, who: Caller) -> StoredBatch:
        """What was held, once it was read and looked at, begins."""
        return await self._move(id_, who, "running", HELD)

    async def cancel(self, id_: str, who: Caller) -> StoredBatch:
        """Nothing more is asked; what is done stays. A worker ends what is open."""
        cancelled = await self._move(id_, who, "cancelled", OPEN_STATUSES)
        with across(Crossing.CANCELLED_BATCHES):
            for _ in range(_CANCELLED_AT_CALL):
                if not await self.cancel_due():
                    break
        return cancelled

    async def _move(
        self, id_: str, who: Caller, status: str, only_from: tuple[str, ...]
    ) -> StoredBatch:
        def work(tx: sa.Connection) -> StoredBatch:
            found = self.batches.get(tx, id_, region=who.region)
            if not self.batches.set_status(tx, id_, status, only_from=only_from, now=self.now()):
                raise Conflict(f"the batch is {found.status}, not {_words(only_from)}")
            self.audit.append(
                tx,
                actor=who.actor,
                action=_action(status, only_from),
                about=(found.id, found.region),
                details={"before": found.status},
            )
            return self.batches.get(tx, id_, region=who.region)

        return await self.database.write(work)

    async def cancel_due(self) -> int:
        """Some open households of cancelled batches; gives how many there were."""
        return await self.database.write(self._cancel_some)

    def _cancel_some(self, tx: sa.Connection) -> int:
        ids = self.results.open_of_cancelled(tx, _CANCELLED_AT_ONCE)
        if not ids:
            return 0
        for verification in self.shelf.verifications.get_many(tx, ids).values():
            self.end(tx, verification, SuspensionReason.BATCH_CANCELLED.value)
        self.results.cancelled(tx, ids, self.now())
        return len(ids)


def _digest(roster: IO[bytes], terms: bytes) -> str:
    roster.seek(0)
    digest = sha256(terms)
    for data in iter(partial(roster.read, PART), b""):
        digest.update(data)
    return digest.hexdigest()


def _pages(
    households: Iterable[tuple[str, VerificationRequest]],
) -> Iterator[list[tuple[str, VerificationRequest]]]:
    some = iter(households)
    return iter(lambda: list(islice(some, _PAGE)), [])


def _action(status: str, only_from: tuple[str, ...]) -> str:
    if status == "running":
        return "batch_confirmed" if only_from == HELD else "batch_resumed"
    return f"batch_{status}"


def _words(statuses: tuple[str, ...]) -> str:
    return " or ".join(statuses)
