"""A file of people (CSV) read into identities; a bad row is reported, the others go on."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from matching.identity import Identity, Sex

FIELDS: Final = (
    "name",
    "former_name",
    "id_type",
    "id_number",
    "birth_date",
    "sex",
    "address",
    "household_number",
    "phone",
    "employer",
)
COLUMNS: Final = ("id", *FIELDS)
SEXES: Final[Mapping[str, Sex]] = {
    "男": Sex.MALE,
    "1": Sex.MALE,
    "m": Sex.MALE,
    "male": Sex.MALE,
    "女": Sex.FEMALE,
    "2": Sex.FEMALE,
    "f": Sex.FEMALE,
    "female": Sex.FEMALE,
}
UNKNOWN_SEX: Final = frozenset({"0", "9", "未知", "未说明"})  # GB/T 2261.1
DATE: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?")

Row = tuple[str, Identity]


class PeopleFileError(ValueError):
    """The file as a whole cannot be read; the message says why and names no person."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: its line (the header is 1), the column, and a code.

    Codes: missing_id, duplicate_id, too_many_columns (the row is left out); invalid_date,
    invalid_sex (the field is left out).
    """

    row: int
    column: str
    code: str


@dataclass(frozen=True, slots=True, repr=False)
class People:
    """The rows that can be used, and what was wrong with others."""

    rows: tuple[Row, ...]
    problems: tuple[RowProblem, ...]


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PeopleFileError("neither UTF-8 nor GB18030: save the file in one of them")


def date_of(text: str) -> date | None:
    found = DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def former_names(text: str) -> tuple[str, ...]:
    """The former names that one cell holds, between any of the signs that separate lists."""
    return tuple(name.strip() for name in re.split(r"[;；,，、/|]", text) if name.strip())


def _identity(cells: Mapping[str, str]) -> tuple[Identity, list[tuple[str, str]]]:
    wrong = []
    born = date_of(cells["birth_date"]) if "birth_date" in cells else None
    if "birth_date" in cells and born is None:
        wrong.append(("birth_date", "invalid_date"))
    said = cells.get("sex", "").lower()
    if said and said not in SEXES and said not in UNKNOWN_SEX:
        wrong.append(("sex", "invalid_sex"))
    identity = Identity(
        name=cells.get("name"),
        former_names=former_names(cells.get("former_name", "")),
        id_number=cells.get("id_number"),
        birth_date=born,
        sex=SEXES.get(said),
        address=cells.get("address"),
        household_number=cells.get("household_number"),
        phone=cells.get("phone"),
        employer=cells.get("employer"),
        id_type=cells.get("id_type", "resident_id"),
    )
    return identity, wrong


def _cells(header: list[str], row: list[str]) -> dict[str, str]:
    """Column → what is written there; an empty cell is left out, for it is missing."""
    return {
        column: cell.strip()
        for column, cell in zip(header, row, strict=False)
        if column in COLUMNS and cell.strip()
    }


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(reader, start=2):
        if any(cell.strip() for cell in row):
            yield line, row


def people_from_csv(data: bytes) -> People:
    """The people of a CSV file in UTF-8 (BOM or not) or GB18030; raises PeopleFileError."""
    reader = csv.reader(io.StringIO(_decoded(data), newline=""))
    header = [cell.strip().lower() for cell in next(reader, [])]
    if "id" not in header:
        raise PeopleFileError("the first line names no column `id`")
    rows: dict[str, Identity] = {}
    problems: list[RowProblem] = []
    for line, row in _rows(reader):
        cells = _cells(header, row)
        key = cells.get("id")
        if len(row) > len(header):
            problems.append(RowProblem(line, header[-1], "too_many_columns"))
        elif key is None:
            problems.append(RowProblem(line, "id", "missing_id"))
        elif key in rows:
            problems.append(RowProblem(line, "id", "duplicate_id"))
        else:
            rows[key], wrong = _identity(cells)
            problems += [RowProblem(line, column, code) for column, code in wrong]
    return People(tuple(rows.items()), tuple(problems))


def read_people_csv(path: Path) -> People:
    """The people of the file at `path`; see `people_from_csv`. Raises OSError, PeopleFileError."""
    return people_from_csv(path.read_bytes())
