"""The documentation's receivers of notices, each run on a notice that the service really sent."""

import atexit
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hedui_client import operations
from tests.clients.parts import At, a_notice
from tests.jobs.notice_parts import a_case_system

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]
SNIPPETS = ROOT / "docs" / "snippets" / "webhooks"
FILES = {"python": "notices.py", "node": "notices.mjs", "java": "Notices.java"}
SIGNED = {
    "hmac": {"x-hedui-signature", "x-hedui-timestamp", "x-hedui-event"},
    "ed25519": {
        *("content-digest", "signature", "signature-input"),
        *("x-hedui-timestamp", "x-hedui-event"),
    },
}


@dataclass(frozen=True)
class Came:
    """A request as it reached the case system, and the second at which it is looked at."""

    headers: Mapping[str, str]
    body: bytes
    now: int

    def changed(self, **headers: str) -> "Came":
        new = {name.replace("_", "-"): value for name, value in headers.items()}
        return Came({**self.headers, **new}, self.body, self.now)


@dataclass(frozen=True)
class Sent:
    url: str
    came: Came
    keys: Mapping[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sent(at: At) -> AsyncIterator[Sent]:
    async with a_case_system() as system, at.client() as client:
        url, headers, body = await a_notice(at, system, client, "/told?of=hedui")
        keys = {
            "ed25519": await client.send(operations.notice_keys()),
            "hmac": await client.send(operations.notice_key()),
        }
    yield Sent(url, Came(headers, body, int(headers["x-hedui-timestamp"])), keys)


def table(came: Came) -> list[tuple[str, Came, str]]:
    """What comes, one after another, and the word for each."""
    late = came.changed(x_hedui_timestamp=str(came.now + 1))
    return [
        (
            "tampered body",
            Came(came.headers, came.body.replace(b"status", b"Status"), came.now),
            "refused",
        ),
        ("another event", came.changed(x_hedui_event="ev_other"), "refused"),
        ("another time", late, "refused"),
        ("too old", Came(came.headers, came.body, came.now + 301), "refused"),
        ("too early", Came(came.headers, came.body, came.now - 301), "refused"),
        ("no signature", came.changed(signature="", x_hedui_signature=""), "refused"),
        ("as it came", came, "accepted"),
        ("the same once more", Came(came.headers, came.body, came.now + 60), "repeated"),
    ]


@pytest.mark.parametrize("by", ["ed25519", "hmac"])
@pytest.mark.parametrize("language", FILES)
async def test_a_receiver_takes_the_services_notices_once_and_no_others(
    sent: Sent, tmp_path: Path, language: str, by: str
) -> None:
    rows = table(sent.came)
    words = run(language, (by, sent.keys[by], sent.url), [came for _, came, _ in rows], tmp_path)
    names = [name for name, _, _ in rows]
    wanted = [word for _, _, word in rows]
    assert dict(zip(names, words, strict=True)) == dict(zip(names, wanted, strict=True))
    other = {"hmac": {"key": "00" * 32}, "ed25519": another(sent.keys["ed25519"])}[by]
    assert run(language, (by, other, sent.url), [sent.came], tmp_path) == ["refused"]
    if by == "ed25519":
        moved = (by, sent.keys[by], sent.url + "0")
        assert run(language, moved, [sent.came], tmp_path) == ["refused"]


def another(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Under the service's key id somebody else's key (RFC 8032, 7.1, test 2)."""
    x = base64.urlsafe_b64encode(
        bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    )
    return {"keys": [{**one, "x": x.decode().rstrip("=")} for one in keys["keys"]]}


@cache
def started(language: str) -> tuple[str, ...]:
    """How the snippet is run; Java's is compiled once."""
    script = str(SNIPPETS / language / FILES[language])
    if language == "python":
        return (sys.executable, script)
    needed = ("java", "javac") if language == "java" else (language,)
    programs = [shutil.which(name) for name in needed]
    if None in programs:
        pytest.skip(f"there is no {' or '.join(needed)} on this machine")
    if language == "node":
        return (str(programs[0]), script)
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    subprocess.run([str(programs[1]), "-Xlint:all", "-Werror", "-d", folder, script], check=True)
    return (str(programs[0]), "-XX:TieredStopAtLevel=1", "-cp", folder, "Notices")


def run(
    language: str, known: tuple[str, Any, str], came: Sequence[Came], folder: Path
) -> list[str]:
    """The words of the snippet, run as the documentation says."""
    by, keys, url = known
    command = started(language)
    if language == "java":
        given = (
            keys["key"] if by == "hmac" else ",".join(f"{k['kid']}={k['x']}" for k in keys["keys"])
        )
        arguments = [by, given, url]
        lines = [_as_tabs(one, SIGNED[by]) for one in came]
    else:
        file = folder / "keys.json"
        file.write_text(json.dumps(keys), "utf-8")
        arguments = [str(file), url]
        lines = [_as_json(one, SIGNED[by]) for one in came]
    done = subprocess.run(
        [*command, *arguments],
        input="\n".join(lines) + "\n",
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def _as_json(one: Came, names: set[str]) -> str:
    headers = {name: value for name, value in one.headers.items() if name in names}
    body = base64.b64encode(one.body).decode()
    return json.dumps({"headers": headers, "body": body, "now": one.now})


def _as_tabs(one: Came, names: set[str]) -> str:
    headers = [f"{name}={value}" for name, value in one.headers.items() if name in names]
    return "\t".join([str(one.now), base64.b64encode(one.body).decode(), *headers])


QUOTED = re.compile(r"^```(python|js|java)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_guide_quotes_the_files_as_they_are(language: str) -> None:
    guide = ROOT / "docs" / "site" / language / "how-to" / "webhooks.md"
    text = guide.read_text("utf-8")
    quoted = QUOTED.findall(text)
    assert [kind for kind, _ in quoted] == ["python", "js", "java"]
    for (kind, name), (_, code) in zip(FILES.items(), quoted, strict=True):
        assert f"(../../../snippets/webhooks/{kind}/{name})" in text
        assert code in (SNIPPETS / kind / name).read_text("utf-8")
