"""The household registry over real HTTP."""

import json

import pytest
from aiohttp import web

from connectors.contract import Found, NoRecord, Partial, SourceReply, Unknown
from connectors.failure import FailureKind, NotPermitted
from connectors.household_registry.client import HouseholdRegistrySource
from connectors.transport.limits import Gate, Limits
from tests.connectors.asked import STRANGER, CountingPermit, a_person, a_query
from tests.connectors.household_registry.test_parse import a_reply, a_row
from tests.connectors.web_server import serving


class Registry:
    """Plays the source: bodies for each path, one after another, the last one for ever."""

    def __init__(self, persons: list[bytes], households: list[bytes] | None = None) -> None:
        self.answers = {"person-query": persons, "household-query": households or [a_reply()]}
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        assert request.headers["X-Auth-Token"] == "t"
        what = request.path.removeprefix("/hukou/v1/")
        self.asked.append((what, json.loads(await request.read())))
        answers = self.answers[what]
        body = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.Response(body=body, content_type="application/json")


async def ask(
    registry: Registry, permit: CountingPermit | None = None, **limits: float
) -> SourceReply:
    async with serving(registry) as url:
        gate = Gate("household_registry", Limits(**limits))  # type: ignore[arg-type]
        config = {"url": url, "token": "t"}
        source = HouseholdRegistrySource.from_config("household_registry", config, gate)
        try:
            progress = await source.ask(a_query(), permit or CountingPermit())
        finally:
            await source.aclose()
    assert progress.ticket is None
    return progress.replies[0]


async def test_the_person_is_asked_for_and_then_the_household() -> None:
    wife = a_row(xm="王芳", gmsfhm=STRANGER, yhzgx="12")
    registry = Registry([a_reply(a_row())], [a_reply(a_row(), wife)])
    permit = CountingPermit()
    reply = await ask(registry, permit)
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 3
    assert registry.asked == [
        ("person-query", {"xm": "李明", "gmsfhm": "229901198003071236"}),
        ("household-query", {"hh": "220102003041"}),
    ]
    assert permit.given == 2
    assert reply.raw == a_reply(a_row()) + b"\x1e" + a_reply(a_row(), wife)
    assert reply.person == "p1"


async def test_without_a_record_there_is_no_household_to_ask_for() -> None:
    registry = Registry([a_reply()])
    reply = await ask(registry)
    assert reply.outcome == NoRecord()
    assert len(registry.asked) == 1


async def test_a_household_that_cannot_be_listed_leaves_the_answer_partial() -> None:
    reply = await ask(Registry([a_reply(a_row())], [a_reply(code="99")]), tries=1)
    assert isinstance(reply.outcome, Partial)
    assert reply.outcome.gap.kind is FailureKind.UNAVAILABLE
    assert len(reply.outcome.records) == 1


async def test_a_busy_source_is_asked_again_with_a_new_permit() -> None:
    permit = CountingPermit()
    registry = Registry([a_reply(code="99"), a_reply()])
    reply = await ask(registry, permit)
    assert reply.outcome == NoRecord()
    assert permit.given == 2
    assert reply.raw == a_reply()


async def test_a_refused_token_is_not_tried_again() -> None:
    registry = Registry([a_reply(code="98")])
    reply = await ask(registry)
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is FailureKind.REFUSED
    assert len(registry.asked) == 1
    assert reply.raw == a_reply(code="98")


async def test_consent_withdrawn_before_the_household_stops_the_asking() -> None:
    registry = Registry([a_reply(a_row())])
    with pytest.raises(NotPermitted):
        await ask(registry, CountingPermit(most=1))
    assert [what for what, _ in registry.asked] == ["person-query"]


async def test_several_persons_are_answered_each_by_itself() -> None:
    async with serving(Registry([a_reply(code="98"), a_reply()])) as url:
        gate = Gate("household_registry", Limits(concurrency=1))
        config = {"url": url, "token": "t"}
        source = HouseholdRegistrySource.from_config("household_registry", config, gate)
        query = a_query(a_person(), a_person("王芳", STRANGER, ref="p2"))
        replies = (await source.ask(query, CountingPermit())).replies
        with pytest.raises(NotPermitted):
            await source.ask(query, CountingPermit(most=1))
        await source.aclose()
    assert [reply.person for reply in replies] == ["p1", "p2"]
    assert isinstance(replies[0].outcome, Unknown)
    assert isinstance(replies[1].outcome, NoRecord)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"url": "http://a"}, "household_registry: token is missing"),
        ({"url": "http://a", "token": "t", "key": "k"}, "key is no setting"),
        ({"url": "nowhere", "token": "t"}, "url must be"),
    ],
)
def test_a_wrong_configuration_names_the_key(config: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HouseholdRegistrySource.from_config("household_registry", config, Gate("x", Limits()))
