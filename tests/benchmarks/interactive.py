"""Single verifications, idle and while a batch runs, beside a bare and a naive client.

`python -m tests.benchmarks.interactive [--households 40] [--latency 0.1] [--rounds 3]`
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.bare import ViewReader, bare_client
from tests.benchmarks.batch import Place, place_of, working
from tests.benchmarks.batches import Stuck
from tests.benchmarks.households import Measured
from tests.benchmarks.load import Rounds, Verify, one_round, own_cpu, percentile
from tests.benchmarks.naive import Naive
from tests.benchmarks.processes import Child, child
from tests.benchmarks.stub.configuration import AT_ONCE, sources
from tests.benchmarks.stub.measured import measured
from tests.benchmarks.verification import Service, machine

_AT_ONCE_COUNTS: Final = (1, 8)
_NAIVE_HOUSEHOLDS: Final = 3
_BATCH: Final = 5_000
"""Households of the batch beside which single ones are measured: more than get done meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; latency of each source in seconds."""

    households: int
    latency: float
    rounds: int
    databases: tuple[str, ...] = ("sqlite", "postgresql")


Found = dict[tuple[str, str, int], Rounds]
"""By database, client or moment, and households at once."""


async def measure(plan: Plan, folder: Path, console: Console) -> None:
    """Prints what was measured."""
    console.print(machine())
    found: Found = defaultdict(Rounds)
    async with AsyncExitStack() as closing:
        stub = await closing.enter_async_context(child("tests.benchmarks.stub", str(plan.latency)))
        numbers = count(10_000_000)
        for name in plan.databases:
            place = closing.enter_context(place_of(name, folder / name, stub))
            service = await closing.enter_async_context(_service(place))
            await _beside(plan, place, service, (numbers, found))
        await _others(plan, folder, stub, (numbers, found))
    console.print(interactive_table(plan.latency, found))


async def _beside(plan: Plan, place: Place, service: Service, given: tuple[Any, Found]) -> None:
    """Idle first; then all the same while a worker is busy with a batch."""
    numbers, found = given
    await _rounds(plan, service.verify, service.cpu, (numbers, found, place), "idle")
    async with working(place, 1, ()):
        batch_id = "bt_beside"
        await asyncio.to_thread(place.seeded.put, batch_id, place.take(_BATCH))
        place.seeded.start(batch_id, _BATCH)
        with suppress(Stuck):
            await place.seeded.until(batch_id, ("done",), 1, within=60)
        await _rounds(plan, service.verify, service.cpu, (numbers, found, place), "during a batch")


async def _rounds(
    plan: Plan, verify: Verify, cpu: Any, given: tuple[Any, Found, Place], moment: str
) -> None:
    numbers, found, place = given
    url = f"http://127.0.0.1:{place.stub.ready['port']}"
    await one_round(_next(numbers, 8, url), verify, cpu, at_once=4, latency=0)
    for _ in range(plan.rounds):
        for at_once in _AT_ONCE_COUNTS:
            households = _next(numbers, plan.households, url)
            done = await one_round(households, verify, cpu, at_once=at_once, latency=plan.latency)
            found[place.name, moment, at_once].all.append(done)


def _next(numbers: Any, many: int, url: str) -> list[Measured]:
    return [measured(next(numbers), url) for _ in range(many)]


async def _others(plan: Plan, folder: Path, stub: Child, given: tuple[Any, Found]) -> None:
    numbers, found = given
    fund = folder / "fund.sqlite3"
    configured = sources(stub.ready["port"], fund, AT_ONCE)
    url = f"http://127.0.0.1:{stub.ready['port']}"
    view = ViewReader(fund)
    naive = Naive(folder, view)

    async def naively(household: Measured) -> None:
        await naive.verify(household.chains)

    async with bare_client(configured) as bare:

        async def barely(household: Measured) -> None:
            await bare.verify(household.chains)

        await one_round(_next(numbers, 8, url), barely, own_cpu, at_once=4, latency=0)
        for _ in range(plan.rounds):
            for at_once in _AT_ONCE_COUNTS:
                some = _next(numbers, plan.households, url)
                done = await one_round(some, barely, own_cpu, at_once=at_once, latency=plan.latency)
                found["none", "bare client", at_once].all.append(done)
            few = _next(numbers, _NAIVE_HOUSEHOLDS, url)
            done = await one_round(few, naively, own_cpu, at_once=1, latency=plan.latency)
            found["sqlite", "naive", 1].all.append(done)
    naive.close()
    view.close()


@asynccontextmanager
async def _service(place: Place) -> AsyncIterator[Service]:
    arguments = (str(place.folder), str(place.folder / "sources.yaml"), place.url)
    async with (
        child("tests.benchmarks.serving", *arguments) as process,
        aiohttp.ClientSession(process.ready["url"]) as http,
    ):
        service = Service(process, http)
        await service.log_in()
        yield service


def interactive_table(latency: float, found: Mapping[tuple[str, str, int], Rounds]) -> Table:
    """Milliseconds, and what is beyond the slowest source's own time."""
    table = Table(
        title=f"single verifications, six sources at {latency * 1000:g} ms; ms",
        caption="beyond: than the slowest source took (two calls of the household registry)",
    )
    for name in ("database", "when", "at once"):
        table.add_column(name)
    for name in ("p50", "p99", "p50 beyond", "p99 beyond", "CPU", "households/s"):
        table.add_column(name, justify="right")
    for (database, moment, at_once), rounds in sorted(found.items()):
        added = [each for one in rounds.all for each in one.added]
        times = (
            rounds.p50,
            rounds.p99,
            rounds.added,
            percentile(added, 0.99),
            rounds.cpu,
        )
        shown: Sequence[str] = [f"{each * 1000:.1f}" for each in times]
        table.add_row(database, moment, str(at_once), *shown, f"{rounds.rate:.2f}")
    return table


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a call")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", default="sqlite,postgresql")
    given = parser.parse_args()
    return Plan(given.households, given.latency, given.rounds, tuple(given.databases.split(",")))


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        asyncio.run(measure(_plan(), Path(folder), Console(width=120)))


if __name__ == "__main__":
    main()
