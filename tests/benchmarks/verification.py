"""Household after household through the whole service, beside a bare client of the same sources.

`python -m tests.benchmarks.verification [--households 60] [--latency 0.1] [--rounds 3]`
"""

import argparse
import asyncio
import os
import platform
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml
from rich.console import Console

from app.settings import read_sources_file
from app.wiring import exchange_rates
from tests.benchmarks.bare import BareClient, bare_client
from tests.benchmarks.households import AT_ONCE, LIMITS, Measured, read_households
from tests.benchmarks.load import Rounds, Verify, one_round, own_cpu, unlike
from tests.benchmarks.processes import Child, child
from tests.benchmarks.stages import knowledge, stage_cpu
from tests.benchmarks.tables import calls_of, loads_table, stages_table

AT_ONCE_COUNTS: Final = (1, 8)
_DONE: Final = frozenset({"final", "in_review"})
_KEYS = count(1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; latency, and the CPU time given to looking at the stages, in seconds."""

    households: int
    latency: float
    rounds: int
    looking: float = 6.0


class Spoilt(RuntimeError):  # noqa: N818 - says what it is
    """Something else than whole verifications was measured."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service in its own process, spoken to as a case system does."""

    process: Child
    http: aiohttp.ClientSession

    async def verify(self, household: Measured) -> None:
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{next(_KEYS)}",
            "Prefer": "wait=60",
        }
        async with self.http.post(
            "/v1/verifications", data=household.body, headers=headers
        ) as reply:
            document: dict[str, Any] = await reply.json()
            if reply.status not in (201, 202):
                raise Spoilt(f"the service answered HTTP {reply.status}")
        why = unlike(document, _DONE)
        if why is not None:
            raise Spoilt(why)

    async def cpu(self) -> float:
        return float(await self.process.ask("cpu"))

    async def log_in(self) -> None:
        """A token of ten minutes; a new one is taken before each round."""
        remote = self.process.ready
        credentials = aiohttp.encode_basic_auth(remote["client_id"], remote["client_secret"])
        headers = {"Authorization": credentials}
        form = {"grant_type": "client_credentials"}
        async with self.http.post("/oauth/token", data=form, headers=headers) as reply:
            token = (await reply.json())["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"


@asynccontextmanager
async def _service(folder: Path, document: Mapping[str, Any]) -> AsyncIterator[Service]:
    """On the sources that answer at once."""
    path = folder / "at_once.yaml"
    path.write_text(yaml.safe_dump(dict(document), allow_unicode=True), "utf-8")
    async with (
        child("tests.benchmarks.serving", str(folder), str(path)) as process,
        aiohttp.ClientSession(process.ready["url"]) as http,
    ):
        yield Service(process, http)


async def measure(plan: Plan, folder: Path, console: Console) -> None:
    """Prints what was measured."""
    with console.status("making up a county and its sources …"):
        sources = child("tests.benchmarks.sources", str(folder), str(plan.households))
        async with sources as sandbox:
            document = read_sources_file(Path(sandbox.ready["sources"]))
            await _measure(plan, folder, (document, sandbox.ready["control"]), console)


async def _measure(
    plan: Plan, folder: Path, sandbox: tuple[Mapping[str, Any], str], console: Console
) -> None:
    document, control = sandbox
    console.print(machine())
    households = await read_households(folder, document["sources"])
    console.print(calls_of(households))
    at_once = {name: document["sources"][name] for name in AT_ONCE}
    configured = {**document, "sources": at_once, "limits": LIMITS}
    async with _service(folder, configured) as service, bare_client(at_once) as bare:
        console.print(loads_table(await _loads(plan, households, (service, bare), control)))
    known = knowledge(exchange_rates(document))
    console.print(
        stages_table(
            {
                "the demo's household": stage_cpu(households[:1], known, seconds=plan.looking),
                "all, on average": stage_cpu(households, known, seconds=plan.looking),
            }
        )
    )


async def _loads(
    plan: Plan, households: list[Measured], both: tuple[Service, BareClient], control: str
) -> Mapping[tuple[float, int], Mapping[str, Rounds]]:
    """By latency and households at once: the bare client's rounds and the service's."""
    service, bare = both

    async def barely(household: Measured) -> None:
        await bare.verify(household.chains)

    clients: dict[str, tuple[Verify, Any]] = {
        "bare": (barely, own_cpu),
        "service": (service.verify, service.cpu),
    }
    found: dict[tuple[float, int], dict[str, Rounds]] = defaultdict(lambda: defaultdict(Rounds))
    await service.log_in()
    for verify, cpu in clients.values():  # connections, tokens, caches
        await one_round(households[:8], verify, cpu, at_once=8, latency=0)
    for _ in range(plan.rounds):
        for latency in dict.fromkeys((0.0, plan.latency)):
            await _slow_down(control, latency)
            await service.log_in()
            for at_once in AT_ONCE_COUNTS:
                for name, (verify, cpu) in clients.items():
                    done = await one_round(
                        households, verify, cpu, at_once=at_once, latency=latency
                    )
                    found[latency, at_once][name].all.append(done)
    return found


async def _slow_down(control: str, latency: float) -> None:
    async with aiohttp.ClientSession(control) as http:
        for name in AT_ONCE:
            async with http.put(f"/latency/{name}", json={"seconds": latency}) as reply:
                reply.raise_for_status()


def machine() -> str:
    """What it was measured on."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}. "
        "Ratios within this run count: absolute figures are this machine's."
    )


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=60)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a call, of each source")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    return Plan(given.households, given.latency, given.rounds)


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        asyncio.run(measure(_plan(), Path(folder), Console()))


if __name__ == "__main__":
    main()
