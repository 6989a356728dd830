"""Questions that people settle, through the interface: what each answer does, and undoes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.schemas.review_items import ReviewItemWholeOut
from connectors.records import Relation, Subject
from tests.records import an_account
from tests.review.proofs import a_png
from tests.review.settled import (
    LITTLE,
    MUCH,
    anomalous,
    began,
    differing,
    settled,
    the_item,
    undeclared_money,
)
from tests.review_parts import Reviewer, assert_shaped, digest, holding, reviewers
from tests.service_parts import (
    NAMES,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    found,
    registered,
    running,
)


@asynccontextmanager
async def case(
    folder: Path, sources: list[ScriptedSource], **changes: Any
) -> AsyncIterator[tuple[Running, str, list[Reviewer]]]:
    async with running(folder, sources) as service:
        yield service, await began(service, **changes), await reviewers(service)


async def a_proof(service: Running, id_: str, item: str) -> str:
    reply = await service.http.post(
        f"/v1/verifications/{id_}/proofs",
        params={"owner_kind": "review_item", "owner": item},
        files={"file": ("x.png", a_png(), "image/png")},
        headers=service.headers,
    )
    assert reply.status_code == httpx.codes.CREATED, reply.text
    return str(reply.json()["id"])


def outcomes(document: dict[str, Any]) -> list[str]:
    return [one["outcome"] for one in document["decisions"]]


def effect(shown: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    [found] = [
        one for one in shown["effects"] if all(one[name] == of for name, of in wanted.items())
    ]
    return dict(found)


async def test_a_conflict_shows_what_each_value_leads_to(tmp_path: Path) -> None:
    async with case(tmp_path, differing()) as (_, _, [one, *_]):
        item = await the_item(one, "conflict")
        assert item["needed"]
        assert item["choices"] == ["use_source", "set_amount", "ask_township"]
        shown = await one.shown(item["id"])
        assert_shaped(ReviewItemWholeOut, shown)
        conflict = shown["question"]["conflict"]
        assert conflict["unit"] == "yuan_a_month"
        told = {value["key"]: value for value in conflict["values"]}
        assert (told["tax"]["value"], told["tax"]["holds"]) == (LITTLE, True)
        assert (told["housing_fund"]["value"], told["housing_fund"]["holds"]) == (MUCH, False)
        assert told["tax"]["months"] == 12
        little, much = effect(shown, option="tax"), effect(shown, option="housing_fund")
        assert outcomes(little) == ["confirmed"]
        assert outcomes(much) == ["not_confirmed"]
        assert much["totals"]["monthly_income"] == MUCH
        assert (little["two_persons"], much["two_persons"]) == (False, True)
        tried = (await one.get(f"/{item['id']}", amount="2500.00")).json()
        mine = effect(tried, choice="set_amount")
        assert mine["totals"]["monthly_income"] == "2500.00"


async def test_the_chosen_source_is_concluded_from_and_a_reversal_undoes_it(
    tmp_path: Path,
) -> None:
    """What flips the outcome needs two; once it stands the verification goes on."""
    async with case(tmp_path, differing(m2_bank=(an_account("90000.00"),))) as case_:
        service, id_, [one, two, _] = case_
        before = await digest(service, id_)
        shown = await service.shown(id_)
        item = await the_item(one, "conflict")
        error = shown["decisions"][0]["error_rate"]
        first = await settled(one, item["id"], "use_source", option="housing_fund")
        assert first["item"]["state"] == "awaiting_second"
        assert await digest(service, id_) == before
        await settled(two, item["id"], "ask_township", 409)
        counts = (await one.get("/agreement")).json()
        assert (counts["pairs"], counts["awaiting_second"], counts["sources"]) == (0, 0, {})
        seen = await two.shown(item["id"])
        assert seen["decisions"] == []
        assert seen["question"]["settled"] == []
        assert "housing_fund" not in str(seen["decisions"])
        said = await settled(two, item["id"], "use_source", option="housing_fund")
        assert said["verification_status"] == "final"
        after = await service.shown(id_)
        assert after["profile"]["totals"]["monthly_income"] == MUCH
        assert error >= 0
        codes = {one["code"]: one for one in after["findings"]}
        assert codes["value_settled"]["detail"] == "use: housing_fund"
        assert "wage_sources_differ" not in codes
        refused = await two.reverses(item["id"], 2)
        assert refused.status_code == httpx.codes.CONFLICT  # it is final


async def test_two_who_choose_otherwise_need_a_third(tmp_path: Path) -> None:
    async with case(tmp_path, differing()) as (service, id_, [one, two, three]):
        item = await the_item(one, "conflict")
        proof = await a_proof(service, id_, item["id"])
        amounts: dict[str, Any] = {"amount": "5000.00", "proofs": [proof]}
        first = await settled(one, item["id"], "set_amount", **amounts)
        assert first["item"]["state"] == "awaiting_second"
        other = {**amounts, "amount": "6000.00"}
        second = await settled(two, item["id"], "set_amount", **other)
        assert second["item"]["state"] == "disagreed"
        third = await settled(three, item["id"], "use_source", option="tax")
        assert third["item"]["state"] == "decided"
        assert outcomes(third) == ["confirmed"]


async def test_an_amount_of_ones_own_stands_on_a_proof(tmp_path: Path) -> None:
    async with case(tmp_path, differing()) as (service, id_, [one, *_]):
        item = (await the_item(one, "conflict"))["id"]
        for faulty, code in (
            ({"amount": "1000.00"}, "proof.needed"),
            ({"amount": "1000.00", "proofs": ["pf_none"]}, "proof.unknown"),
            ({}, "amount.needed"),
            ({"amount": "1000.00", "option": "tax"}, "option.unknown"),
        ):
            problem = await settled(one, item, "set_amount", 422, **faulty)
            assert problem["errors"][0]["code"] == code
        problem = await settled(one, item, "use_source", 422, option="bank")
        assert problem["errors"][0]["code"] == "option.unknown"
        proof = await a_proof(service, id_, item)
        said = await settled(one, item, "set_amount", amount="1000.00", proofs=[proof])
        assert said["verification_status"] == "final"
        document = await service.shown(id_)
        assert document["profile"]["totals"]["monthly_income"] == "1000.00"
        shown = await one.shown(item)
        assert shown["question"]["settled"][0]["amount"] == "1000.00"
        assert shown["question"]["settled"][0]["proofs"] == [proof]


@pytest.mark.parametrize(
    ("kind", "choice", "more"),
    [
        ("conflict", "use_source", {"option": "housing_fund"}),
        ("conflict", "use_source", {"option": "tax"}),
        ("anomaly", "exclude", {}),
        ("anomaly", "confirm_true", {}),
        ("declared", "not_accept", {}),
    ],
)
async def test_a_reversal_gives_the_conclusion_as_it_was(
    tmp_path: Path, kind: str, choice: str, more: dict[str, Any]
) -> None:
    """A source that is still to answer keeps the verification open."""
    late = ScriptedSource("vehicle", answers_later=True, ready=False)
    sources = [
        late if one.name == "vehicle" else one
        for one in differing(m1_bank=(an_account("9000000.00"),))
    ]
    async with running(tmp_path, sources) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        people = await reviewers(service)
        before = await digest(service, id_)
        items = await people[0].items(kind=kind)
        item = items[0]["id"]
        said = await settled(people[0], item, choice, **more)
        if said["item"]["state"] == "awaiting_second":
            said = await settled(people[1], item, choice, **more)
        assert said["item"]["state"] == "decided"
        assert said["verification_status"] == "partial"
        assert await digest(service, id_) != before
        version = said["decision"]["version"]
        back = await people[0].reverses(item, version)
        assert back.status_code == httpx.codes.CREATED, back.text
        assert await digest(service, id_) == before
        assert back.json()["item"]["state"] == "open"


async def test_an_unusual_value_waits_and_is_left_out_by_two(tmp_path: Path) -> None:
    async with case(tmp_path, anomalous()) as (service, id_, [one, two, _]):
        item = await the_item(one, "anomaly")
        shown = await one.shown(item["id"])
        assert_shaped(ReviewItemWholeOut, shown)
        told = shown["question"]["anomaly"]
        assert (told["rule"], told["value"]) == ("balance_high", "9000000.00")
        assert told["likely"][0] == "unit_fen"
        asked = await settled(one, item["id"], "correct_mapping")
        assert asked["item"]["state"] == "asked"
        first = await settled(one, item["id"], "exclude")
        assert first["item"]["state"] == "awaiting_second"
        said = await settled(two, item["id"], "exclude")
        assert said["verification_status"] == "final"
        after = await service.shown(id_)
        assert after["profile"]["totals"]["financial_assets"] == "0.00"
        assert outcomes(after) == ["confirmed"]
        assert [one["detail"] for one in after["findings"] if one["code"] == "value_settled"]


async def test_an_objection_hears_the_household_first(tmp_path: Path) -> None:
    """The first report stands as issued; in the recheck the difference waits for a decision."""
    async with running(tmp_path, undeclared_money()) as service:
        [one, two, _] = await reviewers(service)
        final = (await service.post()).json()
        assert (final["status"], outcomes(final)) == ("final", ["not_confirmed"])
        item = await the_item(one, "declared")
        problem = await settled(one, item["id"], "not_accept", 409)
        assert "recheck" in problem["title"]
        issued = (await service.get(f"/v1/verifications/{final['id']}/report")).content
        filed = await service.http.post(
            f"/v1/verifications/{final['id']}/objections",
            json={"by": "m1", "about": "assets", "reason": "the account is not mine"},
            headers=service.headers,
        )
        again = filed.json()["recheck"]
        await service.status_becomes(again, "in_review")
        [item] = [
            found for found in await one.items(kind="declared") if found["verification"] == again
        ]
        shown = await one.shown(item["id"])
        assert_shaped(ReviewItemWholeOut, shown)
        told = shown["question"]["declared"]
        compared = {found["subject"]: found["compared"] for found in told["comparisons"]}
        assert compared == {
            "declared:income:m1:wage": "not_confirmed_by_sources",
            "declared:asset:m1:deposit": "under_declared",
        }
        codes = [found["code"] for found in told["explanations"]]
        assert "stolen_identity" in codes
        assert outcomes(effect(shown, explanation="stolen_identity")) == ["confirmed"]
        township = await settled(one, item["id"], "ask_township")
        assert township["item"]["state"] == "asked"
        needed = await settled(one, item["id"], "accept", 422, explanation="stolen_identity")
        assert needed["errors"][0]["code"] == "proof.needed"
        proof = await a_proof(service, again, item["id"])
        more: dict[str, Any] = {"explanation": "stolen_identity", "proofs": [proof]}
        first = await settled(one, item["id"], "accept", **more)
        assert first["item"]["state"] == "awaiting_second"
        said = await settled(two, item["id"], "accept", **more)
        assert said["verification_status"] == "final"
        assert outcomes(said) == ["confirmed"]
        lines = (await service.shown(again))["profile"]["assets"]
        assert [(line["counted"], line["why"]) for line in lines] == [
            (False, "explained_stolen_identity")
        ]
        now = (await service.get(f"/v1/verifications/{final['id']}/report")).content
        assert now == issued
        assert (await service.shown(final["id"]))["decisions"] == final["decisions"]


async def test_donations_count_less_and_pay_that_lags_counts_as_it_is(tmp_path: Path) -> None:
    sources = holding(m1_bank=(an_account("90000.00"),))
    async with case(tmp_path, sources, purpose="objection") as (_, _, [one, *_]):
        item = await the_item(one, "declared")
        path = f"/{item['id']}"
        tried = await one.get(path, explanation="donation_for_illness", amount="80000.00")
        found = effect(tried.json(), explanation="donation_for_illness")
        assert found["totals"]["financial_assets"] == "10000.00"
        bare = await one.get(path, explanation="donation_for_illness")
        assert bare.status_code == 422
        assert bare.json()["errors"][0]["code"] == "amount.needed"


async def test_whoever_was_not_declared_is_told_of_by_relation_alone(tmp_path: Path) -> None:
    stranger = registered(
        "m1",
        subjects=(Subject(name="赵四海", id_number="229903197102140032"),),
        raw={"xm": "赵四海"},
        relation=Relation.CHILD,
        in_household=True,
    )
    answers = {ref: found(registered(ref)) for ref in NAMES if ref != "s1"}
    answers["m1"] = found(registered("m1"), stranger)
    registry = ScriptedSource("household_registry", answers)
    async with running(tmp_path, all_ten(registry)) as service:
        await service.post(a_body())
        [one, *_] = await reviewers(service)
        item = await the_item(one, "undeclared")
        reply = await one.get(f"/{item['id']}")
        assert_shaped(ReviewItemWholeOut, reply.json())
        assert reply.json()["question"]["member"] == {
            "relation": "child",
            "source": "household_registry",
        }
        assert "赵四海" not in reply.text
        said = await settled(one, item["id"], "request_consent")
        assert said["item"]["state"] == "asked"
