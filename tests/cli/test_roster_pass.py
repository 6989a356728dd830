"""`hedui roster-pass`: the printed address reconciles, is listed without its secret, and ends."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from app.cli import cli
from tests.looks.parts import trail
from tests.reconciliation.parts import about, asked
from tests.service_parts import HEAD, Running, all_ten, running

REGION = "220102"
ROSTER = ("--reference", "2026-11-nanguan", "--rows", "20")


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    environment = {
        "HEDUI_DATA_DIR": str(folder),
        "HEDUI_PUBLIC_URL": "https://hedui.example",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }
    done = CliRunner(env=environment).invoke(cli, arguments)
    return done.exit_code, done.stdout, done.stderr


def told(folder: Path, *arguments: str) -> Any:
    status, printed, wrong = run(folder, *arguments)
    assert status == 0, wrong
    return json.loads(printed) if printed else None


def a_client(folder: Path, scope: str = "batch,read") -> str:
    made = told(folder, "clients", "add", "desk", "--region", REGION, "--scope", scope)
    client_id: str = made["client_id"]
    return client_id


async def _found(service: Running, path: str) -> httpx.Response:
    return await asked(service, path, {"q0": about("李明", id_number=HEAD)})


def test_a_pass_is_made_listed_and_ended(tmp_path: Path) -> None:
    client = a_client(tmp_path)
    made = told(tmp_path, "roster-pass", "add", client, *ROSTER, "--region", "220102003")
    assert made["url"].startswith("https://hedui.example/v1/reconcile/by/")
    secret = made["url"].rpartition("/")[2]
    [listed] = told(tmp_path, "roster-pass", "list", "--json")
    assert (listed["id"], listed["holder"], listed["region"]) == (made["id"], client, "220102003")
    assert told(tmp_path, "roster-pass", "list", "--region", "2201", "--json") == [listed]
    assert told(tmp_path, "roster-pass", "list", "--region", "33", "--json") == []
    status, table, _ = run(tmp_path, "roster-pass", "list")
    assert status == 0
    assert "0 of 20" in table
    assert secret not in f"{listed} {table}"
    assert run(tmp_path, "roster-pass", "end", made["id"])[0] == 0
    status, _, wrong = run(tmp_path, "roster-pass", "end", made["id"])
    assert (status, "ended already" in wrong) == (2, True)
    [after] = told(tmp_path, "roster-pass", "list", "--json")
    assert after["ended_at"] is not None


async def test_the_printed_address_leads_to_the_service(tmp_path: Path) -> None:
    """As the client, told as made by the command; after its end nowhere."""
    client = await asyncio.to_thread(a_client, tmp_path)
    made = await asyncio.to_thread(told, tmp_path, "roster-pass", "add", client, *ROSTER)
    path = httpx.URL(made["url"]).path
    async with running(tmp_path, all_ten()) as service:
        service.clock.now = datetime.fromisoformat(made["created_at"])
        assert (await _found(service, path)).status_code == httpx.codes.OK
        entries = [row for row in await trail(service) if row.action == "roster_pass_made"]
        assert [row.actor for row in entries] == ["hedui roster-pass"]
        await asyncio.to_thread(told, tmp_path, "roster-pass", "end", made["id"])
        assert (await _found(service, path)).status_code == httpx.codes.NOT_FOUND


def test_what_is_refused(tmp_path: Path) -> None:
    """No such client, none that may, a region of others, a number in the roster's own number."""
    client, reader = a_client(tmp_path), a_client(tmp_path, "read")
    for arguments, words in (
        (("cl_nobody", *ROSTER), "no such client"),
        ((reader, *ROSTER), "scope batch"),
        ((client, *ROSTER, "--region", "33"), "outside"),
        ((client, "--reference", HEAD, "--rows", "1"), "--reference"),
        ((client, "--reference", "x", "--rows", "2001"), "rows"),
    ):
        status, printed, wrong = run(tmp_path, "roster-pass", "add", *arguments)
        assert (status, printed) == (2, ""), arguments
        assert words in wrong
        assert HEAD not in wrong
    assert run(tmp_path, "roster-pass", "end", "rp_nothing")[0] == 2
    assert told(tmp_path, "roster-pass", "list", "--json") == []
