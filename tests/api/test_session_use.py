"""What a session may be used for, from which pages, and when it is over (promise 19)."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from app.api.csrf import HEADER
from tests.access.test_role_matrix import GUARDED
from tests.looks.parts import Person as Reviewer
from tests.looks.parts import a_case, assigned, trail
from tests.service_parts import Running
from tests.staff_parts import (
    PASSWORD,
    Person,
    cookie_of,
    enrolled,
    headers_of,
    sent,
    session_of,
    signed_in,
    with_roles,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(19)]
OURS = "http://127.0.0.1:8000"
PURPOSE = {"Hedui-Purpose": "application"}
NEW = "fourteen blue kettles"


async def status(service: Running, headers: dict[str, str]) -> int:
    service.http.cookies.clear()
    return (await service.http.get("/v1/session", headers=headers)).status_code


async def test_fifteen_minutes_without_a_request_end_it(shared: Running) -> None:
    """Planted: `IDLE` of an hour: it went on."""
    headers = await signed_in(shared, "county_checker")
    for minutes in (14, 14, 14):
        shared.clock.forward(minutes=minutes)
        assert await status(shared, headers) == 200
    shared.clock.forward(minutes=15, seconds=1)
    assert await status(shared, headers) == 401


async def test_twelve_hours_end_it_at_any_rate(shared: Running) -> None:
    """Planted: `until_at` not looked at in `Sessions.check`: it went on."""
    headers = await signed_in(shared, "county_checker")
    for _ in range(51):
        shared.clock.forward(minutes=14)
        assert await status(shared, headers) == 200
    shared.clock.forward(minutes=6)
    assert await status(shared, headers) == 401


Ending = Callable[[Person, dict[str, str]], Awaitable[None]]


async def _signed_out(person: Person, headers: dict[str, str]) -> None:
    reply = await person.service.http.delete("/v1/session", headers=headers)
    assert reply.status_code == 204
    assert 'hedui=""' in reply.headers["set-cookie"]


async def _password_changed(person: Person, headers: dict[str, str]) -> None:
    body = {"password": PASSWORD, "new_password": NEW}
    reply = await sent(person.service, "/v1/session/password", body, **headers)
    assert reply.status_code == 204, reply.text
    assert (await person.sign_in(code=person.code(seconds=30))).status_code == 401
    again = await person.sign_in(code=person.code(seconds=30), password=NEW)
    assert again.status_code == 200


async def _disabled(person: Person, _headers: dict[str, str]) -> None:
    admin = await signed_in(person.service, "system_admin")
    path = f"/v1/staff/{person.id}/disable"
    assert (await person.service.http.post(path, headers=admin)).status_code == 200


async def _by_two(person: Person, path: str, body: dict[str, str], role: str) -> None:
    one, two = [await signed_in(person.service, role) for _ in range(2)]
    proposed = await person.service.http.post(
        f"/v1/staff/{person.id}/{path}", headers=one, json=body
    )
    assert proposed.status_code == 202, proposed.text
    agreeing = f"/v1/approvals/{proposed.json()['id']}/agree"
    assert (await person.service.http.post(agreeing, headers=two)).status_code == 200


async def _role_granted(person: Person, _headers: dict[str, str]) -> None:
    await _by_two(person, "roles", {"role": "county_reviewer"}, "security_admin")


async def _role_ended(person: Person, _headers: dict[str, str]) -> None:
    await _by_two(person, "roles/end", {"role": "county_checker"}, "security_admin")


async def _reset(person: Person, _headers: dict[str, str]) -> None:
    await _by_two(person, "reset", {}, "system_admin")


ENDINGS: dict[str, Ending] = {
    "signed out": _signed_out,
    "password changed": _password_changed,
    "disabled": _disabled,
    "a role granted": _role_granted,
    "a role ended": _role_ended,
    "reset": _reset,
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=[*ENDINGS])
async def test_what_ends_every_session(shared: Running, ending: Ending) -> None:
    """Also those on other machines.

    Planted: no `end_all` in `give_role`, `end_role`, `change_password`, no `end` at signing out:
    each its case; in `reset` and `disable` the account's state must be overlooked in
    `Sessions.check` as well.
    """
    person = await enrolled(shared, "county_checker")
    here = headers_of(shared, cookie_of(await person.sign_in()))
    shared.clock.forward(seconds=60)
    there = headers_of(shared, cookie_of(await person.sign_in()))
    assert (await status(shared, here), await status(shared, there)) == (200, 200)
    await ending(person, here)
    assert await status(shared, here) == 401
    if ending is not _signed_out:
        assert await status(shared, there) == 401


CHANGING = [route for route in GUARDED if not route.startswith("GET ")]
FORGED: dict[str, dict[str, str | None]] = {
    "no token": {HEADER: None},
    "another token": {HEADER: "0" * 64},
    "another site": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:8001"},
    "another scheme": {"Origin": "https://127.0.0.1:8000"},
    "a page without origin": {"Origin": "null"},
    "ours as a prefix": {"Origin": OURS + ".evil.example"},
    "said to be cross-site": {"Sec-Fetch-Site": "cross-site"},
    "said to be of a sister": {"Origin": None, "Sec-Fetch-Site": "same-site"},
    "typed in": {"Origin": None, "Sec-Fetch-Site": "none"},
    "from nowhere": {"Origin": None},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=[*FORGED])
async def test_no_other_page_changes_anything(
    shared: Running,
    changes: dict[str, str | None],
    record_property: Callable[[str, object], None],
) -> None:
    """Every changing route with a session; with a client's token no page is asked for.

    Planted: `check_request` left out of deps: all routes; Origin compared by `startswith`: that of
    the prefix; the token not looked at: the first two.
    """
    role = ("county_checker", "county_reviewer")
    asked = {**await signed_in(shared, *role), **changes}
    headers = {name: value for name, value in asked.items() if value is not None}
    for route in CHANGING:
        method, path = route.split(" ")
        reply = await shared.http.request(method, path, headers=headers, json={})
        assert reply.status_code == 403, route
        assert "X-CSRF-Token" in reply.text or "page" in reply.text, reply.text
    record_property("cases", len(CHANGING))


BEFORE = {name: changes for name, changes in FORGED.items() if HEADER not in changes}
"""There is no token before there is a session."""


@pytest.mark.parametrize("changes", BEFORE.values(), ids=[*BEFORE])
async def test_nobody_is_signed_in_from_another_page(
    shared: Running, changes: dict[str, str | None]
) -> None:
    """Planted: `from_our_pages` left out of the route: all."""
    headers = {"Origin": OURS, **changes}
    given = {"login": "somebody", "password": "x", "code": "1"}
    shared.http.cookies.clear()
    reply = await shared.http.post(
        "/v1/session",
        json=given,
        headers={name: value for name, value in headers.items() if value is not None},
    )
    assert reply.status_code == 403


async def test_reading_asks_for_no_token(shared: Running) -> None:
    """Planted: GET among the changing methods: it was refused."""
    headers = await signed_in(shared, "county_checker")
    assert await status(shared, {"Cookie": headers["Cookie"]}) == 200


async def test_our_own_page_may(shared: Running) -> None:
    """Planted: `same-site` wanted of Sec-Fetch-Site: it was refused."""
    headers = {**await signed_in(shared, "county_reviewer"), **PURPOSE}
    more = {"Sec-Fetch-Site": "same-origin"}
    path = "/v1/review-items/next"
    assert (await shared.http.post(path, headers={**headers, **more})).status_code == 200
    without = {name: value for name, value in headers.items() if name != "Origin"}
    assert (await shared.http.post(path, headers={**without, **more})).status_code == 200


async def test_a_clients_token_needs_no_page(shared: Running) -> None:
    """Planted: `check_request` for clients too: it was refused."""
    headers = await shared.client()
    reply = await shared.http.post("/v1/review-items/next", headers=headers)
    assert reply.status_code == 200


async def test_a_token_and_a_session_are_not_both_taken(shared: Running) -> None:
    """Planted: the token read where both are: it was let in."""
    headers = await signed_in(shared, "county_checker")
    reply = await shared.http.get(
        "/v1/statistics/outcomes", headers={**headers, **await shared.client()}
    )
    assert reply.status_code == 401


@pytest.mark.parametrize("value", ["", "x", "0" * 43, "\u00e9"])
async def test_a_made_up_session_is_none(shared: Running, value: str) -> None:
    """Planted: a session that is not found taken for one without roles: 200."""
    cookie = f"__Host-hedui={value}".encode()
    reply = await shared.http.get("/v1/session", headers={b"Cookie": cookie})
    assert reply.status_code == 401


async def test_who_looks_stands_under_the_own_id(shared: Running) -> None:
    """The trail names a member of staff by the id of the account.

    Planted: the region for `actor` in `Sessions.check`: the id was another.
    """
    account = await with_roles(shared, "county_reviewer")
    headers = {**await session_of(shared, account), **PURPOSE}
    id_, case = await a_case(shared)
    await assigned(shared, case, Reviewer(shared, account, headers))
    reply = await shared.http.get(f"/v1/verifications/{id_}", headers=headers)
    assert reply.status_code == httpx.codes.OK, reply.text
    (row,) = [row for row in await trail(shared) if row.actor == account.id]
    assert (row.object, row.region[:6]) == (id_, "220102")
    who = (await shared.http.get("/v1/session", headers=headers)).json()
    assert (who["staff_id"], who["roles"]) == (account.id, ["county_reviewer"])
