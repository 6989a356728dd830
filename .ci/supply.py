"""What hedui stands on: its parts (SBOM), their licences, and what is known against them.

`sbom`: dist/hedui-VERSION.cdx.json (CycloneDX) of what requirements.lock names, as installed.
`licences`: docs/licences.md from the same. `audit`: the parts against a folder of advisories.
Run from .venv by `make sbom`, `make licences`, `make audit`.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
LINE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)
ADVISORIES = "advisories.json"
"""In a folder of advisories: {"date": "YYYY-MM-DD"}, beside OSV documents, one a file."""


def locked() -> dict[str, str]:
    """Names and versions that an installation on this machine takes from the lock file."""
    found = (LINE.match(line) for line in LOCK.read_text("utf-8").splitlines())
    return {
        canonicalize_name(one["name"]): one["version"]
        for one in found
        if one and (not one["marker"] or Marker(one["marker"].strip()).evaluate())
    }


def installed() -> dict[str, Distribution]:
    """The locked parts that are here."""
    parts = {}
    for name in locked():
        try:
            parts[name] = distribution(name)
        except PackageNotFoundError:
            continue
    return parts


def missing() -> list[str]:
    """Locked parts that are not here, or here in another version."""
    here = installed()
    return [
        f"{name} {version}"
        for name, version in locked().items()
        if name not in here or here[name].version != version
    ]


def release() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def sbom(out: Path) -> None:
    """A reproducible CycloneDX document whose components are the locked parts, no more, no less."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "all.json"
        command = ["environment", sys.executable, "--pyproject", str(ROOT / "pyproject.toml")]
        options = ["--output-reproducible", "--of", "JSON", "-o", str(whole)]
        tool = Path(sys.executable).with_name("cyclonedx-py")
        subprocess.run([str(tool), *command, *options], check=True, cwd=ROOT)
        document = json.loads(whole.read_text("utf-8"))
    wanted = locked()
    kept = [one for one in document["components"] if canonicalize_name(one["name"]) in wanted]
    if {(canonicalize_name(one["name"]), one["version"]) for one in kept} != set(wanted.items()):
        sys.exit(f"sbom: not installed as locked: {', '.join(missing())}")
    refs = {one["bom-ref"] for one in kept} | {document["metadata"]["component"]["bom-ref"]}
    document["components"] = kept
    document["dependencies"] = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in document["dependencies"]
        if one["ref"] in refs
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"sbom: {len(kept)} components in {out}")


def licence_of(part: Distribution) -> str:
    """As the part says: SPDX expression, else classifiers, else its free text's first line."""
    data = part.metadata.json
    if data.get("license_expression"):
        return str(data["license_expression"])
    classifiers = [str(one) for one in data.get("classifier") or []]
    own = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    named = [one for one in own if one != "OSI Approved"]
    text = str(data.get("license") or "").strip().splitlines()
    return " / ".join(named) or (text[0] if text else "")


def licences(out: Path) -> None:
    rows = [
        f"| {name} | {part.version} | {licence_of(part) or 'not stated'} |"
        for name, part in sorted(installed().items())
    ]
    if missing():
        sys.exit(f"licences: not installed as locked: {', '.join(missing())}")
    head = [
        "# Licences of what hedui stands on",
        "",
        "Made by `make licences` from the parts that requirements.lock names, by their own word.",
        "",
        "| part | version | licence |",
        "|---|---|---|",
    ]
    out.write_text("\n".join([*head, *rows]) + "\n", "utf-8")
    print(f"licences: {len(rows)} parts in {out}")


def audit(folder: Path | None) -> int:
    """Each part against each advisory; without dated advisories it says that nothing was done."""
    parts = locked()
    if folder is None or not (folder / ADVISORIES).is_file():
        print(f"NOT AUDITED: no advisories were given; 0 of {len(parts)} parts looked at")
        return 3
    dated = date.fromisoformat(json.loads((folder / ADVISORIES).read_text("utf-8"))["date"])
    absent = missing()
    if absent:
        print(f"NOT AUDITED: installed is not what is locked: {', '.join(absent)}")
        return 3
    found = sorted(
        f"{name} {parts[name]}: {advisory['id']}"
        for path in folder.rglob("*.json")
        if path.name != ADVISORIES
        for advisory in [json.loads(path.read_text("utf-8"))]
        for name in touched(advisory, parts)
    )
    print("\n".join([*found, f"audited {len(parts)} of {len(parts)} parts, advisories of {dated}"]))
    return 1 if found else 0


def touched(advisory: Mapping[str, Any], parts: Mapping[str, str]) -> Iterator[str]:
    """The parts that an OSV document speaks of, in a version that it names."""
    if advisory.get("withdrawn"):
        return
    for affected in advisory.get("affected", []):
        package = affected.get("package", {})
        name = canonicalize_name(str(package.get("name", "")))
        if package.get("ecosystem") == "PyPI" and name in parts and _is_in(parts[name], affected):
            yield name


def _is_in(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", []):
        return True
    for one in affected.get("ranges", []):
        if one.get("type") == "ECOSYSTEM" and _within(Version(version), one["events"]):
            return True
    return False


def _within(version: Version, events: list[Mapping[str, str]]) -> bool:
    """OSV's events in order: introduced opens, fixed closes before, last_affected after."""
    inside = False
    for event in events:
        kind, text = next(iter(event.items()))
        try:
            at = Version("0" if text == "0" else text)
        except InvalidVersion:
            return True  # what cannot be ruled out is told
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["sbom", "licences", "audit"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--advisories", type=Path)
    given = parser.parse_args()
    if given.what == "audit":
        return audit(given.advisories)
    if given.what == "licences":
        licences(given.out or ROOT / "docs" / "licences.md")
    else:
        sbom(given.out or ROOT / "dist" / f"hedui-{release()}.cdx.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
