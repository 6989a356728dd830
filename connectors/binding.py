"""Do the records of a reply belong to the person asked about, and what do they say? (pure)

A source gives records whose identity number equals the one asked for (18- or 15-digit form, digits
masked with `*`), or whose name equals after its own clean-up. One that fits neither cannot belong
to this asking. Whose record it really is, is decided elsewhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from connectors.contract import AskedPerson, Found, IdType, NoRecord, Outcome, Partial, Unknown
from connectors.failure import Failure, FailureKind
from connectors.mapping import unmapped_in
from connectors.records import AnyRecord, Subject

_RESIDENT: Final = re.compile(r"[0-9*]{14}[0-9X*]|[0-9*]{17}[0-9X*]", re.ASCII)
_LEFT_OUT: Final = re.compile(r"[\s·.•・‧∙⋅･]+")

ENOUGH_DIGITS: Final = 8
"""Unmasked digits that have to agree before a masked number counts as the person's."""


class Bound(StrEnum):
    """Whether a record fits an asking."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


def bound_to(person: AskedPerson, subjects: Sequence[Subject]) -> Bound:
    """Whether one of the record's subjects fits the person asked about, by number or by name."""
    found = {_fits(person, subject) for subject in subjects}
    if Bound.YES in found:
        return Bound.YES
    return Bound.CANNOT_TELL if Bound.CANNOT_TELL in found or not found else Bound.NO


def bind(person: AskedPerson, records: Iterable[AnyRecord], gap: Failure | None = None) -> Outcome:
    """The outcome: what fits the person, once each; `gap` is what is known to be missing.

    A record with an unknown code or an unreadable value stays and leaves a gap; records of quite
    other people are taken out and leave one, too.
    """
    return bind_each(person, distinct(records), gap)


def bind_each(person: AskedPerson, given: tuple[AnyRecord, ...], gap: Failure | None) -> Outcome:
    """`bind` for a source that knows itself which of its records came twice."""
    kept = tuple(each for each in given if bound_to(person, each.subjects) is not Bound.NO)
    if len(kept) < len(given):
        strangers = Failure(FailureKind.MISMATCHED, "records that do not fit the person asked for")
        gap = strangers if not kept or gap is None else gap
    gap = gap or unmapped_in(kept)
    if not kept:
        return NoRecord() if gap is None else Unknown(gap)
    return Found(kept) if gap is None else Partial(kept, gap)


def distinct(records: Iterable[AnyRecord]) -> tuple[AnyRecord, ...]:
    """The records, each once; equal means equal in all that the source wrote."""
    seen: dict[tuple[object, ...], list[AnyRecord]] = {}
    kept: list[AnyRecord] = []
    for record in records:
        alike = seen.setdefault((record.type, *record.raw.items()), [])
        if record not in alike:
            alike.append(record)
            kept.append(record)
    return tuple(kept)


def same_number(person: AskedPerson, written: str | None) -> bool | None:
    """Whether a number is the person's; None where one of the two is unusable."""
    asked = _plain_number(person.id_number)
    other = _plain_number(written or "")
    if not asked or not other or person.id_type is IdType.NONE:
        return None
    if person.id_type is not IdType.RESIDENT_ID:
        return asked == other
    if _RESIDENT.fullmatch(asked) is None or _RESIDENT.fullmatch(other) is None:
        return None
    if asked == other and "*" not in asked:
        return True
    if len(asked) != len(other):
        asked, other = _short(asked), _short(other)
    if not all(a == b or "*" in (a, b) for a, b in zip(asked, other, strict=True)):
        return False
    return True if len(other) - other.count("*") >= ENOUGH_DIGITS else None


def cleaned_name(name: str) -> str:
    """A name without blanks, middle dots and case."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _fits(person: AskedPerson, subject: Subject) -> Bound:
    number = same_number(person, subject.id_number)
    name = _same_name(person.name, subject.name)
    if number or name:
        return Bound.YES
    return Bound.CANNOT_TELL if number is None or name is None else Bound.NO


def _same_name(asked: str, written: str | None) -> bool | None:
    left, right = cleaned_name(asked), cleaned_name(written or "")
    return left == right if left and right else None


def _plain_number(number: str) -> str:
    if number.isascii() and number.isalnum():
        return number.upper()
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def _short(number: str) -> str:
    """The 15-digit form: no century, no check character."""
    return number if len(number) == 15 else number[:6] + number[8:17]
