"""Writes the request workbook of an asking: who is asked about, numbered from 1 (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
    asked = tuple(person for person in query.persons if can_be_named(person))
    left_out = tuple(person for person in query.persons if not can_be_named(person))
    return Request(name, body_of(dict(enumerate(asked, start=1))), asked, left_out)


def body_of(persons: Mapping[int, AskedPerson]) -> bytes:
    """The workbook's bytes; each person's place is the 序号."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Sheet1")

    def text(value: str) -> Cell:
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"  # a number stays whole, and what begins with `=` is no formula
        return cell

    sheet.append([text(heading) for heading in HEADINGS])
    for number, person in persons.items():
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
    name = name_of(query.region[:6], query.sent_on, query.sequence)
    if name is None:
        raise SourceError.of(FailureKind.REJECTED, "the region is no county's code of six digits")
    return name


def name_of(county: str, sent_on: date, number: int) -> str | None:
    """The workbook's name without ending; None where the interface has no such name."""
    if len(county) != 6 or not (county.isascii() and county.isdigit()):
        return None
    if not 1 <= number <= LAST_SEQUENCE:
        return None
    return f"ZQREQ_{county}_{sent_on:%Y%m%d}_{number:04d}"


def can_be_named(person: AskedPerson) -> bool:
    """Whether the workbook has room for the person's document and name."""
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
