"""One way to the database: `read` and `write` run a function over one transaction.

The functions are plain (SQLAlchemy Core on a `Connection`), so no remote call can stand inside a
transaction. On SQLite one writer thread commits what has gathered in one go (measured: many times
the throughput of a commit a piece, at synchronous=FULL); on PostgreSQL each runs on asyncpg.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.domain.errors import StorageUnavailable

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
_READERS = 2
_GROUP = 64
_POOL_TIMEOUT = 8.0  # seconds; then whoever waits for a connection is told so
_GONE = (OperationalError, InterfaceError, PoolTimeout)
_GONE_STATES = ("08", "53", "57P", "58")
"""SQLSTATE classes: connection lost, disk or connections used up, server stopping, its files."""


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


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """A SQLite engine whose every connection is durable and checks foreign keys."""
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
    )

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.execute("PRAGMA secure_delete=ON").close()
        connection.execute("PRAGMA temp_store=MEMORY").close()

    return engine


@dataclass(slots=True)
class _Job:
    work: Callable[[sa.Connection], Any]
    future: "Future[Any]"


class _Harmful(Exception):  # noqa: N818
    """The database itself failed at this job, and the transaction with it."""

    def __init__(self, job: _Job, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.job = job
        self.error = error


class SqliteDatabase:
    """SQLite: one writer thread with group commit, a few readers on WAL snapshots."""

    dialect = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        self._engine = sqlite_engine(url)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._write_on, name="writer", daemon=True)
        self._writer.start()

    async def write(self, work: Work[T]) -> T:
        job = _Job(work, Future())
        self._jobs.put(job)
        result: T = await asyncio.wrap_future(job.future)
        return result

    async def read(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Work[T]) -> T:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                try:
                    return work(connection)
                finally:
                    connection.exec_driver_sql("ROLLBACK")
        except _GONE as error:
            raise StorageUnavailable(f"the database cannot be read: {_name(error)}") from None

    def _write_on(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            last = False
            while len(group) < _GROUP and not self._jobs.empty():
                more = self._jobs.get()
                if more is None:
                    last = True
                    break
                group.append(more)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Job]) -> None:
        """Commit together the jobs whose callers still wait, less those that the database fails."""
        wanted = [job for job in group if job.future.set_running_or_notify_cancel()]
        while wanted:
            try:
                results = self._together(wanted)
            except _Harmful as harmful:
                harmful.job.future.set_exception(_unwritable(harmful.error))
                wanted.remove(harmful.job)
            except sa.exc.SQLAlchemyError as error:
                for job in wanted:
                    job.future.set_exception(_unwritable(error))
                return
            else:
                for job, (result, failure) in zip(wanted, results, strict=True):
                    _settle(job, result, failure)
                return

    def _together(self, jobs: Sequence[_Job]) -> list[tuple[Any, Exception | None]]:
        """One transaction; gives each job's result or its own failure once it is committed."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                results = [_run_one(connection, job) for job in jobs]
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                # Where the disk is full SQLite has rolled back already.
                if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                    connection.exec_driver_sql("ROLLBACK")
                raise
        return results

    async def aclose(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._engine.dispose()


def _run_one(connection: sa.Connection, job: _Job) -> tuple[Any, Exception | None]:
    """The job in a savepoint of its own: its failure is its caller's, not its neighbours'."""
    connection.exec_driver_sql("SAVEPOINT job")
    failure: Exception | None = None
    result: Any = None
    try:
        result = job.work(connection)
    except _GONE as error:
        raise _Harmful(job, error) from error
    except Exception as error:  # noqa: BLE001 - handed to whoever asked for the work
        connection.exec_driver_sql("ROLLBACK TO job")
        failure = error
    connection.exec_driver_sql("RELEASE job")
    return result, failure


def _settle(job: _Job, result: Any, failure: Exception | None) -> None:
    if failure is None:
        job.future.set_result(result)
    else:
        job.future.set_exception(failure)


def _unwritable(error: BaseException) -> StorageUnavailable:
    return StorageUnavailable(f"the database cannot be written: {_name(error)}")


class PostgresDatabase:
    """PostgreSQL over asyncpg."""

    dialect = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._engine: AsyncEngine = create_async_engine(
            url,
            hide_parameters=True,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            pool_timeout=_POOL_TIMEOUT,
            # Whatever the server's own setting: what is acknowledged has been synced.
            connect_args={"server_settings": {"synchronous_commit": "on"}},
        )
        # One snapshot for all that a reading asks; the default takes a new one a statement.
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def write(self, work: Work[T]) -> T:
        with _translated("written"):
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def read(self, work: Work[T]) -> T:
        with _translated("read"):
            async with self._reading.connect() as connection:
                return await connection.run_sync(work)

    async def aclose(self) -> None:
        await self._engine.dispose()


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
        raise StorageUnavailable(f"the database cannot be {what}: {_name(error)}") from None
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


def _name(error: BaseException) -> str:
    """The kind of a database error, never its text (it may quote values)."""
    original = error.orig if isinstance(error, DBAPIError) else None
    return type(original or error).__name__
