"""Makes heads of the audit trail and takes them out of the database; without that, no query.

One process at a time does it, by a duty; two at once would do no harm: a head's number is unique.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa
import structlog

from app.audit.anchors import Anchor
from app.audit.chain import FIRST, mac_of
from app.audit.heads import FIRST_HEAD, SHA256, Signer, digest_of, hash_of, signed
from app.domain.errors import AuditBroken, AuditUnanchored, StorageUnavailable
from app.store.audit_entries import AuditEntries, AuditRow
from app.store.audit_heads import AuditHeads, Head
from app.store.session import Database

log = structlog.get_logger()
EVERY: Final = timedelta(seconds=60)
"""The longest that an entry is without a head."""
MOST: Final = 1_000
"""Entries of a head; of one that catches up, ten times as many."""
_FAR_BEHIND: Final = 10 * MOST
_ANCHORED_AT_ONCE: Final = 100
_AGAIN: Final = 5.0  # seconds
_GOODBYE: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What no head vouches for yet; `before`: the entry that the last head ends with."""

    last: Head | None
    before: bytes
    rows: Sequence[AuditRow]


@dataclass
class Anchoring:
    """One round after another."""

    database: Database
    entries: AuditEntries
    key: bytes = field(repr=False)
    signer: Signer
    anchors: Sequence[Anchor]
    _: KW_ONLY
    now: Callable[[], datetime]
    algorithm: str = SHA256
    heads: AuditHeads = field(default_factory=AuditHeads, init=False)
    _trouble: dict[str, str] = field(default_factory=dict, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _again_at: float = field(default=0.0, init=False)

    async def run(self) -> int:
        """A head where one is due, and all that wait for an anchor; gives how many were made."""
        async with self._turn:
            return await self._round()

    async def catch_up(self) -> None:
        """A round out of turn; after one in vain, not another one for some seconds."""
        async with self._turn:
            if time.monotonic() < self._again_at:
                return
            await self._round()
            self._again_at = time.monotonic() + _AGAIN if self._trouble else 0.0

    async def _round(self) -> int:
        made = await self._guarded("heads", self._make(at_once=False))
        for anchor in self.anchors:
            await self._guarded(anchor.name, self._put(anchor))
        return made

    async def finish(self) -> None:
        """At an orderly end: nothing is left without a head, if it can be had in a moment."""
        try:
            async with asyncio.timeout(_GOODBYE), self._turn:
                while await self._guarded("heads", self._make(at_once=True)):
                    continue
                for anchor in self.anchors:
                    await self._guarded(anchor.name, self._put(anchor))
        except (StorageUnavailable, TimeoutError) as error:
            log.warning("audit_not_anchored", kind="end", reason=type(error).__name__)

    async def _guarded(self, what: str, work: Awaitable[int]) -> int:
        """A fault is told once when it comes and once when it is over."""
        try:
            done = await work
        except (AuditBroken, AuditUnanchored) as error:
            if self._trouble.get(what) != str(error):
                self._trouble[what] = str(error)
                log.error("audit_not_anchored", kind=what, reason=str(error))
            return 0
        if self._trouble.pop(what, None) is not None:
            log.info("audit_anchored", kind=what)
        return done

    async def _make(self, *, at_once: bool) -> int:
        waiting = await self.database.read(lambda tx: self._waiting(tx, at_once=at_once))
        if not waiting.rows:
            return 0
        head = await asyncio.to_thread(self._unsigned, waiting)
        whole = await signed(head, self.signer)
        return int(await self.database.write(lambda tx: self.heads.add(tx, whole)))

    def _waiting(self, tx: sa.Connection, *, at_once: bool) -> _Waiting:
        last, end = self.heads.last(tx), self.entries.end(tx)
        position = 0 if last is None else last.position
        count = end.position - position
        if count <= 0:
            return _Waiting(last, FIRST, ())
        limit = MOST if count < _FAR_BEHIND else _FAR_BEHIND
        if count < MOST and not at_once:
            first = self.entries.after(tx, position, 1)
            if first and self.now() - first[0].at < EVERY:
                return _Waiting(last, FIRST, ())
        rows = self.entries.after(tx, max(position - 1, 0), limit + 1)
        if position == 0 and rows:
            return _Waiting(last, FIRST, rows[:limit])
        if not rows or rows[0].position != position:
            raise AuditBroken(f"entry {position}, which a head vouches for, is gone")
        if len(rows) == 1:
            raise AuditBroken(f"entries from {position + 1} on, which were written, are gone")
        return _Waiting(last, rows[0].mac, rows[1:])

    def _unsigned(self, waiting: _Waiting) -> Head:
        """Raises `AuditBroken` where an entry does not hold: nothing bent is vouched for."""
        last, rows = waiting.last, waiting.rows
        position, previous = (0 if last is None else last.position), waiting.before
        for row in rows:
            position += 1
            whole = row.position == position and hmac.compare_digest(row.previous, previous)
            if not whole or not hmac.compare_digest(row.mac, mac_of(self.key, row)):
                raise AuditBroken(f"entry {position} of the audit trail does not hold")
            previous = row.mac
        return Head(
            number=1 if last is None else last.number + 1,
            after=0 if last is None else last.number,
            position=position,
            entries=len(rows),
            hash=hash_of(rows, self.algorithm),
            previous=FIRST_HEAD if last is None else digest_of(last),
            at=self.now(),
            algorithm=self.algorithm,
        )

    async def _put(self, anchor: Anchor) -> int:
        if await anchor.is_empty():
            await self._put_again(anchor)
        heads = await self.database.read(
            lambda tx: self.heads.to_anchor(tx, anchor.name, _ANCHORED_AT_ONCE)
        )
        for head in heads:
            await self._put_one(anchor, head)
        return len(heads)

    async def _put_again(self, anchor: Anchor) -> None:
        """What it had is lost, as after a restore elsewhere: its heads from the first one on."""
        last = 0
        while True:
            some = await self.database.read(partial(self._taken, anchor=anchor, after=last))
            for head in some:
                await anchor.put(head)
            if not some:
                return
            last = some[-1].number

    def _taken(self, tx: sa.Connection, anchor: Anchor, after: int) -> Sequence[Head]:
        return self.heads.taken_by(tx, anchor.name, after, _ANCHORED_AT_ONCE)

    async def _put_one(self, anchor: Anchor, head: Head) -> None:
        receipt = await anchor.put(head)
        at = self.now()

        def work(tx: sa.Connection) -> None:
            self.heads.taken(tx, anchor.name, head.number, at=at, receipt=receipt)
            self.entries.anchored(tx, self.heads.anchored_to(tx))

        await self.database.write(work)
