"""The Dockerfile by rules that can be read off it, and what the image installs, installed."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "connectors", "matching", "migrations")
KEPT_OUT = {".py", ".pyc"}
SECRET = re.compile(r"(?i)(password|secret|token|api_?key)\s*=\s*\S")


def instructions() -> list[tuple[str, str]]:
    """Keyword and rest of each instruction, continued lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    split = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(words[0].upper(), words[1]) for words in split]


def of(keyword: str) -> list[str]:
    return [rest for word, rest in instructions() if word == keyword]


def test_bases_are_pinned() -> None:
    for base in of("FROM"):
        tag = base.split()[0].partition(":")[2]
        assert re.match(r"\d+\.\d+-slim-[a-z]+$", tag), f"{base}: name version and distribution"


def test_nothing_runs_as_root() -> None:
    last = max(i for i, (word, _) in enumerate(instructions()) if word == "FROM")
    users = [rest for word, rest in instructions()[last:] if word == "USER"]
    assert users == ["10001:10001"], "by number: an orchestrator can check it"
    after = [word for word, _ in instructions()[last:]]
    assert after.index("USER") < after.index("ENTRYPOINT")
    assert "RUN" not in after[after.index("USER") :]


def test_signals_reach_the_process() -> None:
    for form in (*of("ENTRYPOINT"), *of("CMD")):
        assert form.startswith("["), "the shell form would swallow signals"
    assert of("STOPSIGNAL") == ["SIGTERM"]
    assert len(of("HEALTHCHECK")) == 1


def test_no_secret_and_nothing_fetched_unchecked() -> None:
    for word, rest in instructions():
        assert word != "ADD", "COPY copies; ADD also fetches and unpacks"
        assert not SECRET.search(rest), f"{word} {rest[:20]}…"
        assert "curl" not in rest.split()
        if "pip install" in rest and "requirements" in rest:
            assert "--require-hashes" in rest
            assert "--only-binary :all:" in rest
    assert of("VOLUME") == ["/var/lib/hedui"]


def test_all_that_is_built_from_is_copied_and_let_through() -> None:
    copied = {name for rest in of("COPY") for name in rest.split()[:-1] if "=" not in name}
    wanted = {*PACKAGES, "pyproject.toml", "README.md", "LICENSE", "requirements.lock"}
    assert wanted <= copied
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == wanted


def test_the_wheel_holds_every_data_file(tmp_path: Path) -> None:
    """Standards, weights, mappings, templates, migrations: what is read is there."""
    source = tmp_path / "src"
    source.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES, "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    names = [name for name in listed if name and (ROOT / name).is_file()]
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    flags = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *flags, "-w", str(tmp_path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No module named 'setuptools'" in done.stderr:
        pytest.skip("no setuptools here: the wheel is NOT CHECKED")
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in names if name.startswith(PACKAGES) and name not in held]
    assert missing == []
