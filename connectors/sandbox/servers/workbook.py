"""Excel workbooks of the securities' register: requests read, replies written, and broken ones."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from random import Random
from string import ascii_uppercase
from typing import Final
from xml.sax.saxutils import escape
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from connectors.sandbox.faults import Fault
from connectors.sandbox.servers import payloads
from connectors.sandbox.servers.file_faults import spoilt_file

ASKED: Final = ("序号", "姓名", "证件类型", "证件号码")
HEADINGS: Final = (
    "序号",
    "查询结果",
    "姓名",
    "证件号码",
    "一码通账号",
    "市场",
    "证券代码",
    "证券简称",
    "证券类别",
    "持有数量",
    "市值",
    "资金余额",
    "日期",
)
SHEET: Final = "xl/worksheets/sheet1.xml"
STRINGS: Final = "xl/sharedStrings.xml"
COLUMNS: Final = ascii_uppercase
_REFERENCE: Final = re.compile(r"&#([0-9]{4,});")

Cell = str | int | Decimal | None


class UnreadableRequest(Exception):  # noqa: N818 - says what it is
    """The request is no workbook with the four headings."""


def read_request(body: bytes) -> list[tuple[int, str, str]]:
    """Sequence number, name and identity number of each person asked about."""
    try:
        workbook = load_workbook(io.BytesIO(body), read_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise UnreadableRequest("no workbook") from error
    try:
        rows = iter(workbook.worksheets[0].iter_rows(values_only=True))
        if tuple(next(rows, ()))[: len(ASKED)] != ASKED:
            raise UnreadableRequest("headings missing")
        return [_person(row) for row in rows if any(value is not None for value in row)]
    finally:
        workbook.close()


def _person(row: Sequence[object]) -> tuple[int, str, str]:
    sequence, name, _kind, number = (row[place] if place < len(row) else None for place in range(4))
    if isinstance(sequence, str) and sequence.strip().isdecimal():
        sequence = int(sequence)
    if not isinstance(sequence, int):
        raise UnreadableRequest("a row without its number")
    return sequence, str(name or "").strip(), str(number or "").strip()


def write_reply(rows: Iterable[Sequence[Cell]], *, headings: Sequence[str] = HEADINGS) -> bytes:
    """A workbook of one sheet: text stays text, identity numbers too.

    The rows are written by hand: the library takes three times as long.
    """
    return _changed(_empty(), SHEET, lambda sheet: _filled(sheet, (headings, *rows)))


def _empty() -> bytes:
    workbook = Workbook(write_only=True)
    workbook.create_sheet("Sheet1")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _filled(sheet: bytes, rows: Iterable[Sequence[Cell]]) -> Iterable[bytes]:
    """The sheet's XML with these rows in it."""
    before, _, after = sheet.partition(b"<sheetData></sheetData>")
    yield before + b"<sheetData>"
    for number, row in enumerate(rows, start=1):
        cells = (_cell_xml(f"{COLUMNS[place]}{number}", value) for place, value in enumerate(row))
        yield f'<row r="{number}">{"".join(cells)}</row>'.encode()
    yield b"</sheetData>" + after


def _cell_xml(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{place}" t="inlineStr">{text}</c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def spoilt_workbook(body: bytes, fault: Fault | None, rng: Random) -> bytes:
    """The workbook's bytes as the fault leaves them."""
    match fault:
        case Fault.BROKEN_WORKBOOK:
            return _changed(body, SHEET, lambda sheet: (sheet[: len(sheet) // 2],))
        case Fault.GZIP_BOMB:
            return _changed(body, SHEET, _bomb)
        case Fault.XML_ENTITY_BOMB:
            return _changed(body, SHEET, _entities)
        case Fault.WRONG_CHARSET:
            return _recoded(body)
        case Fault.TEN_MEGABYTES:
            return _with_attachment(body, rng)
        case _:
            return spoilt_file(body, fault, rng)


def _changed(body: bytes, member: str, change: Callable[[bytes], Iterable[bytes]]) -> bytes:
    """The archive with one member changed, written block by block."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as before,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            with after.open(name, "w") as file:
                for block in change(content) if name == member else (content,):
                    file.write(block)
    return buffer.getvalue()


def _bomb(sheet: bytes) -> Iterable[bytes]:
    """256 MB of blanks before the sheet's rows; some 260 KB once packed."""
    start = sheet.index(b"<sheetData>")
    yield sheet[:start]
    blanks = b" " * payloads.MEGABYTE
    for _ in range(payloads.BOMB_MEGABYTES):
        yield blanks
    yield sheet[start:]


def _entities(sheet: bytes) -> Iterable[bytes]:
    """Entities that grow without end, used in the first cell."""
    declared = payloads.XML_ENTITY_BOMB.split("]>")[0].replace("DOCTYPE root", "DOCTYPE worksheet")
    root = sheet[sheet.index(b"<worksheet") :]
    start = root.index(b"</sheetData>")
    bomb = b'<row><c t="inlineStr"><is><t>&e9;</t></is></c></row>'
    return declared.encode(), b"]>", root[:start], bomb, root[start:]


def _recoded(body: bytes) -> bytes:
    """Every text in GBK, still taken for UTF-8."""
    recoded = body
    for member in (STRINGS, SHEET):
        recoded = _changed(recoded, member, _in_gbk)
    return recoded


def _in_gbk(xml: bytes) -> Iterable[bytes]:
    """The XML without its character references, in GBK."""
    text = _REFERENCE.sub(lambda found: chr(int(found[1])), xml.decode("utf-8"))
    return (text.encode("gb18030"),)


def _with_attachment(body: bytes, rng: Random) -> bytes:
    """The workbook with a picture of ten megabytes that cannot be packed."""
    buffer = io.BytesIO(body)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/media/image1.png", rng.randbytes(10 * payloads.MEGABYTE))
    return buffer.getvalue()
