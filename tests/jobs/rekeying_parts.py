"""A database with cells in every sealed column, processes that use it, and the duty over it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.jobs.rekeying import Rekeying
from app.store.base import Instant
from app.store.crypto import FieldCipher
from app.store.crypto.key_store import LocalKeyStore
from app.store.crypto.suites import AES_256_GCM, Suite
from app.store.data_keys import StoredKey, all_keys
from app.store.key_making import Maker
from app.store.sealed_columns import SealedTable, key_ids, sealed_tables
from app.store.session import Database, connect
from app.store.stored_keys import StoredKeys, opened
from app.store.subject_ciphers import by_subject
from tests.new_databases import brought_up
from tests.service_parts import NOON, Clock

MASTER = bytes(range(32))
BY_STORES = ("verification", "recipient", "report")
"""Tables whose rows must hold what the stores put there: indexes are made anew from it."""


@dataclass
class Town:
    """One database; `clock` is everybody's, and the uptime of every process."""

    url: str
    suite: Suite = AES_256_GCM
    clock: Clock = field(default_factory=Clock)

    def begin(self) -> None:
        brought_up(self.url)
        with opened(self.url, writing=True) as tx:
            self.maker().begin(tx)

    def maker(self, suite: Suite | None = None) -> Maker:
        store = LocalKeyStore(MASTER, self.suite)
        return Maker(store, suite or self.suite, MASTER, self.clock())

    def keys(self) -> StoredKeys:
        """As a process has them that starts now."""
        store = LocalKeyStore(MASTER, self.suite)
        return StoredKeys(self.url, store, uptime=self._uptime)

    def _uptime(self) -> float:
        return (self.clock() - NOON).total_seconds()

    def rotate(self, suite: Suite | None = None) -> StoredKey:
        with opened(self.url, writing=True) as tx:
            return self.maker(suite).rotate_field(tx)

    def rows(self) -> list[StoredKey]:
        with opened(self.url) as tx:
            return all_keys(tx)

    def key_ids(self) -> set[str]:
        """Of all cells."""
        with opened(self.url) as tx:
            return {id_ for found in key_ids(tx).values() for id_ in found}

    @asynccontextmanager
    async def duty(self, **changes: Any) -> AsyncIterator[Rekeying]:
        """In a process of its own: its keys, its connections."""
        database = changes.pop("database", None) or connect(self.url)
        keys = self.keys()
        cipher = FieldCipher(keys)
        given = {"cipher_of": by_subject(cipher), "page_size": 7, **changes}
        try:
            yield Rekeying(database=database, keys=keys, cipher=cipher, now=self.clock, **given)
        finally:
            await database.aclose()

    async def finish(self, **changes: Any) -> int:
        """Until nothing is left to do, the minute included in which others may be held up."""
        pages = 0
        async with self.duty(**changes) as duty:
            for _ in range(3):
                while await duty.run():
                    pages += 1
                self.clock.forward(seconds=61)
        return pages


def fill(town: Town, rows: int = 9, first: int = 0) -> dict[tuple[str, str, str], bytes]:
    """So many rows in every table with sealed cells; gives what stands in each cell."""
    cipher = FieldCipher(town.keys())
    kept: dict[tuple[str, str, str], bytes] = {}
    with opened(town.url, writing=True) as tx:
        for of in sealed_tables():
            if of.name in BY_STORES:
                continue
            for number in range(first, first + rows):
                row = dict(_plain_values(of, number))
                for name in of.columns:
                    cell = of.cell(name, row)  # type: ignore[arg-type]
                    kept[of.name, name, cell.row] = f"{of.name} {name} {number}".encode()
                    row[name] = cipher.seal(cell, kept[of.name, name, cell.row])
                tx.execute(of.table.insert(), row)
    return kept


def _plain_values(of: SealedTable, number: int) -> Iterator[tuple[str, Any]]:
    for column in of.table.c:
        if column.name not in of.columns and (column.primary_key or not column.nullable):
            yield column.name, _value(column, number)


def _value(column: "sa.Column[Any]", number: int) -> Any:
    match column.type:
        case Instant():
            return NOON
        case sa.Date():
            return date(2026, 11, 24)
        case sa.Boolean():
            return False
        case sa.Integer() | sa.Float():
            return number
        case sa.LargeBinary():
            return f"{column.name}{number}".encode()
        case _:
            return f"{column.name}{number}"[: column.type.length or 40]  # type: ignore[attr-defined]


def opens(town: Town, kept: dict[tuple[str, str, str], bytes]) -> int:
    """How many cells there are, each of which opens in a process that starts now."""
    cipher = FieldCipher(town.keys())
    count = 0
    with opened(town.url) as tx:
        for of in sealed_tables():
            for row in tx.execute(sa.select(of.table)).mappings():
                for name in of.columns:
                    if not row[name]:
                        continue
                    cell = of.cell(name, row)
                    value = cipher.open(cell, bytes(row[name]))
                    assert value == kept.get((of.name, name, cell.row), value), cell
                    count += 1
    return count


class Stopped(Exception):  # noqa: N818
    """The process is gone, here of all places."""


@dataclass
class Dying:
    """A database whose process ends at its n-th transaction: in the midst, or just after it."""

    database: Database
    left: int
    committed: bool

    @property
    def dialect(self) -> str:
        return self.database.dialect

    async def read(self, work: Any) -> Any:
        return await self.database.read(work)

    async def write(self, work: Any) -> Any:
        self.left -= 1
        if self.left > 0:
            return await self.database.write(work)
        if self.committed:
            await self.database.write(work)
            raise Stopped

        def broken_off(tx: sa.Connection) -> None:
            work(tx)
            raise Stopped

        await self.database.write(broken_off)
        return None

    async def aclose(self) -> None:
        await self.database.aclose()
