"""What an answer has to be before it counts: anything else is unknown, and never nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web

from app.safe_start import unsafe_settings
from app.settings import Settings
from connectors.centre.messages import ANSWERING, TAG, Answer, Question, State, read_question
from connectors.centres import Centres, build_centres
from connectors.contract import (
    AskedPerson,
    Found,
    IdType,
    Mandate,
    Months,
    NoRecord,
    SourceQuery,
    Unknown,
)
from connectors.failure import FailureKind
from connectors.transport.signatures import MessageSigner, ReplyHead, content_digest
from tests.assistance.parts import entry_of, signer
from tests.client_parts import Known
from tests.records import a_home, a_tax_entry
from tests.service_parts import NAMES, NOON, NUMBERS

QUERY = SourceQuery(
    reference="aq_1",
    sequence=1,
    region="220102003",
    persons=(AskedPerson("m1", NAMES["m1"], IdType.RESIDENT_ID, NUMBERS["m1"]),),
    window=Months(date(2025, 11, 1), date(2026, 10, 31)),
    as_of=date(2026, 11, 24),
    sent_on=date(2026, 11, 24),
    institutions=("centre:2299",),
    mandate=Mandate(
        case="c" * 64,
        region="220102003",
        registered_region="229901",
        purpose="application",
        programmes=("urban_dibao",),
        consent="SQ-1",
        signed_on=date(2026, 11, 20),
        valid_until=date(2027, 11, 19),
        document_sha256=None,
        guardian=None,
    ),
)


@dataclass
class Centre:
    """Another centre that says what it is told to say, rightly signed unless it is told so."""

    answer: Callable[[Answer], Answer] = lambda one: one
    body: Callable[[bytes], bytes] = lambda one: one
    by: MessageSigner = field(default_factory=lambda: signer(2))
    age: timedelta = timedelta(0)
    status: int = 200
    hangs: bool = False
    tokens: int = 0
    asked: list[Question] = field(default_factory=list)

    async def token(self, _: web.Request) -> web.StreamResponse:
        self.tokens += 1
        return web.json_response(
            {"access_token": f"t{self.tokens}", "token_type": "Bearer", "expires_in": 600}
        )

    async def take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.asked.append(read_question(raw))
        if self.hangs:
            await asyncio.Event().wait()
        nonce = request.headers["Signature-Input"].split('nonce="')[1].split('"')[0]
        answer = Answer(
            id="as_01JD0000000000000000000000",
            request_id=self.asked[-1].request_id,
            nonce=nonce,
            question=content_digest(raw),
            source=self.asked[-1].source,
            state=State.FOUND,
            records=(replace(a_tax_entry("700.00"), raw={}),),
        )
        body = self.body(self.answer(answer).to_bytes())
        head = ReplyHead(self.status, {"content-digest": content_digest(body)})
        self.by.sign_message(head, NOON - self.age, ANSWERING, tag=TAG)
        return web.Response(
            status=self.status, headers=head.headers, body=body, content_type="application/json"
        )


@asynccontextmanager
async def reached(centre: Centre, **limits: Any) -> AsyncIterator[Centres]:
    app = web.Application()
    app.router.add_post("/oauth/token", centre.token)
    app.router.add_post("/v1/assistance", centre.take)
    runner = web.AppRunner(app, shutdown_timeout=1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    entry = entry_of(
        f"http://127.0.0.1:{runner.addresses[0][1]}", Known("cl_a", "s"), signer(2).jwks()
    )
    entry["limits"] = {**entry["limits"], **limits}
    centres = build_centres([entry], signer=signer(1), now=lambda: NOON)
    try:
        yield centres
    finally:
        await centres.aclose()
        await runner.cleanup()


async def permit() -> None:
    """Nothing is in the way."""


async def outcome_at(centre: Centre, **limits: Any) -> Any:
    async with reached(centre, **limits) as centres:
        source = centres.source_at("centre:2299", "tax")
        assert source is not None
        (reply,) = (await source.ask(QUERY, permit)).replies
        assert reply.institution == "centre:2299"
        return reply.outcome


async def test_an_answer_that_holds_is_taken_with_its_signature() -> None:
    centre = Centre()
    async with reached(centre) as centres:
        source = centres.source_at("centre:2299", "tax")
        assert source is not None
        (reply,) = (await source.ask(QUERY, permit)).replies
        assert isinstance(reply.outcome, Found)
        assert reply.outcome.records[0].raw["gross"] == "700"
        assert b"hedui-assistance" in reply.raw
    (question,) = centre.asked
    assert question.person.registered_region == "229901"
    assert "220102003" not in question.model_dump_json()  # the county, not the street


async def test_no_record_is_the_only_nothing() -> None:
    centre = Centre(answer=_with(state=State.NO_RECORD, records=()))
    assert await outcome_at(centre) == NoRecord()


def _with(**changes: Any) -> Callable[[Answer], Answer]:
    return lambda answer: answer.model_copy(update=changes)


def _json(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps({**json.loads(body), **changes}).encode()


STRANGERS = (replace(a_tax_entry("1.00"), subjects=a_home("m2").subjects),)
FAULTS: Mapping[str, tuple[Centre, FailureKind]] = {
    "signed by another": (Centre(by=signer(3)), FailureKind.MISMATCHED),
    "an old answer": (Centre(age=timedelta(minutes=6)), FailureKind.MISMATCHED),
    "by a clock that is ahead": (Centre(age=timedelta(minutes=-2)), FailureKind.MISMATCHED),
    "to another call": (Centre(answer=_with(nonce="0" * 32)), FailureKind.MISMATCHED),
    "to another request": (Centre(answer=_with(request_id="0" * 64)), FailureKind.MISMATCHED),
    "to another question": (Centre(answer=_with(question="sha-256=:x:")), FailureKind.MISMATCHED),
    "of another source": (Centre(answer=_with(source="property")), FailureKind.MISMATCHED),
    "records of another source": (
        Centre(answer=_with(records=(replace(a_home(), raw={}),))),
        FailureKind.MISMATCHED,
    ),
    "records of a stranger": (Centre(answer=_with(records=STRANGERS)), FailureKind.MISMATCHED),
    "found without a record": (Centre(answer=_with(records=())), FailureKind.MALFORMED),
    "nothing with a record": (Centre(answer=_with(state=State.NO_RECORD)), FailureKind.MALFORMED),
    "of another version": (Centre(body=_json(version=2)), FailureKind.MALFORMED),
    "a field that nobody knows": (Centre(body=_json(more=1)), FailureKind.MALFORMED),
    "no JSON": (Centre(body=lambda _: b"<html>"), FailureKind.MALFORMED),
    "too long": (Centre(body=lambda one: one + b" " * 300_000), FailureKind.TOO_LARGE),
    "our credentials refused": (Centre(status=401), FailureKind.REFUSED),
    "not allowed": (Centre(status=403), FailureKind.REFUSED),
    "the question refused": (Centre(status=422), FailureKind.REJECTED),
    "a fault there": (Centre(status=500), FailureKind.UNAVAILABLE),
    "the gate's own word from outside": (
        Centre(answer=_with(state=State.UNKNOWN, records=(), failure=FailureKind.NOT_PERMITTED)),
        FailureKind.REJECTED,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_anything_else_is_unknown(name: str) -> None:
    centre, kind = FAULTS[name]
    outcome = await outcome_at(centre)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind
    for words in (NAMES["m1"], NUMBERS["m1"], NAMES["m2"]):
        assert words not in outcome.gap.detail


async def test_no_answer_in_time_is_unknown() -> None:
    outcome = await outcome_at(Centre(hangs=True), timeout=0.2)
    assert outcome.gap.kind is FailureKind.TIMED_OUT


async def test_a_token_that_was_withdrawn_is_fetched_anew_once() -> None:
    centre = Centre(status=401)
    await outcome_at(centre)
    assert (centre.tokens, len(centre.asked)) == (2, 2)


A = entry_of("https://b.example", Known("cl", "s"), signer().jwks())


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "centres: must be a list"),
        ([{**A, "url": "http://b.example"}], "centre 2299: url must be https"),
        ([{**A, "region": 2299}], "centres: 1: region is text"),
        ([A, A], "centre 2299: stands there twice"),
        ([{**A, "keys": "https://c.example/keys"}], "another address than the centre's"),
        ([{**A, "keys": '{"keys": []}'}], "no JWK set"),
        ([{**A, "sources": ["insurance"]}], "insurance is not asked by place"),
        ([{**A, "secret": "x"}], "secret is no setting of a centre"),
        ([{key: A[key] for key in A if key != "client_secret"}], "client_secret is missing"),
    ],
)
def test_what_is_wrongly_configured_is_named(entries: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_centres(entries, signer=signer(), now=lambda: NOON)


def test_of_overlapping_regions_the_smaller_ones_centre_answers() -> None:
    entries = [A, {**A, "region": "229901"}, {**A, "region": "22"}]
    centres = build_centres(entries, signer=signer(), now=lambda: NOON)
    regions = ("229901001", "2299", "2201", "33", None)
    found = [centres.responsible(one) for one in regions]
    assert [one and one.region for one in found] == ["229901", "2299", "22", None, None]


def test_a_centres_secret_in_the_file_itself_does_not_start_production() -> None:
    document = {"centres": [{**A, "client_secret": "x" * 40}]}
    found = unsafe_settings(Settings(production=True), document)
    told = [one.detail for one in found if one.name == "source centre:2299"]
    assert told == ["client_secret stands in the file itself"]
