"""SQLite: one writer thread with group commit, a few readers on WAL snapshots.

One writer commits what has gathered in one go (measured: many times the throughput of a commit a
piece, at synchronous=FULL). Work for a caller goes over connections with walls (`lite_walls`), the
service's own over connections without.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.errors import StorageUnavailable
from app.store.lite_walls import raise_walls, walled
from app.store.scope import Scope, begin_scoped, current, end_scoped
from app.store.transaction import GONE, T, Work, name_of

_READERS = 2
_GROUP = 64


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
    scope: Scope


class _Harmful(Exception):  # noqa: N818
    """The database itself failed at this job, and the transaction with it."""

    def __init__(self, job: _Job, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.job = job
        self.error = error


class SqliteDatabase:
    """A database file; connections with walls are opened when a caller's work first needs one."""

    dialect = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        self._engine = sqlite_engine(url)
        self._walled = walled(sqlite_engine(url))
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._write_on, name="writer", daemon=True)
        self._writer.start()

    async def write(self, work: Work[T]) -> T:
        job = _Job(work, Future(), current())
        self._jobs.put(job)
        result: T = await asyncio.wrap_future(job.future)
        return result

    async def read(self, work: Work[T]) -> T:
        loop, scope = asyncio.get_running_loop(), current()
        return await loop.run_in_executor(self._readers, self._read, work, scope)

    def _read(self, work: Work[T], scope: Scope) -> T:
        try:
            with self._of(scope).connect() as connection:
                if not scope.is_everything:
                    raise_walls(connection)
                connection.exec_driver_sql("BEGIN")
                try:
                    return _scoped(connection, scope, work)
                finally:
                    connection.exec_driver_sql("ROLLBACK")
        except GONE as error:
            raise StorageUnavailable(f"the database cannot be read: {name_of(error)}") from None

    def _of(self, scope: Scope) -> sa.Engine:
        return self._engine if scope.is_everything else self._walled

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
            self._commit([job for job in group if job.scope.is_everything], self._engine)
            self._commit([job for job in group if not job.scope.is_everything], self._walled)
            if last:
                return

    def _commit(self, group: list[_Job], engine: sa.Engine) -> None:
        """Commit together the jobs whose callers still wait, less those that the database fails."""
        wanted = [job for job in group if job.future.set_running_or_notify_cancel()]
        while wanted:
            try:
                results = _together(engine, wanted)
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

    async def aclose(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._engine.dispose()
        self._walled.dispose()


def _together(engine: sa.Engine, jobs: Sequence[_Job]) -> list[tuple[Any, Exception | None]]:
    """One transaction; gives each job's result or its own failure once it is committed."""
    with engine.connect() as connection:
        if not jobs[0].scope.is_everything:
            raise_walls(connection)
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


def _scoped(tx: sa.Connection, scope: Scope, work: Work[T]) -> T:
    """On a connection with walls, what the work sees is said first and unsaid at the end."""
    if scope.is_everything:
        return work(tx)
    begin_scoped(tx, scope)
    try:
        return work(tx)
    finally:
        end_scoped(tx)


def _run_one(connection: sa.Connection, job: _Job) -> tuple[Any, Exception | None]:
    """The job in a savepoint of its own: its failure is its caller's, not its neighbours'."""
    connection.exec_driver_sql("SAVEPOINT job")
    failure: Exception | None = None
    result: Any = None
    try:
        result = _scoped(connection, job.scope, job.work)
    except GONE as error:
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
    return StorageUnavailable(f"the database cannot be written: {name_of(error)}")
