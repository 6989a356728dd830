"""PostgreSQL over asyncpg: a pool for the service's own work, and one for what callers see.

Row-level security (revision 0014) shows a transaction the rows between two settings. Connections of
the service say for all their life that they see everything; on the others each transaction says it
of itself (`set_config(…, true)`), so that nothing outlives it in a pooled connection.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.domain.errors import StorageUnavailable
from app.store.scope import SERVICE_SETTINGS, Scope, begin_scoped, current
from app.store.transaction import T, Work, name_of

_POOL_TIMEOUT = 8.0  # seconds; then whoever waits for a connection is told so
_GONE_STATES = ("08", "53", "57P", "58")
"""SQLSTATE classes: connection lost, disk or connections used up, server stopping, its files."""


class PostgresDatabase:
    """Two pools on one database; neither opens a connection before it is needed."""

    dialect = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._service = _engine(url, SERVICE_SETTINGS)
        # A plan for any region takes each for a small one: it would go through the county's rows.
        self._scoped = _engine(url, {"plan_cache_mode": "force_custom_plan"})

    async def write(self, work: Work[T]) -> T:
        scope = current()
        with _translated("written"):
            if scope.is_everything:
                async with self._service.begin() as connection:
                    return await connection.run_sync(work)
            async with self._scoped.begin() as connection:
                return await connection.run_sync(lambda tx: _scoped(tx, scope, work))

    async def read(self, work: Work[T]) -> T:
        scope = current()
        with _translated("read"):
            if scope.is_everything:
                async with _reading(self._service).connect() as connection:
                    return await connection.run_sync(work)
            async with _reading(self._scoped).connect() as connection:
                return await connection.run_sync(lambda tx: _scoped(tx, scope, work))

    async def aclose(self) -> None:
        await self._service.dispose()
        await self._scoped.dispose()


def _engine(url: sa.URL, settings: Mapping[str, str]) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        pool_timeout=_POOL_TIMEOUT,
        # Whatever the server's own setting: what is acknowledged has been synced.
        # Statements are short: compiling one takes longer than running it.
        connect_args={"server_settings": {"synchronous_commit": "on", "jit": "off", **settings}},
    )


def _reading(engine: AsyncEngine) -> AsyncEngine:
    """One snapshot for all that a reading asks; the default takes a new one a statement."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _scoped(tx: sa.Connection, scope: Scope, work: Work[T]) -> T:
    begin_scoped(tx, scope)
    return work(tx)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """What a lost line or an exhausted server raises, in the drivers' several ways.

    A COMMIT whose answer was lost may have been carried out: all that writes can be repeated.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if not _is_gone(error):
            raise
        raise StorageUnavailable(f"the database cannot be {what}: {name_of(error)}") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # While connecting, the driver's own errors come untranslated.
        kind = type(error).__name__
        raise StorageUnavailable(f"the database cannot be reached: {kind}") from None


def _is_gone(error: DBAPIError | PoolTimeout) -> bool:
    """A connection that dies within a statement is to asyncpg's dialect a plain DBAPIError."""
    if isinstance(error, PoolTimeout | OperationalError | InterfaceError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_GONE_STATES)
