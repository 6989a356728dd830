"""Writes the request file of an asking: who is asked about, numbered from 1 (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5
from typing import Final, assert_never
from unicodedata import category

from connectors.contract import AskedPerson, IdType, SourceQuery
from connectors.failure import FailureKind, SourceError

ENCODING: Final = "gb18030"
END: Final = b"\r\n"
LAST_SEQUENCE: Final = 9999
"""File names have room for four digits."""
_UNWRITABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: control characters, halves of surrogate pairs, line separators."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request file: `asked` stand in it with their place, from 1, as sequence number.

    `left_out` are those whom the file cannot name: no document, or characters it has no room for.
    """

    name: str  # without ending
    body: bytes = field(repr=False)
    asked: tuple[AskedPerson, ...]
    left_out: tuple[AskedPerson, ...]


def request_of(query: SourceQuery) -> Request:
    """The request file; raises `SourceError` (`REJECTED`) where its name cannot be formed."""
    name = _name_of(query)
    asked = tuple(person for person in query.persons if can_be_named(person))
    left_out = tuple(person for person in query.persons if not can_be_named(person))
    body = body_of(name, query.sent_on, dict(enumerate(asked, start=1)))
    return Request(name, body, asked, left_out)


def body_of(name: str, sent_on: date, persons: Mapping[int, AskedPerson]) -> bytes:
    """The file's bytes; each person's place is the sequence number."""
    lines = [
        f"HD|{name}|{len(persons)}|{sent_on:%Y%m%d}",
        *(
            f"{place}|{person.name}|{_document_kind(person.id_type)}|{person.id_number}"
            for place, person in persons.items()
        ),
    ]
    before = b"".join(line.encode(ENCODING) + END for line in lines)
    trailer = f"TR|{len(persons)}|{md5_of(before)}".encode(ENCODING) + END
    return before + trailer


def md5_of(content: bytes | memoryview) -> str:
    """MD5 in lower-case hexadecimal: the interface's check for damage, not for authenticity."""
    return md5(content, usedforsecurity=False).hexdigest()


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
    """The file's name without ending; None where the interface has no such name."""
    if len(county) != 6 or not (county.isascii() and county.isdigit()):
        return None
    if not 1 <= number <= LAST_SEQUENCE:
        return None
    return f"HDREQ_{county}_{sent_on:%Y%m%d}_{number:04d}"


def can_be_named(person: AskedPerson) -> bool:
    written = (person.name, person.id_number)
    """Whether the file has room for the person's document and name."""
    return _document_kind(person.id_type) is not None and all(map(_fits_a_field, written))


def _fits_a_field(text: str) -> bool:
    """Rare characters of the private-use area fit; what ends lines or fields does not."""
    return (
        bool(text.strip())
        and "|" not in text
        and not any(category(character) in _UNWRITABLE for character in text)
    )


def _document_kind(id_type: IdType) -> str | None:
    """Kind of document 证件类型 as the file writes it; None: it has no number for it."""
    match id_type:
        case IdType.RESIDENT_ID:
            return "1"
        case IdType.PASSPORT:
            return "2"
        case IdType.HK_MACAU_PERMIT:
            return "3"
        case IdType.TAIWAN_PERMIT:
            return "4"
        case IdType.NONE:
            return None
        case _:
            assert_never(id_type)
