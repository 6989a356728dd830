"""The secrets of subjects in a small file of their own: what opens all older copies of the data.

The data's copy has none of them. Kept apart, the newest of these files alone is needed: it opens
every older copy, less the subjects that were erased since. Older ones of these are to be destroyed.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
import sqlalchemy as sa

from app.domain.errors import InvalidFile
from app.store.backup import opened
from app.store.backup_archive import Archive, Manifest, member_of, replace_by
from app.store.base import upsert
from app.store.crypto import FieldCipher
from app.store.erasures import Erasures
from app.store.migrate import upgrade
from app.store.tables_erasure import erasure, erasure_request, subject_key
from app.store.tables_keys import data_key

TABLES: Final = (subject_key, erasure, erasure_request)
"""The secrets, and the ledger of what was erased: what a restored copy knows no better."""
_MEMBER: Final = "secrets"
_ACTIVE, _RETIRED, _UNUSED = "active", "retired", "unused"
_AT_ONCE: Final = 2_000
_MOST_LINE: Final = 4_096


@dataclass(frozen=True, slots=True)
class Secrets:
    """The newest secrets, taken out of their archive, and what they open with."""

    file: Path
    cipher_of: Callable[[sa.Connection], FieldCipher]


def keep_secrets(kept: Path, url: str, folder: Path, manifest: Manifest, key: bytes) -> None:
    """After the data, so that all of its secrets are there; in the place of the file of before.

    `manifest`: that of the data, `key`: what it is signed with; `folder`: where there is room.
    """
    path = folder / _MEMBER
    contents = replace(manifest.contents, tables=_write_secrets(url, path))
    its = replace(manifest, contents=contents, members={_MEMBER: member_of(path)})
    replace_by(kept, its.signed(key), {_MEMBER: path})


def taken_out(
    archive: Archive, folder: Path, cipher_of: Callable[[sa.Connection], FieldCipher]
) -> Secrets:
    """Raises `InvalidFile` where it is not as promised."""
    if _MEMBER not in archive.manifest.members:
        raise InvalidFile("this is no file of subjects' secrets")
    archive.extract(_MEMBER, folder / _MEMBER)
    return Secrets(folder / _MEMBER, cipher_of)


def restore_secrets(url: str, secrets: Secrets) -> int:
    """Into a copy that was just restored, which is brought to the newest revision.

    What was erased since the copy was made goes again; gives how many subjects that were.
    """
    upgrade(url)
    with opened(url) as tx:
        _take_in(tx, secrets.file)
        return _erase_again(tx, secrets.cipher_of(tx))


def _write_secrets(url: str, target: Path) -> dict[str, int]:
    """As they stand now; gives rows by table."""
    counts = {}
    with opened(url) as tx, target.open("wb") as file:
        present = set(sa.inspect(tx).get_table_names())
        for table in (*TABLES, data_key):
            if table.name in present:
                counts[str(table.name)] = _write(tx, table, file)
        file.flush()
        os.fsync(file.fileno())
    return counts


def _write(tx: sa.Connection, table: sa.Table, file: BinaryIO) -> int:
    count = 0
    for row in tx.execute(_plain(table).execution_options(yield_per=_AT_ONCE)):
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        file.write(orjson.dumps([str(table.name), *values]) + b"\n")
        count += 1
    return count


def _plain(table: sa.Table) -> "sa.Select[Any]":
    """Instants as the integers that they are stored as."""
    return sa.select(
        *(
            sa.type_coerce(column, sa.BigInteger) if _is_instant(column) else column
            for column in table.c
        )
    ).order_by(*table.primary_key)


def _is_instant(column: "sa.Column[Any]") -> bool:
    return isinstance(column.type, sa.TypeDecorator)


def _take_in(tx: sa.Connection, file: Path) -> dict[str, int]:
    """Into a restored copy of the newest revision, in the place of what it has; rows by table."""
    counts: dict[str, int] = {}
    for table, rows in _pages(file):
        if table is data_key:
            _take_in_keys(tx, {row["id"]: row for row in rows})
            continue
        if table.name not in counts:
            tx.execute(table.delete())
            counts[table.name] = 0
        tx.execute(upsert(tx, table), rows)
        counts[table.name] += len(rows)
    return counts


def _take_in_keys(tx: sa.Connection, newest: Mapping[str, Mapping[str, Any]]) -> None:
    """The copy keeps its own data keys, which sealed it, and gets those that came after it.

    What the newest file says of a key holds, but that it is gone: the copy needs it.
    """
    here = {row["id"]: row for row in tx.execute(sa.select(data_key)).mappings()}
    missing = [row for id_, row in newest.items() if id_ not in here]
    if missing:
        tx.execute(data_key.insert(), missing)
    for id_, row in here.items():
        said = newest.get(id_)
        changes: dict[str, Any] = {}
        if said is not None and said["wrapped"]:
            changes = {name: said[name] for name in ("wrapped", "wrapped_by", "state", "until_at")}
            if said["state"] == _UNUSED:  # by the data of now; by the copy's it is not
                changes["state"] = _RETIRED
        elif row["state"] == _ACTIVE and newest:
            changes = {"state": _RETIRED}
        if changes:
            tx.execute(data_key.update().where(data_key.c.id == id_).values(changes))


def _pages(file: Path) -> Iterator[tuple[sa.Table, list[Mapping[str, Any]]]]:
    by_name = {table.name: table for table in (*TABLES, data_key)}
    page: list[Mapping[str, Any]] = []
    last: sa.Table | None = None
    with file.open("rb") as lines:
        for line in lines:
            table, row = _row(line, by_name)
            if page and (table is not last or len(page) == _AT_ONCE):
                yield _of(last), page
                page = []
            last = table
            page.append(row)
    if page:
        yield _of(last), page


def _of(table: sa.Table | None) -> sa.Table:
    if table is None:
        raise InvalidFile("the file of secrets begins with no row")
    return table


def _row(line: bytes, tables: Mapping[str, sa.Table]) -> tuple[sa.Table, Mapping[str, Any]]:
    try:
        name, *values = orjson.loads(line[:_MOST_LINE])
        table = tables[name]
        pairs = list(zip(table.c, values, strict=True))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise InvalidFile("the file of secrets has a row that is none of ours") from None
    return table, {column.name: _value(column, value) for column, value in pairs}


def _value(column: "sa.Column[Any]", value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, sa.LargeBinary):
        return bytes.fromhex(value)
    if _is_instant(column):
        return column.type.process_result_value(value, None)  # type: ignore[attr-defined]
    return value


def _erase_again(tx: sa.Connection, cipher: FieldCipher) -> int:
    """What was erased since the copy was made goes again; gives how many subjects."""
    erasures, gone = Erasures(cipher), 0
    some = erasures.again(tx)
    while some:
        gone += some
        some = erasures.again(tx)
    return gone
