"""Signing in: what holds it up, what it never tells, and what it begins (promise 19)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from argon2 import PasswordHasher
from httpx import ASGITransport

from app.access.lock_out import delay
from app.access.passwords import Passwords
from app.access.sign_in import Credentials, SignIn
from app.domain.errors import NotAuthenticated
from app.store.sign_in_failures import SignInFailures
from app.store.staff import StaffAccounts
from app.store.tables_staff import sign_in_failure, staff
from tests.service_parts import Running, all_ten, running
from tests.staff_parts import (
    CHEAPER,
    Person,
    cookie_of,
    enrolled,
    headers_of,
    running_on,
    sent,
    signed_in,
)

pytestmark = [pytest.mark.promise(19), pytest.mark.asyncio(loop_scope="module")]
WRONG = "twelve green kettles"


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
async def running_one(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_on(request, tmp_path_factory.mktemp("sign_in")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def service(running_one: Running) -> Running:
    """One for all tests of a database; no address has done anything wrong yet."""
    await _forget_addresses(running_one)
    return running_one


async def wrong(person: Person, times: int, service: Running | None = None) -> None:
    for _ in range(times):
        assert (await person.sign_in(service, password=WRONG)).status_code == 401


async def test_after_five_wrong_ones_the_right_password_is_not_heard(service: Running) -> None:
    """Until the delay is over; then it is, and the count begins anew.

    Planted: `heard` not looked at in `SignIn.begin`: the sixth was let in.
    """
    person = await enrolled(service)
    await wrong(person, 5)
    assert (await person.sign_in()).status_code == 401
    service.clock.forward(seconds=59)
    assert (await person.sign_in()).status_code == 401
    service.clock.forward(seconds=2)
    assert (await person.sign_in()).status_code == 200
    await _forget_addresses(service)
    service.clock.forward(minutes=1)
    await wrong(person, 4)
    service.clock.forward(minutes=1)
    assert (await person.sign_in()).status_code == 200


async def _forget_addresses(service: Running) -> None:
    """What one address did wrong, for tests of what one account did."""
    forgetting = sign_in_failure.delete().where(sign_in_failure.c.kind == "address")
    await service.parts.shelf.database.write(lambda tx: tx.execute(forgetting))


async def test_each_further_wrong_one_doubles_the_delay(service: Running) -> None:
    """Planted: a delay of a minute whatever the count: the second one was over too soon."""
    person = await enrolled(service)
    await wrong(person, 5)
    for minutes in (1, 2, 4):
        service.clock.forward(seconds=minutes * 60 - 1)
        assert (await person.sign_in()).status_code == 401
        service.clock.forward(seconds=1)
        await wrong(person, 1)


async def test_the_delay_grows_to_an_hour() -> None:
    """Planted: as above."""
    minutes = [int(delay(count) / timedelta(minutes=1)) for count in range(4, 13)]
    assert minutes == [0, 1, 2, 4, 8, 16, 32, 60, 60]


async def test_an_address_is_not_heard_either(service: Running) -> None:
    """Five wrong ones of five logins, known or not; then nobody from there.

    Planted: only the account in `Attempt.both`: the next one was let in.
    """
    person = await enrolled(service)
    for number in range(5):
        reply = await person.sign_in(login=f"somebody-{number}")
        assert reply.status_code == 401
    assert (await person.sign_in()).status_code == 401
    elsewhere = ASGITransport(app=service.app, client=("10.9.8.7", 4242))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://hedui.test") as http:
        there = Running(service.app, service.parts, http, service.clock, {})
        assert (await person.sign_in(there)).status_code == 200


async def test_a_right_sign_in_does_not_wash_an_address_clean(service: Running) -> None:
    """Or whoever has an account could try out others' passwords for ever.

    Planted: `forget` for the address as well in `LockOut.right`: the last was let in.
    """
    person, other = await enrolled(service), await enrolled(service)
    await wrong(other, 4)
    assert (await person.sign_in()).status_code == 200
    await wrong(other, 1)
    service.clock.forward(seconds=30)
    assert (await person.sign_in()).status_code == 401


async def test_two_services_on_one_database_count_together(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three wrong ones at one and two at the other; and a restart resets nothing.

    Planted: counts kept in `LockOut` in memory: both let the sixth in.
    """
    monkeypatch.setenv("HEDUI_PASSWORD_MEMORY", CHEAPER)
    async with running(tmp_path, all_ten(), database_url=database_url) as one:
        person = await enrolled(one)
        async with running(tmp_path, all_ten(), database_url=database_url) as two:
            await wrong(person, 3, one)
            await wrong(person, 2, two)
            assert (await person.sign_in(one)).status_code == 401
            assert (await person.sign_in(two)).status_code == 401
    async with running(tmp_path, all_ten(), database_url=database_url) as again:
        assert (await person.sign_in(again)).status_code == 401
        again.clock.forward(minutes=1)
        person.service = again
        assert (await person.sign_in(again)).status_code == 200


async def test_many_at_once_are_counted_one_by_one(service: Running) -> None:
    """Of twenty guesses at the same moment five are looked at, and no more.

    Planted: counted after the password was looked at: twenty were.
    """
    person = await enrolled(service)
    guesses = [person.sign_in(password=f"{WRONG} {number}") for number in range(20)]
    assert {reply.status_code for reply in await asyncio.gather(*guesses)} == {401}
    tried = service.parts.sign_in.lock_out.attempt(person.login, "").account
    found = await service.parts.shelf.database.write(
        lambda tx: SignInFailures().current(tx, tried, service.clock())
    )
    assert found.count == 5


Cause = Callable[[Person], Awaitable[dict[str, str]]]


async def _nothing(_: Person) -> dict[str, str]:
    return {"password": WRONG}


async def _unknown(_: Person) -> dict[str, str]:
    return {"login": "nobody-at-all"}


async def _wrong_code(person: Person) -> dict[str, str]:
    return {"code": person.code(minutes=5)}


async def _used_code(person: Person) -> dict[str, str]:
    assert (await person.sign_in()).status_code == 200
    return {}


async def _locked(person: Person) -> dict[str, str]:
    await wrong(person, 5)
    return {}


async def _disabled(person: Person) -> dict[str, str]:
    headers = await signed_in(person.service, "system_admin")
    path = f"/v1/staff/{person.id}/disable"
    assert (await person.service.http.post(path, headers=headers)).status_code == 200
    return {}


async def _reset(person: Person) -> dict[str, str]:
    staffing = person.service.parts.staffing
    await person.service.parts.shelf.database.write(lambda tx: staffing.reset(tx, person.id))
    return {}


CAUSES: dict[str, Cause] = {
    "wrong password": _nothing,
    "unknown login": _unknown,
    "wrong code": _wrong_code,
    "used code": _used_code,
    "locked": _locked,
    "disabled": _disabled,
    "waiting to be taken into use": _reset,
}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=[*CAUSES])
async def test_every_refusal_is_the_same(service: Running, cause: Cause) -> None:
    """Byte by byte, headers too.

    Planted: "no such login" where there is no account: the unknown login's was another.
    """
    person = await enrolled(service)
    changes = await cause(person)
    reply = await person.sign_in(None, **changes)
    assert reply.status_code == 401
    assert reply.json() == {
        "type": "urn:hedui:problem:not-authenticated",
        "title": "login, password or code is wrong, or nobody is heard for a while",
        "status": 401,
    }
    plain = await enrolled(service)
    await _forget_addresses(service)
    usual = await plain.sign_in(password=WRONG)
    assert (reply.content, _headers(reply)) == (usual.content, _headers(usual))


def _headers(reply: httpx.Response) -> list[tuple[str, str]]:
    """Without the time, and without how many calls the address has left, whatever they ask."""
    return sorted(one for one in reply.headers.items() if one[0] not in ("date", "ratelimit"))


class Counting(PasswordHasher):
    """Counts how often a password is held against a hash."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 - its name
        self.verified += 1
        return super().verify(hash, password)


@pytest.mark.parametrize("cause", CAUSES.values(), ids=[*CAUSES])
async def test_every_refusal_takes_the_same_work(service: Running, cause: Cause) -> None:
    """One password is held against one hash of the same parameters, whatever is wrong.

    Planted: `matches` gives False at once where there is no hash: none was for the unknown login.
    """
    person = await enrolled(service)
    changes = await cause(person)
    hasher = Counting(memory_cost=int(CHEAPER))
    plain = service.parts.sign_in
    counted = SignIn(
        database=plain.database,
        accounts=plain.accounts,
        sessions=plain.sessions,
        lock_out=plain.lock_out,
        passwords=Passwords(hasher),
        trail=plain.trail,
        now=plain.now,
    )
    given = {"login": person.login, "password": person.password, "code": person.code(), **changes}
    with pytest.raises(NotAuthenticated):
        await counted.begin(Credentials(**given, address="127.0.0.1"))
    counted.passwords.close()
    assert hasher.verified == 1


@pytest.mark.parametrize(
    ("seconds", "status"), [(-60, 401), (-30, 200), (0, 200), (30, 200), (60, 401)]
)
async def test_a_code_holds_a_step_before_and_after(
    service: Running, seconds: int, status: int
) -> None:
    """Planted: two steps on each side: the first and the last were let in."""
    person = await enrolled(service)
    assert (await person.sign_in(code=person.code(seconds=seconds))).status_code == status


async def test_a_code_is_taken_once(service: Running) -> None:
    """Nor an earlier one afterwards; of two at once with one code, one is let in.

    Planted: `take_step` always True: the second was let in.
    """
    person = await enrolled(service)
    both = await asyncio.gather(person.sign_in(), person.sign_in())
    assert sorted(reply.status_code for reply in both) == [200, 401]
    assert (await person.sign_in(code=person.code(seconds=-30))).status_code == 401
    service.clock.forward(seconds=30)
    assert (await person.sign_in()).status_code == 200


async def test_signing_in_gives_a_new_session_and_ends_the_old_one(service: Running) -> None:
    """A value that was planted in the browser is never taken up.

    Planted: the session of the cookie kept where there was one: the second value was the first.
    """
    person = await enrolled(service)
    first = cookie_of(await person.sign_in())
    service.clock.forward(seconds=30)
    given = {"login": person.login, "password": person.password, "code": person.code()}
    reply = await sent(service, "/v1/session", given, Cookie=f"__Host-hedui={first}")
    second = cookie_of(reply)
    assert second != first
    seen = [
        (await service.http.get("/v1/session", headers=headers_of(service, token))).status_code
        for token in (first, second)
    ]
    assert seen == [401, 200]


async def test_the_cookie_is_for_us_alone(service: Running) -> None:
    """Planted: `httponly` left out: it was missing."""
    person = await enrolled(service)
    cookies = SimpleCookie((await person.sign_in()).headers["set-cookie"])
    (name,) = cookies
    morsel = cookies[name]
    assert name == "__Host-hedui"
    assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, True, "strict")
    assert (morsel["path"], morsel["domain"]) == ("/", "")
    stored: bytes = await service.parts.shelf.database.read(_all_bytes)
    assert morsel.value.encode() not in stored


def _all_bytes(tx: sa.Connection) -> bytes:
    rows = tx.execute(sa.text("SELECT * FROM staff_session")).all()
    return b"|".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for r in rows for v in r)


async def test_a_hash_of_older_parameters_is_made_anew(service: Running) -> None:
    """Planted: `is_outdated` always False: the old one stayed."""
    person = await enrolled(service)
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(person.password)
    now_made = PasswordHasher(memory_cost=int(CHEAPER))
    accounts = StaffAccounts(service.parts.cipher)
    await service.parts.shelf.database.write(
        lambda tx: accounts.change(tx, person.id, now=service.clock(), password_hash=old)
    )
    assert (await person.sign_in()).status_code == 200
    now = sa.select(staff.c.password_hash).where(staff.c.id == person.id)
    stored: str = await service.parts.shelf.database.read(lambda tx: tx.execute(now).scalar_one())
    assert stored != old
    assert not now_made.check_needs_rehash(stored)
    service.clock.forward(seconds=30)
    assert (await person.sign_in()).status_code == 200
