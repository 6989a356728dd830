"""A worker that does units of 50 households of the plain client, handed to it by an engine.

`python -m tests.benchmarks.engine_worker ENGINE NAME FOLDER PORT DATABASE`, ENGINE `leased` (rows
of our own) or `dbos` (a durable queue). Asked by lines: `put FIRST UNITS`, `go`, `cpu`, `first`.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID

from app.store.batch_units import UNIT_SIZE, BatchUnits
from app.store.session import Database, connect, sqlite_engine
from tests.benchmarks.batches import Seeded
from tests.benchmarks.plain import Plain
from tests.benchmarks.processes import said, say
from tests.benchmarks.rows import rows_at
from tests.benchmarks.stub.configuration import AT_ONCE

AT_ONCE_UNITS: Final = 4
_LEASE: Final = timedelta(seconds=60)
_LOOK: Final = 0.05
_QUEUE: Final = "units"
Work = Callable[[int], Awaitable[None]]
"""Does the unit whose first household has this number."""


class Engine(Protocol):
    """Hands out units."""

    async def put(self, first: int, units: int) -> None: ...

    async def go(self) -> None:
        """Returns when nothing is left."""


class Leased:
    """Rows of the service's own tables, taken by lease; `asked` closes a unit."""

    def __init__(self, seeded: Seeded, database: Database, worker: str, work: Work) -> None:
        self._seeded = seeded
        self._database = database
        self._worker = worker
        self._work = work
        self._units = BatchUnits()

    async def begin(self) -> None:
        """What this worker held before its end is free."""
        await self._database.write(lambda tx: self._units.release_all(tx, worker=self._worker))

    async def put(self, first: int, units: int) -> None:
        numbers = range(first, first + units * UNIT_SIZE)
        batch_id = f"bt_{first}"
        await asyncio.to_thread(self._seeded.put, batch_id, numbers)
        self._seeded.start(batch_id, len(numbers))

    async def go(self) -> None:
        batches = await self._database.read(self._units.running)
        for batch_id in batches:
            await asyncio.gather(*(self._through(batch_id) for _ in range(AT_ONCE_UNITS)))

    async def _through(self, batch_id: str) -> None:
        while True:
            now = datetime.now(UTC)
            unit = await self._database.write(
                lambda tx, now=now: self._units.claim(  # type: ignore[misc]
                    tx, batch_id, worker=self._worker, now=now, until=now + _LEASE
                )
            )
            if unit is None:
                return
            await self._work(int(batch_id[3:]) + unit.first)
            await self._database.write(
                lambda tx, unit=unit: self._units.asked(tx, unit, datetime.now(UTC))  # type: ignore[misc]
            )


class Dbos:
    """A queue of durable workflows, one a unit."""

    def __init__(self, database: str, folder: Path, worker: str, work: Work) -> None:
        loop = asyncio.get_running_loop()
        config: DBOSConfig = {
            "name": "bench",
            "executor_id": worker,
            "application_version": "bench-1",
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        if database.startswith("sqlite"):
            url = sa.make_url(f"sqlite:///{folder / 'engine.sqlite3'}")
            config["system_database_url"] = url.render_as_string()
            config["system_database_engine"] = sqlite_engine(url)
        else:
            config["system_database_url"] = database
            config["use_listen_notify"] = True
        DBOS(config=config)

        async def unit(first: int) -> None:
            """Recovered workflows run on the engine's own loop; the client is the caller's."""
            future = asyncio.run_coroutine_threadsafe(_coroutine(work, first), loop)
            await asyncio.wrap_future(future)

        self._unit = DBOS.workflow(name="unit")(unit)
        DBOS.launch()

    async def begin(self) -> None:
        """The queue as it is to be worked on."""
        await DBOS.register_queue_async(
            _QUEUE, worker_concurrency=AT_ONCE_UNITS, polling_interval_sec=0.1
        )

    async def put(self, first: int, units: int) -> None:
        for place in range(units):
            at = first + place * UNIT_SIZE
            with SetWorkflowID(f"unit-{at}"):
                await DBOS.enqueue_workflow_async(_QUEUE, self._unit, at)

    async def go(self) -> None:
        while await DBOS.list_workflows_async(status=["ENQUEUED", "PENDING"], limit=1):
            await asyncio.sleep(_LOOK)

    def close(self) -> None:
        DBOS.destroy(destroy_registry=True)


async def _coroutine(work: Work, first: int) -> None:
    await work(first)


async def main(kind: str, name: str, folder: Path, port: int, database: str) -> None:
    """Works until the input ends."""
    firsts: list[float] = []
    async with AsyncExitStack() as closing:
        rows = await rows_at(database)
        closing.push_async_callback(rows.aclose)
        plain = Plain(f"http://127.0.0.1:{port}", AT_ONCE, folder / "fund.sqlite3", closing)

        async def work(first: int) -> None:
            firsts.append(time.time())
            await plain.unit(range(first, first + UNIT_SIZE), rows)

        engine: Engine
        if kind == "dbos":
            durable = Dbos(database, folder, name, work)
            closing.callback(durable.close)
            await durable.begin()
            engine = durable
        else:
            seeded = Seeded(folder / "data", database, folder / "sources.yaml")
            kept = connect(database)
            closing.push_async_callback(kept.aclose)
            leased = Leased(seeded, kept, name, work)
            await leased.begin()
            engine = leased
        say({"at": time.time()})
        while line := await said():
            say(await _answer(line.split(), engine, firsts))


async def _answer(words: list[str], engine: Engine, firsts: list[float]) -> Any:
    match words:
        case ["put", first, units]:
            await engine.put(int(first), int(units))
            return True
        case ["go"]:
            cpu, begun = time.process_time(), time.perf_counter()
            await engine.go()
            return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
        case ["first"]:
            return min(firsts, default=None)
        case _:
            raise ValueError(f"nothing is known of {words}")


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(given[0], given[1], Path(given[2]), int(given[3]), given[4]))
