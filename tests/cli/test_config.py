"""A service that is unsafe in production does not start, and says which setting and what to do."""

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner, Result

from app.cli import cli
from app.domain.errors import ConfigurationError
from app.keys import master_key, read_key
from app.safe_database import migrated, refuse_lossy, refuse_other_clock
from app.safe_start import RULES, Looked, refuse_unsafe
from app.settings import Settings, read_sources_file
from app.store.migrate import sync_engine, upgrade
from app.store.session import sqlite_engine
from app.wiring_stages import stages

SOUND_SOURCES: dict[str, Any] = {
    "tax": {"url": "https://10.1.2.5", "username": "hedui", "password": "env:TAX_PASSWORD"},
    "bank": {
        "url": "sftp://hedui@10.1.8.5:22",
        "password": "env:BANK_PASSWORD",
        "host_key": "file:{folder}/bank.pub",
    },
}
TAX, BANK = SOUND_SOURCES["tax"], SOUND_SOURCES["bank"]
UNSAFE: dict[str, tuple[Mapping[str, str], Mapping[str, Any], str]] = {
    "SQLite": ({"HEDUI_DATABASE_URL": ""}, {}, "database"),
    "a connection in clear": (
        {"HEDUI_DATABASE_URL": "postgresql://hedui@10.1.0.2/hedui"},
        {},
        "database",
    ),
    "a password that everybody knows": (
        {"HEDUI_DATABASE_URL": "postgresql://hedui:hedui@10.1.0.2/hedui?ssl=verify-full"},
        {},
        "database",
    ),
    "a plain public URL": ({"HEDUI_PUBLIC_URL": "http://hedui.example"}, {}, "public URL"),
    "the embedded key": ({"HEDUI_KEY_FILE": ""}, {}, "keys"),
    "the derived audit key": ({"HEDUI_AUDIT_KEY_FILE": ""}, {}, "keys"),
    "a key beside the data": ({"HEDUI_KEY_FILE": "{folder}/data/master.key"}, {}, "keys"),
    "heads signed beside the data": ({"HEDUI_AUDIT_SIGNING_KEY": ""}, {}, "audit trail"),
    "a trail that is anchored nowhere": ({"HEDUI_AUDIT_ANCHOR": ""}, {}, "audit trail"),
    "an anchor beside the data": (
        {"HEDUI_AUDIT_ANCHOR": "file:{folder}/data/anchors"},
        {},
        "audit trail",
    ),
    "sessions without TLS": ({"HEDUI_PLAIN_COOKIE": "true"}, {}, "sessions"),
    "metrics for anyone": ({"HEDUI_METRICS": "anyone"}, {}, "metrics"),
    "traces in clear": ({"HEDUI_OTLP_ENDPOINT": "http://10.1.0.9:4318"}, {}, "traces"),
    "debugging": ({"PYTHONASYNCIODEBUG": "1"}, {}, "debugging"),
    "a source in clear": ({}, {"tax": {**TAX, "url": "http://10.1.2.5"}}, "source tax"),
    "a secret in the file": ({}, {"tax": {**TAX, "password": "Zx9-plain-text"}}, "source tax"),
    "a default secret": (
        {"TAX_PASSWORD": "changeme"},  # what examples hold
        {},
        "source tax",
    ),
    "a short secret": ({"TAX_PASSWORD": "k3y"}, {}, "source tax"),
    "a secret that is not there": ({}, {"tax": {**TAX, "password": "env:NOT_SET"}}, "source tax"),
    "any host": (
        {},
        {"bank": {name: text for name, text in BANK.items() if name != "host_key"}},
        "source bank",
    ),
}


def environment(
    folder: Path, changes: Mapping[str, str], sources: Mapping[str, Any]
) -> dict[str, str]:
    """A configuration that is safe, but for the changes; written into the folder."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    for name in ("master.key", "audit.key"):
        read_key(keys / name, create=True)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "bank.pub").write_text("ssh-ed25519 AAAA\n")
    text = yaml.safe_dump({"sources": {**SOUND_SOURCES, **sources}})
    (folder / "sources.yaml").write_text(text.replace("{folder}", str(folder)))
    given = {
        "HEDUI_DATA_DIR": str(folder / "data"),
        "HEDUI_DATABASE_URL": "postgresql://hedui@10.1.0.2/hedui?ssl=verify-full",
        "HEDUI_PUBLIC_URL": "https://hedui.example",
        "HEDUI_KEY_FILE": str(keys / "master.key"),
        "HEDUI_AUDIT_KEY_FILE": str(keys / "audit.key"),
        "HEDUI_AUDIT_SIGNING_KEY": f"file:{keys / 'signing.key'}",
        "HEDUI_AUDIT_ANCHOR": f"file:{folder / 'anchors'}",
        "HEDUI_SOURCES": str(folder / "sources.yaml"),
        "TAX_PASSWORD": "q7Vn-not-a-default",
        "BANK_PASSWORD": "w2Lr-not-a-default",
        **{name: text.replace("{folder}", str(folder)) for name, text in changes.items()},
    }
    return {name: text for name, text in given.items() if text}


def checked(env: Mapping[str, str]) -> Result:
    cleared = {name: None for name in os.environ if name.startswith("HEDUI_")}
    return CliRunner(env={**cleared, **env}).invoke(cli, ["config", "check", "--json"])


def test_a_safe_configuration_has_no_finding(tmp_path: Path) -> None:
    done = checked(environment(tmp_path, {}, {}))
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


@pytest.mark.promise(30)
@pytest.mark.parametrize("unsafe", UNSAFE)
def test_each_unsafe_setting_is_refused(
    unsafe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hedui config check` finds it, and a service in production refuses it by the same words.

    Planted: each rule taken out of RULES in turn; its cases ended with status 0.
    """
    changes, sources, name = UNSAFE[unsafe]
    env = environment(tmp_path, changes, sources)
    done = checked(env)
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [one["name"] for one in found] == [name]
    assert found[0]["remedy"]
    for secret in ("q7Vn", "w2Lr", "Zx9-plain", "k3y"):
        assert secret not in done.stdout
    for variable, text in env.items():
        monkeypatch.setenv(variable, text)
    settings = Settings(production=True)
    with pytest.raises(ConfigurationError, match="refused in production") as refused:
        refuse_unsafe(settings, read_sources_file(settings.sources))
    assert name in str(refused.value)


@pytest.mark.promise(30)
async def test_the_service_asks_before_it_makes_anything(tmp_path: Path) -> None:
    """Planted: the call in `stages` taken out; the start then failed later, at the migration."""
    settings = Settings(data_dir=tmp_path / "data", production=True)
    with pytest.raises(ConfigurationError, match="HEDUI_DATABASE_URL"):
        async with stages(settings):
            pytest.fail("started")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.promise(30)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    """On one machine, too.

    Planted: the mode check in `read_key` made `& 0o007`; 0640 was read.
    """
    path = tmp_path / "master.key"
    read_key(path, create=True)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        master_key(Settings(data_dir=tmp_path))


@pytest.mark.promise(30)
@pytest.mark.parametrize("wrong", ["synchronous=OFF", "synchronous=NORMAL", "foreign_keys=OFF"])
def test_a_database_that_may_lose_what_it_acknowledged_is_refused(
    wrong: str, tmp_path: Path
) -> None:
    """Planted: `not_durable` given back empty; synchronous=OFF passed."""
    engine = sqlite_engine(sa.make_url(f"sqlite:///{tmp_path / 'hedui.sqlite3'}"))
    with engine.connect() as tx:
        refuse_lossy(tx)
        tx.exec_driver_sql(f"PRAGMA {wrong}")
        with pytest.raises(ConfigurationError, match="may lose what it acknowledged"):
            refuse_lossy(tx)
    engine.dispose()


@pytest.mark.promise(30)
@pytest.mark.postgresql
@pytest.mark.parametrize(("seconds", "refused"), [(59, False), (61, True), (-61, True)])
def test_a_clock_off_the_databases_is_refused(
    seconds: int, refused: bool, empty_postgresql_url: str
) -> None:
    """Planted: the difference without `abs`; a clock a minute ahead passed."""
    engine = sync_engine(empty_postgresql_url)
    with engine.connect() as tx:
        told: datetime = tx.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        machine = told + timedelta(seconds=seconds)
        if refused:
            with pytest.raises(ConfigurationError, match="NTP"):
                refuse_other_clock(tx, lambda: machine)
        else:
            refuse_other_clock(tx, lambda: machine)
    engine.dispose()


@pytest.mark.promise(30)
def test_a_pending_migration_is_refused_in_production(
    empty_database_url: str, tmp_path: Path
) -> None:
    """Planted: the comparison of revisions turned round; an empty database passed."""
    settings = Settings(data_dir=tmp_path, database_url=empty_database_url, production=True)
    for revision in (None, "0006"):
        if revision is not None:
            upgrade(empty_database_url, revision)
        with pytest.raises(ConfigurationError, match="hedui migrate"):
            migrated(settings)
    upgrade(empty_database_url)
    migrated(settings)


def test_what_is_no_setting_is_named_without_its_value(tmp_path: Path) -> None:
    done = checked({**environment(tmp_path, {}, {}), "HEDUI_PORT": "q7Vn"})
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["name"] == "HEDUI_PORT"
    assert "q7Vn" not in done.stdout


def test_every_rule_has_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode of key files has a test of its own."""
    seen = set()
    for number, (changes, sources, _) in enumerate(UNSAFE.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        with monkeypatch.context() as patched:
            for variable, text in environment(folder, changes, sources).items():
                patched.setenv(variable, text)
            settings = Settings()
            looked = Looked(settings, read_sources_file(settings.sources))
            seen |= {rule for rule in RULES if list(rule(looked))}
    assert {rule.__name__ for rule in set(RULES) - seen} == {"_key_files"}
