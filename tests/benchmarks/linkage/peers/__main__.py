"""One peer on two files, in a process of its own: `… linkage.peers NAME LEFT RIGHT --out PAIRS`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from tests.benchmarks.linkage.peers.exact import exact_normalised, exact_raw, wratio_names
from tests.benchmarks.linkage.peers.pairs import read_people
from tests.benchmarks.linkage.peers.public_sets import (
    export_febrl,
    export_open_set,
    find_open_set,
    recordlinkage_ecm,
    splink_febrl,
    splink_open_set,
)
from tests.benchmarks.linkage.peers.splink_people import splink_default, splink_tuned

cli = typer.Typer(add_completion=False)
PEERS: Final[Mapping[str, Callable[[Path, Path, Path], None]]] = {
    "exact-raw": exact_raw,
    "exact-normalised": exact_normalised,
    "splink-default": splink_default,
    "splink-tuned": splink_tuned,
    "splink-febrl": splink_febrl,
    "splink-open-set": splink_open_set,
    "recordlinkage-ecm": recordlinkage_ecm,
}


@cli.command()
def score(name: str, left: Path, right: Path, out: Annotated[Path, typer.Option()]) -> None:
    """Score pairs of the two files and write them."""
    PEERS[name](left, right, out)


@cli.command()
def wratio(
    left: Path,
    right: Path,
    blocks: Annotated[Path, typer.Option()],
    out: Annotated[Path, typer.Option()],
) -> None:
    """WRatio of the names of the pairs in `blocks`."""
    wratio_names(left, right, blocks, out)


@cli.command()
def parquet(folder: Path) -> None:
    """left.csv and right.csv of the folder as Parquet, beside them."""
    for name in ("left", "right"):
        read_people(folder / f"{name}.csv").to_parquet(folder / f"{name}.parquet", index=False)


@cli.command()
def febrl(folder: Path) -> None:
    """Write the FEBRL sets into the folder."""
    export_febrl(folder)


@cli.command()
def open_set(name: str, data: Path, folder: Path) -> None:
    """Write one of Splink's sets into the folder; status 3 where its CSV is not in `data`."""
    source = find_open_set(data, name)
    if source is None:
        raise typer.Exit(3)
    export_open_set(source, folder)


if __name__ == "__main__":
    cli()
