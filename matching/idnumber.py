"""Identity numbers (公民身份号码, GB 11643): the form they compare in, their content."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import mul
from typing import Final

from matching.identity import Sex

FACTORS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, clause 6
CHECKS: Final = "10X98765432"
MASK: Final = "*"
PLAIN: Final = re.compile(r"[0-9]{17}[0-9X]")
FIRST_YEAR: Final = 1870
LAST_YEAR: Final = 2099
SPREADSHEET_DIGITS: Final = 15  # a spreadsheet keeps this many digits and writes zeros after them
NON_ASCII_SIGNS: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
BLANKS: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'`’‐‑–—−-]+")  # and dashes
HIDING: Final = re.compile(r"[*#?●•·×□]")
HIDING_X: Final = re.compile(r"X(?=.)")  # an X that is not the last character
DIGITS_AND_SIGNS: Final = re.compile(r"[\dX*]{12,18}")
SCIENTIFIC: Final = re.compile(r"(\d)\.?(\d*)E\+?(\d+)")  # 2.20102E+17: left by a spreadsheet
CERTIFICATE: Final = re.compile(r"(\d{17}[\dX])[1-7][1-4](?:B\d)?")  # 残疾人证: number, kind, grade
OTHER_NUMBER: Final = re.compile(r"[A-Z0-9]{5,20}")
USABLE_MASK: Final = re.compile(r"[\d*]{5,19}[\dX*]")
NEAR_A_NUMBER: Final = re.compile(r"\d{13,18}[\dX]")
# With a new permit the issue digits change, the base stays: 回乡证 H/M + 8, 台胞证 8 digits.
PERMITS: Final = {
    "hk_macau_permit": re.compile(r"([HM]\d{8})(?:\d{2})?"),
    "taiwan_permit": re.compile(r"(\d{8})(?:\d{2}\(?[A-Z]\)?)?"),
}


class NumberKind(StrEnum):
    """What a written identity number is worth."""

    __hash__ = str.__hash__  # Enum's own is slow

    MISSING = "missing"
    UNUSABLE = "unusable"  # scientific notation, filler: says nothing
    FULL = "full"  # 18 characters, real date, right check character
    FIFTEEN = "fifteen"  # 15 digits with a real date; `text` holds the 18-character form
    BAD_CHECK = "bad_check"  # near enough to a number to be compared, and certainly mis-keyed
    MASKED = "masked"  # `text` is a pattern of 18 with `*`
    OTHER = "other"  # passport, permit


@dataclass(frozen=True, slots=True, repr=False)
class IdNumber:
    """A number in the form it is compared in; `birth_date` and `sex` are None if not to be read."""

    kind: NumberKind
    text: str = ""
    birth_date: date | None = None
    sex: Sex | None = None

    @property
    def is_valid(self) -> bool:
        return self.kind in (NumberKind.FULL, NumberKind.FIFTEEN)

    @property
    def is_full(self) -> bool:
        """Every digit is there, right or mis-keyed."""
        return self.is_valid or self.kind is NumberKind.BAD_CHECK


def _sum(block: str, place: int) -> int:
    """What a block of digits adds to the checksum, if it starts at `place`."""
    # Iterating over bytes yields code points: "0" is 48.
    factors = FACTORS[place : place + len(block)]
    return int(sum(map(mul, factors, block.encode("ascii")))) - ord("0") * sum(factors)


def check_character(first_17: str) -> str:
    """The check character of 17 ASCII digits."""
    return CHECKS[_sum(first_17, 0) % 11]


def to_18(fifteen: str) -> str:
    """A 15-digit number as 18 characters: the century 19 put in, the check character added."""
    first_17 = f"{fifteen[:6]}19{fifteen[6:]}"
    return first_17 + check_character(first_17)


def to_15(eighteen: str) -> str:
    """The digits that the 15-digit form of an 18-character number has."""
    return eighteen[:6] + eighteen[8:17]


def cleaned(raw: str) -> str:
    """Width, case, blanks and dashes out of the way; signs that hide a digit become `*`."""
    text = BLANKS.sub("", raw.translate(NON_ASCII_SIGNS)).upper()
    text = HIDING.sub(MASK, text)
    return HIDING_X.sub(MASK, text) if DIGITS_AND_SIGNS.fullmatch(text) else text


def _date_of(text: str) -> date | None:
    if not text.isascii() or not text.isdigit():
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _sex_of(order: str) -> Sex | None:
    if MASK in order:
        return None if order[-1] == MASK else _sex_of(order[-1])
    return Sex.MALE if order[-1] in "13579" else Sex.FEMALE


def _with_content(kind: NumberKind, text: str) -> IdNumber:
    if len(text) != 18:
        return IdNumber(kind, text)
    return IdNumber(kind, text, _date_of(text[6:14]), _sex_of(text[14:17]))


def _masked(text: str) -> IdNumber:
    """A pattern of 18; a run of `*` of the wrong length is stretched to fit.

    15 signs are a 15-digit number, unless four of them or an X stand after the mask: masks show
    the last four signs of 18 and the last three of 15.
    """
    head, tail = text.split(MASK)[0], text.rsplit(MASK, 1)[1]
    if len(text) == 15 and len(tail) != 4 and not text.endswith("X"):
        century = MASK * 2 if text[6:8] == MASK * 2 else "19"
        text = f"{text[:6]}{century}{text[6:]}{MASK}"
    if len(text) != 18:
        hidden = 18 - len(head) - len(tail)
        if hidden < 1 or set(text[len(head) : len(text) - len(tail)]) != {MASK}:
            return IdNumber(NumberKind.UNUSABLE)
        text = head + MASK * hidden + tail
    if sum(sign != MASK for sign in text) < 4:
        return IdNumber(NumberKind.UNUSABLE)
    return _with_content(NumberKind.MASKED, text)


def _is_filler(text: str) -> bool:
    """Such as 111111111111111."""
    return len(set(text)) < 4


def _scientific(digits: str, exponent: int) -> IdNumber:
    """What a spreadsheet shows of a number: the last digit is rounded, what follows is lost."""
    if exponent not in (14, 17) or len(digits) < 8:
        return IdNumber(NumberKind.UNUSABLE)
    if len(digits) == exponent + 1:
        return _resident(digits)  # nothing is lost
    kept = digits[:exponent] if len(digits) == SPREADSHEET_DIGITS else digits[:-1][:exponent]
    return _masked(kept.ljust(exponent + 1, MASK))


@lru_cache(maxsize=1 << 14)
def _area(digits: str) -> int:
    """What a number's area block adds to the checksum."""
    return _sum(digits, 0)


@lru_cache(maxsize=1 << 16)
def _birth(digits: str) -> tuple[date | None, int]:
    """The date of a number's birth block, and what the block adds to the checksum."""
    return _date_of(digits), _sum(digits, 6)


@lru_cache(maxsize=1 << 10)
def _order(digits: str) -> tuple[Sex | None, int]:
    """The sex of a number's order block, and what the block adds to the checksum."""
    return _sex_of(digits), _sum(digits, 14)


def _eighteen(text: str) -> IdNumber:
    # Area, birth and order come back from person to person: each is worked out once.
    born, at_birth = _birth(text[6:14])
    sex, at_order = _order(text[14:17])
    if born is not None and CHECKS[(_area(text[:6]) + at_birth + at_order) % 11] == text[17]:
        return IdNumber(NumberKind.FULL, text, born, sex)
    if _is_filler(text):
        return IdNumber(NumberKind.UNUSABLE)
    if text.endswith("000"):  # no order number is 000: a spreadsheet rounded it
        return _masked(text[:SPREADSHEET_DIGITS] + MASK * 3)
    return IdNumber(NumberKind.BAD_CHECK, text, born, sex)


def _resident(text: str) -> IdNumber:
    certificate = CERTIFICATE.fullmatch(text)
    if certificate and check_character(certificate[1][:17]) == certificate[1][17]:
        text = certificate[1]
    if MASK in text:
        usable = USABLE_MASK.fullmatch(text)
        return _masked(text) if usable else IdNumber(NumberKind.UNUSABLE)
    scientific = SCIENTIFIC.fullmatch(text)
    if scientific:
        return _scientific(scientific[1] + scientific[2], int(scientific[3]))
    if not NEAR_A_NUMBER.fullmatch(text):
        other = OTHER_NUMBER.fullmatch(text) and not text.isdigit()
        return IdNumber(NumberKind.OTHER, text) if other else IdNumber(NumberKind.UNUSABLE)
    if len(text) == 18:
        return _eighteen(text)
    if _is_filler(text):
        return IdNumber(NumberKind.UNUSABLE)
    if len(text) == 15 and text.isdigit() and _date_of("19" + text[6:12]):
        return _with_content(NumberKind.FIFTEEN, to_18(text))
    return IdNumber(NumberKind.BAD_CHECK, text)


@lru_cache(maxsize=1 << 16)
def parse_number(raw: str | None, id_type: str = "resident_id") -> IdNumber:
    """What a written number is; never raises, whatever was written."""
    if raw is not None and id_type == "resident_id" and PLAIN.fullmatch(raw):
        return _eighteen(raw)
    if raw is None or not (text := cleaned(raw)):
        return IdNumber(NumberKind.MISSING)
    if not text.isascii() or id_type == "none":
        return IdNumber(NumberKind.UNUSABLE)
    if id_type in ("resident_id", ""):
        return _resident(text)
    # A residence permit (港澳台居民居住证, 外国人永久居留身份证) may be filed under any kind.
    if PLAIN.fullmatch(text) and _eighteen(text).kind is NumberKind.FULL:
        return _eighteen(text)
    permit = PERMITS[id_type].fullmatch(text) if id_type in PERMITS else None
    if permit:
        return IdNumber(NumberKind.OTHER, permit[1])
    usable = OTHER_NUMBER.fullmatch(text) and not SCIENTIFIC.fullmatch(text)
    return IdNumber(NumberKind.OTHER, text) if usable else IdNumber(NumberKind.UNUSABLE)


def visible_agreement(left: str, right: str) -> str | None:
    """The pattern of what both show, `*` where either hides; None if they differ anywhere."""
    shown = []
    for one, other in zip(left, right, strict=True):
        if MASK in (one, other):
            shown.append(MASK)
        elif one == other:
            shown.append(one)
        else:
            return None
    return "".join(shown)
