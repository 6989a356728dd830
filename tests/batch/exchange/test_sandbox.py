"""All three kinds of source against the sandbox: thousands of persons, parts, damage, calls."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import time
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.store.session import Database
from connectors.contract import Callback, CallbackRefused
from connectors.registry import build_sources
from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.register import Entry, Register
from connectors.sandbox.sandbox import Sandbox, run_sandbox
from tests.batch.exchange.office import Office, a_verification, an_office

BANK_ROW: dict[str, object] = {
    "bank": "icbc",
    "account": "6222****0123",
    "account_kind": "01",
    "currency": "CNY",
    "balance": Decimal("15320.55"),
    "balance_date": date(2026, 11, 23),
    "branch": "长春平阳街支行",
    "state": "0",
    "money_in": Decimal("10.00"),
    "money_out": Decimal("9.00"),
}
HOLDING: dict[str, object] = {
    "一码通账号": "1800****4521",
    "市场": "沪A",
    "证券代码": "600000",
    "证券简称": "某某股份",
    "证券类别": "股票",
    "持有数量": 300,
    "市值": Decimal("2931.00"),
    "资金余额": Decimal("105.20"),
    "日期": date(2026, 11, 23),
}
POLICY: dict[str, object] = {
    "bdh": "P2201000012345",
    "gsmc": "某某人寿",
    "cpmc": "某某年金保险（分红型）",
    "xzfl": "年金",
    "role": "投保人",
    "bdzt": "有效",
    "sxrq": date(2017, 8, 1),
    "jffs": "年缴",
    "ncbf": Decimal("3000.00"),
    "ljbf": Decimal("27000.00"),
    "xjjz": Decimal("19850.00"),
    "nlqje": Decimal("0.00"),
}
ROWS = {
    "bank": (BANK_ROW, "account"),
    "securities": (HOLDING, "holding"),
    "insurance": (POLICY, "policy"),
}


def register(source: str, households: int) -> Register:
    """Every head of a household has one record."""
    row, kind = ROWS[source]
    entries = []
    for place in range(1, households + 1):
        head = a_verification(place).request.household.members[0]
        own = {"xm": head.name, "zjhm": head.id_number} if source == "insurance" else {}
        entries.append(Entry(head.name, head.id_number, {**row, **own}, kind, None))
    return Register(entries)


@asynccontextmanager
async def county(
    folder: Path, source: str, households: int, callback_url: str | None = None, **pace: Any
) -> AsyncIterator[tuple[Sandbox, Mapping[str, Any]]]:
    registers = {source: register(source, households)}
    async with run_sandbox(registers, folder=folder, **pace) as sandbox:
        config = sandbox.sources_configuration(callback_url)[source]
        if source == "bank":
            config |= {"banks": ["icbc"], "limit_only": {}}
        sources = build_sources({source: config}, {source: {"timeout": 30}})
        try:
            yield sandbox, sources
        finally:
            await sources[source].aclose()


async def all_read(office: Office) -> None:
    """Rounds until nobody waits any more."""
    async with asyncio.timeout(100):
        while {"todo", "asked"} & (await office.persons()).keys():
            await office.write()
            await office.read(minutes=16)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("source", "households"), [("bank", 1500), ("securities", 300)])
async def test_thousands_by_one_file(
    database: Database, tmp_path: Path, source: str, households: int
) -> None:
    async with county(tmp_path, source, households, bank_parts=3) as (sandbox, sources):
        office = an_office(database, sources, days=30)
        await office.enlist(households, source=source)
        await all_read(office)
        assert len(sandbox.log.asked()) == 2 * households
        assert {call.reference for call in sandbox.log.asked()} == {
            f"{file.name}.{'txt' if source == 'bank' else 'xlsx'}" for file in await office.files()
        }
        assert len(await office.files()) == 1
        states = await office.states()
        assert states.total() == 2 * households
        assert states["unknown"] == 0
        assert states["found"] >= households


@pytest.mark.parametrize(
    ("source", "fault", "failure"),
    [
        ("bank", Fault.PARTS_OUT_OF_ORDER, None),
        ("bank", Fault.REJECTED_REQUEST, "rejected"),
        ("securities", Fault.BROKEN_WORKBOOK, "malformed"),
        ("securities", Fault.MISSING_HEADINGS, "malformed"),
    ],
)
async def test_faults_of_files(
    database: Database, tmp_path: Path, source: str, fault: Fault, failure: str | None
) -> None:
    async with county(tmp_path, source, 20, bank_parts=3) as (sandbox, sources):
        sandbox.faults.set(source, fault)
        office = an_office(database, sources, tries=2, days=30)
        await office.enlist(20, source=source)
        await all_read(office)
        failures = {one.failure for one in (await office.replies()).values()}
        assert failures == {failure}
        tries = len(await office.files())
        assert tries == (2 if failure == "malformed" else 1)


async def test_a_damaged_workbook_is_asked_for_again(database: Database, tmp_path: Path) -> None:
    async with county(tmp_path, "securities", 20) as (sandbox, sources):
        sandbox.faults.set("securities", Fault.BROKEN_WORKBOOK, times=1)
        office = an_office(database, sources, days=30)
        await office.enlist(20, source="securities")
        await all_read(office)
        assert (await office.states())["unknown"] == 0
        assert len(await office.files()) == 2


async def test_inquiries_about_hundreds_are_polled(database: Database, tmp_path: Path) -> None:
    async with county(tmp_path, "insurance", 300) as (sandbox, sources):
        office = an_office(database, sources, days=30)
        await office.enlist(300, source="insurance")
        await all_read(office)
        assert [file.persons for file in await office.files()] == [500, 100]
        assert (await office.states())["unknown"] == 0
        assert len(sandbox.log.asked()) == 600


async def test_inquiries_are_answered_by_signed_calls_in_parts(
    database: Database, tmp_path: Path
) -> None:
    taken: list[bool] = []
    refused: list[str] = []
    offices: list[Office] = []

    async def called(request: web.Request) -> web.Response:
        callback = Callback(
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
            received_at=time(),
        )
        try:
            taken.append(await offices[0].exchange.receive("insurance", callback))
        except CallbackRefused as why:
            refused.append(str(why))
            return web.json_response({}, status=401)
        return web.json_response({"received": True})

    app = web.Application()
    app.router.add_post("/calls", called)
    async with TestServer(app) as server:
        url = str(server.make_url("/calls"))
        async with county(
            tmp_path, "insurance", 20, url, insurance_parts=4, callback_delay=0.1
        ) as (sandbox, sources):
            sandbox.faults.set("insurance", Fault.BAD_SIGNATURE_CALLBACK, times=1)
            offices.append(an_office(database, sources, days=30))
            await offices[0].enlist(20, source="insurance")
            await offices[0].write()
            async with asyncio.timeout(20):
                while len(taken) < 4:
                    await asyncio.sleep(0.02)
            await all_read(offices[0])
            assert taken == [True] * 4
            assert len(refused) == 1
            assert not [call for call in sandbox.log.calls() if call.step is Step.RESULT]
            assert (await offices[0].states())["unknown"] == 0
            assert [file.state for file in await offices[0].files()] == ["closed"]
