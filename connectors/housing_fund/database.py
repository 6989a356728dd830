"""Reads rows from the source's database: read-only, under one total deadline, bounded in size.

PostgreSQL is asked through asyncpg. The other databases' drivers wait where they are called, so
those are asked in threads of their own.
"""

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import quote

import asyncpg
from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from connectors.failure import Failure, FailureKind, SourceError
from connectors.housing_fund.parse import row_of

Row: TypeAlias = Mapping[str, str | None]
Values: TypeAlias = Mapping[str, str | None]

_STEPS_BETWEEN_LOOKS: Final = 20_000
"""Steps of SQLite's machine between two looks at the clock (about a millisecond)."""
_FIRST_STATEMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "mysql": ("SET SESSION MAX_EXECUTION_TIME = 5000", "START TRANSACTION READ ONLY"),
    "mariadb": ("SET SESSION max_statement_time = 5", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
"""What makes a transaction a reading one that the server cuts off."""
_REFUSED: Final = ("28", "42501")
"""SQLSTATE: no such user or a wrong password (class 28), no right to read the view."""
_CUT_OFF: Final = ("57014",)
"""SQLSTATE: the statement took too long."""
_NO_CONNECTION: Final = ("08", "57P", "53300")
"""SQLSTATE: connection lost (class 08), server stopping, too many connections."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds for one statement with its connection; connections at once; characters of a reply."""

    seconds: float
    connections: int
    size: int


class Database(Protocol):
    """A database that can be read."""

    dialect: str

    async def read(self, statement: Executable, values: Values) -> tuple[Row, ...]:
        """The rows as text.

        Raises `SourceError`; no value that was asked for is in it, nor in what it was raised from.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


def database_at(address: str, bounds: Bounds) -> Database:
    """The database at an SQLAlchemy URL.

    Raises `ValueError`, which does not quote the URL, where it is none or has no driver here.
    """
    try:
        url = make_url(address)
        match url.get_backend_name():
            case "sqlite":
                return _InThreads(_sqlite(url, bounds), bounds)
            case "postgresql":
                return _PostgreSql(_postgresql(url, bounds), bounds)
            case _:
                return _InThreads(_other(url, bounds), bounds)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        detail = f"no SQLAlchemy URL, or one without a driver here ({type(error).__name__})"
    raise ValueError(detail)


class _PostgreSql:
    dialect = "postgresql"

    def __init__(self, engine: AsyncEngine, bounds: Bounds) -> None:
        self._engine = engine
        self._bounds = bounds

    async def read(self, statement: Executable, values: Values) -> tuple[Row, ...]:
        try:
            async with asyncio.timeout(self._bounds.seconds), self._engine.connect() as connection:
                return await connection.run_sync(_rows, statement, values, self._bounds.size)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            failure = failure_of(error)
        raise SourceError(failure)

    async def aclose(self) -> None:
        await self._engine.dispose()


class _InThreads:
    def __init__(self, engine: Engine, bounds: Bounds) -> None:
        self.dialect = engine.dialect.name
        self._engine = engine
        self._bounds = bounds
        self._threads = ThreadPoolExecutor(bounds.connections, thread_name_prefix="housing_fund")

    async def read(self, statement: Executable, values: Values) -> tuple[Row, ...]:
        until = time.monotonic() + self._bounds.seconds
        call = partial(self._read, statement, values, until)
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except (SQLAlchemyError, OSError) as error:
            failure = failure_of(error)
        raise SourceError(failure)

    async def aclose(self) -> None:
        """Waits for statements under way: they are cut off in time."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._engine.dispose()

    def _read(self, statement: Executable, values: Values, until: float) -> tuple[Row, ...]:
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            if isinstance(driver, sqlite3.Connection):
                driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
            return _rows(connection, statement, values, self._bounds.size)


def _rows(
    connection: Connection, statement: Executable, values: Values, size: int
) -> tuple[Row, ...]:
    """Read row by row, so that a reply without measure is stopped while it comes."""
    found: list[Row] = []
    left = size
    result = connection.execution_options(stream_results=True).execute(statement, dict(values))
    for row in result.mappings():
        found.append(row_of({str(name): value for name, value in row.items()}))
        left -= sum(len(value) for value in found[-1].values() if value is not None)
        if left < 0:
            raise SourceError.of(FailureKind.TOO_LARGE, f"more than {size} characters in the rows")
    return tuple(found)


def failure_of(error: Exception) -> Failure:
    """The failure that a driver's error stands for, without its words: they quote values."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(original, "sqlstate", None) or "")
    sqlite_error = str(getattr(original, "sqlite_errorname", None) or "")
    if isinstance(error, TimeoutError) or state in _CUT_OFF or sqlite_error == "SQLITE_INTERRUPT":
        return Failure(FailureKind.TIMED_OUT, "the statement was not answered in time")
    if state.startswith(_REFUSED) or sqlite_error in ("SQLITE_AUTH", "SQLITE_PERM"):
        return Failure(FailureKind.REFUSED, f"the database refuses to be read {state}".strip())
    if sqlite_error == "SQLITE_TOOBIG":
        return Failure(FailureKind.TOO_LARGE, "a value is larger than the whole reply may be")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state.startswith(_NO_CONNECTION) or sqlite_error.startswith("SQLITE_CANTOPEN"):
        return Failure(FailureKind.UNREACHABLE, "the database cannot be reached")
    if isinstance(error, OSError):
        return Failure(FailureKind.UNREACHABLE, "the database cannot be reached")
    code = state or sqlite_error or type(original).__name__
    return Failure(FailureKind.UNAVAILABLE, f"the database answered with an error ({code})")


def _sqlite(url: URL, bounds: Bounds) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ArgumentError("no file")
    # Without mode=ro a wrong path would make an empty database there.
    address = f"file:{quote(str(Path(url.database).absolute()))}?mode=ro"

    def connected() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=bounds.seconds, check_same_thread=False
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, bounds.size)
        connection.execute("PRAGMA query_only = ON")
        return connection

    return create_engine("sqlite://", creator=connected, poolclass=QueuePool, **_common(bounds))


def _postgresql(url: URL, bounds: Bounds) -> AsyncEngine:
    milliseconds = str(int(bounds.seconds * 1000))
    settings = {"default_transaction_read_only": "on", "statement_timeout": milliseconds}
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": settings},
        **_common(bounds),
    )


def _other(url: URL, bounds: Bounds) -> Engine:
    """MySQL, Oracle: the county installs the driver that its URL names."""
    engine = create_engine(url, **_common(bounds))
    first = _FIRST_STATEMENTS.get(engine.dialect.name, ())

    @event.listens_for(engine, "begin")
    def read_only(connection: Connection) -> None:
        for statement in first:
            connection.exec_driver_sql(statement)

    return engine


def _common(bounds: Bounds) -> dict[str, Any]:
    return {
        "pool_size": bounds.connections,
        "max_overflow": 0,
        "pool_timeout": bounds.seconds,
        "hide_parameters": True,
    }
