"""A batch put straight into the database, and how far it has come, seen from outside."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.api.schemas.verification import VerificationIn
from app.domain.household import Purpose
from app.keys import master_key
from app.settings import Settings
from app.store.batch_rosters import BatchRosters, NewHousehold, Sums
from app.store.batches import Batches, NewBatch
from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine, upgrade
from tests.benchmarks.stub.people import REGION, application

_LOOK: Final = 0.1
_GROUP: Final = 500
ASKED: Final = ("waiting", "ready", "done")
ENDED: Final = ("done", "failed", "cancelled")


class Stuck(RuntimeError):  # noqa: N818 - says what it is
    """Nothing of a batch has moved for a long time."""


class Seeded:
    """A database with batches; `settings` are those of the workers as well."""

    def __init__(self, folder: Path, database: str, sources: Path) -> None:
        self.settings = Settings(
            data_dir=folder, database_url=database, sources=sources, batch_workers=0
        )
        folder.mkdir(parents=True, exist_ok=True)
        upgrade(self.settings.database)
        self._cipher = FieldCipher(master_key(self.settings))
        self._engine = sync_engine(self.settings.database)

    def put(self, batch_id: str, numbers: Sequence[int]) -> None:
        """The households as a roster's reading leaves them, not yet running."""
        rosters = BatchRosters(self._cipher)
        with self._begun() as tx:
            Batches(self._cipher).add(tx, _batch(batch_id), "paused")
            for at in range(0, len(numbers), _GROUP):
                some = numbers[at : at + _GROUP]
                rosters.add_households(
                    tx, batch_id, [_household(at + place, one) for place, one in enumerate(some)]
                )
            tx.commit()

    def start(self, batch_id: str, households: int) -> None:
        """From now on workers find its units."""
        sums = Sums(format="jsonl", rows=households * 3, rejected_rows=0, households=households)
        with self._begun() as tx:
            BatchRosters(self._cipher).start(tx, (batch_id, REGION), sums, datetime.now(UTC))
            tx.commit()

    def states(self, batch_id: str) -> dict[str, int]:
        """Households by state."""
        with self._begun() as tx:
            rows = tx.execute(
                sa.text(
                    "SELECT state, count(*) FROM batch_household WHERE batch_id = :of GROUP BY 1"
                ),
                {"of": batch_id},
            ).all()
        return {str(state): int(count) for state, count in rows}

    async def until(
        self, batch_id: str, wanted: Sequence[str], count: int, *, within: float
    ) -> float:
        """Seconds until so many households are in these states."""
        begun = moved = time.perf_counter()
        last: dict[str, int] = {}
        while True:
            states = await asyncio.to_thread(self.states, batch_id)
            if sum(states.get(one, 0) for one in wanted) >= count:
                return time.perf_counter() - begun
            if states != last:
                moved, last = time.perf_counter(), states
            elif time.perf_counter() - moved > within:
                raise Stuck(f"households of the batch: {states}")
            await asyncio.sleep(_LOOK)

    def _begun(self) -> sa.Connection:
        connection = self._engine.connect()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        return connection

    def close(self) -> None:
        self._engine.dispose()


def _batch(batch_id: str) -> NewBatch:
    now = datetime.now(UTC)
    return NewBatch(
        id=batch_id,
        region=REGION[:6],
        client_id="cl_bench",
        origin="roster",
        format="jsonl",
        purpose=Purpose.REVERIFICATION,
        as_of=now.date(),
        created_at=now,
    )


def _household(position: int, number: int) -> NewHousehold:
    body = application(number, purpose="reverification")
    return NewHousehold(position=position, request=VerificationIn.model_validate(body).to_domain())
