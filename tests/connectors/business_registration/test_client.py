"""Market regulation over real HTTP: tokens fetched, kept, renewed once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from connectors.business_registration.client import BusinessRegistrationSource
from connectors.contract import Found, NoRecord, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.transport.http import Wire
from connectors.transport.limits import Gate, Limits
from connectors.transport.token import TokenKeeper
from tests.connectors.asked import LI_MING, STRANGER, CountingPermit, a_person, a_query
from tests.connectors.business_registration.test_parse import a_reply, a_shop
from tests.connectors.web_server import serving


class Office:
    """Plays the source; `withdrawn` tokens are refused."""

    def __init__(self, reply: bytes = b"", status: int = 200) -> None:
        self.reply = reply or a_reply()
        self.status = status
        self.tokens = 0
        self.asked: list[dict[str, str]] = []
        self.withdrawn: set[str] = set()

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path == "/oauth/token":
            assert request.headers["Authorization"] == "Basic aGVkdWk6cw=="
            assert (await request.text()) == "grant_type=client_credentials"
            self.tokens += 1
            kind = {"token_type": "Bearer", "expires_in": 600}
            return web.json_response({**kind, "access_token": f"t{self.tokens}"})
        assert request.path == "/aic/v1/persons/interests"
        self.asked.append(dict(request.query))
        scheme, _, token = request.headers["Authorization"].partition(" ")
        assert scheme == "Bearer"
        if token in self.withdrawn or "all" in self.withdrawn:
            return web.json_response({"status": 401}, status=401)
        return web.Response(body=self.reply, status=self.status, content_type="application/json")


@asynccontextmanager
async def connected(office: Office, **limits: Any) -> AsyncIterator[BusinessRegistrationSource]:
    async with serving(office) as url:
        config = {"url": url, "client_id": "hedui", "client_secret": "s"}
        gate = Gate("business_registration", Limits(**limits))
        source = BusinessRegistrationSource.from_config("business_registration", config, gate)
        try:
            yield source
        finally:
            await source.aclose()


async def ask(office: Office, permit: CountingPermit | None = None, **limits: int) -> SourceReply:
    async with connected(office, **limits) as source:
        return (await source.ask(a_query(), permit or CountingPermit())).replies[0]


async def test_interests_are_found_by_the_full_number() -> None:
    office, permit = Office(a_reply(manager=[a_shop()])), CountingPermit()
    reply = await ask(office, permit)
    assert isinstance(reply.outcome, Found)
    assert office.asked == [{"name": "李明", "idNo": LI_MING}]
    assert permit.given == 1


async def test_one_token_serves_many_at_once_and_later() -> None:
    office = Office()
    async with connected(office) as source:
        persons = [a_person(ref=f"p{number}") for number in range(6)]
        progress = await source.ask(a_query(*persons), CountingPermit())
        await source.ask(a_query(a_person("王芳", STRANGER)), CountingPermit())
    assert [reply.outcome for reply in progress.replies] == [NoRecord()] * 6
    assert office.tokens == 1


async def test_a_withdrawn_token_is_renewed_once_for_all() -> None:
    office, permit = Office(), CountingPermit()
    async with connected(office) as source:
        await source.ask(a_query(), CountingPermit())
        office.withdrawn.add("t1")
        persons = [a_person(ref=f"p{number}") for number in range(4)]
        progress = await source.ask(a_query(*persons), permit)
    assert [reply.outcome for reply in progress.replies] == [NoRecord()] * 4
    assert office.tokens == 2
    assert permit.given == len(office.asked) - 1


async def test_tokens_that_are_always_refused_end_the_asking() -> None:
    office = Office()
    office.withdrawn.add("all")
    reply = await ask(office)
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is FailureKind.REFUSED
    assert (office.tokens, len(office.asked)) == (2, 2)


async def test_a_token_is_renewed_before_it_ends() -> None:
    office = Office()
    now = 0.0
    async with serving(office) as url:
        wire = Wire(url, Gate("business_registration", Limits()))
        keeper = TokenKeeper(wire, ("hedui", "s"), tries=1, clock=lambda: now)
        assert await keeper.token() == "t1"
        now = 569.0
        assert await keeper.token() == "t1"
        now = 571.0
        assert await asyncio.gather(*(keeper.token() for _ in range(3))) == ["t2"] * 3
        await wire.aclose()


async def test_failures_are_never_no_record() -> None:
    for status, kind in [
        (400, FailureKind.REJECTED),
        (404, FailureKind.REJECTED),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.UNAVAILABLE),
    ]:
        reply = await ask(Office(json.dumps({"status": status}).encode(), status), tries=1)
        assert isinstance(reply.outcome, Unknown)
        assert reply.outcome.gap.kind is kind
        assert reply.outcome.gap.retry_after is None


async def test_refused_credentials_are_told_and_nobody_is_asked_about() -> None:
    asked: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"status": 401}, status=401)

    async with serving(refuse) as url:
        config = {"url": url, "client_id": "hedui", "client_secret": "s"}
        gate = Gate("business_registration", Limits())
        source = BusinessRegistrationSource.from_config("business_registration", config, gate)
        permit = CountingPermit()
        reply = (await source.ask(a_query(), permit)).replies[0]
        await source.aclose()
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is FailureKind.REFUSED
    assert (asked, permit.given) == (["/oauth/token"], 0)
