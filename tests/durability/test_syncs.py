"""What is acknowledged has been synced; a sync or a write that fails is never acknowledged."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli import cli
from app.store.session import connect
from tests.new_databases import new_sqlite
from tests.service_parts import a_body

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(
    STRACE is None, reason="no strace on this machine: syncing is NOT TESTED here"
)
_FOLLOW = ("-f", "--seccomp-bpf")  # other calls are not stopped at
_TRACED = "trace=pwrite64,fdatasync,fsync,recvfrom,sendto,read,write"
_WRITES = 2
_MOST = 60
_AT_ONCE = 24


@pytest.mark.promise(6)
@needs_strace
def test_a_sync_lies_between_the_write_and_the_answer(tmp_path: Path) -> None:
    """As the kernel saw it.

    Planted: `synchronous=NORMAL`: the service's own check refused to start, and nothing was
    answered.
    """
    trace = tmp_path / "trace"
    environment = {**os.environ, "HEDUI_DATA_DIR": str(tmp_path / "data")}
    runner = CliRunner(env=environment)
    made = runner.invoke(cli, ["clients", "add", "x", "--region", "220102"])
    client = httpx.Response(200, text=made.stdout).json()
    with traced(trace, environment) as url, httpx.Client(base_url=url, timeout=30) as http:
        credentials = (client["client_id"], client["client_secret"])
        grant = {"grant_type": "client_credentials"}
        token = http.post("/oauth/token", data=grant, auth=credentials).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
        reply = http.post("/v1/verifications", json=a_body(), headers=headers)
        assert reply.status_code == httpx.codes.ACCEPTED, reply.text
    lines = trace.read_text("utf-8", "replace").splitlines()
    came = next(i for i, line in enumerate(lines) if "POST /v1/verifications" in line)
    left = next(i for i, line in enumerate(lines) if i > came and "HTTP/1.1 202" in line)
    between = lines[came:left]
    wal = re.escape("hedui.sqlite3-wal")
    written = [i for i, line in enumerate(between) if re.search(rf"pwrite64\(\d+<[^>]*{wal}", line)]
    synced = [i for i, line in enumerate(between) if re.search(rf"fdatasync\(\d+<[^>]*{wal}", line)]
    assert written, "the request was written"
    assert synced, "and synced before it was acknowledged"
    assert max(synced) > min(written)


@contextmanager
def traced(trace: Path, environment: dict[str, str]) -> Iterator[str]:
    """`hedui serve` under strace, which writes each call with the file's path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(STRACE), *_FOLLOW, "-y", "-s", "40", "-e", _TRACED, "-o", str(trace)]
    serve = [sys.executable, "-m", "app.start", "serve"]
    process = subprocess.Popen(
        [*command, *serve],
        cwd=ROOT,
        env={**environment, "HEDUI_PORT": str(port)},
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    transport = httpx.HTTPTransport(retries=10)
    try:
        with httpx.Client(transport=transport, timeout=60) as http:
            _until_alive(http, url, process)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # strace alone would only let go of it
        process.wait(timeout=60)


def _until_alive(http: httpx.Client, url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            if http.get(f"{url}/healthz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            continue
    pytest.fail("the service did not start under strace")


@pytest.mark.promise(5)
@needs_strace
@pytest.mark.parametrize(("call", "error"), [("fdatasync", "EIO"), ("pwrite64", "ENOSPC")])
def test_the_call_that_fails_is_not_acknowledged(tmp_path: Path, call: str, error: str) -> None:
    """The first call fails, then the second of another run, and so on until none is left.

    Planted: a COMMIT that failed was taken for one that did not: what was acknowledged was not
    stored.
    """
    failed = 0
    for when in range(1, _MOST):
        said, hit = _written(tmp_path / str(when), f"{call}:error={error}:when={when}")
        if not hit:
            break
        failed += 1
        _holds(tmp_path / str(when), said)
    else:
        pytest.fail(f"more than {_MOST} calls: raise the bound")
    assert failed >= _WRITES, "each write makes the call at least once"


def _written(folder: Path, fault: str) -> tuple[list[str], bool]:
    """What the writer said, and whether the fault was met."""
    url, trace = new_sqlite(folder), folder / "trace"
    name = fault.partition(":")[0]
    command = [
        str(STRACE),
        *_FOLLOW,
        "-e",
        f"trace={name}",
        "-e",
        f"inject={fault}",
        "-o",
        str(trace),
    ]
    writer = [sys.executable, "-m", "tests.durability.writer", url, str(_WRITES)]
    done = subprocess.run(
        [*command, *writer], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), "(INJECTED)" in trace.read_text("utf-8", "replace")


def _holds(folder: Path, said: list[str]) -> None:
    acknowledged = {line.split()[1] for line in said if line.startswith("acknowledged")}
    assert len(said) == _WRITES
    connection = sqlite3.connect(folder / "hedui.sqlite3")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = {row[0].removeprefix("cl_") for row in connection.execute("SELECT * FROM client")}
    finally:
        connection.close()
    assert acknowledged <= stored


@pytest.mark.promise(6)
async def test_every_connection_to_sqlite_is_durable(tmp_path: Path) -> None:
    """What every connection of the pool says of itself.

    Planted: `synchronous=NORMAL`: a connection said so.
    """
    database = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")

    def pragmas(tx: sa.Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return tuple(tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names)

    try:
        seen = await asyncio.gather(
            *(database.read(pragmas) for _ in range(_AT_ONCE)),
            *(database.write(pragmas) for _ in range(_AT_ONCE)),
        )
    finally:
        await database.aclose()
    assert set(seen) == {("wal", 2, 1, 1)}  # 2: FULL


@pytest.mark.postgresql
async def test_every_connection_to_postgresql_syncs(empty_postgresql_url: str) -> None:
    """The test's server has it off: each connection says for itself that it wants it."""
    database = connect(empty_postgresql_url)

    def setting(tx: sa.Connection) -> str:
        tx.execute(sa.text("SELECT pg_sleep(0)"))
        return str(tx.execute(sa.text("SHOW synchronous_commit")).scalar_one())

    try:
        seen = await asyncio.gather(
            *(database.read(setting) for _ in range(_AT_ONCE)),
            *(database.write(setting) for _ in range(_AT_ONCE)),
        )
    finally:
        await database.aclose()
    assert set(seen) == {"on"}
