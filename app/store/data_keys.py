"""The table of data keys: wrapped, with what each is for and whether it seals or only opens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from app.store.tables_keys import data_key

_OF = data_key.c
_ALL: Final = sa.select(data_key).order_by(_OF.from_at.desc(), _OF.id)


class KeyPurpose(StrEnum):
    """What a data key is for (see the table)."""

    FIELD = "field"
    INDEX = "index"
    SERVICE = "service"


class KeyState(StrEnum):
    """It seals, it only opens, nothing stands under it any more, or nothing of it is left."""

    ACTIVE = "active"
    RETIRED = "retired"
    UNUSED = "unused"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A data key as it stands; `wrapped` is empty once it is destroyed."""

    id: str
    purpose: KeyPurpose
    column: str = ""
    suite: str
    form: int = 0
    wrapped: bytes = field(repr=False)
    wrapped_by: str
    state: KeyState
    from_at: datetime
    until_at: datetime | None = None

    @property
    def context(self) -> bytes:
        """Bound to what is wrapped: a row put in another's place does not unwrap."""
        words = (self.id, self.purpose.value, self.column, self.suite, str(self.form))
        return b"\x1f".join((b"hedui data key", *(word.encode() for word in words)))


def all_keys(tx: sa.Connection) -> list[StoredKey]:
    """The newest first, the destroyed ones too."""
    return [
        StoredKey(**{**row, "purpose": KeyPurpose(row["purpose"]), "state": KeyState(row["state"])})
        for row in tx.execute(_ALL).mappings()
    ]


def keys_if_any(tx: sa.Connection) -> list[StoredKey]:
    """The same; none of a database that is older than the table."""
    return all_keys(tx) if sa.inspect(tx).has_table(data_key.name) else []


def add_keys(tx: sa.Connection, new: Sequence[StoredKey]) -> None:
    rows = [
        {
            "id": one.id,
            "purpose": one.purpose.value,
            "column": one.column,
            "suite": one.suite,
            "form": one.form,
            "wrapped": one.wrapped,
            "wrapped_by": one.wrapped_by,
            "state": one.state.value,
            "from_at": one.from_at,
            "until_at": one.until_at,
        }
        for one in new
    ]
    if rows:
        tx.execute(data_key.insert(), rows)


def retire_keys(tx: sa.Connection, ids: Collection[str], now: datetime) -> None:
    """They seal nothing any more, and open what they sealed."""
    tx.execute(
        data_key.update()
        .where(_OF.id.in_(ids), _OF.state == KeyState.ACTIVE.value)
        .values(state=KeyState.RETIRED.value, until_at=now)
    )


def mark_unused(tx: sa.Connection, ids: Collection[str]) -> None:
    """Nothing is sealed with them or stands under their indexes any more."""
    tx.execute(
        data_key.update()
        .where(_OF.id.in_(ids), _OF.state == KeyState.RETIRED.value)
        .values(state=KeyState.UNUSED.value)
    )


def destroy_key(tx: sa.Connection, id_: str) -> None:
    """Its row stays, to tell that there was one."""
    tx.execute(
        data_key.update()
        .where(_OF.id == id_)
        .values(state=KeyState.DESTROYED.value, wrapped=b"", wrapped_by="")
    )


def wrap_anew(tx: sa.Connection, id_: str, wrapped: bytes, wrapped_by: str) -> None:
    """The same key, wrapped by another one."""
    tx.execute(
        data_key.update().where(_OF.id == id_).values(wrapped=wrapped, wrapped_by=wrapped_by)
    )


def hold_keys(tx: sa.Connection) -> None:
    """Nobody else changes the table before the transaction ends (SQLite has one writer)."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE data_key IN EXCLUSIVE MODE"))
