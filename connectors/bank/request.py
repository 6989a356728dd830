"""Writes the request file of an asking: who is asked about, numbered from 1 (pure)."""

from dataclasses import dataclass, field
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
    asked = tuple(person for person in query.persons if _can_be_named(person))
    left_out = tuple(person for person in query.persons if not _can_be_named(person))
    lines = [
        f"HD|{name}|{len(asked)}|{query.sent_on:%Y%m%d}",
        *(
            f"{number}|{person.name}|{_document_kind(person.id_type)}|{person.id_number}"
            for number, person in enumerate(asked, start=1)
        ),
    ]
    before = b"".join(line.encode(ENCODING) + END for line in lines)
    trailer = f"TR|{len(asked)}|{md5_of(before)}".encode(ENCODING) + END
    return Request(name, before + trailer, asked, left_out)


def md5_of(content: bytes) -> str:
    """MD5 in lower-case hexadecimal: the interface's check for damage, not for authenticity."""
    return md5(content, usedforsecurity=False).hexdigest()


def _name_of(query: SourceQuery) -> str:
    if not 1 <= query.sequence <= LAST_SEQUENCE:
        raise SourceError.of(
            FailureKind.REJECTED, f"no file name left today: number {query.sequence}"
        )
    region = query.region[:6]
    if len(region) != 6 or not (region.isascii() and region.isdigit()):
        raise SourceError.of(FailureKind.REJECTED, "the region is no county's code of six digits")
    return f"HDREQ_{region}_{query.sent_on:%Y%m%d}_{query.sequence:04d}"


def _can_be_named(person: AskedPerson) -> bool:
    written = (person.name, person.id_number)
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
