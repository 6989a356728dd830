"""Fills .venv with what a lock file names, hash by hash, and the project itself on top.

Standard library only: it runs before anything is installed. Called by `.ci/setup`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import IO

LOCKS = {
    "runtime": "requirements.lock",
    "dev": "requirements-dev.lock",
    "bench": "requirements-bench.lock",
}  # each holds all of the one before it
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ROOT = Path.cwd()
HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
EVERY = 10.0  # seconds between progress lines where they cannot overwrite each other


def main(kind: str) -> int:
    """Install unless the stamp says that nothing changed; 0 when .venv is ready."""
    wanted = fingerprint()
    if any(stamp(other).is_file() and stamp(other).read_text() == wanted for other in covers(kind)):
        return 0
    began = time.monotonic()
    make_environment()
    for other in LOCKS:
        stamp(other).unlink(missing_ok=True)
    total = len(re.findall(r"^[a-z0-9]\S*==", (ROOT / LOCKS[kind]).read_text(), re.MULTILINE))
    locked = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", LOCKS[kind]]
    ourselves = ["--no-deps", "--no-build-isolation", "--no-index", "-e", "."]
    if not (pip(locked, total) and pip(ourselves, 0)):
        return 1
    if kind != "runtime" and not browser():
        return 1
    stamp(kind).write_text(wanted)
    say(f"setup: ready in {time.monotonic() - began:.0f} s: .venv/bin/hedui\n")
    return 0


def browser() -> bool:
    """Debian's Chromium for the tests of the UI, where no Chromium is there yet."""
    if any(shutil.which(name) for name in BROWSERS):
        return True
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    if os.geteuid() != 0:
        say(f"setup: the tests of the UI need Chromium: sudo {' '.join(install)}\n")
        return False
    say("setup: fetching Debian's Chromium for the tests of the UI\n")
    if apt(install) == "":
        return True
    apt(["apt-get", "update"])  # lists that were never fetched, or are old
    said = apt(install)
    sys.stderr.write(said and f"setup: apt-get failed:\n{said[-2000:]}\n")
    return said == ""


def apt(command: list[str]) -> str:
    """What it said where it failed; nothing where it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    return "" if done.returncode == 0 else done.stderr or "no reason was given"


def covers(kind: str) -> tuple[str, ...]:
    """The kinds whose presence makes this one unnecessary: itself and those that hold all of it."""
    kinds = tuple(LOCKS)
    return kinds[kinds.index(kind) :]


def stamp(kind: str) -> Path:
    return HOME / f".installed-{kind}"


def fingerprint() -> str:
    """What an installation depends on: locks, project file, packages, Python and folder."""
    digest = hashlib.sha256()
    for name in (*LOCKS.values(), "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    version = "{}.{}".format(*sys.version_info)
    return "\n".join((str(ROOT), version, ",".join(packages), digest.hexdigest())) + "\n"


def make_environment() -> None:
    """A .venv for this Python; one that was made in another folder is made anew."""
    stamps = [stamp(kind) for kind in LOCKS if stamp(kind).is_file()]
    moved = any(path.read_text().splitlines()[0] != str(ROOT) for path in stamps)
    inside = Path(sys.prefix) == HOME
    if moved and inside:  # the running Python lies in what has to go
        base = sys._base_executable  # type: ignore[attr-defined]
        shutil.rmtree(HOME)
        os.execv(base, [base, *sys.argv])  # noqa: S606
    if not inside:
        say("setup: making .venv, one to two minutes\n")
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(HOME)


def pip(arguments: list[str], total: int) -> bool:
    """Install quietly, with one line of progress; what pip said is shown only when it failed."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_PROGRESS_BAR": "off"}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            encoding="utf-8",
            errors="replace",
        )
        follow(process, log, total)
        if process.wait() == 0:
            return True
        log.seek(0)
        said = log.read().splitlines()
        errors = [line for line in said if line.lstrip().startswith(("ERROR", "error"))]
        sys.stderr.write("\n".join(["setup: pip failed:", *(errors or said[-20:])]) + "\n")
        return False


def follow(process: "subprocess.Popen[str]", log: IO[str], total: int) -> None:
    """Count the packages that pip takes up, and say how far it is."""
    seen, told, fetching = 0, time.monotonic(), total > 0
    every = 0.1 if sys.stdout.isatty() else EVERY
    for line in process.stdout or ():
        log.write(line)
        seen += line.startswith(("Collecting ", "Processing "))
        if fetching and line.startswith("Installing collected"):
            fetching = False
            progress(f"setup: {total} packages fetched, installing them")
        elif fetching and time.monotonic() - told >= every:
            told = time.monotonic()
            progress(f"setup: {min(seen, total)} of {total} packages fetched")
    if total and sys.stdout.isatty():
        say("\n")


def progress(text: str) -> None:
    say(f"\r\x1b[K{text}" if sys.stdout.isatty() else f"{text}\n")


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
