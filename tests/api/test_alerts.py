"""Alerts as reviewers use them: what is raised, who handles it, who checks, what is refused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.schemas.alerts import AlertCountsOut, AlertPageOut, AlertWholeOut
from connectors.records import AnyRecord, Subject
from tests.records import a_vehicle
from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    all_ten,
    found,
    running,
)

REVIEWER = ("review", "read")


@dataclass
class Reviewer:
    """A client with the scope `review`."""

    service: Running
    headers: dict[str, str]
    client_id: str

    async def get(self, path: str = "", **query: Any) -> httpx.Response:
        return await self.service.http.get(f"/v1/alerts{path}", params=query, headers=self.headers)

    async def alerts(self, **query: Any) -> list[dict[str, Any]]:
        reply = await self.get(**query)
        assert reply.status_code == 200, reply.text
        AlertPageOut.model_validate(reply.json())
        found_: list[dict[str, Any]] = reply.json()["alerts"]
        return found_

    async def does(self, action: str, id_: str, **body: Any) -> httpx.Response:
        if "version" not in body:
            body["version"] = (await self.get(f"/{id_}")).json()["version"]
        return await self.service.http.post(
            f"/v1/alerts/{id_}/{action}", json=body, headers=self.headers
        )


async def a_reviewer(service: Running, **given: Any) -> Reviewer:
    headers = await service.client(**{"scopes": REVIEWER, **given})
    token = headers["Authorization"].removeprefix("Bearer ")
    return Reviewer(service, headers, service.parts.tokens.check(token).actor)


def car_of(ref: str) -> AnyRecord:
    return a_vehicle(subjects=(Subject(name=NAMES[ref], id_number=NUMBERS[ref]),))


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    """A household that was verified twice: m2 has a car the second time."""
    vehicles = ScriptedSource("vehicle")
    async with running(tmp_path, all_ten(vehicles)) as built:
        assert (await built.post()).json()["status"] == "final"
        built.clock.forward(days=30)
        vehicles.answers = {"m2": found(car_of("m2"))}
        built.headers = await built.client()
        assert (await built.post()).json()["status"] == "final"
        yield built


async def the_car(reviewer: Reviewer) -> str:
    [alert] = await reviewer.alerts(kind="vehicle_new")
    id_: str = alert["id"]
    return id_


async def test_what_changed_is_listed_counted_and_told_whole(service: Running) -> None:
    reviewer = await a_reviewer(service)
    alerts = await reviewer.alerts()
    assert {"vehicle_new", "outcome_worse"} <= {one["kind"] for one in alerts}
    assert [one["rank"] for one in alerts] == sorted((one["rank"] for one in alerts), reverse=True)
    assert all("吉A3K58C" not in str(one) for one in alerts)
    counts = (await reviewer.get("/counts")).json()
    AlertCountsOut.model_validate(counts)
    assert counts["alerts"] == len(alerts)
    whole = (await reviewer.get(f"/{await the_car(reviewer)}")).json()
    AlertWholeOut.model_validate(whole)
    assert "吉A3K58C" in whole["after"]
    assert (whole["person"], whole["state"], whole["decisive"]) == ("m2", "raised", True)
    assert [one["action"] for one in whole["steps"]] == ["raised"]


async def test_pages_follow_one_another(service: Running) -> None:
    reviewer = await a_reviewer(service)
    whole = await reviewer.alerts()
    seen, path = [], "/v1/alerts?limit=1"
    while path:
        page = (await service.http.get(path, headers=reviewer.headers)).json()
        seen += page["alerts"]
        path = page["next"]
    assert seen == whole
    assert (await reviewer.get(after="nowhere")).status_code == 422


async def test_from_raised_to_checked_by_another_person(service: Running) -> None:
    first, second = await a_reviewer(service), await a_reviewer(service)
    id_ = await the_car(first)
    await first.does("assign", id_)
    refused = await first.does(
        "handle", id_, outcome="stop", reason="a car", evidence_reference="DOC-1"
    )
    assert refused.status_code == 409
    heard = await first.does("explanation", id_, words="it was sold", evidence_reference="DOC-2")
    assert heard.status_code == 200, heard.text
    done = await first.does(
        "handle", id_, outcome="stop", reason="a car", evidence_reference="DOC-1"
    )
    assert done.status_code == 200, done.text
    assert (await first.does("check", id_, agrees=True, reason="so it is")).status_code == 403
    back = await second.does("check", id_, agrees=False, reason="look again")
    assert (back.json()["state"], back.json()["outcome"]) == ("assigned", None)
    await first.does("handle", id_, outcome="no_change", reason="sold and not transferred")
    closed = (await second.does("check", id_, agrees=True, reason="so it is")).json()
    assert (closed["state"], closed["outcome"]) == ("checked", "no_change")
    assert [one["action"] for one in closed["steps"]] == [
        "raised",
        "assigned",
        "explained",
        "handled",
        "sent_back",
        "handled",
        "checked",
    ]
    AlertWholeOut.model_validate(closed)
    assert (await second.does("assign", id_)).status_code == 409


async def test_the_time_to_explain_can_run_out(service: Running) -> None:
    first = await a_reviewer(service)
    id_ = await the_car(first)
    await first.does("assign", id_)
    service.clock.forward(days=12)
    late = await a_reviewer(service)
    first.headers = (await a_reviewer(service)).headers
    assert (await late.does("assign", id_)).status_code == 200
    done = await late.does(
        "handle", id_, outcome="adjust", reason="silence", evidence_reference="DOC-1"
    )
    assert done.status_code == 200, done.text


async def test_two_at_once_do_not_both_move_it(service: Running) -> None:
    first, second = await a_reviewer(service), await a_reviewer(service)
    id_ = await the_car(first)
    assert (await first.does("assign", id_, version=1)).status_code == 200
    assert (await second.does("assign", id_, version=1)).status_code == 409


async def test_it_is_assigned_to_who_may_handle_it(service: Running) -> None:
    first, second = await a_reviewer(service), await a_reviewer(service)
    elsewhere = await a_reviewer(service, region="220103")
    reader = await a_reviewer(service, scopes=("read",))
    id_ = await the_car(first)
    for wrong in (elsewhere, reader):
        assert (await first.does("assign", id_, to=wrong.client_id)).status_code == 422
    assert (await first.does("assign", id_, to="cl_none")).status_code == 422
    given = await first.does("assign", id_, to=second.client_id)
    assert given.json()["assigned_to"] == second.client_id
    assert [one["id"] for one in await second.alerts(mine=True)] == [id_]
    assert await first.alerts(mine=True) == []
    assert (await first.does("handle", id_, outcome="no_change", reason="mine")).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", None),
        ("/assign", {"version": 1}),
        ("/explanation", {"version": 1, "words": "x"}),
        ("/handle", {"version": 1, "outcome": "no_change", "reason": "x"}),
        ("/check", {"version": 1, "agrees": True, "reason": "x"}),
    ],
)
async def test_another_regions_alert_is_as_one_that_is_not_there(
    service: Running, path: str, body: dict[str, Any] | None
) -> None:
    here, elsewhere = await a_reviewer(service), await a_reviewer(service, region="220103")
    answers = []
    for id_ in (await the_car(here), "al_none"):
        url = f"/v1/alerts/{id_}{path}"
        method = "GET" if body is None else "POST"
        answers.append(
            await service.http.request(method, url, json=body, headers=elsewhere.headers)
        )
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert await elsewhere.alerts() == []
    assert (await here.get(region="220103")).status_code == 403
    without = await a_reviewer(service, scopes=("read",))
    assert (await without.get()).status_code == 403


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("handle", {"outcome": "hold", "reason": "x"}),
        ("handle", {"outcome": "no_change", "reason": " "}),
        ("handle", {"outcome": "no_change", "reason": "x", "grace_months": 3}),
        ("handle", {"outcome": "stop", "reason": "x"}),
        ("handle", {"outcome": "no_change", "reason": "x", "grace_months": 61}),
        ("explanation", {"words": "x", "nickname": "y"}),
        ("check", {"agrees": "perhaps", "reason": "x"}),
        ("assign", {"version": 0}),
    ],
)
async def test_what_is_not_valid_is_refused(
    service: Running, action: str, body: dict[str, Any]
) -> None:
    reviewer = await a_reviewer(service)
    id_ = await the_car(reviewer)
    await reviewer.does("assign", id_)
    reply = await reviewer.does(action, id_, **body)
    assert reply.status_code == 422, reply.text


async def test_every_look_and_step_is_audited(service: Running) -> None:
    reviewer = await a_reviewer(service)
    id_ = await the_car(reviewer)
    await reviewer.does("assign", id_, version=1)
    await reviewer.get(f"/{id_}")
    rows = await service.parts.shelf.database.read(
        lambda tx: [
            (one.action, one.actor)
            for one in service.parts.audit._entries.all(tx)
            if one.object == id_ or f'"alert": "{id_}"' in one.details
        ]
    )
    me = reviewer.client_id
    assert rows == [("alert_read", me), ("alert_assigned", me), ("alert_read", me)]
