"""The drill 恢复演练: a backup made under load, restored elsewhere, and the service goes on."""

import asyncio
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx import codes
from typer.testing import CliRunner, Result

from app.cli import cli
from app.store.migrate import upgrade
from app.store.tables import audit_entry, verification
from app.wiring import new_id
from tests.durability.frozen import KEY, write_key
from tests.durability.parts import (
    bodies,
    finish,
    outside,
    the_trail,
    url_of,
    whole,
)
from tests.postgresql import PostgresqlServer
from tests.service_parts import HEAD, NAMES, Clock, Running, ScriptedSource, all_ten, running


@dataclass(frozen=True)
class Place:
    """A data folder and its database."""

    folder: Path
    database_url: str
    tools: Path | None

    @property
    def url(self) -> str:
        return url_of(self.folder, self.database_url)

    def run(self, *arguments: str) -> Result:
        environment = {"HEDUI_DATA_DIR": str(self.folder), "HEDUI_DATABASE_URL": self.database_url}
        if self.tools is not None:
            environment["HEDUI_PG_TOOLS"] = str(self.tools)
        return CliRunner(env=environment).invoke(cli, list(arguments))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    """Where the service runs, and an empty place; the key store has given both the key."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        write_key(tmp_path / name)
    if request.param == "sqlite":
        yield Place(tmp_path / "old", "", None), Place(tmp_path / "new", "", None)
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    names = [new_id("drill").lower() for _ in range(2)]
    for name in names:
        server.create(name)
    old, new = (server.url(name) for name in names)
    yield (
        Place(tmp_path / "old", old, server.binaries),
        Place(tmp_path / "new", new, server.binaries),
    )
    for name in names:
        server.drop(name)


def a_slow_bank(*, ready: bool) -> ScriptedSource:
    return ScriptedSource("bank", persons_a_query=10, answers_later=True, ready=ready)


async def _load(service: Running, sent: list[dict[str, Any]], acknowledged: list[str]) -> None:
    for body in sent:
        reply = await service.post(body, key=body["case_reference"], wait=0)
        assert reply.status_code in (codes.CREATED, codes.ACCEPTED), reply.text
        acknowledged.append(reply.json()["id"])


@pytest.mark.promise(11)
async def test_a_backup_under_load_is_restored_and_worked_on(
    tmp_path: Path, places: tuple[Place, Place]
) -> None:
    """The service goes on meanwhile.

    Planted: the main file copied without its journal: what was acknowledged before was not in it.
    """
    old, new = places
    archive, clock = tmp_path / "hedui.backup", Clock()
    acknowledged: list[str] = []
    async with running(
        old.folder, all_ten(a_slow_bank(ready=False)), clock=clock, database_url=old.database_url
    ) as service:
        sent = bodies(30)
        await _load(service, sent[:10], acknowledged)
        before = tuple(acknowledged)
        going_on = asyncio.create_task(_load(service, sent[10:], acknowledged))
        done = await asyncio.to_thread(old.run, "backup", str(archive))
        assert done.exit_code == 0, done.stderr
        meanwhile = len(acknowledged) - len(before)
        await going_on
    assert meanwhile > 0, "the service went on while it was copied"
    done = await asyncio.to_thread(new.run, "restore", str(archive))
    assert done.exit_code == 0, done.stderr
    assert "Leases" in done.stdout
    async with running(
        new.folder, all_ten(a_slow_bank(ready=True)), clock=clock, database_url=new.database_url
    ) as service:
        there = _stored(new.url)
        assert set(before) <= there, "what was acknowledged before is in it"
        await finish(service, new.url, there)
        with outside(new.url) as tx:
            whole(tx)
    assert the_trail(new.folder, new.url).broken_at is None


def _stored(url: str) -> set[str]:
    with outside(url) as tx:
        return {row.id for row in tx.execute(verification.select())}


@pytest.fixture
async def backed_up(tmp_path: Path, places: tuple[Place, Place]) -> Path:
    """The archive of a service with one verification and a learned model."""
    old, _ = places
    (old.folder / "models").mkdir()
    (old.folder / "models" / "README").write_text("learned", "utf-8")
    async with running(old.folder, all_ten(), database_url=old.database_url) as service:
        assert (await service.post()).status_code == codes.CREATED
    archive = tmp_path / "hedui.backup"
    done = await asyncio.to_thread(old.run, "backup", str(archive))
    assert done.exit_code == 0, done.stderr
    return archive


def test_no_key_and_no_person_is_in_it(backed_up: Path) -> None:
    content = backed_up.read_bytes()
    for secret in (KEY, KEY.hex().encode(), HEAD.encode(), NAMES["m1"].encode()):
        assert secret not in content
    assert backed_up.stat().st_mode & 0o077 == 0


def test_the_manifest_says_what_is_in_it(backed_up: Path, places: tuple[Place, Place]) -> None:
    with tarfile.open(backed_up) as tar:
        names = tar.getnames()
        first = tar.extractfile(names[0])
        assert first is not None
        manifest = json.load(first)
    assert names == ["manifest.json", "database", "models/README"]
    old = places[0]
    verdict = the_trail(old.folder, old.url)
    assert manifest["contents"]["audit_head"] == verdict.head
    assert manifest["contents"]["audit_entries"] == verdict.entries
    assert manifest["contents"]["tables"]["verification"] == 1
    assert manifest["version"]
    assert manifest["key_id"]


def test_the_learned_files_come_back(backed_up: Path, places: tuple[Place, Place]) -> None:
    new = places[1]
    done = new.run("restore", str(backed_up))
    assert done.exit_code == 0, done.stderr
    assert (new.folder / "models" / "README").read_text("utf-8") == "learned"
    again = new.run("restore", str(backed_up))
    assert again.exit_code == 1
    assert "already" in str(again.exception)


def test_a_backup_replaces_no_file(backed_up: Path, places: tuple[Place, Place]) -> None:
    size = backed_up.stat().st_size
    done = places[0].run("backup", str(backed_up))
    assert "replaces no file" in str(done.exception)
    assert backed_up.stat().st_size == size
    assert [path.name for path in backed_up.parent.iterdir() if path.name.startswith(".")] == []


def test_another_key_is_refused(backed_up: Path, places: tuple[Place, Place]) -> None:
    new = places[1]
    (new.folder / "master.key").write_text(bytes(32).hex(), "ascii")
    done = new.run("restore", str(backed_up))
    assert "the key of the time of the backup" in str(done.exception)
    (new.folder / "master.key").unlink()
    done = new.run("restore", str(backed_up))
    assert "no such key file" in str(done.exception)
    assert not (new.folder / "master.key").exists()
    _still_empty(new)


def _still_empty(place: Place) -> None:
    if place.database_url:
        with outside(place.url) as tx:
            names = tx.exec_driver_sql(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).all()
        assert names == []
    else:
        assert [path.name for path in place.folder.iterdir() if path.name != "master.key"] == []


def test_a_changed_archive_is_refused(
    tmp_path: Path, backed_up: Path, places: tuple[Place, Place]
) -> None:
    """A byte of the manifest, of the database, or the end of it all."""
    whole_, changed = backed_up.read_bytes(), tmp_path / "changed.backup"
    database = whole_.index(b"PGDMP" if places[1].database_url else b"SQLite format 3")
    bent = {
        "rows": whole_.replace(b'"verification": 1', b'"verification": 2', 1),
        "database": whole_[: database + 600] + b"\xff\x00\xff" + whole_[database + 603 :],
        "end": whole_[: database + 700],
    }
    for name, content in bent.items():
        assert content != whole_, name
        changed.write_bytes(content)
        done = places[1].run("restore", str(changed))
        assert done.exit_code == 1, name
        assert type(done.exception).__name__ == "InvalidFile", name
        _still_empty(places[1])


def test_a_newer_revision_is_refused(tmp_path: Path, places: tuple[Place, Place]) -> None:
    old, new = places
    upgrade(old.url)
    with outside(old.url) as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    archive = tmp_path / "newer.backup"
    assert old.run("backup", str(archive)).exit_code == 0
    done = new.run("restore", str(archive))
    assert "9999" in str(done.exception)
    assert "newer one" in str(done.exception)


def test_a_broken_trail_is_found_before_it_is_used(
    tmp_path: Path, backed_up: Path, places: tuple[Place, Place]
) -> None:
    old, new = places
    with outside(old.url) as tx:
        tx.execute(audit_entry.update().where(audit_entry.c.position == 2).values(actor="x"))
    archive = tmp_path / "broken.backup"
    assert old.run("backup", str(archive)).exit_code == 0
    done = new.run("restore", str(archive))
    assert type(done.exception).__name__ == "AuditBroken"
    if not new.database_url:
        _still_empty(new)


def test_the_other_kind_of_database_is_refused(
    tmp_path: Path, backed_up: Path, places: tuple[Place, Place]
) -> None:
    other = "sqlite:///x.sqlite3" if places[1].database_url else "postgresql://nobody@/x"
    done = Place(places[1].folder, other, None).run("restore", str(backed_up))
    assert "HEDUI_DATABASE_URL names" in str(done.exception)


def test_nothing_to_back_up(tmp_path: Path) -> None:
    write_key(tmp_path)
    done = Place(tmp_path, "", None).run("backup", str(tmp_path / "x.backup"))
    assert "no such database" in str(done.exception)
    assert not (tmp_path / "hedui.sqlite3").exists()
