"""Members of staff for tests: made in the store, with roles and a session, without any password."""

from typing import Any

import sqlalchemy as sa

from app.access.sessions import Started, csrf_token
from app.api.csrf import HEADER
from app.store.staff import ACTIVE, Account, RoleHeld, StaffAccounts, StaffRoles
from app.wiring import new_id
from tests.service_parts import Running


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


async def with_roles(service: Running, *roles: str, region: str = "220102") -> Account:
    """A member of staff who has had these roles from now on."""
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
