"""One sending over HTTP: what faults become, and what the client never does on its own."""

import asyncio
import gzip

import pytest

from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate, Limits
from tests.connectors.transport.raw_server import (
    Answer,
    drips,
    head,
    pours,
    raw_server,
    says,
    stalls,
)

JSON = {"Content_Type": "application/json"}
CALL = HttpCall("GET", "/x?name=%E6%9D%8E&number=229901198003071236")
SHORT = Limits(timeout=0.3, max_bytes=100_000)
"""For answers that never end; every other one gets as long as it needs."""

LONG = Limits(timeout=20.0, max_bytes=100_000)


async def send(
    answer: Answer, call: HttpCall = CALL, limits: Limits = LONG
) -> HttpReply | SourceError:
    async with raw_server(answer) as heard:
        wire = Wire(heard.url, Gate("a_source", limits))
        try:
            return await wire.send(call, None)
        except SourceError as error:
            return error
        finally:
            await wire.aclose()


async def test_a_reply_is_read_to_its_end() -> None:
    body = b'{"code": "00"}'
    reply = await send(says(head(Content_Length=str(len(body)), X_Kind="A", **JSON), body))
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body, reply.headers["x-kind"]) == (200, body, "A")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(head("503 Busy", Content_Length="0")), FailureKind.UNAVAILABLE),
        (says(head("500 Error", Content_Length="0")), FailureKind.UNAVAILABLE),
        (says(head("429 Slow", Content_Length="0")), FailureKind.RATE_LIMITED),
        (says(head("401 No", Content_Length="0")), FailureKind.REFUSED),
        (says(head("403 No", Content_Length="0")), FailureKind.REFUSED),
        (says(head("302 Found", Location="/y", Content_Length="0")), FailureKind.MALFORMED),
        (says(head(Content_Type="text/html", Content_Length="2"), b"{}"), FailureKind.MALFORMED),
        (says(head(Content_Length="2"), b"{}"), FailureKind.MALFORMED),
        (says(b"\x00\x01 nothing of HTTP\r\n\r\n"), FailureKind.MALFORMED),
        (says(b""), FailureKind.UNREACHABLE),
        (says(head(Content_Length="50", **JSON), b"{"), FailureKind.UNREACHABLE),
        (says(head(Content_Length="200000", **JSON)), FailureKind.TOO_LARGE),
        (pours(head(**JSON), b"[" * 4096), FailureKind.TOO_LARGE),
        (drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), FailureKind.TIMED_OUT),
        (drips(head(**JSON), b" "), FailureKind.TIMED_OUT),
        (stalls, FailureKind.TIMED_OUT),
    ],
)
async def test_faults_become_typed_failures(answer: Answer, kind: FailureKind) -> None:
    limits = SHORT if kind is FailureKind.TIMED_OUT else LONG
    async with asyncio.timeout(30):
        error = await send(answer, limits=limits)
    assert isinstance(error, SourceError)
    assert error.failure.kind is kind


async def test_a_compressed_reply_is_refused_and_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    headers = head(Content_Encoding="gzip", Content_Length=str(len(bomb)), **JSON)
    error = await send(says(headers, bomb))
    assert isinstance(error, SourceError)
    assert error.failure.kind is FailureKind.MALFORMED


async def test_a_refused_connection_is_unreachable() -> None:
    async with raw_server(says(b"")) as heard:
        url = heard.url
    wire = Wire(url, Gate("a_source", LONG))
    with pytest.raises(SourceError) as caught:
        await wire.send(CALL, None)
    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    await wire.aclose()


async def test_the_pause_asked_for_is_kept() -> None:
    error = await send(says(head("429 Slow", Retry_After="7", Content_Length="0")))
    assert isinstance(error, SourceError)
    assert error.failure.retry_after is not None
    assert error.failure.retry_after.total_seconds() == 7


async def test_a_status_that_the_document_knows_is_given_back() -> None:
    answer = says(head("500 Fault", Content_Type="text/xml", Content_Length="2"), b"<a")
    reply = await send(answer, HttpCall("GET", "/", answers=frozenset({500})))
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body) == (500, b"<a")
    reply = await send(says(head("404 None", Content_Length="0")))
    assert isinstance(reply, HttpReply)
    assert reply.status == 404


async def test_what_is_sent_is_what_was_asked_for_and_no_more() -> None:
    path = "/q?xm=%C0%EE%26%23183382%3B+%2f&a=%41"
    async with raw_server(says(head(Content_Length="2", **JSON), b"{}", close=False)) as heard:
        wire = Wire(f"{heard.url}/base/", Gate("a_source", LONG), headers={"X-Auth-Token": "t"})
        await wire.send(HttpCall("GET", path), None)
        await wire.aclose()
    lines = heard.requests[0].decode().split("\r\n")
    assert lines[0] == f"GET /base{path} HTTP/1.1"
    names = sorted(line.partition(":")[0].lower() for line in lines[1:] if line)
    assert names == ["accept", "accept-encoding", "host", "user-agent", "x-auth-token"]
    assert "Accept-Encoding: identity" in lines


async def test_a_kept_connection_that_was_closed_is_not_asked_again_unseen() -> None:
    answered: list[bool] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answered:
            writer.close()
            return
        answered.append(True)
        writer.write(head(Content_Length="2", **JSON) + b"{}")

    permits: list[bool] = []

    async def permit() -> None:
        permits.append(True)

    async with raw_server(once) as heard:
        wire = Wire(heard.url, Gate("a_source", LONG))
        await wire.send(CALL, permit)
        with pytest.raises(SourceError):
            await wire.send(CALL, permit)
        await wire.aclose()
    assert len(heard.requests) == len(permits) == 2


async def test_without_a_permit_nothing_leaves() -> None:
    async def refuse() -> None:
        raise NotPermitted("no consent")

    async with raw_server(says(b"")) as heard:
        wire = Wire(heard.url, Gate("a_source", LONG))
        with pytest.raises(NotPermitted):
            await wire.send(CALL, refuse)
        await wire.aclose()
    assert heard.requests == []


async def test_waiting_for_the_permit_takes_nothing_of_the_time_out() -> None:
    async def slow() -> None:
        await asyncio.sleep(1.05)

    async with raw_server(says(head(Content_Length="2", **JSON), b"{}")) as heard:
        wire = Wire(heard.url, Gate("a_source", Limits(timeout=1.0)))
        assert (await wire.send(CALL, slow)).status == 200
        await wire.aclose()


async def test_no_address_stands_in_a_failure() -> None:
    for answer in (says(b""), says(b"\x00\r\n\r\n"), stalls):
        error = await send(answer, limits=SHORT)
        assert isinstance(error, SourceError)
        assert error.__cause__ is None
        assert error.__context__ is None
        assert "2299" not in f"{error} {error.failure} {CALL}"


@pytest.mark.parametrize("url", ["ftp://a", "10.1.1.5", "http://u:p@a", "http://a/?b=c", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a_source: url"):
        Wire(url, Gate("a_source", LONG))
