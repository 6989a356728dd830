"""What the tests of the service's own parts share: a request, scripted sources, a service."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI

from app.access.clients import new_secret, secret_hash
from app.main import create_app
from app.settings import Settings
from app.store.clients import Client
from app.verification.errands import Patience
from app.wiring import Sources, new_id
from app.wiring_types import Parts
from connectors.contract import (
    Callback,
    CallbackRefused,
    Found,
    NoRecord,
    Outcome,
    Permit,
    Progress,
    Source,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.records import (
    AnyRecord,
    BankAccount,
    BankAccountKind,
    BankAccountState,
    RegisteredPerson,
    Relation,
    Subject,
)
from tests.new_databases import new_sqlite

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in China
REGION = "220102003"
UNLIMITED = ",".join(
    f"{name}=1000000/60"
    for name in ("verify", "batch", "write", "read", "token", "public", "address", "reconcile")
)
LEAST_MEMORY = 19456
"""KiB for one password hash: as little as the service takes."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(first: str) -> str:
    """A resident identity number from its first 17 digits (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


HEAD = number("22990119800307123")
SPOUSE = number("22990119820415222")
CHILD = number("22990120100608122")
SUPPORTER = number("22990119550203121")
NAMES = {"m1": "李明", "m2": "王芳", "m3": "李小雨", "s1": "李建国"}
NUMBERS = {"m1": HEAD, "m2": SPOUSE, "m3": CHILD, "s1": SUPPORTER}


def a_body(**changes: Any) -> dict[str, Any]:
    """The body of POST /v1/verifications, of a household of three and a supporter."""
    body = copy.deepcopy(_BODY)
    body.update(changes)
    return body


def _person(ref: str, relationship: str, **more: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "name": NAMES[ref],
        "id_type": "resident_id",
        "id_number": NUMBERS[ref],
        "relationship": relationship,
        **more,
    }


_BODY: dict[str, Any] = {
    "case_reference": "220102-2026-000123",
    "region": REGION,
    "purpose": "application",
    "as_of": "2026-11-24",
    "programmes": ["urban_dibao"],
    "consent": {
        "reference": "SQ-2026-000123",
        "signed_on": "2026-11-20",
        "valid_until": "2027-11-19",
        "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "signatories": ["m1", "m2"],
    },
    "household": {
        "address": "长春市南关区民康街道平阳街12号3栋2单元501室",
        "members": [
            _person("m1", "head"),
            _person("m2", "spouse"),
            _person("m3", "child", in_school=True),
        ],
        "supporters": [
            _person(
                "s1",
                "parent",
                supports=["m1"],
                household_size=2,
                declared_payment_monthly=None,
            )
        ],
    },
    "declared": {
        "income": [{"person": "m1", "kind": "wage", "monthly": "1200.00"}],
        "assets": [{"person": "m1", "kind": "deposit", "value": "3000.00"}],
        "expenses": [{"person": "m2", "kind": "medical", "yearly": "8000.00"}],
    },
}


def registered(ref: str, **changes: Any) -> RegisteredPerson:
    """The registry's row of one of the household."""
    values: dict[str, Any] = {
        "subjects": (Subject(name=NAMES[ref], id_number=NUMBERS[ref]),),
        "raw": {"xm": NAMES[ref], "gmsfhm": NUMBERS[ref]},
        "household_number": "220102009001",
        "relation": {"m1": Relation.HEAD, "m2": Relation.SPOUSE, "m3": Relation.CHILD}.get(ref),
        "agricultural": False,
        "marital_status": None,
        "ethnic_group": "01",
        "dead": False,
        "died_on": None,
        "moved_out": False,
    }
    return RegisteredPerson(**{**values, **changes})


def an_account(ref: str, balance: str, **changes: Any) -> BankAccount:
    """A current account at the bank icbc."""
    values: dict[str, Any] = {
        "subjects": (Subject(name=NAMES[ref], id_number=NUMBERS[ref]),),
        "raw": {"khmc": NAMES[ref], "zjhm": NUMBERS[ref], "ye": balance},
        "bank": "icbc",
        "account": f"62220000000{ref[1:]}1234567",
        "kind": BankAccountKind.CURRENT,
        "currency": "CNY",
        "balance": Decimal(balance),
        "balance_on": date(2026, 11, 23),
        "branch": None,
        "state": BankAccountState.NORMAL,
        "money_in": None,
        "money_out": None,
    }
    return BankAccount(**{**values, **changes})


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class ScriptedSource:
    """A source that says what it is told to say, and keeps a log of what reached it.

    `answers`: outcome by person, or by (person, institution); whoever is not named has no record.
    `later`: replies come by ticket, once `ready` is set.
    """

    name: str
    answers: Mapping[Any, Outcome] = field(default_factory=dict)
    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False
    ready: bool = True
    fault: Exception | None = None
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    queries: list[SourceQuery] = field(default_factory=list)
    polled: int = 0
    closed: bool = False

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        if self.gate is not None:
            await self.gate.wait()
        await permit()
        self.asked.append(tuple(person.ref for person in query.persons))
        self.queries.append(query)
        self.reached.set()
        if self.fault is not None:
            raise self.fault
        if self.answers_later:
            refs = tuple(person.ref for person in query.persons)
            return Progress(ticket=Ticket(query.reference, refs, timedelta(seconds=1)))
        return Progress(replies=self._replies(query))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        self.polled += 1
        if self.fault is not None:
            raise self.fault
        return Progress(replies=self._replies(query)) if self.ready else Progress(ticket=ticket)

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(
                person=person.ref,
                institution=institution,
                outcome=self.outcome(person.ref, institution),
                as_of=date(2026, 11, 23),
                raw=f"{self.name}/{person.ref}/{institution}".encode(),
            )
            for person in query.persons
            for institution in query.institutions or self.institutions
        )

    def outcome(self, ref: str, institution: str) -> Outcome:
        return self.answers.get((ref, institution)) or self.answers.get(ref) or NoRecord()

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class CallingSource(ScriptedSource):
    """A source that calls back: `{"reference": …}`, with the header `x-sign: right`."""

    def reference_of(self, callback: Callback) -> str:
        if callback.headers.get("x-sign") != "right":
            raise CallbackRefused("the signature is wrong")
        return str(json.loads(callback.body)["reference"])

    def receive(self, callback: Callback, ticket: Ticket, query: SourceQuery) -> Progress:
        return Progress(replies=self._replies(query))


def found(*records: AnyRecord) -> Found:
    return Found(records)


def registry() -> ScriptedSource:
    """The household registry, which holds the three of them in one household."""
    return ScriptedSource(
        "household_registry", {ref: found(registered(ref)) for ref in ("m1", "m2", "m3")}
    )


def at_once(*names: str) -> list[ScriptedSource]:
    """Sources that answer at once and hold nothing."""
    return [ScriptedSource(name) for name in names]


NINE = (
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
)


def all_ten(*others: ScriptedSource) -> list[ScriptedSource]:
    """All ten sources; those given stand in for their namesakes."""
    given = {source.name: source for source in others}
    wanted = {"household_registry": registry(), **{one.name: one for one in at_once(*NINE)}}
    return list({**wanted, **given}.values())


def connected(sources: Sequence[ScriptedSource], *, tries: int = 2) -> Sources:
    """As wiring takes them."""
    patience = Patience(deadline=timedelta(days=1), tries=tries)
    return (
        {source.name: cast("Source", source) for source in sources},
        {source.name: patience for source in sources},
    )


@dataclass
class Running:
    """A service in this process, spoken to as a case system does."""

    app: FastAPI
    parts: Parts
    http: httpx.AsyncClient
    clock: Clock
    headers: dict[str, str]

    async def client(
        self, region: str = "220102", scopes: tuple[str, ...] = ("verify", "read", "review")
    ) -> dict[str, str]:
        """A new client; gives its bearer header."""
        client_id, secret = new_id("cl"), new_secret()
        new = Client(
            client_id=client_id,
            name="test",
            region=region,
            scopes=scopes,
            secret_hash=secret_hash(secret),
            created_at=self.clock(),
        )
        await self.parts.shelf.database.write(lambda tx: self.parts.clients.add(tx, new))
        return {"Authorization": f"Bearer {self.parts.tokens.issue(new, scopes)}"}

    async def post(
        self, body: Any = None, *, key: str | None = None, wait: int = 20, **headers: str
    ) -> httpx.Response:
        """POST /v1/verifications; waits until it is final or somebody must decide."""
        sent = {**self.headers, "Idempotency-Key": key or new_id("ik"), **headers}
        if wait:
            sent["Prefer"] = f"wait={wait}"
        return await self.http.post("/v1/verifications", json=body or a_body(), headers=sent)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={**self.headers, **headers})

    async def shown(self, id_: str) -> dict[str, Any]:
        reply = await self.get(f"/v1/verifications/{id_}")
        assert reply.status_code == httpx.codes.OK, reply.text
        document: dict[str, Any] = reply.json()
        return document

    async def status_becomes(self, id_: str, *wanted: str) -> dict[str, Any]:
        """Waits on the service's own signal, not on the time."""
        async with asyncio.timeout(30):
            while (document := await self.shown(id_))["status"] not in wanted:
                await self.parts.verifier.wait_changed(id_, 0.05)
        return document


@asynccontextmanager
async def running(
    folder: Path,
    scripted: Sequence[ScriptedSource],
    /,
    *,
    clock: Clock | None = None,
    database_url: str = "",
    tries: int = 2,
    **more: Any,
) -> AsyncIterator[Running]:
    """The whole service over these sources, with a client that may do everything in 220102.

    `more` are settings. The clock stands, and so does the window in which calls are counted: they
    are as good as unlimited where no rates are given.
    """
    clock = clock or Clock()
    database_url = database_url or new_sqlite(folder)
    settings = Settings(
        **{
            "data_dir": folder,
            "database_url": database_url,
            "rates": UNLIMITED,
            "password_memory": LEAST_MEMORY,
            "source_figures_seconds": 0,
            **more,
        }
    )
    app = create_app(settings, clock, connected(scripted, tries=tries))
    async with AsyncExitStack() as closing:
        await closing.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url="http://hedui.test", timeout=60)
        await closing.enter_async_context(http)
        service = Running(app, app.state.parts, http, clock, {})
        service.headers = await service.client()
        yield service
