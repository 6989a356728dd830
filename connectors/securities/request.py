"""Writes the request workbook of an asking: who is asked about, numbered from 1 (pure)."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, assert_never
from unicodedata import category

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell

from connectors.contract import AskedPerson, IdType, SourceQuery
from connectors.failure import FailureKind, SourceError

HEADINGS: Final = ("序号", "姓名", "证件类型", "证件号码")
LAST_SEQUENCE: Final = 9999
"""File names have room for four digits."""
_UNWRITABLE: Final = frozenset({"Cc", "Cs"})
"""Unicode categories that a workbook cannot hold: control characters, halves of pairs."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request workbook: `asked` stand in it with their place, from 1, as 序号.

    `left_out` are those whom it cannot name: no document, or characters it has no room for.
    """

    name: str  # without ending
    body: bytes = field(repr=False)
    asked: tuple[AskedPerson, ...]
    left_out: tuple[AskedPerson, ...]


def request_of(query: SourceQuery) -> Request:
    """The request workbook; raises `SourceError` (`REJECTED`) where its name cannot be formed."""
    name = _name_of(query)
    asked = tuple(person for person in query.persons if _can_be_named(person))
    left_out = tuple(person for person in query.persons if not _can_be_named(person))
    return Request(name, _workbook(asked), asked, left_out)


def _workbook(asked: tuple[AskedPerson, ...]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Sheet1")

    def text(value: str) -> Cell:
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"  # a number stays whole, and what begins with `=` is no formula
        return cell

    sheet.append([text(heading) for heading in HEADINGS])
    for number, person in enumerate(asked, start=1):
        kind = _document_kind(person.id_type) or ""
        sheet.append([text(value) for value in (str(number), person.name, kind, person.id_number)])
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def _name_of(query: SourceQuery) -> str:
    if not 1 <= query.sequence <= LAST_SEQUENCE:
        raise SourceError.of(
            FailureKind.REJECTED, f"no file name left today: number {query.sequence}"
        )
    region = query.region[:6]
    if len(region) != 6 or not (region.isascii() and region.isdigit()):
        raise SourceError.of(FailureKind.REJECTED, "the region is no county's code of six digits")
    return f"ZQREQ_{region}_{query.sent_on:%Y%m%d}_{query.sequence:04d}"


def _can_be_named(person: AskedPerson) -> bool:
    written = (person.name, person.id_number)
    return _document_kind(person.id_type) is not None and all(map(_fits_a_cell, written))


def _fits_a_cell(text: str) -> bool:
    return bool(text.strip()) and not any(category(letter) in _UNWRITABLE for letter in text)


def _document_kind(id_type: IdType) -> str | None:
    """Kind of document 证件类型 as the workbook writes it; None: it has no word for it."""
    match id_type:
        case IdType.RESIDENT_ID:
            return "身份证"
        case IdType.PASSPORT:
            return "护照"
        case IdType.HK_MACAU_PERMIT:
            return "港澳通行证"
        case IdType.TAIWAN_PERMIT:
            return "台胞证"
        case IdType.NONE:
            return None
        case _:
            assert_never(id_type)
