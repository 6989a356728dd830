"""What the tests of looks share: cases, staff who look, and the trail as it stands."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from app.store.audit_entries import AuditEntries, AuditRow
from app.store.staff import Account
from app.wiring import new_id
from tests.service_parts import Running, a_body
from tests.staff_parts import session_of, with_roles

PURPOSE = "Hedui-Purpose"


@dataclass
class Person:
    """A member of staff with a session."""

    service: Running
    account: Account
    headers: dict[str, str]

    @property
    def id(self) -> str:
        return self.account.id

    async def get(self, path: str, purpose: str | None = "application") -> httpx.Response:
        return await self.service.http.get(path, headers=self._with(purpose))

    async def post(
        self, path: str, body: Any = None, purpose: str | None = "application", **headers: str
    ) -> httpx.Response:
        sent = self._with(purpose) | headers
        return await self.service.http.post(path, json=body, headers=sent)

    async def delete(self, path: str) -> httpx.Response:
        return await self.service.http.delete(path, headers=self.headers)

    def _with(self, purpose: str | None) -> dict[str, str]:
        return self.headers if purpose is None else {**self.headers, PURPOSE: purpose}


async def somebody(service: Running, *roles: str, region: str = "220102") -> Person:
    account = await with_roles(service, *roles, region=region)
    return Person(service, account, await session_of(service, account))


async def a_case(service: Running, body: dict[str, Any] | None = None) -> tuple[str, str]:
    """A verification of a case of its own: its id and the case's number."""
    body = body or a_body()
    body["case_reference"] = new_id("case")
    service.headers = await service.client()
    reply = await service.post(body)
    assert reply.status_code in (201, 202), reply.text
    return str(reply.json()["id"]), body["case_reference"]


async def assigned(service: Running, case: str, to: Person, **more: Any) -> str:
    """The case is that person's, by a reviewer's word; gives the assignment's id."""
    return await assigned_to(service, case, to.id, **more)


async def assigned_to(service: Running, case: str, staff_id: str, **more: Any) -> str:
    """The same by the id of the account."""
    reviewer = await somebody(service, "county_reviewer")
    reply = await reviewer.post(
        "/v1/assignments", {"case_reference": case, "staff": staff_id, **more}, None
    )
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def trail(service: Running) -> list[AuditRow]:
    return await service.parts.shelf.database.read(lambda tx: list(AuditEntries().all(tx)))


async def entries_of(service: Running, actor: str) -> list[tuple[str, str, dict[str, str]]]:
    """Action, object and details of what stands of an actor, in order."""
    return [
        (row.action, row.object, json.loads(row.details))
        for row in await trail(service)
        if row.actor == actor
    ]
