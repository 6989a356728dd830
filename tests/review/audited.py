"""A service with many final decisions stored, for audits to be drawn from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.api.schemas.verification import VerificationIn
from app.domain.evidence import SourceState, SourceStatus
from app.domain.interval import Truth
from app.domain.profile import EMPTY_TOTALS
from app.store.crypto import FieldCipher
from app.store.facts import CaseFacts, DecisionFact, DecisionFacts
from app.store.packed_totals import Amounts
from app.store.tables_facts import decision_fact
from app.store.tasks import Tasks
from app.store.verifications import StoredVerification, Verifications
from tests.service_parts import NOON, Running, a_body

ASKED = (
    SourceStatus(source="bank", person="m1", state=SourceState.ANSWERED, complete=True, records=2),
    SourceStatus(source="bank", person="m2", state=SourceState.NO_RECORD, complete=True),
    SourceStatus(source="tax", person="m1", state=SourceState.ANSWERED, complete=True, records=1),
    SourceStatus(source="vehicle", person="m1", state=SourceState.FAILED, complete=False),
)
"""What came of asking, for every seeded verification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision to store; `paid` in yuan a month where something is paid."""

    id: str
    programme: str = "urban_dibao"
    region: str = "220102003"
    outcome: str = "confirmed"
    stopped: bool = False
    risk: float = 0.03
    paid: str | None = "300.00"
    household: str = ""  # the id of the decision of the same one, else a household of its own
    final_at: datetime = NOON - timedelta(hours=1)


def some_decisions(
    number: int, *, start: int = 0, regions: Iterable[str] = ("220102003", "220102004"), **more: Any
) -> list[Decided]:
    """So many, by turns in the regions, with risks from 1 % to 25 %."""
    places = tuple(regions)
    return [
        Decided(
            id=f"vf_{start + index:04d}",
            region=places[index % len(places)],
            risk=(0.01, 0.03, 0.08, 0.25)[index // len(places) % 4],
            **more,
        )
        for index in range(number)
    ]


def store(tx: sa.Connection, cipher: FieldCipher, decided: Iterable[Decided]) -> None:
    """The rows that final verifications leave: verification, source tasks, fact."""
    verifications, facts, tasks = Verifications(cipher), DecisionFacts(cipher), Tasks()
    for one in decided:
        body = a_body(case_reference=f"case-{one.id}", region=one.region)
        stored = StoredVerification(
            id=one.id,
            client_id="cl_case",
            status="final",
            request=VerificationIn.model_validate(body).to_domain(),
            requested_at=one.final_at,
            changed_at=one.final_at,
            final_at=one.final_at,
            recheck_of=None,
        )
        verifications.add(tx, stored)
        tasks.add(tx, one.id, one.region, ASKED)
        facts.put_many(tx, [_case(one)])
        if one.stopped:
            stopped = decision_fact.c.verification_id == one.id
            tx.execute(decision_fact.update().where(stopped).values(stopped=True))


def _case(one: Decided) -> CaseFacts:
    amounts = Amounts(
        totals=EMPTY_TOTALS,
        identity=Truth.YES,
        ethnic_group=1,
        minors=1,
        gap=None if one.paid is None else Decimal(one.paid),
        over=None,
        under=None,
    )
    fact = DecisionFact(
        programme=one.programme,
        standard=f"{one.programme}@2026-01-01/220102",
        outcome=one.outcome,
        favours=one.outcome,
        error_rate=one.risk,
        interval=(one.risk / 2, one.risk * 2),
        household_size=3,
        amounts=amounts,
    )
    return CaseFacts(
        verification_id=one.id,
        region=one.region,
        area="urban",
        purpose="application",
        as_of=one.final_at.date(),
        household_index=f"household of {one.household or one.id}".encode(),
        status="final",
        at=one.final_at,
        decisions=(fact,),
    )


async def seed(service: Running, decided: Iterable[Decided]) -> None:
    """Into the database of a running service."""
    parts, some = service.parts, list(decided)
    await parts.shelf.database.write(lambda tx: store(tx, parts.cipher, some))


def an_audit(**changes: Any) -> dict[str, Any]:
    """The body of POST /v1/audits."""
    body: dict[str, Any] = {
        "programmes": ["urban_dibao"],
        "region": "220102",
        "frame": {"final_from": "2026-11-01", "final_until": "2026-11-24"},
        "kinds": ["confirmed"],
        "size": 20,
        "seed": 11,
    }
    return {**body, **changes}


class Auditing:
    """A running service, spoken to by who draws audits and by who reads for them."""

    def __init__(self, service: Running, drawer: dict[str, str]) -> None:
        self.service = service
        self.drawer = drawer

    async def reader(self, region: str = "220102") -> dict[str, str]:
        return await self.service.client(region, ("review",))

    async def draw(self, status: int = 201, **changes: Any) -> Any:
        reply = await self.service.http.post(
            "/v1/audits", json=an_audit(**changes), headers=self.drawer
        )
        assert reply.status_code == status, reply.text
        return reply.json()

    async def seen(self, path: str, who: dict[str, str], status: int = 200) -> Any:
        reply = await self.service.http.get(f"/v1/audits{path}", headers=who)
        assert reply.status_code == status, reply.text
        return reply.json()

    async def worklist(self, id_: str, who: dict[str, str]) -> list[dict[str, Any]]:
        """All pages of it."""
        decisions, path = [], f"/{id_}/worklist?limit=7"
        while path:
            page = await self.seen(path, who)
            decisions += page["decisions"]
            path = (page["next"] or "").removeprefix("/v1/audits")
        return decisions

    async def find(
        self, id_: str, who: dict[str, str], of: str, status: int = 201, **finding: Any
    ) -> Any:
        body = {
            "verification_id": of,
            "programme": "urban_dibao",
            "true_outcome": "confirmed",
            **finding,
        }
        path = f"/v1/audits/{id_}/findings"
        reply = await self.service.http.post(path, json=body, headers=who)
        assert reply.status_code == status, reply.text
        return reply.json()

    async def results(self, id_: str) -> Any:
        return await self.seen(f"/{id_}/results", self.drawer)


async def auditing(service: Running, region: str = "220102") -> Auditing:
    return Auditing(service, await service.client(region, ("audit",)))
