"""A CSV file of audited decisions read whole; a bad row stops it, and is named."""

import csv
import io
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Final

from app.domain.errors import InvalidFile
from app.error_rate.audited import (
    Audited,
    AuditedDecisions,
    GroupBy,
    audited_decisions,
    size_group,
)

_NEEDED: Final = ("predicted", "wrong")
_ANSWERS: Final[Mapping[str, bool]] = {
    "1": True,
    "yes": True,
    "true": True,
    "是": True,
    "0": False,
    "no": False,
    "false": False,
    "否": False,
}
_COUNTY: Final = 6
_SHOWN: Final = 5


class _CellError(ValueError):
    def __init__(self, column: str, wanted: str) -> None:
        super().__init__(f"column {column}: {wanted}")


def read_audited(path: Path) -> AuditedDecisions:
    """The decisions of the file at `path`; see `audited_from_csv`. Raises InvalidFile."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidFile(f"{path}: {error.strerror}") from None
    try:
        return audited_from_csv(data)
    except InvalidFile as error:
        raise InvalidFile(f"{path}: {error}") from None


def audited_from_csv(data: bytes) -> AuditedDecisions:
    """Columns `predicted` (0 to 1) and `wrong` (1, 0, yes, no), in UTF-8.

    If there are: `low` and `high` of the predicted rate, `weight` (one over the probability of
    being looked at), `case` (the same for the decisions of one household), `programme`, `region`,
    `area`, `ethnic_group`, `household_size`, `outcome`; an empty cell is not told. Raises
    InvalidFile with rows and columns, and no value.
    """
    rows, problems = [], []
    for line, cells in _rows(data):
        try:
            rows.append(_audited(cells))
        except _CellError as bad:
            problems.append(f"row {line}, {bad}")
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise InvalidFile("; ".join(problems[:_SHOWN]) + more)
    if not rows:
        raise InvalidFile("no decisions below row 1")
    return audited_decisions(rows)


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidFile("not UTF-8: save the file in it") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    for name in _NEEDED:
        if header.count(name) != 1:
            raise InvalidFile(f"row 1 must name the column {name} once")
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise InvalidFile(f"row {reader.line_num}: {len(cells)} cells, row 1 has {len(header)}")
        yield reader.line_num, dict(zip(header, cells, strict=True))


def _audited(cells: Mapping[str, str]) -> Audited:
    said = _ANSWERS.get(cells["wrong"].lower())
    if said is None:
        raise _CellError("wrong", "neither 1 or yes nor 0 or no")
    predicted = _rate(cells, "predicted")
    return Audited(
        predicted=predicted,
        wrong=said,
        interval=_interval(cells, predicted),
        weight=_weight(cells),
        case=cells.get("case", ""),
        groups={by: _group(cells, by) for by in GroupBy},
    )


def _interval(cells: Mapping[str, str], predicted: float) -> tuple[float, float] | None:
    if not (cells.get("low") and cells.get("high")):
        return None
    low, high = _rate(cells, "low"), _rate(cells, "high")
    if not low <= predicted <= high:
        raise _CellError("predicted", "lies between low and high")
    return low, high


def _rate(cells: Mapping[str, str], column: str) -> float:
    found = _number(cells, column)
    if not 0.0 <= found <= 1.0:
        raise _CellError(column, "a rate lies from 0 to 1")
    return found


def _weight(cells: Mapping[str, str]) -> float:
    if not cells.get("weight"):
        return 1.0
    found = _number(cells, "weight")
    if not (found > 0.0 and isfinite(found)):
        raise _CellError("weight", "a weight lies above 0")
    return found


def _number(cells: Mapping[str, str], column: str) -> float:
    try:
        return float(cells[column])
    except ValueError:
        raise _CellError(column, "not a number") from None


def _group(cells: Mapping[str, str], by: GroupBy) -> str:
    told = cells.get(by.value, "")
    if by is GroupBy.REGION:
        return told[:_COUNTY]
    if by is GroupBy.HOUSEHOLD_SIZE and told.isascii() and told.isdigit():
        return size_group(int(told))
    return told
