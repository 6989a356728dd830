"""A worker of batches in this process on scripted sources, and batches for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.api.schemas.verification import VerificationIn
from app.domain.household import Consent, VerificationRequest
from app.settings import Settings
from app.store.batch_households import sealed_household
from app.store.batch_units import UNIT_SIZE
from app.store.tables_batch import batch, batch_household, batch_unit
from app.wiring_batches import batch_worker
from app.wiring_stages import Stages
from tests.service_parts import NOON, ScriptedSource, a_body, connected

BATCH = "ba_1"


def a_request(case: str, **changes: Any) -> VerificationRequest:
    """As a roster names it: without day and document of the consent."""
    request = VerificationIn.model_validate(a_body(purpose="reverification")).to_domain()
    signed = request.consent
    consent = Consent(
        reference=f"SQ-{case}",
        signed_on=None,
        valid_until=signed.valid_until,
        document_sha256=None,
        signatories=signed.signatories,
    )
    return replace(request, **{"case_reference": case, "consent": consent, **changes})


def add_batch(
    tx: sa.Connection,
    built: Stages,
    requests: Sequence[VerificationRequest],
    *,
    id_: str = BATCH,
    status: str = "running",
) -> None:
    """A batch of these households, in units."""
    count = len(requests)
    tx.execute(
        batch.insert(),
        {
            "id": id_,
            "region": "220102",
            "client_id": "cl_1",
            "origin": "roster",
            "format": "csv",
            "purpose": "reverification",
            "as_of": NOON.date(),
            "status": status,
            "rows": count,
            "rejected_rows": 0,
            "households": count,
            "created_at": built.clock(),
            "started_at": built.clock(),
        },
    )
    households = [
        {
            "batch_id": id_,
            "position": position,
            "region": request.region,
            "case_reference": request.case_reference,
            "verification_id": verification_id(position, id_),
            "state": "todo",
            "sealed_request": sealed_household(built.cipher, id_, position, request),
        }
        for position, request in enumerate(requests, start=1)
    ]
    tx.execute(batch_household.insert(), households)
    units = [
        {
            "batch_id": id_,
            "number": number,
            "region": "220102",
            "first": first,
            "last": min(count, first + UNIT_SIZE - 1),
            "state": "todo",
        }
        for number, first in enumerate(range(1, count + 1, UNIT_SIZE), start=1)
    ]
    tx.execute(batch_unit.insert(), units)


def verification_id(position: int, batch_id: str = BATCH) -> str:
    return f"vf_{batch_id[3:]}{position:07d}"


@dataclass(frozen=True, slots=True)
class Working:
    """A running worker, and what its batch has come to."""

    built: Stages

    async def add(
        self,
        requests: Sequence[VerificationRequest],
        *,
        id_: str = BATCH,
        status: str = "running",
    ) -> None:
        await self.built.shelf.database.write(
            lambda tx: add_batch(tx, self.built, requests, id_=id_, status=status)
        )

    async def states(self) -> Mapping[str, int]:
        """How many households are in which state."""
        count = sa.select(batch_household.c.state, sa.func.count()).group_by(
            batch_household.c.state
        )
        rows = await self.built.shelf.database.read(lambda tx: tx.execute(count).all())
        return dict(list(rows))

    async def status(self, id_: str = BATCH) -> str:
        query = sa.select(batch.c.status).where(batch.c.id == id_)
        found: str = await self.built.shelf.database.read(lambda tx: tx.execute(query).scalar_one())
        return found

    async def set_status(self, status: str, id_: str = BATCH) -> None:
        change = batch.update().where(batch.c.id == id_).values(status=status)
        await self.built.shelf.database.write(lambda tx: tx.execute(change))

    async def becomes(self, wanted: str, id_: str = BATCH) -> None:
        async with asyncio.timeout(60):
            while await self.status(id_) != wanted:
                await asyncio.sleep(0.02)

    async def has(self, **wanted: int) -> None:
        """Until so many households are in these states."""
        async with asyncio.timeout(60):
            while dict(await self.states()) != wanted:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def working(
    folder: Path,
    sources: Sequence[ScriptedSource],
    *,
    database_url: str = "",
    name: str = "w1",
) -> AsyncIterator[Working]:
    """A worker with its loops running."""
    settings = Settings(data_dir=folder, worker=name, database_url=database_url)
    async with batch_worker(settings, sources=connected(sources)) as built:
        yield Working(built)
