"""Unsure: a task says what would settle it, the value stays unknown, the round goes on."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.review_parts import Reviewer, a_doubtful_account, holding, reviewers
from tests.service_parts import Running, a_body, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHY = {"reason_code": "other", "reason": "two cards, one name"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    sources = holding(m1_bank=(a_doubtful_account("99000.00"),))
    async with running(tmp_path_factory.mktemp("aside"), sources) as one:
        yield one


async def _an_item(service: Running) -> tuple[str, list[Reviewer]]:
    """A new case's record in doubt, and reviewers."""
    body = a_body()
    body["case_reference"] = f"220102-2026-{id(body) % 10**6:06d}"
    service.headers = await service.client()
    made = await service.post(body)
    some = await reviewers(service)
    items = await some[0].records(todo="true")
    (item,) = [one["id"] for one in items if one["verification"] == made.json()["id"]]
    return item, some


async def _settles(reviewer: Reviewer, item: str) -> list[dict[str, object]]:
    return [one for one in await reviewer.items(todo="true") if one["settles"] == item]


async def _unsure(reviewer: Reviewer, item: str, settle: str) -> None:
    reply = await reviewer.post(f"/{item}/decisions", {"choice": "unsure", "settle": settle, **WHY})
    assert reply.status_code == 201, reply.text


async def test_it_waits_for_the_task_and_is_taken_up_again(service: Running) -> None:
    item, (one, two, _) = await _an_item(service)
    await _unsure(one, item, "document")
    (task,) = await _settles(two, item)
    assert (task["kind"], task["action"]) == ("ask_household", "household:document:m1")
    shown = await two.shown(item)
    assert shown["item"]["state"] == "asked"
    assert shown["now"]["decisions"][0]["outcome"] == "undetermined"
    assert (await two.says(str(task["id"]), "asked")).status_code == 201
    assert (await two.shown(item))["item"]["state"] == "asked"
    assert (await two.says(str(task["id"]), "obtained")).status_code == 201
    assert (await two.shown(item))["item"]["state"] == "open"


async def test_what_would_settle_it_must_be_said(service: Running) -> None:
    item, (one, *_) = await _an_item(service)
    reply = await one.post(f"/{item}/decisions", {"choice": "unsure", **WHY})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/settle"


async def test_undone_it_stands_as_before_and_the_task_is_gone(service: Running) -> None:
    item, (one, two, _) = await _an_item(service)
    before = (await one.shown(item))["item"]
    await _unsure(one, item, "source")
    desk = (await one.get("/desk")).json()
    assert (desk["undoable"]["item"], desk["done_today"]) == (item, 1)
    assert (await one.reverses(item, desk["undoable"]["version"])).status_code == 201
    assert (await one.shown(item))["item"] == before
    assert await _settles(two, item) == []
    assert (await one.get("/desk")).json()["undoable"] is None


async def test_a_first_word_stands_while_the_second_person_is_unsure(service: Running) -> None:
    """Nor does anybody see the first word for that."""
    item, (one, two, three) = await _an_item(service)
    assert (await one.says(item, "same_person")).json()["item"]["state"] == "awaiting_second"
    await _unsure(two, item, "phone_call")
    assert (await two.shown(item))["decisions"] == []
    assert (await three.shown(item))["decisions"] == []
    assert (await two.get(f"/{item}/pair")).json()["records"][0]["numbers"] is None
    (task,) = await _settles(three, item)
    assert (await three.says(str(task["id"]), "not_obtainable")).status_code == 201
    said = await two.says(item, "same_person")
    assert said.json()["decision"]["role"] == "second"
    assert said.json()["item"]["state"] == "decided"


async def test_decided_meanwhile_nobody_needs_the_answer(service: Running) -> None:
    item, (one, two, three) = await _an_item(service)
    await _unsure(one, item, "document")
    assert len(await _settles(two, item)) == 1
    await two.says(item, "another_person")
    assert await _settles(three, item) == []


async def test_a_word_on_what_has_changed_is_refused(service: Running) -> None:
    item, (one, two, _) = await _an_item(service)
    version = (await two.get(f"/{item}/pair")).json()["version"]
    assert version == (await two.shown(item))["version"]
    await one.says(item, "same_person")
    reply = await two.post(
        f"/{item}/decisions", {"choice": "same_person", "version": version, **WHY}
    )
    assert reply.status_code == 409
    assert "decided" in reply.json()["title"]
    again = (await two.get(f"/{item}/pair")).json()["version"]
    assert again.partition(".")[2] == version.partition(".")[2]
    reply = await two.post(f"/{item}/decisions", {"choice": "same_person", "version": again, **WHY})
    assert reply.status_code == 201


async def test_locks_are_let_go(service: Running) -> None:
    first, (one, two, _) = await _an_item(service)
    second, _ = await _an_item(service)
    await one.post(f"/{first}/lock")
    assert (await two.post(f"/{first}/lock")).status_code == 409
    await one.post(f"/{second}/lock", only="true")
    assert (await two.post(f"/{first}/lock")).status_code == 200
    reply = await service.http.delete(f"/v1/review-items/{second}/lock", headers=two.headers)
    assert reply.status_code == 204  # not theirs: nothing changes
    assert (await two.post(f"/{second}/lock")).status_code == 409
    await service.http.delete(f"/v1/review-items/{second}/lock", headers=one.headers)
    assert (await two.post(f"/{second}/lock")).status_code == 200
