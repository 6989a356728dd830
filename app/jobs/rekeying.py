"""The duty that brings what is stored to the newest data keys, a page at a time.

Each page is a transaction with its own progress in it: whoever dies is followed by whoever comes
next. A round goes through all of a table; the first one that finds nothing to change, and began
when every process sealed with the newest key for sure, is the last. Then the older keys are unused.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from app.store.crypto import FieldCipher
from app.store.data_keys import KeyPurpose, KeyState, StoredKey, all_keys, mark_unused
from app.store.reindexing import WORKS, Indexing, IndexWork, stands_still
from app.store.rekeying import (
    CipherOf,
    Page,
    Progress,
    Resealing,
    keep_progress,
    progress_of,
    reseal,
)
from app.store.sealed_columns import SealedTable, sealed_tables
from app.store.session import Database
from app.store.stored_keys import STALE_AFTER, StoredKeys

log = structlog.get_logger()
SETTLED_AFTER: Final = timedelta(seconds=2 * STALE_AFTER)
"""After a key came: by then every process seals with it, or not at all."""
_TRIED_AGAIN_AFTER: Final = timedelta(minutes=10)
"""Where nothing was left but what does not open."""
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class _Work:
    """One table's cells, or some indexes; `purpose` and `columns` say whose keys they wait for."""

    name: str
    purpose: KeyPurpose
    columns: tuple[str, ...]
    page: Callable[[sa.Connection, str], Page]

    def keys(self, rows: Iterable[StoredKey], *states: KeyState) -> list[StoredKey]:
        return [
            one
            for one in rows
            if one.purpose is self.purpose and one.column in self.columns and one.state in states
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeying:
    """One process at a time does it; others go on working."""

    database: Database
    keys: StoredKeys
    cipher: FieldCipher
    now: Callable[[], datetime]
    cipher_of: CipherOf
    page_size: int = _PAGE

    async def run(self) -> int:
        """One page, where there is one to do; gives how much there was."""
        if not any(one.state is KeyState.RETIRED for one in self.keys.rows):
            return 0
        await self.keys.look(self.database)
        page = await self.database.write(self._some)
        if page.broken:
            log.warning("cells_do_not_open", count=page.broken)
        return page.changed

    def _some(self, tx: sa.Connection) -> Page:
        rows, progress = all_keys(tx), progress_of(tx)
        if rows != self.keys.rows:
            return Page(None, 1)  # somebody rotates at this moment: looked at anew
        for work in self._works():
            if not work.keys(rows, KeyState.RETIRED):
                continue
            one = self._standing(work, rows, progress.get(work.name))
            progress[work.name] = one
            if one.done_at is None and one.began_at <= self.now():
                page = work.page(tx, one.position)
                one = self._after(one, page, _settled(work, rows))
                keep_progress(tx, one)
                return replace(page, changed=page.changed or int(one.began_at <= self.now()))
        self._end(tx, rows, progress)
        return Page(None, 0)

    def _standing(self, work: _Work, rows: Sequence[StoredKey], there: Progress | None) -> Progress:
        """Where the work stands; it begins anew where another key has come since."""
        target = "+".join(sorted(one.id for one in work.keys(rows, KeyState.ACTIVE)))
        if there is not None and there.target == target:
            return there
        return Progress(work=work.name, target=target, began_at=self.now())

    def _after(self, one: Progress, page: Page, settled: datetime) -> Progress:
        """In the middle of a round, at the beginning of the next one, or done."""
        one = replace(
            one,
            changed=one.changed + page.changed,
            broken=one.broken + page.broken,
            total=one.total + page.changed,
        )
        if page.after is not None:
            return replace(one, position=page.after)
        now = self.now()
        if one.changed:
            again = now
        elif one.broken:
            again = now + _TRIED_AGAIN_AFTER
        elif one.began_at < settled:
            again = max(now, settled)
        else:
            return replace(one, position="", done_at=now)
        return replace(one, position="", began_at=again, changed=0, broken=0)

    def _end(
        self, tx: sa.Connection, rows: Sequence[StoredKey], progress: dict[str, Progress]
    ) -> None:
        """Keys whose last round is over are unused, but for those under which rows must stay."""
        works = self._works()
        unused = []
        for key in rows:
            if key.state is not KeyState.RETIRED:
                continue
            its = [one for one in works if key in one.keys([key], KeyState.RETIRED)]
            over = [one.name in progress and progress[one.name].done_at for one in its]
            if its and all(over) and not stands_still(tx, key.column, key.until_at):
                unused.append(key.id)
        if unused:
            mark_unused(tx, unused)
            log.info("keys_unused", count=len(unused))

    def _works(self) -> tuple[_Work, ...]:
        resealing = Resealing(self.keys.current().active, self.cipher_of)
        indexing = Indexing(self.cipher, self.cipher_of)
        return (
            *(self._cells(table, resealing) for table in sealed_tables()),
            *(self._indexes(one, indexing) for one in WORKS),
        )

    def _cells(self, of: SealedTable, given: Resealing) -> _Work:
        def page(tx: sa.Connection, after: str) -> Page:
            return reseal(tx, of, after, given, self.page_size)

        return _Work(f"cells:{of.name}", KeyPurpose.FIELD, ("",), page)

    def _indexes(self, one: IndexWork, given: Indexing) -> _Work:
        def page(tx: sa.Connection, after: str) -> Page:
            return one.page(tx, after, given, self.page_size)

        return _Work(one.name, KeyPurpose.INDEX, one.columns, page)


def _settled(work: _Work, rows: Sequence[StoredKey]) -> datetime:
    """From then on every process seals with the newest keys, whatever held it up."""
    return max(one.from_at for one in work.keys(rows, KeyState.ACTIVE)) + SETTLED_AFTER
