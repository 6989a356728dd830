"""Objections: filed, taken by another person, looked into again, decided; terms in working days."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from app.audit.look_rules import load_look_rules
from app.review.objection_terms import ObjectionTerms
from tests.looks.parts import Person, a_case, assigned, entries_of, somebody
from tests.review.settled import stands
from tests.service_parts import Running, ScriptedSource, all_ten, an_account, found, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
RICH, POOR = (found(an_account("m1", balance)) for balance in ("900000.00", "1.00"))
ANSWERS: dict[Any, Any] = {}
TAX = ScriptedSource("tax")
WORDS = {"by": "m1", "about": "存款", "reason": "该账户不是本人的", "received_on": "2026-11-20"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    sources = all_ten(ScriptedSource("bank", ANSWERS), TAX)
    async with running(tmp_path_factory.mktemp("objections"), sources) as one:
        yield one


async def filed(service: Running, first: Any, then: Any, **more: Any) -> tuple[str, str, str]:
    """The disputed verification, its case's number and the objection, whose recheck is final."""
    ANSWERS["m1"] = first
    id_, case = await a_case(service)
    ANSWERS["m1"] = then
    path = f"/v1/verifications/{id_}/objections"
    reply = await service.http.post(path, json={**WORDS, **more}, headers=service.headers)
    assert reply.status_code == 201, reply.text
    assert reply.json()["due_on"] == "2026-12-04"  # ten working days
    await stands(service, reply.json()["recheck"])
    return id_, case, str(reply.json()["id"])


async def handler_of(service: Running, case: str, *roles: str) -> Person:
    person = await somebody(service, *(roles or ("county_reviewer",)))
    await assigned(service, case, person)
    return person


async def stepped(who: Person, id_: str, step: str, *, version: int, **body: Any) -> Any:
    reply = await who.post(
        f"/v1/objections/{id_}/{step}", {"version": version, **body}, "objection"
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_report_is_corrected(service: Running) -> None:
    _, case, objection = await filed(
        service, RICH, POOR, value={"kind": "decision", "id": "urban_dibao"}
    )
    reviewer = await handler_of(service, case)
    shown = (await reviewer.get(f"/v1/objections/{objection}", "objection")).json()
    assert (shown["state"], shown["proposal"], shown["days_left"]) == ("filed", "correct", 8)
    assert shown["outcomes"] == [
        {"programme": "urban_dibao", "before": "not_confirmed", "after": "confirmed"}
    ]
    assert shown["value"] == {"kind": "decision", "id": "urban_dibao"}
    assert shown["report"]["superseded"] is True
    assert shown["later_report"]["version"] == shown["report"]["version"] + 1
    given = {"version": 1, "decision": "correct", "answer": "更正"}
    reply = await reviewer.post(f"/v1/objections/{objection}/decision", given, "objection")
    assert reply.status_code == 409  # nobody handles it yet
    taken = await stepped(reviewer, objection, "take", version=1)
    assert (taken["state"], taken["handler"], taken["mine"]) == ("in_progress", reviewer.id, True)
    given = {"version": 2, "decision": "uphold", "answer": "维持"}
    reply = await reviewer.post(f"/v1/objections/{objection}/decision", given, "objection")
    assert reply.status_code == 409  # the recheck came to another outcome
    done = await stepped(
        reviewer, objection, "decision", version=2, decision="correct", answer="已更正，见新报告"
    )
    assert (done["state"], done["answer"]) == ("corrected", "已更正，见新报告")
    assert [one["action"] for one in done["steps"]] == ["filed", "taken", "corrected"]
    told = (await service.get(f"/v1/objections/{objection}")).json()  # the client that filed it
    assert (told["state"], told["answer"]) == ("corrected", "已更正，见新报告")
    reply = await service.http.post(
        f"/v1/objections/{objection}/withdraw",
        json={"version": 3, "reason": "late"},
        headers=service.headers,
    )
    assert reply.status_code == 409
    actions = [action for action, about, _ in await entries_of(service, reviewer.id)]
    assert {"objection_read", "objection_taken", "objection_corrected"} <= set(actions)


async def test_whoever_decided_does_not_handle(service: Running) -> None:
    """Also where the first decision was a judgement on a record."""
    id_, case, objection = await filed(service, RICH, RICH)
    person, other = await handler_of(service, case), await handler_of(service, case)

    def decided(tx: Any) -> None:
        service.parts.audit.append(
            tx, actor=person.id, action="report_signed", about=(id_, "220102003"), details={}
        )

    await service.parts.shelf.database.write(decided)
    shown = (await person.get(f"/v1/objections/{objection}", "objection")).json()
    assert shown["handled_by_others"] is True
    reply = await person.post(f"/v1/objections/{objection}/take", {"version": 1}, "objection")
    assert reply.status_code == 403
    taken = await stepped(other, objection, "take", version=1)
    assert taken["handled_by_others"] is False
    reply = await person.post(f"/v1/objections/{objection}/take", {"version": 1}, "objection")
    assert reply.status_code == 409  # it has moved on
    done = await stepped(
        other, objection, "decision", version=2, decision="uphold", answer="维持原报告"
    )
    assert done["state"] == "upheld"


async def test_chosen_sources_are_asked_again(service: Running) -> None:
    _, case, objection = await filed(service, RICH, RICH)
    reviewer = await handler_of(service, case)
    await stepped(reviewer, objection, "take", version=1)
    asked, ANSWERS["m1"] = len(TAX.asked), POOR
    again = await stepped(
        reviewer, objection, "requery", version=2, sources=["bank"], reason="银行已更正"
    )
    await service.status_becomes(again["recheck"]["id"], "final")
    assert len(TAX.asked) == asked  # of the others the answers stay
    shown = (await reviewer.get(f"/v1/objections/{objection}", "objection")).json()
    assert shown["proposal"] == "correct"
    reports = shown["report"], shown["later_report"]
    assert reports[1]["version"] == 3, reports
    done = await stepped(
        reviewer, objection, "decision", version=3, decision="correct", answer="已更正"
    )
    assert done["state"] == "corrected"


async def test_lists_and_statistics(service: Running) -> None:
    year = "/v1/statistics/objections?from=2026-01-01&until=2026-12-31"
    before = (await service.get(year)).json()["total"]
    _, case, objection = await filed(service, RICH, RICH)
    reviewer = await handler_of(service, case)
    await stepped(reviewer, objection, "take", version=1)
    path = "/v1/objections?state=open&mine=true&programme=urban_dibao"
    listed = (await reviewer.get(path, "objection")).json()
    assert [one["id"] for one in listed["objections"]] == [objection]
    assert listed["counts"] == {"in_progress": 1}
    first = (await service.get("/v1/objections?limit=1")).json()
    following = (await service.get(first["next"])).json()
    assert first["objections"][0]["id"] != following["objections"][0]["id"]
    await stepped(reviewer, objection, "release", version=2, reason="转他人办理")
    text = {"version": 3, "reason": "申请人撤回"}
    reply = await service.http.post(
        f"/v1/objections/{objection}/withdraw", json=text, headers=service.headers
    )
    assert reply.json()["state"] == "withdrawn"
    after = (await service.get(year)).json()["total"]
    grown = {name: after[name] - before[name] for name in ("filed", "withdrawn", "decided")}
    assert grown == {"filed": 1, "withdrawn": 1, "decided": 0}
    by = (await service.get(f"{year}&by=programme")).json()
    assert [one["key"] for one in by["rows"]] == ["urban_dibao"]
    assert by["rows"][0]["values"]["filed"] == after["filed"]


async def test_nothing_is_received_in_times_to_come(service: Running) -> None:
    id_, _ = await a_case(service)
    path, late = f"/v1/verifications/{id_}/objections", {**WORDS, "received_on": "2026-11-25"}
    reply = await service.http.post(path, json=late, headers=service.headers)
    assert reply.status_code == 422


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 20), date(2026, 12, 4)),
        (date(2026, 9, 24), date(2026, 10, 15)),  # two holidays between, and a Saturday worked
        (date(2013, 1, 4), None),
    ],
)
async def test_terms_run_in_working_days(received: date, due: date | None) -> None:
    terms = ObjectionTerms.load(load_look_rules(None).is_working_day)
    if due is None:
        with pytest.raises(Exception, match="no term answer"):
            terms.due_on(received)
        return
    assert terms.due_on(received) == due
    assert terms.days_left(due, received) == 10
    assert terms.days_left(due, due) == 0
    assert terms.days_left(received, due) == -10
    assert terms.is_in_time(received, date(2026, 9, 1)) == (received < date(2026, 11, 1))
