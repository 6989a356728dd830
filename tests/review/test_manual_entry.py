"""Entry by hand: two clerks of one source, blind of each other, on a consent that holds then."""

import copy
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from app.domain.decision import Cause
from app.verification.conclude import conclude
from app.wiring import new_id
from connectors.by_hand import ByHand
from connectors.contract import Unknown
from connectors.failure import Failure, FailureKind
from tests.looks.parts import Person, assigned, entries_of, somebody, trail
from tests.service_parts import (
    NUMBERS,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)
from tests.staff_parts import session_of, with_roles

pytestmark = pytest.mark.asyncio(loop_scope="module")
DOWN = Unknown(Failure(FailureKind.UNAVAILABLE, "down"))
TAX = ScriptedSource("tax", {"m1": DOWN})
NONE: dict[str, Any] = {"outcome": "no_record", "data_as_of": "2026-11-23"}
HOME = {
    "outcome": "found",
    "records": [
        {
            "type": "ownership",
            "fields": {
                "unit": "220102001001GB00001F00010001",
                "certificate": "吉2020长春市不动产权第0001号",
                "area": "61.5",
                "use": "home",
                "sharing": "sole",
                "shares": "1/1",
                "registered_on": "2020-05-06",
                "in_force": "true",
            },
        }
    ],
}


def sources() -> list[ScriptedSource]:
    by_hand = cast("ScriptedSource", ByHand("property"))
    return [one for one in all_ten(TAX) if one.name != "property"] + [by_hand]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("by_hand"), sources()) as one:
        yield one


async def clerk(service: Running, source: str = "property") -> Person:
    account = await with_roles(service, "source_clerk", source=source)
    return Person(service, account, await session_of(service, account))


async def waiting(service: Running, who: Person) -> list[dict[str, Any]]:
    page = (await who.get("/v1/manual-tasks?limit=200", None)).json()
    return list(page["tasks"])


async def tasks_of(service: Running, id_: str) -> dict[str, str]:
    """By person, ids of a verification's tasks."""
    manual = service.parts.desk.manual
    found = await service.parts.shelf.database.read(lambda tx: manual.of_verification(tx, id_))
    return {one.person: one.id for one in found}


async def entered(who: Person, id_: str, entry: dict[str, Any], status: int = 200) -> Any:
    shown = (await who.get(f"/v1/manual-tasks/{id_}", None)).json()
    given = {"version": shown.get("version", 1), **entry}
    reply = await who.post(f"/v1/manual-tasks/{id_}/entries", given, None)
    assert reply.status_code == status, reply.text
    return reply.json()


async def a_case(service: Running, body: dict[str, Any] | None = None) -> tuple[str, str]:
    """Of a case of its own; it is not waited for, as clerks are."""
    body = body or a_body()
    body["case_reference"] = new_id("case")
    service.headers = await service.client()
    reply = await service.post(body, wait=0)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["id"]), body["case_reference"]


async def partial(service: Running) -> str:
    """A verification that waits for clerks alone."""
    id_, _ = await a_case(service)
    await service.status_becomes(id_, "partial")
    return id_


async def test_two_clerks_answer_and_the_conclusion_follows(service: Running) -> None:
    id_ = await partial(service)
    before = await service.shown(id_)
    homes = before["profile"]["totals"]["homes"]
    assert homes == {"min": 0, "max": None}
    tasks, first, second = await tasks_of(service, id_), await clerk(service), await clerk(service)
    listed = next(one for one in await waiting(service, first) if one["id"] == tasks["m1"])
    assert listed["person"]["name"] == "李*"
    assert listed["person"]["masked"] is True
    shown = (await first.get(f"/v1/manual-tasks/{tasks['m1']}", None)).json()
    assert shown["person"] == {
        "name": "李明",
        "id_type": "resident_id",
        "id_number": NUMBERS["m1"],
        "masked": False,
    }
    assert (shown["turn"], shown["purpose"], shown["consent"]) == ("first", "application", "valid")
    assert [one["type"] for one in shown["forms"]] == ["ownership"]
    after = await entered(first, tasks["m1"], HOME)
    assert (after["state"], after["turn"], after["person"]["masked"]) == ("second", "none", True)
    given = {"version": after["version"], **HOME}
    reply = await first.post(f"/v1/manual-tasks/{tasks['m1']}/entries", given, None)
    assert reply.status_code == 403  # not by the same clerk
    back = await entered(second, tasks["m1"], NONE)
    assert (back["state"], back["went_back"]) == ("open", True)
    assert back["differences"] == ["outcome", "data_as_of"]
    await entered(second, tasks["m1"], HOME)
    done = await entered(first, tasks["m1"], HOME)
    assert (done["state"], done["person"]["masked"]) == ("done", True)
    for ref in ("m2", "m3"):
        await entered(first, tasks[ref], NONE)
        await entered(second, tasks[ref], NONE)
    for task in {tasks.get("s1")} - {None}:
        await entered(first, str(task), NONE)
        await entered(second, str(task), NONE)
    document = await service.status_becomes(id_, "final")
    assert document["profile"]["totals"]["homes"] == 1
    states = {one["person"]: one for one in document["sources"] if one["source"] == "property"}
    assert (states["m1"]["state"], states["m1"]["by_hand"]) == ("answered", True)
    evidence = (await service.get(f"/v1/verifications/{id_}/evidence")).json()["evidence"]
    [home] = [one for one in evidence if one["source"] == "property"]
    assert home["by_hand"] is True
    assert home["record"]["entered_by_hand"] is True
    actions = [(action, about) for action, about, _ in await entries_of(service, first.id)]
    assert ("manual_task_read", id_) in actions
    assert ("manual_entry_confirmed", id_) in actions
    rows = [
        row for row in await trail(service) if (row.object, row.action) == (id_, "source_asked")
    ]
    assert sum('"source": "property"' in row.details for row in rows) == len(tasks)


async def test_its_reliability_is_its_own(tmp_path: Path) -> None:
    """The same answers: typed by hand they are less sure than told by the source itself."""
    by_hand = cast("ScriptedSource", ByHand("bank"))
    others = [one for one in all_ten() if one.name != "bank"]
    async with running(tmp_path, [*others, by_hand]) as service:
        id_, _ = await a_case(service)
        await service.status_becomes(id_, "partial")
        one, other = await clerk(service, "bank"), await clerk(service, "bank")
        for task in (await tasks_of(service, id_)).values():
            await entered(one, task, NONE)
            await entered(other, task, NONE)
        await service.status_becomes(id_, "final")
        verifier, knowledge = service.parts.verifier, service.parts.knowledge
        case, _ = await verifier.case_of(await verifier.load(id_))
    told = tuple(replace(status, by_hand=False) for status in case.statuses)
    assert any(status.by_hand for status in case.statuses)
    # Rates are drawn: clerks who miss nearly all of it stand out from the draws' own spread.
    hand = knowledge.parameters.by_hand
    assert hand.missed.mean > 0
    careless = replace(hand, missed=replace(hand.missed, mean=0.9))
    knowledge = replace(knowledge, parameters=replace(knowledge.parameters, by_hand=careless))
    typed, plain = (
        conclude(each, knowledge).decisions[0].error
        for each in (case, replace(case, statuses=told))
    )
    assert typed.rate > plain.rate
    assert typed.causes[Cause.SOURCE_GAP] > plain.causes[Cause.SOURCE_GAP]


async def test_a_withdrawn_consent_closes_the_task(service: Running) -> None:
    body = a_body()
    body["consent"]["reference"] = "SQ-withdrawn"
    id_, _ = await a_case(service, body)
    await service.status_becomes(id_, "partial")
    task = (await tasks_of(service, id_))["m1"]
    first, second = await clerk(service), await clerk(service)
    await entered(first, task, NONE)
    shown = (await second.get(f"/v1/manual-tasks/{task}", None)).json()
    taken = {"region": "220102", "reference": "SQ-withdrawn"}
    reply = await service.http.post("/v1/consents/withdrawals", json=taken, headers=service.headers)
    assert reply.is_success, reply.text
    assert task not in {one["id"] for one in await waiting(service, second)}
    after = await second.post(
        f"/v1/manual-tasks/{task}/entries", {"version": shown["version"], **NONE}, None
    )
    assert after.is_success, after.text
    assert (after.json()["state"], after.json()["why_closed"]) == ("closed", "withdrawn")
    assert after.json()["person"]["masked"] is True
    await service.parts.verifier.collect_due()
    document = await service.shown(id_)
    states = {one["person"]: one for one in document["sources"] if one["source"] == "property"}
    assert (states["m1"]["state"], states["m1"]["reason"]) == ("not_asked", "withdrawn")


async def test_no_other_source_and_no_relative(service: Running) -> None:
    id_ = await partial(service)
    task = (await tasks_of(service, id_))["m1"]
    other = await clerk(service, "tax")
    assert task not in {one["id"] for one in await waiting(service, other)}
    assert (await other.get(f"/v1/manual-tasks/{task}", None)).status_code == 404
    related = await clerk(service)
    told = {"kind": "sibling", "id_number": NUMBERS["m1"]}
    assert (await related.post("/v1/relations", told, None)).is_success
    assert task not in {one["id"] for one in await waiting(service, related)}
    assert (await related.get(f"/v1/manual-tasks/{task}", None)).status_code == 404
    mine, seen = await clerk(service), []
    path = "/v1/manual-tasks?limit=1"
    while path:
        document = (await mine.get(path, None)).json()
        seen += [one["id"] for one in document["tasks"]]
        path = document["next"]
    assert seen == [one["id"] for one in await waiting(service, mine)]
    unbound = await with_roles(service, "source_clerk", source=cast("str", None))
    person = Person(service, unbound, await session_of(service, unbound))
    assert (await person.get("/v1/manual-tasks", None)).status_code == 403


async def test_what_cannot_be_read_is_named(service: Running) -> None:
    task = (await tasks_of(service, await partial(service)))["m1"]
    who = await clerk(service)
    wrong = {
        "outcome": "found",
        "records": [{"type": "ownership", "fields": {"area": "sixty", "use": "castle", "x": "1"}}],
    }
    faults = (await entered(who, task, wrong, 422))["errors"]
    assert {one["pointer"] for one in faults} == {
        "/records/0/fields/area",
        "/records/0/fields/use",
        "/records/0/fields/x",
    }
    await entered(who, task, {"outcome": "no_record", "reason": "no_access"}, 422)
    await entered(who, task, {"outcome": "found"}, 422)
    await entered(who, task, {**NONE, "data_as_of": "2026-11-25"}, 422)


async def test_a_source_that_failed_is_turned_to_its_clerks(service: Running) -> None:
    id_, case = await a_case(service)
    await service.status_becomes(id_, "partial")
    reviewer = await somebody(service, "county_reviewer")
    await assigned(service, case, reviewer)
    path, wanted = f"/v1/verifications/{id_}/manual-entry", {"source": "tax", "reason": "停机"}
    reply = await reviewer.post(path, wanted)
    assert reply.json() == {"verification": id_, "tasks": 1}, reply.text
    assert (await reviewer.post(path, wanted)).status_code == 409  # asked already
    assert (await reviewer.post(path, {**wanted, "source": "bank"})).status_code == 409
    one, other = await clerk(service, "tax"), await clerk(service, "tax")
    [task] = [each["id"] for each in await waiting(service, one)]
    wage: dict[str, Any] = {
        "outcome": "found",
        "records": [
            {
                "type": "income_entry",
                "fields": {
                    "item": "wages",
                    "gross": "2600.00",
                    "period_from": "2026-10-01",
                    "period_to": "2026-10-31",
                },
            }
        ],
    }
    await entered(one, task, wage)
    same = copy.deepcopy(wage)
    same["records"][0]["fields"]["gross"] = "2600"
    done = await entered(other, task, same)
    assert done["state"] == "done"
    await service.parts.verifier.settle(id_)
    document = await service.shown(id_)
    states = {each["person"]: each for each in document["sources"] if each["source"] == "tax"}
    assert (states["m1"]["state"], states["m1"]["by_hand"]) == ("answered", True)


async def test_of_a_final_one_a_further_one_is_made(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "1.00"))})
    async with running(tmp_path, all_ten(TAX, bank)) as service:
        id_, case = await a_case(service)
        before = await service.status_becomes(id_, "final")
        reviewer = await somebody(service, "county_reviewer")
        await assigned(service, case, reviewer)
        reply = await reviewer.post(
            f"/v1/verifications/{id_}/manual-entry", {"source": "tax", "reason": "停机"}
        )
        following = reply.json()["verification"]
        assert following != id_
        await service.status_becomes(following, "partial")
        one, other = await clerk(service, "tax"), await clerk(service, "tax")
        [task] = [each["id"] for each in await waiting(service, one)]
        asked = len(bank.asked)
        await entered(one, task, NONE)
        await entered(other, task, NONE)
        document = await service.status_becomes(following, "final")
        assert document["report"]["version"] == before["report"]["version"] + 1
        assert len(bank.asked) == asked  # on the answers that are there


async def test_after_its_deadline_nobody_answers(tmp_path: Path) -> None:
    async with running(tmp_path, sources()) as service:
        id_ = await partial(service)
        task = (await tasks_of(service, id_))["m1"]
        service.clock.forward(days=1, hours=1)  # as these tests' patience says
        who = await clerk(service)
        assert await waiting(service, who) == []
        shown = (await who.get(f"/v1/manual-tasks/{task}", None)).json()
        assert (shown["state"], shown["why_closed"]) == ("closed", "expired")
        await service.parts.verifier.collect_due()
        service.headers = await service.client()
        document = await service.status_becomes(id_, "final")
        states = {one["person"]: one for one in document["sources"] if one["source"] == "property"}
        assert states["m1"]["state"] == "failed"
