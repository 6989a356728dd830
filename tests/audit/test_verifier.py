"""`hedui audit` as an auditor runs it: with a public key, anchors and a database to read."""

import asyncio
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from app.audit.signing import CommandKeys, CommandSigner, Ed25519Signer
from app.cli import cli
from tests.audit.trails import KEY, SEED, Bench, a_bench, filled, heads_of, intruding

HEX = KEY.hex()


def run(folder: Path, *arguments: str, **env: str) -> Result:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), **env})
    return runner.invoke(cli, ["audit", *arguments])


@pytest.fixture
def auditor(tmp_path: Path) -> Path:
    """A folder of the auditor's own, with the public key and nothing else."""
    folder = tmp_path / "auditor"
    folder.mkdir()
    (folder / "key.pem").write_bytes(Ed25519Signer.of(SEED).public_pem)
    return folder


def options(auditor: Path, bench: Bench) -> list[str]:
    given = ["--public-key", str(auditor / "key.pem"), "--anchor", str(bench.anchor_file)]
    return ["verify", "--database", bench.url, *given]


def test_an_auditor_needs_no_secret_and_changes_nothing(
    database_url: str, tmp_path: Path, auditor: Path
) -> None:
    bench = filled(database_url, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.glob("hedui.sqlite3*")}
    done = run(auditor, *options(auditor, bench))
    assert done.exit_code == 0, done.stderr
    assert "200 entries hold, 10 heads" in done.stderr
    assert "no key" in done.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert [path.name for path in auditor.iterdir()] == ["key.pem"]
    with intruding(bench.url) as tx:
        tx.execute(sa.text("UPDATE audit_entry SET actor = 'cl_2' WHERE position = 47"))
        tx.commit()
    bent = run(auditor, *options(auditor, bench))
    assert bent.exit_code == 1
    assert "an entry from 41 to 60 is not what head 3 vouches for" in bent.stderr.replace("\n", " ")
    key = auditor / "hmac.key"
    key.write_text(HEX)
    key.chmod(0o600)
    precise = run(auditor, *options(auditor, bench), "--audit-key", str(key), "--json")
    assert precise.exit_code == 1
    assert json.loads(precise.stdout)["broken_at"] == 47


def test_what_no_head_vouches_for_yet_is_told(tmp_path: Path, auditor: Path) -> None:
    async def work() -> Bench:
        bench = await a_bench(f"sqlite:///{tmp_path / 'hedui.sqlite3'}", tmp_path)
        await bench.fill(6, 2)
        await bench.append(3, 7)
        await bench.database.aclose()
        return bench

    bench = asyncio.run(work())
    done = run(auditor, *options(auditor, bench), "--json")
    report = json.loads(done.stdout)
    assert report["unvouched"] == [7, 9]
    assert report["entries"] == 9
    assert report["holds"] is False, "they are days old: no head was made since"
    assert "entry 7" in report["broken"][0]


def test_without_the_anchors_it_is_told_what_was_not_looked_at(
    tmp_path: Path, auditor: Path
) -> None:
    bench = filled(f"sqlite:///{tmp_path / 'hedui.sqlite3'}", tmp_path)
    done = run(auditor, "verify", "--database", bench.url, "--public-key", str(auditor / "key.pem"))
    assert done.exit_code == 0
    assert "not checked: the anchors" in done.stderr


def test_another_public_key_vouches_for_nothing(tmp_path: Path, auditor: Path) -> None:
    bench = filled(f"sqlite:///{tmp_path / 'hedui.sqlite3'}", tmp_path)
    (auditor / "key.pem").write_bytes(Ed25519Signer.of(KEY).public_pem)
    done = run(auditor, *options(auditor, bench))
    assert done.exit_code == 1
    assert "head 1 is not signed by a given key" in done.stderr
    both = (Ed25519Signer.of(KEY).public_pem, Ed25519Signer.of(SEED).public_pem)
    (auditor / "key.pem").write_bytes(b"".join(both))
    assert run(auditor, *options(auditor, bench)).exit_code == 0, "one after the other was used"
    (auditor / "key.pem").write_bytes(b"nothing")
    assert run(auditor, *options(auditor, bench)).exit_code != 0


@pytest.mark.promise(24)
def test_a_restored_backup_is_a_gap_and_is_told_as_such(tmp_path: Path, auditor: Path) -> None:
    """Lost heads are seen; admitted by a signed head they are shown as a gap, for ever.

    Planted: heads whose numbers leave some out taken without a word: status 0 instead of 3.
    """
    service = tmp_path / "service"
    service.mkdir()
    url, kept = f"sqlite:///{service / 'hedui.sqlite3'}", tmp_path / "backup.sqlite3"
    for name, key in (("master", KEY), ("audit-signing", SEED), ("audit", KEY)):
        (service / f"{name}.key").write_text(key.hex())
        (service / f"{name}.key").chmod(0o600)

    async def until_restored() -> Bench:
        bench = await a_bench(url, service)
        await bench.fill(4, 2)
        await bench.database.aclose()
        shutil.copy(service / "hedui.sqlite3", kept)
        bench = await a_bench(url, service)
        bench.clock.forward(hours=1)
        await bench.append(2, 5)
        await bench.anchoring.finish()
        await bench.append(3, 7)
        await bench.anchoring.finish()
        await bench.database.aclose()
        shutil.copy(kept, service / "hedui.sqlite3")
        return bench

    bench = asyncio.run(until_restored())
    lost = run(auditor, *options(auditor, bench))
    assert lost.exit_code == 1
    said = lost.stderr.replace("\n", " ")
    assert "head 3 and 1 more were anchored and are not here: entries up to 9" in said

    async def goes_on(first: int) -> None:
        again = await a_bench(url, service)
        again.clock.forward(hours=2)
        await again.append(1, first)
        await again.anchoring.finish()
        await again.database.aclose()

    asyncio.run(goes_on(5))
    assert len(heads_of(bench)) == 4, "the anchor takes no second head 3"
    env = {
        "HEDUI_AUDIT_KEY_FILE": str(service / "audit.key"),
        "HEDUI_AUDIT_ANCHOR": f"file:{bench.anchor_file}",
    }
    said_by = ("--operator", "王科长", "--reason", "backup of the 23rd restored, ticket 77")
    admitted = run(service, "accept-gap", *said_by, **env)
    assert admitted.exit_code == 0, admitted.stderr
    assert "head 5 admits that heads 3 to 4 are lost" in admitted.stderr
    asyncio.run(goes_on(6))
    whole = run(auditor, *options(auditor, bench))
    assert whole.exit_code == 3, whole.stderr
    assert "heads 3 to 4 are admitted to be lost by head 5" in whole.stderr.replace("\n", " ")
    assert run(service, "accept-gap", *said_by, **env).exit_code == 2, "there is no other gap"


def test_the_public_key_is_shown(tmp_path: Path) -> None:
    (tmp_path / "audit-signing.key").write_text(SEED.hex())
    (tmp_path / "audit-signing.key").chmod(0o600)
    done = run(tmp_path, "public-key")
    assert done.stdout.encode() == Ed25519Signer.of(SEED).public_pem
    from_env = run(
        tmp_path / "x", "public-key", HEDUI_AUDIT_SIGNING_KEY="env:SEED", SEED=SEED.hex()
    )
    assert from_env.stdout == done.stdout


SIGN = """
import subprocess, sys, tempfile
with tempfile.NamedTemporaryFile() as message:
    message.write(sys.stdin.buffer.read())
    message.flush()
    done = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-inkey",
        sys.argv[1], "-in", message.name], capture_output=True, check=True)
sys.stdout.write(done.stdout.hex())
"""
JUDGE = """
import json, pathlib, subprocess, sys, tempfile
asked = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "m").write_bytes(bytes.fromhex(asked["message"]))
    (folder / "s").write_bytes(bytes.fromhex(asked["signature"]))
    sys.exit(subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin",
        "-inkey", sys.argv[1], "-in", folder / "m", "-sigfile", folder / "s"]).returncode)
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL's program")
def test_heads_signed_by_sm2_through_a_program(tmp_path: Path) -> None:
    """As a 密码机 would: the private key never comes into this process."""
    key, public = tmp_path / "sm2.pem", tmp_path / "sm2.pub"
    made = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"]
    subprocess.run([*made, "-out", key], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True
    )
    for name, script in (("sign.py", SIGN), ("judge.py", JUDGE)):
        (tmp_path / name).write_text(script)
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"

    async def work() -> Bench:
        bench = await a_bench(url, tmp_path, algorithm="sm3")
        argv = (sys.executable, str(tmp_path / "sign.py"), str(key))
        bench.anchoring.signer = CommandSigner("sm2", "hsm-1", argv)
        await bench.fill(4, 2)
        await bench.database.aclose()
        return bench

    bench = asyncio.run(work())
    judge = f"{sys.executable} {tmp_path / 'judge.py'} {public}"
    apart = ["--database", url, "--anchor", str(bench.anchor_file), "--verify-command", judge]
    done = run(tmp_path / "nobody", "verify", *apart)
    assert done.exit_code == 0, done.stderr
    head = heads_of(bench)[0]
    assert (head.signer, head.key_id, head.algorithm) == ("sm2", "hsm-1", "sm3")
    keys = CommandKeys((sys.executable, str(tmp_path / "judge.py"), str(public)))
    assert keys.right(head)
    assert not keys.right(replace(head, entries=3))
