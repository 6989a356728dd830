"""`hedui matching`: how well the model's probabilities hold, and what reviewers' labels teach."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from matching.calibration.labelled import ANY, CalibrationError, Flags, Floats, Labelled
from matching.calibration.labels_file import LabelsFileError, read_labels_csv
from matching.calibration.maps import Identity
from matching.calibration.reliability import Reliability, reliability
from matching.calibration.sources import Learned, learn, to_document

matching = typer.Typer(no_args_is_help=True, help="Who is who: reliability, and learning. 身份匹配")
console = Console(stderr=True)

LabelsFile = Annotated[
    Path,
    typer.Argument(
        metavar="LABELLED.csv",
        help="Columns log2_odds or probability, same; and source, group, weight if there are.",
    ),
]
SourceColumn = Annotated[str | None, typer.Option(help="The column that names the source.")]
Bins = Annotated[int, typer.Option(min=1, max=1000, help="Bins of equal mass.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class Change:
    """A source's held-out reliability without and with what was learned."""

    source: str
    labels: int
    before: Reliability
    after: Reliability


@matching.command("reliability")
def show_reliability(
    labels: LabelsFile, *, source: SourceColumn = None, bins: Bins = 15, as_json: AsJson = False
) -> None:
    """Predicted beside observed, over all pairs and source by source. 可靠性"""
    pairs = _read(labels, source)
    predicted = Identity().probabilities(pairs.log2_odds)
    found = {name: _within(pairs, predicted, here, bins) for name, here in _parts(pairs)}
    if as_json:
        documents = {name: asdict(one) for name, one in found.items()}
        _write({"all": documents.pop(ANY), "sources": documents})
        return
    for name, one in found.items():
        Console().print(_table(name, one))


@matching.command("calibrate")
def calibrate(
    labels: LabelsFile,
    out: Annotated[Path, typer.Option(help="Where the adjustments go, as JSON.")],
    *,
    source: SourceColumn = None,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Else today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn the adjustments of all sources, and say what they change for pairs held out. 校准"""
    pairs = _read(labels, source)
    on = datetime.now(UTC).date() if day is None else day.date()
    learned = _learn(pairs, on)
    document = to_document(learned.adjustments)
    try:
        out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise _refused(f"{out}: {error.strerror}") from None
    changes = tuple(_changes(pairs, learned.held_out))
    if as_json:
        _write(_summary(learned, changes))
        return
    Console().print(_changes_table(learned, changes))
    console.print(f"adjustments in {out}")


def _refused(words: str) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {words}", highlight=False)
    return typer.Exit(2)


def _read(path: Path, source: str | None) -> Labelled:
    try:
        return read_labels_csv(path, source=source)
    except OSError as error:
        raise _refused(f"{path}: {error.strerror}") from None
    except LabelsFileError as error:
        raise _refused(f"{path}: {error}") from None


def _learn(pairs: Labelled, day: date) -> Learned:
    try:
        return learn(pairs, day)
    except CalibrationError as error:
        raise _refused(f"{error}: more labels are needed") from None


def _parts(pairs: Labelled) -> Iterator[tuple[str, Flags]]:
    """All pairs, then those of each source that is named."""
    yield ANY, np.ones(len(pairs), dtype=np.bool_)
    for name in sorted({str(one) for one in pairs.sources} - {""}):
        yield name, pairs.sources == name


def _within(pairs: Labelled, predicted: Floats, here: Flags, bins: int) -> Reliability:
    some = pairs.where(here)
    return reliability(predicted[here], some.same, weights=some.weights, bins=bins)


def _changes(pairs: Labelled, held_out: Floats, bins: int = 15) -> Iterator[Change]:
    raw = Identity().probabilities(pairs.log2_odds)
    for name, here in _parts(pairs):
        before = _within(pairs, raw, here, bins)
        after = _within(pairs, held_out, here, bins)
        yield Change(name, int(here.sum()), before, after)


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _shown(source: str) -> str:
    return "all sources" if source == ANY else source


def _table(name: str, found: Reliability) -> Table:
    caption = f"ECE {found.ece:.5f}  Brier {found.brier:.5f}  log-loss {found.log_loss:.5f}"
    table = Table(
        title=f"Reliability 可靠性: {_shown(name)}", caption=caption, title_justify="left"
    )
    for column in ("pairs", "predicted", "observed", "90 % interval"):
        table.add_column(column, justify="right")
    for row in found.bins:
        interval = f"{row.low:.5f} – {row.high:.5f}"
        outside = not row.low <= row.predicted <= row.high
        style = "yellow" if outside else None
        table.add_row(
            str(row.n), f"{row.predicted:.5f}", f"{row.observed:.5f}", interval, style=style
        )
    return table


def _changes_table(learned: Learned, changes: tuple[Change, ...]) -> Table:
    losses = "  ".join(f"{one} {loss:.5f}" for one, loss in learned.choice.losses.items())
    table = Table(
        title=f"Cross-fitted, by {learned.choice.method} 校准",
        caption=f"log-loss by method: {losses}",
        title_justify="left",
    )
    table.add_column("source")
    for column in ("labels", "prior, bits", "ECE before", "after", "log-loss before", "after"):
        table.add_column(column, justify="right")
    for one in changes:
        prior = learned.adjustments.of(one.source).prior_log2_odds
        table.add_row(
            _shown(one.source),
            str(one.labels),
            f"{prior:+.2f}",
            f"{one.before.ece:.5f}",
            f"{one.after.ece:.5f}",
            f"{one.before.log_loss:.5f}",
            f"{one.after.log_loss:.5f}",
        )
    return table


def _summary(learned: Learned, changes: tuple[Change, ...]) -> dict[str, Any]:
    documents = {one.source: _change_document(learned, one) for one in changes}
    return {
        "method": learned.choice.method,
        "log_loss_by_method": dict(learned.choice.losses),
        "digest": learned.adjustments.digest,
        "all": documents.pop(ANY),
        "sources": documents,
    }


def _change_document(learned: Learned, change: Change) -> dict[str, Any]:
    return {
        "labels": change.labels,
        "prior_log2_odds": learned.adjustments.of(change.source).prior_log2_odds,
        "before": _scores(change.before),
        "after": _scores(change.after),
    }


def _scores(found: Reliability) -> dict[str, float]:
    return {"ece": found.ece, "brier": found.brier, "log_loss": found.log_loss}
