"""The insurers: signed inquiries, signed callbacks that repeat, and their faults."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.servers.callbacks import SHOWN
from tests.connectors.sandbox.servers.raw_http import Raw, exchange, question, signed
from tests.connectors.sandbox.servers.tiny_registers import LI_MING, NOBODY, WANG_FANG, tiny_sandbox

RECEIVED = b'{"received": true}'


@dataclass
class Caller:
    """A receiver that keeps the raw bytes of every call and answers as told."""

    port: int = 0
    calls: list[bytes] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/callbacks/insurance"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = bytearray()
        self.calls.append(b"")
        self.arrived.set()
        place = len(self.calls) - 1
        try:
            while not complete(data):
                chunk = await reader.read(1 << 16)
                if not chunk:
                    break
                data += chunk
                self.calls[place] = bytes(data)
                self.arrived.set()
            status = self.statuses.pop(0) if self.statuses else 200
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(RECEIVED)}\r\n"
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + RECEIVED)
            await writer.drain()
        except ConnectionError:
            self.calls[place] += b"RESET"
        finally:
            self.arrived.set()
            writer.close()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not enough():
                self.arrived.clear()
                await self.arrived.wait()

    async def bodies(self, count: int) -> list[Any]:
        """So many whole callbacks, as JSON, their signatures checked."""
        await self.until(lambda: sum(map(complete, self.calls)) >= count)
        return [json.loads(body_of(call)) for call in self.calls if complete(call)]


def body_of(call: bytes) -> bytes:
    return call.partition(b"\r\n\r\n")[2]


def headers_of(call: bytes) -> dict[str, str]:
    lines = call.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}


def complete(call: bytes | bytearray) -> bool:
    if b"\r\n\r\n" not in call:
        return False
    promised = int(headers_of(bytes(call)).get("content-length", "0"))
    return len(body_of(bytes(call))) >= promised


def is_signed(call: bytes, key: str) -> bool:
    headers = headers_of(call)
    payload = headers["x-timestamp"].encode() + b"." + body_of(call)
    return headers["x-signature"] == hmac.new(key.encode(), payload, hashlib.sha256).hexdigest()


@asynccontextmanager
async def a_caller() -> AsyncIterator[Caller]:
    caller = Caller()
    server = await asyncio.start_server(caller.serve, "127.0.0.1", 0)
    caller.port = server.sockets[0].getsockname()[1]
    try:
        yield caller
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with a_caller() as running:
        yield running


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(
        tmp_path, callback_pause=0.01, drip_seconds=0.02, late_seconds=0.3
    ) as running:
        yield running


async def submit(
    sandbox: Sandbox,
    url: str | None,
    *persons: tuple[str, str],
    number: str = "T-1",
    age: int = 0,
    app_id: str = "hedui",
) -> Raw:
    people = [{"seq": n, "xm": p[0], "zjhm": p[1]} for n, p in enumerate(persons, 1)]
    asked: dict[str, object] = {"inquiryNo": number, "persons": people}
    body = orjson.dumps(asked | ({} if url is None else {"callbackUrl": url}))
    headers = signed(sandbox, body, age, app_id)
    request = question("POST", "/ins/v1/inquiries", headers, body)
    return await exchange(sandbox.ports["insurance"], request)


async def test_a_callback_as_the_document_says(sandbox: Sandbox, caller: Caller) -> None:
    raw = await submit(sandbox, caller.url, LI_MING, NOBODY)
    assert (raw.status, orjson.loads(raw.body)) == (202, {"inquiryNo": "T-1", "accepted": True})
    (body,) = await caller.bodies(1)
    assert is_signed(caller.calls[0], sandbox.credentials.insurance_key)
    assert caller.calls[0].startswith(b"POST /v1/callbacks/insurance HTTP/1.1")
    assert (body["inquiryNo"], body["part"], body["parts"]) == ("T-1", 1, 1)
    found, none = body["results"]
    assert (found["seq"], found["status"]) == (1, "FOUND")
    assert found["policies"][0]["xjjz"] == "19850.00"
    assert found["policies"][0]["sxrq"] == "2017-08-01"
    assert none == {"seq": 2, "status": "NONE", "policies": []}


async def test_a_callback_that_is_not_taken_comes_again(sandbox: Sandbox, caller: Caller) -> None:
    caller.statuses = [500, 401, 200]
    await submit(sandbox, caller.url, LI_MING)
    first, second, third = await caller.bodies(3)
    assert first == second == third


async def test_the_same_number_is_no_new_work(sandbox: Sandbox, caller: Caller) -> None:
    for _ in range(3):
        assert (await submit(sandbox, caller.url, LI_MING)).status == 202
    assert len(sandbox.log.asked("insurance")) == 1
    assert len(await caller.bodies(1)) == 1


@pytest.mark.parametrize("fault", [None, Fault.PARTS_OUT_OF_ORDER])
async def test_parts(tmp_path: Path, caller: Caller, fault: Fault | None) -> None:
    async with tiny_sandbox(tmp_path, insurance_parts=2) as sandbox:
        sandbox.faults.set("insurance", fault)
        await submit(sandbox, caller.url, LI_MING, NOBODY, WANG_FANG)
        bodies = await caller.bodies(2)
    order = [1, 2] if fault is None else [2, 1]
    assert [(body["part"], body["parts"]) for body in bodies] == [(n, 2) for n in order]
    told = sorted(result["seq"] for body in bodies for result in body["results"])
    assert told == [1, 2, 3]


@pytest.mark.parametrize(("age", "app_id"), [(301, "hedui"), (-301, "hedui"), (0, "other")])
async def test_calls_not_to_be_trusted(sandbox: Sandbox, age: int, app_id: str) -> None:
    assert (await submit(sandbox, None, LI_MING, age=age, app_id=app_id)).status == 401
    assert sandbox.log.asked() == []


async def test_a_wrong_signature_and_an_unknown_number(sandbox: Sandbox) -> None:
    port = sandbox.ports["insurance"]
    headers = signed(sandbox, b"other")
    for path, sent, status in (
        ("/ins/v1/inquiries/T-9", headers, 401),
        ("/ins/v1/inquiries/T-9", signed(sandbox, b""), 404),
    ):
        assert (await exchange(port, question("GET", path, sent))).status == status


async def test_fetching_before_it_is_ready(tmp_path: Path) -> None:
    async with tiny_sandbox(tmp_path, callback_delay=60) as sandbox:
        await submit(sandbox, None, LI_MING)
        request = question("GET", "/ins/v1/inquiries/T-1", signed(sandbox, b""))
        assert (await exchange(sandbox.ports["insurance"], request)).status == 202


HEALED = sorted(
    {
        Fault.BAD_SIGNATURE_CALLBACK,
        Fault.OLD_TIMESTAMP_CALLBACK,
        Fault.UNKNOWN_INQUIRY_CALLBACK,
        Fault.OTHER_REQUEST,
        Fault.GARBAGE,
        Fault.EMPTY,
        Fault.TRUNCATED_WITHOUT_LENGTH,
        Fault.WRONG_CONTENT_TYPE,
        Fault.WRONG_CHARSET,
        Fault.DEEP_JSON,
        Fault.GZIP_BOMB,
        Fault.TEN_MEGABYTES,
        Fault.NAN,
        Fault.WRONG_PERSON,
        Fault.TWO_PERSONS,
        Fault.HTTP_200_ERROR,
    }
)


@pytest.mark.parametrize("fault", HEALED)
async def test_a_spoilt_callback_and_then_a_good_one(
    sandbox: Sandbox, caller: Caller, fault: Fault
) -> None:
    caller.statuses = [401]
    sandbox.faults.set("insurance", fault, times=1, step=Step.CALLBACK)
    await submit(sandbox, caller.url, LI_MING)
    await caller.until(lambda: sum(map(complete, caller.calls)) >= 2)
    spoilt, good = caller.calls[:2]
    key = sandbox.credentials.insurance_key
    assert is_signed(spoilt, key) == (fault is not Fault.BAD_SIGNATURE_CALLBACK)
    assert is_signed(good, key)
    assert json.loads(body_of(good))["inquiryNo"] == "T-1"
    assert_spoilt(fault, spoilt, good)


def assert_spoilt(fault: Fault, spoilt: bytes, good: bytes) -> None:
    body, headers = body_of(spoilt), headers_of(spoilt)
    match fault:
        case Fault.BAD_SIGNATURE_CALLBACK:
            assert body == body_of(good)
        case Fault.OLD_TIMESTAMP_CALLBACK:
            assert int(headers["x-timestamp"]) < time.time() - 300
        case Fault.UNKNOWN_INQUIRY_CALLBACK | Fault.OTHER_REQUEST:
            assert json.loads(body)["inquiryNo"] != "T-1"
        case Fault.NAN:
            assert b"NaN" in body
        case Fault.WRONG_PERSON:
            assert LI_MING[1].encode() not in body
            assert WANG_FANG[1].encode() in body
        case Fault.TWO_PERSONS:
            assert LI_MING[1].encode() in body
            assert WANG_FANG[1].encode() in body
        case Fault.HTTP_200_ERROR:
            assert json.loads(body)["results"][0]["status"] == "ERROR"
        case Fault.TEN_MEGABYTES:
            assert len(body) > 10 << 20
        case Fault.GZIP_BOMB:
            assert headers["content-encoding"] == "gzip"
            assert len(body) < 1 << 20
        case Fault.WRONG_CONTENT_TYPE:
            assert headers["content-type"] == "text/html"
        case _:
            with pytest.raises((ValueError, RecursionError)):
                json.loads(body)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET,
        Fault.TRUNCATED_WITH_LENGTH,
        Fault.DRIP_BODY,
        Fault.DRIP_HEADERS,
    ],
)
async def test_a_callback_that_never_ends_well(
    sandbox: Sandbox, caller: Caller, fault: Fault
) -> None:
    sandbox.faults.set("insurance", fault, times=1, step=Step.CALLBACK)
    await submit(sandbox, caller.url, LI_MING)
    await caller.until(lambda: any(caller.calls))
    (first,) = caller.calls[:1]
    assert not complete(first)


async def test_a_stalled_callback_sends_nothing(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.faults.set("insurance", Fault.STALL, times=1, step=Step.CALLBACK)
    await submit(sandbox, caller.url, LI_MING)
    await caller.until(lambda: len(caller.calls) > 0)
    assert caller.calls == [b""]


async def test_a_callback_that_comes_twice(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.faults.set("insurance", Fault.DUPLICATE, step=Step.CALLBACK)
    await submit(sandbox, caller.url, LI_MING)
    first, second = await caller.bodies(2)
    assert len(first["results"][0]["policies"]) == 2
    assert len(second["results"][0]["policies"]) == 1


async def test_a_late_callback(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.faults.set("insurance", Fault.LATE, step=Step.CALLBACK)
    await submit(sandbox, caller.url, LI_MING)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await caller.bodies(1)
    assert len(await caller.bodies(1)) == 1


def test_every_callback_fault_is_tried() -> None:
    tried = set(HEALED) | {Fault.RESET, Fault.TRUNCATED_WITH_LENGTH, Fault.DRIP_BODY}
    assert tried | {Fault.DRIP_HEADERS, Fault.STALL, Fault.DUPLICATE, Fault.LATE} == SHOWN
