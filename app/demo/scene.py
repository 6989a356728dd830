"""Who works in the demo's office, and how each of them and the case system speak to the service."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import httpx
import orjson
import pyotp

from app.access.sessions import csrf_token
from app.api.csrf import HEADER
from app.demo.clock import PastClock
from app.demo.service import Refused, Running
from app.domain.instants import CHINA, china_day
from app.wiring import new_id
from connectors.sandbox.county import County

PASSWORD: Final = "eleven green kettles"  # noqa: S105 - printed with the sign-ins
CASE_SYSTEM: Final = "case system"
_LONGEST: Final = 55
_STEP: Final = timedelta(seconds=31)
"""A code is taken once: who signs in again does so this much later."""
_IDLE: Final = timedelta(minutes=10)
_SETTLED: Final = frozenset({"final", "in_review", "cancelled"})
_LOOK: Final = 0.2


@dataclass
class Person:
    """Somebody of the office."""

    login: str
    name: str
    roles: tuple[str, ...]
    region: str
    id: str = ""
    secret: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)
    seen_at: datetime | None = None

    def code(self, at: datetime) -> str:
        """What the authenticator app shows at that moment."""
        return pyotp.TOTP(self.secret).at(at)


@dataclass
class Case:
    """A household that was verified: what was asked, and the verification's newest document."""

    body: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def reference(self) -> str:
        return str(self.body["case_reference"])

    @property
    def region(self) -> str:
        return str(self.body["region"])


@dataclass
class Scene:
    """The running demo, its people by login, and the cases so far by their reference."""

    running: Running
    county: County
    clock: PastClock
    http: httpx.AsyncClient
    people: dict[str, Person] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    token: tuple[str, datetime] | None = None
    in_question: Sequence[int] = ()
    """Numbers of the households of whom registers keyed something wrongly."""

    pointed_at: dict[str, str] = field(default_factory=dict)
    """Ids of what is worth to be looked at, by a word for each."""

    @property
    def today(self) -> date:
        return china_day(self.clock())

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """That hour in China, so many days before the demo begins."""
        day = self.county.as_of - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute), CHINA)

    async def ask(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """What the interface answers to the case system or to somebody of the office.

        `more`: `purpose`, `params`, `files`, `headers`. Raises `Refused`.
        """
        headers = {**await self._signed(who), **more.pop("headers", {})}
        purpose = more.pop("purpose", None)
        if purpose is not None:
            headers["Hedui-Purpose"] = purpose
        if body is not None:
            more["content"] = orjson.dumps(body)
            headers["Content-Type"] = "application/json"
        reply = await self.http.request(method, path, headers=headers, **more)
        if reply.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused({**reply.json(), "path": path})
        is_json = reply.headers.get("content-type", "").startswith("application/json")
        return orjson.loads(reply.content) if is_json else reply.content or None

    async def settled(
        self, verification_id: str, states: Collection[str] = _SETTLED
    ) -> Mapping[str, Any]:
        """The verification's document once it is final or somebody must decide."""
        path = f"/v1/verifications/{verification_id}"
        async with asyncio.timeout(_LONGEST):
            while True:
                document: Mapping[str, Any] = await self.ask(CASE_SYSTEM, "GET", path)
                if document["status"] in states:
                    return document
                await asyncio.sleep(_LOOK)

    async def verify(self, body: Mapping[str, Any]) -> Case:
        """The household, verified until it is final or somebody must decide."""
        headers = {"Idempotency-Key": new_id("ik"), "Prefer": f"wait={_LONGEST}"}
        document = await self.ask(CASE_SYSTEM, "POST", "/v1/verifications", body, headers=headers)
        return Case(body, document)

    async def _signed(self, who: str) -> dict[str, str]:
        if who == CASE_SYSTEM:
            return await self._bearer()
        person = self.people[who]
        now = self.clock()
        if person.seen_at is None or now - person.seen_at > _IDLE:
            await self._sign_in(person)
        person.seen_at = self.clock()
        rule = self.running.parts.cookie
        return {
            "Cookie": f"{rule.name()}={person.cookie}",
            "Origin": rule.origin,
            HEADER: csrf_token(person.cookie),
        }

    async def _bearer(self) -> dict[str, str]:
        now = self.clock()
        if self.token is None or now - self.token[1] > _IDLE:
            self.token = await self.running.remote.token(self.http), now
        return {"Authorization": f"Bearer {self.token[0]}"}

    async def _sign_in(self, person: Person) -> None:
        if person.seen_at is not None:
            self.clock.move_to(person.seen_at + _STEP)
        given = {
            "login": person.login,
            "password": PASSWORD,
            "code": person.code(self.clock()),
        }
        reply = await self.send("/v1/session", given)
        person.cookie = str(self.http.cookies.get(self.running.parts.cookie.name()))
        self.http.cookies.clear()
        assert reply is not None  # noqa: S101 - it is answered with who signed in

    async def send(self, path: str, body: Mapping[str, str]) -> Any:
        """From our own page, by nobody who is signed in. Raises `Refused`."""
        self.http.cookies.clear()
        origin = {"Origin": self.running.parts.cookie.origin}
        reply = await self.http.post(path, json=body, headers=origin)
        if reply.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused({**reply.json(), "path": path})
        return reply.json()

    def at_work(self, role: str) -> Sequence[Person]:
        """Who has the role."""
        return [one for one in self.people.values() if role in one.roles]


@asynccontextmanager
async def opened(
    running: Running, county: County, clock: PastClock, in_question: Sequence[int] = ()
) -> AsyncIterator[Scene]:
    """The scene before anything has happened."""
    async with httpx.AsyncClient(base_url=running.url, timeout=90, trust_env=False) as http:
        yield Scene(running, county, clock, http, in_question=in_question)
