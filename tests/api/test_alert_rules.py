"""Rules of alerts: muted with an end and a reason, counted, and found again without a new alert."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.api.schemas.alert_rules import AssigneesOut, RulesOut
from tests.api.test_alerts import a_reviewer, car_of
from tests.looks.parts import Person, assigned, somebody
from tests.service_parts import Running, ScriptedSource, a_body, all_ten, found, running

MUTE = {"until": "2026-12-31", "reason": "plates are being exchanged"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    vehicles = ScriptedSource("vehicle")
    async with running(tmp_path, all_ten(vehicles)) as built:
        built.vehicles = vehicles  # type: ignore[attr-defined]
        assert (await built.post()).json()["status"] == "final"
        yield built


async def again_with_a_car(service: Running) -> str:
    service.vehicles.answers = {"m2": found(car_of("m2"))}  # type: ignore[attr-defined]
    service.clock.forward(days=30)
    service.headers = await service.client()
    return str((await service.post()).json()["id"])


async def rule(person: Person, kind: str = "vehicle_new") -> dict[str, Any]:
    reply = await person.get("/v1/alert-rules")
    RulesOut.model_validate(reply.json())
    [one] = [one for one in reply.json()["rules"] if one["kind"] == kind]
    return dict(one)


async def test_a_muted_rule_raises_nothing_until_its_end(service: Running) -> None:
    reviewer = await somebody(service, "county_reviewer")
    checker = await somebody(service, "county_checker")
    path = "/v1/alert-rules/vehicle_new"
    assert (await checker.post(f"{path}/mute", MUTE)).status_code == 403
    late = await reviewer.post(f"{path}/mute", {**MUTE, "until": "2026-11-23"})
    assert late.status_code == 422
    assert (await reviewer.post(f"{path}/mute", MUTE)).status_code == 200
    assert (await reviewer.post(f"{path}/mute", MUTE)).status_code == 409
    muted = (await rule(reviewer))["muted"]
    assert (muted["until"], muted["reason"]) == (MUTE["until"], MUTE["reason"])
    await again_with_a_car(service)
    client = await a_reviewer(service)
    assert "vehicle_new" not in {one["kind"] for one in await client.alerts()}
    reviewer = await somebody(service, "county_reviewer")
    assert (await reviewer.post(f"{path}/unmute")).status_code == 200
    assert (await reviewer.post(f"{path}/unmute")).status_code == 409
    assert (await rule(reviewer))["muted"] is None


async def test_a_mute_ends_by_itself_and_is_of_its_region(service: Running) -> None:
    elsewhere = await somebody(service, "county_reviewer", region="220103")
    path = "/v1/alert-rules/vehicle_new/mute"
    assert (await elsewhere.post(path, MUTE)).status_code == 200
    above = await somebody(service, "county_reviewer", region="2201")
    body = {**MUTE, "until": "2026-12-01"}
    assert (await above.post(path, body)).status_code == 200
    here = await somebody(service, "county_reviewer")
    assert (await rule(here))["muted"]["region"] == "2201"
    await again_with_a_car(service)  # 30 days later: the mute above is over
    client = await a_reviewer(service)
    assert "vehicle_new" in {one["kind"] for one in await client.alerts()}


async def test_false_alerts_are_counted(service: Running) -> None:
    await again_with_a_car(service)
    first, second = await a_reviewer(service), await a_reviewer(service)
    [alert] = await first.alerts(kind="vehicle_new")
    await first.does("assign", alert["id"])
    await first.does("handle", alert["id"], outcome="false_alert", reason="another's plate")
    await second.does("check", alert["id"], agrees=True, reason="so it is")
    one = await rule(await somebody(service, "county_reviewer"))
    assert (one["alerts"], one["handled"], one["false_alerts"]) == (1, 1, 1)
    assert (one["false_rate"], one["sources"]) == (1.0, ["vehicle"])


async def test_with_facts_a_list_tells_what_was_found(service: Running) -> None:
    await again_with_a_car(service)
    reviewer = await a_reviewer(service)
    [alert] = await reviewer.alerts(kind="vehicle_new", facts="true")
    facts = alert["facts"]
    assert (facts["household"], facts["sources"]) == ("李*", ["vehicle"])
    assert (facts["before"], facts["after"].partition("; ")[0]) == ("", "plate=吉A***8C")
    assert alert["repeats"] == 0


async def test_an_alert_is_given_to_a_colleague(service: Running) -> None:
    id_ = await again_with_a_car(service)
    case = a_body()["case_reference"]
    first = await somebody(service, "county_checker")
    second = await somebody(service, "county_checker")
    nobody = await somebody(service, "city_officer")
    for one in (first, second):
        await assigned(service, case, one)
    listed = (await first.get("/v1/alert-rules/assignees")).json()
    AssigneesOut.model_validate(listed)
    known = {one["id"] for one in listed["assignees"]}
    assert {first.id, second.id} <= known
    assert nobody.id not in known
    alerts = (await first.get("/v1/alerts?kind=vehicle_new")).json()["alerts"]
    assert [one["verification"] for one in alerts] == [id_]
    path = f"/v1/alerts/{alerts[0]['id']}"
    refused = await first.post(f"{path}/assign", {"version": 1, "to": nobody.id})
    assert refused.status_code == 422
    given = (await first.post(f"{path}/assign", {"version": 1, "to": second.id})).json()
    assert given["people"][second.id] == "张三"
    own = (await second.get("/v1/workload/own")).json()["alerts"]
    assert (own["mine"], own["open"], own["returned"]) == (1, 2, 0)
    assert (await second.get("/v1/workload")).json()["alerts"] == own["open"]


async def test_what_is_found_again_is_counted_not_raised(service: Running) -> None:
    """A person in two households that receive relief, found at each verification anew."""
    alerts, database = service.parts.handling.alerts, service.parts.shelf.database
    await again_with_a_car(service)
    client = await a_reviewer(service)
    [alert] = await client.alerts(kind="vehicle_new")
    case = a_body()["case_reference"]
    stored = await database.read(lambda tx: alerts.get(tx, alert["id"], region="220102"))
    index, now = stored.fact_index, service.clock()
    await database.write(lambda tx: alerts.repeated(tx, case, [index], now))
    [again] = await client.alerts(kind="vehicle_new")
    assert (again["repeats"], again["version"]) == (1, alert["version"])
