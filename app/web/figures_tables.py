"""Tables of figures: one object is the table on the page, its CSV, and what a chart is drawn of."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from markupsafe import Markup

BOM: Final = "\ufeff"  # so that spreadsheets read UTF-8
NO_CHART: Final = Markup("")
_FORMULA: Final = ("=", "+", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Head:
    """A column; numbers stand at the right."""

    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`name` in the address of its CSV; the first cell of a row heads it."""

    name: str
    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]
    note: str = ""
    empty: str = ""
    chart: Markup = NO_CHART


def as_csv(table: Table, caption: str) -> Response:
    """The table as it is on the page: title and filters above it, a cell that a cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([table.title])
    writer.writerow([caption])
    writer.writerow([one.text for one in table.heads])
    writer.writerows([[_harmless(cell) for cell in row] for row in table.rows])
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.csv"'}
    body = BOM + text.getvalue()
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(cell: str) -> str:
    """No cell is a formula to a spreadsheet."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
