"""Asking a real database: SQLite in a file, and PostgreSQL where its server can be started."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import (
    AskedPerson,
    Found,
    IdType,
    Months,
    NoRecord,
    Outcome,
    Partial,
    SourceQuery,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted
from connectors.housing_fund.client import HousingFundSource
from connectors.transport.limits import Gate, Limits
from tests.connectors.housing_fund.test_housing_fund_parse import a_row

TABLE = """CREATE TABLE accounts (
    GRZH TEXT, XM TEXT, ZJHM TEXT, CSRQ TEXT, DWMC TEXT, DWDM TEXT, JCJS NUMERIC(12,2),
    YJCE NUMERIC(12,2), ZHYE NUMERIC(14,2), ZHZT TEXT, JZNY TEXT, GXSJ TIMESTAMP)"""
VIEW = "CREATE VIEW V_GJJ_GRZH AS SELECT * FROM accounts"
LESS = "CREATE VIEW V_GJJ_GRZH AS SELECT XM, ZJHM FROM accounts"
SLOW = """CREATE VIEW V_GJJ_GRZH AS
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
    SELECT accounts.* FROM accounts, (SELECT MAX(i) FROM n)"""
LIMITS = Limits(timeout=2, tries=1)
PERSON = AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236")
QUERY = SourceQuery(
    reference="q-1",
    sequence=1,
    region="220102",
    persons=(PERSON,),
    window=Months(date(2025, 11, 1), date(2026, 10, 31)),
    as_of=date(2026, 11, 1),
    sent_on=date(2026, 11, 24),
)
ROWS = (
    a_row(GRZH="1"),
    a_row(GRZH="2", XM="李军", ZJHM="22990119800307123 6"),
    a_row(GRZH="3", XM=" 李·明 ", ZJHM="229902198909140639"),
    a_row(GRZH="4", XM="李小明", ZJHM="229902198909140639"),
    a_row(GRZH="5", XM="李明明", ZJHM=""),
    a_row(GRZH="6", XM="NA Li", ZJHM="e1234567x"),
)


async def permit() -> None:
    """Always given."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "gjj 住房.db", VIEW)


def written(path: Path, *statements: str, rows: Any = ROWS) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(TABLE)
        marks = ", ".join("?" * 12)
        connection.executemany(
            f"INSERT INTO accounts VALUES ({marks})",  # noqa: S608 - question marks
            [tuple(row.values()) for row in rows],
        )
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


@asynccontextmanager
async def a_source(url: str, limits: Limits = LIMITS) -> AsyncIterator[HousingFundSource]:
    gate = Gate("housing_fund", limits)
    source = HousingFundSource.from_config("housing_fund", {"url": url}, gate)
    try:
        yield source
    finally:
        await source.aclose()


async def outcome_of(url: str, person: AskedPerson = PERSON, limits: Limits = LIMITS) -> Outcome:
    async with a_source(url, limits) as source:
        progress = await source.ask(replace(QUERY, persons=(person,)), permit)
    assert [each.person for each in progress.replies] == ["p1"]
    return progress.replies[0].outcome


def accounts(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Found)
    return sorted(str(each.raw["GRZH"]) for each in outcome.records)


LOOKED_UP = (
    (PERSON, ["1", "2", "3"]),
    (replace(PERSON, id_number="229901800307123"), ["1", "2", "3"]),
    (replace(PERSON, id_number="", id_type=IdType.NONE), ["1", "3"]),
    (replace(PERSON, name="", id_number="229902198909140639"), ["3", "4"]),
    (replace(PERSON, name="na·li", id_type=IdType.PASSPORT, id_number="E9"), ["6"]),
    (replace(PERSON, name="王", id_type=IdType.PASSPORT, id_number="E1234567X"), ["6"]),
)


@pytest.mark.parametrize(("person", "wanted"), LOOKED_UP)
async def test_rows_are_found_by_number_and_by_name(
    file: Path, person: AskedPerson, wanted: list[str]
) -> None:
    assert accounts(await outcome_of(f"sqlite:///{file}", person)) == wanted


@pytest.mark.parametrize("name", ["王芳", "李%", "李_明", "%", "' OR 1=1 --", "李/明"])
async def test_no_row_is_no_record(file: Path, name: str) -> None:
    person = replace(PERSON, name=name, id_number="229903197605074529")
    assert await outcome_of(f"sqlite:///{file}", person) == NoRecord()


async def test_nobody_is_not_asked_about(file: Path) -> None:
    outcome = await outcome_of(f"sqlite:///{file}", replace(PERSON, name="·", id_number=""))
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.REJECTED


async def test_what_was_read_is_kept(file: Path) -> None:
    async with a_source(f"sqlite:///{file}") as source:
        (reply,) = (await source.ask(QUERY, permit)).replies
    assert reply.raw.count(b"\n") == 2
    assert b'"ZHYE": "26700.55"' in reply.raw


async def test_more_rows_than_are_read_leave_a_gap(tmp_path: Path) -> None:
    rows = [a_row(GRZH=str(number)) for number in range(1001)]
    file = written(tmp_path / "a.db", VIEW, rows=rows)
    outcome = await outcome_of(f"sqlite:///{file}")
    assert isinstance(outcome, Partial)
    assert (outcome.gap.kind, len(outcome.records)) == (FailureKind.TOO_LARGE, 1000)


@pytest.mark.parametrize(
    ("statements", "rows", "limits", "kind"),
    [
        ((), ROWS, LIMITS, FailureKind.UNAVAILABLE),
        ((LESS,), ROWS, LIMITS, FailureKind.UNAVAILABLE),
        ((SLOW,), ROWS, Limits(timeout=0.2, tries=1), FailureKind.TIMED_OUT),
        ((VIEW,), [a_row(DWMC="长" * 9000)], Limits(max_bytes=9999), FailureKind.TOO_LARGE),
        (
            (VIEW,),
            [a_row(GRZH=str(n), DWMC="长" * 3000) for n in range(9)],
            Limits(max_bytes=9999),
            FailureKind.TOO_LARGE,
        ),
    ],
)
async def test_a_failure_is_never_no_record(
    tmp_path: Path, statements: tuple[str, ...], rows: Any, limits: Limits, kind: FailureKind
) -> None:
    file = written(tmp_path / "a.db", *statements, rows=rows)
    outcome = await outcome_of(f"sqlite:///{file}", limits=limits)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind
    assert not any(secret in str(outcome.gap) for secret in ("李", "2299", "SELECT"))


def test_a_missing_file_is_unreachable_and_not_made(tmp_path: Path) -> None:
    outcome = asyncio.run(outcome_of(f"sqlite:///{tmp_path}/none.db"))
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.UNREACHABLE
    assert not list(tmp_path.iterdir())


async def test_nothing_is_read_without_a_permit(file: Path) -> None:
    async def refuse() -> None:
        raise NotPermitted("no consent")

    async with a_source(f"sqlite:///{file}") as source:
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, refuse)


@pytest.mark.parametrize(
    "url", ["no url", "sqlite://", "mysql://u:secret@h/d", "nothing://u:secret@h/d"]
)
def test_a_url_without_a_driver_is_told_without_itself(url: str) -> None:
    gate = Gate("housing_fund", LIMITS)
    with pytest.raises(ValueError, match="driver") as caught:
        HousingFundSource.from_config("housing_fund", {"url": url}, gate)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("config", "key"), [({}, "url"), ({"url": "u", "table": "t"}, "table")])
def test_settings_are_checked(config: dict[str, str], key: str) -> None:
    with pytest.raises(ValueError, match=key):
        HousingFundSource.from_config("housing_fund", config, Gate("housing_fund", LIMITS))
