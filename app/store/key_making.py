"""Makes data keys: the first ones of a database, and those that take another's place."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.domain.errors import ConfigurationError, Conflict
from app.store.crypto import KEY_BYTES
from app.store.crypto.key_store import KeyStore
from app.store.crypto.keyring import (
    COLUMNS,
    EVERY_OTHER,
    FORM,
    KEY_ID_BYTES,
    FieldKey,
    IndexKey,
    derived_field_key,
    derived_index_keys,
)
from app.store.crypto.suites import AES_256_GCM, Suite
from app.store.data_keys import (
    KeyPurpose,
    KeyState,
    StoredKey,
    add_keys,
    all_keys,
    hold_keys,
    retire_keys,
    wrap_anew,
)
from app.store.sealed_columns import some_key_ids
from app.store.stored_keys import unwrapped
from app.store.tables import client, outbox, verification
from app.store.tables_batch import batch
from app.store.tables_relief import recipient

MADE_ANEW: Final = tuple(column for column in COLUMNS if column != EVERY_OTHER)
"""Columns whose index is made anew under another key. All other indexes keep theirs: what they are
of is not stored (a body, a secret), and nobody can guess it."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes keys of a suite, wrapped by a store; `master`: the key that all were derived from
    before there was a table of them, where it is at hand."""

    store: KeyStore
    suite: Suite
    master: bytes | None
    now: datetime

    def begin(self, tx: sa.Connection) -> None:
        """All keys that a database must have are there afterwards.

        A database of before goes on with the keys that it was sealed with. Raises
        `ConfigurationError` where they are not those of this master key.
        """
        hold_keys(tx)
        rows = all_keys(tx)
        if rows:
            there = {one.column for one in rows if one.purpose is KeyPurpose.INDEX}
            add_keys(tx, [self._index(name) for name in COLUMNS if name not in there])
        elif not _has_rows(tx):
            add_keys(tx, list(self._first()))
        elif self.master is None:
            raise ConfigurationError(
                "this database is sealed with keys of a master key: start once with "
                "HEDUI_KEY_FILE set to it, then hedui keys rewrap --to your HEDUI_KEY_SOURCE"
            )
        else:
            check_derived(tx, self.master)
            add_keys(tx, list(self._taken_over(self.master)))

    def _first(self) -> Iterator[StoredKey]:
        """Of an empty database; derived ones, where that can be, serve tools that are at work."""
        if self.master is None or self.suite is not AES_256_GCM:
            yield self._service(self.master or os.urandom(KEY_BYTES))
            yield self.field()
            yield from map(self._index, COLUMNS)
            return
        yield self._service(self.master)
        yield self._stored_field(derived_field_key(self.master))
        for key in derived_index_keys(self.master, FORM):
            yield self._stored_index(key)

    def _taken_over(self, master: bytes) -> Iterator[StoredKey]:
        """What is sealed stays as it is; indexes of the old normal form are made anew."""
        yield self._service(master)
        yield self._stored_field(derived_field_key(master))
        for key in derived_index_keys(master, 0):
            if key.column == EVERY_OTHER:
                yield self._stored_index(key)
                continue
            old = self._stored_index(key)
            yield replace(old, state=KeyState.RETIRED, until_at=self.now)
            yield self._index(key.column)

    def rotate_field(self, tx: sa.Connection) -> StoredKey:
        """From now on fields are sealed with a new key."""
        hold_keys(tx)
        new = self.field()
        self._take_the_place(tx, KeyPurpose.FIELD, {""}, [new])
        return new

    def rotate_indexes(self, tx: sa.Connection, columns: Collection[str]) -> list[StoredKey]:
        """From now on the indexes of these columns are made with new keys."""
        hold_keys(tx)
        new = [self._index(column) for column in columns]
        self._take_the_place(tx, KeyPurpose.INDEX, columns, new)
        return new

    def rotate_service(self, tx: sa.Connection) -> StoredKey:
        """A new secret for tokens, notices and backups; the old one is nobody's any more."""
        hold_keys(tx)
        new = self._service(os.urandom(KEY_BYTES))
        self._take_the_place(tx, KeyPurpose.SERVICE, {""}, [new])
        return new

    def rewrap(self, tx: sa.Connection, to: KeyStore) -> int:
        """All keys wrapped by another store; gives how many. Nothing that is sealed changes."""
        hold_keys(tx)
        there = [one for one in all_keys(tx) if one.state is not KeyState.DESTROYED]
        for one in there:
            key = unwrapped(one, self.store)
            wrapped = to.wrap(key, one.context)
            if to.unwrap(wrapped, one.context) != key:
                raise ConfigurationError("the new key store does not give back what it wrapped")
            wrap_anew(tx, one.id, wrapped, to.id)
        return len(there)

    def _take_the_place(
        self,
        tx: sa.Connection,
        purpose: KeyPurpose,
        columns: Collection[str],
        new: Sequence[StoredKey],
    ) -> None:
        rows = all_keys(tx)
        if {one.id for one in rows} & {one.id for one in new}:
            raise Conflict("the new key has the id of an older one (1 in 4 billion): try again")
        old = [
            one.id
            for one in rows
            if one.purpose is purpose and one.column in columns and one.state is KeyState.ACTIVE
        ]
        retire_keys(tx, old, self.now)
        add_keys(tx, new)

    def field(self) -> StoredKey:
        return self._stored_field(FieldKey(os.urandom(self.suite.key_bytes), self.suite))

    def _index(self, column: str) -> StoredKey:
        return self._stored_index(IndexKey(column, os.urandom(KEY_BYTES), self.suite, FORM))

    def _stored_field(self, key: FieldKey) -> StoredKey:
        row = self._row(key.id.hex(), KeyPurpose.FIELD, key.suite)
        return self._wrapped(row, key.key)

    def _stored_index(self, key: IndexKey) -> StoredKey:
        row = self._row(key.id.hex(), KeyPurpose.INDEX, key.suite)
        return self._wrapped(replace(row, column=key.column, form=key.form), key.key)

    def _service(self, secret: bytes) -> StoredKey:
        named = sha256(b"hedui service" + secret).digest()[:KEY_ID_BYTES].hex()
        return self._wrapped(self._row(named, KeyPurpose.SERVICE, self.suite), secret)

    def _row(self, id_: str, purpose: KeyPurpose, suite: Suite) -> StoredKey:
        return StoredKey(
            id=id_,
            purpose=purpose,
            suite=suite.name,
            wrapped=b"",
            wrapped_by=self.store.id,
            state=KeyState.ACTIVE,
            from_at=self.now,
        )

    def _wrapped(self, row: StoredKey, key: bytes) -> StoredKey:
        return replace(row, wrapped=self.store.wrap(key, row.context))


def is_begun(tx: sa.Connection) -> bool:
    """Whether every key that this release needs is there."""
    rows = all_keys(tx)
    return bool(rows) and set(COLUMNS) <= {one.column for one in rows}


def check_known(tx: sa.Connection, opening: Collection[bytes]) -> None:
    """Raises `ConfigurationError` where a cell names a data key that is not there."""
    for place, key_id in some_key_ids(tx):
        if key_id not in opening:
            raise ConfigurationError(
                f"{place}: sealed with key {key_id.hex()}, which is not among the data keys of "
                "this database: the table data_key is not whole, restore it from a backup"
            )


def check_derived(tx: sa.Connection, master: bytes) -> None:
    """The same of a database without such a table: its keys are a master key's own."""
    key = derived_field_key(master)
    for _, key_id in some_key_ids(tx):
        if key_id not in (key.id, key.subject_id):
            raise ConfigurationError(
                "the master key is not the one that sealed this database; set HEDUI_KEY_FILE to it"
            )


def _has_rows(tx: sa.Connection) -> bool:
    tables = (client, verification, recipient, batch, outbox)
    one = sa.literal(1)
    return any(
        tx.execute(sa.select(one).select_from(table).limit(1)).first() is not None
        for table in tables
    )
