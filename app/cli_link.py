"""`hedui link`: two files of people or of other records, and which rows are one."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from matching.bulk.job import Job, WorkFolderError
from matching.bulk.pairs import MemoryLimitError
from matching.bulk.plain import SpecificationError, read_specification
from matching.link import Linked, Options, Problem, link_people, link_records, write
from matching.people import PeopleFileError
from matching.weights import Weights, WeightsError, load_weights
from matching.weights_file import read_weights

console = Console(stderr=True)
MOST_SHOWN = 20
REFUSED = (MemoryLimitError, PeopleFileError, SpecificationError, WeightsError, WorkFolderError)


class Bars:
    """One bar a step; a step whose end is not known counts on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, whole: int) -> None:
        """Moves the step's bar."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=whole or None)
        self._progress.update(self._tasks[step], completed=done, total=whole or None)


def link(
    left: Annotated[Path, typer.Argument(help="CSV or Parquet with a column id.")],
    right: Annotated[Path | None, typer.Argument(help="Left out: LEFT against itself.")] = None,
    out: Annotated[Path, typer.Option(help="Pairs, .csv or .parquet.")] = Path("pairs.csv"),
    threshold: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.5,
    each_once: Annotated[bool, typer.Option(help="Nobody stands twice in a file.")] = False,
    train: Annotated[bool, typer.Option(help="Fit the weights to these files.")] = True,
    weights: Annotated[Path | None, typer.Option(help="Start from these weights.")] = None,
    fields: Annotated[Path | None, typer.Option(help="YAML: other fields than a person's.")] = None,
    work: Annotated[Path | None, typer.Option(help="Folder to go on from after a stop.")] = None,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[str, typer.Option(help="For joins, e.g. 1GB; more goes to disk.")] = "1GB",
) -> None:
    """Link two files of people; needs no service."""
    options = Options(train=train, within=right is None, workers=workers, memory=memory)
    day = datetime.now(UTC).date()
    try:
        _ready_to_write(out)
        start = read_weights(weights) if weights else load_weights()
        if fields is not None:
            specification = read_specification(fields)
            linked = link_records(left, right or left, specification, options, day=day)
            _tell(linked, write(linked, out, threshold=threshold, each_once=each_once), out)
            return
        with tempfile.TemporaryDirectory() as folder:
            job = Job(work or Path(folder), left, right or left, options)
            linked = _people(job, start, day)
            _tell(linked, write(linked, out, threshold=threshold, each_once=each_once), out)
    except (*REFUSED, OSError) as error:
        console.print(f"[red]hedui:[/red] {error}", soft_wrap=True)
        raise typer.Exit(2) from None


def _ready_to_write(out: Path) -> None:
    """Before hours of work, not after them; raises OSError."""
    if not out.parent.is_dir():
        raise NotADirectoryError(f"{out.parent} is no folder that {out.name} could be written to")


def _people(job: Job, start: Weights, day: date) -> Linked:
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}")
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        return link_people(job, start, day=day, progress=Bars(progress))


def _tell(linked: Linked, count: int, out: Path) -> None:
    _tell_problems(linked.problems)
    training = linked.weights.training
    if linked.trained and training is not None:
        ended = "converged" if training.converged else "did not converge"
        console.print(
            f"trained on {training.pairs:,} candidate pairs, {training.iterations} steps, "
            f"{ended} (last change {training.change:.2g})"
        )
    console.print(f"{len(linked.links.i):,} candidate pairs, {count:,} in {out}")


def _tell_problems(problems: Sequence[Problem]) -> None:
    for one in problems[:MOST_SHOWN]:
        console.print(f"{one.file}: row {one.row}, {one.column}: {one.code}")
    if len(problems) > MOST_SHOWN:
        console.print(f"and {len(problems) - MOST_SHOWN:,} more rows with problems")
