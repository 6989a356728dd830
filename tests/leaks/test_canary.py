"""Nothing of a person leaves by a side door, whatever is sent and whatever fails (promise 20).

`HEDUI_CASES=full pytest tests/leaks/test_canary.py -o timeout=0` sends every request that the
OpenAPI gives, as a client and as a member of staff; the build a part, chosen by turns.
"""

import asyncio
import gc
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import structlog

from app.access.roles import ROLES
from app.access.tokens import SCOPES
from app.logs import configure, without_texts
from tests.acceptance.test_openapi_fuzz import there
from tests.isolation.counties import County, Telling, sources, two_counties
from tests.leaks.canaries import AMOUNT, NUMBER, TEXT, Seen
from tests.leaks.shapes import Asking, asked_of
from tests.observe.test_traces import Collector, a_collector
from tests.postgresql import PostgresqlServer
from tests.service_parts import Running, all_ten, running
from tests.serving import served
from tests.staff_parts import CHEAPER, session_of, with_roles

FULL: Final = os.environ.get("HEDUI_CASES") == "full"
EACH: Final = {"sqlite": 8, "postgresql": 24}
"""Of how many requests one is sent in the build."""


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made: looked through at the end."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("HEDUI_PASSWORD_MEMORY", CHEAPER)
    return folder


@pytest.fixture
def logged(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Logs as `hedui serve` writes them; what libraries say comes to stderr."""
    del capfd  # is there before: the handler writes to it
    before = sys.excepthook
    configure()
    said = logging.StreamHandler(sys.stderr)
    said.setLevel(logging.WARNING)
    logging.getLogger().addHandler(said)
    yield
    logging.getLogger().removeHandler(said)
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).removeFilter(without_texts)
    sys.excepthook = before
    structlog.reset_defaults()


@dataclass
class Asker:
    """Sends what was made, and keeps what came back."""

    service: Running
    http: httpx.AsyncClient
    client: dict[str, str]
    seen: Seen
    sent: int = 0
    refused: int = 0

    async def route(self, askings: list[Asking], each: int) -> None:
        """As the client, or as the first role of staff where the route is not for clients."""
        right, *wrong = askings
        who = await self._whoever_may(right)
        for place, asking in enumerate(wrong, start=self.sent):
            if place % each == 0:
                await self.send(asking, who)
            if FULL:
                await self.send(asking, self.client)

    async def _whoever_may(self, right: Asking) -> dict[str, str]:
        who = self.client
        reply = await self.send(right, who)
        for role in ROLES:
            if reply.status_code not in (401, 403):
                break
            account = await with_roles(self.service, role)
            session = await session_of(self.service, account)
            who = {**session, "Hedui-Purpose": "spot_check"}
            reply = await self.send(right, who)
        return who

    async def send(self, asking: Asking, who: dict[str, str]) -> httpx.Response:
        """A repeat with one key would be answered from memory: each has a key of its own."""
        self.sent += 1
        headers: dict[str, Any] = {**who, "Idempotency-Key": f"k{self.sent}"}
        if asking.media:
            headers["Content-Type"] = asking.media
        headers |= asking.headers
        reply = await self.http.request(
            asking.method,
            asking.path,
            params=asking.query or None,
            headers=headers,
            content=asking.content,
        )
        way = f"{asking.route}, {asking.where}: {reply.status_code}"
        assert reply.status_code < 500, way
        if not reply.is_success:
            self.refused += 1
            self.seen.add(f"body of {way}", reply.content)
        for name, value in reply.headers.items():
            self.seen.add(f"header {name} of {way}", value)
        return reply


@asynccontextmanager
async def a_service(
    folder: Path, url: str, seen: Seen
) -> AsyncIterator[tuple[Asker, County, dict[str, Telling]]]:
    """On a port, with a county that has one of everything, and a collector of traces."""
    asking = sources()
    async with a_collector() as collector:
        async with (
            running(
                folder,
                all_ten(*asking.values()),
                database_url=url,
                otlp_endpoint=collector.url,
            ) as service,
            served(service.app) as address,
            httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http,
        ):
            county, _ = await two_counties(service, asking)
            client = await service.client("220102", SCOPES)
            yield Asker(service, http, client, seen), county, asking
            seen.add("metrics", (await http.get("/metrics")).content)
        _traced(collector, seen)


def _traced(collector: Collector, seen: Seen) -> None:
    assert collector.came
    for _, spans in collector.came:
        seen.add("traces", spans.SerializeToString())


async def everything_asked(asker: Asker, county: County, each: int) -> None:
    document = asker.service.app.openapi()
    known = {name: ids[0] for name, ids in there(county.ids).items()}
    for askings in asked_of(document, known):
        await asker.route(askings, each)


FAULTS: Final = (
    RuntimeError(f"{TEXT} {NUMBER}"),
    KeyError(NUMBER),
    ValueError(f"could not convert string to float: '{AMOUNT}'"),
    UnicodeDecodeError("utf-8", TEXT.encode(), 0, 1, TEXT),
    ExceptionGroup(TEXT, [OSError(5, TEXT, NUMBER)]),
)


async def sources_fail(county: County, asking: dict[str, Telling], seen: Seen) -> None:
    """A connector that raises what nobody foresaw, with a person's own in the text."""
    for place, fault in enumerate(FAULTS):
        asking["bank"].fault = fault
        body = county.body(f"f{place}")
        headers = {**county.headers, "Prefer": "wait=20", "Idempotency-Key": f"f{place}"}
        reply = await county.service.http.post("/v1/verifications", json=body, headers=headers)
        assert reply.is_success, reply.text
        seen.add(f"answer after {type(fault).__name__}", reply.content)
    asking["bank"].fault = None


async def routes_fail(asker: Asker) -> None:
    """A route, and a task that nobody awaits, raise the same: a server's log shows tracebacks."""
    app = asker.service.app
    for place, fault in enumerate(FAULTS):
        app.add_api_route(f"/broken/{place}", raising(fault), methods=["GET"])
        reply = await asker.http.get(f"/broken/{place}")
        assert reply.status_code == httpx.codes.INTERNAL_SERVER_ERROR
        asker.seen.add(f"500 of {type(fault).__name__}", reply.content)
        forgotten = asyncio.create_task(raising(fault)())
        await asyncio.wait([forgotten])
        del forgotten
    gc.collect()


def raising(fault: Exception) -> Callable[[], Coroutine[Any, Any, None]]:
    async def fails() -> None:
        raise fault

    return fails


async def raw(address: httpx.URL, data: bytes) -> bytes:
    """What no client library would send."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(data)
    await writer.drain()
    writer.write_eof()
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


async def spoilt_http(asker: Asker) -> None:
    """Lines, headers and bodies that are no HTTP, or end too early."""
    both = f"{TEXT} {NUMBER}".encode()
    head = b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n"
    token = f"Authorization: {asker.client['Authorization']}\r\n".encode()
    kind = b"Content-Type: application/json\r\n"
    for data in (
        b"GET /" + both + b"\r\n\r\n",
        b"GET /%00" + NUMBER.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        head + b"X-Name: " + both + b"\x00\r\n\r\n",
        head + b"Content-Length: " + NUMBER.encode() + b"x\r\n\r\n",
        head + b"Transfer-Encoding: " + both + b"\r\n\r\n",
        head + token + kind + b"Content-Length: 500\r\n\r\n" + both,
        head + token + kind + b"Transfer-Encoding: chunked\r\n\r\n" + both,
    ):
        asker.seen.add(f"answer to {data[-40:]!r}", await raw(asker.http.base_url, data))


@pytest.mark.promise(20)
@pytest.mark.timeout(0 if FULL else 240)
@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
async def test_no_piece_of_a_canary_leaves(
    kind: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capfd: pytest.CaptureFixture[str],
    record_property: Any,
) -> None:
    """Answers that refuse, headers, logs, metrics, traces, temporary files, PostgreSQL's log.

    Planted: the text of an unforeseen exception logged as `error`: found in stdout. The filter of
    app/logs.py taken off `uvicorn.error` and `asyncio`: in stderr, by the tracebacks. The input
    quoted in a sentence about a field: in bodies of 422. A form that no parser reads was a 500.
    """
    seen, url = Seen(), ""
    if kind == "postgresql":
        url = request.getfixturevalue("new_postgresql_url")
    own_folders: Path = request.getfixturevalue("own_folders")  # not for the server's own
    async with a_service(tmp_path / "data", url, seen) as (asker, county, asking):
        await everything_asked(asker, county, 1 if FULL else EACH[kind])
        await sources_fail(county, asking, seen)
        await routes_fail(asker)
        await spoilt_http(asker)
        seen.add_files(own_folders)
    out, err = capfd.readouterr()
    seen.add("stdout", out)
    seen.add("stderr", err)
    seen.add_files(own_folders)
    seen.add_files(tmp_path / "data")
    if kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        seen.add("PostgreSQL's log", (server.folder / "log").read_bytes())
    assert ("Task exception was never retrieved" in err, err.count("Exception in ASGI")) == (
        True,
        5,
    )
    assert seen.leaks() == []
    assert asker.refused > asker.sent // 2
    record_property("cases", asker.sent)
