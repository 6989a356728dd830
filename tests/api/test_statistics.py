"""Statistics of a service that did some work: counted once, by region, programme, source, time."""

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.schemas.statistics import StatisticsOut
from app.report.statistics import BREAKDOWNS, Topic
from app.store.counts import Addition
from app.store.statistics import By
from tests.service_parts import (
    Clock,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
YEAR = "from=2026-01-01&until=2026-12-31"


def of_members(*refs: str, **changes: Any) -> dict[str, Any]:
    """The family without those of its members who are not named: another household."""
    body = a_body(**changes)
    members = [one for one in body["household"]["members"] if one["ref"] in refs]
    body["household"]["members"] = members
    body["consent"]["signatories"] = [ref for ref in ("m1", "m2") if ref in refs]
    for kind in ("income", "assets", "expenses"):
        rows = body["declared"][kind]
        body["declared"][kind] = [one for one in rows if one["person"] in refs]
    return body


async def told(service: Running, topic: str, query: str = YEAR) -> dict[str, Any]:
    reply = await service.get(f"/v1/statistics/{topic}?{query}")
    assert reply.status_code == httpx.codes.OK, reply.text
    document: dict[str, Any] = reply.json()
    shown = StatisticsOut.model_validate(document).model_dump(mode="json", by_alias=True)
    assert shown == document
    return document


async def test_a_verification_is_counted_once_as_it_goes(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path, all_ten(bank)) as service:
        for body in (a_body(), a_body(case_reference="again"), of_members("m1", "m2")):
            reply = await service.post(body)
            assert reply.json()["status"] == "final", reply.text
        totals = {topic: (await told(service, topic))["total"] for topic in Topic}
    verifications = totals[Topic.VERIFICATIONS]
    assert (verifications["requested"], verifications["reports"]) == (3, 3)
    assert (verifications["person_times"], verifications["different_persons"]) == (11, 4)
    assert verifications["different_households"] == 2
    # Eight members at ten sources; the supporter did not sign.
    sources = totals[Topic.SOURCES]
    assert (sources["asked"], sources["not_asked"], sources["failed"]) == (80, 30, 0)
    assert sources["answered"] == 8 + 3  # the registry knows all, the bank the head
    assert sources["answer_rate"] == 1.0
    assert totals[Topic.OUTCOMES]["decisions"] == 3
    assert totals[Topic.FINDINGS]["final"] == 3
    assert totals[Topic.FINDINGS]["codes"]["asset_above_declared"]["households"] == 3
    assert totals[Topic.FINDINGS]["under_declared_rate"] == 1.0
    assert totals[Topic.TIMELINESS]["final"] == 3
    assert sum(one["decisions"] for one in totals[Topic.ERROR_RATES]["bands"].values()) == 3
    assert totals[Topic.OBJECTIONS]["objection_rate"] == 0.0
    assert totals[Topic.REVIEWS]["records"] == sources["records"] == 8 + 3


async def test_one_that_is_cancelled_is_no_report(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        await service.http.post(f"/v1/verifications/{id_}/cancel", headers=service.headers)
        await service.http.post(f"/v1/verifications/{id_}/cancel", headers=service.headers)
        total = (await told(service, "verifications"))["total"]
        outcomes = (await told(service, "outcomes"))["total"]
    assert (total["requested"], total["cancelled"], total["reports"]) == (1, 1, 0)
    assert (total["cancelled_share"], total["suspended_share"]) == (1.0, None)
    assert outcomes["decisions"] == 0


async def test_what_is_open_over_the_term_is_counted_by_the_day(tmp_path: Path) -> None:
    clock = Clock()
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(bank), clock=clock) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        clock.forward(days=5)
        service.headers = await service.client()
        late = await told(service, "timeliness", f"{YEAR}&term_days=4")
        in_time = await told(service, "timeliness", f"{YEAR}&term_days=5")
    assert late["total"]["open_over_term"] == 1
    assert in_time["total"]["open_over_term"] == 0


async def test_a_term_is_over_after_its_last_day(shared: Running) -> None:
    taken = {2: 5, 4: 3, 5: 2}
    additions = [Addition("term_count", ("", days), {"final": n}) for days, n in taken.items()]
    counts, where = shared.parts.shelf.facts.counts, ("220102030", date(2024, 5, 5))
    await shared.parts.shelf.database.write(lambda tx: counts.add(tx, where, additions))
    query = "from=2024-01-01&until=2024-12-31&term_days=4"
    total = (await told(shared, "timeliness", query))["total"]
    assert (total["final"], total["over_term"], total["over_term_share"]) == (10, 2, 0.2)
    assert total["mean_days"] == 3.2


def grown(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What the totals grew by, of what is a plain number and changed."""
    return {
        name: value - before["total"][name]
        for name, value in after["total"].items()
        if isinstance(value, int) and value != before["total"][name]
    }


async def test_an_objection_is_counted_as_it_stands(shared: Running) -> None:
    before = await told(shared, "objections")
    id_ = (await shared.post(a_body())).json()["id"]
    words = {"by": "m1", "about": "the account", "reason": "not mine"}
    path = f"/v1/verifications/{id_}/objections"
    filed = await shared.http.post(path, json=words, headers=shared.headers)
    await shared.status_becomes(filed.json()["recheck"], "final")
    change = grown(before, await told(shared, "objections"))
    assert change["filed"] == 1
    assert sum(change.get(state, 0) for state in ("upheld", "corrected", "waiting")) == 1


@pytest.mark.parametrize(
    ("topic", "by"), [(topic, by) for topic in Topic for by in sorted(BREAKDOWNS[topic])]
)
async def test_every_topic_is_told_by_what_it_knows(shared: Running, topic: Topic, by: By) -> None:
    await shared.post(a_body())
    whole = await told(shared, topic.value)
    parts = await told(shared, topic.value, f"{YEAR}&by={by.value}")
    assert parts["total"] == whole["total"]
    assert parts["rows"], parts
    keys = [row["key"] for row in parts["rows"]]
    assert keys == sorted(set(keys))
    sizes = {"person_times", "asked", "decisions", "final", "records", "filed", "requested"}
    for name in sizes & whole["total"].keys() - {"filed"}:
        if by is not By.PROGRAMME:
            assert sum(row["values"][name] for row in parts["rows"]) == whole["total"][name], name


async def test_periods_are_named_and_growth_is_over_the_one_before(shared: Running) -> None:
    counts = [
        (date(2026, 3, 5), 4),
        (date(2026, 4, 5), 6),
        (date(2026, 7, 1), 3),
    ]

    def work(tx: Any) -> None:
        for day, cases in counts:
            values = {"requested": cases, "persons": cases}
            shared.parts.shelf.facts.counts.add(
                tx, ("220102009", day), [Addition("case_count", ("",), values)]
            )

    await shared.parts.shelf.database.write(work)

    async def rows(query: str) -> dict[str, Any]:
        shown = await told(shared, "verifications", f"from=2026-02-01&until=2026-09-30&{query}")
        return {row["key"]: row["values"] for row in shown["rows"]}

    months = await rows("by=period&period=month")
    assert {key: row["requested"] for key, row in months.items()} == {
        "2026-03": 4,
        "2026-04": 6,
        "2026-07": 3,
    }
    assert months["2026-04"]["growth"] == 0.5
    quarters = await rows("by=period&period=quarter")
    assert {key: row["requested"] for key, row in quarters.items()} == {
        "2026-Q1": 4,
        "2026-Q2": 6,
        "2026-Q3": 3,
    }
    assert set(await rows("by=period&period=year")) == {"2026"}
    assert set(await rows("by=period&period=day")) == {"2026-03-05", "2026-04-05", "2026-07-01"}


async def test_small_places_are_left_out_and_the_total_stays(shared: Running) -> None:
    places = {"220102020": 40, "220102021": 3, "220102022": 9, "220102023": 0}

    def work(tx: Any) -> None:
        for region, persons in places.items():
            values = {"requested": 1, "persons": persons}
            shared.parts.shelf.facts.counts.add(
                tx, (region, date(2025, 6, 1)), [Addition("case_count", ("",), values)]
            )

    await shared.parts.shelf.database.write(work)
    query = "from=2025-01-01&until=2025-12-31&by=region&level=9"
    shown = await told(shared, "verifications", query)
    hidden = {row["key"]: row["suppressed"] for row in shown["rows"]}
    # The nine go with the three: else the total would tell them.
    assert hidden == {
        "220102020": False,
        "220102021": True,
        "220102022": True,
        "220102023": False,
    }
    assert all(row["values"] is None for row in shown["rows"] if row["suppressed"])
    assert shown["total"]["person_times"] == 52
    counties = await told(shared, "verifications", "from=2025-01-01&until=2025-12-31")
    assert counties["total"]["requested"] == 4


async def test_a_client_is_told_of_its_own_region_alone(shared: Running) -> None:
    await shared.post(a_body())
    ours = await told(shared, "verifications")
    assert ours["region"] == "220102"
    elsewhere = await shared.client("220103")
    reply = await shared.http.get(f"/v1/statistics/verifications?{YEAR}", headers=elsewhere)
    assert reply.json()["total"]["requested"] == 0
    reply = await shared.http.get(
        f"/v1/statistics/verifications?{YEAR}&region=220102", headers=elsewhere
    )
    assert reply.status_code == httpx.codes.FORBIDDEN
    province = await shared.client("22")
    reply = await shared.http.get(
        f"/v1/statistics/verifications?{YEAR}&by=region", headers=province
    )
    assert [row["key"] for row in reply.json()["rows"]] == ["2201"]
    assert reply.json()["level"] == 4
    street = await shared.client("220102003")
    reply = await shared.http.get(f"/v1/statistics/outcomes?{YEAR}", headers=street)
    assert reply.json()["total"]["decisions"] > 0


@pytest.mark.parametrize(
    ("path", "pointer", "code"),
    [
        ("sources?by=programme", "/by", "statistic.not_by"),
        ("sources?programme=urban_dibao", "/programme", "statistic.not_by"),
        ("outcomes?source=bank", "/source", "statistic.not_by"),
        ("outcomes?programme=nonsense", "/programme", "programme.unknown"),
        ("outcomes?from=2026-05-01&until=2026-04-01", "/from", "time.reversed"),
        ("outcomes?from=1990-01-01&until=2026-04-01", "/until", "time.too_long"),
        ("outcomes?by=period&period=day&from=2020-01-01", "/period", "time.too_long"),
        ("outcomes?by=region&level=9&from=2026-01-05", "/from", "time.whole_months"),
        ("outcomes?by=period&period=day&region=220102003", "/period", "time.whole_months"),
        ("outcomes?by=region&level=6", "/level", "statistic.level"),
        ("outcomes?by=region&region=220102003001", "/by", "statistic.no_level_below"),
        ("outcomes?region=22010", "/region", "string_pattern_mismatch"),
        ("outcomes?colour=red", "/colour", "extra_forbidden"),
        ("nonsense", "/topic", "enum"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_why(
    shared: Running, path: str, pointer: str, code: str
) -> None:
    reply = await shared.get(f"/v1/statistics/{path}")
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY, reply.text
    (fault, *_) = reply.json()["errors"]
    assert fault["code"] == code
    assert fault["pointer"].endswith(pointer)
