"""Copies the database consistently while it is in use, and fills an empty one from such a copy.

SQLite by its online backup interface, PostgreSQL by pg_dump and pg_restore. What is counted is
counted in the very snapshot that is copied. The durable engine's own rows are no part of a backup:
open verifications are found again by our tables alone. Neither are the secrets of subjects: they
stand in a file of their own (backup_secrets.py).
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

import migrations
from app.domain.errors import ConfigurationError, StorageUnavailable
from app.store import tables_batch, tables_erasure, tables_running
from app.store.audit_entries import AuditEntries
from app.store.migrate import sync_engine, transaction
from app.store.schema import metadata
from app.store.scope import SERVICE_SETTINGS

_FIRST_HEAD = bytes(32).hex()
_ENGINE_SCHEMA = "dbos"
_SECRETS = tables_erasure.subject_key.name
_SHOWN = 300  # characters of what a tool said
_PROCESSES = (tables_running.worker, tables_running.duty, tables_running.source_share)
"""What the processes of the time of the backup had among themselves: none of them is left."""
assert tables_batch  # noqa: S101 - imported so that the metadata knows all leases


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database held at one moment: its revision, rows by table, the audit trail's end."""

    dialect: str
    revision: str
    tables: Mapping[str, int]
    audit_entries: int
    audit_head: str


@dataclass(frozen=True, slots=True)
class Tools:
    """Where PostgreSQL's client programs are; None: on the PATH."""

    folder: Path | None = None

    def path(self, name: str) -> str:
        found = shutil.which(name, path=None if self.folder is None else str(self.folder))
        if found is None:
            where = self.folder or "the PATH"
            raise ConfigurationError(
                f"{name} is not in {where}: install PostgreSQL's client programs, as new as the "
                "server, or name their folder with --tools"
            )
        return found


def contents_of(tx: sa.Connection) -> Contents:
    """Read in the caller's transaction; raises `ConfigurationError` where it is not ours."""
    names = sorted(sa.inspect(tx).get_table_names())
    if "alembic_version" not in names:
        raise ConfigurationError("this is not a database of hedui: nothing to back up or restore")
    revision = str(tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())
    counts = {name: _count(tx, name) for name in names if name != "alembic_version"}
    last = AuditEntries().last(tx)
    return Contents(
        dialect=tx.dialect.name,
        revision=revision,
        tables=counts,
        audit_entries=counts.get("audit_entry", 0),
        audit_head=_FIRST_HEAD if last is None else last[1].hex(),
    )


def _count(tx: sa.Connection, name: str) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one())


def known_revisions() -> frozenset[str]:
    """The revisions that this release can read and bring up to date."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(script.revision for script in scripts)


def copy_out(url: str, target: Path, tools: Tools) -> Contents:
    """A consistent copy of the database in the file `target`; others write on meanwhile."""
    with _translated("read"):
        if sa.make_url(url).get_backend_name() == "sqlite":
            return _copy_sqlite(url, target)
        return _dump_postgresql(url, target, tools)


def _copy_sqlite(url: str, target: Path) -> Contents:
    path = sqlite_path(url)
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such database")
    source = sqlite3.connect(path, timeout=30)
    try:
        # One step, so one snapshot: nothing of later commits gets in, nor what was freed.
        source.execute("VACUUM INTO ?", (str(target),))
    finally:
        source.close()
    _without_secrets(target)
    with reading_file(target) as tx:
        if tx.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise StorageUnavailable("the copy of the database is damaged, and so is the database")
        return contents_of(tx)


def _without_secrets(target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        copy.execute("PRAGMA journal_mode=DELETE")  # all of it in the one file
        copy.execute("PRAGMA secure_delete=ON")
        names = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        if _SECRETS in names:
            copy.execute(f"DELETE FROM {_SECRETS}")  # noqa: S608 - a table of ours
            copy.commit()
    finally:
        copy.close()


def _dump_postgresql(url: str, target: Path, tools: Tools) -> Contents:
    engine = sync_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as tx:
            contents = contents_of(tx)
            snapshot = str(tx.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one())
            options = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges")
            # Else it refuses: row-level security holds for the owner too.
            chosen = (
                f"--snapshot={snapshot}",
                f"--exclude-schema={_ENGINE_SCHEMA}",
                f"--exclude-table-data={_SECRETS}",
                "--enable-row-security",
            )
            _run(tools.path("pg_dump"), url, (*options, *chosen, f"--file={target}"))
            if _SECRETS in contents.tables:
                return replace(contents, tables={**contents.tables, _SECRETS: 0})
            return contents
    finally:
        engine.dispose()


def refuse_unless_empty(url: str) -> None:
    """Nothing is ever restored over something."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        path = sqlite_path(url)
        beside = [path, path.with_name(f"{path.name}-wal")]
        if any(one.exists() for one in beside):
            raise ConfigurationError(f"{path} is there already: move it away, then restore")
        return
    engine = sync_engine(url)
    try:
        with _translated("read"), engine.connect() as tx:
            names = sa.inspect(tx).get_table_names()
    finally:
        engine.dispose()
    if names:
        raise ConfigurationError(
            f"the database has {len(names)} tables already: restore into an empty one"
        )


def load_postgresql(url: str, source: Path, tools: Tools) -> None:
    """All of a dump into an empty database, or nothing of it."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(tools.path("pg_restore"), url, (*options, f"--dbname={_without_password(url)}"), source)


def forget_processes(tx: sa.Connection) -> None:
    """Nobody holds what was held when the backup was made: all of it may be taken up again."""
    present = set(sa.inspect(tx).get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in present:
            continue
        if table in _PROCESSES:
            tx.execute(table.delete())
            continue
        here = {column["name"] for column in sa.inspect(tx).get_columns(table.name)}
        held = {name: None for name in ("leased_by", "leased_until") if name in here}
        if held:
            tx.execute(table.update().values(**held))


@contextmanager
def reading_file(path: Path) -> Iterator[sa.Connection]:
    """A SQLite file as it is: without the journal files that the service's engine makes."""
    engine = sa.create_engine(f"sqlite+pysqlite:///{path}", hide_parameters=True)
    try:
        with _translated("read"), engine.begin() as tx:
            yield tx
    finally:
        engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[sa.Connection]:
    """One transaction on the database, committed at the end."""
    with _translated("used"), transaction(url) as tx:
        yield tx


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL; one in memory cannot be backed up."""
    name = sa.make_url(url).database
    if not name or name == ":memory:":
        raise ConfigurationError("HEDUI_DATABASE_URL: a database in memory has no backup")
    return Path(name)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """The kind of a database fault alone: its text may quote values."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise StorageUnavailable(f"the database cannot be {what}: {kind}") from None


def _run(program: str, url: str, options: Sequence[str], source: Path | None = None) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, not by the command."""
    parsed = sa.make_url(url)
    environment = dict(os.environ)
    all_regions = (f"-c {name}={value}" for name, value in SERVICE_SETTINGS.items())
    environment["PGOPTIONS"] = " ".join([environment.get("PGOPTIONS", ""), *all_regions]).strip()
    if parsed.password is not None:
        environment["PGPASSWORD"] = str(parsed.password)
    where = [_without_password(url)] if source is None else [str(source)]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, found by name
        [program, *options, *where], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        # Later lines may quote rows.
        said = done.stderr.strip().partition("\n")[0][:_SHOWN]
        raise StorageUnavailable(f"{Path(program).name} ended with {done.returncode}: {said}")


def _without_password(url: str) -> str:
    parsed = sa.make_url(url)
    shown = sa.URL.create(
        "postgresql",
        username=parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
        query=parsed.query,
    )
    return shown.render_as_string(hide_password=False)
