"""Readers of single fields: what a source wrote to a value in our units, or a problem (pure).

A reader gives a value or None; where something stands there that it cannot read, the problem names
the kind of trouble and never the value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

UNKNOWN_CODE: Final = "unknown code"
UNREADABLE: Final = "unreadable"
IMPLAUSIBLE: Final = "implausible"
PLACEHOLDER: Final = "placeholder date"

CHINA: Final = timezone(timedelta(hours=8))
"""Registers write China Standard Time without saying so; it has no summer time."""

MOST_YUAN: Final = Decimal(10) ** 10
"""An amount from here on is no household's: a shifted column or a wrong unit."""

MOST: Final = Decimal(10) ** 15

_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,20})(?:\.\d{1,12})?", re.ASCII)
_FRACTION: Final = re.compile(r"(\d{1,9})\s*[/／]\s*(\d{1,9})", re.ASCII)
_PLACEHOLDERS: Final = frozenset(
    {date(1, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(9999, 12, 31)}
)
_FIRST_YEAR: Final = 1880
_LAST_YEAR: Final = 2100


class Read(NamedTuple):
    """A value read (None: nothing there, or unreadable for `problem`'s reason)."""

    value: object
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What a reader needs besides the value: date patterns (`YYYYMMDD`) and code lists.

    A code may be a pattern: `2?` are the codes 20 to 29, `K*` all that begin with K. The exact
    code goes before patterns, and patterns count in their order.
    """

    formats: tuple[str, ...] = ()
    codes: Mapping[str, object] = field(default_factory=dict)


Reader = Callable[[object, Hints], Read]


class ReaderName(StrEnum):
    """The readers that a mapping may name."""

    TEXT = "text"
    YUAN = "yuan"
    FEN = "fen"
    TEN_THOUSAND_YUAN = "ten_thousand_yuan"
    DECIMAL = "decimal"
    SHARE = "share"
    FRACTION_OR_PERCENT = "fraction_or_percent"
    DATE = "date"
    MONTH = "month"
    TIMESTAMP = "timestamp"
    BOOL = "bool"
    CODE = "code"


def is_blank(value: object) -> bool:
    """Nothing stands there."""
    return value is None or (isinstance(value, str) and not value.strip())


def read_text(value: object, hints: Hints) -> Read:
    """Text as keyed, without the blanks around it."""
    if isinstance(value, str) and "\0" not in value:
        return Read(value.strip() or None)
    if isinstance(value, int) and not isinstance(value, bool):
        return Read(str(value))
    return Read(None, f"{UNREADABLE} text")


def number_of(value: object) -> Decimal | None:
    """A number or a text of one, with or without thousands separators.

    A float comes from a database or a workbook that knows no other number: its shortest decimal
    is what was entered.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
    if isinstance(value, (int, float, Decimal)):
        try:
            number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return None


def read_yuan(value: object, hints: Hints) -> Read:
    """An amount in yuan 元."""
    return _amount(number_of(value), Decimal(1))


def read_fen(value: object, hints: Hints) -> Read:
    """An amount in whole fen 分, given in yuan."""
    number = number_of(value)
    whole = number if number is not None and number == number.to_integral_value() else None
    return _amount(whole, Decimal("0.01"))


def read_ten_thousand_yuan(value: object, hints: Hints) -> Read:
    """An amount in 10,000 yuan 万元, given in yuan."""
    return _amount(number_of(value), Decimal(10_000))


def _amount(number: Decimal | None, unit: Decimal) -> Read:
    if number is None:
        return Read(None, f"{UNREADABLE} amount")
    if abs(number) >= MOST or abs(number * unit) >= MOST_YUAN:
        return Read(None, f"{IMPLAUSIBLE} amount")
    return Read(number * unit)


def read_decimal(value: object, hints: Hints) -> Read:
    """A number without a unit of money: an area, a quantity."""
    number = number_of(value)
    if number is None:
        return Read(None, f"{UNREADABLE} number")
    if abs(number) >= MOST:
        return Read(None, f"{IMPLAUSIBLE} number")
    return Read(number)


def read_share(value: object, hints: Hints) -> Read:
    """A share from 0 to 1."""
    number = number_of(value)
    if number is None:
        return Read(None, f"{UNREADABLE} share")
    return Read(number) if 0 <= number <= 1 else Read(None, f"{IMPLAUSIBLE} share")


def read_fraction_or_percent(value: object, hints: Hints) -> Read:
    """A share as `1/2`, `50%` or `0.5`, exactly."""
    text = str(value).strip().replace("％", "%") if not isinstance(value, bool) else ""
    share: Fraction | None = None
    if (match := _FRACTION.fullmatch(text)) is not None and int(match[2]):
        share = Fraction(int(match[1]), int(match[2]))
    elif text.endswith("%") and (number := number_of(text[:-1])) is not None:
        share = Fraction(number) / 100
    elif (number := number_of(value)) is not None:
        share = Fraction(number)
    if share is None:
        return Read(None, f"{UNREADABLE} share")
    return Read(share) if 0 < share <= 1 else Read(None, f"{IMPLAUSIBLE} share")


def read_date(value: object, hints: Hints) -> Read:
    """A day (`formats`, else `YYYY-MM-DD`)."""
    return _day(value, hints.formats or ("YYYY-MM-DD",))


def read_month(value: object, hints: Hints) -> Read:
    """The first day of a month (`formats`, else `YYYYMM`)."""
    return _day(value, hints.formats or ("YYYYMM",))


def read_timestamp(value: object, hints: Hints) -> Read:
    """An instant (`formats`, else `YYYY-MM-DD hh:mm:ss`), in China's time where none is said."""
    moment: datetime | None
    if isinstance(value, datetime):
        moment = value
    else:
        moment = _moment(value, hints.formats or ("YYYY-MM-DD hh:mm:ss",))
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Read(None, f"{UNREADABLE} time")
    return Read(moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA))


def read_bool(value: object, hints: Hints) -> Read:
    """True or false by the code list, or as JSON has it."""
    return Read(value) if isinstance(value, bool) and not hints.codes else read_code(value, hints)


def read_code(value: object, hints: Hints) -> Read:
    """What the closed code list says; a code outside it is reported and never guessed."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return Read(None, UNKNOWN_CODE)
    code = str(value).strip()
    if code in hints.codes:
        return Read(hints.codes[code])
    for pattern, meaning in hints.codes.items():
        if fnmatchcase(code, pattern):
            return Read(meaning)
    return Read(None, UNKNOWN_CODE)


def _day(value: object, formats: Sequence[str]) -> Read:
    if isinstance(value, datetime):
        day: date | None = value.date()
    elif isinstance(value, date):
        day = value
    else:
        if isinstance(value, str) and not value.strip(" 0-/.:"):
            return Read(None, PLACEHOLDER)
        moment = _moment(value, formats)
        day = moment.date() if moment is not None else None
    if day in _PLACEHOLDERS:
        return Read(None, PLACEHOLDER)
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Read(None, f"{UNREADABLE} date")
    return Read(day)


def _moment(value: object, formats: Sequence[str]) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value).strip()
    for pattern in formats:
        match = date_pattern(pattern).fullmatch(text)
        if match is None:
            continue
        parts = {name: int(digits) for name, digits in match.groupdict().items()}
        try:
            return _no_time_zone(**parts)
        except ValueError:
            return None
    return None


def _no_time_zone(*, year: int, month: int, day: int = 1, **time: int) -> datetime:
    return datetime(year, month, day, **time)  # type: ignore[arg-type]  # noqa: DTZ001


@cache
def date_pattern(written: str) -> re.Pattern[str]:
    """The expression for `YYYYMMDD`, `YYYY-MM-DD hh:mm:ss` and the like.

    Not strptime: it takes `2026111` for `YYYYMMDD`. Raises `ValueError` for a pattern without a
    year and a month.
    """
    parts = {"YYYY": "year", "MM": "month", "DD": "day", "hh": "hour", "mm": "minute"}
    expression = re.escape(written)
    for token, name in {**parts, "ss": "second"}.items():
        expression = expression.replace(token, rf"(?P<{name}>\d{{{len(token)}}})", 1)
    if "<year>" not in expression or "<month>" not in expression:
        raise ValueError(f"{written} is no pattern of a date such as YYYY-MM-DD")
    return re.compile(expression, re.ASCII)


READERS: Final[Mapping[ReaderName, Reader]] = {
    ReaderName.TEXT: read_text,
    ReaderName.YUAN: read_yuan,
    ReaderName.FEN: read_fen,
    ReaderName.TEN_THOUSAND_YUAN: read_ten_thousand_yuan,
    ReaderName.DECIMAL: read_decimal,
    ReaderName.SHARE: read_share,
    ReaderName.FRACTION_OR_PERCENT: read_fraction_or_percent,
    ReaderName.DATE: read_date,
    ReaderName.MONTH: read_month,
    ReaderName.TIMESTAMP: read_timestamp,
    ReaderName.BOOL: read_bool,
    ReaderName.CODE: read_code,
}
