"""What is run: each tool in a process of its own on the same two files, and what came of it."""

import csv
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.benchmarks.linkage import ours
from tests.benchmarks.linkage.metrics import (
    Quality,
    measure,
    read_scored,
    read_truth,
    within_one_file,
)
from tests.benchmarks.linkage.process import Cost, module, run_measured

PEERS: Final = "tests.benchmarks.linkage.peers"
REGISTER_PEERS: Final = ("exact-raw", "exact-normalised", "splink-default", "splink-tuned")
FEBRL_PEERS: Final = ("splink-febrl", "recordlinkage-ecm")
FEBRL_SETS: Final = ("febrl4", "febrl3", "febrl3-no-number")
OPEN_SETS: Final = ("fake_1000", "historical_50k")
NOT_THERE: Final = 3  # status of `peers open-set` where the CSV is not in the folder


@dataclass(frozen=True, slots=True)
class Result:
    """One tool on one set: quality, cost, and the seconds of its stages where it tells them."""

    tool: str
    quality: Quality
    cost: Cost
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Files:
    """A set on disk: two files (one twice where it is linked with itself) and the truth."""

    folder: Path
    spec: Path | None = None

    @property
    def left(self) -> Path:
        return self.folder / "left.csv"

    @property
    def right(self) -> Path:
        return self.folder / "right.csv"

    @property
    def is_one(self) -> bool:
        return self.left.read_bytes() == self.right.read_bytes()

    def without_number(self) -> frozenset[str]:
        """Right ids whose record has an empty `id_number`."""
        with self.right.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return frozenset(row["id"] for row in rows if row.get("id_number") == "")


Run = Callable[[Files, Path], tuple[Path, Cost]]


def peer(name: str) -> Run:
    def run(files: Files, out: Path) -> tuple[Path, Cost]:
        command = module(PEERS, "score", name, files.left, files.right, "--out", out)
        return out, run_measured(command)

    return run


def wratio_within(blocks: Path) -> Run:
    """WRatio scores what another tool has blocked."""

    def run(files: Files, out: Path) -> tuple[Path, Cost]:
        arguments = (files.left, files.right, "--blocks", blocks, "--out", out)
        return out, run_measured(module(PEERS, "wratio", *arguments))

    return run


def hedui(files: Files, out: Path) -> tuple[Path, Cost]:
    return ours.run_hedui_measured(files.left, files.right, out, files.spec)


def result_of(tool: str, run: Run, files: Files) -> Result:
    """Run the tool and measure its pairs; they stay beside the files, under its name."""
    pairs, cost = run(files, files.folder / f"{tool}.csv")
    probabilistic = not tool.startswith(("exact", "wratio"))
    scored = read_scored(pairs, probabilistic=probabilistic)
    scored = within_one_file(scored) if files.is_one else scored
    quality = measure(scored, read_truth(files.folder / "truth.csv"), files.without_number())
    told = files.folder / f"{tool}.json"
    stages = json.loads(told.read_text("utf-8")) if told.is_file() else {}
    return Result(tool, quality, cost, stages)


def registers(files: Files, tools: Sequence[str]) -> Iterator[Result]:
    """hedui and the peers named, one after another; WRatio within the blocks of splink-tuned."""
    for tool in tools:
        match tool:
            case "hedui":
                yield result_of(tool, hedui, files)
            case "wratio":
                blocks = files.folder / "splink-tuned.csv"
                yield result_of(tool, wratio_within(blocks), files)
            case _:
                yield result_of(tool, peer(tool), files)


def write_parquet(folder: Path) -> None:
    """left.parquet and right.parquet beside the CSV files, for tools that read them."""
    run_measured(module(PEERS, "parquet", folder))


def febrl_files(folder: Path, specs: Path) -> Mapping[str, Files]:
    """The FEBRL sets, with hedui's description of their fields where there is one."""
    run_measured(module(PEERS, "febrl", folder))
    spec = specs / "febrl.yaml"
    given = spec if spec.is_file() else None
    return {name: Files(folder / name, given) for name in FEBRL_SETS}


def open_set_files(name: str, data: Path, folder: Path) -> Files | None:
    """One of Splink's sets from a folder of CSVs; None where it is not there."""
    done = subprocess.run(module(PEERS, "open-set", name, data, folder), check=False)
    if done.returncode == NOT_THERE:
        return None
    done.check_returncode()
    return Files(folder)
