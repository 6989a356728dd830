"""Batch re-verification beside what the same calls and rows cost without durability.

`python -m tests.benchmarks.batch [--households 300] [--latency 0.02] [--rounds 3]`
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import yaml
from rich.console import Console

from app.serving import environment_of
from tests.benchmarks.batch_tables import Ran, batch_table
from tests.benchmarks.batches import ASKED, ENDED, Seeded
from tests.benchmarks.cpu import peak_memory, tree_cpu
from tests.benchmarks.processes import Child, child
from tests.benchmarks.stub.configuration import AT_ONCE, UNLIMITED, sources
from tests.benchmarks.verification import machine
from tests.postgresql import PostgresqlServer, running_server

_RAW_AT_ONCE: Final = 64
_UNITS_AT_ONCE: Final = 4
_WITHIN: Final = 120.0
_NOT_CONCLUDING: Final = ("conclude", "finish")
_LIMITS: Final = {name: dict(UNLIMITED) for name in AT_ONCE} | {"housing_fund": {"concurrency": 8}}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; latency of each source in seconds."""

    households: int
    latency: float
    rounds: int
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    workers: tuple[int, ...] = (1, 2)
    warm: int = 100


@dataclass(slots=True)
class Place:
    """Where everything is: one database, the stub, the households not used yet."""

    name: str
    url: str
    folder: Path
    stub: Child
    seeded: Seeded
    server: PostgresqlServer | None
    numbers: Iterator[int] = field(default_factory=count)
    warm: int = 100
    """Households that each process does before it is measured."""

    def take(self, many: int) -> list[int]:
        return [next(self.numbers) for _ in range(many)]

    def server_cpu(self) -> float:
        process = None if self.server is None else self.server.process
        return 0.0 if process is None else tree_cpu(process.pid)


async def measure(plan: Plan, folder: Path, console: Console) -> None:
    """Prints what was measured; all variants take turns in each round."""
    console.print(machine())
    async with AsyncExitStack() as closing:
        stub = await closing.enter_async_context(child("tests.benchmarks.stub", str(plan.latency)))
        places = []
        for name in plan.databases:
            place = closing.enter_context(place_of(name, folder / name, stub))
            place.warm = plan.warm
            places.append(place)
        found: dict[str, dict[str, list[Ran]]] = defaultdict(lambda: defaultdict(list))
        for _ in range(plan.rounds):
            for place in places:
                async for variant, ran in _one_round(plan, place):
                    found[place.name][variant].append(ran)
        for name, variants in found.items():
            console.print(batch_table(name, plan.latency, variants))


@contextmanager
def place_of(name: str, folder: Path, stub: Child) -> Iterator[Place]:
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "sources": sources(stub.ready["port"], folder / "fund.sqlite3"),
        "limits": _LIMITS,
    }
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    with ExitStack() as closing:
        server, url = None, f"sqlite:///{folder / 'data' / 'hedui.sqlite3'}"
        if name == "postgresql":
            server = closing.enter_context(running_server("fsync=on"))
            server.create("hedui")
            url = server.url("hedui")
        seeded = Seeded(folder / "data", url, path)
        closing.callback(seeded.close)
        yield Place(name, url, folder, stub, seeded, server)


async def _one_round(plan: Plan, place: Place) -> AsyncIterator[tuple[str, Ran]]:
    many = plan.households
    yield "raw ceiling", await _rivals(place, "raw", 1, (many * 4, _RAW_AT_ONCE))
    for workers in plan.workers:
        yield (
            f"plain client, {workers}",
            await _rivals(place, "plain", workers, (many * 4, _UNITS_AT_ONCE)),
        )
    for workers in plan.workers:
        yield (
            f"asking and storing, {workers}",
            await _batch(place, workers, many * 2, (_NOT_CONCLUDING, ASKED)),
        )
    for workers in plan.workers:
        yield f"whole service, {workers}", await _batch(place, workers, many, ((), ENDED))


async def _rivals(place: Place, kind: str, processes: int, load: tuple[int, int]) -> Ran:
    """All of them at the same time, the households shared out."""
    many, at_once = load
    given = (kind, str(place.stub.ready["port"]), str(place.folder / "fund.sqlite3"))
    url = place.url if place.server is not None else f"sqlite:///{place.folder / 'rival.sqlite3'}"
    async with AsyncExitStack() as closing:
        running = [
            await closing.enter_async_context(child("tests.benchmarks.rival", *given, url))
            for _ in range(processes)
        ]
        share = many // processes

        async def each(size: int) -> list[dict[str, Any]]:
            firsts = [place.take(size)[0] for _ in running]
            asked = (
                one.ask(f"{first} {size} {at_once}")
                for one, first in zip(running, firsts, strict=True)
            )
            return list(await asyncio.gather(*asked))

        await each(place.warm)
        before = place.server_cpu(), float(await place.stub.ask("cpu"))
        done = await each(share)
        after = place.server_cpu(), float(await place.stub.ask("cpu"))
        return Ran(
            households=share * processes,
            seconds=max(one["seconds"] for one in done),
            cpu=sum(one["cpu"] for one in done),
            server_cpu=after[0] - before[0],
            stub_cpu=after[1] - before[1],
            memory=max(peak_memory(one.pid) for one in running),
        )


async def _batch(
    place: Place, workers: int, many: int, what: tuple[tuple[str, ...], tuple[str, ...]]
) -> Ran:
    """One batch by so many workers, until all its households are in the states wanted."""
    left_out, wanted = what
    async with working(place, workers, left_out) as running:
        warm = f"bt_w{place.take(1)[0]}"
        await _through(place, warm, place.warm, wanted)
        batch_id = f"bt_b{place.take(1)[0]}"
        numbers = place.take(many)
        await asyncio.to_thread(place.seeded.put, batch_id, numbers)
        before = _cpu(running), place.server_cpu(), float(await place.stub.ask("cpu"))
        place.seeded.start(batch_id, many)
        seconds = await place.seeded.until(batch_id, wanted, many, within=_WITHIN)
        after = _cpu(running), place.server_cpu(), float(await place.stub.ask("cpu"))
        return Ran(
            households=many,
            seconds=seconds,
            cpu=after[0] - before[0],
            server_cpu=after[1] - before[1],
            stub_cpu=after[2] - before[2],
            memory=max(peak_memory(one.pid) for one in running),
        )


async def _through(place: Place, batch_id: str, many: int, wanted: tuple[str, ...]) -> None:
    await asyncio.to_thread(place.seeded.put, batch_id, place.take(many))
    place.seeded.start(batch_id, many)
    await place.seeded.until(batch_id, wanted, many, within=_WITHIN)


@asynccontextmanager
async def working(
    place: Place, workers: int, left_out: tuple[str, ...]
) -> AsyncIterator[list[Child]]:
    environment: Mapping[str, str] = environment_of(place.seeded.settings)
    async with AsyncExitStack() as closing:
        yield [
            await closing.enter_async_context(
                child(
                    "tests.benchmarks.working",
                    f"bench{number}",
                    *left_out,
                    environment=environment,
                )
            )
            for number in range(workers)
        ]


def _cpu(running: list[Child]) -> float:
    return sum(tree_cpu(one.pid) for one in running)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=300)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds a call")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--workers", default="1,2")
    given = parser.parse_args()
    return Plan(
        given.households,
        given.latency,
        given.rounds,
        tuple(given.databases.split(",")),
        tuple(int(one) for one in given.workers.split(",")),
    )


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        asyncio.run(measure(_plan(), Path(folder), Console(width=120)))


if __name__ == "__main__":
    main()
