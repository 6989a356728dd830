"""What a centre answers, and what it takes from nobody: its own rules hold for every question."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.access.relations import as_persons
from app.access.tokens import Caller
from app.domain.household import IdType
from connectors.centre.messages import ASKING, PATH, TAG, Question, read_question
from connectors.contract import Found, Months
from connectors.transport.signatures import MessageSigner, RequestHead, content_digest
from tests.assistance.parts import ELSEWHERE, entry_of, learn_key, signer, written
from tests.client_parts import Known, register
from tests.records import a_tax_entry
from tests.service_parts import NAMES, NUMBERS, Clock, Running, ScriptedSource, running

ROW = a_tax_entry("700.00")
NONCES = (f"{place:032x}" for place in range(1, 1_000))


@dataclass
class Asking:
    """B alone, and another centre's way of speaking to it."""

    b: Running
    known: Known
    tax: ScriptedSource
    headers: dict[str, str]
    by: MessageSigner = field(default_factory=signer)

    async def put(self, body: bytes, **changes: Any) -> httpx.Response:
        """`changes`: `by`, `nonce`, `age`, `sent` (another body than was signed), `headers`."""
        headers = self._signed(RequestHead("POST", PATH, {}), body, changes)
        headers["Content-Type"] = "application/json"
        return await self.b.http.post(PATH, content=changes.get("sent", body), headers=headers)

    async def look(self, id_: str, **changes: Any) -> httpx.Response:
        headers = self._signed(RequestHead("GET", f"{PATH}/{id_}", {}), b"", changes)
        return await self.b.http.get(f"{PATH}/{id_}", headers=headers)

    def _signed(self, head: RequestHead, body: bytes, changes: dict[str, Any]) -> dict[str, str]:
        head.headers["content-digest"] = content_digest(body)
        now = self.b.clock() - changes.get("age", timedelta(0))
        nonce = changes.get("nonce") or next(NONCES)
        changes.get("by", self.by).sign_message(head, now, ASKING, tag=TAG, nonce=nonce)
        return {**head.headers, **changes.get("headers", self.headers)}

    async def asks(self, **changes: Any) -> dict[str, Any]:
        reply = await self.put(a_question(**changes))
        assert reply.status_code in (200, 202), reply.text
        answer: dict[str, Any] = orjson.loads(reply.content)
        return answer

    async def actions(self) -> list[str]:
        """What the trail tells, in order."""
        entries = self.b.parts.audit._entries
        rows = await self.b.parts.shelf.database.read(lambda tx: entries.after(tx, 0, 1_000))
        assert all(self.b.parts.audit.holds(row) for row in rows)
        return [row.action for row in rows if "assistance" in row.action or "asked" in row.action]


def a_question(**changes: Any) -> bytes:
    """About m1's tax; `consent` and `person` take changes of their own."""
    window = Months(date(2025, 11, 1), date(2026, 10, 31))
    consent = {
        "reference": "SQ-1",
        "signed_on": "2026-11-20",
        "valid_until": "2027-11-19",
        "document_sha256": None,
        "guardian": None,
        **changes.pop("consent", {}),
    }
    person = {
        "name": NAMES["m1"],
        "id_type": "resident_id",
        "id_number": NUMBERS["m1"],
        "registered_region": ELSEWHERE,
        **changes.pop("person", {}),
    }
    values = {
        "request_id": "a" * 64,
        "case": "c" * 64,
        "to": "2299",
        "asked_from": "220102",
        "source": "tax",
        "purpose": "application",
        "programmes": ["urban_dibao"],
        "first_day": window.first,
        "last_day": window.last,
        "as_of": "2026-11-24",
    }
    question = Question(**{**values, **changes, "consent": consent, "person": person})
    return question.to_bytes()


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    tax = ScriptedSource("tax", {"p1": Found((ROW,))})
    other = Known("cl_other", "x")
    centre = {**entry_of("http://127.0.0.1:1", other, signer(2).jwks()), "region": "229909"}
    document = {"assistance": {"answers_for": ["2299"]}, "centres": [centre]}
    path = written(tmp_path / "b.yaml", document)
    async with running(tmp_path, [tax], clock=Clock(), sources=path) as b:
        known = await register(b, secret=True, region="22", scopes=("assist",))
        await learn_key(b, known, signer().jwks())
        yield Asking(b, known, tax, await _token(b, known))


async def test_the_same_question_has_the_same_answer(asking: Asking) -> None:
    """Told once who asked and what was said; the person sees it in what he or she is told."""
    first = await asking.asks()
    again = await asking.asks()
    assert first["state"] == "found"
    assert first["records"][0]["gross"] == "700.00"
    assert first["records"][0]["raw"] == {}
    assert first["source_digest"].startswith("sha256:")
    assert {**again, "nonce": ""} == {**first, "nonce": ""}
    assert len(asking.tax.asked) == 1
    told = ["assistance_accepted", "source_asked", "assistance_answered"]
    assert await asking.actions() == told

    persons = as_persons(IdType.RESIDENT_ID, NUMBERS["m1"])
    parts = asking.b.parts
    found = await parts.shelf.database.read(
        lambda tx: parts.trail.reports.of_person(tx, persons, "2299")
    )
    lines = [(one["kind"], one["sources"], one["case_reference"]) for one in found.lines]
    assert lines == [("request", [], None), ("query", ["tax"], None)]


async def test_what_was_unknown_is_asked_anew(asking: Asking) -> None:
    asking.tax.fault = RuntimeError("of the source")
    assert (await asking.asks())["failure"] == "malformed"
    asking.tax.fault = None
    assert (await asking.asks())["state"] == "found"


async def test_a_process_that_dies_while_it_asks_is_followed_by_another(asking: Asking) -> None:
    """The lease runs out; the next look, or the same question again, asks."""
    parts, body = asking.b.parts, a_question()
    desk = parts.assistance.desk

    def begun(tx: Any) -> None:
        who = Caller(asking.known.id, "22", ("assist",))
        kept = desk.accept(tx, who, read_question(body), body)
        assert desk.stored.lease(tx, kept.id, parts.now(), timedelta(seconds=120)) is not None

    await parts.shelf.database.write(begun)
    assert (await asking.put(body)).status_code == 202
    asking.b.clock.forward(seconds=121)
    assert (await asking.put(body)).status_code == 200


REFUSED: dict[str, tuple[Callable[[], dict[str, Any]], int]] = {
    "unsigned": (lambda: {"headers_only": True}, 422),
    "signed by somebody else": (lambda: {"by": signer(3)}, 422),
    "another body than was signed": (lambda: {"sent": a_question(source="property")}, 422),
    "too old": (lambda: {"age": timedelta(minutes=6)}, 422),
    "of a time to come": (lambda: {"age": timedelta(minutes=-2)}, 422),
    "passed on by a third": (lambda: {"body": a_question().replace(b'"hops":1', b'"hops":2')}, 422),
    "of another version": (
        lambda: {"body": a_question().replace(b'"version":1', b'"version":2')},
        422,
    ),
    "a key twice": (
        lambda: {"body": a_question().replace(b'{"version":1', b'{"source":"tax","version":1')},
        422,
    ),
    "outside of the client's region": (
        lambda: {"body": a_question(person={"registered_region": "3301"})},
        403,
    ),
    "for no purpose that there is": (lambda: {"body": a_question(purpose="curiosity")}, 422),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_rightly_signed_or_put_is_refused(asking: Asking, name: str) -> None:
    changes, status = REFUSED[name][0](), REFUSED[name][1]
    if changes.pop("headers_only", False):
        headers = {**asking.headers, "Content-Type": "application/json"}
        reply = await asking.b.http.post(PATH, content=a_question(), headers=headers)
    else:
        reply = await asking.put(changes.pop("body", a_question()), **changes)
    assert reply.status_code == status, reply.text
    assert not asking.tax.asked
    assert "assistance_accepted" not in await asking.actions()


async def test_a_call_that_came_before_is_refused(asking: Asking) -> None:
    nonce = "n" * 32
    assert (await asking.put(a_question(), nonce=nonce)).status_code == 200
    assert (await asking.put(a_question(), nonce=nonce)).status_code == 422
    assert (await asking.actions())[-1] == "assistance_refused"


async def test_another_clients_question_is_as_one_that_never_was(asking: Asking) -> None:
    kept = await asking.asks()
    other = await register(asking.b, region="22", scopes=("assist",))
    await learn_key(asking.b, other, signer(4).jwks())
    headers = await _token(asking.b, other)
    replies = [
        await asking.look(id_, by=signer(4), headers=headers) for id_ in (kept["id"], "as_none")
    ]
    assert [one.status_code for one in replies] == [404, 404]
    assert replies[0].content == replies[1].content
    assert (await asking.look(kept["id"])).json()["state"] == "found"


async def test_without_the_scope_nothing_is_asked(asking: Asking) -> None:
    headers = await asking.b.client("22", ("verify", "read"))
    assert (await asking.put(a_question(), headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("not_responsible", {"person": {"registered_region": "220101"}}),
        # B itself names another centre for it: what comes from outside is not passed on.
        ("not_responsible", {"person": {"registered_region": "229909"}}),
        ("not_connected", {"source": "property"}),
        ("no_consent", {"consent": {"valid_until": "2026-11-23"}}),
        ("no_consent", {"consent": {"signed_on": "2026-11-25"}}),
        ("no_consent", {"consent": {"scope": {"sources": ["property"]}}}),
        ("no_consent", {"consent": {"reference": "SQ-TAKEN"}}),
        ("not_needed", {"programmes": ["no_such_programme"]}),
    ],
)
async def test_a_centre_judges_by_its_own_rules(
    asking: Asking, reason: str, changes: dict[str, Any]
) -> None:
    headers = await asking.b.client("229901", ("verify",))
    taken = {"region": "229901", "reference": "SQ-TAKEN"}
    await asking.b.http.post("/v1/consents/withdrawals", headers=headers, json=taken)
    answer = await asking.asks(**changes)
    assert (answer["state"], answer["reason"], answer["records"]) == ("unknown", reason, [])
    assert not asking.tax.asked
    assert "source_asked" not in await asking.actions()


async def test_what_comes_after_the_consent_was_taken_back_is_not_told(asking: Asking) -> None:
    asking.tax.answers_later, asking.tax.ready = True, False
    first = await asking.asks()
    assert first["state"] == "pending"
    headers = await asking.b.client("229901", ("verify",))
    taken = {"region": "229901", "reference": "SQ-1"}
    await asking.b.http.post("/v1/consents/withdrawals", headers=headers, json=taken)
    asking.tax.ready = True
    assert (await asking.asks())["reason"] == "no_consent"


async def test_contents_go_soon_and_the_rest_after_the_term_of_objections(asking: Asking) -> None:
    await asking.asks()
    erasing, clock = asking.b.parts.erasures.erasing, asking.b.clock
    clock.forward(days=31)
    assert await erasing.forget_work() == 1
    assert (
        await asking.put(a_question(), headers=await _token(asking.b, asking.known))
    ).status_code == 410
    clock.forward(days=160)
    assert await erasing.forget_work() == 1
    assert (
        await asking.put(a_question(), headers=await _token(asking.b, asking.known))
    ).status_code == 200


async def _token(b: Running, known: Known) -> dict[str, str]:
    client = await b.parts.shelf.database.read(lambda tx: b.parts.clients.get(tx, known.id))
    assert client is not None
    return {"Authorization": f"Bearer {b.parts.tokens.issue(client, ('assist',))}"}
