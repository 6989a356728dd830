"""The tax office over real HTTP."""

import pytest
from aiohttp import web

from connectors.contract import Found, NoRecord, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.tax.client import TaxSource
from connectors.transport.limits import Gate, Limits
from tests.connectors.asked import CountingPermit, a_person, a_query
from tests.connectors.tax.test_parse import NONE, a_fault, an_answer, an_item
from tests.connectors.web_server import serving


class Office:
    """Plays the source: (status, body) one after another, the last one for ever."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked += 1
        assert (request.method, request.path) == ("POST", "/tax/services/IncomeQuery")
        assert request.headers["SOAPAction"] == '"queryIncome"'
        assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert request.headers["Authorization"] == "Basic aGVkdWk656eY5a+G"
        assert b"queryIncome" in await request.read()
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body, content_type="text/xml", charset="utf-8")


async def ask(
    office: Office, name: str = "李明", permit: CountingPermit | None = None
) -> SourceReply:
    async with serving(office) as url:
        config = {"url": url, "username": "hedui", "password": "秘密"}
        source = TaxSource.from_config("tax", config, Gate("tax", Limits(tries=2)))
        try:
            query = a_query(a_person(name))
            return (await source.ask(query, permit or CountingPermit())).replies[0]
        finally:
            await source.aclose()


async def test_income_is_found() -> None:
    reply = await ask(Office((200, an_answer(an_item()))))
    assert isinstance(reply.outcome, Found)
    assert reply.raw == an_answer(an_item())


async def test_a_fault_of_the_source_is_asked_again_and_one_of_ours_is_not() -> None:
    permit = CountingPermit()
    office = Office((500, a_fault("soapenv:Server")), (200, NONE))
    assert (await ask(office, permit=permit)).outcome == NoRecord()
    assert office.asked == permit.given == 2
    office = Office((500, a_fault("soapenv:Client")))
    reply = await ask(office)
    assert isinstance(reply.outcome, Unknown)
    assert (reply.outcome.gap.kind, office.asked) == (FailureKind.REJECTED, 1)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"<html>", FailureKind.UNAVAILABLE),
        (500, NONE, FailureKind.UNAVAILABLE),
        (503, NONE, FailureKind.UNAVAILABLE),
        (200, a_fault("soapenv:Server"), FailureKind.UNAVAILABLE),
        (401, NONE, FailureKind.REFUSED),
        (404, NONE, FailureKind.REJECTED),
    ],
)
async def test_a_failing_status_is_never_no_record(
    status: int, body: bytes, kind: FailureKind
) -> None:
    reply = await ask(Office((status, body)))
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is kind


async def test_a_name_that_cannot_be_sent_is_unknown_and_nothing_leaves() -> None:
    office, permit = Office((200, NONE)), CountingPermit()
    reply = await ask(office, "李\x01明", permit)
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is FailureKind.REJECTED
    assert (office.asked, permit.given) == (0, 0)
