"""hedui keys, and where the master key may be: a start without the right one is refused."""

import json
import os
import secrets
import sqlite3
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.domain.errors import ConfigurationError
from app.keys import ManifestKey, open_keys, wrapping
from app.settings import Settings
from app.store.crypto import Cell, FieldCipher
from app.store.data_keys import KeyState
from app.store.stored_keys import opened
from tests.new_databases import brought_up
from tests.service_parts import a_body, all_ten, running

CELL = Cell("objection", "sealed_text", "ob_1")
HSM = '''\
"""A machine that keeps a key: it wraps by a keyed mask, which never leaves it."""
import hashlib, hmac, pathlib, sys
key = pathlib.Path(__file__).with_suffix(".secret").read_bytes()
context, data = (bytes.fromhex(line) for line in sys.stdin.read().splitlines())
def mask(nonce):
    return hashlib.shake_256(key + nonce + context).digest(32)
def tag(data):
    return hmac.digest(key, context + data, "sha256")
if sys.argv[1] == "wrap":
    nonce = hashlib.sha256(data + key).digest()[:12]
    made = nonce + bytes(a ^ b for a, b in zip(data, mask(nonce)))
    print((made + tag(made)).hex())
else:
    made, its = data[:-32], data[-32:]
    if not hmac.compare_digest(its, tag(made)):
        sys.exit(3)
    print(bytes(a ^ b for a, b in zip(made[12:], mask(made[:12]))).hex())
'''

_AN_OBJECTION = (
    "INSERT INTO objection (id, verification_id, region, client_id, state, sealed_text, filed_at) "
    "VALUES ('ob_1', 'vf_1', '22', 'cl_1', 'filed', ?, 0)"
)


def an_hsm(folder: Path) -> str:
    script = folder / "hsm.py"
    script.write_text(HSM)
    (folder / "hsm.secret").write_bytes(secrets.token_bytes(32))
    return f"store:{sys.executable} {script}"


def a_file(folder: Path, name: str = "kek.key") -> str:
    path = folder / name
    path.write_text(secrets.token_hex(32))
    path.chmod(0o600)
    return f"file:{path}"


def a_printing_command(folder: Path) -> str:
    script = folder / "print key.sh"
    script.write_text(f"#!/bin/sh\necho {secrets.token_hex(32)}\n")
    script.chmod(0o700)
    return f"command:'{script}'"


def a_variable(folder: Path) -> str:
    os.environ["HEDUI_TEST_KEK"] = secrets.token_hex(32)
    return "env:HEDUI_TEST_KEK"


SOURCES: Mapping[str, Callable[[Path], str]] = {
    "store": an_hsm,
    "file": a_file,
    "command": a_printing_command,
    "env": a_variable,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_TEST_KEK", raising=False)


def begun(folder: Path, **changes: Any) -> Settings:
    settings = Settings(data_dir=folder / "data", **changes)
    settings.data_dir.mkdir(exist_ok=True)
    brought_up(settings.database)
    open_keys(settings)
    return settings


def run(settings: Settings, *arguments: str) -> Result:
    env = {
        "HEDUI_DATA_DIR": str(settings.data_dir),
        "HEDUI_KEY_SOURCE": settings.key_source,
        "HEDUI_SUITE": settings.suite,
    }
    return CliRunner(env=env).invoke(cli, list(arguments))


def sealed_by(settings: Settings) -> bytes:
    return FieldCipher(open_keys(settings)).seal(CELL, b"said")


@pytest.mark.promise(22)
@pytest.mark.parametrize("to", SOURCES)
@pytest.mark.parametrize("kind", SOURCES)
def test_keys_come_from_anywhere_and_move_anywhere(tmp_path: Path, kind: str, to: str) -> None:
    """Rewrapped, nothing that is stored changes, and the old master key opens nothing any more.

    Planted: `unwrapped` gave what was wrapped where it did not unwrap: the old master was taken.
    """
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    settings = begun(tmp_path, key_source=SOURCES[kind](tmp_path / "a"))
    sealed = sealed_by(settings)
    before = os.environ.get("HEDUI_TEST_KEK")
    target = SOURCES[to](tmp_path / "b")
    if kind == to == "env":
        os.environ["HEDUI_NEXT_KEK"] = os.environ["HEDUI_TEST_KEK"]
        os.environ["HEDUI_TEST_KEK"] = str(before)
        target = "env:HEDUI_NEXT_KEK"
    done = run(settings, "keys", "rewrap", "--to", target)
    assert done.exit_code == 0, (done.output, done.exception)
    with pytest.raises(ConfigurationError, match="is not the one"):
        open_keys(settings)
    moved = settings.model_copy(update={"key_source": target})
    assert FieldCipher(open_keys(moved)).open(CELL, sealed) == b"said"
    assert run(moved, "keys", "rotate").exit_code == 0
    assert run(moved, "audit", "verify").exit_code == 0


def test_a_backup_is_signed_by_what_wraps(tmp_path: Path) -> None:
    for kind in SOURCES.values():
        of = wrapping(Settings(key_source=kind(tmp_path)))
        new = ManifestKey.new(of)
        assert ManifestKey.named(new.id, of).key == new.key
        with pytest.raises(ConfigurationError, match="the key of the time of the backup"):
            ManifestKey.named("00000000", of)


@pytest.mark.promise(22)
@pytest.mark.parametrize(
    ("bend", "said"),
    [
        ("DELETE FROM data_key WHERE purpose = 'field' AND state = 'retired'", "is not among"),
        ("DELETE FROM data_key WHERE purpose = 'field'", "0 active data keys"),
        ("UPDATE data_key SET state = 'active' WHERE purpose = 'field'", "2 active data keys"),
        ("UPDATE data_key SET wrapped = zeroblob(61)", "does not open"),
        ("UPDATE data_key SET suite = 'sm4-gcm' WHERE purpose = 'field'", "does not open"),
        ("UPDATE data_key SET suite = 'rot13'", "does not open"),
        (
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key k WHERE k.suite <> '')",
            "does not open",
        ),
    ],
)
def test_keys_that_are_not_whole_are_refused(tmp_path: Path, bend: str, said: str) -> None:
    """Planted: `StoredKey.context` without the suite: its row was taken under another suite."""
    settings = begun(tmp_path)
    sealed = sealed_by(settings)
    with closing(sqlite3.connect(settings.data_dir / "hedui.sqlite3")) as database:
        row = _AN_OBJECTION
        database.execute(row, (sealed,))
        database.commit()
    assert run(settings, "keys", "rotate").exit_code == 0
    with closing(sqlite3.connect(settings.data_dir / "hedui.sqlite3")) as database:
        database.execute(bend)
        database.commit()
    with pytest.raises(ConfigurationError, match=said):
        open_keys(settings)


@pytest.mark.promise(22)
@pytest.mark.parametrize("kind", SOURCES)
def test_another_master_key_is_refused(tmp_path: Path, kind: str) -> None:
    """Planted: as in the test above of keys that move."""
    settings = begun(tmp_path)
    other = settings.model_copy(update={"key_source": SOURCES[kind](tmp_path)})
    with pytest.raises(ConfigurationError, match="is not the one that wraps"):
        open_keys(other)


def loose(folder: Path) -> str:
    source = a_file(folder)
    Path(source.removeprefix("file:")).chmod(stat.S_IRUSR | stat.S_IRGRP)
    return source


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (loose, "chmod 600"),
        (lambda _: "file:/nowhere/there", "no such key file"),
        (lambda _: "env:HEDUI_NOT_SET", "HEDUI_NOT_SET: not a key"),
        (lambda _: "command:/nowhere/there", "cannot be asked"),
        (lambda _: "command:", "names no command"),
        (lambda _: "command:false", "exit status 1"),
        (lambda _: "command:echo abcd", "32 bytes"),
        (lambda _: "command:echo s3cret", "not hexadecimal"),
        (lambda _: "store:false", "exit status 1"),
        (lambda _: "vault:x", "HEDUI_KEY_SOURCE is"),
    ],
)
def test_a_source_without_a_key_is_one_clear_line(
    tmp_path: Path, source: Callable[[Path], str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as refusal:
        begun(tmp_path, key_source=source(tmp_path))
    assert "s3cret" not in str(refusal.value)


def test_a_loose_hsm_is_never_put_in_the_place_of_a_key(tmp_path: Path) -> None:
    """A database of before cannot be taken over by who never sees its master key."""
    settings = begun(tmp_path)
    with closing(sqlite3.connect(settings.data_dir / "hedui.sqlite3")) as database:
        database.execute("DELETE FROM data_key")
        database.execute(
            _AN_OBJECTION,
            (FieldCipher(bytes(32)).seal(CELL, b"x"),),
        )
        row = "INSERT INTO outbox (event_id, region, client_id, sealed_url, sealed_body, state,"
        row += " attempts, next_at, created_at) VALUES ('ev_1', '22', 'c', ?, ?, 'x', 0, 0, 0)"
        body = FieldCipher(bytes(32)).seal(Cell("outbox", "sealed_body", "ev_1"), b"x")
        database.execute(row, (body, body))
        database.commit()
    with pytest.raises(ConfigurationError, match="not the one that sealed"):
        open_keys(settings)
    with pytest.raises(ConfigurationError, match="start once with"):
        open_keys(settings.model_copy(update={"key_source": an_hsm(tmp_path)}))


def test_status_rotate_and_destroy(tmp_path: Path) -> None:
    settings = begun(tmp_path)
    sealed = sealed_by(settings)
    [old] = [one for one in open_keys(settings).rows if one.purpose == "field"]
    assert run(settings, "keys", "rotate").exit_code == 0
    assert run(settings, "keys", "rotate", "--index").exit_code == 0
    shown = run(settings, "keys", "status", "--count")
    assert shown.exit_code == 0
    assert old.id in shown.output
    refused = run(settings, "keys", "destroy", old.id)
    assert "rotate first" in str(refused.exception)
    assert "no such key" in str(run(settings, "keys", "destroy", "00000000").exception)
    assert "HEDUI_AUDIT_KEY_FILE" in str(run(settings, "keys", "rotate", "--service").exception)
    with opened(settings.database, writing=True) as tx:
        tx.exec_driver_sql("UPDATE data_key SET state = 'unused', until_at = 0 WHERE until_at > 0")
    done = run(settings, "keys", "destroy", old.id)
    assert done.exit_code == 0, done.exception
    [row] = [one for one in open_keys(settings).rows if one.id == old.id]
    assert (row.state, row.wrapped) == (KeyState.DESTROYED, b"")
    assert old.wrapped not in (settings.data_dir / "hedui.sqlite3").read_bytes()
    log = settings.data_dir / "hedui.sqlite3-wal"
    assert not log.exists() or log.stat().st_size == 0
    with pytest.raises(Exception, match=f"sealed with key {sealed[:4].hex()}"):
        FieldCipher(open_keys(settings)).open(CELL, sealed)
    assert run(settings, "audit", "verify").exit_code == 0


@pytest.mark.promise(22)
@pytest.mark.parametrize("suite", ["aes-256-gcm", "sm4-gcm"])
@pytest.mark.parametrize("source", ["", "store"])
async def test_a_verification_under_either_suite(
    tmp_path: Path, database_url: str, suite: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the request to the report, sealed with data keys of the suite of the settings.

    Planted: `Maker._first` made AES keys whatever the suite: the active key's suite was another.
    """
    monkeypatch.setenv("HEDUI_SUITE", suite)
    monkeypatch.setenv("HEDUI_KEY_SOURCE", an_hsm(tmp_path) if source else "")
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        reply = await service.post(a_body())
        assert reply.status_code == 201, reply.text
        document = await service.shown(reply.json()["id"])
        assert document["status"] == "final"
        report = await service.get(f"/v1/verifications/{document['id']}/report")
        assert report.status_code == 200
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    keys = open_keys(settings)
    assert keys.current().active.suite.name == suite
    assert {one.suite.name for some in keys.current().indexes.values() for one in some} == {suite}
    assert json.dumps(document)
