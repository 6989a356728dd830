"""`hedui clients`: credentials printed once that serve, keys rotated, access limited and ended."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.audit.verify import verify
from app.cli import cli
from app.keys import audit_key, master_key
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.migrate import sync_engine
from tests.client_parts import (
    PROXIES,
    PROXY,
    ask,
    ask_by,
    certificate,
    claims_of,
    key,
    public,
    signed,
)
from tests.service_parts import Clock, Running, all_ten, running

GRANT = {"grant_type": "client_credentials"}


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), "COLUMNS": "200", "NO_COLOR": "1"})
    done = runner.invoke(cli, ["clients", *arguments])
    return done.exit_code, done.stdout


def add(folder: Path, *arguments: str) -> tuple[int, str]:
    return run(folder, "add", *arguments)


def told(folder: Path, *arguments: str) -> Any:
    status, printed = run(folder, *arguments)
    assert status == 0
    return json.loads(printed)


async def test_credentials_that_serve(tmp_path: Path) -> None:
    status, printed = add(tmp_path, "南关区", "--region", "220102", "--scope", "verify,read")
    assert status == 0
    client = json.loads(printed)
    assert set(client) == {"client_id", "client_secret"}
    async with running(tmp_path, all_ten()) as service:
        reply = await service.http.post(
            "/oauth/token", data=GRANT, auth=(client["client_id"], client["client_secret"])
        )
        assert reply.json()["scope"] == "verify read"
        headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        assert (await service.post(wait=20, **headers)).status_code == 201
    assert not _holding(tmp_path, client["client_secret"].encode())


def _holding(folder: Path, secret: bytes) -> list[str]:
    files = [path for path in folder.glob("*") if path.is_file()]
    return [path.name for path in files if secret in path.read_bytes()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "--region", "220102", "--scope", "everything"),
        ("x", "--region", "吉林", "--scope", "read"),
        ("x", "--region", "２２", "--scope", "read"),
    ],
)
def test_unknown_scopes_and_regions_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, printed = add(tmp_path, *arguments)
    assert (status, printed) == (2, "")


async def token(service: Running, known: Any) -> httpx.Response:
    return await ask(service, client_id=known["client_id"], client_secret=known["client_secret"])


async def test_a_new_secret_beside_the_old_one(tmp_path: Path) -> None:
    old = told(tmp_path, "add", "x", "--region", "2201", "--scope", "read")
    new = told(tmp_path, "rotate", old["client_id"], "--overlap", "1")
    clock = Clock()
    async with running(tmp_path, [], clock=clock) as service:
        clock.now = await service.parts.shelf.database.read(lambda tx: _begun(service, tx, old))
        assert [(await token(service, one)).status_code for one in (old, new)] == [200, 200]
        clock.forward(hours=1, seconds=5)
        assert [(await token(service, one)).status_code for one in (old, new)] == [401, 200]


def _begun(service: Running, tx: Any, known: Any) -> Any:
    return service.parts.clients.keys(tx, known["client_id"])[-1].created_at


async def test_keys_and_certificates_from_files(tmp_path: Path) -> None:
    shown = certificate()
    (tmp_path / "keys.json").write_text(public(key("ed")))
    (tmp_path / "client.pem").write_bytes(shown.pem)
    files = ("--key", str(tmp_path / "keys.json"), "--certificate", str(tmp_path / "client.pem"))
    known = told(tmp_path, "add", "x", "--region", "2201", "--scope", "read", *files)
    assert set(known) == {"client_id"}
    shown_keys = told(tmp_path, "show", known["client_id"])["keys"]
    thumbprints = {one["kind"]: one["thumbprint"] for one in shown_keys}
    assert set(thumbprints) == {"jwk", "certificate"}
    assert thumbprints["certificate"] == shown.thumbprint
    async with running(tmp_path, [], trusted_proxies=PROXIES) as service:
        claims = claims_of(service, known["client_id"])
        assert (await ask_by(service, signed(key("ed"), claims, {}))).status_code == 200
        headers = {"Client-Cert": shown.rfc9440}
        reply = await ask(service, address=PROXY, headers=headers, client_id=known["client_id"])
        assert reply.status_code == 200


def test_what_may_be_asked_is_set_and_taken_back(tmp_path: Path) -> None:
    limits = ("--programme", "urban_dibao", "--purpose", "application", "--rate", "verify=5/60")
    known = told(tmp_path, "add", "x", "--region", "2201", "--scope", "verify", *limits)
    before = told(tmp_path, "show", known["client_id"])
    assert (before["programmes"], before["purposes"]) == (["urban_dibao"], ["application"])
    assert before["rates"] == "verify=5/60"
    after = told(tmp_path, "limit", known["client_id"], "--programme", "", "--scope", "read,verify")
    assert (after["programmes"], after["purposes"]) == ([], ["application"])
    assert after["scopes"] == ["read", "verify"]
    assert told(tmp_path, "list", "--json") == [after]
    assert known["client_id"] in run(tmp_path, "list", "--region", "22")[1]
    assert known["client_id"] not in run(tmp_path, "list", "--region", "23")[1]


@pytest.mark.promise(18)
def test_every_change_is_on_the_trail(tmp_path: Path) -> None:
    """Planted: with no entry at `rotate`, the list of actions was one short."""
    one = told(tmp_path, "add", "某局", "--region", "2201", "--scope", "read")
    id_ = one["client_id"]
    told(tmp_path, "rotate", id_)
    told(tmp_path, "limit", id_, "--scope", "verify")
    ((_, key_id),) = [
        (key_["kind"], key_["id"]) for key_ in told(tmp_path, "show", id_)["keys"] if key_["until"]
    ]
    assert run(tmp_path, "revoke", id_, "--key-id", key_id)[0] == 0
    assert run(tmp_path, "revoke", id_)[0] == 0
    for command in ("rotate", "limit", "revoke"):  # its access has ended for good
        assert run(tmp_path, command, id_) == (2, "")
    settings = Settings(data_dir=tmp_path)
    engine = sync_engine(settings.database)
    with engine.connect() as tx:
        rows = list(AuditEntries().all(tx))
        verdict = verify(iter(rows), audit_key(settings, master_key(settings)))
    engine.dispose()
    assert verdict.broken_at is None
    assert [row.action for row in rows] == [
        "client_added",
        "client_key_rotated",
        "client_limited",
        "client_key_revoked",
        "client_revoked",
    ]
    assert {(row.object, row.region) for row in rows} == {(id_, "2201")}
    assert not [row for row in rows if "某局" in row.details or one["client_secret"] in row.details]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--programme", "gold"),
        ("--purpose", "curiosity"),
        ("--rate", "verify"),
        ("--rate", "token=1/1"),
        ("--scope", ""),
        ("--key", "/nowhere"),
        ("--certificate", "/dev/null"),
        ("--key", "/dev/null"),
    ],
)
def test_limits_and_keys_that_cannot_be_are_refused(
    tmp_path: Path, arguments: tuple[str, str]
) -> None:
    status, printed = run(tmp_path, "add", "x", "--region", "22", *arguments)
    assert status != 0
    assert printed == ""
    assert told(tmp_path, "list", "--json") == []


def test_nobody_is_told_so(tmp_path: Path) -> None:
    for command in ("show", "rotate", "revoke", "limit"):
        assert run(tmp_path, command, "cl_none") == (2, "")
