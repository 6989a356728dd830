"""One large batch on PostgreSQL, run through once: time, memory, database size a household.

`python -m tests.benchmarks.large [--households 100000] [--workers 2] [--latency 0.02]`
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from app.store.migrate import sync_engine
from tests.benchmarks.batch import Place, place_of, working
from tests.benchmarks.batches import ENDED
from tests.benchmarks.cpu import peak_memory, tree_cpu
from tests.benchmarks.processes import child
from tests.benchmarks.verification import machine

_TOLD_EVERY: Final = 60.0
_LOOK: Final = 2.0
_BATCH: Final = "bt_large"
_SIZES = sa.text(
    "SELECT relname, pg_total_relation_size(oid) AS size FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC"
)


@dataclass(frozen=True, slots=True)
class Plan:
    households: int
    workers: int
    latency: float


async def run(plan: Plan, folder: Path, console: Console) -> None:
    """Prints what was measured."""
    console.print(machine())
    async with child("tests.benchmarks.stub", str(plan.latency)) as stub:
        with place_of("postgresql", folder, stub) as place:
            console.print(f"seeding {plan.households} households of three …")
            await asyncio.to_thread(place.seeded.put, _BATCH, place.take(plan.households))
            before = await asyncio.to_thread(_sizes, place)
            async with working(place, plan.workers, ()) as running:
                pids = [one.pid for one in running]
                used = sum(map(tree_cpu, pids)), place.server_cpu()
                place.seeded.start(_BATCH, plan.households)
                seconds = await _through(plan, place, console)
                cpu = sum(map(tree_cpu, pids)) - used[0]
                server = place.server_cpu() - used[1]
                memory = max(map(peak_memory, pids))
            after = await asyncio.to_thread(_sizes, place)
    many = plan.households
    console.print(
        f"{many} households in {seconds:.0f} s: {many / seconds:.1f} a second; CPU a household: "
        f"workers {cpu / many * 1000:.1f} ms, database {server / many * 1000:.1f} ms; "
        f"largest worker {memory / 2**20:.0f} MB"
    )
    console.print(_table(before, after, many))


async def _through(plan: Plan, place: Place, console: Console) -> float:
    """Seconds until all have ended; tells now and then how far it is."""
    begun = told = time.perf_counter()
    while True:
        states = await asyncio.to_thread(place.seeded.states, _BATCH)
        now = time.perf_counter()
        if sum(states.get(one, 0) for one in ENDED) >= plan.households:
            console.print(f"{states}")
            return now - begun
        if now - told > _TOLD_EVERY:
            told = now
            console.print(f"{now - begun:.0f} s: {states}")
        await asyncio.sleep(_LOOK)


def _sizes(place: Place) -> dict[str, int]:
    engine = sync_engine(place.url)
    with engine.connect() as tx:
        sizes = {row.relname: int(row.size) for row in tx.execute(_SIZES)}
    engine.dispose()
    return sizes


def _table(before: dict[str, int], after: dict[str, int], many: int) -> Table:
    table = Table("table", "bytes a household", title="grown by")
    grown = {name: size - before.get(name, 0) for name, size in after.items()}
    for name, size in sorted(grown.items(), key=lambda one: -one[1]):
        if size > many:  # a byte a household
            table.add_row(name, f"{size / many:,.0f}")
    table.add_row("all", f"{sum(grown.values()) / many:,.0f}")
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds a call")
    given = parser.parse_args()
    plan = Plan(given.households, given.workers, given.latency)
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        asyncio.run(run(plan, Path(folder), Console(width=110)))


if __name__ == "__main__":
    main()
