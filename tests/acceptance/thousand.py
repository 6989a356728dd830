"""Many households of a faulty county through the whole service, measured against the truth.

`python -m tests.acceptance.thousand --households 1000 --fault-rate 0.02 --transport-faults 0.02`
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors.sandbox.county import County, CountyHousehold, generate
from connectors.sandbox.faults import NOT_APPLICABLE, Fault
from connectors.sandbox.register import SOURCES
from connectors.sandbox.sandbox import PaceOptions, Sandbox
from tests.acceptance.measures import Tally, count, count_lost
from tests.acceptance.service import DONE, Document, Service, running

AS_OF: Final = date(2026, 11, 24)
LIMITS: Final = {"timeout": 2.0, "tries": 3, "deadline": 20.0}
LONGEST: Final = 180.0
"""Seconds after which a verification that is not done counts as hanging."""
PACE: Final[PaceOptions] = {"late_seconds": 4.0, "drip_seconds": 0.1}
TICK: Final = 0.4
"""Seconds for which a source keeps one kind of fault."""
WHOLE_TICKS: Final = frozenset({"housing_fund", "bank", "securities"})
"""Sources that show some faults only while they show nothing else."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    households: int
    fault_rate: float
    transport_faults: float
    seed: int = 7
    at_once: int = 16
    background: int = 20_000


async def measured(
    plan: Plan, folder: Path, done: Callable[[int], None] = lambda _count: None
) -> Tally:
    """Every household posted, waited for and counted; `done` is told of each."""
    county = await asyncio.to_thread(
        generate, plan.seed, plan.households, AS_OF, plan.background, plan.fault_rate
    )
    tally, turn = Tally(), asyncio.Semaphore(plan.at_once)

    async def one(service: Service, household: CountyHousehold) -> None:
        async with turn:
            await _counted(tally, county, household, service)
        done(1)

    limits = dict.fromkeys(SOURCES, LIMITS)
    async with running(county.registers, folder, limits=limits, pace=PACE) as service:
        troubles = asyncio.create_task(trouble(service.sandbox, plan))
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for household in county.households:
                group.create_task(one(service, household))
        tally.seconds = time.monotonic() - begun
        troubles.cancel()
        with suppress(asyncio.CancelledError):
            await troubles
    return tally


async def _counted(
    tally: Tally, county: County, household: CountyHousehold, service: Service
) -> None:
    try:
        document = await _finished(service, household)
        evidence = await service.evidence(document["id"])
    except (httpx.HTTPError, AssertionError) as error:
        count_lost(tally, type(error).__name__)
        return
    count(tally, county, household, (document, evidence))


async def _finished(service: Service, household: CountyHousehold) -> Document:
    """The verification when it is done, or as it stands after the longest time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST
    document = await service.verify(household.application)
    while document["status"] not in DONE and loop.time() < end:
        await asyncio.sleep(1)
        reply = await service.http.get(f"/v1/verifications/{document['id']}")
        document = reply.json()
    return document


async def trouble(sandbox: Sandbox, plan: Plan) -> None:
    """Each source shows one kind of fault after the other, at the rate."""
    rng = Random(f"{plan.seed} transport")
    may = {
        source: [fault for fault in Fault if (source, fault) not in NOT_APPLICABLE]
        for source in SOURCES
    }
    while plan.transport_faults > 0:
        for source in SOURCES:
            fault, rate = rng.choice(may[source]), plan.transport_faults
            if source in WHOLE_TICKS:
                shown = fault if rng.random() < rate else None
                sandbox.faults.set(source, shown)
            else:
                sandbox.faults.set(source, fault, rate=rate)
        await asyncio.sleep(TICK)


def table_of(plan: Plan, tally: Tally) -> Table:
    """The measures, one a row."""
    table = Table(title=f"{plan.households} households, seed {plan.seed}")
    table.add_column("measure")
    table.add_column("value", justify="right")
    counts = tally.counts
    for name in ("households", "lost", "hanging"):
        table.add_row(name, str(counts[name]))
    pace = plan.households / tally.seconds if tally.seconds else 0.0
    table.add_row("seconds (households a second)", f"{tally.seconds:.0f} ({pace:.1f})")
    for prefix in ("status ", "source "):
        told = [f"{name.removeprefix(prefix)} {counts[name]}" for name in _with(counts, prefix)]
        table.add_row(prefix.strip(), ", ".join(told))
    table.add_section()
    rows = {
        "precision: own among accepted": ("own accepted", "own accepted", "another's accepted"),
        "recall: accepted among own": (
            "own accepted",
            "own accepted",
            "own in_review",
            "own refused",
        ),
        "own in review": ("own in_review", "own accepted", "own in_review", "own refused"),
        "determined": (
            "determined",
            "determined right",
            "determined wrong",
            "undetermined right",
            "undetermined wrong",
        ),
        "right among determined": ("determined right", "determined right", "determined wrong"),
        "right favour among undetermined": (
            "undetermined right",
            "undetermined right",
            "undetermined wrong",
        ),
    }
    counts["determined"] = counts["determined right"] + counts["determined wrong"]
    for title, (part, *whole) in rows.items():
        table.add_row(title, _percent(tally.share(part, *whole)) + f"  {counts[part]}")
    table.add_row("mean error rate", _percent(tally.mean_error_rate))
    for name in (
        "another's accepted",
        "wrong records in silence",
        "wrong records in silence, wrong decision",
        "record of no entry",
        "record of no entry, accepted",
    ):
        table.add_row(name, str(counts[name]))
    return table


def _with(counts: dict[str, int], prefix: str) -> list[str]:
    return sorted(name for name in counts if name.startswith(prefix))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1000)
    parser.add_argument("--fault-rate", type=float, default=0.02)
    parser.add_argument("--transport-faults", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--at-once", type=int, default=16)
    given = parser.parse_args()
    return Plan(
        given.households, given.fault_rate, given.transport_faults, given.seed, given.at_once
    )


def main() -> int:
    """Runs, prints the table; 1 where a household was lost or hangs."""
    plan, console = _plan(), Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder, Progress(*columns) as progress:
        bar = progress.add_task("verifying", total=plan.households)
        tally = asyncio.run(measured(plan, Path(folder), lambda step: progress.advance(bar, step)))
    console.print(table_of(plan, tally))
    for place in tally.wrong[:20]:
        console.print(f"another's record: {place}", highlight=False)
    return 1 if tally.counts["lost"] or tally.counts["hanging"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
