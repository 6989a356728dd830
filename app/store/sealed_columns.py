"""Every sealed column of every table, and where in it a cell stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.store.crypto import Cell
from app.store.crypto.keyring import KEY_ID_BYTES
from app.store.schema import metadata

SEALED = "sealed_"


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns. The row part of a cell is its primary key, joined by `/`."""

    table: sa.Table
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def key(self) -> "tuple[sa.Column[Any], ...]":
        return tuple(self.table.primary_key)

    def cell(self, column: str, row: "sa.RowMapping") -> Cell:
        return Cell(self.name, column, "/".join(str(row[part.name]) for part in self.key))


def sealed_tables() -> tuple[SealedTable, ...]:
    """From the metadata: a new sealed column is in it."""
    tables = ((table, _sealed_columns(table)) for table in metadata.sorted_tables)
    return tuple(SealedTable(table, columns) for table, columns in tables if columns)


def _sealed_columns(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name.startswith(SEALED))


def key_id_of(column: "sa.ColumnElement[Any]") -> "sa.ColumnElement[bytes]":
    """The id of the key that sealed a cell, in SQL."""
    return sa.func.substr(column, 1, KEY_ID_BYTES, type_=sa.LargeBinary)


def is_sealed(column: "sa.ColumnElement[Any]") -> "sa.ColumnElement[bool]":
    """There is a cell: neither NULL nor the empty one that stands for what was erased."""
    return sa.func.coalesce(sa.func.length(column), 0) > 0


def some_key_ids(tx: sa.Connection) -> Iterator[tuple[str, bytes]]:
    """`table.column` and key id of the first and of the last cell of every sealed column."""
    for one in sealed_tables():
        for name in one.columns:
            column = one.table.c[name]
            for order in (one.key, [part.desc() for part in one.key]):
                query = sa.select(key_id_of(column)).where(is_sealed(column))
                found = tx.execute(query.order_by(*order).limit(1)).scalar()
                if found is not None:
                    yield f"{one.name}.{name}", bytes(found)


def key_ids(tx: sa.Connection) -> dict[str, dict[str, int]]:
    """How many cells of each `table.column` which key sealed; reads all of them."""
    found: dict[str, dict[str, int]] = {}
    for one in sealed_tables():
        for name in one.columns:
            column = one.table.c[name]
            by = key_id_of(column)
            rows: Sequence[Any] = tx.execute(
                sa.select(by, sa.func.count()).where(is_sealed(column)).group_by(by)
            ).all()
            found[f"{one.name}.{name}"] = {bytes(id_).hex(): count for id_, count in rows}
    return found
