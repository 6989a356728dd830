"""The housing fund's view: what it holds and how it fails."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.faults import NOT_APPLICABLE, Fault
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.servers.housing_fund import COLUMNS, write_housing_fund
from tests.connectors.sandbox.servers.tiny_registers import LI_MING, tiny_registers, tiny_sandbox

QUERY = f"SELECT {', '.join(COLUMNS)} FROM V_GJJ_GRZH WHERE trim(ZJHM) = ?"  # noqa: S608


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(tmp_path) as running:
        yield running


def rows(path: Path, number: str = LI_MING[1]) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path, timeout=0.05)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(QUERY, (number,))]


def test_the_view_holds_the_accounts(tmp_path: Path) -> None:
    path = tmp_path / "fund.sqlite3"
    write_housing_fund(path, tiny_registers()["housing_fund"])
    (row,) = rows(path)
    assert (row["XM"], row["ZJHM"], row["DWDM"]) == ("李　明", LI_MING[1], None)
    assert f"{row['ZHYE']:.2f}" == "26700.15"
    assert (row["JZNY"], row["GXSJ"]) == ("202610", "2026-10-15 09:30:00")
    assert rows(path, "1") == []


@pytest.mark.parametrize("fault", [Fault.SQL_ERROR, Fault.STALL])
async def test_the_view_cannot_be_read(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.set("housing_fund", fault)
    with pytest.raises(sqlite3.OperationalError, match=r"no such table|locked"):
        rows(sandbox.housing_fund_file)
    sandbox.faults.set("housing_fund", None)
    assert len(rows(sandbox.housing_fund_file)) == 1


@pytest.mark.parametrize("fault", [Fault.SQL_SLOW, Fault.LATE])
async def test_the_view_takes_too_long(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.set("housing_fund", fault)
    steps = 0

    def stop() -> int:
        nonlocal steps
        steps += 1
        return steps > 20

    with closing(sqlite3.connect(sandbox.housing_fund_file)) as connection:
        connection.set_progress_handler(stop, 100_000)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(QUERY, (LI_MING[1],)).fetchall()


@pytest.mark.parametrize(
    ("fault", "column"),
    [
        (Fault.NAN, "ZHYE"),
        (Fault.GARBAGE, "ZHYE"),
        (Fault.TEN_MEGABYTES, "DWMC"),
        (Fault.WRONG_CHARSET, "DWMC"),
        (Fault.DUPLICATE, "ZHYE"),
    ],
)
async def test_the_view_shows_something_odd(sandbox: Sandbox, fault: Fault, column: str) -> None:
    sandbox.faults.set("housing_fund", fault)
    if fault is Fault.WRONG_CHARSET:
        with pytest.raises(sqlite3.OperationalError, match="decode"):
            rows(sandbox.housing_fund_file)
        return
    found = rows(sandbox.housing_fund_file)
    value = found[0][column]
    match fault:
        case Fault.NAN:
            assert value == "NaN"
        case Fault.GARBAGE:
            assert isinstance(value, bytes)
        case Fault.TEN_MEGABYTES:
            assert len(value) == 10 << 20
        case _:
            assert len(found) == 2


async def test_a_reader_in_the_way_delays_a_fault(sandbox: Sandbox) -> None:
    with closing(sqlite3.connect(sandbox.housing_fund_file)) as reader:
        reader.execute("BEGIN")
        reader.execute(QUERY, (LI_MING[1],)).fetchone()
        sandbox.faults.set("housing_fund", Fault.SQL_ERROR)
        reader.rollback()
    sandbox.faults.set("housing_fund", Fault.SQL_ERROR)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        rows(sandbox.housing_fund_file)


@pytest.mark.parametrize(
    "fault", sorted(fault for fault in Fault if ("housing_fund", fault) not in NOT_APPLICABLE)
)
async def test_every_fault_of_the_view_can_be_set_and_healed(
    sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.faults.set("housing_fund", fault)
    sandbox.reset()
    (row,) = rows(sandbox.housing_fund_file)
    assert row["XM"] == "李　明"
