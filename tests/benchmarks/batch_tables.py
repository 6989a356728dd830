"""What was measured of batches, as a table of medians and ratios."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

_RAW, _PLAIN = "raw ceiling", "plain client, 1"


@dataclass(frozen=True, slots=True)
class Ran:
    """One run; CPU of all processes of a kind together, in seconds; memory of the largest."""

    households: int
    seconds: float
    cpu: float
    server_cpu: float
    stub_cpu: float
    memory: int

    @property
    def rate(self) -> float:
        return self.households / self.seconds


def batch_table(name: str, latency: float, variants: Mapping[str, Sequence[Ran]]) -> Table:
    """Medians of all rounds, beside the plain client of one process and the raw ceiling."""
    table = Table(
        title=f"batch on {name}, sources at {latency * 1000:g} ms; medians",
        caption="CPU in ms a household; × plain and × raw by households a second, and by CPU",
    )
    table.add_column("variant, processes")
    heads = ("households/s", "CPU", "database", "stub", "MB", "× plain", "× raw", "CPU × raw")
    for head in heads:
        table.add_column(head, justify="right")
    plain, raw = variants[_PLAIN], variants[_RAW]
    for variant, runs in variants.items():
        table.add_row(
            variant,
            f"{_median(runs, _rate):.0f}",
            *(f"{_median(runs, which) * 1000:.2f}" for which in (_cpu, _server, _stub)),
            f"{_median(runs, _memory):.0f}",
            f"{_median(runs, _rate) / _median(plain, _rate):.2f}",
            f"{_median(runs, _rate) / _median(raw, _rate):.2f}",
            f"{_median(runs, _cpu) / _median(raw, _cpu):.1f}",
        )
    return table


def _median(runs: Sequence[Ran], value: Callable[[Ran], float]) -> float:
    return statistics.median(map(value, runs))


def _rate(one: Ran) -> float:
    return one.rate


def _cpu(one: Ran) -> float:
    return one.cpu / one.households


def _server(one: Ran) -> float:
    return one.server_cpu / one.households


def _stub(one: Ran) -> float:
    return one.stub_cpu / one.households


def _memory(one: Ran) -> float:
    return one.memory / 1_000_000
