"""POST and GET /v1/verifications: the shape of the interface document, once and the same again."""

import asyncio
import re
from decimal import Decimal

import pytest

from app.api.verifications import wait_of
from app.wiring import new_id
from tests.service_parts import HEAD, NAMES, NINE, NUMBERS, Running, a_body

pytestmark = pytest.mark.asyncio(loop_scope="module")
MONEY = re.compile(r"\d+\.\d{2}")
SOURCES = {"household_registry", *NINE}


async def test_a_household_is_verified_while_the_caller_waits(shared: Running) -> None:
    reply = await shared.post()
    assert reply.status_code == 201, reply.text
    document = reply.json()
    assert reply.headers["location"] == f"/v1/verifications/{document['id']}"
    assert reply.headers["preference-applied"] == "wait=20"
    assert document["status"] == "final"
    assert document["case_reference"] == "220102-2026-000123"
    assert document["requested_at"].endswith("Z")
    assert document["final_at"].endswith("Z")
    assert document == await shared.shown(document["id"])


async def test_every_source_and_person_has_its_state(shared: Running) -> None:
    document = (await shared.post()).json()
    states = {(one["source"], one["person"]): one for one in document["sources"]}
    assert set(states) == {(source, ref) for source in SOURCES for ref in NAMES}
    assert states["bank", "m1"] == {
        "source": "bank",
        "person": "m1",
        "state": "answered",
        "records": 1,
        "answered_at": "2026-11-24T04:00:00Z",
        "attempts": 1,
        "data_as_of": "2026-11-23",
        "reason": None,
        "by_hand": False,
        "detail": None,
    }
    assert states["tax", "m1"]["state"] == "no_record"
    for source in SOURCES:
        assert states[source, "s1"]["state"] == "not_asked"
        assert "signed" in states[source, "s1"]["detail"]


async def test_profile_findings_decision_and_report(shared: Running) -> None:
    document = (await shared.post()).json()
    profile = document["profile"]
    assert {one["ref"]: one["identity"]["state"] for one in profile["persons"]} == {
        "m1": "verified",
        "m2": "verified",
        "m3": "verified",
        "s1": "uncertain",  # has not signed, so nobody was asked
    }
    [deposit] = [one for one in profile["assets"] if one["kind"] == "deposit"]
    assert (deposit["value"], deposit["person"], deposit["counted"]) == ("15320.55", "m1", True)
    totals = profile["totals"]
    assert totals["financial_assets"] == "15320.55"
    assert totals["household_size"] == 3
    assert all(isinstance(value, int | dict) or MONEY.fullmatch(value) for value in totals.values())
    [decision] = document["decisions"]
    assert decision["programme"] == "urban_dibao"
    assert decision["outcome"] in ("confirmed", "not_confirmed", "undetermined")
    low, high = decision["error_rate_interval"]
    assert 0 <= low <= decision["error_rate"] <= high <= 1
    causes = sum(Decimal(str(part)) for part in decision["error_causes"].values())
    assert abs(causes - Decimal(str(decision["error_rate"]))) < Decimal("0.0001")
    report = document["report"]
    assert re.fullmatch(r"HD-220102-2026-\d{7}", report["number"])
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", report["verification_code"])
    assert (report["version"], report["valid_until"]) == (1, "2027-05-24")


async def test_evidence_comes_a_page_at_a_time(shared: Running) -> None:
    id_ = (await shared.post()).json()["id"]
    whole = (await shared.get(f"/v1/verifications/{id_}/evidence")).json()
    assert whole["next"] is None
    assert len(whole["evidence"]) == 4  # three rows of the registry and an account
    paged, path = [], f"/v1/verifications/{id_}/evidence?limit=2"
    while path:
        page = (await shared.get(path)).json()
        assert 1 <= len(page["evidence"]) <= 2
        paged += page["evidence"]
        path = page["next"]
    assert paged == whole["evidence"]
    [account] = [one for one in paged if one["source"] == "bank"]
    assert account["accepted"] is True
    assert account["decided_by"] in ("rule", "model")
    assert account["record"]["zjhm"] == HEAD
    assert account["raw_digest"].startswith("sha256:")
    assert {"field", "level", "weight", "words"} <= set(account["comparison"][0])


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=-2", f"after={10**20}"])
async def test_a_page_that_cannot_be_is_refused(shared: Running, query: str) -> None:
    id_ = (await shared.post(wait=0)).json()["id"]
    reply = await shared.get(f"/v1/verifications/{id_}/evidence?{query}")
    assert reply.status_code == 422


async def test_the_same_key_and_body_give_the_same_verification(shared: Running) -> None:
    key = new_id("ik")
    first = await shared.post(key=key)
    again = await shared.post(key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_the_same_key_with_another_body_is_refused(shared: Running) -> None:
    key = new_id("ik")
    await shared.post(key=key, wait=0)
    reply = await shared.post(a_body(case_reference="another"), key=key, wait=0)
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:hedui:problem:idempotency-key-reused"


async def test_another_client_has_keys_of_its_own(shared: Running) -> None:
    key = new_id("ik")
    first = await shared.post(key=key, wait=0)
    other = await shared.post(key=key, wait=0, **await shared.client())
    assert other.status_code == 202
    assert other.json()["id"] != first.json()["id"]


async def test_twenty_at_once_with_one_key_make_one_verification(shared: Running) -> None:
    key = new_id("ik")
    replies = await asyncio.gather(*(shared.post(key=key, wait=0) for _ in range(20)))
    assert {reply.status_code for reply in replies} <= {201, 202}
    assert len({reply.json()["id"] for reply in replies}) == 1


async def test_without_a_key_nothing_is_accepted(shared: Running) -> None:
    reply = await shared.http.post("/v1/verifications", json=a_body(), headers=shared.headers)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/header/idempotency-key"


async def test_without_a_wait_it_is_accepted_at_once(shared: Running) -> None:
    reply = await shared.post(wait=0)
    assert reply.status_code == 202
    assert "preference-applied" not in reply.headers
    final = await shared.status_becomes(reply.json()["id"], "final")
    assert final["report"]["version"] == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("wait=10", 10),
        ("respond-async, wait=5", 5),
        ("wait = 7", 7),
        ("WAIT=3", 3),
        ("wait=100000", 60),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("wait=１０", 0),
        ("wait", 0),
    ],
)
async def test_prefer_wait(header: str, seconds: float) -> None:
    assert wait_of(header) == seconds


async def test_a_standard_in_force_is_needed(shared: Running) -> None:
    body = a_body(as_of="2001-01-01")
    reply = await shared.post(body, wait=0)
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:hedui:problem:no-standard-in-force"


async def test_the_day_of_judgement_is_a_day_in_china(shared: Running) -> None:
    now = shared.clock.now
    shared.clock.forward(hours=13)  # 17:00 in UTC: the 25th has come in China
    try:
        later = await shared.client()
        today = await shared.post(a_body(as_of="2026-11-25"), wait=0, **later)
        tomorrow = await shared.post(a_body(as_of="2026-11-26"), wait=0, **later)
    finally:
        shared.clock.now = now
    assert today.status_code == 202, today.text
    assert tomorrow.json()["errors"][0]["code"] == "as_of.in_future"


async def test_numbers_reach_the_sources_as_the_rules_write_them(shared: Running) -> None:
    body = a_body()
    body["household"]["members"][0]["id_number"] = f" {NUMBERS['m1'].lower()} "
    reply = await shared.post(body)
    assert reply.status_code == 201, reply.text
