"""Under which identity numbers a roster's person may be stored, where his or hers is doubtful.

An index finds whole numbers alone. So what was mis-keyed by one slip, hidden in part, or left out
is filled in: every number that is valid (GB 11643) and one slip away, or that the date of birth
leaves open. Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from typing import Final

from matching.idnumber import MASK, IdNumber, NumberKind, check_character, parse_number

MOST_OPEN: Final = 3
"""Digits that are tried: a thousand numbers, those of one birthday in one county."""
_LENGTH: Final = 18
_BIRTH: Final = slice(6, 14)
_COUNTY: Final = 6
_ORDER_AND_CHECK: Final = MASK * 4
_DIGITS: Final = "0123456789"


def likely_numbers(
    number: IdNumber, born: date | None, counties: Sequence[str] = ()
) -> tuple[str, ...]:
    """Numbers of 18 characters (or the one of another document), the written one first.

    `counties`: codes under which somebody without a number may have been registered.
    """
    match number.kind:
        case NumberKind.OTHER:
            return (number.text,)
        case NumberKind.FULL | NumberKind.FIFTEEN:
            return tuple(dict.fromkeys((number.text, *_slips(number.text))))
        case NumberKind.BAD_CHECK:
            return tuple(dict.fromkeys(_slips(number.text)))
        case NumberKind.MASKED:
            return tuple(_filled(number.text, born))
        case NumberKind.MISSING | NumberKind.UNUSABLE:
            day = MASK * 8 if born is None else _digits_of(born)
            patterns = (f"{one}{day}{_ORDER_AND_CHECK}" for one in counties if len(one) == _COUNTY)
            return tuple(found for pattern in patterns for found in _filled(pattern, born))


def _digits_of(born: date) -> str:
    """Eight digits, also of a year before 1000, which `strftime` writes with three."""
    return born.isoformat().replace("-", "")


def _slips(text: str) -> Iterator[str]:
    """A character wrong, two neighbours changed over, one left out, or one too many."""
    return (one for one in dict.fromkeys(_near(text)) if _is_valid(one))


def _near(text: str) -> Iterator[str]:
    if len(text) == _LENGTH - 1:
        for place in range(_LENGTH):
            yield from (text[:place] + sign + text[place:] for sign in (*_DIGITS, "X"))
    elif len(text) == _LENGTH + 1:
        yield from (text[:place] + text[place + 1 :] for place in range(_LENGTH + 1))
    elif len(text) == _LENGTH:
        for place in range(_LENGTH):
            yield from (text[:place] + sign + text[place + 1 :] for sign in (*_DIGITS, "X"))
        for place in range(_LENGTH - 1):
            swapped = text[place + 1] + text[place]
            yield text[:place] + swapped + text[place + 2 :]


def _is_valid(text: str) -> bool:
    return len(text) == _LENGTH and parse_number(text).kind is NumberKind.FULL


def _filled(pattern: str, born: date | None) -> Iterator[str]:
    """All valid numbers that a pattern of 18 signs leaves open; none where they are too many."""
    if len(pattern) != _LENGTH:
        return
    if born is not None:
        day = _digits_of(born)
        if any(sign not in (MASK, own) for sign, own in zip(pattern[_BIRTH], day, strict=True)):
            return
        pattern = pattern[:6] + day + pattern[14:]
    places = [place for place, sign in enumerate(pattern[:-1]) if sign == MASK]
    if len(places) > MOST_OPEN:
        return
    signs = list(pattern[:-1])
    for tried in product(_DIGITS, repeat=len(places)):
        for place, sign in zip(places, tried, strict=True):
            signs[place] = sign
        first = "".join(signs)
        check = check_character(first)
        if pattern[-1] in (MASK, check):
            yield first + check
