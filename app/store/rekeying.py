"""Pages of a rotation: sealed cells under the newest data key, and how far that has come."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from app.domain.errors import Undecipherable
from app.store.base import upsert
from app.store.crypto import FieldCipher
from app.store.crypto.keyring import KEY_ID_BYTES, FieldKey
from app.store.sealed_columns import SealedTable, is_sealed, key_id_of
from app.store.tables_keys import rekeying

_OF = rekeying.c
_BRIEFLY: Final = sa.text("SET LOCAL lock_timeout = '200ms'")
"""Whoever works goes first: in a knot of locks the rotation gives up, and comes again."""

CipherOf: TypeAlias = Callable[
    [sa.Connection, str, Sequence["sa.RowMapping"]], Sequence[FieldCipher | None]
]
"""By table and rows: what opens and seals the cells of each row; None where nothing ever will."""


@dataclass(frozen=True, slots=True)
class Resealing:
    """Under which key cells come, and with what each is opened and sealed."""

    active: FieldKey
    cipher_of: CipherOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A round through one table; a round with nothing to change is the last."""

    work: str
    target: str
    position: str = ""
    began_at: datetime
    changed: int = 0
    broken: int = 0
    total: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What was done: `after` is where the next page begins, None at the end."""

    after: str | None
    changed: int
    broken: int = field(default=0)
    """Cells that do not open; they stay as they are."""


def progress_of(tx: sa.Connection) -> dict[str, Progress]:
    rows = tx.execute(sa.select(rekeying)).mappings()
    return {row["work"]: Progress(**row) for row in rows}


def keep_progress(tx: sa.Connection, one: Progress) -> None:
    values = asdict(one)
    work = values.pop("work")
    tx.execute(
        upsert(tx, rekeying)
        .values(work=work, **values)
        .on_conflict_do_update(index_elements=["work"], set_=values)
    )


def wait_briefly(tx: sa.Connection) -> None:
    """For a lock that somebody else has, in this transaction."""
    if tx.dialect.name == "postgresql":
        tx.execute(_BRIEFLY)


def page_of(
    tx: sa.Connection, table: sa.Table, after: str, limit: int, *where: "sa.ColumnElement[bool]"
) -> tuple[Sequence["sa.RowMapping"], str | None]:
    """Rows behind a position in the order of their keys, and the position of the last one."""
    key = tuple(table.primary_key)
    query = sa.select(table).where(*where).order_by(*key).limit(limit)
    if after:
        behind = [
            sa.literal(value, part.type) for value, part in zip(json.loads(after), key, strict=True)
        ]
        query = query.where(sa.tuple_(*key) > sa.tuple_(*behind))
    rows = tx.execute(query).mappings().all()
    if len(rows) < limit:
        return rows, None
    return rows, json.dumps([rows[-1][part.name] for part in key])


def reseal(tx: sa.Connection, of: SealedTable, after: str, given: "Resealing", limit: int) -> Page:
    """Cells that another key sealed than the one that seals now.

    A cell that somebody changes meanwhile stays as that one left it.
    """
    wait_briefly(tx)
    current = (given.active.id, given.active.subject_id)
    columns = [of.table.c[name] for name in of.columns]
    old = sa.or_(*(sa.and_(is_sealed(one), key_id_of(one).not_in(current)) for one in columns))
    rows, position = page_of(tx, of.table, after, limit, old)
    changes: dict[str, list[dict[str, Any]]] = {}
    broken = 0
    for row, cipher in zip(rows, given.cipher_of(tx, of.name, rows), strict=True):
        for name in of.columns:
            sealed = row[name]
            if cipher is None or not sealed or bytes(sealed[:KEY_ID_BYTES]) in current:
                continue
            cell = of.cell(name, row)
            try:
                new = cipher.seal(cell, cipher.open(cell, bytes(sealed)))
            except Undecipherable:
                broken += 1
                continue
            key = {f"key_{part.name}": row[part.name] for part in of.key}
            changes.setdefault(name, []).append({"old": sealed, "new": new, **key})
    for name, rows_of in changes.items():
        tx.execute(_replacing(of, name), rows_of)
    return Page(position, sum(map(len, changes.values())), broken)


def _replacing(of: SealedTable, name: str) -> sa.Update:
    column = of.table.c[name]
    here = [part == sa.bindparam(f"key_{part.name}", type_=part.type) for part in of.key]
    return (
        of.table.update()
        .where(*here, column == sa.bindparam("old", type_=column.type))
        .values({name: sa.bindparam("new", type_=column.type)})
    )
