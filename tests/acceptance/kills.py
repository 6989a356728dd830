"""Kills processes of the service at random moments, and judges from outside what became of it.

`python -m tests.acceptance.kills --verifications 3000 --kills 200 --database postgresql`
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from app.demo import free_port
from tests.acceptance.kills_clients import Clients, Ear, listening
from tests.acceptance.kills_database import calls_in, end_leases, read, unfinished, untold
from tests.acceptance.kills_history import (
    History,
    Kill,
    Verdict,
    judged,
    repeats,
    times_under_way,
)
from tests.acceptance.kills_processes import (
    Killer,
    Running,
    Stopper,
    client_of,
    environment_of,
)
from tests.benchmarks.processes import Child, child
from tests.postgresql import PostgresqlServer, running_server

LATENCY: Final = 0.02
LATER: Final = ("bank", "insurance", "securities", "social_insurance")
SUBMITTED: Final = 1.0
"""Seconds from when such a source reads a request until its ticket is stored, at most."""
CLOCKS: Final = 0.25
"""Seconds: the database's time is known to half of what asking for it took, on a busy machine."""
_QUIET: Final = 150.0
"""Seconds without any verification becoming done after which those left count as lost."""
_PATIENT: Final = 200.0
_HURRIED: Final = 5.0
"""Seconds until each outcome has to be told; what is still to be sent then is left out."""
_LOOK: Final = 0.25
_ROSTER: Final = 250
"""Households of a roster, at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    verifications: int
    kills: int
    database: str = "sqlite"
    workers: int = 0
    """With workers, half of the households come in rosters."""
    at_once: int = 8
    seed: int = 1
    stop_database: bool = False
    between: tuple[float, float] | None = None
    """Seconds between kills; None: what the kind of run has."""
    hurried: bool = False
    """All processes die together and their leases with them; notices yet to come are left out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, and how it went."""

    verdict: Verdict
    history: History
    seconds: Mapping[str, float]
    """Of the kills, until all was done, and until all was told."""
    tries: int


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that runs."""

    sources: Child
    database: str
    server: PostgresqlServer | None
    processes: Sequence[Running]
    clients: Clients
    ear: Ear


async def run(plan: Plan, folder: Path) -> Outcome:
    """All requests sent, all kills done, all verifications done or given up; then judged."""
    async with _scene(plan, folder) as scene:
        times = [time.monotonic()]
        kills = await _troubled(plan, scene)
        times.append(time.monotonic())
        await _all_done(scene)
        times.append(time.monotonic())
        await _all_told(scene, _HURRIED if plan.hurried else _PATIENT)
        times.append(time.monotonic())
        await scene.sources.ask("drained")
        history = _history(scene, kills)
        phases = ("kills", "done", "told")
        seconds = {name: times[at + 1] - times[at] for at, name in enumerate(phases)}
        return Outcome(judged(history), history, seconds, scene.clients.tries)


@asynccontextmanager
async def _scene(plan: Plan, folder: Path) -> AsyncIterator[_Scene]:
    random, port = Random(plan.seed), free_port()
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as closing:
        server, database = closing.enter_context(_database(plan.database, folder))
        callbacks = f"{url}/v1/callbacks/insurance"
        sources = await closing.enter_async_context(
            child("tests.acceptance.kills_sources", str(folder), callbacks, str(LATENCY))
        )
        environment = environment_of(folder, database, port, sources.ready["sources"])
        credentials = await client_of(environment)
        log = closing.enter_context((folder / "service.log").open("ab"))
        named = [("api", "serve", url), *((f"w{n}", "worker", "") for n in range(plan.workers))]
        processes = []
        for name, command, at in named:
            own = environment | {"HEDUI_WORKER": name}
            processes.append(Running(name, (command,), own, log, at))
            closing.push_async_callback(processes[-1].end)
            await processes[-1].start()
        for process in processes:
            await process.ready()
        ear, heard_at = await closing.enter_async_context(listening(random))
        clients = Clients(url, credentials, heard_at, random)
        yield _Scene(sources, database, server, processes, clients, ear)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[PostgresqlServer | None, str]]:
    if kind == "sqlite":
        (folder / "data").mkdir(parents=True, exist_ok=True)
        yield None, f"sqlite:///{folder / 'data' / 'hedui.sqlite3'}"
        return
    with running_server() as server:
        server.create("hedui")
        yield server, server.url("hedui")


async def _troubled(plan: Plan, scene: _Scene) -> list[Kill]:
    """Requests and kills side by side; every process is up again when it returns."""
    random = Random(plan.seed + 1)
    trouble: Killer | Stopper
    if plan.stop_database:
        if scene.server is None:
            raise ValueError("only PostgreSQL can be stopped")
        trouble = Stopper(scene.server, random)
    else:
        forget = partial(end_leases, scene.database) if plan.hurried else None
        trouble = Killer(list(scene.processes), random, forget)
    if plan.between is not None:
        trouble.between = plan.between
    singly = plan.verifications // 2 if plan.workers else plan.verifications
    listed = range(singly, plan.verifications)
    async with asyncio.TaskGroup() as group:
        group.create_task(trouble.run(plan.kills))
        group.create_task(scene.clients.post_all(range(singly), plan.at_once))
        if plan.workers:
            size = max(1, min(_ROSTER, len(listed) // 3))
            group.create_task(scene.clients.post_batches(listed, size))
    return trouble.kills


async def _all_done(scene: _Scene) -> None:
    """Until nothing is left to do, or nothing has moved for a long time."""
    left, since = -1, time.monotonic()
    while time.monotonic() - since < _QUIET:
        now = await asyncio.to_thread(unfinished, scene.database)
        if now == 0:
            return
        if now != left:
            left, since = now, time.monotonic()
        await asyncio.sleep(_LOOK)


async def _all_told(scene: _Scene, seconds: float) -> None:
    """Until nothing is left to be told, or a long time has passed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not await asyncio.to_thread(untold, scene.database):
            return
        await asyncio.sleep(_LOOK)


def _history(scene: _Scene, kills: Sequence[Kill]) -> History:
    stored = read(scene.database)
    calls = calls_in(Path(scene.sources.ready["log"]))
    under_way = times_under_way(calls, stored.stored_at, stored.whose)
    for source in LATER:  # under way until it is submitted, which nobody sees from outside
        under_way[source] = SUBMITTED
    return History(
        acknowledged={
            **{key: frozenset(ids) for key, ids in scene.clients.acknowledged.items()},
            **{case: stored.in_batches.get(case, frozenset()) for case in scene.clients.listed},
        },
        calls=calls,
        kills=tuple(kills),
        notices=tuple(scene.ear.heard),
        statuses=stored.statuses,
        answers=stored.answers,
        askings=stored.askings,
        due=stored.due,
        whose=stored.whose,
        noticed=_single(scene.clients) - untold(scene.database),
        under_way=under_way,
        most_under_way=LATENCY,
        clocks=CLOCKS,
    )


def _single(clients: Clients) -> frozenset[str]:
    """Verifications that were asked for one by one, with an address for notices."""
    ids = frozenset().union(*clients.acknowledged.values())
    return frozenset(id_ for id_ in ids if id_.startswith("vf_"))


def shown(outcome: Outcome, console: Console) -> None:
    """Counts, what was asked twice by source, and every fault (the first twenty)."""
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in outcome.seconds.items())
    table = Table(title=f"{times}; {outcome.tries} requests sent")
    table.add_column("what")
    table.add_column("how many", justify="right")
    for name, count in outcome.verdict.counts.items():
        table.add_row(name, str(count))
    for source, ages in sorted(_by_source(outcome.history).items()):
        late = sum(age < 0 for age in ages)
        table.add_row(f"{source} again (of them without a kill)", f"{len(ages)} ({late})")
        table.add_row("  median age at the kill, ms", f"{median(ages) * 1000:.0f}")
    console.print(table)
    for fault in outcome.verdict.faults[:20]:
        console.print(f"[red]fault[/red] {fault}")
    console.print(f"{len(outcome.verdict.faults)} faults")


def _by_source(history: History) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = {}
    for source, age in repeats(history):
        found.setdefault(source, []).append(age)
    return found


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verifications", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop-database", action="store_true", help="instead of processes")
    given = parser.parse_args()
    return Plan(
        given.verifications,
        given.kills,
        given.database,
        given.workers,
        given.at_once,
        given.seed,
        given.stop_database,
    )


def main() -> None:
    """Runs, prints; exit status 1 where something does not hold. Keeps the folder then."""
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="hedui-kills-")).resolve()
    outcome = asyncio.run(run(_plan(), folder))
    shown(outcome, console)
    console.print(f"kept in {folder}")
    raise SystemExit(1 if outcome.verdict.faults else 0)


if __name__ == "__main__":
    main()
