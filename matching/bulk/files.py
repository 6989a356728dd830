"""Files of people (CSV, Parquet) in chunks of columns; a bad row is reported, the others go on."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from matching.people import FIELDS, SEXES, UNKNOWN_SEX, PeopleFileError, RowProblem, date_of

CHUNK: Final = 50_000
ENCODINGS: Final = ("utf-8-sig", "gb18030")
Cells = Sequence[str | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chunk:
    """Consecutive rows: ids, their lines in the file, the texts of every field, what was wrong."""

    ids: list[str]
    lines: list[int]
    fields: dict[str, list[str | None]]
    problems: list[RowProblem]


def _encoding_of(path: Path) -> str:
    """UTF-8 unless a byte of the file is not; then GB18030, which nearly any bytes are."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise PeopleFileError(f"{path.name} is neither UTF-8 nor GB18030")


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=_encoding_of(path), newline="") as text:
        reader = csv.reader(text)
        try:
            yield 1, next(reader, [])
            for row in reader:
                if any(row):
                    yield reader.line_num, row
        except csv.Error as error:
            raise PeopleFileError(
                f"{path.name}: line {reader.line_num} is no CSV: {error}"
            ) from error


def _parquet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with duckdb.connect() as duck:
        try:
            found = duck.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)])
        except duckdb.Error as error:
            raise PeopleFileError(f"{path.name} is no Parquet file that can be read") from error
        yield 1, [column[0] for column in found.description or []]
        line = 1
        while rows := found.fetchmany(CHUNK):
            for row in rows:
                line += 1
                yield line, ["" if cell is None else cell for cell in row]


def read_chunks(
    path: Path, *, fields: Sequence[str] = FIELDS, size: int = CHUNK
) -> Iterator[Chunk]:
    """The rows of a file, `size` at a time; raises PeopleFileError, OSError.

    Rows without an id and rows with more cells than columns are left out and reported; a date or
    sex that cannot be read leaves that field out. Two rows of one id are for the caller to see.
    """
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    _, header = next(rows)
    names = [cell.strip().lower() for cell in header]
    if "id" not in names:
        raise PeopleFileError(f"{path.name}: the first line names no column `id`")
    if set(names).isdisjoint(fields):
        wanted = ", ".join(fields)
        raise PeopleFileError(f"{path.name}: the first line names none of the columns {wanted}")
    columns: dict[str, int] = {
        field: names.index(field) for field in ["id", *fields] if field in names
    }
    kept: list[list[str]] = []
    problems: list[RowProblem] = []
    lines: list[int] = []
    for line, row in rows:
        problem = _unusable(line, row, names, columns["id"])
        if problem is not None:
            problems.append(problem)
            continue
        kept.append(row)
        lines.append(line)
        if len(kept) == size:
            yield _chunk(kept, lines, (columns, fields), problems)
            kept, lines, problems = [], [], []
    if kept or problems:
        yield _chunk(kept, lines, (columns, fields), problems)


def _unusable(line: int, row: list[str], names: list[str], key: int) -> RowProblem | None:
    if len(row) > len(names):
        return RowProblem(line, names[-1], "too_many_columns")
    if len(row) <= key or not row[key].strip():
        return RowProblem(line, "id", "missing_id")
    if len(row) < len(names):
        row.extend([""] * (len(names) - len(row)))
    return None


def _chunk(
    rows: list[list[str]],
    lines: list[int],
    header: tuple[dict[str, int], Sequence[str]],
    problems: list[RowProblem],
) -> Chunk:
    columns, names = header
    turned = list(zip(*rows, strict=True)) if rows else []
    fields: dict[str, list[str | None]] = {}
    for field in names:
        cells = turned[columns[field]] if field in columns and turned else [""] * len(rows)
        fields[field] = [cell.strip() or None for cell in cells]
    if names is FIELDS:
        problems += _unread(fields, lines)
    ids = [cell.strip() for cell in turned[columns["id"]]] if turned else []
    return Chunk(ids, lines, fields, problems)


def _unread(fields: dict[str, list[str | None]], lines: list[int]) -> Iterator[RowProblem]:
    """Dates and sexes that say nothing that can be read."""
    sexes = {one for one in fields["sex"] if one} - set(SEXES)
    wrong = {one for one in sexes if one.lower() not in SEXES and one not in UNKNOWN_SEX}
    if wrong:
        for line, cell in zip(lines, fields["sex"], strict=True):
            if cell in wrong:
                yield RowProblem(line, "sex", "invalid_sex")
    days = {one for one in fields["birth_date"] if one}
    unread = {one for one in days if date_of(one) is None}
    if unread:
        for line, cell in zip(lines, fields["birth_date"], strict=True):
            if cell in unread:
                yield RowProblem(line, "birth_date", "invalid_date")
