"""The first sheet of a workbook (xlsx), a row at a time.

Only what is needed is unpacked, nothing is evaluated, and the archive is judged by what it
declares before a byte of it is unpacked (a reader never unpacks more than is declared).
"""

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from typing import IO, BinaryIO, Final

from lxml import etree

from app.batch.roster.bounds import (
    MOST_COLUMNS,
    MOST_LETTERS,
    MOST_MEMBERS,
    MOST_RATIO,
    MOST_SHARED,
    MOST_UNPACKED,
    Failure,
    Unusable,
)
from app.batch.roster.cells import ERROR, Number
from app.batch.roster.tables import Numbered

_MAIN: Final = "{*}"  # strict and transitional workbooks differ in nothing but this
_REL: Final = re.compile(r"\{.*(?:officeDocument/2006|officeDocument)/relationships\}id")
_BOOK: Final = "xl/workbook.xml"
_TEXTS: Final = "xl/sharedStrings.xml"
_ENCRYPTED: Final = 0x1
_MOST_BOOK: Final = 4 * 1024 * 1024  # bytes of the list of sheets and of what they refer to
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS: Final = "0123456789"
_MOST_NUMBER: Final = 1_048_576  # of a sheet's row


def sheet_rows(file: BinaryIO) -> Iterator[Numbered]:
    """Rows with their numbers in the sheet, blank ones left out; raises `Unusable`."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = _checked(archive)
            sheet = _first_sheet(archive)
            texts = _Texts()
            if _TEXTS in names:
                with archive.open(_TEXTS) as part:
                    texts.read(part)
            with archive.open(sheet) as part:
                yield from _rows(part, texts)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, zlib.error):
        raise Unusable(Failure.DAMAGED) from None
    except (KeyError, NotImplementedError, ValueError, IndexError):
        raise Unusable(Failure.DAMAGED) from None


def _checked(archive: zipfile.ZipFile) -> set[str]:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise Unusable(Failure.TOO_LARGE)
    if unpacked > MOST_RATIO * max(packed, 1):
        raise Unusable(Failure.TOO_LARGE)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unusable(Failure.ENCRYPTED)
    names = {member.filename for member in members}
    if any("vbaproject" in name.lower() for name in names):
        raise Unusable(Failure.HAS_MACROS)
    if _BOOK not in names:
        raise Unusable(Failure.UNSUPPORTED)
    return names


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The name of the first sheet's part."""
    book = _document(archive, _BOOK)
    properties = book.find(f"{_MAIN}workbookPr")
    if properties is not None and properties.get("date1904") in ("1", "true"):
        # Days count from another day there, and a number does not say that it is a day.
        raise Unusable(Failure.UNSUPPORTED)
    sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
    if sheet is None:
        raise Unusable(Failure.NO_ROWS)
    wanted = next(value for name, value in sheet.items() if _REL.fullmatch(str(name)))
    for one in _document(archive, "xl/_rels/workbook.xml.rels"):
        if one.get("Id") == wanted:
            target = one.get("Target", "")
            return (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join("xl", target))
            )
    raise Unusable(Failure.DAMAGED)


def _document(archive: zipfile.ZipFile, name: str) -> etree._Element:
    if archive.getinfo(name).file_size > _MOST_BOOK:
        raise Unusable(Failure.TOO_LARGE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(archive.read(name), parser)
    if root.getroottree().docinfo.doctype:
        raise Unusable(Failure.DAMAGED)
    return root


def _elements(part: IO[bytes], name: str) -> Iterator[etree._Element]:
    """Elements of the name as they end, each forgotten before the next."""
    events = etree.iterparse(
        part,
        events=("end",),
        tag=f"{_MAIN}{name}",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in events:
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


class _Texts:
    """Texts that cells share, one after the other in one block of bytes."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("L", [0])

    def read(self, part: IO[bytes]) -> None:
        for element in _elements(part, "si"):
            self._block += _written(element)[: MOST_LETTERS + 1].encode()
            self._ends.append(len(self._block))
            if len(self._block) + 8 * len(self._ends) > MOST_SHARED:
                raise Unusable(Failure.TOO_LARGE)

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError(place)
        return self._block[self._ends[place] : self._ends[place + 1]].decode()


def _is(element: etree._Element, name: str) -> bool:
    tag = element.tag
    return isinstance(tag, str) and tag.endswith("}" + name)


def _written(element: etree._Element) -> str:
    """The text of an item, its runs put together, without how it is pronounced."""
    if len(element) == 1 and not len(element[0]):
        return element[0].text or ""
    words = []
    for child in element:
        if _is(child, "t"):
            words.append(child.text or "")
        elif _is(child, "r"):
            words.append(child.findtext(f"{_MAIN}t") or "")
    return "".join(words)


def _rows(part: IO[bytes], texts: _Texts) -> Iterator[Numbered]:
    number = 0
    places: dict[str, int] = {}
    for element in _elements(part, "row"):
        stated = element.get("r")
        number = number + 1 if stated is None else int(stated)
        if not 0 < number <= _MOST_NUMBER:
            raise Unusable(Failure.DAMAGED)
        row: list[str] = []
        for cell in element:
            place = _place(cell.get("r"), len(row), places)
            if place >= MOST_COLUMNS:
                break
            text = _text(cell, texts)
            if text:
                row.extend([""] * (place - len(row)))
                row[place:] = [text]
        if row:
            yield number, row


def _place(reference: str | None, following: int, places: dict[str, int]) -> int:
    """The column of a cell, from 0; the next one where it does not say."""
    if reference is None:
        return following
    letters = reference.rstrip(_DIGITS)
    known = places.get(letters)
    if known is not None:
        return known
    place = 0
    for letter in letters[:4]:
        place = place * 26 + _LETTERS.index(letter) + 1
    if len(places) < MOST_COLUMNS:
        places[letters] = place - 1
    return place - 1


def _text(cell: etree._Element, texts: _Texts) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _written(cell[0]) if len(cell) else ""
    # The last place first: a sheet of a million rows has ten million of these.
    last = cell[-1] if len(cell) else None
    if last is not None and not _is(last, "v"):
        last = cell.find(f"{_MAIN}v")
    value = None if last is None else last.text
    if not value:
        return ""
    if kind == "s":
        return texts[int(value)]
    if kind == "b":
        return "true" if value == "1" else "false"
    if kind == "e":
        return ERROR
    return Number(value) if kind in (None, "n") else value
