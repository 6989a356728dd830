"""Column types and the metadata that all tables share."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime; UTC microseconds since 1970 as an integer, alike on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        if value is None:
            return None
        delta = value - datetime(1970, 1, 1, tzinfo=UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        seconds, micros = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=micros)


REGION = sa.String(12)
ID = sa.String(40)
WORD = sa.String(64)


def region_column() -> sa.Column[str]:
    """Every table that holds a person's data carries the region (GB/T 2260)."""
    return sa.Column("region", REGION, nullable=False, index=True)


def in_region(column: "sa.ColumnElement[str]", region: str) -> "sa.ColumnElement[bool]":
    """The region and all below it, as a range that an index serves; nothing is below no code."""
    if not region:
        return sa.true()
    if not (region.isascii() and region.isdigit()):
        return sa.false()
    following = str(int(region) + 1).rjust(len(region), "0")
    if len(following) > len(region):  # all nines: nothing of digits stands behind what is below it
        return column >= region
    return sa.and_(column >= region, column < following)


def storable(text: str) -> bool:
    """Whether every database can hold the text: PostgreSQL takes neither NUL nor surrogates."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def hold(tx: sa.Connection, name: int) -> None:
    """Until this transaction's end nobody else holds the name; on SQLite one writes at a time."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))


def upsert(tx: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT in the connection's dialect."""
    return upsert_in(tx.dialect.name, table)


def upsert_in(dialect: str, table: sa.Table) -> Any:
    """The same for a statement that is built once: building one costs more than sending it."""
    return pg_insert(table) if dialect == "postgresql" else lite_insert(table)
