"""Rows as files that open in a spreadsheet and do nothing there: CSV and xlsx."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, Final, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from app.batch.csv_text import BOM, csv_lines, harmless

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK: Final = 256 * 1024
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
Pages: TypeAlias = AsyncIterator[list[tuple[object, ...]]]


class IdNumber(str):
    """The number of a document, which no file may take for a number."""

    __slots__ = ()


def as_text(cell: object) -> object:
    """A document's number has a tab before it: spreadsheets keep 15 digits of a number."""
    return f"\t{cell}" if isinstance(cell, IdNumber) else harmless(cell)


async def as_csv(columns: Sequence[str], pages: Pages) -> AsyncIterator[str]:
    """UTF-8 with its mark, so that spreadsheets take it for what it is."""
    yield BOM + csv_lines([columns], as_text)
    async for page in pages:
        yield csv_lines(page, as_text)


async def as_xlsx(columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """A workbook, written on disk; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("hedui")
    sheet.append(_cells(sheet, columns))
    async for page in pages:
        for row in page:
            sheet.append(_cells(sheet, row))
    with TemporaryFile() as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        chunk = await _read(file)
        while chunk:
            yield chunk
            chunk = await _read(file)


async def _read(file: IO[bytes]) -> bytes:
    return await asyncio.to_thread(file.read, _CHUNK)


def _cells(sheet: Any, row: Iterable[object]) -> list[Any]:
    return [_cell(sheet, one) for one in row]


def _cell(sheet: Any, value: object) -> Any:
    text = "" if value is None else _NOT_IN_XML.sub("", str(value))
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.number_format = "@"
    return cell
