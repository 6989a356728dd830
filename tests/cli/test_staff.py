"""`hedui staff`: the first administrators, made where the service runs."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from app.cli import cli
from app.domain.errors import Conflict, HeduiError
from tests.new_databases import new_sqlite
from tests.service_parts import Clock, all_ten, running
from tests.staff_parts import PASSWORD, sent


def said(folder: Path, *arguments: str) -> Result:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), "HEDUI_PASSWORD_MEMORY": "19456"})
    return runner.invoke(cli, ["staff", *arguments])


def made(folder: Path, login: str, *arguments: str) -> dict[str, Any]:
    done = said(folder, "add", login, "--name", "张三", *arguments)
    assert done.exit_code == 0, done.output
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


async def taken_into_use(folder: Path, *accounts: dict[str, Any]) -> None:
    clock = Clock(datetime.now(UTC))  # the command line has no other
    async with running(folder, all_ten(), clock=clock) as service:
        for one in accounts:
            given = {"login": one["login"], "token": one["enrolment_token"], "password": PASSWORD}
            reply = await sent(service, "/v1/session/enrolment", given)
            assert reply.status_code == 200, reply.text


def test_an_account_is_made_listed_disabled_and_reset(tmp_path: Path) -> None:
    one = made(tmp_path, "Ops.One", "--region", "220102", "--role", "system_admin")
    assert set(one) == {"id", "login", "enrolment_token", "until"}
    (row,) = json.loads(said(tmp_path, "list", "--json").stdout)
    assert (row["login"], row["state"], row["roles"]) == ("ops.one", "invited", ["system_admin"])
    assert "ops.one" in said(tmp_path, "list").stdout
    assert json.loads(said(tmp_path, "disable", "ops.one").stdout)["state"] == "disabled"
    again = json.loads(said(tmp_path, "reset", "ops.one").stdout)
    assert again["enrolment_token"] != one["enrolment_token"]
    assert json.loads(said(tmp_path, "role", "ops.one", "system_admin", "--end").stdout)
    assert json.loads(said(tmp_path, "list", "--json").stdout)[0]["roles"] == []


def test_what_cannot_be_is_one_line(tmp_path: Path) -> None:
    made(tmp_path, "ops", "--role", "system_admin")
    assert said(tmp_path, "add", "x.y", "--name", "某", "--role", "mayor").exit_code == 2
    assert said(tmp_path, "add", "x.y", "--name", "某", "--region", "吉林").exit_code == 2
    assert isinstance(said(tmp_path, "role", "ops", "security_admin").exception, Conflict)
    assert isinstance(said(tmp_path, "add", "ops", "--name", "某").exception, Conflict)
    assert isinstance(said(tmp_path, "disable", "nobody").exception, HeduiError)


def test_with_two_security_administrators_the_machine_grants_no_more(tmp_path: Path) -> None:
    """Until one of them is disabled: then there is nobody else to do it."""
    accounts = [
        made(tmp_path, login, "--role", "security_admin") for login in ("sec.one", "sec.two")
    ]
    asyncio.run(taken_into_use(tmp_path, *accounts))
    refused = said(tmp_path, "add", "third", "--name", "某", "--role", "auditor")
    assert refused.exit_code != 0
    assert "two security administrators" in str(refused.exception)
    assert len(json.loads(said(tmp_path, "list", "--json").stdout)) == 2
    assert said(tmp_path, "disable", "sec.two").exit_code == 0
    done = said(tmp_path, "add", "third", "--name", "某", "--role", "auditor")
    assert done.exit_code == 0


def test_a_login_that_cannot_be_is_told_what_one_is(tmp_path: Path) -> None:
    """As the operator sees it: where and what, not the code alone."""
    new_sqlite(tmp_path)
    words = ["staff", "add", "李娜", "--name", "李娜", "--region", "220102"]
    done = subprocess.run(
        [sys.executable, "-m", "app.start", *words],
        env={**os.environ, "HEDUI_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert "/login: a login has 3 to 63 letters, digits, dots, dashes" in told
