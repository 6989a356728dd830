"""hedui and other tools on the same pairs: `python -m tests.benchmarks.linkage [SUITE]`.

Suites: registers, names, febrl, million, one-to-many, all. `make setup-bench` installs the peers.
"""

import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, assert_never

import typer
from rich.console import Console

from tests.benchmarks.linkage import suites
from tests.benchmarks.linkage.name_methods import METHODS, figures_of
from tests.benchmarks.linkage.name_pairs import make_name_pairs
from tests.benchmarks.linkage.one_to_many import measure_one_to_many
from tests.benchmarks.linkage.process import ToolFailed
from tests.benchmarks.linkage.registers import make_registers, write_registers
from tests.benchmarks.linkage.suites import Files, Result
from tests.benchmarks.linkage.tables import DATA
from tests.benchmarks.linkage.tables_of_results import (
    Section,
    linkage_section,
    names_section,
    show,
    speed_section,
    write,
)

MILLION = 1_000_000
TOOLS = ("duckdb", "pandas", "rapidfuzz", "recordlinkage", "splink")


class Suite(StrEnum):
    REGISTERS = "registers"
    NAMES = "names"
    FEBRL = "febrl"
    MILLION = "million"
    ONE_TO_MANY = "one-to-many"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and where the files go."""

    size: int
    seed: int
    peers: bool
    ours: bool
    data: Path | None
    out: Path

    def tools(self, *peers: str) -> tuple[str, ...]:
        return (*(peers if self.peers else ()), *(("hedui",) if self.ours else ()))


def _some(results: Iterator[Result], console: Console) -> tuple[list[Result], list[str]]:
    """All results until a tool fails, and what it said."""
    done: list[Result] = []
    try:
        for result in results:
            console.print(f"  {result.tool}: {result.cost.seconds:.1f} s", highlight=False)
            done.append(result)
    except ToolFailed as error:
        return done, [f"a tool failed: {error}"]
    return done, []


def _registers(plan: Plan, size: int, tools: Sequence[str], console: Console) -> Section:
    folder = plan.out / f"registers-{size}-{plan.seed}"
    console.print(f"registers of {size:,} people, seed {plan.seed}", highlight=False)
    write_registers(make_registers(size, plan.seed), folder)
    if plan.peers:
        suites.write_parquet(folder)
    results, failed = _some(suites.registers(Files(folder), tools), console)
    return linkage_section(f"Registers {size:,} x {size:,}, seed {plan.seed}", results, failed)


def _public(plan: Plan, console: Console) -> Iterator[Section]:
    for name, files in suites.febrl_files(plan.out / "febrl", DATA).items():
        tools = list(plan.tools(*suites.FEBRL_PEERS))
        notes = []
        if plan.ours and files.spec is None:
            tools.remove("hedui")
            notes.append("hedui: skipped, no description of these fields (data/febrl.yaml)")
        results, failed = _some(suites.registers(files, tools), console)
        yield linkage_section(name, results, [*notes, *failed])
    for name in suites.OPEN_SETS:
        files_of = plan.data and suites.open_set_files(name, plan.data, plan.out / name)
        if not files_of:
            console.print(f"{name}: skipped, its CSV is not in a folder given with --data")
            continue
        results, failed = _some(suites.registers(files_of, ("splink-open-set",)), console)
        yield linkage_section(name, results, failed)


def _sections(suite: Suite, plan: Plan, console: Console) -> Iterator[Section]:
    match suite:
        case Suite.REGISTERS:
            tools = plan.tools(*suites.REGISTER_PEERS, "wratio")
            yield _registers(plan, plan.size, tools, console)
        case Suite.MILLION:
            yield _registers(plan, MILLION, plan.tools("exact-normalised", "splink-tuned"), console)
        case Suite.NAMES:
            pairs = make_name_pairs(plan.seed)
            methods = plan.tools(*(name for name in METHODS if name != "hedui"))
            yield names_section({name: figures_of(METHODS[name], pairs) for name in methods})
        case Suite.FEBRL:
            yield from _public(plan, console)
        case Suite.ONE_TO_MANY:
            yield speed_section(measure_one_to_many(plan.seed))
        case Suite.ALL:
            for each in Suite:
                if each is not Suite.ALL:
                    yield from _sections(each, plan, console)
        case _:
            assert_never(suite)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def main(
    suite: Annotated[Suite, typer.Argument()] = Suite.ALL,
    size: Annotated[int, typer.Option(min=100)] = 10_000,
    seed: Annotated[int, typer.Option(min=0)] = 7,
    peers: Annotated[bool, typer.Option()] = True,
    hedui: Annotated[bool, typer.Option()] = True,
    data: Annotated[Path | None, typer.Option(help="Folder with Splink's own CSVs.")] = None,
    out: Annotated[Path | None, typer.Option(help="Files and results; kept if given.")] = None,
) -> None:
    """Print what was measured; with --out also results.json, results.md and the files."""
    console = Console(width=None if os.isatty(1) else 200)
    about = {
        "load at the start": f"{os.getloadavg()[0]:.2f}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: _version(package) for package in TOOLS},
    }
    console.print(", ".join(f"{name} {value}" for name, value in about.items()), highlight=False)
    with tempfile.TemporaryDirectory() as temporary:
        plan = Plan(size, seed, peers, hedui, data, out or Path(temporary))
        done = []
        for section in _sections(suite, plan, console):
            show(section, console)
            done.append(section)
        if out is not None:
            write(done, about, out)


if __name__ == "__main__":
    typer.run(main)
