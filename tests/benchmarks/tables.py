"""What was measured, as tables."""

import statistics
from collections.abc import Mapping, Sequence

from rich.table import Table

from tests.benchmarks.households import Measured
from tests.benchmarks.load import Rounds


def calls_of(households: Sequence[Measured]) -> str:
    """What one household takes, on average."""
    calls = statistics.mean(sum(chain.length for chain in one.chains) for one in households)
    statements = statistics.mean(sum(not c.calls for c in one.chains) for one in households)
    longest = statistics.mean(one.longest for one in households)
    return (
        f"{len(households)} households: {calls:.1f} HTTP calls and {statements:.1f} statements "
        f"each, {longest:.1f} calls one after another at the slowest source."
    )


def loads_table(found: Mapping[tuple[float, int], Mapping[str, Rounds]]) -> Table:
    """The service beside the bare client, which makes the same calls and keeps nothing."""
    table = Table(
        title="six sources that answer at once; ms",
        caption="added: p50 beyond what the slowest source took; CPU: of one household",
    )
    for name in ("latency", "at once", "client"):
        table.add_column(name)
    for name in ("p50", "p99", "added", "CPU", "households/s"):
        table.add_column(name, justify="right")
    for (latency, at_once), clients in found.items():
        where = (f"{latency * 1000:g} ms", str(at_once))
        for name, rounds in clients.items():
            table.add_row(*where, name, *_figures(rounds))
        table.add_row("", "", "ratio", *_ratios(clients["service"], clients["bare"]))
        table.add_section()
    return table


def _figures(rounds: Rounds) -> tuple[str, ...]:
    times = (rounds.p50, rounds.p99, rounds.added, rounds.cpu)
    return (*(f"{each * 1000:.1f}" for each in times), f"{rounds.rate:.1f}")


def _ratios(service: Rounds, bare: Rounds) -> tuple[str, ...]:
    return (
        f"{service.p50 / bare.p50:.1f}",
        f"{service.p99 / bare.p99:.1f}",
        "",
        f"{service.cpu / bare.cpu:.1f}",
        f"{service.rate / bare.rate:.2f}",
    )


def stages_table(found: Mapping[str, Mapping[str, float]]) -> Table:
    """CPU of a conclusion with all ten sources' replies."""
    table = Table(title="CPU of one conclusion with all ten sources; ms")
    table.add_column("household")
    names = list(next(iter(found.values())))
    for name in names:
        table.add_column(name, justify="right")
    for household, stages in found.items():
        table.add_row(household, *(f"{stages[name]:.1f}" for name in names))
    return table
