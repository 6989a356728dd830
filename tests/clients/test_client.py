"""What a case system does all day, by the client, against a service on a port."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedui_client import NoticeRefused, operations, verify_notice
from tests.batch.rosters import a_family, as_csv
from tests.clients.parts import At, a_household, a_notice, a_service
from tests.jobs.notice_parts import a_case_system
from tests.service_parts import ScriptedSource, all_ten, an_account, found

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_household_is_verified_and_its_evidence_is_read_page_by_page(at: At) -> None:
    async with at.client() as client:
        verification = await client.verify(a_household())
        assert verification["status"] == "final"
        assert verification["profile"] is not None
        total = verification["profile"]["totals"]["financial_assets"]
        assert isinstance(total, str)
        assert Decimal(total) == Decimal("15320.55")
        again = await client.wait_until_final(verification["id"])
        assert again == verification
        pages = client.pages(operations.evidence(verification["id"], limit=1))
        rows = [record["source"] async for page in pages for record in page["evidence"]]
        assert (rows.count("bank"), set(rows)) == (1, {"bank", "household_registry"})


async def test_the_same_in_threads(at: At) -> None:
    known = await at.known()

    def day() -> tuple[str, list[str]]:
        with at.in_threads(known) as client:
            id_ = client.verify(a_household())["id"]
            pages = client.pages(operations.evidence(id_, limit=2))
            rows = [record["source"] for page in pages for record in page["evidence"]]
            return client.wait_until_final(id_)["status"], rows

    status, rows = await asyncio.to_thread(day)
    assert (status, rows.count("bank")) == ("final", 1)
    assert len(rows) > 2


async def test_a_report_comes_in_three_forms_and_is_found_genuine(at: At) -> None:
    async with at.client() as client:
        verification = await client.verify(a_household())
        pdf = await client.report(verification["id"], "pdf")
        html = await client.report(verification["id"], "html")
        head = json.loads(await client.report(verification["id"], "json"))["head"]
        assert pdf.startswith(b"%PDF-")
        assert head["number"] in html.decode()
        assert verification["report"] is not None
        code = verification["report"]["verification_code"]
        genuine = await client.send(operations.check_report(head["number"], code=code))
        assert (genuine["genuine"], genuine["state"]) == (True, "valid")


async def test_what_is_made_twice_under_one_key_is_there_once(at: At) -> None:
    async with at.client() as client:
        call = operations.create_verification(a_household())
        first, second = await client.send(call), await client.send(call)
        other = await client.send(operations.create_verification(a_household()))
        assert first["id"] == second["id"] != other["id"]


async def test_a_roster_is_sent_and_loaded_down(at: At, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_bytes(as_csv([*a_family("220102-2026-1"), *a_family("220102-2026-2")]))
    async with at.client() as client:
        with roster.open("rb") as file:
            batch = await client.send(
                operations.create_batch((roster.name, file), programmes="urban_dibao", hold=True)
            )
        while await at.service.parts.batching.reading.read_due():
            pass
        held = await client.send(operations.batch(batch["id"]))
        assert (held["households"], held["rejected_rows"], held["status"]) == (2, 0, "held")
        assert (await client.send(operations.batch_errors(batch["id"])))["errors"] == []
        table = await client.send(operations.batch_results(batch["id"], format="csv"))
        assert b"case_reference" in table
        assert (await client.send(operations.cancel_batch(batch["id"])))["status"] == "cancelled"


async def test_an_objection_is_filed_listed_and_withdrawn(at: At) -> None:
    async with at.client() as client:
        id_ = (await client.verify(a_household()))["id"]
        filed = await client.send(
            operations.file_objection(id_, {"by": "m1", "about": "income", "reason": "it ended"})
        )
        pages = client.pages(operations.objections(limit=1))
        assert filed["id"] in [one["id"] async for page in pages for one in page["objections"]]
        read = await client.send(operations.objection(filed["id"]))
        ended = await client.send(
            operations.withdraw_objection(
                filed["id"], {"reason": "it is settled", "version": read["version"]}
            )
        )
        assert ended["state"] == "withdrawn"


async def test_a_household_is_subscribed_to_until_that_is_ended(at: At) -> None:
    async with at.client() as client:
        case = (await client.verify(a_household()))["case_reference"]
        made = await client.send(
            operations.subscribe({"case_reference": case, "callback_url": "https://case.example/a"})
        )
        assert (await client.send(operations.subscriptions()))["subscriptions"] == [made]
        await client.send(operations.end_subscription(made["id"]))
        assert (await client.send(operations.subscriptions()))["subscriptions"] == []


async def test_an_open_verification_is_asked_for_until_it_is_final(tmp_path: Path) -> None:
    bank = ScriptedSource(
        "bank", {"m1": found(an_account("m1", "1.00"))}, answers_later=True, ready=False
    )
    async with a_service(tmp_path, all_ten(bank)) as at:
        pauses: list[float] = []

        async def while_waiting(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                bank.ready = True
                at.service.clock.forward(seconds=200)
                await at.service.parts.verifier.collect_due()

        async with at.client(sleep=while_waiting) as client:
            begun = await client.verify(a_household(), wait=0)
            final = await client.wait_until_final(begun["id"])
        assert final["status"] == "final"
        assert pauses[:3] == [1.0, 1.5, 2.25]


@pytest.mark.parametrize("by", ["public keys", "own key"])
async def test_a_notice_is_known_for_the_services_own(at: At, by: str) -> None:
    async with a_case_system() as system, at.client() as client:
        url, headers, body = await a_notice(at, system, client, "/消息?of=核对")
        keys: Any = await client.send(
            operations.notice_keys() if by == "public keys" else operations.notice_key()
        )
    now = float(headers["x-hedui-timestamp"])
    notice = verify_notice(headers, body, keys, url=url, now=now)
    assert notice["type"] == "verification.status_changed"
    for changed in (
        {"body": body.replace(b'"status"', b'"Status"')},
        {"headers": {**headers, "x-hedui-timestamp": str(int(now) + 1)}},
        {"headers": {name: it for name, it in headers.items() if "signature" not in name}},
        {"now": now + 301},
        {"now": now - 301},
    ):
        given: dict[str, Any] = {"headers": headers, "body": body, "now": now, **changed}
        with pytest.raises(NoticeRefused):
            verify_notice(keys=keys, url=url, **given)
    other: Any = {"key": "00" * 32} if "key" in keys else {"keys": []}
    with pytest.raises(NoticeRefused):
        verify_notice(headers, body, other, url=url, now=now)
    if by == "public keys":
        with pytest.raises(NoticeRefused):
            verify_notice(headers, body, keys, url=url + "0", now=now)
