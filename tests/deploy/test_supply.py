"""What hedui stands on is locked by hash, listed, licensed, and never falsely called audited."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
NO_PLACE = ("AGPL", "GPL-2", "GPL-3.0-or-later", "SSPL", "BUSL", "Commons Clause")
"""Licences that do not go with Apache-2.0 in one product; the LGPL of a library does."""
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}"
    r"|gh[pousr]_[0-9A-Za-z]{36}|xox[abp]-[0-9A-Za-z-]{20}"
)
MADE_UP_KEYS = {"connectors/sandbox", "tests"}
"""Keys of made-up servers may lie here."""


def supply(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / ".ci" / "supply.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def names_of(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    found = [re.match(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", line) for line in lines]
    return {one[1]: one[2] for one in found if one}


def advisories(folder: Path, *documents: dict[str, Any]) -> Path:
    (folder / "advisories.json").write_text('{"date": "2026-11-01"}')
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    return folder


def advisory(name: str, **affected: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": "TEST-1", "affected": [{"package": package, **affected}]}


def events(*given: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: at} for kind, at in given]}]}


def fits(licence: str) -> bool:
    """Of several to choose from, one is enough."""
    without = [way.replace("LGPL", "") for way in licence.split(" OR ")]
    ways = [way for way in without if not any(one in way for one in NO_PLACE)]
    return bool(ways) and "not stated" not in licence


@pytest.mark.promise(29)
@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_locked_by_hash(lock: str) -> None:
    """Planted: the hashes of one package taken out of a lock file; it was named."""
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)
    without = [block.split()[0] for block in blocks if "==" in block and "--hash=" not in block]
    assert without == []
    assert "://" not in (ROOT / lock).read_text("utf-8")
    setup = (ROOT / ".ci" / "install.py").read_text("utf-8")
    assert all(option in setup for option in ("--require-hashes", "--only-binary", "--no-deps"))


@pytest.mark.promise(29)
def test_the_bill_of_materials_is_what_is_locked(tmp_path: Path) -> None:
    """Nothing in it tells of the day. Planted: one component left out of what is kept."""
    out = tmp_path / "sbom.json"
    done = supply("sbom", "--out", str(out))
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_text("utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "hedui"
    assert not {"serialNumber", "timestamp"} & {*document, *document["metadata"]}
    text = (ROOT / "requirements.lock").read_text("utf-8")
    elsewhere = {
        one[1]
        for one in re.finditer(r"^([a-z0-9._-]+)==\S+ ; (.+?) \\$", text, re.MULTILINE)
        if not Marker(one[2]).evaluate()
    }
    locked = {at: its for at, its in names_of("requirements.lock").items() if at not in elsewhere}
    listed = {
        one["name"].lower().replace("_", "-"): one["version"] for one in document["components"]
    }
    assert listed == locked


@pytest.mark.promise(29)
def test_every_part_has_a_licence_that_goes_with_ours(tmp_path: Path) -> None:
    """docs/licences.md is as made. Planted: a part called AGPL-3.0; it was named."""
    out = tmp_path / "licences.md"
    done = supply("licences", "--out", str(out))
    assert done.returncode == 0, done.stderr
    made = set(out.read_text("utf-8").splitlines())
    kept = set((ROOT / "docs" / "licences.md").read_text("utf-8").splitlines())
    assert made <= kept, "make licences"
    assert [row for row in kept if row.startswith("| ") and not fits(row.split("|")[3])] == []


@pytest.mark.promise(29)
def test_without_advisories_nothing_is_called_audited() -> None:
    """Planted: status 0 without advisories; 0 is not 3."""
    done = supply("audit")
    assert (done.returncode, done.stdout.split(":")[0]) == (3, "NOT AUDITED")


@pytest.mark.promise(29)
@pytest.mark.parametrize(
    ("affected", "found"),
    [
        (events(("introduced", "0")), True),
        (events(("introduced", "0"), ("fixed", "0.1")), False),
        (events(("introduced", "0"), ("last_affected", "0.1")), False),
        (events(("introduced", "0"), ("fixed", "999")), True),
        (events(("introduced", "0"), ("fixed", "0.1"), ("introduced", "0.2")), True),
        (events(("introduced", "999")), False),
        (events(("introduced", "no version")), True),
        ({"versions": [names_of("requirements.lock")["jinja2"]]}, True),
        ({"versions": ["2.4.1"]}, False),
    ],
)
def test_an_advisory_that_concerns_a_part_is_found(
    affected: dict[str, Any], found: bool, tmp_path: Path
) -> None:
    """Planted: `fixed` read as opening; three rows turned."""
    done = supply(
        "audit", "--advisories", str(advisories(tmp_path, advisory("Jinja2", **affected)))
    )
    assert done.returncode == int(found), done.stdout
    assert ("jinja2" in done.stdout) is found
    assert "advisories of 2026-11-01" in done.stdout
    assert re.search(r"audited (\d+) of \1 parts", done.stdout)


def test_a_withdrawn_advisory_and_another_ecosystems_concern_nobody(tmp_path: Path) -> None:
    every = events(("introduced", "0"))
    withdrawn = {**advisory("jinja2", **every), "withdrawn": "2026-01-01T00:00:00Z"}
    foreign = advisory("jinja2", **every)
    foreign["affected"][0]["package"]["ecosystem"] = "npm"
    done = supply("audit", "--advisories", str(advisories(tmp_path, withdrawn, foreign)))
    assert done.returncode == 0, done.stdout


@pytest.mark.promise(29)
def test_what_is_younger_than_ninety_days_has_a_note() -> None:
    """Planted: a package put on the list without its line; it was named."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    young = tomllib.loads(text)["tool"]["uv"]["exclude-newer-package"]
    notes = [line for line in text.splitlines() if line.startswith("# ")]
    assert [name for name in young if not any(name in line for line in notes)] == []


@pytest.mark.promise(29)
def test_no_secret_lies_in_the_repository() -> None:
    """Planted: a private key put into docs/; the file was named."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or name.startswith(tuple(MADE_UP_KEYS)):
            continue
        if SECRETS.search(path.read_text("utf-8", "replace")):
            found.append(name)
    assert found == []
