"""`hedui clients add` prints the credentials once, and they serve."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from tests.service_parts import all_ten, running

GRANT = {"grant_type": "client_credentials"}


def add(folder: Path, *arguments: str) -> tuple[int, str]:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder)})
    done = runner.invoke(cli, ["clients", "add", *arguments])
    return done.exit_code, done.stdout


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
