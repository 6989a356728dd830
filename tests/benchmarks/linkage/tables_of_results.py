"""What was measured, as tables for the terminal, as Markdown and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks.linkage.metrics import Calibration
from tests.benchmarks.linkage.name_methods import NameFigures
from tests.benchmarks.linkage.one_to_many import Speed
from tests.benchmarks.linkage.suites import Result

HEADINGS: Final = (
    "tool",
    "best P / R / F1",
    "F1@.5",
    "R at P≥.999",
    "F1 no number",
    "ECE",
    "Brier",
    "log-loss",
    "in doubt: n, said v true",
    "blocking",
    "pairs",
    "pairs/s",
    "seconds",
    "MiB",
)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of text, and the same figures as data."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    data: Any
    notes: tuple[str, ...] = ()


def _decimal(value: float | None, places: int = 4) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _doubtful(one: Calibration | None) -> str:
    return "-" if one is None else f"{one.grey:,}: {one.grey_said:.2f} v {one.grey_true:.2f}"


def _row(result: Result) -> tuple[str, ...]:
    q, cost = result.quality, result.cost
    calibration = q.calibration
    return (
        result.tool,
        f"{q.best.precision:.3f} / {q.best.recall:.3f} / {q.best.f1:.4f}",
        _decimal(q.at_half.f1 if q.at_half else None),
        _decimal(q.strict_recall, 3),
        _decimal(q.best_without_number.f1 if q.best_without_number else None, 3),
        _decimal(calibration.ece if calibration else None),
        _decimal(calibration.brier if calibration else None),
        _decimal(calibration.log_loss if calibration else None),
        _doubtful(calibration),
        _decimal(q.blocking_recall, 3),
        f"{q.pairs:,}",
        f"{q.pairs / cost.seconds:,.0f}",
        f"{cost.seconds:.1f}",
        f"{cost.peak_bytes / 2**20:,.0f}",
    )


def linkage_section(title: str, results: Sequence[Result], notes: Sequence[str] = ()) -> Section:
    stages = [
        f"{result.tool}: "
        + ", ".join(f"{name} {each:.1f} s" for name, each in result.stages.items())
        for result in results
        if result.stages
    ]
    data = [asdict(result) for result in results]
    rows = tuple(_row(result) for result in results)
    return Section(title, HEADINGS, rows, data, (*stages, *notes))


def names_section(found: Mapping[str, NameFigures]) -> Section:
    kinds = tuple(next(iter(found.values())).flagged)
    rows = tuple(
        (
            name,
            f"{one.auc:.3f}",
            f"{one.f1:.3f}",
            f"{one.recall:.3f}",
            f"{one.seconds * 1e6:.1f}",
            *(f"{one.flagged[kind]:.2f}" for kind in kinds),
        )
        for name, one in found.items()
    )
    headings = ("method", "AUC", "F1 at .1", "R at FPR≤.01", "us/pair", *kinds)
    note = "kinds: share flagged at the threshold of the F1"
    data = {name: asdict(one) for name, one in found.items()}
    return Section("Chinese names alone", headings, rows, data, (note,))


def speed_section(found: Mapping[str, Speed]) -> Section:
    first = next(iter(found.values()))
    rows = tuple(
        (name, f"{one.median:,.0f}", f"{one.least:,.0f}", f"{first.median / one.median:.2f}")
        for name, one in found.items()
    )
    headings = ("method", "median us", "least us", "hedui / this")
    data = {name: asdict(one) for name, one in found.items()}
    return Section("One person against 100 records, 10 fields", headings, rows, data)


def show(section: Section, console: Console) -> None:
    table = Table(title=section.title)
    for at, heading in enumerate(section.headings):
        table.add_column(heading, justify="left" if at == 0 else "right")
    for row in section.rows:
        table.add_row(*row)
    console.print(table)
    for note in section.notes:
        console.print(f"  {note}", highlight=False)


def _markdown(section: Section) -> str:
    lines = [
        f"## {section.title}",
        "",
        "| " + " | ".join(section.headings) + " |",
        "|" + "---|" * len(section.headings),
        *("| " + " | ".join(row) + " |" for row in section.rows),
        "",
        *(f"- {note}" for note in section.notes),
    ]
    return "\n".join(lines)


def write(sections: Sequence[Section], about: Mapping[str, Any], folder: Path) -> None:
    """results.json and results.md in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {"about": about, "sections": {one.title: one.data for one in sections}}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (folder / "results.json").write_text(text, "utf-8")
    said = ", ".join(f"{name} {value}" for name, value in about.items())
    body = "\n\n".join(_markdown(section).rstrip() for section in sections)
    (folder / "results.md").write_text(f"# Record linkage, measured\n\n{said}\n\n{body}\n", "utf-8")
