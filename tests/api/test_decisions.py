"""What-if over the interface: from stored evidence, nothing asked and nothing stored."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.api.schemas.decisions import WhatIfOut
from app.store.schema import metadata
from tests.programmes.drafts import A_DRAFT
from tests.review_parts import assert_shaped
from tests.service_parts import Running, a_body

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def a_final(service: Running) -> str:
    document = (await service.post()).json()
    assert document["status"] == "final"
    id_: str = document["id"]
    return id_


async def tried(service: Running, id_: str, body: Any, **headers: str) -> httpx.Response:
    return await service.http.post(
        f"/v1/verifications/{id_}/decisions", json=body, headers={**service.headers, **headers}
    )


async def test_the_same_programmes_give_what_was_decided(shared: Running) -> None:
    id_ = await a_final(shared)
    reply = await tried(shared, id_, {})
    assert reply.status_code == 200, reply.text
    assert reply.json()["decisions"] == (await shared.shown(id_))["decisions"]
    assert reply.json()["as_of"] == a_body()["as_of"]


async def test_other_programmes_with_tests_error_rates_and_benefit(shared: Running) -> None:
    id_ = await a_final(shared)
    answer = (await tried(shared, id_, {"programmes": ["dibao_edge", "medical_relief"]})).json()
    assert [one["programme"] for one in answer["decisions"]] == ["dibao_edge", "medical_relief"]
    for one in answer["decisions"]:
        assert one["tests"]
        assert 0 <= one["error_rate_interval"][0] <= one["error_rate"] <= 1
    assert "urban_dibao" in answer["also_confirmed_for"]
    assert "urban_dibao" not in answer["left_to_case_system"]
    assert set(answer["left_to_case_system"]) < set(answer["also_confirmed_for"])
    assert_shaped(WhatIfOut, answer)


async def test_a_draft_is_tried_out(shared: Running) -> None:
    id_ = await a_final(shared)
    answer = (await tried(shared, id_, {"standard": A_DRAFT})).json()
    [one] = answer["decisions"]
    assert (one["programme"], one["standard"][-6:]) == ("a_draft", "+draft")
    both = (
        await tried(shared, id_, {"standard": A_DRAFT, "programmes": ["urban_dibao", "a_draft"]})
    ).json()
    assert [one["programme"] for one in both["decisions"]] == ["urban_dibao", "a_draft"]
    # The draft is nobody else's.
    assert (await tried(shared, id_, {"programmes": ["a_draft"]})).status_code == 422


async def test_the_standards_of_another_day(shared: Running) -> None:
    id_ = await a_final(shared)
    answer = (await tried(shared, id_, {"as_of": "2025-06-01"})).json()
    assert answer["as_of"] == "2025-06-01"
    assert answer["decisions"][0]["tests"][0]["limit"] == "371.24"


@pytest.mark.parametrize(
    ("body", "pointer", "code", "said"),
    [
        ({"programmes": ["nothing"]}, "/programmes/0", "programme.unknown", "no such"),
        ({"programmes": []}, "/programmes", "too_short", "at least 1"),
        ({"as_of": "2026-11-25"}, "/as_of", "as_of.in_future", "not come yet"),
        ({"standard": "programme: ["}, "/standard", "standard.invalid", "draft.yaml:1:"),
        (
            {"standard": A_DRAFT.replace("homes_most", "homes_least")},
            "/standard",
            "standard.invalid",
            "draft.yaml:9:",
        ),
        ({"outcome": "confirmed"}, "/outcome", "extra_forbidden", "not permitted"),
    ],
    ids=["programme", "none", "day", "yaml", "draft", "field"],
)
async def test_what_cannot_be_tried(
    shared: Running, body: Any, pointer: str, code: str, said: str
) -> None:
    reply = await tried(shared, await a_final(shared), body)
    assert reply.status_code == 422
    [error] = reply.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert said in error["detail"]


async def test_no_standard_that_day(shared: Running) -> None:
    reply = await tried(shared, await a_final(shared), {"as_of": "2013-01-01"})
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:hedui:problem:no-standard-in-force"


async def test_whoever_may_read_may_try_and_nobody_else(shared: Running) -> None:
    id_ = await a_final(shared)
    for scope, status in (("read", 200), ("verify", 403), ("review", 403)):
        reply = await tried(shared, id_, {}, **await shared.client(scopes=(scope,)))
        assert reply.status_code == status
    stranger = await shared.client(region="220103")
    replies = [await tried(shared, one, {}, **stranger) for one in (id_, "vf_none")]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1


async def rows(service: Running) -> dict[str, list[Any]]:
    """All that the database holds, table by table, but for who is at work."""

    def read(tx: sa.Connection) -> dict[str, list[Any]]:
        found = {}
        for name, table in metadata.tables.items():
            columns = [one for one in table.c if not one.name.startswith("leased_")]
            found[name] = sorted(map(tuple, tx.execute(sa.select(*columns))), key=repr)
        return found

    return await service.parts.shelf.database.read(read)


async def test_nothing_is_asked_or_stored_but_the_look(shared: Running) -> None:
    id_ = await a_final(shared)
    before = await rows(shared)
    assert (await tried(shared, id_, {"standard": A_DRAFT})).status_code == 200
    after = await rows(shared)
    [look] = [one for one in after.pop("audit_entry") if one not in before["audit_entry"]]
    assert after.pop("audit_head") != before["audit_head"]
    assert {"decisions_tried", id_} <= set(look)
    assert after == {name: before[name] for name in after}
