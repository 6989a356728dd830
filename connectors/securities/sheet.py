"""Run as a child process: reads a workbook from standard input, writes its rows as JSON lines.

The child is what a hostile workbook may use up: its memory and time are limited before a byte of
the workbook is read. It imports nothing of the project, so that it runs isolated and starts fast.
Formulas are not evaluated; the value that the workbook keeps is read. Numbers stay numbers (their
shortest form, so that no digit is invented); the last line is `"end"`.
"""

import json
import math
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

MOST_MEMORY: Final = 384 * 1024 * 1024  # bytes of address space
MOST_SECONDS: Final = 30  # of the processor

MOST_MEMBERS: Final = 200
MOST_UNPACKED: Final = 192 * 1024 * 1024  # bytes, as declared
MOST_RATIO: Final = 200  # unpacked to packed
MOST_ROWS: Final = 400_000
MOST_COLUMNS: Final = 64
MOST_LETTERS: Final = 1_000  # of a cell

UNREADABLE: Final = 3
TOO_LARGE: Final = 4
"""Exit statuses; any other than 0 and these is a child that was stopped by its limits."""

Cell: TypeAlias = int | float | str | bool | date | time | datetime | timedelta


class TooLarge(Exception):  # noqa: N818 - a bound of ours, not a fault
    """The workbook is larger than any answer can be."""


def limit_myself() -> None:
    """Bound memory, processor time and files from here on."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_sizes(body: bytes) -> None:
    """Refuse by what the archive declares, before anything is unpacked; raises `TooLarge`."""
    with zipfile.ZipFile(BytesIO(body)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise TooLarge
    if unpacked > MOST_RATIO * max(packed, 1):
        raise TooLarge


def plain(cell: Cell) -> str | int | float | bool | None:
    """A cell as JSON tells it: an empty one is null, a whole number has no point."""
    if isinstance(cell, str):
        if len(cell) > MOST_LETTERS:
            raise TooLarge
        return cell or None
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return int(cell)
    if isinstance(cell, (int, float)):
        return cell if math.isfinite(cell) else str(cell)
    if isinstance(cell, timedelta):
        return str(cell)
    return cell.isoformat()


def write_rows(body: bytes) -> None:
    """Write the first sheet's rows from row 1; raises `TooLarge` and what the reader raises."""
    sheet = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0)
    if sheet.total_height > MOST_ROWS or sheet.total_width > MOST_COLUMNS:
        raise TooLarge
    out = sys.stdout.buffer
    for row in sheet.iter_rows():
        line = json.dumps([plain(cell) for cell in row], ensure_ascii=False, allow_nan=False)
        out.write(line.encode() + b"\n")
    out.write(b'"end"\n')
    out.flush()


def main() -> int:
    """The exit status."""
    limit_myself()
    body = sys.stdin.buffer.read()
    try:
        check_sizes(body)
        write_rows(body)
    except TooLarge:
        return TOO_LARGE
    except (CalamineError, zipfile.BadZipFile, ValueError, IndexError, OSError):
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
