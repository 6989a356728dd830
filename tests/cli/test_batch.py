"""`hedui batch` against a running service: uploaded, watched, results beside the roster."""

import csv
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.access.clients import new_secret, secret_hash
from app.cli_batch import Wish, run
from app.store.clients import Client
from app.store.tables_batch import batch as batch_table
from app.store.tables_batch import batch_household
from app.wiring import new_id
from tests.batch.rosters import a_family, a_row, as_csv
from tests.service_parts import Running, all_ten, running


async def credentials(service: Running) -> tuple[str, str]:
    client_id, secret = new_id("cl"), new_secret()
    new = Client(
        client_id=client_id,
        name="county",
        region="220102",
        scopes=("batch",),
        secret_hash=secret_hash(secret),
        created_at=service.clock(),
    )
    await service.parts.shelf.database.write(lambda tx: service.parts.clients.add(tx, new))
    return client_id, secret


class Working(httpx.AsyncBaseTransport):
    """The service, whose worker reads and ends what there is whenever somebody looks."""

    def __init__(self, service: Running) -> None:
        self._service = service
        self._inner = httpx.ASGITransport(app=service.app)
        self.looks = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.count("/") == 3:
            self.looks += 1
            if self.looks == 2:
                await self._service.parts.batching.reading.read_due()
                await self._service.parts.shelf.database.write(self._end)
        return await self._inner.handle_async_request(request)

    def _end(self, tx: sa.Connection) -> None:
        now = self._service.clock()
        tx.execute(batch_household.update().values(state="done", outcome="confirmed", done_at=now))
        tx.execute(
            batch_table.update()
            .where(batch_table.c.status == "running")
            .values(status="done", ended_at=now)
        )


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The document, after what the service logs in this process."""
    out = capsys.readouterr().out
    return json.loads(out[out.index("{\n") :])


def a_wish(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "roster": None,
        "fields": {},
        "key": new_id("ik"),
        "wait": True,
        "action": None,
        "batch_id": "",
    }
    return Wish(**{**values, **changes})


async def test_a_roster_and_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = tmp_path / "county.csv"
    roster.write_bytes(as_csv([*a_family("A"), a_row(case_reference="B", name="")]))
    async with running(tmp_path / "data", all_ten()) as service:
        client = await credentials(service)
        transport = Working(service)
        async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as http:
            status = await run(http, client, a_wish(roster=roster))
            assert status == 0
            assert "1 of 4 rows rejected" in capsys.readouterr().err
            with (tmp_path / "county.results.csv").open(encoding="utf-8-sig", newline="") as file:
                assert [row["case_reference"] for row in csv.DictReader(file)] == ["A"]
            with (tmp_path / "county.errors.csv").open(encoding="utf-8-sig", newline="") as file:
                assert [row["code"] for row in csv.DictReader(file)] == ["name.missing"]
            assert (tmp_path / "county.changes.csv").stat().st_mode & 0o077 == 0


async def test_sent_without_waiting_then_managed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "county.csv"
    roster.write_bytes(as_csv(a_family()))
    async with running(tmp_path / "data", all_ten()) as service:
        client = await credentials(service)
        transport = httpx.ASGITransport(app=service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as http:
            assert await run(http, client, a_wish(roster=roster, wait=False)) == 0
            sent = printed(capsys)
            assert sent["status"] == "reading"
            await service.parts.batching.reading.read_due()
            for action, wanted in (
                ("pause", "paused"),
                ("resume", "running"),
                ("status", "running"),
            ):
                wish = a_wish(action=action, batch_id=sent["id"])
                assert await run(http, client, wish) == 0
                assert printed(capsys)["status"] == wanted


async def test_a_file_that_cannot_be_used_is_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "county.csv"
    roster.write_bytes(b"a,b\n1,2\n")
    async with running(tmp_path / "data", all_ten()) as service:
        client = await credentials(service)
        transport = Working(service)
        async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as http:
            assert await run(http, client, a_wish(roster=roster)) == 1
    assert "header.missing" in capsys.readouterr().err
