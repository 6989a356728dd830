"""The keys of a running process: read from the table, unwrapped once each, looked at again.

Whoever seals has seen the table within half a minute, or looks before it seals: a key that is
retired seals nothing any more a minute later, in any process, however long one was held up.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.errors import ConfigurationError, StorageUnavailable
from app.store.crypto.key_store import KeyStore
from app.store.crypto.keyring import FieldKey, IndexKey, Keyring
from app.store.crypto.suites import suite_of
from app.store.data_keys import KeyPurpose, KeyState, StoredKey, all_keys
from app.store.migrate import transaction
from app.store.session import Database

STALE_AFTER: Final = 30.0
"""Seconds after a look at the table."""
_ASKED_AGAIN_AFTER: Final = 5.0
"""Seconds until a key id that nobody knows is looked for once more."""


def _uptime() -> float:
    """Seconds that go on while the machine sleeps, whatever the clock is set to."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class StoredKeys:
    """All data keys of one database; safe to be used from several threads."""

    def __init__(
        self, url: str | None, store: KeyStore, *, uptime: Callable[[], float] = _uptime
    ) -> None:
        """Without a URL they are what they are once taken."""
        self.store = store
        self._url = url
        self._uptime = uptime
        self._lock = threading.Lock()
        self._unwrapped: dict[str, bytes] = {}
        self._sought: dict[bytes, float] = {}
        self._seen = 0.0
        self._rows: list[StoredKey] = []
        self._ring: Keyring | None = None

    @classmethod
    def fixed(cls, rows: list[StoredKey], store: KeyStore) -> "StoredKeys":
        """Of a copy that nobody works on."""
        keys = cls(None, store)
        keys.take(rows, 0.0)
        return keys

    def current(self) -> Keyring:
        if self._ring is None or self._uptime() - self._seen > STALE_AFTER:
            return self.look_now()
        return self._ring

    def seen_anew(self, key_id: bytes) -> Keyring:
        now = self._uptime()
        if now - self._sought.get(key_id, -_ASKED_AGAIN_AFTER) < _ASKED_AGAIN_AFTER:
            return self.current()
        ring = self.look_now()
        if key_id not in ring.opening:
            self._sought = {key_id: now}
        return ring

    @property
    def rows(self) -> Sequence[StoredKey]:
        """As they were seen last, the newest first."""
        self.current()
        return self._rows

    @property
    def service(self) -> bytes:
        """The secret that keys of tokens, notices and backups are derived from."""
        self.current()
        [row] = [one for one in self._rows if _is_active(one, KeyPurpose.SERVICE)]
        return self._key_of(row)

    def look_now(self) -> Keyring:
        """On a connection of its own: a transaction may be under way."""
        at = self._uptime()
        if self._url is None:
            return self.take(self._rows, at)
        with opened(self._url) as tx:
            rows = all_keys(tx)
        return self.take(rows, at)

    async def look(self, database: Database) -> None:
        """What others changed is known from now on."""
        at = self._uptime()
        self.take(await database.read(all_keys), at)

    def take(self, rows: list[StoredKey], at: float) -> Keyring:
        """As they stood after that moment. Raises `ConfigurationError` where one does not unwrap.

        A look that was overtaken by a later one changes nothing.
        """
        with self._lock:
            if self._ring is not None and at < self._seen:
                return self._ring
            if self._ring is None or rows != self._rows:
                self._ring = self._ring_of(rows)
                self._rows = rows
            self._seen = at
            return self._ring

    def _ring_of(self, rows: Sequence[StoredKey]) -> Keyring:
        there = [one for one in rows if one.state is not KeyState.DESTROYED]
        fields = [one for one in there if one.purpose is KeyPurpose.FIELD]
        active = [one for one in fields if one.state is KeyState.ACTIVE]
        if len(active) != 1:
            raise ConfigurationError(
                f"{len(active)} active data keys where there must be one: was the table data_key "
                "changed by hand? Restore it from a backup"
            )
        used = [one for one in there if one.state is not KeyState.UNUSED]
        indexes = [one for one in used if one.purpose is KeyPurpose.INDEX]
        indexes.sort(key=lambda one: one.state is not KeyState.ACTIVE)  # stable: the newest first
        return Keyring.of(
            self._field_key(active[0]),
            [self._field_key(one) for one in fields if one.state is not KeyState.ACTIVE],
            [self._index_key(one) for one in indexes],
        )

    def _field_key(self, row: StoredKey) -> FieldKey:
        return FieldKey(self._key_of(row), suite_of(row.suite))

    def _index_key(self, row: StoredKey) -> IndexKey:
        return IndexKey(row.column, self._key_of(row), suite_of(row.suite), row.form)

    def _key_of(self, row: StoredKey) -> bytes:
        if row.id not in self._unwrapped:
            self._unwrapped[row.id] = unwrapped(row, self.store)
        return self._unwrapped[row.id]


def unwrapped(row: StoredKey, store: KeyStore) -> bytes:
    """Raises `ConfigurationError` where another key wrapped it."""
    try:
        return store.unwrap(row.wrapped, row.context)
    except ConfigurationError as error:
        if row.wrapped_by == store.id:
            raise
        raise ConfigurationError(
            f"the master key ({store.id}) is not the one that wraps the keys of this database "
            f"({row.wrapped_by}); set HEDUI_KEY_FILE or HEDUI_KEY_SOURCE to it ({error})"
        ) from None


def _is_active(row: StoredKey, purpose: KeyPurpose) -> bool:
    return row.purpose is purpose and row.state is KeyState.ACTIVE


@contextmanager
def opened(url: str, *, writing: bool = False) -> Iterator[sa.Connection]:
    """One short transaction on a connection of its own; committed where it writes."""
    try:
        with transaction(url, writing=writing) as tx:
            yield tx
    except DBAPIError as error:
        kind = type(error.orig).__name__
        raise StorageUnavailable(
            f"the data keys cannot be read ({kind}); hedui migrate, hedui doctor"
        ) from None


def clear_remains(url: str) -> bool:
    """What was overwritten of keys stands in no log and no dead row any more; false: not yet.

    On PostgreSQL it takes the tables' owner.
    """
    with opened(url) as tx:
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("ROLLBACK")
            return not tx.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        tx.rollback()
        tx.execution_options(isolation_level="AUTOCOMMIT")
        tx.exec_driver_sql("VACUUM data_key")
        return True
