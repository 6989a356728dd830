"""Every sealed column of every table, and where in it a cell stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.store.crypto import Cell
from app.store.crypto.keyring import KEY_ID_BYTES
from app.store.schema import metadata

SEALED = "sealed_"
_queries: dict[str, tuple[tuple[str, str], ...]] = {}
"""By the name of the dialect."""


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
    for place, query in _first_and_last(tx.dialect):
        found = tx.exec_driver_sql(query).scalar()
        if found is not None:
            yield place, bytes(found)


def _first_and_last(dialect: sa.Dialect) -> tuple[tuple[str, str], ...]:
    """`table.column` and a query, of all of them; put together once a process."""
    if dialect.name not in _queries:
        _queries[dialect.name] = tuple(
            (f"{one.name}.{name}", _text(dialect, one.table.c[name], order))
            for one in sealed_tables()
            for name in one.columns
            for order in (one.key, [part.desc() for part in one.key])
        )
    return _queries[dialect.name]


def _text(
    dialect: sa.Dialect, column: "sa.Column[Any]", order: "Sequence[sa.ColumnElement[Any]]"
) -> str:
    query = sa.select(key_id_of(column)).where(is_sealed(column)).order_by(*order).limit(1)
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


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
