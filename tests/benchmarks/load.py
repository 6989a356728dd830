"""Sends households, so many at once, and takes the time of each and the CPU of all."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.households import Measured

Verify = Callable[[Measured], Awaitable[None]]
Cpu = Callable[[], Awaitable[float]]
"""Seconds of CPU that the process under test has used."""


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over all households; times in seconds."""

    elapsed: tuple[float, ...]
    added: tuple[float, ...]
    """Beyond what the slowest source took."""
    cpu: float
    """A household."""
    rate: float
    """Households a second."""


@dataclass(slots=True)
class Rounds:
    """All passes of one client under one load."""

    all: list[Round] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return self._median(lambda one: statistics.median(one.elapsed))

    @property
    def p99(self) -> float:
        """Over all rounds: one has too few households for it."""
        return percentile([each for one in self.all for each in one.elapsed], 0.99)

    @property
    def added(self) -> float:
        return self._median(lambda one: statistics.median(one.added))

    @property
    def cpu(self) -> float:
        return self._median(lambda one: one.cpu)

    @property
    def rate(self) -> float:
        return self._median(lambda one: one.rate)

    def _median(self, value: Callable[[Round], float]) -> float:
        return statistics.median(map(value, self.all))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


async def one_round(
    households: Sequence[Measured], verify: Verify, cpu: Cpu, *, at_once: int, latency: float
) -> Round:
    """Every household once, `at_once` at a time; `latency` is each source's, a call."""
    waiting = iter(households)
    elapsed: list[float] = []
    added: list[float] = []

    async def work(_number: int) -> None:
        for household in waiting:
            begun = time.perf_counter()
            await verify(household)
            took = time.perf_counter() - begun
            elapsed.append(took)
            added.append(took - household.longest * latency)

    cpu_before, begun = await cpu(), time.perf_counter()
    await asyncio.gather(*map(work, range(at_once)))
    seconds = time.perf_counter() - begun
    used = await cpu() - cpu_before
    count = len(households)
    return Round(tuple(elapsed), tuple(added), used / count, count / seconds)


async def own_cpu() -> float:
    """Of the process that measures."""
    return time.process_time()


def unlike(document: dict[str, Any], done: frozenset[str]) -> str | None:
    """Why a document shows that not the whole work was measured."""
    if document["status"] not in done:
        return f"a verification was {document['status']} at the end of the wait"
    failed = [one["source"] for one in document["sources"] if one["state"] == "failed"]
    return f"{failed[0]} failed" if failed else None
