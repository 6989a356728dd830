"""Jobs of the social insurance over a real connection."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.contract import Found, Months, NoRecord, SourceQuery, Ticket, Unknown
from connectors.failure import FailureKind, NotPermitted
from connectors.social_insurance.client import LOST_POLLS, SocialInsuranceSource
from connectors.transport.limits import Gate, Limits
from tests.connectors.social_insurance.test_social_insurance_parse import (
    BAI,
    LI,
    NOBODY,
    PAYMENT,
    body,
    result,
)

LIMITS = Limits(timeout=0.5, tries=1)
QUERY = SourceQuery(
    reference="q-1",
    sequence=1,
    region="220102",
    persons=(LI, BAI),
    window=Months(date(2025, 11, 1), date(2026, 10, 31)),
    as_of=date(2026, 11, 1),
    sent_on=date(2026, 11, 24),
)
TICKET = Ticket("q-1", ("p1", "p2"), timedelta(seconds=2), {"job": "j-1", "lost": 0})
TAKEN = b'{"jobId": "j-1", "pollAfterSeconds": 3}'
DONE = body(result(PAYMENT), {**NOBODY, "index": 1})


@dataclass
class AnInsurance:
    """Answers in order; keeps what it was asked."""

    answers: list[web.Response]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.asked.append((request.method, request.raw_path, text))
        if request.headers.get("Authorization") != "Bearer a-key":
            return web.json_response({}, status=401)
        return self.answers.pop(0)


def answer(content: bytes, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        body=content, status=status, content_type="application/json", headers=headers
    )


@asynccontextmanager
async def a_source(
    insurance: AnInsurance, limits: Limits = LIMITS, key: str = "a-key"
) -> AsyncIterator[SocialInsuranceSource]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", insurance.handle)
    async with TestServer(app) as server:
        config = {"url": str(server.make_url("")).rstrip("/"), "key": key}
        gate = Gate("social_insurance", limits)
        source = SocialInsuranceSource.from_config("social_insurance", config, gate)
        try:
            yield source
        finally:
            await source.aclose()


async def permit() -> None:
    """Always given."""


async def test_a_job_is_submitted_for_all_and_collected_when_it_is_done() -> None:
    running = body(state="RUNNING", results=[], pollAfterSeconds=5)
    insurance = AnInsurance([answer(TAKEN, 202), answer(running), answer(DONE)])
    async with a_source(insurance) as source:
        first = await source.ask(QUERY, permit)
        assert first.ticket is not None
        assert (first.ticket.persons, first.ticket.pause) == (("p1", "p2"), timedelta(seconds=3))
        second = await source.collect(first.ticket, QUERY, permit)
        assert second.ticket is not None
        assert second.ticket.pause == timedelta(seconds=5)
        third = await source.collect(second.ticket, QUERY, permit)
    assert third.ticket is None
    assert not third.again
    found, none = third.replies
    assert (found.person, none.person) == ("p1", "p2")
    assert isinstance(found.outcome, Found)
    assert "白宇".encode() not in found.raw
    assert "李明".encode() in found.raw
    assert none.outcome == NoRecord()
    assert [each[:2] for each in insurance.asked] == [
        ("POST", "/sb/v2/jobs"),
        ("GET", "/sb/v2/jobs/j-1"),
        ("GET", "/sb/v2/jobs/j-1"),
    ]
    assert json.loads(insurance.asked[0][2]) == {
        "from": "202511",
        "to": "202610",
        "persons": [
            {"xm": "李明", "sfzh": "229901198003071236"},
            {"xm": "白宇", "sfzh": "229902198909140639"},
        ],
    }
    assert "2299" not in json.dumps(dict(third.ticket.payload) if third.ticket else {})


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(TAKEN), FailureKind.MALFORMED),
        (answer(b"{}", 202), FailureKind.MALFORMED),
        (answer(b"", 400), FailureKind.REJECTED),
        (answer(b"", 429, **{"Retry-After": "7"}), FailureKind.RATE_LIMITED),
        (answer(b"", 503), FailureKind.UNAVAILABLE),
    ],
)
async def test_a_submission_that_fails_is_unknown_for_all(
    response: web.Response, kind: FailureKind
) -> None:
    async with a_source(AnInsurance([response])) as source:
        progress = await source.ask(QUERY, permit)
    assert progress.ticket is None
    assert [each.person for each in progress.replies] == ["p1", "p2"]
    for reply in progress.replies:
        assert isinstance(reply.outcome, Unknown)
        assert reply.outcome.gap.kind is kind


async def test_a_refused_key_is_unknown() -> None:
    async with a_source(AnInsurance([]), key="another") as source:
        progress = await source.ask(QUERY, permit)
    assert isinstance(progress.replies[0].outcome, Unknown)
    assert progress.replies[0].outcome.gap.kind is FailureKind.REFUSED


async def test_a_submission_is_repeated_where_the_source_is_down() -> None:
    insurance = AnInsurance([answer(b"", 503), answer(TAKEN, 202)])
    permits: list[int] = []

    async def counted() -> None:
        permits.append(1)

    async with a_source(insurance, Limits(timeout=1, tries=2)) as source:
        progress = await source.ask(QUERY, counted)
    assert progress.ticket is not None
    assert len(permits) == 2


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(body(state="FAILED", results=[])), FailureKind.UNAVAILABLE),
        (answer(b"", 404), FailureKind.EXPIRED),
    ],
)
async def test_a_job_that_failed_or_expired_is_to_be_asked_again(
    response: web.Response, kind: FailureKind
) -> None:
    async with a_source(AnInsurance([response])) as source:
        progress = await source.collect(TICKET, QUERY, permit)
    assert (progress.replies, progress.ticket) == ((), None)
    assert [(each.person, each.failure.kind) for each in progress.again] == [
        ("p1", kind),
        ("p2", kind),
    ]


async def test_a_poll_that_fails_says_nothing_about_the_job() -> None:
    insurance = AnInsurance([answer(b"", 503), answer(b"x"), answer(DONE)])
    async with a_source(insurance) as source:
        first = await source.collect(TICKET, QUERY, permit)
        assert first.ticket is not None
        assert not first.replies
        second = await source.collect(first.ticket, QUERY, permit)
        assert second.ticket is not None
        assert second.ticket.pause > first.ticket.pause
        third = await source.collect(second.ticket, QUERY, permit)
    assert len(third.replies) == 2


async def test_the_pause_that_the_source_asks_for_is_kept() -> None:
    response = answer(b"", 429, **{"Retry-After": "90"})
    async with a_source(AnInsurance([response])) as source:
        progress = await source.collect(TICKET, QUERY, permit)
    assert progress.ticket is not None
    assert progress.ticket.pause == timedelta(seconds=90)


async def test_polls_that_fail_on_and_on_end_as_unknown() -> None:
    insurance = AnInsurance([answer(b"", 503) for _ in range(LOST_POLLS + 1)])
    async with a_source(insurance) as source:
        progress = await source.collect(TICKET, QUERY, permit)
        while progress.ticket is not None:
            progress = await source.collect(progress.ticket, QUERY, permit)
    assert not insurance.answers
    assert [isinstance(each.outcome, Unknown) for each in progress.replies] == [True, True]


async def test_another_jobs_reply_is_not_taken() -> None:
    async with a_source(AnInsurance([answer(body(NOBODY, jobId="j-2"))])) as source:
        progress = await source.collect(TICKET, QUERY, permit)
    assert progress.ticket is None
    outcome = progress.replies[0].outcome
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.MISMATCHED


async def test_nothing_leaves_without_a_permit() -> None:
    async def refuse() -> None:
        raise NotPermitted("no consent")

    insurance = AnInsurance([])
    async with a_source(insurance) as source:
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, refuse)
        with pytest.raises(NotPermitted):
            await source.collect(TICKET, QUERY, refuse)
    assert not insurance.asked


@pytest.mark.parametrize(
    ("config", "key"), [({"url": "http://h"}, "key"), ({"url": "u", "key": "k", "kee": 1}, "kee")]
)
def test_settings_are_checked(config: dict[str, str], key: str) -> None:
    gate = Gate("social_insurance", LIMITS)
    with pytest.raises(ValueError, match=key):
        SocialInsuranceSource.from_config("social_insurance", config, gate)
