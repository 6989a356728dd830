"""Subscriptions as a case system makes them: its own households, its own list, and their end."""

from typing import Any

import httpx
import pytest

from tests.service_parts import Running, a_body

pytestmark = pytest.mark.asyncio(loop_scope="module")
CASE = a_body()["case_reference"]
URL = "https://case.example/told"


async def verified(service: Running) -> str:
    reply = await service.post()
    assert reply.status_code == 201, reply.text
    id_: str = reply.json()["id"]
    return id_


async def subscribe(
    service: Running, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    wanted = {"case_reference": CASE, "callback_url": URL, **body}
    sent = {name: value for name, value in wanted.items() if value is not None}
    return await service.http.post(
        "/v1/subscriptions", json=sent, headers=headers or service.headers
    )


@pytest.mark.parametrize("by_verification", [True, False])
async def test_a_household_is_subscribed_to_listed_and_ended(
    shared: Running, *, by_verification: bool
) -> None:
    id_ = await verified(shared)
    who = await shared.client()
    named = {"case_reference": None, "verification": id_} if by_verification else {}
    made = await subscribe(shared, who, **named)
    assert made.status_code == 201, made.text
    document = made.json()
    assert document["case_reference"] == CASE
    assert document["events"] == ["alert.raised", "household.changed"]
    assert (await subscribe(shared, who, **named)).json()["id"] == document["id"]
    listed = await shared.http.get("/v1/subscriptions", headers=who)
    assert listed.json() == {"subscriptions": [document]}
    other = await shared.client()
    assert (await shared.http.get("/v1/subscriptions", headers=other)).json() == {
        "subscriptions": []
    }
    path = f"/v1/subscriptions/{document['id']}"
    assert (await shared.http.delete(path, headers=other)).status_code == 404
    assert (await shared.http.delete(path, headers=who)).status_code == 204
    assert (await shared.http.delete(path, headers=who)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"case_reference": "nobody's"}, 404),
        ({"case_reference": None, "verification": "vf_none"}, 404),
        ({"verification": "vf_1"}, 422),
        ({"case_reference": None}, 422),
        ({"callback_url": "file:///etc/passwd"}, 422),
        ({"events": []}, 422),
        ({"events": ["verification.status_changed"]}, 422),
        ({"nickname": "x"}, 422),
    ],
)
async def test_what_cannot_be_subscribed_to(
    shared: Running, body: dict[str, Any], status: int
) -> None:
    assert (await subscribe(shared, **body)).status_code == status


async def test_another_region_knows_no_such_household(shared: Running) -> None:
    await verified(shared)
    elsewhere = await shared.client(region="220103")
    none = await subscribe(shared, elsewhere, case_reference="nobody's")
    theirs = await subscribe(shared, elsewhere)
    assert theirs.status_code == none.status_code == 404
    assert theirs.json() == none.json()


async def test_it_needs_the_scope(shared: Running) -> None:
    who = await shared.client(scopes=("review",))
    assert (await subscribe(shared, who)).status_code == 403
