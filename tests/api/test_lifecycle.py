"""What may happen to a verification after it was accepted."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Unknown
from connectors.failure import Failure, FailureKind, SourceError
from connectors.records import Subject
from tests.service_parts import (
    NAMES,
    CallingSource,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    number,
    running,
)

OBJECTION = {"by": "m1", "about": "income", "reason": "the wage ended in May"}


def states(document: dict[str, Any], source: str) -> dict[str, str]:
    return {
        one["person"]: one["state"]
        for one in document["sources"]
        if one["source"] == source and one["person"] != "s1"
    }


def a_later_bank(**more: Any) -> ScriptedSource:
    return ScriptedSource(
        "bank",
        {"m1": found(an_account("m1", "15320.55"))},
        persons_a_query=10,
        answers_later=True,
        **more,
    )


async def do(service: Running, id_: str, what: str, body: Any = None, **headers: str) -> Any:
    return await service.http.post(
        f"/v1/verifications/{id_}/{what}", json=body, headers={**service.headers, **headers}
    )


async def round_of_polls(service: Running, seconds: float = 200) -> None:
    service.clock.forward(seconds=seconds)
    service.headers = await service.client()
    await service.parts.verifier.collect_due()


async def test_partial_until_the_slow_source_has_answered(tmp_path: Path) -> None:
    bank = a_later_bank(ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        partial = await service.status_becomes(id_, "partial")
        assert states(partial, "bank") == {"m1": "pending", "m2": "pending", "m3": "pending"}
        assert states(partial, "household_registry") == dict.fromkeys(
            ("m1", "m2", "m3"), "answered"
        )
        assert partial["profile"]["totals"]["financial_assets"]["max"] is None  # who knows
        assert partial["report"] is None
        assert bank.asked == [("m1", "m2", "m3")]
        bank.ready = True
        await round_of_polls(service)
        final = await service.status_becomes(id_, "final")
        assert states(final, "bank") == {"m1": "answered", "m2": "no_record", "m3": "no_record"}
        assert final["profile"]["totals"]["financial_assets"] == "15320.55"
        assert bank.asked == [("m1", "m2", "m3")]


async def test_past_its_deadline_a_source_has_failed(tmp_path: Path) -> None:
    bank = a_later_bank(ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        await round_of_polls(service, seconds=2 * 86_400)
        final = await service.status_becomes(id_, "final", "in_review")
        assert set(states(final, "bank").values()) == {"failed"}
        assert final["decisions"][0]["outcome"] != "confirmed"


@pytest.mark.parametrize(
    "fault",
    [
        KeyError("李明"),
        ValueError("229901"),
        RuntimeError(),
        OSError(),
        TimeoutError(),
        RecursionError(),
        MemoryError(),
        SourceError(Failure(FailureKind.UNREACHABLE, "refused")),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_connector_that_breaks_is_an_unknown_answer(
    tmp_path: Path, fault: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    vehicle, bank = ScriptedSource("vehicle", fault=fault), a_later_bank(fault=fault)
    async with running(tmp_path, all_ten(vehicle, bank)) as service:
        document = (await service.post()).json()
        assert document["status"] in ("final", "in_review")
        for source in ("vehicle", "bank"):
            assert set(states(document, source).values()) == {"failed"}
        [detail] = {one["detail"] for one in document["sources"] if one["source"] == "vehicle"} - {
            "no_consent: the supporter has not signed"
        }
        assert detail == (
            "unreachable: refused"
            if isinstance(fault, SourceError)
            else f"malformed: the connector failed: {type(fault).__name__}"
        )
        assert document["decisions"][0]["outcome"] != "confirmed"
        assert isinstance(document["profile"]["totals"]["vehicles"], dict)
    said = "".join(capfd.readouterr())
    assert "connector_failed" in said
    assert not [one for one in ("李明", "229901", *NAMES.values()) if one in said]


async def test_a_failed_source_is_never_no_record(tmp_path: Path) -> None:
    gap = Unknown(Failure(FailureKind.TIMED_OUT, "no answer in time"))
    tax = ScriptedSource("tax", dict.fromkeys(("m1", "m2", "m3"), gap))
    async with running(tmp_path, all_ten(tax)) as service:
        document = (await service.post()).json()
        assert set(states(document, "tax").values()) == {"failed"}
        assert document["profile"]["totals"]["monthly_income"]["max"] is None


async def test_cancelled_nothing_more_is_asked(tmp_path: Path) -> None:
    gate = asyncio.Event()
    tax, bank = ScriptedSource("tax", gate=gate), a_later_bank(ready=False)
    async with running(tmp_path, all_ten(tax, bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        async with asyncio.timeout(10):
            await bank.reached.wait()
        reply = await do(service, id_, "cancel")
        assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
        gate.set()
        await round_of_polls(service)
        await round_of_polls(service)
        assert tax.asked == []
        assert (await service.shown(id_))["status"] == "cancelled"
        again = await do(service, id_, "cancel")
        assert again.status_code == 200
        assert bank.polled == 0


async def test_a_final_one_cannot_be_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        id_ = (await service.post()).json()["id"]
        reply = await do(service, id_, "cancel")
        assert (reply.status_code, reply.json()["type"]) == (409, "urn:hedui:problem:conflict")


async def test_recheck_supersedes_the_report_each_time(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        first = (await service.post()).json()
        versions = []
        for turn in (2, 3):  # twice of the same one
            service.clock.forward(days=1)
            service.headers = await service.client()
            reply = await do(service, first["id"], "recheck", Prefer="wait=20")
            assert reply.status_code == 201, reply.text
            again = reply.json()
            assert again["recheck_of"] == first["id"]
            assert again["purpose"] == "reverification"
            assert again["as_of"] == f"2026-11-{23 + turn}"
            assert again["report"]["number"] == first["report"]["number"]
            versions.append(again["report"]["version"])
        assert versions == [2, 3]
        codes = {"first": first["report"], "last": again["report"]}
        checked = {}
        for name, report in codes.items():
            query = f"?code={report['verification_code']}"
            reply = await service.http.get(f"/v1/reports/{report['number']}{query}")
            checked[name] = reply.json()["state"]
        assert checked == {"first": "superseded", "last": "valid"}


async def test_an_objection_asks_again_for_its_purpose(tmp_path: Path) -> None:
    tax = ScriptedSource("tax")
    async with running(tmp_path, all_ten(tax)) as service:
        id_ = (await service.post()).json()["id"]
        reply = await do(service, id_, "objections", OBJECTION)
        assert reply.status_code == 201
        filed = reply.json()
        assert filed["state"] == "filed"
        again = await service.status_becomes(filed["recheck"], "final")
        assert (again["purpose"], again["recheck_of"]) == ("objection", id_)
        assert len(tax.asked) == 6


async def test_an_objection_needs_a_final_verification(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten(a_later_bank(ready=False))) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        assert (await do(service, id_, "objections", OBJECTION)).status_code == 409


async def test_a_reviewers_word_settles_whose_record_it_is(tmp_path: Path) -> None:
    """An account under the name with another's number that nearly is the person's."""
    near = number("22990119800307125")
    account = an_account("m1", "90000.00", subjects=(Subject(name=NAMES["m1"], id_number=near),))
    bank = ScriptedSource("bank", {"m1": found(account)})
    async with running(tmp_path, all_ten(bank)) as service:
        document = (await service.post()).json()
        evidence = (await service.get(f"/v1/verifications/{document['id']}/evidence")).json()
        [row] = [one for one in evidence["evidence"] if one["source"] == "bank"]
        assert row["accepted"] is False
        word = {"same_person": True, "reason": "the card was seen"}
        path = f"evidence/{row['id']}/judgement"
        first = await do(service, document["id"], path, word)
        # So much money refuses the household: two reviewers must say so.
        assert (first.status_code, first.json()["status"]) == (200, "in_review")
        assert (await do(service, document["id"], path, word)).status_code == 409
        second = await do(service, document["id"], path, word, **await service.client())
        assert (second.status_code, second.json()["status"]) == (200, "final")
        assert second.json()["decisions"][0]["outcome"] == "not_confirmed"
        assert (await do(service, document["id"], path, word)).status_code == 409


async def test_a_withdrawn_consent_stops_askings_and_polls(tmp_path: Path) -> None:
    gate = asyncio.Event()
    tax, bank = ScriptedSource("tax", gate=gate), a_later_bank(ready=False)
    async with running(tmp_path, all_ten(tax, bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        async with asyncio.timeout(10):
            await bank.reached.wait()
        body = {"region": "220102003", "reference": a_body()["consent"]["reference"]}
        reply = await service.http.post(
            "/v1/consents/withdrawals", json=body, headers=service.headers
        )
        assert reply.status_code == 201
        gate.set()
        await service.status_becomes(id_, "partial", "final", "in_review")
        await round_of_polls(service)
        final = await service.status_becomes(id_, "final", "in_review")
        assert tax.asked == []
        assert bank.polled == 0
        assert set(states(final, "tax").values()) == {"not_asked"}
        assert set(states(final, "bank").values()) == {"not_asked"}
        [detail] = {
            one["detail"]
            for one in final["sources"]
            if one["source"] == "tax" and one["person"] != "s1"
        }
        assert detail == "no_consent: the consent was withdrawn"
        assert final["decisions"][0]["outcome"] != "confirmed"


async def test_a_withdrawal_outside_of_the_clients_region_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        body = {"region": "220103001", "reference": "SQ-1"}
        reply = await service.http.post(
            "/v1/consents/withdrawals", json=body, headers=service.headers
        )
        assert reply.status_code == 403


async def test_a_callback_is_taken_in_once(tmp_path: Path) -> None:
    insurance = CallingSource("insurance", answers_later=True, ready=False, persons_a_query=9)
    async with running(tmp_path, all_ten(insurance)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        [query] = insurance.queries

        async def call(reference: str, sign: str = "right") -> int:
            reply = await service.http.post(
                "/v1/callbacks/insurance",
                content=json.dumps({"reference": reference}),
                headers={"X-Sign": sign},
            )
            return reply.status_code

        assert await call(query.reference, "wrong") == 401
        assert await call("aq_none") == 404
        assert await call("aq_\x00") == 404
        assert (await service.shown(id_))["status"] == "partial"
        done = await asyncio.gather(*(call(query.reference) for _ in range(5)))
        assert set(done) == {200}
        final = await service.status_becomes(id_, "final")
        assert await call(query.reference) == 200  # late
        assert await service.shown(id_) == final
        same, _, _ = await service.parts.verifier.replay(id_)
        assert same


async def test_a_callback_while_others_are_still_asked_is_not_lost(tmp_path: Path) -> None:
    gate = asyncio.Event()
    insurance = CallingSource("insurance", answers_later=True, ready=False, persons_a_query=9)
    tax = ScriptedSource("tax", gate=gate)
    async with running(tmp_path, all_ten(insurance, tax)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await insurance.reached.wait()
        async with asyncio.timeout(10):
            status = 404  # until the asking is on record
            while status == 404:
                reply = await service.http.post(
                    "/v1/callbacks/insurance",
                    content=json.dumps({"reference": insurance.queries[0].reference}),
                    headers={"X-Sign": "right"},
                )
                status = reply.status_code
        assert (await service.shown(id_))["status"] == "querying"
        gate.set()
        await service.status_becomes(id_, "final")


async def test_a_callback_of_a_source_that_does_not_call_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        for source in ("tax", "insurance", "nobody"):
            reply = await service.http.post(f"/v1/callbacks/{source}", content=b"{}")
            assert reply.status_code == 404


async def test_one_unsigned_person_does_not_keep_the_others_from_being_asked(
    tmp_path: Path,
) -> None:
    """The child comes of age before the recheck and has not signed."""
    bank = a_later_bank()
    body = a_body()
    body["household"]["members"][2]["id_number"] = number("22990120081208122")  # 18 on 8 December
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(body, wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        await round_of_polls(service)
        await service.status_becomes(id_, "final")
        service.clock.forward(days=20)
        service.headers = await service.client()
        again = (await do(service, id_, "recheck")).json()["id"]
        await service.status_becomes(again, "partial")
        await round_of_polls(service)
        document = await service.status_becomes(again, "final", "in_review")
        assert states(document, "bank") == {"m1": "answered", "m2": "no_record", "m3": "not_asked"}
        assert bank.asked == [("m1", "m2", "m3"), ("m1",), ("m2",)]
