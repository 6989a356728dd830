"""What becomes of items beside a reviewer's word: askings, rechecks, closed verifications."""

import asyncio
from pathlib import Path

import httpx
import pytest

from app.domain.decision import ActionKind
from connectors.failure import Failure, FailureKind, SourceError
from tests.records import a_vehicle, subject
from tests.review_parts import (
    WHY,
    Reviewer,
    a_doubtful_account,
    a_doubtful_car,
    an_item,
    digest,
    holding,
    nearly,
    reviewers,
)
from tests.service_parts import NAMES, Running, ScriptedSource, all_ten, an_account, running

MUCH = "90000.00"
GONE = SourceError(Failure(FailureKind.UNREACHABLE, "refused"))


def without_vehicles() -> list[ScriptedSource]:
    return all_ten(ScriptedSource("vehicle", fault=GONE))


async def audited(service: Running, action: str) -> list[dict[str, str]]:
    """The entries of an action, oldest first."""
    rows = await service.parts.shelf.database.read(
        lambda tx: list(service.parts.audit._entries.all(tx))
    )
    return [{"object": one.object, "details": one.details} for one in rows if one.action == action]


async def test_an_answer_that_is_wanted_is_asked_for_and_obtained(tmp_path: Path) -> None:
    async with running(tmp_path, without_vehicles()) as service:
        id_ = (await service.post()).json()["id"]
        before = await digest(service, id_)
        [first] = await reviewers(service, 1)
        items = await first.items(kind="ask_source")
        best = items[0]
        assert best["action"] in ("source:vehicle:m1", "source:vehicle:m2")
        assert best["expected_reduction"] == max(one["expected_reduction"] for one in items)
        assert best["programmes"][0]["expected_rate"] < best["programmes"][0]["error_rate"]
        shown = await first.shown(best["id"])
        assert shown["asking"] == {"whom": "vehicle", "about": best["person"], "what": "answer"}
        assert "effects" not in shown
        wrong = await first.says(best["id"], "same_person")
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["code"] == "choice.of_another_kind"
        assert (await first.says(best["id"], "asked")).json()["item"]["state"] == "asked"
        assert best["id"] not in {one["id"] for one in await first.items()}
        assert [one["id"] for one in await first.items(state="asked")] == [best["id"]]
        said = (await first.says(best["id"], "not_obtainable")).json()
        assert (said["item"]["state"], said["verification_status"]) == ("decided", "final")
        back = await first.reverses(best["id"], said["decision"]["version"])
        assert back.json()["item"]["state"] == "open"
        assert await digest(service, id_) == before


async def test_a_recheck_that_is_final_leaves_nothing_to_do_of_the_first(tmp_path: Path) -> None:
    sources = without_vehicles()
    async with running(tmp_path, sources) as service:
        id_ = (await service.post()).json()["id"]
        [first] = await reviewers(service, 1)
        items = await first.items()
        assert {one["verification"] for one in items} == {id_}
        next(one for one in sources if one.name == "vehicle").fault = None
        again = await service.http.post(
            f"/v1/verifications/{id_}/recheck", headers={**service.headers, "Prefer": "wait=20"}
        )
        assert again.json()["status"] == "final"
        closed = [one for one in await first.items(state="closed") if one["verification"] == id_]
        assert {one["id"] for one in closed} == {one["id"] for one in items}
        assert {one["why_closed"] for one in closed} == {"rechecked"}
        assert (await first.says(closed[0]["id"], "obtained")).status_code == 409


async def test_of_what_is_cancelled_nothing_is_decided(tmp_path: Path) -> None:
    async with running(tmp_path, holding(m1_bank=(a_doubtful_account(MUCH),))) as service:
        id_ = (await service.post()).json()["id"]
        [first] = await reviewers(service, 1)
        [item] = await first.records()
        await service.http.post(f"/v1/verifications/{id_}/cancel", headers=service.headers)
        assert await first.items() == []
        [closed] = await first.records(state="closed")
        assert (closed["id"], closed["why_closed"]) == (item["id"], "cancelled")
        assert (await first.says(item["id"], "another_person")).status_code == 409


async def test_a_word_on_a_final_verification_is_a_label_and_edits_nothing(tmp_path: Path) -> None:
    """A stranger's account beside the own car, which refuses the household whoever the other is."""
    strange = an_account("m1", "90.00", subjects=(subject("m1", name="赵四海"),))
    car = a_vehicle(subjects=(subject("m1"),))
    async with running(tmp_path, holding(m1_bank=(strange,), m1_vehicle=(car,))) as service:
        document = (await service.post()).json()
        assert document["status"] == "final"
        id_, before = document["id"], await digest(service, document["id"])
        [first] = await reviewers(service, 1)
        [item] = [one for one in await first.records() if one["source"] == "bank"]
        assert item["needed"] is True
        said = await first.says(item["id"], "another_person")
        assert (said.status_code, said.json()["item"]["state"]) == (201, "decided")
        assert await digest(service, id_) == before
        shelf = service.parts.shelf
        assert await shelf.database.read(lambda tx: shelf.judgements.all_of(tx, id_)) == {}
        decisions = service.parts.reviewing.book.decisions
        [label] = await shelf.database.read(lambda tx: list(decisions.labels(tx)))
        assert [one.record.split("/")[0] for one in label.records] == ["ev_bank_m1_1"]
        assert (await first.reverses(item["id"], 1)).status_code == 201


async def test_a_word_that_would_change_what_is_final_is_for_a_recheck(tmp_path: Path) -> None:
    car = a_vehicle(subjects=(subject("m1"),))
    async with running(tmp_path, holding(m1_vehicle=(car,))) as service:
        document = (await service.post()).json()
        assert document["status"] == "final"
        item = an_item(
            verification_id=document["id"],
            subject="review:ev_vehicle_m1_1",
            kind=ActionKind.REVIEW_RECORD,
        )
        shelf = service.parts.shelf
        await shelf.database.write(lambda tx: shelf.review_items.add(tx, (item,)))
        [first] = await reviewers(service, 1)
        refused = await first.says(item.id, "another_person")
        assert refused.status_code == 409
        assert "recheck" in refused.json()["title"]
        assert (await first.shown(item.id))["decisions"] == []


async def test_of_two_at_once_one_decides(tmp_path: Path, database_url: str) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources, database_url=database_url) as service:
        await service.post()
        some = await reviewers(service, 3)
        item = (await some[0].records())[0]["id"]
        replies = await asyncio.gather(*(one.says(item, "another_person") for one in some))
        assert sorted(reply.status_code for reply in replies) == [201, 409, 409]
        assert len((await some[0].shown(item))["decisions"]) == 1


async def test_a_judgement_on_one_record_leaves_the_others_of_its_group(tmp_path: Path) -> None:
    """The interface's older way of saying it goes through the same items."""
    accounts = tuple(
        an_account("m1", MUCH, account=f"622200000000000{n}", subjects=nearly("m1")) for n in (1, 2)
    )
    async with running(tmp_path, holding(m1_bank=accounts)) as service:
        id_ = (await service.post()).json()["id"]
        first, second = await reviewers(service, 2)
        [group] = await first.records()
        assert group["action"] == "review:ev_bank_m1_1|ev_bank_m1_2"
        word = {"same_person": False, "reason": "another branch's customer"}
        path = f"/v1/verifications/{id_}/evidence/ev_bank_m1_1/judgement"
        reply = await service.http.post(path, json=word, headers=first.headers)
        assert (reply.status_code, reply.json()["status"]) == (200, "in_review")
        [left] = await second.records()
        assert left["action"] == "review:ev_bank_m1_2"
        [closed] = await second.records(state="closed")
        assert (closed["id"], closed["why_closed"]) == (group["id"], "not_named")
        [judged] = await second.records(state="decided")
        assert judged["action"] == "review:ev_bank_m1_1"
        assert (await second.reverses(judged["id"], 1)).status_code == 201
        assert [one["id"] for one in await second.records()] == [group["id"]]
        again = await service.http.post(path, json=word, headers=second.headers)
        assert again.status_code == 200, again.text
        none = await service.http.post(
            path.replace("m1_1", "m1_9"), json=word, headers=first.headers
        )
        assert none.status_code == 404


async def test_who_may_see_the_worklist(tmp_path: Path) -> None:
    async with running(tmp_path, holding(m1_bank=(a_doubtful_account(MUCH),))) as service:
        await service.post()
        [first] = await reviewers(service, 1)
        [item] = await first.records()
        stranger = Reviewer(service, await service.client(region="220103"))
        reader = Reviewer(service, await service.client(scopes=("read", "verify")))
        above = Reviewer(service, await service.client(region="22"))
        calls = (
            ("get", f"/{item['id']}", None),
            ("post", f"/{item['id']}/lock", None),
            ("post", f"/{item['id']}/decisions", {"choice": "another_person", **WHY}),
            ("post", f"/{item['id']}/decisions/1/reverse", {"reason": "no"}),
        )
        for method, path, body in calls:
            arguments = (path,) if method == "get" else (path, body)
            for who, status in ((stranger, 404), (reader, 403)):
                reply: httpx.Response = await getattr(who, method)(*arguments)
                assert reply.status_code == status, path
        assert await stranger.items() == []
        assert (await stranger.post("/next")).json() == {"item": None}
        assert (await stranger.get("", region="220102")).status_code == 403
        assert (await reader.get()).status_code == 403
        assert len(await above.records(region="220102")) == 1
        assert len(await first.records(region="22")) == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"kind": "guess"}, "/query/kind"),
        ({"state": "lost"}, "/query/state"),
        ({"limit": 0}, "/query/limit"),
        ({"limit": 501}, "/query/limit"),
        ({"region": "22x"}, "/query/region"),
        ({"after": "page2"}, "/after"),
        ({"colour": "red"}, "/query/colour"),
    ],
)
async def test_what_no_page_is_of(tmp_path: Path, query: dict[str, object], pointer: str) -> None:
    async with running(tmp_path, all_ten()) as service:
        [first] = await reviewers(service, 1)
        reply = await first.get("", **query)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == pointer


async def test_pages_follow_one_another(tmp_path: Path) -> None:
    async with running(tmp_path, without_vehicles()) as service:
        await service.post()
        [first] = await reviewers(service, 1)
        every = await first.items()
        assert len(every) > 2
        assert [one["expected_reduction"] for one in every] == sorted(
            (one["expected_reduction"] for one in every), reverse=True
        )
        seen, path = [], "/v1/review-items?limit=1&region=220102"
        while path is not None:
            page = (await service.http.get(path, headers=first.headers)).json()
            seen += [one["id"] for one in page["items"]]
            path = page["next"]
        assert seen == [one["id"] for one in every]
        worth = (await first.get("", limit=1)).json()["open"]
        total = sum(one["expected_reduction"] for one in every)
        assert worth["items"] == len(every)
        assert worth["share_of_reduction"] == pytest.approx(
            every[0]["expected_reduction"] / total, abs=1e-4
        )


async def test_every_look_and_word_is_on_the_trail_and_none_tells_whose(tmp_path: Path) -> None:
    async with running(tmp_path, holding(m1_bank=(a_doubtful_account(MUCH),))) as service:
        id_ = (await service.post()).json()["id"]
        [first] = await reviewers(service, 1)
        [item] = await first.records()
        await first.shown(item["id"])
        await first.says(item["id"], "another_person", reason=f"{NAMES['m1']} was here")
        assert [one["object"] for one in await audited(service, "review_item_read")] == [id_] * 2
        [decided] = await audited(service, "review_decided")
        assert decided["object"] == id_
        assert item["id"] in decided["details"]
        assert NAMES["m1"] not in decided["details"]
