"""A file of labelled pairs (CSV) read into arrays; a bad row stops it, for a fit needs them all."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matching.calibration.labelled import ANY, Labelled, labelled

ANSWERS: Final[Mapping[str, bool]] = {
    "yes": True,
    "1": True,
    "true": True,
    "是": True,
    "no": False,
    "0": False,
    "false": False,
    "否": False,
}
SUREST: Final = 1e-12  # a probability written as 0 or 1 is taken for this far from it
SHOWN: Final = 5


class LabelsFileError(ValueError):
    """The file cannot be used; the message names rows and columns, and no value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: its line (the header is 1), the column, and what belongs there."""

    row: int
    column: str
    wanted: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.wanted}"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns the file has; `odds` is `log2_odds` or `probability`."""

    odds: str
    source: str | None
    group: str | None
    weight: str | None


@dataclass(frozen=True, slots=True)
class _Pair:
    log2_odds: float
    same: bool
    source: str
    group: str
    weight: float


class _CellError(ValueError):
    def __init__(self, column: str, wanted: str) -> None:
        super().__init__(wanted)
        self.column = column
        self.wanted = wanted


def _number(cells: Mapping[str, str], column: str) -> float:
    try:
        found = float(cells[column])
    except ValueError:
        raise _CellError(column, "not a number") from None
    if not math.isfinite(found):
        raise _CellError(column, "not a finite number")
    return found


def _log2_odds(cells: Mapping[str, str], column: str) -> float:
    number = _number(cells, column)
    if column == "log2_odds":
        return number
    if not 0 <= number <= 1:
        raise _CellError(column, "a probability lies from 0 to 1")
    within = min(max(number, SUREST), 1 - SUREST)
    return math.log2(within) - math.log1p(-within) / math.log(2)


def _pair(cells: Mapping[str, str], columns: _Columns) -> _Pair:
    said = ANSWERS.get(cells["same"].lower())
    if said is None:
        raise _CellError("same", "neither yes or 1 nor no or 0")
    weight = 1.0 if columns.weight is None else _number(cells, columns.weight)
    if weight <= 0:
        raise _CellError("weight", "a weight lies above 0")
    if columns.group is not None and not cells[columns.group]:
        raise _CellError(columns.group, "empty: name the person, the same for all pairs of one")
    source = "" if columns.source is None else cells[columns.source]
    if columns.source is not None and source == ANY:
        raise _CellError(columns.source, "* stands for all sources and is no name of one")
    group = "" if columns.group is None else cells[columns.group]
    return _Pair(_log2_odds(cells, columns.odds), said, source, group, weight)


def _columns(header: list[str], source: str | None) -> _Columns:
    odds = next((name for name in ("log2_odds", "probability") if name in header), None)
    if odds is None:
        raise LabelsFileError("row 1 names no column log2_odds or probability")
    for name in ("same", *([source] if source else [])):
        if name not in header:
            raise LabelsFileError(f"row 1 names no column {name}")
    if len(set(header)) < len(header):
        raise LabelsFileError("row 1 names a column twice")
    wanted = (source or "source", "group", "weight")
    return _Columns(odds, *(name if name in header else None for name in wanted))


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(reader, start=2):
        if any(cell.strip() for cell in row):
            yield line, [cell.strip() for cell in row]


def labels_from_csv(data: bytes, *, source: str | None = None) -> Labelled:
    """The labelled pairs of a CSV file in UTF-8; raises LabelsFileError.

    Columns: `log2_odds` or `probability`, `same` (yes, no, 1, 0); if there are, `source` (or the
    column of that name), `group` (pairs of one person) and `weight` (1 over the chance that the
    pair was given to a reviewer).
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LabelsFileError("not UTF-8: save the file in it") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    columns = _columns(header, source)
    pairs, problems = [], []
    for line, row in _rows(reader):
        if len(row) != len(header):
            problems.append(Problem(line, header[-1], f"{len(row)} cells, not {len(header)}"))
            continue
        try:
            pairs.append(_pair(dict(zip(header, row, strict=True)), columns))
        except _CellError as bad:
            problems.append(Problem(line, bad.column, bad.wanted))
    if problems:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise LabelsFileError("; ".join(str(one) for one in problems[:SHOWN]) + more)
    if not pairs:
        raise LabelsFileError("no labelled pairs below row 1")
    return labelled(
        [pair.log2_odds for pair in pairs],
        [pair.same for pair in pairs],
        groups=None if columns.group is None else [pair.group for pair in pairs],
        sources=[pair.source for pair in pairs],
        weights=[pair.weight for pair in pairs],
    )


def read_labels_csv(path: Path, *, source: str | None = None) -> Labelled:
    """The labelled pairs of the file at `path`; see `labels_from_csv`. Raises OSError too."""
    return labels_from_csv(path.read_bytes(), source=source)
