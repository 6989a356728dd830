"""Members of staff for tests: made in the store, with roles and a session, without any password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final

import httpx
import pyotp
import pytest
import sqlalchemy as sa

from app.access.sessions import Started, csrf_token
from app.api.csrf import HEADER
from app.store.staff import ACTIVE, Account, RoleHeld, StaffAccounts, StaffRoles
from app.wiring import new_id
from tests.postgresql import PostgresqlServer
from tests.service_parts import LEAST_MEMORY, Running, all_ten, running


def an_account(service: Running, **changes: Any) -> Account:
    """A member of staff of 220102 as stored, active, without a password."""
    id_ = new_id("st")
    now = service.clock()
    values: dict[str, Any] = {
        "id": id_,
        "login": id_.lower(),
        "region": "220102",
        "name": "张三",
        "state": ACTIVE,
        "created_at": now,
        "changed_at": now,
    }
    return Account(**{**values, **changes})


async def with_roles(
    service: Running, *roles: str, region: str = "220102", source: str = "property"
) -> Account:
    """A member of staff who has had these roles from now on; `source`: of a source's clerk."""
    account = an_account(service, region=region)

    def work(tx: sa.Connection) -> None:
        StaffAccounts(service.parts.cipher).add(tx, account)
        for role in roles:
            held = RoleHeld(
                staff_id=account.id,
                role=role,
                region=region,
                from_at=service.clock(),
                until_at=None,
                granted_by="operator",
                agreed_by="operator",
                source=source if role == "source_clerk" else None,
            )
            StaffRoles().grant(tx, held)

    await service.parts.shelf.database.write(work)
    return account


async def session_of(service: Running, account: Account) -> dict[str, str]:
    """A new session: the headers that a browser sends with it from our own page."""

    def work(tx: sa.Connection) -> Started:
        return service.parts.sessions.begin(tx, account)

    started = await service.parts.shelf.database.write(work)
    return headers_of(service, started.token)


async def signed_in(service: Running, *roles: str, region: str = "220102") -> dict[str, str]:
    """The headers of somebody new with these roles."""
    return await session_of(service, await with_roles(service, *roles, region=region))


def headers_of(service: Running, token: str) -> dict[str, str]:
    rule = service.parts.cookie
    return {
        "Cookie": f"{rule.name()}={token}",
        "Origin": rule.origin,
        HEADER: csrf_token(token),
    }


@dataclass
class Person:
    """Somebody with a password and a second factor, as the service has seen them made."""

    service: Running
    login: str
    id: str
    password: str
    secret: str

    def code(self, **by: float) -> str:
        """What the authenticator app shows now, or `by` so much later."""
        at = self.service.clock() + timedelta(**by)
        return pyotp.TOTP(self.secret).at(at)

    async def sign_in(self, at: Running | None = None, **changes: str) -> httpx.Response:
        given = {"login": self.login, "password": self.password, "code": self.code(), **changes}
        return await sent(at or self.service, "/v1/session", given)


async def sent(service: Running, path: str, body: dict[str, str], **headers: str) -> httpx.Response:
    """POST from our own page; cookies are only those given."""
    service.http.cookies.clear()
    asked = {"Origin": service.parts.cookie.origin, **headers}
    return await service.http.post(path, json=body, headers=asked)


async def enrolled(service: Running, *roles: str, region: str = "220102") -> Person:
    """Somebody new, taken into use through the interface."""
    account = await with_roles(service, *roles, region=region)
    token = await service.parts.shelf.database.write(
        lambda tx: service.parts.staffing.reset(tx, account.id)[0]
    )
    given = {"login": account.login, "token": token, "password": PASSWORD}
    reply = await sent(service, "/v1/session/enrolment", given)
    assert reply.status_code == httpx.codes.OK, reply.text
    return Person(service, account.login, account.id, PASSWORD, reply.json()["totp_secret"])


PASSWORD: Final = "eleven green kettles"


def cookie_of(reply: httpx.Response) -> str:
    """The session's cookie that the answer sets: its value."""
    cookies: SimpleCookie = SimpleCookie()
    for one in reply.headers.get_list("set-cookie"):
        cookies.load(one)
    return cookies["__Host-hedui"].value


@asynccontextmanager
async def running_on(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Running]:
    """A service on SQLite or PostgreSQL, by the fixture's parameter, for all tests of a module.

    Hashes take the least memory that the setting allows: the work is the same for all all the same.
    """
    url = ""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        name = f"staff_{folder.name}".lower()
        server.create(name)
        url = server.url(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDUI_PASSWORD_MEMORY", CHEAPER)
        async with running(folder, all_ten(), database_url=url) as service:
            patch.undo()  # read at the start alone
            yield service


CHEAPER: Final = str(LEAST_MEMORY)
"""KiB a hash."""
