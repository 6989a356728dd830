"""Accounts and changes by two persons, over HTTP: who may, who must not, what is left behind."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.access.approvals import OPEN_FOR
from app.store.audit_entries import AuditEntries
from tests.access.test_role_matrix import document
from tests.openapi.documents import faults
from tests.service_parts import Running
from tests.staff_parts import (
    PASSWORD,
    enrolled,
    running_on,
    sent,
    session_of,
    signed_in,
    with_roles,
)

Body = dict[str, Any]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
async def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_on(request, tmp_path_factory.mktemp("staff")) as one:
        yield one


async def post(service: Running, path: str, who: Body, body: Any = None) -> httpx.Response:
    service.http.cookies.clear()
    return await service.http.post(path, headers=who, json=body or {})


async def get(service: Running, path: str, who: Body) -> Any:
    service.http.cookies.clear()
    reply = await service.http.get(path, headers=who)
    assert reply.status_code == 200, reply.text
    return reply.json()


def documented(name: str, answer: Any) -> None:
    assert faults(document(), {"$ref": f"#/components/schemas/{name}"}, answer) == []


async def proposed(service: Running, by: Body, whom: str, role: str) -> str:
    reply = await post(service, f"/v1/staff/{whom}/roles", by, {"role": role})
    assert reply.status_code == 202, reply.text
    documented("ApprovalOut", reply.json())
    return str(reply.json()["id"])


async def test_from_invitation_to_sign_in(service: Running) -> None:
    """An account is made, taken into use by its owner alone, and may do nothing yet."""
    service.clock.forward(hours=2)  # what other tests did wrong is forgotten
    admin = await signed_in(service, "system_admin")
    new = {"login": "Zhao.Liu", "region": "220102003", "name": "赵六", "address": None}
    made = await post(service, "/v1/staff", admin, new)
    assert made.status_code == 201, made.text
    documented("InvitedOut", made.json())
    token, id_ = made.json()["enrolment_token"], made.json()["staff"]["id"]
    assert (await post(service, "/v1/staff", admin, new)).status_code == 409
    given = {"login": "zhao.liu", "token": token, "password": PASSWORD}
    for wrong in ({"token": token[:-1] + "-"}, {"login": "nobody"}):
        assert (await sent(service, "/v1/session/enrolment", given | wrong)).status_code == 401
    weak = await sent(service, "/v1/session/enrolment", given | {"password": "zhao.liu-2026"})
    assert (weak.status_code, weak.json()["errors"][0]["pointer"]) == (422, "/password")
    taken = await sent(service, "/v1/session/enrolment", given)
    assert taken.status_code == 200
    assert taken.json()["totp_uri"].startswith("otpauth://totp/")
    assert (await sent(service, "/v1/session/enrolment", given)).status_code == 401
    page = await get(service, "/v1/staff", admin)
    documented("StaffPageOut", page)
    assert [one["state"] for one in page["staff"] if one["id"] == id_] == ["active"]
    assert token not in str(page)


async def test_an_enrolment_token_is_over_after_three_days(service: Running) -> None:
    admin = await signed_in(service, "system_admin")
    new = {"login": "late", "region": "220102", "name": "晚来"}
    token = (await post(service, "/v1/staff", admin, new)).json()["enrolment_token"]
    service.clock.forward(days=3)
    given = {"login": "late", "token": token, "password": PASSWORD}
    assert (await sent(service, "/v1/session/enrolment", given)).status_code == 401


async def test_a_role_takes_two_and_never_whom_it_concerns(service: Running) -> None:
    """Not the proposer, not the person, nobody of another region, no other role; and once."""
    first, second = [await with_roles(service, "security_admin") for _ in range(2)]
    one, two = [await session_of(service, who) for who in (first, second)]
    whom = await with_roles(service)
    id_ = await proposed(service, one, whom.id, "county_checker")
    agreeing = f"/v1/approvals/{id_}/agree"
    far = await signed_in(service, "security_admin", region="220104")
    unrelated = await signed_in(service, "system_admin")
    assert (await post(service, agreeing, one)).status_code == 403
    assert (await post(service, agreeing, far)).status_code == 404
    assert (await post(service, agreeing, unrelated)).status_code == 404
    assert (await post(service, agreeing, await session_of(service, whom))).status_code == 403
    held = await get(service, f"/v1/staff/{whom.id}", one)
    assert held["roles"] == []
    agreed = await post(service, agreeing, two)
    assert agreed.status_code == 200, agreed.text
    documented("AgreedOut", agreed.json())
    assert (await post(service, agreeing, two)).status_code == 409
    shown = await get(service, f"/v1/staff/{whom.id}", one)
    documented("StaffWholeOut", shown)
    (role,) = shown["history"]
    assert (role["granted_by"], role["agreed_by"]) == (first.id, second.id)
    mine = await post(service, f"/v1/staff/{first.id}/roles", one, {"role": "auditor"})
    assert mine.status_code == 403
    concerned = await proposed_against(service, two, first.id)
    assert (await post(service, f"/v1/approvals/{concerned}/agree", one)).status_code == 403
    assert (
        await post(service, f"/v1/approvals/{concerned}/refuse", one, {"reason": "no"})
    ).status_code == 403


async def proposed_against(service: Running, by: Body, whom: str) -> str:
    body = {"role": "security_admin"}
    reply = await post(service, f"/v1/staff/{whom}/roles/end", by, body)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["id"])


@pytest.mark.parametrize(
    ("held", "role"),
    [
        ("county_checker", "security_admin"),
        ("system_admin", "security_admin"),
        ("system_admin", "county_checker"),
        ("audit_admin", "auditor"),
        ("county_reviewer", "city_officer"),
        ("county_checker", "county_checker"),
    ],
)
async def test_roles_that_do_not_go_together_are_not_granted(
    service: Running, held: str, role: str
) -> None:
    one = await signed_in(service, "security_admin")
    whom = await with_roles(service, held)
    reply = await post(service, f"/v1/staff/{whom.id}/roles", one, {"role": role})
    assert reply.status_code == 409, reply.text


async def test_what_was_right_when_proposed_is_looked_at_again(service: Running) -> None:
    """Two proposals that do not go together: the second cannot be agreed to."""
    one, two = [await signed_in(service, "security_admin") for _ in range(2)]
    whom = await with_roles(service)
    first = await proposed(service, one, whom.id, "auditor")
    second = await proposed(service, one, whom.id, "county_checker")
    assert (await post(service, f"/v1/approvals/{first}/agree", two)).status_code == 200
    assert (await post(service, f"/v1/approvals/{second}/agree", two)).status_code == 409
    left = await get(service, "/v1/approvals?state=open", one)
    documented("ApprovalsOut", left)
    ids = [one["id"] for one in left["approvals"]]
    assert second in ids
    assert first not in ids


async def test_a_proposal_expires_and_can_be_refused_or_taken_back(service: Running) -> None:
    one, two = [await signed_in(service, "security_admin") for _ in range(2)]
    whom = await with_roles(service)
    id_ = await proposed(service, one, whom.id, "auditor")
    back = await post(service, f"/v1/approvals/{id_}/refuse", one, {"reason": "a mistake"})
    assert (back.json()["state"], back.json()["reason"]) == ("refused", "a mistake")
    assert (await post(service, f"/v1/approvals/{id_}/agree", two)).status_code == 409
    id_ = await proposed(service, one, whom.id, "auditor")
    service.clock.forward(days=OPEN_FOR.days)
    later = await signed_in(service, "security_admin")
    assert (await post(service, f"/v1/approvals/{id_}/agree", later)).status_code == 409


async def test_a_role_for_a_time_ends_by_itself(service: Running) -> None:
    one, two = [await signed_in(service, "security_admin") for _ in range(2)]
    whom = await with_roles(service)
    until = (service.clock() + timedelta(days=1)).isoformat()
    body = {"role": "auditor", "until": until}
    made = await post(service, f"/v1/staff/{whom.id}/roles", one, body)
    await post(service, f"/v1/approvals/{made.json()['id']}/agree", two)
    admin = await signed_in(service, "system_admin")
    assert (await get(service, f"/v1/staff/{whom.id}", admin))["roles"] == ["auditor"]
    service.clock.forward(days=1)
    admin = await signed_in(service, "system_admin")
    assert (await get(service, f"/v1/staff/{whom.id}", admin))["roles"] == []


async def test_a_reset_gives_a_token_to_whoever_agrees_and_nobody_else(service: Running) -> None:
    one, two = [await signed_in(service, "system_admin") for _ in range(2)]
    person = await enrolled(service)
    made = await post(service, f"/v1/staff/{person.id}/reset", one)
    assert "given" not in made.json()
    path = f"/v1/approvals/{made.json()['id']}"
    agreed = await post(service, f"{path}/agree", two)
    token = agreed.json()["given"]["enrolment_token"]
    assert token not in str(await get(service, path, one))
    assert (await person.sign_in()).status_code == 401
    given = {"login": person.login, "token": token, "password": PASSWORD}
    taken = await sent(service, "/v1/session/enrolment", given)
    person.secret = taken.json()["totp_secret"]
    assert (await person.sign_in()).status_code == 200


async def test_another_regions_staff_are_none(service: Running) -> None:
    """Byte by byte as an id that nobody has; and nobody is made outside one's own region."""
    admin = await signed_in(service, "system_admin", region="220102")
    far = await with_roles(service, region="220104")
    for path in ("", "/disable", "/reset"):
        send = service.http.get if path == "" else service.http.post
        replies = [
            await send(f"/v1/staff/{id_}{path}", headers=admin) for id_ in (far.id, "st_nobody")
        ]
        assert replies[0].content == replies[1].content
        assert {reply.status_code for reply in replies} == {404}
    new = {"login": "far.away", "region": "2201", "name": "远"}
    assert (await post(service, "/v1/staff", admin, new)).status_code == 403
    page = await get(service, "/v1/staff", admin)
    assert far.id not in str(page)


async def test_every_step_is_in_the_trail_without_any_person(service: Running) -> None:
    one, two = [await signed_in(service, "security_admin") for _ in range(2)]
    whom = await with_roles(service)
    id_ = await proposed(service, one, whom.id, "auditor")
    await post(service, f"/v1/approvals/{id_}/agree", two)
    person = await enrolled(service)
    await person.sign_in()
    await person.sign_in(password="wrong one entirely")
    rows = await service.parts.shelf.database.read(lambda tx: list(AuditEntries().all(tx)))
    actions = [row.action for row in rows]
    for action in (
        "change_proposed",
        "role_granted",
        "change_agreed",
        "account_taken_into_use",
        "signed_in",
        "sign_in_refused",
    ):
        assert action in actions, action
    text = str([(row.actor, row.object, row.details) for row in rows])
    assert "张三" not in text
    assert person.login not in text


@pytest.mark.parametrize("login", ["", "ab", ".hidden", "with blank", "x" * 65, "李明明", "a/b/c"])
async def test_a_login_that_is_none_is_refused(service: Running, login: str) -> None:
    admin = await signed_in(service, "system_admin")
    new = {"login": login, "region": "220102", "name": "某人"}
    assert (await post(service, "/v1/staff", admin, new)).status_code == 422
