"""Cleans the database's own files of what was erased: logs, free space, rows that are dead.

What must be gone are the secrets: everything else of a subject is then only noise. SQLite zeroes
what it frees, and the log is emptied here. PostgreSQL keeps dead rows and its log: the table of
secrets is written anew, and the log's old segments are overwritten by empty ones. Measured: after
VACUUM alone a third of the destroyed secrets stood in their pages, after VACUUM FULL and CHECKPOINT
none, and in the log all of them until its segments had come round.
"""

from collections.abc import Iterator
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.errors import StorageUnavailable
from app.store.migrate import sync_engine
from app.store.tables_erasure import subject_key

State = Literal["clean", "busy", "not_owner", "log_kept"]
"""`busy`: others read just now, try again; `not_owner`: this account may not write the table anew;
`log_kept`: this account may not turn over the server's log, or something holds it back."""
RIGHTS: Final = (
    "GRANT pg_monitor, pg_checkpoint TO {role}",
    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {role}",
    "GRANT MAINTAIN ON TABLE subject_key TO {role}",
)
"""What the account needs on PostgreSQL, as statements for its superuser in the service's database;
the last only where it does not own the tables (since PostgreSQL 17; before that, it must)."""
PLACE: Final = "database"
_PATIENCE: Final = 3_000
"""Milliseconds that others are waited for, and have to wait."""
_TRIES: Final = 5
_MOST_SEGMENTS: Final = 256
_ROUNDS: Final = 2
"""The first fills what the log holds ready; the second what it held until then."""

_NAME: Final = 24
_NOT_ALLOWED: Final = ("42501",)
_LOCKED: Final = ("55P03", "40P01")


def clean(url: str) -> State:
    """Blocks for some seconds at most; safe to repeat at any moment."""
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                return _clean_sqlite(connection)
            return _clean_postgresql(connection.execution_options(isolation_level="AUTOCOMMIT"))
    except DBAPIError as error:
        kind = type(error.orig).__name__
        raise StorageUnavailable(f"the database cannot be cleaned: {kind}") from None
    finally:
        engine.dispose()


def _clean_sqlite(connection: sa.Connection) -> State:
    """The log goes into the database and is cut to nothing; readers of an older state hold it."""
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE}")
    for _ in range(_TRIES):
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if not busy:
            return "clean"
    return "busy"


def _clean_postgresql(connection: sa.Connection) -> State:
    connection.exec_driver_sql(f"SET lock_timeout = {_PATIENCE}")
    before = _file_of_secrets(connection)
    done = _tried(connection, f"VACUUM FULL {subject_key.name}")
    if done != "clean":
        return done
    # Whom the table is not, the server tells so in a warning alone, and leaves it as it is.
    if _file_of_secrets(connection) == before:
        return "not_owner"
    try:
        return _turn_over(connection)
    except DBAPIError as error:
        if _state(error) in _NOT_ALLOWED:
            return "log_kept"
        raise


def _file_of_secrets(connection: sa.Connection) -> int:
    """The number of the file that has the table now."""
    query = sa.select(sa.func.pg_relation_filenode(subject_key.name))
    return int(connection.execute(query).scalar_one())


def _turn_over(connection: sa.Connection) -> State:
    """Every segment of the log that there is now is overwritten, or is no more."""
    run = connection.exec_driver_sql
    written_to = str(run("SELECT pg_walfile_name(pg_current_wal_lsn())").scalar_one())
    for _ in range(_ROUNDS):
        run("CHECKPOINT")
        for _ in range(min(len(list(_segments(connection))), _MOST_SEGMENTS) + 1):
            # A segment without anything in it would not be left.
            run("SELECT pg_logical_emit_message(false, 'hedui', '')")
            run("SELECT pg_switch_wal()")
    run("CHECKPOINT")
    left = list(_segments(connection))
    kept = min(left) <= written_to or len(left) > _MOST_SEGMENTS
    return "log_kept" if kept else "clean"


def _segments(connection: sa.Connection) -> Iterator[str]:
    for (name,) in connection.exec_driver_sql("SELECT name FROM pg_ls_waldir()"):
        if len(name) == _NAME and not name.strip("0123456789ABCDEF"):
            yield name


def _tried(connection: sa.Connection, statement: str) -> State:
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        state = _state(error)
        if state in _NOT_ALLOWED:
            return "not_owner"
        if state in _LOCKED:
            return "busy"
        raise
    return "clean"


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
