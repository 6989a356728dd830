"""Rows put down on disk as they come, and taken up by case.

What stays in memory is two numbers a row, however the rows of a case are scattered over the file.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import orjson

from app.batch.roster.bounds import MOST_PERSONS, MOST_ROWS, Failure, Unusable
from app.batch.roster.cells import Broken, cleaned
from app.batch.roster.columns import CASE, COLUMNS, NAME
from app.batch.roster.tables import Record

TOTALS_ROW: Final = "row.totals"
REPEATED_ROW: Final = "row.repeated"
_TOTALS: Final = ("合计", "总计", "小计", "共计", "total")
_BLANK: Final = [""] * len(COLUMNS)


class Spool:
    """Rows as `[number, cells, faults]` in JSON, a line each; a fault is `[column, code]`."""

    def __init__(self, file: BinaryIO, most: int = MOST_ROWS) -> None:
        self._file = file
        self._most = most
        self._keys = array("q")
        self._starts = array("Q")
        self._end = 0
        self._unfilled = set(range(len(COLUMNS)))

    @property
    def filled(self) -> list[str]:
        """The columns that any row fills, in their order."""
        return [name for place, name in enumerate(COLUMNS) if place not in self._unfilled]

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, number: int, record: Record) -> None:
        """Raises `Unusable` where there are more rows than a roster may have."""
        if len(self) >= self._most:
            raise Unusable(Failure.TOO_MANY_ROWS)
        cells, faults = _read(record)
        self._unfilled = {place for place in self._unfilled if not any(cells[place : place + 1])}
        line = orjson.dumps([number, cells, faults]) + b"\n"
        # A row without a case is a household of its own: it is rejected alone.
        self._keys.append(hash(cells[CASE] or ("", number)))
        self._starts.append(self._end)
        self._file.write(line)
        self._end += len(line)

    def households(self) -> Iterator[list[bytes]]:
        """The rows of each case together, cases in the order of their first rows.

        Two cases may come together by chance (of their keys); never one case apart.
        """
        keys = self._keys
        order = array("L", sorted(range(len(keys)), key=keys.__getitem__))
        begins = array("L", (at for at in range(len(order)) if _begins(keys, order, at)))
        begins.append(len(order))
        groups = sorted(range(len(begins) - 1), key=lambda group: order[begins[group]])
        self._file.flush()
        for group in groups:
            yield [self._line(row) for row in order[begins[group] : begins[group + 1]]]

    def _line(self, row: int) -> bytes:
        start = self._starts[row]
        if self._file.tell() != start:
            self._file.seek(start)
        return self._file.readline()[:-1]


def is_crowd(lines: Sequence[bytes]) -> bool:
    """More persons than any household has: a column filled down by mistake."""
    return len(lines) > 2 * MOST_PERSONS


def _begins(keys: "array[int]", order: "array[int]", at: int) -> bool:
    return at == 0 or keys[order[at]] != keys[order[at - 1]]


def _read(record: Record) -> tuple[list[str], list[tuple[int, str]]]:
    if isinstance(record, Broken):
        return _BLANK, [(CASE, record.code)]
    cells, faults = [], []
    for place, cell in enumerate(record):
        text, fault = cleaned(place, cell) if cell else ("", None)
        cells.append(text)
        if fault is not None:
            faults.append((place, fault))
    if _is_total(cells[CASE]) or _is_total(cells[NAME]):
        return _BLANK, [(CASE, TOTALS_ROW)]
    return cells, faults


def _is_total(text: str) -> bool:
    return text.lower().startswith(_TOTALS)
