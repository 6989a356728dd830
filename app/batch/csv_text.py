"""Tables as CSV that opens in a spreadsheet and does nothing there."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Final

BOM: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for the system's own encoding."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell


def csv_lines(
    rows: Iterable[Sequence[object]], as_cell: Callable[[object], object] = harmless
) -> str:
    """Rows as text, each ended by CR LF (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerows([[as_cell(cell) for cell in row] for row in rows])
    return out.getvalue()
