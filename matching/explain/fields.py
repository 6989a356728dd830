"""Field by field: what both sides wrote, the forms compared, the aligned differences, the notes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from matching import compare as by_field
from matching.explain.explanation import Note, NoteCode, Side
from matching.explain.names import compared_names, list_spans, name_spans
from matching.explain.parts import (
    address_form,
    address_spans,
    date_form,
    date_spans,
    phone_spans,
)
from matching.explain.spans import Span, code_point, text_spans, whole_spans
from matching.idnumber import IdNumber, NumberKind, check_character
from matching.levels import Level
from matching.names import Name
from matching.prepared import Prepared

SIDES: Final = ("left", "right")
PRIVATE_USE: Final = range(0xE000, 0xF900)
LENGTH: Final = 18


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one field; the spans of a side, one after the other, are its form."""

    left: Side
    right: Side
    spans: tuple[Span, ...]
    notes: tuple[Note, ...] = ()


def _form(spans: tuple[Span, ...], side: str) -> str | None:
    return "".join(getattr(span, side) for span in spans) or None


def _name(left: Prepared, right: Prepared, level: Level) -> Pair:
    pair = compared_names(left, right, former=level is Level.FORMER)
    spans = name_spans(pair.left, pair.right)
    written = left.identity.name, right.identity.name
    notes = [
        *([Note(NoteCode.FORMER_NAME, pair.former)] if pair.former else []),
        *(
            note
            for side, raw, name in zip(SIDES, written, (left.name, right.name), strict=True)
            for note in _name_notes(side, raw, name)
        ),
    ]
    found = by_field.compare_names(left, right)
    if found.bits and level not in (Level.MISSING, Level.DIFFERENT):
        notes.append(Note(NoteCode.CHANCE, detail=f"{_rounded(2**found.bits):,}"))
    one, other = (Side(raw, _form(spans, side)) for side, raw in zip(SIDES, written, strict=True))
    return Pair(one, other, spans, tuple(notes))


def _name_notes(side: str, raw: str | None, name: Name | None) -> Iterator[Note]:
    if raw and name is None:
        yield Note(NoteCode.UNREADABLE, side)
    private = [code_point(sign) for sign in raw or "" if ord(sign) in PRIVATE_USE]
    if private:
        yield Note(NoteCode.PRIVATE_USE, side, " ".join(private))


def _rounded(number: float) -> int:
    """Two significant digits."""
    scale: int = 10 ** max(0, len(str(int(number))) - 2)
    return round(number / scale) * scale


def _number(left: Prepared, right: Prepared, level: Level) -> Pair:
    spans = text_spans(left.number.text, right.number.text)
    one, other = (Side(p.identity.id_number, p.number.text or None) for p in (left, right))
    notes = (
        Note(code, side)
        for side, number in zip(SIDES, (left.number, right.number), strict=True)
        for code in _number_notes(number)
    )
    return Pair(one, other, spans, tuple(notes))


def _number_notes(number: IdNumber) -> Iterator[NoteCode]:
    if number.kind is NumberKind.FIFTEEN:
        yield NoteCode.FROM_15
    elif number.kind is NumberKind.UNUSABLE:
        yield NoteCode.DAMAGED
    elif number.kind is NumberKind.BAD_CHECK and len(number.text) != LENGTH:
        yield NoteCode.LENGTH_WRONG
    elif number.kind is NumberKind.BAD_CHECK:
        if number.birth_date is None:
            yield NoteCode.DATE_IMPOSSIBLE
        if number.text[:17].isdigit() and check_character(number.text[:17]) != number.text[17]:
            yield NoteCode.CHECK_WRONG


def _birth_date(left: Prepared, right: Prepared, level: Level) -> Pair:
    one, other = (
        Side(date_form(p.identity.birth_date), date_form(p.birth_date)) for p in (left, right)
    )
    return Pair(one, other, date_spans(left.birth_date, right.birth_date), _told(one, other))


def _sex(left: Prepared, right: Prepared, level: Level) -> Pair:
    one, other = (
        Side(p.identity.sex and str(p.identity.sex), p.sex and str(p.sex)) for p in (left, right)
    )
    return Pair(one, other, whole_spans(one.form, other.form), _told(one, other))


def _told(left: Side, right: Side) -> tuple[Note, ...]:
    """A value that was not written but read from the identity number."""
    return tuple(
        Note(NoteCode.FROM_NUMBER, name)
        for name, side in zip(SIDES, (left, right), strict=True)
        if side.form is not None and side.written is None
    )


def _address(left: Prepared, right: Prepared, level: Level) -> Pair:
    one, other = (Side(p.identity.address, address_form(p.address)) for p in (left, right))
    spans = address_spans(left.address, right.address)
    return Pair(one, other, spans, _unread(one, other))


def _unread(left: Side, right: Side) -> tuple[Note, ...]:
    return tuple(
        Note(NoteCode.UNREADABLE, name)
        for name, side in zip(SIDES, (left, right), strict=True)
        if side.written and side.form is None
    )


def _phone(left: Prepared, right: Prepared, level: Level) -> Pair:
    one, other = (Side(p.identity.phone, p.phone) for p in (left, right))
    spans = phone_spans(left.phone, right.phone)
    return Pair(one, other, spans, _unread(one, other))


def _text(written: str) -> Callable[[Prepared, Prepared, Level], Pair]:
    """A field whose form is one text under the same name."""

    def pair(left: Prepared, right: Prepared, level: Level) -> Pair:
        one, other = (
            Side(getattr(p.identity, written), getattr(p, written)) for p in (left, right)
        )
        return Pair(one, other, text_spans(one.form, other.form), _unread(one, other))

    return pair


def _relatives(left: Prepared, right: Prepared, level: Level) -> Pair:
    """Others of the household (家庭成员), each a span of its own."""
    spans = list_spans(left.relatives, right.relatives)
    one, other = (
        Side("、".join(person.identity.relatives) or None, _form(spans, side))
        for side, person in zip(SIDES, (left, right), strict=True)
    )
    return Pair(one, other, spans)


PAIRS: Final[Mapping[str, Callable[[Prepared, Prepared, Level], Pair]]] = {
    "name": _name,
    "id_number": _number,
    "birth_date": _birth_date,
    "sex": _sex,
    "address": _address,
    "household_number": _text("household_number"),
    "phone": _phone,
    "employer": _text("employer"),
    "relatives": _relatives,
}
