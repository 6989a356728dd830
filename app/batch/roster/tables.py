"""CSV, JSON lines and sheets alike as rows of our columns, each with its number.

Row 1 is the first after the header (the first line of a file without one); blank rows are no rows
but keep their numbers, so that a number is found again in the file.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO, Final, TypeAlias

import orjson

from app.batch.roster.bounds import MOST_HEADER_ROWS, MOST_LETTERS, MOST_RECORDS, Failure, Unusable
from app.batch.roster.cells import TOO_LONG, Broken, Number
from app.batch.roster.columns import COLUMNS, place_of, read_header
from app.batch.roster.lines import OVERLONG, encoding_of, lines_of

Record: TypeAlias = Sequence[str] | Broken
Numbered: TypeAlias = tuple[int, Record]
MALFORMED: Final = "row.malformed"
TOO_MANY_CELLS: Final = "row.too_many_cells"
_DELIMITERS: Final = (",", ";", "\t")
_PEEKED: Final = 20  # lines; titles before the header may be of several


def text_rows(file: BinaryIO) -> tuple[str, Iterator[Numbered]]:
    """Rows of `csv` or `jsonl`, told apart by the first character."""
    encoding = encoding_of(file)
    lines = lines_of(file, encoding)
    first = list(islice(lines, _PEEKED))
    readable = [line for line in first if line != OVERLONG]
    if readable and "\x00" in readable[0]:
        raise Unusable(Failure.NOT_A_ROSTER)
    start = "".join(readable).lstrip()
    if not start:
        raise Unusable(Failure.EMPTY)
    everything = chain(first, lines)
    if start.startswith("{"):
        return "jsonl", _json_rows(everything)
    return "csv", under_header(enumerate(_csv(everything, _delimiter(readable))))


def under_header(records: Iterable[Numbered]) -> Iterator[Numbered]:
    """What stands below the first row that names all needed columns, by our columns.

    Raises `Unusable` where no such row is among the first ones that are not blank.
    """
    places: list[int] | None = None
    header = looked_at = 0
    for number, record in records:
        _check(number)
        if isinstance(record, Broken):
            if places is not None:
                yield number - header, record
        elif places is None:
            if not any(record):
                continue
            places, header, looked_at = read_header(record), number, looked_at + 1
            if places is None and looked_at >= MOST_HEADER_ROWS:
                break
        elif any(record):
            row = _chosen(record, places)
            if row is not None:
                yield number - header, row
    if places is None:
        raise Unusable(Failure.HEADER_MISSING)


def _check(number: int) -> None:
    if number > MOST_RECORDS:
        raise Unusable(Failure.TOO_MANY_ROWS)


def _chosen(record: Sequence[str], places: Sequence[int]) -> Record | None:
    """The cells of our columns; None where they are all blank."""
    width = len(record)
    row = [record[place] if 0 <= place < width else "" for place in places]
    return row if any(cell and not cell.isspace() for cell in row) else None


def _delimiter(lines: Sequence[str]) -> str:
    """The one under which a header is read."""
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter)
        try:
            if any(read_header(row) is not None for row in rows):
                return delimiter
        except csv.Error:
            continue
    return _DELIMITERS[0]


def _csv(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(MOST_LETTERS)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    width = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(TOO_LONG if "limit" in str(error) else MALFORMED)
            continue
        if width and len(row) > width and any(row[width:]):
            yield Broken(TOO_MANY_CELLS)
            continue
        if not width and read_header(row) is not None:
            width = len(row)
        yield row


def _json_rows(lines: Iterable[str]) -> Iterator[Numbered]:
    places: dict[str, int | None] = {}
    for number, line in enumerate(lines, start=1):
        _check(number)
        if line.isspace():
            continue
        yield number, _json_row(line, places)


def _json_row(line: str, places: dict[str, int | None]) -> Record:
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Broken(MALFORMED)
    if not isinstance(values, dict):
        return Broken(MALFORMED)
    row = [""] * len(COLUMNS)
    for name, value in values.items():
        if name not in places:
            if len(places) > 1000:  # nobody's columns: a file made to fill the memory
                return Broken(TOO_MANY_CELLS)
            places[name] = place_of(name) if len(name) < 100 else None
        place = places[name]
        if place is None or value is None:
            continue
        if isinstance(value, (dict, list)):
            return Broken(MALFORMED)
        row[place] = _json_cell(value)
    return row


def _json_cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else Number(value)
