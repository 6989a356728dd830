"""One way to the database: `read` and `write` run a function over one transaction.

The functions are plain (SQLAlchemy Core on a `Connection`), so no remote call can stand inside a
transaction. A transaction sees what `scope.current()` says where it is asked for: everything for
the service itself, a region's subtree for a request, and nothing until the request has said which.
"""

from typing import Protocol

import sqlalchemy as sa

from app.store.postgresql import PostgresDatabase
from app.store.sqlite import SqliteDatabase, sqlite_engine
from app.store.transaction import T, Work

__all__ = ["Database", "PostgresDatabase", "SqliteDatabase", "Work", "connect", "sqlite_engine"]


class Database(Protocol):
    """Where the truth is kept."""

    dialect: str

    async def write(self, work: Work[T]) -> T:
        """Run in one transaction; committed (and synced) when this returns."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run on a consistent view."""
        ...

    async def aclose(self) -> None: ...


def connect(url: str) -> Database:
    """A database by its SQLAlchemy URL (sqlite or postgresql)."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed)
    return PostgresDatabase(parsed.set(drivername="postgresql+asyncpg"))
