"""Every fault of an HTTP source does what it says, as a raw client sees it."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from connectors.sandbox.faults import ANSWER, CONNECTION, NOT_APPLICABLE, WHOLE, Fault, Step
from connectors.sandbox.sandbox import Sandbox
from tests.connectors.sandbox.servers.raw_http import HTTP_SOURCES, Raw, exchange, prepared
from tests.connectors.sandbox.servers.tiny_registers import (
    LI_MING,
    NAMESAKE,
    RARE,
    WANG_FANG,
    tiny_sandbox,
)

MOMENT = 0.25  # seconds in which a good answer on the loopback has long come


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(
        tmp_path, running_polls=0, late_seconds=2 * MOMENT, drip_seconds=0.02
    ) as running:
        yield running


def shown(faults: frozenset[Fault]) -> list[tuple[str, Fault]]:
    return [
        (source, fault)
        for source in HTTP_SOURCES
        for fault in sorted(faults)
        if (source, fault) not in NOT_APPLICABLE
    ]


async def asked(sandbox: Sandbox, source: str, fault: Fault, seconds: float = 5.0) -> Raw:
    request = await prepared(sandbox, source)
    sandbox.faults.set(source, fault)
    return await exchange(sandbox.ports[source], request, seconds)


async def good_answer(sandbox: Sandbox, source: str) -> Raw:
    answer = await exchange(sandbox.ports[source], await prepared(sandbox, source))
    assert answer.status == 200
    return answer


@pytest.mark.parametrize("source", HTTP_SOURCES)
async def test_a_refused_connection_and_the_way_back(sandbox: Sandbox, source: str) -> None:
    request = await prepared(sandbox, source)
    sandbox.faults.set(source, Fault.REFUSED)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", sandbox.ports[source])
    sandbox.faults.set(source, None)
    assert (await exchange(sandbox.ports[source], request)).status == 200


@pytest.mark.parametrize(("source", "fault"), shown(CONNECTION - {Fault.REFUSED}), ids=str)
async def test_faults_of_the_connection(sandbox: Sandbox, source: str, fault: Fault) -> None:
    raw = await asked(sandbox, source, fault, MOMENT)
    match fault:
        case Fault.STALL:
            assert (raw.data, raw.ended) == (b"", False)
        case Fault.RESET:
            assert (raw.data, raw.was_reset) == (b"", True)
        case Fault.DRIP_HEADERS:
            assert raw.data.startswith(b"HTTP/1.1 200 OK\r\nX")
            assert b"\r\n\r\n" not in raw.data
            assert not raw.ended
        case _:
            assert raw.status == 200
            assert 0 < len(raw.body) < 20
            assert not raw.ended


@pytest.mark.parametrize(("source", "fault"), shown(WHOLE), ids=str)
async def test_faults_of_the_answer_as_a_whole(sandbox: Sandbox, source: str, fault: Fault) -> None:
    good = await good_answer(sandbox, source)
    raw = await asked(sandbox, source, fault)
    match fault:
        case Fault.HTTP_500:
            assert raw.status in {500, 503}
        case Fault.HTTP_429:
            assert raw.status == 429
            assert ("Retry-After" in raw.head) == (source != "business_registration")
        case Fault.EMPTY:
            assert (raw.status, raw.body) == (200, b"")
        case Fault.TRUNCATED_WITH_LENGTH:
            promised = int(raw.head.partition("Content-Length: ")[2].split()[0])
            assert (promised // 2, raw.ended) == (len(raw.body), True)
        case Fault.TRUNCATED_WITHOUT_LENGTH:
            assert "Content-Length" not in raw.head
            assert 0 < len(raw.body) < len(good.body)
        case Fault.LATE:
            assert raw.status == 200
            assert len(raw.body) >= len(good.body) - 50
        case _:
            assert raw.status == 200
            assert_spoilt(fault, raw, good)


def assert_spoilt(fault: Fault, raw: Raw, good: Raw) -> None:
    match fault:
        case Fault.WRONG_CONTENT_TYPE:
            assert "text/html" in raw.head
            assert b"<html" in raw.body
        case Fault.WRONG_CHARSET:
            declared = "gbk" if b'encoding="GBK"' in raw.body[:60] else "utf-8"
            other = "utf-8" if declared == "gbk" else "gb18030"
            with pytest.raises(UnicodeDecodeError):
                raw.body.decode(declared)
            assert raw.body.decode(other)
        case Fault.TEN_MEGABYTES:
            assert len(raw.body) > 10 << 20
        case Fault.GZIP_BOMB:
            assert "Content-Encoding: gzip" in raw.head
            assert len(raw.body) < 1 << 20
            assert unpacked_size(raw.body) == 256 << 20
        case Fault.DEEP_JSON:
            assert raw.body.startswith((b"[[[[", b"<a><a>"))
        case Fault.XML_ENTITY_BOMB:
            assert b"<!ENTITY" in raw.body
        case _:
            assert fault is Fault.GARBAGE
            assert raw.body != good.body
            with pytest.raises(UnicodeDecodeError):
                raw.body.decode()


def unpacked_size(packed: bytes) -> int:
    unpacker = zlib.decompressobj(31)
    size, rest = 0, packed
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, 1 << 20))
        rest = unpacker.unconsumed_tail
    return size


@pytest.mark.parametrize(("source", "fault"), shown(ANSWER), ids=str)
async def test_faults_in_what_the_answer_says(sandbox: Sandbox, source: str, fault: Fault) -> None:
    good = await good_answer(sandbox, source)
    raw = await asked(sandbox, source, fault)
    assert raw.status == 200
    own, other = mentions(raw.body, source)
    match fault:
        case Fault.WRONG_PERSON | Fault.OTHER_REQUEST:
            assert (own, other) == (False, True)
        case Fault.TWO_PERSONS:
            assert (own or source == "property", other or source == "property") == (True, True)
        case Fault.DUPLICATE:
            assert len(raw.body) > 1.3 * len(good.body) or source == "property"
        case Fault.NAN:
            assert b"NaN" in raw.body or b"1e999" in raw.body
        case _:
            assert fault is Fault.HTTP_200_ERROR
            assert (own, other) == (False, False)
            assert raw.body != good.body


def mentions(body: bytes, source: str) -> tuple[bool, bool]:
    """Whether 李明's number stands in the answer, and 王芳's or the namesake's."""
    own = LI_MING[1]
    others = [person[1] for person in (WANG_FANG, NAMESAKE, RARE)]
    if source == "business_registration":
        own = f"{own[:6]}********{own[14:]}"
        others = [f"{number[:6]}********{number[14:]}" for number in others]
    return own.encode() in body, any(number.encode() in body for number in others)


async def test_another_request_is_told_by_its_number(sandbox: Sandbox) -> None:
    for source, field in (("social_insurance", "jobId"), ("insurance", "inquiryNo")):
        good = orjson.loads((await good_answer(sandbox, source)).body)
        other = orjson.loads((await asked(sandbox, source, Fault.OTHER_REQUEST)).body)
        assert other[field] != good[field]


@pytest.mark.parametrize(
    ("source", "fault", "status", "words"),
    [
        ("tax", Fault.SOAP_CLIENT_FAULT, 500, b"soapenv:Client"),
        ("tax", Fault.HTTP_500, 500, b"soapenv:Server"),
        ("social_insurance", Fault.HTTP_500, 503, b"error"),
        ("social_insurance", Fault.JOB_FAILED, 200, b'"state":"FAILED"'),
        ("social_insurance", Fault.JOB_EXPIRED, 404, b"error"),
        ("business_registration", Fault.TOKEN_WITHDRAWN, 401, b'"status":401'),
        ("household_registry", Fault.HTTP_200_ERROR, 200, b'"code":"99"'),
        ("vehicle", Fault.HTTP_200_ERROR, 200, b"<code>-2</code>"),
        ("property", Fault.HTTP_200_ERROR, 200, b'"success":false'),
        ("insurance", Fault.HTTP_200_ERROR, 200, b'"status":"ERROR"'),
    ],
)
async def test_a_source_s_own_words(
    sandbox: Sandbox, source: str, fault: Fault, status: int, words: bytes
) -> None:
    raw = await asked(sandbox, source, fault)
    assert raw.status == status
    assert words in raw.body


async def test_times_and_steps_are_counted(sandbox: Sandbox) -> None:
    request = await prepared(sandbox, "social_insurance")
    sandbox.faults.set("social_insurance", Fault.HTTP_500, times=1, step=Step.RESULT)
    port = sandbox.ports["social_insurance"]
    statuses = [(await exchange(port, request)).status for _ in range(2)]
    assert statuses == [503, 200]


async def test_a_fault_is_logged_as_asked_all_the_same(sandbox: Sandbox) -> None:
    raw = await asked(sandbox, "household_registry", Fault.RESET, MOMENT)
    assert raw.was_reset
    assert [call.id_number for call in sandbox.log.asked()] == [LI_MING[1]]


@pytest.mark.parametrize("fault", [Fault.STALL, Fault.DRIP_HEADERS, Fault.LATE])
async def test_leaving_the_sandbox_waits_for_nobody(tmp_path: Path, fault: Fault) -> None:
    async with tiny_sandbox(tmp_path, late_seconds=60, drip_seconds=60) as sandbox:
        request = await prepared(sandbox, "property")
        sandbox.faults.set("property", fault)
        hanging = asyncio.ensure_future(exchange(sandbox.ports["property"], request, 30))
        await asyncio.sleep(MOMENT)
        assert sandbox.log.asked("property")
    assert (await hanging).ended
