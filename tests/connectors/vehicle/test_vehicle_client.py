"""Asking the register of vehicles over a real connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.contract import (
    AskedPerson,
    Found,
    IdType,
    Months,
    NoRecord,
    Outcome,
    SourceQuery,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted
from connectors.transport.limits import Gate, Limits
from connectors.vehicle.client import VehicleSource
from tests.connectors.vehicle.test_vehicle_parse import car, reply

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LIMITS = Limits(timeout=0.3, tries=1, max_bytes=100_000)
QUERY = SourceQuery(
    reference="q-1",
    sequence=1,
    region="220102",
    persons=(AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236"),),
    window=Months(date(2025, 11, 1), date(2026, 10, 31)),
    as_of=date(2026, 11, 1),
    sent_on=date(2026, 11, 24),
)


@asynccontextmanager
async def a_source(handler: Handler, limits: Limits = LIMITS) -> AsyncIterator[VehicleSource]:
    app = web.Application()
    app.router.add_get("/ccgl/query", handler)
    async with TestServer(app) as server:
        config = {"url": str(server.make_url("")).rstrip("/"), "licence": "a-licence"}
        source = VehicleSource.from_config("vehicle", config, Gate("vehicle", limits))
        try:
            yield source
        finally:
            await source.aclose()


class Permits:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.given = 0

    async def __call__(self) -> None:
        self.given += 1


def answer(body: bytes, **options: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=options.get("kind", "text/xml"))

    return handler


async def outcome_of(handler: Handler, limits: Limits = LIMITS) -> Outcome:
    async with a_source(handler, limits) as source:
        progress = await source.ask(QUERY, Permits())
    assert progress.ticket is None
    assert [each.person for each in progress.replies] == ["p1"]
    return progress.replies[0].outcome


async def test_the_query_string_is_in_gbk() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(body=reply(car()), content_type="application/xml")

    assert isinstance(await outcome_of(handler), Found)
    assert seen == ["/ccgl/query?xm=%C0%EE%C3%F7&sfzmhm=229901198003071236&sqm=a-licence"]


async def test_no_row_is_no_record() -> None:
    assert await outcome_of(answer(reply())) == NoRecord()


async def test_a_busy_source_is_asked_again_and_each_time_permitted() -> None:
    bodies = [reply(code="-2"), reply(code="-9"), reply(car())]

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bodies.pop(0), content_type="text/xml")

    permits = Permits()
    async with a_source(handler, Limits(timeout=2, tries=3)) as source:
        progress = await source.ask(QUERY, permits)
    assert isinstance(progress.replies[0].outcome, Found)
    assert progress.replies[0].raw == reply(car())
    assert permits.given == 3


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (answer(reply(code="-1")), FailureKind.REFUSED),
        (answer(b""), FailureKind.MALFORMED),
        (answer(reply(), kind="text/html"), FailureKind.MALFORMED),
        (answer(b" " * 200_000), FailureKind.TOO_LARGE),
    ],
)
async def test_a_failure_is_unknown(handler: Handler, kind: FailureKind) -> None:
    outcome = await outcome_of(handler)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, FailureKind.REJECTED),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.UNAVAILABLE),
        (302, FailureKind.MALFORMED),
    ],
)
async def test_a_status_is_no_answer(status: int, kind: FailureKind) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, body=reply(), content_type="text/xml")

    outcome = await outcome_of(handler)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind


async def test_a_source_that_hangs_is_left_at_the_deadline() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    outcome = await outcome_of(handler)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.TIMED_OUT


async def test_nothing_leaves_without_a_permit() -> None:
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=reply(), content_type="text/xml")

    async def refuse() -> None:
        raise NotPermitted("no consent")

    async with a_source(handler) as source:
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, refuse)
    assert not seen


@pytest.mark.parametrize(
    ("config", "key"),
    [({"url": "http://127.0.0.1"}, "licence"), ({"url": "u", "licence": "l", "sqm": 1}, "sqm")],
)
def test_settings_are_checked(config: dict[str, str], key: str) -> None:
    with pytest.raises(ValueError, match=key):
        VehicleSource.from_config("vehicle", config, Gate("vehicle", LIMITS))
