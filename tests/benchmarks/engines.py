"""Units of 50 households handed out by a DBOS queue, and by rows of our own with leases.

`python -m tests.benchmarks.engines [--units 20] [--rounds 3]`: households a second, CPU a unit, and
how long the units of a killed worker lie until the worker that is started at once takes them up.
"""

import argparse
import asyncio
import os
import signal
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from app.store.batch_units import UNIT_SIZE
from tests.benchmarks.batch import Place, place_of
from tests.benchmarks.engine_worker import AT_ONCE_UNITS
from tests.benchmarks.processes import Child, ChildEnded, child
from tests.benchmarks.verification import machine

_ENGINES: Final = ("leased", "dbos")
_NUMBERS: Final = count(20_000_000, 100_000)
_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: households a second, CPU of a unit (worker, database server), seconds to recover."""

    rate: float
    cpu: float
    server_cpu: float
    recovered: float


async def measure(units: int, rounds: int, folder: Path, console: Console) -> None:
    """Prints what was measured."""
    console.print(machine())
    found: dict[tuple[str, str], list[Ran]] = defaultdict(list)
    async with AsyncExitStack() as closing:
        stub = await closing.enter_async_context(child("tests.benchmarks.stub", "0.02"))
        places = [
            closing.enter_context(place_of(name, folder / name, stub))
            for name in ("sqlite", "postgresql")
        ]
        for _ in range(rounds):
            for place in places:
                for engine in _ENGINES:
                    found[place.name, engine].append(await _ran(place, engine, units))
    console.print(_table(found))


async def _ran(place: Place, engine: str, units: int) -> Ran:
    given = (engine, f"w-{engine}", str(place.folder), str(place.stub.ready["port"]), place.url)
    async with child("tests.benchmarks.engine_worker", *given) as worker:
        await worker.ask(f"put {next(_NUMBERS)} {AT_ONCE_UNITS}")
        await worker.ask("go")
        before = place.server_cpu()
        await worker.ask(f"put {next(_NUMBERS)} {units}")
        done = await worker.ask("go")
        server = place.server_cpu() - before
    recovered = await _recovered(given, units)
    rate = units * UNIT_SIZE / done["seconds"]
    return Ran(rate, done["cpu"] / units, server / units, recovered)


async def _recovered(given: Sequence[str], units: int) -> float:
    """From the restarted worker's being ready to its first unit, which was broken off before."""
    async with child("tests.benchmarks.engine_worker", *given) as worker:
        await worker.ask(f"put {next(_NUMBERS)} {units}")
        going = asyncio.create_task(_gone(worker))
        await asyncio.sleep(0.5)
        os.kill(worker.pid, signal.SIGKILL)
        await going
    async with child("tests.benchmarks.engine_worker", *given) as worker:
        going = asyncio.create_task(_gone(worker))
        await going
        first = await worker.ask("first")
        return float(first) - float(worker.ready["at"])


async def _gone(worker: Child) -> None:
    try:
        await worker.ask("go")
    except (ChildEnded, ConnectionError):
        return


def _table(found: dict[tuple[str, str], list[Ran]]) -> Table:
    table = Table(
        title=f"units of {UNIT_SIZE} households, {AT_ONCE_UNITS} at once, one worker; medians",
        caption="taken up: seconds from the restarted worker's readiness to its first unit",
    )
    for name in ("database", "engine"):
        table.add_column(name)
    for name in ("households/s", "CPU ms a unit", "database ms a unit", "taken up, s"):
        table.add_column(name, justify="right")
    for (database, engine), runs in sorted(found.items()):
        table.add_row(
            database,
            engine,
            f"{statistics.median(one.rate for one in runs):.0f}",
            f"{statistics.median(one.cpu for one in runs) * 1000:.1f}",
            f"{statistics.median(one.server_cpu for one in runs) * 1000:.1f}",
            f"{statistics.median(one.recovered for one in runs):.2f}",
        )
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    begun = time.perf_counter()
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        asyncio.run(measure(given.units, given.rounds, Path(folder), console))
    console.print(f"{time.perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
