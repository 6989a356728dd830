"""The worklist as reviewers use it: what waits, what a word changes, two persons, taking back."""

from pathlib import Path
from typing import Any, Final

import pytest

from app.api.schemas.review_items import (
    AgreementOut,
    NextItemOut,
    ReviewItemOut,
    ReviewItemWholeOut,
    ReviewPageOut,
    WordGivenOut,
)
from app.store.review_queue import Queue
from app.store.workload import Worker, Workload
from tests.builders import REGION
from tests.looks.parts import entries_of
from tests.review_parts import (
    Reviewer,
    a_death,
    a_doubtful_account,
    a_doubtful_car,
    assert_shaped,
    digest,
    holding,
    reviewers,
)
from tests.service_parts import Running, a_body, registered, running

_TELLING: Final = ("blind", "probability")
FEW, MUCH = "900.00", "90000.00"
"""Deposits that a household of three may have, and may not."""


async def in_review(service: Running) -> str:
    document = (await service.post()).json()
    assert document["status"] == "in_review", document["status"]
    id_: str = document["id"]
    return id_


async def test_what_must_be_decided_waits_for_a_person(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources) as service:
        id_ = await in_review(service)
        first, *_ = await reviewers(service)
        items = await first.records()
        assert {one["action"] for one in items} == {
            "review:ev_bank_m1_1",
            "review:ev_vehicle_m2_1",
        }
        for one in items:
            assert one["needed"] is True
            assert one["state"] == "open"
            assert one["verification"] == id_
            assert one["case_reference"] == a_body()["case_reference"]
            assert one["choices"] == ["same_person", "another_person", "unsure"]
            assert one["error_rate"] > 0
        assert {one["person"] for one in items} == {"m1", "m2"}


async def test_an_item_tells_what_each_word_changes(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),))
    async with running(tmp_path, sources) as service:
        await in_review(service)
        first, *_ = await reviewers(service)
        [item] = await first.records()
        shown = await first.shown(item["id"])
        assert [row["id"] for row in shown["evidence"]] == ["ev_bank_m1_1"]
        assert shown["now"]["decisions"][0]["outcome"] == "undetermined"
        assert shown["now"]["totals"]["financial_assets"] == {"min": "0.00", "max": MUCH}
        effects = {one["choice"]: one for one in shown["effects"]}
        theirs, another = effects["same_person"], effects["another_person"]
        assert theirs["decisions"][0]["outcome"] == "not_confirmed"
        assert theirs["decisions"][0]["failed"] == ["financial_assets_per_person"]
        assert theirs["totals"]["financial_assets"] == MUCH
        assert another["decisions"][0]["outcome"] == "confirmed"
        assert another["totals"]["financial_assets"] == "0.00"
        assert (theirs["two_persons"], another["two_persons"]) == (True, False)
        assert shown["changes_answer"] is True


async def test_a_word_that_harms_nobody_holds_at_once(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),))
    async with running(tmp_path, sources) as service:
        id_ = await in_review(service)
        first, second, _ = await reviewers(service)
        [item] = await first.records()
        said = await first.says(item["id"], "another_person")
        assert said.status_code == 201, said.text
        assert said.json()["item"]["state"] == "decided"
        assert said.json()["decision"]["role"] == "first"
        assert said.json()["verification_status"] == "final"
        assert said.json()["decisions"][0]["outcome"] == "confirmed"
        assert (await service.shown(id_))["status"] == "final"
        [row] = (await service.get(f"/v1/verifications/{id_}/evidence")).json()["evidence"][-1:]
        assert row["link"] in ("refused", "accepted")
        again = await second.says(item["id"], "same_person")
        assert again.status_code == 409
        assert await first.records() == []


def _open(whole: dict[str, Any]) -> dict[str, Any]:
    """Without what tells that somebody has spoken, though not what was said."""
    item = {name: value for name, value in whole["item"].items() if name not in _TELLING}
    return {**whole, "item": item, "version": None}


async def test_a_word_that_refuses_needs_two_who_agree(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),))
    async with running(tmp_path, sources) as service:
        id_ = await in_review(service)
        first, second, _ = await reviewers(service)
        [item] = await first.records()
        before = await second.shown(item["id"])
        said = (await first.says(item["id"], "same_person")).json()
        assert said["item"]["state"] == "awaiting_second"
        assert said["decision"]["two_persons"] is True
        assert said["verification_status"] == "in_review"
        assert (await service.shown(id_))["decisions"][0]["outcome"] == "undetermined"
        own = await first.says(item["id"], "same_person")
        assert own.status_code == 409
        assert "another reviewer" in own.json()["title"]
        # The second one sees what the first one saw, and not that anybody has spoken.
        # That a second one is needed is told, by what is hidden now; the first word is not.
        assert _open(await second.shown(item["id"])) == _open(before)
        assert [one["id"] for one in await second.records()] == [item["id"]]
        assert await first.records() == []
        assert len(await first.records(state="awaiting_second")) == 1
        assert await second.records(state="awaiting_second") == []
        agreed = (await second.says(item["id"], "same_person")).json()
        assert agreed["decision"]["role"] == "second"
        assert agreed["item"]["state"] == "decided"
        assert agreed["verification_status"] == "final"
        assert agreed["decisions"][0]["outcome"] == "not_confirmed"
        words = (await second.shown(item["id"]))["decisions"]
        assert [one["role"] for one in words] == ["first", "second"]


async def test_of_two_who_differ_a_third_decides(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),))
    async with running(tmp_path, sources) as service:
        await in_review(service)
        first, second, third = await reviewers(service)
        [item] = await first.records()
        read = (await third.shown(item["id"]))["version"]
        said = [(await first.says(item["id"], "same_person")).json()["decision"]]
        # That somebody spoke is told, but not who, nor when: a second one must not know.
        unknown = {"what": "decided", "at": None, "by": None, "name": None}
        assert await _changes(second, item["id"], read) == [unknown]
        differs = (await second.says(item["id"], "another_person")).json()
        said.append(differs["decision"])
        assert await _changes(third, item["id"], read) == [
            {**unknown, "at": one["decided_at"], "by": one["reviewer"]} for one in said
        ]
        assert differs["item"]["state"] == "disagreed"
        assert differs["verification_status"] == "in_review"
        speakers = [one["reviewer"] for one in said]
        counted = [await _counted(service, who) for who in (*speakers, "st_third")]
        assert [waits for waits, _ in counted] == [listed for _, listed in counted]
        assert counted[0][0] == counted[1][0] == counted[2][0] - 1
        for one in (first, second):
            assert (await one.says(item["id"], "same_person")).status_code == 409
            assert (await one.post("/next", kind="review_record")).json()["item"] is None
        taken = (await third.post("/next", kind="review_record")).json()["item"]
        assert (taken["id"], taken["state"]) == (item["id"], "disagreed")
        decided = (await third.says(item["id"], "same_person")).json()
        assert decided["decision"]["role"] == "third"
        assert decided["verification_status"] == "final"
        assert decided["decisions"][0]["outcome"] == "not_confirmed"
        agreement = (await first.get("/agreement")).json()
        assert agreement == {
            "pairs": 1,
            "agreed": 0,
            "disagreed": 1,
            "rate": 0.0,
            "awaiting_second": 0,
            "sources": {"bank": {"pairs": 1, "agreed": 0, "rate": 0.0}},
        }


async def _counted(service: Running, reviewer: str) -> tuple[int, int]:
    """As the rail counts, and as the queue does.

    Planted: what is in dispute counted for those who dispute it.
    """
    worker, queue = (
        Worker(reviewer, REGION, None),
        Queue(region=REGION, reviewer=reviewer, todo=True),
    )
    return await service.parts.shelf.database.read(
        lambda tx: (
            Workload().reviews_waiting(tx, worker, 1_000),
            sum(service.parts.reviewing.queue.counts(tx, queue).values()),
        )
    )


async def test_a_queue_may_be_judged_blind_by_the_first_one_too(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources, blind_queues="tax, bank") as service:
        await in_review(service)
        first, *_ = await reviewers(service)
        items = {one["source"]: one["id"] for one in await first.records()}
        for source, is_blind in (("bank", True), ("vehicle", False)):
            pair = (await first.get(f"/{items[source]}/pair")).json()
            assert pair["item"]["blind"] is is_blind
            hidden = pair["records"][0]["numbers"], pair["effects"]
            assert (hidden == (None, None)) is is_blind
        chosen = (await first.get(f"/{items['bank']}/pair", chosen="same_person")).json()
        assert None not in (chosen["records"][0]["numbers"], chosen["effects"])
        # Who then says something else is on record, and counted.
        said = await first.says(items["bank"], "another_person")
        assert said.status_code == 201, said.text
        actor = said.json()["decision"]["reviewer"]
        [told] = [
            details
            for action, _, details in await entries_of(service, actor)
            if action == "review_decided"
        ]
        assert (told["before"], told["after"]) == ("open", "decided")
        assert told["changed_from"] == "same_person"
        assert (await service.get("/v1/figures/workload")).json()["group"]["changed"] == 1
        # The vehicle's item is due within three days; it was late once it was open for none.
        assert await _late(service, "") == 0
        assert await _late(service, "?term_days=0") == 0
        service.clock.forward(days=4)
        service.headers = await service.client()
        assert await _late(service, "") == await _late(service, "?term_days=3") == 1
        judged = (await service.get("/v1/figures/agreement")).json()["judged"]
        assert judged == [{"source": "bank", "same_person": 0, "another_person": 1}]


async def _late(service: Running, query: str) -> int:
    """Planted: ten days for all, whatever stands beside each in the queue."""
    reply = await service.get(f"/v1/figures/workload{query}")
    [records] = [one for one in reply.json()["queues"] if one["kind"] == "review_record"]
    return int(records["overdue"])


async def _changes(one: Reviewer, item: str, read: str) -> Any:
    """What is told to whoever decides on what he or she read earlier."""
    reply = await one.says(item, "same_person", version=read)
    assert reply.status_code == 409, reply.text
    return reply.json()["changes"]


@pytest.mark.parametrize("choice", ["same_person", "another_person"])
async def test_a_death_is_for_two_whatever_is_said_of_it(tmp_path: Path, choice: str) -> None:
    """Under the right number and another name and birth: held, and cleared or taken by two."""
    sources = holding(m1_household_registry=(registered("m1"), a_death("m1")))
    async with running(tmp_path, sources) as service:
        await in_review(service)
        first, second, _ = await reviewers(service)
        [item] = await first.records(programme="urban_dibao")
        assert item["action"] == "review:ev_household_registry_m1_2"
        said = (await first.says(item["id"], choice)).json()
        assert said["item"]["state"] == "awaiting_second"
        agreed = (await second.says(item["id"], choice)).json()
        assert agreed["item"]["state"] == "decided"


async def test_what_is_final_is_not_taken_back(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources) as service:
        id_ = await in_review(service)
        first, second, _ = await reviewers(service)
        items = {one["source"]: one["id"] for one in await first.records()}
        await first.says(items["vehicle"], "another_person")
        await first.says(items["bank"], "same_person")
        assert (await second.says(items["bank"], "same_person")).status_code == 201
        final = await digest(service, id_)
        assert (await service.shown(id_))["status"] == "final"
        for item in items.values():
            refused = await first.reverses(item, 1)
            assert refused.status_code == 409
            assert "recheck" in refused.json()["title"]
        assert await digest(service, id_) == final


async def test_taking_back_restores_the_result_to_the_last_sign(
    tmp_path: Path, database_url: str
) -> None:
    """A word that one gave, and one that two gave: a version more, and open again."""
    death = (registered("m1"), a_death("m1"))
    sources = holding(
        m1_household_registry=death,
        m2_household_registry=(registered("m2"),),
        m3_household_registry=(registered("m3"),),
        m1_bank=(a_doubtful_account(MUCH),),
    )
    async with running(tmp_path, sources, database_url=database_url) as service:
        id_ = await in_review(service)
        first, second, _ = await reviewers(service)
        before = await digest(service, id_)
        items = {one["source"]: one["id"] for one in await first.records()}
        for source, speakers in (("bank", [first]), ("household_registry", [first, second])):
            for speaker in speakers:
                said = (await speaker.says(items[source], "another_person")).json()
            assert said["item"]["state"] == "decided"
            assert await digest(service, id_) != before
            back = await second.reverses(items[source], said["decision"]["version"])
            assert back.status_code == 201, back.text
            assert back.json()["item"]["state"] == "open"
            assert back.json()["verification_status"] == "in_review"
            assert await digest(service, id_) == before
        versions = (await first.shown(items["household_registry"]))["decisions"]
        assert [(one["version"], one["role"], one["reverses"]) for one in versions] == [
            (1, "first", None),
            (2, "second", None),
            (3, "reversal", 2),
        ]
        for version in (0, 1, 2, 3, 77):
            reply = await first.reverses(items["household_registry"], version)
            assert reply.status_code == 404
        assert {one["id"] for one in await first.records()} == set(items.values())


async def test_a_first_word_is_taken_back_by_whoever_gave_it(tmp_path: Path) -> None:
    async with running(tmp_path, holding(m1_bank=(a_doubtful_account(MUCH),))) as service:
        await in_review(service)
        first, second, _ = await reviewers(service)
        [item] = await first.records()
        await first.says(item["id"], "same_person")
        assert (await second.reverses(item["id"], 1)).status_code == 404  # is told of nothing
        assert (await first.reverses(item["id"], 1)).status_code == 201
        said = (await second.says(item["id"], "same_person")).json()
        assert (said["decision"]["role"], said["item"]["state"]) == ("first", "awaiting_second")


async def test_one_works_on_an_item_at_a_time(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources) as service:
        await in_review(service)
        first, second, third = await reviewers(service)
        mine = (await first.post("/next", kind="review_record")).json()["item"]
        theirs = (await second.post("/next", kind="review_record")).json()["item"]
        assert mine["id"] != theirs["id"]
        assert mine["lock"] == {"yours": True, "until": "2026-11-24T04:15:00Z"}
        assert (await third.post("/next", kind="review_record")).json() == {"item": None}
        assert (await second.post(f"/{mine['id']}/lock")).status_code == 409
        assert (await first.post(f"/{mine['id']}/lock")).status_code == 200
        assert (await second.says(mine["id"], "another_person")).status_code == 409
        service.clock.forward(minutes=9)
        second = Reviewer(service, second.headers)
        assert (await second.post(f"/{mine['id']}/lock")).status_code == 409
        service.clock.forward(seconds=59)
        assert (await second.post(f"/{mine['id']}/lock")).status_code == 409


async def test_answers_are_as_documented(tmp_path: Path) -> None:
    sources = holding(m1_bank=(a_doubtful_account(MUCH),), m2_vehicle=(a_doubtful_car(),))
    async with running(tmp_path, sources) as service:
        await in_review(service)
        first, second, _ = await reviewers(service)
        page = (await first.get("")).json()
        assert_shaped(ReviewPageOut, page)
        taken = (await first.post("/next", kind="review_record")).json()
        assert_shaped(NextItemOut, taken)
        id_ = taken["item"]["id"]
        assert_shaped(ReviewItemOut, (await first.post(f"/{id_}/lock")).json())
        assert_shaped(WordGivenOut, (await first.says(id_, "same_person")).json())
        assert_shaped(WordGivenOut, (await second.says(id_, "another_person")).json())
        assert_shaped(ReviewItemWholeOut, await second.shown(id_))
        assert_shaped(AgreementOut, (await first.get("/agreement")).json())
