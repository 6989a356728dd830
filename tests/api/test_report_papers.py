"""Two persons issue a report; every copy is counted; a township sees its own variant alone."""

import re
from pathlib import Path

import pytest

from app.store.audit_entries import AuditEntries
from tests.looks.parts import Person, a_case, assigned, entries_of, somebody
from tests.report.pdf_text import text_of
from tests.service_parts import Running, ScriptedSource, a_body, all_ten, running
from tests.web.households import a_file, body, sources

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def persons(service: Running, case: str, *roles: str) -> list[Person]:
    """One of each role, on the case."""
    found = [await somebody(service, role) for role in roles]
    for one in found:
        await assigned(service, case, one)
    return found


async def copy_of(
    person: Person, id_: str, query: str = "", kind: str = "application/pdf"
) -> bytes:
    person.headers["Accept"] = kind
    reply = await person.get(f"/v1/verifications/{id_}/report{query}")
    assert reply.status_code == 200, reply.text
    return reply.content


async def test_one_prepares_and_another_signs(shared: Running) -> None:
    id_, case = await a_case(shared)
    path = f"/v1/verifications/{id_}/report"
    checker, reviewer, second = await persons(
        shared, case, "county_checker", "county_reviewer", "county_reviewer"
    )
    assert (await reviewer.post(f"{path}/signature")).status_code == 409
    assert (await checker.post(f"{path}/signature")).status_code == 403
    prepared = await reviewer.post(f"{path}/preparation")
    assert prepared.json()["endorsements"][0]["state"] == "open"
    assert prepared.json()["sign"] == {"may": False, "why": "prepared_by_you"}
    assert (await reviewer.post(f"{path}/signature")).status_code == 409
    assert (await checker.post(f"{path}/preparation")).status_code == 409
    before = (await second.get(f"{path}/view")).json()
    signed = (await second.post(f"{path}/signature")).json()
    [endorsement] = signed["endorsements"]
    assert (endorsement["state"], endorsement["decided_by"]) == ("signed", second.id)
    after = (await second.get(f"{path}/view")).json()
    assert "系统签发" in str(before["signatures"])
    assert "审核人" in str(after["signatures"])
    assert {**before, "signatures": []} == {**after, "signatures": []}
    actions = [action for action, _, _ in await entries_of(shared, second.id)]
    assert "report_signed" in actions


async def test_the_public_check_says_whether_persons_signed(shared: Running) -> None:
    """A report that the system alone issued is genuine, and no person stands for it."""
    id_, case = await a_case(shared)
    path = f"/v1/verifications/{id_}/report"
    checker, reviewer = await persons(shared, case, "county_checker", "county_reviewer")
    head = (await shared.shown(id_))["report"]
    check, query = f"/v/{head['number']}", f"?code={head['verification_code']}"
    before = (await shared.http.get(check + query)).text
    assert "真实，有效" in before
    assert "系统签发，未经人员签署" in before
    await checker.post(f"{path}/preparation")
    assert "系统签发，未经人员签署" in (await shared.http.get(check + query)).text
    await reviewer.post(f"{path}/signature")
    after = (await shared.http.get(check + query)).text
    assert "两人签署出具" in after
    assert "未经人员签署" not in after


async def test_what_is_open_leads_to_where_it_is_done(tmp_path: Path) -> None:
    async with running(tmp_path, sources()) as service:
        id_, person = await a_file(service, body(), "county_checker")
        papers = (await person.get(f"/v1/verifications/{id_}/report/papers")).json()
        [optional] = [one for one in papers["checklist"] if one["code"] == "review_optional"]
        assert len(optional["items"]) == optional["count"] > 0
        page = (await person.get(f"/ui/cases/{id_}/report")).text
        for item in optional["items"]:
            link = f"/ui/review/{item['id']}"
            assert f'href="{link}"' in page
            assert (await person.get(link)).status_code == 200


async def test_what_was_given_back_may_be_prepared_anew(shared: Running) -> None:
    id_, case = await a_case(shared)
    path = f"/v1/verifications/{id_}/report"
    checker, other, reviewer = await persons(
        shared, case, "county_checker", "county_checker", "county_reviewer"
    )
    await checker.post(f"{path}/preparation")
    assert (await other.post(f"{path}/return")).status_code == 409
    assert (await checker.post(f"{path}/return")).status_code == 200
    assert (await other.post(f"{path}/preparation")).status_code == 200
    told = (await reviewer.post(f"{path}/return")).json()
    assert [one["state"] for one in told["endorsements"]] == ["returned", "returned"]
    assert told["prepare"]["may"] is True


async def test_clients_issue_nothing(shared: Running) -> None:
    id_, _ = await a_case(shared)
    for step in ("preparation", "signature", "return"):
        reply = await shared.http.post(
            f"/v1/verifications/{id_}/report/{step}", headers=shared.headers
        )
        assert reply.status_code == 403


async def test_an_objection_blocks_it(shared: Running) -> None:
    id_, case = await a_case(shared)
    path = f"/v1/verifications/{id_}"
    [checker] = await persons(shared, case, "county_checker")
    reply = await shared.http.post(
        f"{path}/objections",
        json={"by": "m1", "about": "income", "reason": "not mine"},
        headers=shared.headers,
    )
    recheck = reply.json()["recheck"]
    await shared.status_becomes(recheck, "final")
    refused = await checker.post(f"{path}/report/preparation")
    assert refused.status_code == 409
    assert "superseded" in refused.json()["title"]
    old = (await checker.get(f"{path}/report/papers")).json()
    new = (await checker.get(f"/v1/verifications/{recheck}/report/papers")).json()
    assert (old["state"], new["state"]) == ("superseded", "valid")
    assert (old["number"], old["version"], new["version"]) == (new["number"], 1, 2)
    assert [one["verification"] for one in old["versions"]] == [recheck, id_]
    view = (await checker.get(f"{path}/report/view")).json()
    assert "本版本已被新版本取代" in [mark["text"] for mark in view["marks"]]


async def test_every_copy_is_counted_and_a_copy_is_the_same_again(shared: Running) -> None:
    id_, case = await a_case(shared)
    checker, reviewer = await persons(shared, case, "county_checker", "county_reviewer")
    first = await copy_of(checker, id_)
    second = await copy_of(reviewer, id_)
    assert "第 1 次打印，张三" in text_of(first)[1]
    assert "第 2 次打印" in text_of(second)[1]
    assert first != second
    await checker.post(f"/v1/verifications/{id_}/report/preparation")
    await reviewer.post(f"/v1/verifications/{id_}/report/signature")
    shared.clock.forward(minutes=5)
    assert await copy_of(reviewer, id_, "?copy=1") == first
    third = text_of(await copy_of(reviewer, id_))[0]
    assert "审核人" in third
    assert "审核人" not in text_of(first)[0]
    page = (await copy_of(checker, id_, kind="text/html")).decode()
    assert "第 4 次打印" in page
    assert "张三 本机" in page  # the watermark: who, from which class of terminal, when
    as_json = await shared.get(f"/v1/verifications/{id_}/report")
    assert as_json.headers["hedui-report-copy"] == "5"
    papers = (await reviewer.get(f"/v1/verifications/{id_}/report/papers")).json()
    told = [(one["copy_number"], one["format"]) for one in papers["prints"]]
    assert told == [(5, "json"), (4, "html"), (3, "pdf"), (2, "pdf"), (1, "pdf")]
    assert papers["printed_times"] == 5
    entries = await entries_of(shared, reviewer.id)
    copies = [(action, more["copy"]) for action, _, more in entries if "copy" in more]
    assert copies == [("report_printed", "2"), ("report_reprinted", "1"), ("report_printed", "3")]
    reviewer.headers["Accept"] = "application/pdf"
    gone = await reviewer.get(f"/v1/verifications/{id_}/report?copy=99")
    assert gone.status_code == 404


async def test_a_print_that_cannot_be_stored_does_not_leave(shared: Running) -> None:
    """The entry of the trail and the print are one transaction, and both before the bytes."""
    id_, case = await a_case(shared)
    [checker] = await persons(shared, case, "county_checker")
    await copy_of(checker, id_)
    rows = await shared.parts.shelf.database.read(lambda tx: list(AuditEntries().all(tx)))
    last = [row.action for row in rows if row.actor == checker.id][-2:]
    assert last == ["report_read", "report_printed"]


async def test_a_township_opens_its_own_variant_alone(shared: Running) -> None:
    id_, case = await a_case(shared)
    clerk, checker = await persons(shared, case, "township_clerk", "county_checker")
    path = f"/v1/verifications/{id_}/report"
    view = (await clerk.get(f"{path}/view")).json()
    assert view["variant"] == "township"
    assert "15,320.55" not in str(view)
    for variant in ("full", "applicant"):
        for below in ("", "/view"):
            reply = await clerk.get(f"{path}{below}?variant={variant}")
            assert reply.status_code == 403, (variant, below)
    as_json = (await copy_of(clerk, id_, kind="application/json")).decode()
    assert "15320.55" not in as_json
    assert not re.search(r"\d{4,6}\*{4,}", as_json)
    await copy_of(checker, id_)
    clerk.headers["Accept"] = "application/pdf"
    assert (await clerk.get(f"{path}?copy=2")).status_code == 404
    papers = (await clerk.get(f"{path}/papers")).json()
    assert (papers["prints"], papers["checklist"], papers["variants"]) == ([], [], ["township"])
    assert (await clerk.get(f"/v1/verifications/{id_}")).status_code == 403
    assert (await clerk.get(f"/v1/verifications/{id_}/evidence")).status_code == 403


async def test_a_cancelled_verification_has_a_suspension_report(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(bank), suite="sm4-gcm") as service:
        id_ = (await service.post(a_body(), wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        path = f"/v1/verifications/{id_}"
        reply = await service.http.post(
            f"{path}/cancel", json={"reason": "application_withdrawn"}, headers=service.headers
        )
        assert (reply.status_code, reply.json()["report"]) == (200, None)
        view = (await service.get(f"{path}/report/view")).json()
        assert view["title"] == "居民家庭经济状况核对中止报告"
        assert "申请人撤回申请" in str(view["sections"])
        assert "核对意见" not in str(view["sections"])
        papers = (await service.get(f"{path}/report/papers")).json()
        assert (papers["kind"], papers["genuine"]) == ("suspension", True)
        assert papers["sm3_digest"].startswith("sm3:")
        told = await service.http.get(
            f"/v1/reports/{papers['number']}", params={"code": view["code"]}
        )
        assert told.json()["kind"] == "suspension"
        text = text_of((await service.get(f"{path}/report", Accept="application/pdf")).content)
        assert "中止报告" in text[0]
