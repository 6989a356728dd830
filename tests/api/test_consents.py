"""Consents over the interface: limited, taken back in part, shown; late answers; eligibility."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from app.store.tables import audit_entry
from tests.service_parts import (
    HEAD,
    CallingSource,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

WITHDRAWAL = {"region": "220102", "reference": "SQ-2026-000123"}


async def withdraw(service: Running, **part: Any) -> dict[str, Any]:
    reply = await service.http.post(
        "/v1/consents/withdrawals", json={**WITHDRAWAL, **part}, headers=service.headers
    )
    assert reply.status_code == 201, reply.text
    document: dict[str, Any] = reply.json()
    return document


def told(document: dict[str, Any], source: str) -> dict[str, tuple[str, str | None]]:
    """State and reason of one source, by person."""
    return {
        one["person"]: (one["state"], one["reason"])
        for one in document["sources"]
        if one["source"] == source
    }


async def entries(service: Running, action: str) -> int:
    query = sa.select(sa.func.count()).where(audit_entry.c.action == action)
    return int(await service.parts.shelf.database.read(lambda tx: tx.execute(query).scalar_one()))


async def test_a_limited_consent_is_kept_to(tmp_path: Path) -> None:
    bank, tax = ScriptedSource("bank"), ScriptedSource("tax")
    body = a_body()
    body["consent"] |= {"sources": ["household_registry", "tax"], "data_from": "2026-01-01"}
    async with running(tmp_path, all_ten(bank, tax)) as service:
        document = (await service.post(body)).json()
        assert (bank.asked, tax.asked) == ([], [])
        assert told(document, "bank")["m1"] == ("not_asked", "out_of_scope")
        assert told(document, "tax")["m1"] == ("not_asked", "out_of_scope")  # older months
        assert document["consent"]["state"] == "valid"
        assert document["decisions"][0]["outcome"] == "undetermined"


async def test_a_part_that_is_taken_back_stops_that_part(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", answers_later=True, persons_a_query=1, ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        assert (await withdraw(service, id_number=HEAD, sources=["bank"]))["verifications"] == 1
        bank.ready = True
        service.clock.forward(seconds=5)
        final = await service.status_becomes(id_, "final", "in_review")
        assert told(final, "bank") == {
            "m1": ("not_asked", "withdrawn"),
            "m2": ("no_record", None),
            "m3": ("no_record", None),
            "s1": ("not_asked", "supporter_not_signed"),
        }
        assert told(final, "tax")["m1"] == ("no_record", None)
        assert final["consent"]["state"] == "narrowed"
        [part] = final["consent"]["parts"]
        assert (part["person"], part["source"]) == ("m1", "bank")
        again = await withdraw(service, id_number=HEAD, sources=["bank"])
        assert (again["state"], again["verifications"]) == ("narrowed", 0)


async def test_a_consent_that_nobody_knows_is_on_record(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        first = await withdraw(service)
        assert (first["state"], first["verifications"]) == ("withdrawn", 0)
        document = (await service.post()).json()
        assert document["consent"]["state"] == "withdrawn"
        assert {one["state"] for one in document["sources"]} == {"not_asked"}


async def test_what_a_source_tells_after_a_withdrawal_is_not_taken_in(tmp_path: Path) -> None:
    """It was lawfully asked and may come; it is put on record that it did, and nothing of it."""
    rich = {"m1": found(an_account("m1", "990000.00"))}
    bank = CallingSource("bank", rich, answers_later=True, persons_a_query=1, ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        reference = next(one.reference for one in bank.queries if one.persons[0].ref == "m1")
        await withdraw(service, id_number=HEAD)
        reply = await service.http.post(
            "/v1/callbacks/bank",
            content=orjson.dumps({"reference": reference}),
            headers={"x-sign": "right"},
        )
        assert reply.status_code in (200, 204)
        bank.ready = True
        service.clock.forward(seconds=5)
        final = await service.status_becomes(id_, "final", "in_review")
        assert told(final, "bank")["m1"][1] == "withdrawn"
        assert "990000.00" not in orjson.dumps(final).decode()
        evidence = await service.get(f"/v1/verifications/{id_}/evidence")
        assert "990000.00" not in evidence.text


async def test_the_report_says_how_the_consent_stood(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        id_ = (await service.post()).json()["id"]
        report = (await service.get(f"/v1/verifications/{id_}/report")).json()
        assert report["head"]["consent_state"]["state"] == "valid"
        page = await service.get(f"/v1/verifications/{id_}/report", Accept="text/html")
        assert "（有效）" in page.text
        await withdraw(service)  # what is issued stays; the verification tells of now
        assert (await service.shown(id_))["consent"]["state"] == "withdrawn"
        assert (await service.get(f"/v1/verifications/{id_}/report")).json() == report


@pytest.mark.parametrize("path", ["recheck", "objections"])
async def test_asking_again_for_another_purpose_needs_a_consent_for_it(
    tmp_path: Path, path: str
) -> None:
    body = a_body()
    body["consent"]["purposes"] = ["application"]
    async with running(tmp_path, all_ten()) as service:
        id_ = (await service.post(body)).json()["id"]
        reply = await service.http.post(
            f"/v1/verifications/{id_}/{path}",
            json={"by": "m1", "about": "bank", "reason": "wrong"},
            headers=service.headers,
        )
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["code"] == "consent.purpose_not_covered"


@pytest.mark.promise(13)
async def test_what_no_programme_rests_on_is_asked_nowhere(tmp_path: Path) -> None:
    """Income alone is tested: nobody looks at accounts, homes, cars or securities.

    Planted: `Needs.refusal` let every source through: the bank and all the others were asked.
    """
    sources = all_ten()
    async with running(tmp_path, sources) as service:
        document = (await service.post(a_body(programmes=["retrenched_workers"]))).json()
        asked = {one.name for one in sources if one.asked}
        assert not asked & {"bank", "property", "vehicle", "securities"}
        assert told(document, "bank")["m1"] == ("not_asked", "not_needed")
        assert document["decisions"][0]["outcome"] == "confirmed"
        assert not [one for one in document["findings"] if one["code"] == "source_failed"]


async def test_eligibility_alone(tmp_path: Path) -> None:
    """Nothing of income and assets is in it; before it is final there is no outcome."""
    gate = asyncio.Event()
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))}, gate=gate)
    async with running(tmp_path, all_ten(bank)) as service:
        body = a_body(programmes=["urban_dibao", "medical_relief"])
        id_ = (await service.post(body, wait=0)).json()["id"]
        headers = await service.client(scopes=("eligibility",))
        path = f"/v1/verifications/{id_}/eligibility"
        early = (await service.http.get(path, headers=headers)).json()
        assert {one["outcome"] for one in early["programmes"]} == {None}
        gate.set()
        final = await service.status_becomes(id_, "final", "in_review")
        told_ = (await service.http.get(path, headers=headers)).json()
        assert set(told_) == {"id", "case_reference", "status", "as_of", "programmes"}
        outcomes = {one["programme"]: one["outcome"] for one in final["decisions"]}
        if final["status"] == "final":
            assert {one["programme"]: one["outcome"] for one in told_["programmes"]} == outcomes
            assert told_["programmes"][0]["valid_until"] == "2027-11-24"
        refused = await service.http.get(f"/v1/verifications/{id_}", headers=headers)
        assert refused.status_code == 403
        elsewhere = await service.client("220103", ("eligibility",))
        assert (await service.http.get(path, headers=elsewhere)).status_code == 404
