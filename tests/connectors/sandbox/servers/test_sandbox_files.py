"""The banks and the securities' register over real SFTP: documents kept, faults shown."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import md5
from pathlib import Path

import asyncssh
import openpyxl
import pytest

from connectors.sandbox.faults import NOT_APPLICABLE, Fault
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.servers.bank import SHOWN as BANK_FAULTS
from connectors.sandbox.servers.securities import SHOWN as SECURITIES_FAULTS
from connectors.sandbox.servers.workbook import HEADINGS
from tests.connectors.sandbox.servers.tiny_registers import (
    LI_MING,
    NAMESAKE,
    NOBODY,
    WANG_FANG,
    tiny_sandbox,
)

STEM = "HDREQ_220102_20261124_0001"
MOMENT = 0.25


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(tmp_path, drip_seconds=0.02, late_seconds=2 * MOMENT) as running:
        yield running


@asynccontextmanager
async def sftp(sandbox: Sandbox, source: str = "bank") -> AsyncIterator[asyncssh.SFTPClient]:
    known = asyncssh.import_known_hosts(f"* {sandbox.host_key}\n")
    async with (
        asyncssh.connect(
            sandbox.host,
            sandbox.ports[source],
            username=sandbox.credentials.sftp_username,
            password=sandbox.credentials.sftp_password,
            known_hosts=known,
            client_keys=None,
            config=None,
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


def bank_request(*persons: tuple[str, str], stem: str = STEM) -> bytes:
    lines = [f"HD|{stem}|{len(persons)}|20261124"]
    lines += [f"{n}|{name}|1|{number}" for n, (name, number) in enumerate(persons, 1)]
    before = "".join(f"{line}\r\n" for line in lines).encode("gb18030")
    return before + f"TR|{len(persons)}|{md5(before).hexdigest()}\r\n".encode()  # noqa: S324


def securities_request(*persons: tuple[str, str]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["序号", "姓名", "证件类型", "证件号码"])
    for n, (name, number) in enumerate(persons, 1):
        sheet.append([n, name, "身份证", number])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


async def send(client: asyncssh.SFTPClient, folder: str, name: str, body: bytes) -> None:
    async with client.open(f"/{folder}/in/{name}", "wb") as file:
        await file.write(body)
    async with client.open(f"/{folder}/in/{name.rpartition('.')[0]}.ok", "wb"):
        pass


async def replies(sandbox: Sandbox, folder: str, count: int, *, ok: bool = True) -> list[Path]:
    """The reply files once so many are complete."""
    out = sandbox.mail_folder / folder / "out"
    async with asyncio.timeout(10):
        while True:
            files = sorted(path for path in out.iterdir() if path.suffix in {".txt", ".xlsx"})
            marked = [path for path in files if path.with_suffix(".ok").exists() or not ok]
            if len(marked) >= count:
                return marked
            await asyncio.sleep(0.005)


async def bank_reply(
    sandbox: Sandbox, bank: str, *persons: tuple[str, str], ok: bool = True
) -> bytes:
    async with sftp(sandbox) as client:
        await send(client, bank, f"{STEM}.txt", bank_request(*persons))
        path, *_ = await replies(sandbox, bank, 1, ok=ok)
        return path.read_bytes()


def lines_of(reply: bytes) -> list[str]:
    """The lines between header and trailer, after count and MD5 were found right."""
    *before, trailer = reply.splitlines(keepends=True)
    digest = md5(b"".join(before)).hexdigest()  # noqa: S324
    assert trailer == f"TR|{len(before) - 1}|{digest}\r\n".encode()
    return [line.decode("gb18030").removesuffix("\r\n") for line in before[1:]]


async def test_a_bank_tells_accounts_as_the_document_says(sandbox: Sandbox) -> None:
    reply = await bank_reply(sandbox, "icbc", LI_MING, NOBODY)
    assert reply.startswith(b"HD|HDRSP_220102_20261124_0001_1of1|3|20261124\r\n")
    lines = lines_of(reply)
    assert lines[0] == (
        f"1|Y|李明|{LI_MING[1]}|6222****0123|01|CNY|15320.55|20261124|长春平阳街支行|0|"
        "18600.00|17211.40"
    )
    assert lines[1].startswith(f"1|Y|李明|{NAMESAKE[1]}|")
    assert lines[2] == "2|N|||||||||||"
    assert all(line.count("|") == 12 for line in lines)


async def test_a_bank_that_tells_the_limit_only(sandbox: Sandbox) -> None:
    lines = lines_of(await bank_reply(sandbox, "psbc", LI_MING, WANG_FANG))
    assert lines == [
        f"1|O|李明|{LI_MING[1]}|||||||||",
        f"1|U|李明|{NAMESAKE[1]}|||||||||",
        "2|N|||||||||||",
    ]


async def test_a_bank_takes_the_request_away_and_logs_it(sandbox: Sandbox) -> None:
    await bank_reply(sandbox, "abc", LI_MING)
    assert list((sandbox.mail_folder / "abc" / "in").iterdir()) == []
    (call,) = sandbox.log.asked("bank")
    assert (call.institution, call.reference, call.name) == ("abc", f"{STEM}.txt", LI_MING[0])


async def test_without_ok_nothing_is_read_and_a_request_can_be_withdrawn(tmp_path: Path) -> None:
    async with tiny_sandbox(tmp_path, file_delay=MOMENT) as sandbox, sftp(sandbox) as client:
        async with client.open(f"/icbc/in/{STEM}.txt", "wb") as file:
            await file.write(bank_request(LI_MING))
        await send(client, "abc", f"{STEM}.txt", bank_request(LI_MING))
        await client.remove(f"/abc/in/{STEM}.ok")
        await send(client, "jlrcu", f"{STEM}.txt", bank_request(LI_MING))
        await replies(sandbox, "jlrcu", 1)
        assert {call.institution for call in sandbox.log.asked()} == {"jlrcu"}
        assert list((sandbox.mail_folder / "abc" / "out").iterdir()) == []


BAD_REQUESTS = [
    bank_request(LI_MING).replace(b"TR|1|", b"TR|2|"),
    bank_request(LI_MING)[:-4] + b"0\r\n",
    bank_request(LI_MING, stem="HDREQ_220102_20261124_0002"),
    bank_request(LI_MING).replace(b"\r\n", b"\n"),
    bank_request(LI_MING).replace("李".encode("gb18030"), "李".encode()),
    b"",
]


@pytest.mark.parametrize("body", BAD_REQUESTS)
async def test_a_bad_request_is_rejected_with_a_reason(sandbox: Sandbox, body: bytes) -> None:
    async with sftp(sandbox) as client:
        await send(client, "icbc", f"{STEM}.txt", body)
        (path,) = await replies(sandbox, "icbc", 1)
    assert path.name == "HDREJ_220102_20261124_0001.txt"
    assert len(path.read_bytes().decode("gb18030").splitlines()) == 1


@pytest.mark.parametrize("fault", [None, Fault.PARTS_OUT_OF_ORDER])
async def test_a_reply_in_parts(tmp_path: Path, fault: Fault | None) -> None:
    async with tiny_sandbox(tmp_path, bank_parts=3) as sandbox, sftp(sandbox) as client:
        sandbox.faults.set("bank", fault)
        await send(client, "icbc", f"{STEM}.txt", bank_request(LI_MING, NOBODY, WANG_FANG))
        files = await replies(sandbox, "icbc", 3)
        told = [line for path in files for line in lines_of(path.read_bytes())]
        assert [path.stem[-4:] for path in files] == ["1of3", "2of3", "3of3"]
        assert [line[0] for line in told] == ["1", "1", "2", "3"]
        ages = [path.stat().st_mtime_ns for path in files]
        assert ages == sorted(ages, reverse=fault is not None)


def bank_faults() -> Sequence[Fault]:
    return sorted(fault for fault in BANK_FAULTS if ("bank", fault) not in NOT_APPLICABLE)


@pytest.mark.parametrize("fault", bank_faults())
async def test_faults_of_a_bank_s_file(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.set("bank", fault)
    reply = await bank_reply(sandbox, "icbc", LI_MING, WANG_FANG, ok=fault is not Fault.MISSING_OK)
    out = sandbox.mail_folder / "icbc" / "out"
    match fault:
        case Fault.MISSING_OK:
            assert lines_of(reply)
            assert [path.suffix for path in out.iterdir()] == [".txt"]
        case Fault.REJECTED_REQUEST:
            assert next(out.glob("*.txt")).name.startswith("HDREJ_")
        case Fault.LATE | Fault.PARTS_OUT_OF_ORDER:
            assert lines_of(reply)
        case Fault.WRONG_CHARSET:
            assert reply.decode("utf-16").startswith("HD|HDRSP")
        case Fault.WRONG_CONTENT_TYPE | Fault.EMPTY | Fault.GARBAGE:
            assert not reply.startswith(b"HD|")
        case Fault.TRUNCATED_WITH_LENGTH | Fault.TRUNCATED_WITHOUT_LENGTH:
            assert b"TR|" not in reply
            assert reply.startswith(b"HD|")
        case Fault.TEN_MEGABYTES:
            assert len(reply) > 10 << 20
        case Fault.DAMAGED_PART:
            with pytest.raises(AssertionError):
                lines_of(reply)
        case _:
            assert_says(fault, reply)


def assert_says(fault: Fault, reply: bytes) -> None:
    lines = lines_of(reply)
    match fault:
        case Fault.HTTP_200_ERROR:
            assert [line.split("|")[1] for line in lines] == ["E", "E"]
        case Fault.NAN:
            assert "|NaN|" in lines[0]
        case Fault.BAD_LINE:
            assert [line.count("|") for line in lines] == [8, 12, 12]
        case Fault.DUPLICATE:
            assert len(lines) == 6
        case Fault.TWO_PERSONS:
            assert len({line.split("|")[3] for line in lines if line[0] == "1"}) == 3
        case Fault.WRONG_PERSON:
            assert not any(line.startswith(f"2|Y|王芳|{WANG_FANG[1]}") for line in lines)
        case _:
            assert fault is Fault.OTHER_REQUEST
            assert reply.startswith(b"HD|HDRSP_220102_20261124_0002_1of1|")


async def securities_reply(sandbox: Sandbox, *persons: tuple[str, str], ok: bool = True) -> bytes:
    async with sftp(sandbox, "securities") as client:
        name = "ZQREQ_220102_20261124_0007.xlsx"
        await send(client, "securities", name, securities_request(*persons))
        (path,) = await replies(sandbox, "securities", 1, ok=ok)
        assert path.name == "ZQRSP_220102_20261124_0007.xlsx"
        return path.read_bytes()


def rows_of(reply: bytes) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(reply)).worksheets[0]
    return list(sheet.iter_rows(values_only=True))


async def test_securities_tell_holdings(sandbox: Sandbox) -> None:
    headings, *rows = rows_of(await securities_reply(sandbox, LI_MING, NOBODY))
    assert headings == HEADINGS
    assert [row[:4] for row in rows] == [
        (1, "有", "李明", LI_MING[1]),
        (1, "有", "李明", NAMESAKE[1]),
        (2, "无", None, None),
    ]
    assert all(str(row[10]).replace(",", "") in {"2931", "2931.00"} for row in rows[:2])
    assert rows[0][12] == "2026-11-23"


def securities_faults() -> Sequence[Fault]:
    return sorted(f for f in SECURITIES_FAULTS if ("securities", f) not in NOT_APPLICABLE)


@pytest.mark.parametrize("fault", securities_faults())
async def test_faults_of_a_workbook(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.set("securities", fault)
    reply = await securities_reply(sandbox, LI_MING, ok=fault is not Fault.MISSING_OK)
    match fault:
        case Fault.GZIP_BOMB:
            with zipfile.ZipFile(io.BytesIO(reply)) as archive:
                assert archive.getinfo("xl/worksheets/sheet1.xml").file_size > 256 << 20
            assert len(reply) < 1 << 20
        case Fault.XML_ENTITY_BOMB:
            with zipfile.ZipFile(io.BytesIO(reply)) as archive:
                assert b"<!ENTITY" in archive.read("xl/worksheets/sheet1.xml")
        case Fault.WRONG_CHARSET:
            with zipfile.ZipFile(io.BytesIO(reply)) as archive:
                sheet = archive.read("xl/worksheets/sheet1.xml")
            assert "李明" in sheet.decode("gb18030")
            assert "李明".encode() not in sheet
        case Fault.TEN_MEGABYTES:
            assert len(reply) > 10 << 20
            assert len(rows_of(reply)) == 3
        case Fault.LATE | Fault.MISSING_OK:
            assert len(rows_of(reply)) == 3
        case (
            Fault.EMPTY
            | Fault.GARBAGE
            | Fault.TRUNCATED_WITH_LENGTH
            | Fault.TRUNCATED_WITHOUT_LENGTH
            | Fault.WRONG_CONTENT_TYPE
            | Fault.BROKEN_WORKBOOK
        ):
            with pytest.raises((zipfile.BadZipFile, SyntaxError, KeyError)):
                rows_of(reply)
        case _:
            assert_rows(fault, rows_of(reply))


def assert_rows(fault: Fault, rows: list[tuple[object, ...]]) -> None:
    numbers = [row[3] for row in rows[1:]]
    match fault:
        case Fault.MISSING_HEADINGS:
            assert not any(rows[0])
        case Fault.ID_AS_NUMBER:
            assert numbers == ["2.29901E+17", "2.29903E+17"]
        case Fault.HTTP_200_ERROR:
            assert str(rows[1][1]).startswith("失败：")
        case Fault.NAN:
            assert rows[1][10:12] == ("NaN", "1e999")
        case Fault.DUPLICATE:
            assert len(rows) == 5
        case Fault.TWO_PERSONS:
            assert set(numbers) == {LI_MING[1], NAMESAKE[1], WANG_FANG[1]}
        case Fault.WRONG_PERSON:
            assert set(numbers) == {WANG_FANG[1]}
        case _:
            assert fault is Fault.OTHER_REQUEST
            assert rows[1][0] == 5001


@pytest.mark.parametrize("source", ["bank", "securities"])
@pytest.mark.parametrize("fault", [Fault.RESET, Fault.STALL, Fault.DRIP_HEADERS, Fault.REFUSED])
async def test_faults_of_the_port(sandbox: Sandbox, source: str, fault: Fault) -> None:
    sandbox.faults.set(source, fault)
    if fault is Fault.REFUSED:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(sandbox.host, sandbox.ports[source])
    else:
        reader, writer = await asyncio.open_connection(sandbox.host, sandbox.ports[source])
        try:
            async with asyncio.timeout(MOMENT):
                got = await reader.read(4) if fault is not Fault.STALL else await reader.read()
            assert fault is Fault.DRIP_HEADERS
            assert got.startswith(b"x")
        except TimeoutError:
            assert fault is Fault.STALL
        except ConnectionResetError:
            assert fault is Fault.RESET
        finally:
            writer.close()
    sandbox.faults.set(source, None)
    async with sftp(sandbox, source) as client:
        assert "icbc" in await client.listdir("/")


async def test_a_port_that_fails_every_call(sandbox: Sandbox) -> None:
    async with sftp(sandbox) as client:
        sandbox.faults.set("bank", Fault.HTTP_500)
        with pytest.raises(asyncssh.SFTPFailure):
            await client.listdir("/icbc/out")
        with pytest.raises(asyncssh.SFTPFailure):
            await client.open("/icbc/in/a.txt", "wb")


async def test_a_file_that_drips(sandbox: Sandbox) -> None:
    reply = await bank_reply(sandbox, "icbc", LI_MING)
    sandbox.faults.set("bank", Fault.DRIP_BODY)
    name = "HDRSP_220102_20261124_0001_1of1.txt"
    async with sftp(sandbox) as client, client.open(f"/icbc/out/{name}", "rb") as file:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(MOMENT):
                await file.read()
        sandbox.faults.set("bank", None)
        whole: object = await file.read(offset=0)
        assert whole == reply


async def test_nobody_comes_in_without_the_password(sandbox: Sandbox) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            sandbox.host,
            sandbox.ports["bank"],
            username="hedui",
            password="wrong",
            known_hosts=None,
            client_keys=None,
            config=None,
        )
