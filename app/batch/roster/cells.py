"""Cells as they come to text that can be stored, or to the fault that one has."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from app.batch.roster.bounds import MOST_LETTERS
from app.batch.roster.columns import ADDRESS, CASE, COLUMNS, ID_NUMBER, NAME

TOO_LONG: Final = "cell.too_long"
CONTROL: Final = "cell.control_characters"
UNREADABLE: Final = "cell.unreadable"
LOST_DIGITS: Final = "cell.lost_digits"
LOST_ID_DIGITS: Final = "id_number.lost_digits"
ERROR: Final = "\ufffd"
"""What stands for a character of another encoding, and for a formula's error."""
_KEPT_DIGITS: Final = 15  # of a number in a spreadsheet
_DATES: Final = frozenset(COLUMNS.index(name) for name in ("consent_valid_until", "birth_date"))
_AS_WRITTEN: Final = frozenset((NAME, ADDRESS))
_REFERENCES: Final = frozenset((CASE, ID_NUMBER, COLUMNS.index("consent_reference")))
_FORCED_TEXT: Final = re.compile(r"=\"(.*)\"|'(.+)")
"""How people make a spreadsheet keep digits."""
_UNSEEN: Final = "\ufeff\u200b\u200c\u200d\u2060"
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")
_DAY_0: Final = date(1899, 12, 30)  # a spreadsheet's
_MOST_DAY: Final = 80_000  # the year 2119; what is larger is digits of a date


class Number(str):
    """A cell that a spreadsheet or JSON keeps as a number."""

    __slots__ = ()


class Broken(Exception):  # noqa: N818 - one row is, and the others go on
    """A row that cannot be told into cells."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def cleaned(place: int, value: str) -> tuple[str, str | None]:
    """The text of a column's cell, and the code of what is wrong with it."""
    if isinstance(value, Number):
        return _number(place, value)
    if len(value) > MOST_LETTERS:
        return "", TOO_LONG
    text = value.strip()
    if text.isascii() and text.isprintable():
        return _plain(place, text)
    text = text.strip(_UNSEEN).strip()
    if ERROR in text:
        return "", UNREADABLE
    if place not in _AS_WRITTEN:
        text = unicodedata.normalize("NFKC", text).strip()
    text = text.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    if not all(char.isprintable() or char == "\u3000" for char in text):
        return "", CONTROL
    return _plain(place, text)


def _plain(place: int, text: str) -> tuple[str, str | None]:
    if place not in _REFERENCES:
        return text, None
    if text.startswith(("=", "'")):
        forced = _FORCED_TEXT.fullmatch(text)
        text = text if forced is None else forced[1] or forced[2] or ""
    if len(text) < 25 and ("e" in text or "E" in text) and _SCIENTIFIC.fullmatch(text):
        return "", _lost(place)
    return text, None


def _lost(place: int) -> str:
    return LOST_ID_DIGITS if place == ID_NUMBER else LOST_DIGITS


def _number(place: int, value: str) -> tuple[str, str | None]:
    """In plain digits; what has more digits than a spreadsheet keeps has lost some."""
    if len(value) > 40:
        return "", UNREADABLE
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "", UNREADABLE
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return "", UNREADABLE
    whole = number == number.to_integral_value()
    if place in _DATES and 0 < number < _MOST_DAY:
        return (_DAY_0 + timedelta(days=int(number))).isoformat(), None
    if whole and number.adjusted() >= _KEPT_DIGITS:
        return "", _lost(place)
    if whole:
        return f"{int(number)}", None
    # 1200.1 is kept as 1200.0999999999999: fifteen digits are what was keyed.
    return f"{Decimal(f'{number:.{_KEPT_DIGITS - 1}e}').normalize():f}", None
