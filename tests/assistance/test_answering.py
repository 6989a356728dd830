"""What a centre answers, and what it takes from nobody: its own rules hold for every question."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.access.relations import as_persons
from app.access.tokens import Caller
from app.domain.household import IdType
from connectors.centre.messages import PATH, read_question
from tests.assistance.asking import Asking, a_question, asked, token_of
from tests.assistance.parts import learn_key, signer
from tests.client_parts import register
from tests.service_parts import NUMBERS


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    async with asked(tmp_path) as one:
        yield one


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
    headers = await token_of(asking.b, other)
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
        await asking.put(a_question(), headers=await token_of(asking.b, asking.known))
    ).status_code == 410
    clock.forward(days=160)
    assert await erasing.forget_work() == 1
    assert (
        await asking.put(a_question(), headers=await token_of(asking.b, asking.known))
    ).status_code == 200
