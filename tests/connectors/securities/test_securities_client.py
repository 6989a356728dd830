"""The securities register over a real SFTP server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.contract import (
    AskedPerson,
    Found,
    IdType,
    NoRecord,
    Progress,
    Ticket,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted
from connectors.securities.client import SecuritiesSource
from connectors.transport.limits import Gate, Limits
from tests.connectors.securities.builders import (
    HEADINGS,
    LI,
    LI_YU,
    WANG,
    a_query,
    holding,
    says,
    workbook,
)
from tests.connectors.sftp_server import SftpServer, sftp_server

LIMITS = Limits(concurrency=1, timeout=5.0, tries=1, max_bytes=500_000)
QUERY = a_query(LI, WANG, LI_YU)
REPLY = "securities/out/ZQRSP_220102_20261124_0001.xlsx"


async def permitted() -> None:
    """Consent is there."""


async def refused() -> None:
    raise NotPermitted("withdrawn")


@asynccontextmanager
async def register(root: Path) -> AsyncIterator[tuple[SecuritiesSource, SftpServer]]:
    (root / "securities" / "in").mkdir(parents=True)
    (root / "securities" / "out").mkdir(parents=True)
    async with sftp_server(root) as server:
        source = SecuritiesSource.from_config(
            "securities", server.config(poll_seconds=0), Gate("securities", LIMITS)
        )
        try:
            yield source, server
        finally:
            await source.aclose()


async def asked(source: SecuritiesSource) -> Ticket:
    progress = await source.ask(QUERY, permitted)
    assert progress.replies == ()
    assert progress.ticket is not None
    return progress.ticket


async def test_the_request_is_a_workbook_of_text(tmp_path: Path) -> None:
    formula = AskedPerson("m4", "=1+1", IdType.PASSPORT, "E12345678")
    nobody = AskedPerson("m5", "某", IdType.NONE, "")
    async with register(tmp_path) as (source, _):
        progress = await source.ask(a_query(nobody, LI, formula), permitted)
    assert [(reply.person, type(reply.outcome)) for reply in progress.replies] == [("m5", Unknown)]
    folder = tmp_path / "securities" / "in"
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["ZQREQ_220102_20261124_0001.ok", "ZQREQ_220102_20261124_0001.xlsx"]
    sheet = load_workbook(BytesIO((folder / names[1]).read_bytes())).worksheets[0]
    cells = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert cells == [
        [("序号", "s"), ("姓名", "s"), ("证件类型", "s"), ("证件号码", "s")],
        [("1", "s"), ("李明", "s"), ("身份证", "s"), ("229901198003071236", "s")],
        [("2", "s"), ("=1+1", "s"), ("护照", "s"), ("E12345678", "s")],
    ]


async def test_without_consent_nothing_leaves(tmp_path: Path) -> None:
    async with register(tmp_path) as (source, _):
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, refused)
    assert list((tmp_path / "securities" / "in").iterdir()) == []


async def test_a_server_that_takes_no_file_leaves_all_unknown(tmp_path: Path) -> None:
    async with register(tmp_path) as (source, _):
        (tmp_path / "securities" / "in").rmdir()
        progress = await source.ask(QUERY, permitted)
    assert [type(reply.outcome) for reply in progress.replies] == [Unknown] * 3
    assert progress.ticket is None


async def test_the_reply_is_read_when_its_ok_is_there(tmp_path: Path) -> None:
    body = workbook([holding(), says(2, "无"), says(3, "失败：证件号码不符")])
    async with register(tmp_path) as (source, server):
        ticket = await asked(source)
        assert await source.collect(ticket, QUERY, permitted) == Progress(ticket=ticket)
        server.put(REPLY, body, ok=False)
        assert await source.collect(ticket, QUERY, permitted) == Progress(ticket=ticket)
        server.put(REPLY, body)
        progress = await source.collect(ticket, QUERY, permitted)
    assert [type(reply.outcome) for reply in progress.replies] == [Found, NoRecord, Unknown]
    assert progress.ticket is None
    assert progress.again == ()


async def test_the_reply_to_another_request_is_not_read(tmp_path: Path) -> None:
    async with register(tmp_path) as (source, server):
        ticket = await asked(source)
        server.put(REPLY.replace("_0001", "_0002"), workbook([says(1, "无")]))
        assert await source.collect(ticket, QUERY, permitted) == Progress(ticket=ticket)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage" * 100,
        workbook([says(1, "无")])[:-40],
        workbook([says(1, "无")], headings=HEADINGS[:-2]),
        workbook([says(1, "无")], headings=()),
    ],
    ids=["empty", "garbage", "cut-short", "headings-missing", "no-headings"],
)
async def test_a_damaged_workbook_is_asked_again_for_all(tmp_path: Path, body: bytes) -> None:
    async with register(tmp_path) as (source, server):
        ticket = await asked(source)
        server.put(REPLY, body)
        progress = await source.collect(ticket, QUERY, permitted)
    assert progress.replies == ()
    assert [again.person for again in progress.again] == ["m1", "m2", "m3"]
    assert {again.failure.kind for again in progress.again} == {FailureKind.MALFORMED}
    assert progress.ticket is None


async def test_a_file_over_the_limit_is_unknown(tmp_path: Path) -> None:
    async with register(tmp_path) as (source, server):
        ticket = await asked(source)
        server.put(REPLY, b"x" * 500_001)
        progress = await source.collect(ticket, QUERY, permitted)
    outcomes = [reply.outcome for reply in progress.replies]
    assert {o.gap.kind for o in outcomes if isinstance(o, Unknown)} == {FailureKind.TOO_LARGE}
    assert len(outcomes) == 3


async def test_an_unknown_configuration_key_is_named(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server:
        config = server.config(banks=["icbc"])
        with pytest.raises(ValueError, match="securities: banks"):
            SecuritiesSource.from_config("securities", config, Gate("securities", LIMITS))
