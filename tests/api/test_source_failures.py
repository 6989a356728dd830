"""What people do about a source that did not answer: ask again, mark it, or go on as unknown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.api.schemas.review_items import ReviewItemWholeOut
from connectors.failure import Failure, FailureKind, SourceError
from tests.review.settled import settled
from tests.review.test_objections import handler_of, stepped
from tests.review_parts import Reviewer, a_doubtful_account, assert_shaped, holding, reviewers
from tests.service_parts import Running, ScriptedSource, all_ten, running

GONE = SourceError(Failure(FailureKind.UNREACHABLE, "refused"))


@asynccontextmanager
async def case(
    folder: Path, vehicle: ScriptedSource
) -> AsyncIterator[tuple[Running, str, Reviewer, str]]:
    """A doubtful account keeps the verification open; the item is that of m1 at the vehicles'."""
    sources = [
        vehicle if one.name == "vehicle" else one
        for one in holding(m1_bank=(a_doubtful_account("90000.00"),))
    ]
    async with running(folder, sources) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "in_review", "partial")
        [one] = await reviewers(service, 1)
        items = await one.items(kind="ask_source")
        item = next(found["id"] for found in items if found["action"] == "source:vehicle:m1")
        yield service, id_, one, item


async def state(service: Running, id_: str) -> tuple[str, str | None]:
    sources = (await service.shown(id_))["sources"]
    [found] = [one for one in sources if (one["source"], one["person"]) == ("vehicle", "m1")]
    return found["state"], found["reason"]


async def test_what_was_tried_is_told_and_it_is_asked_again(tmp_path: Path) -> None:
    vehicle = ScriptedSource("vehicle", fault=GONE)
    async with case(tmp_path, vehicle) as (service, id_, one, item):
        shown = await one.shown(item)
        assert_shaped(ReviewItemWholeOut, shown)
        failure = shown["failure"]
        assert (failure["state"], failure["attempts"]) == ("failed", 1)
        assert failure["errors"] == ["unreachable: refused"]
        assert len(failure["asked_at"]) == 1
        assert failure["next_try"] is None
        still = await settled(one, item, "retry")
        assert still["item"]["state"] == "asked"
        assert (await one.shown(item))["failure"]["attempts"] == 2
        vehicle.fault = None
        assert await state(service, id_) == ("failed", None)
        await settled(one, item, "retry")
        assert await state(service, id_) == ("no_record", None)
        assert (await one.shown(item))["item"]["state"] == "closed"


async def test_attempts_before_a_recheck_are_told_with_their_times(tmp_path: Path) -> None:
    """The tax office alone is asked anew; that the vehicles' failed stands, as often as it did."""
    async with running(tmp_path, all_ten(ScriptedSource("vehicle", fault=GONE))) as service:
        first = (await service.post()).json()
        said = {"by": "m1", "about": "工资", "reason": "数额不对", "received_on": "2026-11-20"}
        path = f"/v1/verifications/{first['id']}/objections"
        filed = (await service.http.post(path, json=said, headers=service.headers)).json()
        await service.status_becomes(filed["recheck"], "final", "in_review")
        handler = await handler_of(service, first["case_reference"])
        await stepped(handler, filed["id"], "take", version=1)
        again = await stepped(
            handler, filed["id"], "requery", version=2, sources=["tax"], reason="税务已更正"
        )
        recheck = again["recheck"]["id"]
        await service.status_becomes(recheck, "final", "in_review")
        [one] = await reviewers(service, 1)
        [item] = [
            each["id"]
            for each in await one.items(kind="ask_source")
            if (each["verification"], each["action"]) == (recheck, "source:vehicle:m1")
        ]
        failure = (await one.shown(item))["failure"]
        assert failure["attempts"] == len(failure["asked_at"]) == 1


async def test_a_source_is_marked_as_not_connected(tmp_path: Path) -> None:
    async with case(tmp_path, ScriptedSource("vehicle", fault=GONE)) as (service, id_, one, item):
        said = await settled(one, item, "not_connected")
        assert said["item"]["state"] == "decided"
        assert await state(service, id_) == ("failed", "not_configured")
        totals = (await service.shown(id_))["profile"]["totals"]
        assert totals["vehicles"]["max"] is None
        actions = [found["action"] for found in await one.items(kind="ask_source")]
        assert "source:vehicle:m1" not in actions


async def test_what_is_awaited_is_waited_for_no_longer(tmp_path: Path) -> None:
    vehicle = ScriptedSource("vehicle", answers_later=True, ready=False)
    async with case(tmp_path, vehicle) as (service, id_, one, item):
        failure = (await one.shown(item))["failure"]
        assert failure["state"] == "pending"
        assert failure["next_try"] is not None
        await settled(one, item, "carry_on")
        assert await state(service, id_) == ("failed", None)
        items = [found["action"] for found in await one.items(kind="ask_source")]
        assert "source:vehicle:m1" not in items


async def test_of_a_final_verification_nothing_is_asked_from_here(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten(ScriptedSource("vehicle", fault=GONE))) as service:
        assert (await service.post()).json()["status"] == "final"
        [one] = await reviewers(service, 1)
        item = (await one.items(kind="ask_source"))[0]["id"]
        refused = await one.says(item, "retry")
        assert refused.status_code == httpx.codes.CONFLICT
        assert "recheck" in refused.json()["title"]
