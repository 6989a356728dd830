"""Inquiries over a real connection, and the calls that the source makes."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.contract import (
    AskedPerson,
    Callback,
    CallbackRefused,
    Found,
    IdType,
    Months,
    NoRecord,
    Partial,
    Progress,
    SourceQuery,
    Ticket,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted
from connectors.insurance.client import BAD_POLLS, MAPPING, InsuranceSource
from connectors.insurance.signature import SharedKey
from connectors.mapping import FieldMap
from connectors.transport.limits import Gate, Limits
from tests.connectors.insurance.test_insurance_parse import LI, POLICY

NOW = 1_795_500_000.0
KEY = SharedKey("hedui", "a-shared-key")
LIMITS = Limits(timeout=0.5, tries=1)
BAI = AskedPerson("p2", "白宇", IdType.RESIDENT_ID, "229902198909140639")
QUERY = SourceQuery(
    reference="SQ-20261124/1",
    sequence=1,
    region="220102",
    persons=(LI, BAI),
    window=Months(date(2025, 11, 1), date(2026, 10, 31)),
    as_of=date(2026, 11, 1),
    sent_on=date(2026, 11, 24),
)
TICKET = Ticket(QUERY.reference, ("p1", "p2"), timedelta(seconds=5))
ACCEPTED = {"inquiryNo": QUERY.reference, "accepted": True}
FOUND = {"seq": 1, "status": "FOUND", "policies": [POLICY]}
MORE = {"seq": 1, "status": "FOUND", "policies": [{**POLICY, "bdh": "P2"}]}
NONE = {"seq": 2, "status": "NONE", "policies": []}
ERROR = {"seq": 2, "status": "ERROR", "reason": "白宇"}


def part(*results: Mapping[str, Any], place: int = 1, of: int = 1, **changed: object) -> bytes:
    whole = {"inquiryNo": QUERY.reference, "part": place, "parts": of, "results": results}
    return json.dumps({**whole, **changed}, ensure_ascii=False).encode()


@dataclass
class ThePlatform:
    """Answers in order; keeps what it was asked, with whether it was well signed."""

    answers: list[web.Response] = field(default_factory=list)
    asked: list[tuple[str, str, bytes, bool]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers["X-Timestamp"]
        signed = request.headers["X-Signature"] == KEY.signature(stamp, body)
        self.asked.append((request.method, request.raw_path, body, signed))
        return self.answers.pop(0)


def answer(content: object, status: int = 200) -> web.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return web.Response(body=body, status=status, content_type="application/json")


@asynccontextmanager
async def a_source(
    platform: ThePlatform | None = None, limits: Limits = LIMITS, **config: object
) -> AsyncIterator[InsuranceSource]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", (platform or ThePlatform()).handle)
    async with TestServer(app) as server:
        whole = {
            "url": str(server.make_url("")).rstrip("/"),
            "app_id": "hedui",
            "key": "a-shared-key",
            "callback_url": "https://hedui.example/v1/callbacks/insurance",
            "poll_seconds": 5,
            **config,
        }
        mapping = FieldMap.load(MAPPING)
        gate = Gate("insurance", limits)
        source = InsuranceSource(whole, gate, mapping, clock=lambda: NOW)
        try:
            yield source
        finally:
            await source.aclose()


async def permit() -> None:
    """Always given."""


def called(body: bytes) -> Callback:
    headers = {name.lower(): value for name, value in KEY.headers(body, now=NOW).items()}
    return Callback(headers, body, NOW + 1)


def kinds(progress: Progress) -> list[tuple[str, object]]:
    return [
        (each.person, each.outcome.gap.kind if isinstance(each.outcome, Unknown) else None)
        for each in progress.replies
    ]


async def test_an_inquiry_is_submitted_signed_and_polled_until_it_is_ready() -> None:
    waiting = web.Response(status=202)
    platform = ThePlatform([answer(ACCEPTED, 202), waiting, answer(part(FOUND, NONE))])
    async with a_source(platform) as source:
        first = await source.ask(QUERY, permit)
        assert first.ticket == replace(TICKET, payload=first.ticket.payload if first.ticket else {})
        second = await source.collect(first.ticket, QUERY, permit)
        assert second.ticket is not None
        assert not second.replies
        third = await source.collect(second.ticket, QUERY, permit)
    assert third.ticket is None
    found, none = third.replies
    assert isinstance(found.outcome, Found)
    assert none.outcome == NoRecord()
    assert b"P2201000012345" in found.raw
    assert b"P2201000012345" not in none.raw
    assert all(signed for *_, signed in platform.asked)
    path = "/ins/v1/inquiries/SQ-20261124%2F1"
    assert [each[1] for each in platform.asked] == ["/ins/v1/inquiries", path, path]
    assert json.loads(platform.asked[0][2]) == {
        "inquiryNo": "SQ-20261124/1",
        "persons": [
            {"seq": 1, "xm": "李明", "zjhm": "229901198003071236"},
            {"seq": 2, "xm": "白宇", "zjhm": "229902198909140639"},
        ],
        "callbackUrl": "https://hedui.example/v1/callbacks/insurance",
    }


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer({**ACCEPTED, "accepted": False}, 202), FailureKind.REJECTED),
        (answer({**ACCEPTED, "inquiryNo": "q-2"}, 202), FailureKind.MISMATCHED),
        (answer(b"x", 202), FailureKind.MALFORMED),
        (answer(b"", 400), FailureKind.REJECTED),
        (answer(b"", 401), FailureKind.REFUSED),
        (answer(b"", 503), FailureKind.UNAVAILABLE),
    ],
)
async def test_a_submission_that_fails_is_unknown_for_all(
    response: web.Response, kind: FailureKind
) -> None:
    async with a_source(ThePlatform([response])) as source:
        progress = await source.ask(QUERY, permit)
    assert progress.ticket is None
    assert kinds(progress) == [("p1", kind), ("p2", kind)]


async def test_a_call_answers_for_all() -> None:
    callback = called(part(FOUND, ERROR))
    async with a_source() as source:
        assert source.reference_of(callback) == QUERY.reference
        progress = source.receive(callback, TICKET, QUERY)
    assert progress.ticket is None
    (found,) = progress.replies
    assert isinstance(found.outcome, Found)
    assert [(each.person, each.failure.kind) for each in progress.again] == [
        ("p2", FailureKind.UNAVAILABLE)
    ]
    assert "白" not in progress.again[0].failure.detail


PARTS = (
    part(FOUND, place=1, of=3),
    part(MORE, place=2, of=3),
    part(NONE, place=3, of=3),
)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_parts_come_in_any_order_and_more_than_once(order: tuple[int, ...]) -> None:
    ticket: Ticket | None = TICKET
    async with a_source() as source:
        for place in order[:-1]:
            for _ in range(2):
                assert ticket is not None
                progress = source.receive(called(PARTS[place]), ticket, QUERY)
                assert all(isinstance(each.outcome, Partial) for each in progress.replies)
                ticket = progress.ticket
        assert ticket is not None
        last = source.receive(called(PARTS[order[-1]]), ticket, QUERY)
    assert last.ticket is None
    found, none = last.replies
    assert isinstance(found.outcome, Found)
    assert {each.raw["bdh"] for each in found.outcome.records} == {"P2201000012345", "P2"}
    assert none.outcome == NoRecord()


async def test_a_repeated_part_brings_nothing_new() -> None:
    async with a_source() as source:
        first = source.receive(called(PARTS[0]), TICKET, QUERY)
        assert first.ticket is not None
        again = source.receive(called(PARTS[0]), first.ticket, QUERY)
    assert [each.person for each in first.replies] == ["p1"]
    assert again == Progress(ticket=first.ticket)


async def test_parts_missing_are_incomplete_so_far() -> None:
    async with a_source() as source:
        progress = source.receive(called(PARTS[0]), TICKET, QUERY)
    assert progress.ticket is not None
    assert progress.ticket.persons == ("p1", "p2")
    (partial,) = progress.replies
    assert isinstance(partial.outcome, Partial)
    assert partial.outcome.gap.kind is FailureKind.INCOMPLETE
    stored = json.dumps(dict(progress.ticket.payload))
    assert not any(secret in stored for secret in ("2299", "P2201", "\\u674e"))


async def test_a_person_left_out_is_incomplete() -> None:
    async with a_source() as source:
        progress = source.receive(called(part(FOUND)), TICKET, QUERY)
    assert kinds(progress) == [("p1", None), ("p2", FailureKind.INCOMPLETE)]


@pytest.mark.parametrize(
    "body",
    [
        part(FOUND, NONE, inquiryNo="SQ-20261124/2"),
        part(FOUND, {**NONE, "seq": 3}),
        part(FOUND, NONE, place=2, of=1),
        part(FOUND, NONE, results=None),
    ],
)
async def test_a_call_that_is_no_answer_changes_nothing(body: bytes) -> None:
    async with a_source() as source:
        assert source.receive(called(body), TICKET, QUERY) == Progress(ticket=TICKET)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", part(FOUND).replace(b"1", b"NaN")])
async def test_a_call_without_an_inquiry_is_refused(body: bytes) -> None:
    async with a_source() as source:
        with pytest.raises(CallbackRefused):
            source.reference_of(called(body))


async def test_a_call_with_a_wrong_signature_is_refused_by_both() -> None:
    callback = replace(called(part(FOUND)), body=part(NONE))
    async with a_source() as source:
        with pytest.raises(CallbackRefused):
            source.reference_of(callback)
        with pytest.raises(CallbackRefused):
            source.receive(callback, TICKET, QUERY)


async def test_a_poll_that_fails_says_nothing_about_the_inquiry() -> None:
    answers = [answer(b"", 503), answer(b"", 429), answer(part(FOUND, NONE))]
    async with a_source(ThePlatform(answers)) as source:
        first = await source.collect(TICKET, QUERY, permit)
        assert first == Progress(ticket=TICKET)
        second = await source.collect(TICKET, QUERY, permit)
        assert second.ticket is not None
        third = await source.collect(second.ticket, QUERY, permit)
    assert len(third.replies) == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x", FailureKind.MALFORMED),
        (part(FOUND, inquiryNo="SQ-20261124/2"), FailureKind.MISMATCHED),
    ],
)
async def test_answers_that_cannot_be_read_end_as_unknown(body: bytes, kind: FailureKind) -> None:
    platform = ThePlatform([answer(body) for _ in range(BAD_POLLS)])
    async with a_source(platform) as source:
        progress = await source.collect(TICKET, QUERY, permit)
        while progress.ticket is not None:
            progress = await source.collect(progress.ticket, QUERY, permit)
    assert not platform.answers
    assert kinds(progress) == [("p1", kind), ("p2", kind)]


async def test_an_answer_that_is_not_declared_as_json_is_not_read() -> None:
    response = web.Response(body=part(FOUND, NONE), content_type="text/plain")
    async with a_source(ThePlatform([response])) as source:
        progress = await source.collect(TICKET, QUERY, permit)
    assert not progress.replies
    assert progress.ticket is not None


async def test_an_inquiry_that_the_source_does_not_know_is_to_be_asked_again() -> None:
    async with a_source(ThePlatform([answer(b"", 404)])) as source:
        progress = await source.collect(TICKET, QUERY, permit)
    assert progress.ticket is None
    assert [each.failure.kind for each in progress.again] == [FailureKind.EXPIRED] * 2


async def test_nothing_leaves_without_a_permit() -> None:
    async def refuse() -> None:
        raise NotPermitted("no consent")

    platform = ThePlatform()
    async with a_source(platform) as source:
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, refuse)
        with pytest.raises(NotPermitted):
            await source.collect(TICKET, QUERY, refuse)
    assert not platform.asked


@pytest.mark.parametrize(
    ("config", "key"),
    [({"url": "u", "key": "k"}, "app_id"), ({"url": "u", "app_id": "a", "key": "k", "x": 1}, "x")],
)
def test_settings_are_checked(config: dict[str, str], key: str) -> None:
    with pytest.raises(ValueError, match=key):
        InsuranceSource.from_config("insurance", config, Gate("insurance", LIMITS))
