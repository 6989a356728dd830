"""Identity numbers (公民身份号码, GB 11643): one form, their content, how two differ."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import mul
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from matching.identity import Sex
from matching.levels import Level

FACTORS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, clause 6
CHECKS: Final = "10X98765432"
ZERO_OFFSET: Final = -ord("0") * sum(FACTORS)
MASK: Final = "*"
PLAIN: Final = re.compile(r"[0-9]{17}[0-9X]")
FIRST_YEAR: Final = 1870
LAST_YEAR: Final = 2099
SPREADSHEET_DIGITS: Final = 15  # a spreadsheet keeps this many digits and writes zeros after them
NON_ASCII_SIGNS: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
BLANKS: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'`’-]+")
CERTIFICATE: Final = re.compile(r"(\d{17}[\dX])[1-7][1-4](?:B\d)?")  # 残疾人证: number, kind, grade
OTHER_NUMBER: Final = re.compile(r"[A-Z0-9]{5,20}")
PERMIT: Final = re.compile(
    r"([HM]\d{8})(?:\d{2})?"
)  # 回乡证: the issue digits change, the base stays


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


@dataclass(frozen=True, slots=True)
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


def check_character(first_17: str) -> str:
    """The check character of 17 ASCII digits."""
    # Iterating over bytes yields code points: "0" is 48.
    return CHECKS[sum(map(mul, FACTORS, first_17.encode("ascii")), ZERO_OFFSET) % 11]


def to_18(fifteen: str) -> str:
    """A 15-digit number as 18 characters: the century 19 put in, the check character added."""
    first_17 = f"{fifteen[:6]}19{fifteen[6:]}"
    return first_17 + check_character(first_17)


def to_15(eighteen: str) -> str:
    """The digits that the 15-digit form of an 18-character number has."""
    return eighteen[:6] + eighteen[8:17]


def cleaned(raw: str) -> str:
    """Width, case and blanks out of the way; signs that stand for a hidden digit become `*`."""
    text = BLANKS.sub("", raw.translate(NON_ASCII_SIGNS)).upper()
    text = re.sub(r"[*#?●•·×□]", MASK, text)
    # An X that is not the last character hides a digit.
    return re.sub(r"X(?=.)", MASK, text) if re.fullmatch(r"[\dX*]{15,18}", text) else text


def _date_of(text: str) -> date | None:
    if not text.isascii() or not text.isdigit():
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _sex_of(order: str) -> Sex | None:
    if not order.isdigit():
        return None
    return Sex.MALE if int(order[-1]) % 2 else Sex.FEMALE


def _with_content(kind: NumberKind, text: str) -> IdNumber:
    if len(text) != 18:
        return IdNumber(kind, text)
    return IdNumber(kind, text, _date_of(text[6:14]), _sex_of(text[14:17]))


def _masked(text: str) -> IdNumber:
    """A pattern of 18; a run of `*` of the wrong length is stretched to fit."""
    if len(text) == 15:
        text = f"{text[:6]}19{text[6:]}{MASK}" if text[6:8] != "**" else f"{text[:6]}**{text[6:]}*"
    if len(text) != 18:
        head, tail = text.split(MASK)[0], text.rsplit(MASK, 1)[1]
        hidden = 18 - len(head) - len(tail)
        if hidden < 1 or set(text[len(head) : len(text) - len(tail)]) != {MASK}:
            return IdNumber(NumberKind.UNUSABLE)
        text = head + MASK * hidden + tail
    if sum(sign != MASK for sign in text) < 4:
        return IdNumber(NumberKind.UNUSABLE)
    return _with_content(NumberKind.MASKED, text)


def _eighteen(text: str) -> IdNumber:
    number = _with_content(NumberKind.FULL, text)
    if number.birth_date is not None and check_character(text[:17]) == text[17]:
        return number
    if text.endswith("000"):  # no order number is 000: a spreadsheet rounded it
        return _masked(text[:SPREADSHEET_DIGITS] + MASK * 3)
    return _with_content(NumberKind.BAD_CHECK, text)


def _resident(text: str) -> IdNumber:
    certificate = CERTIFICATE.fullmatch(text)
    if certificate and check_character(certificate[1][:17]) == certificate[1][17]:
        text = certificate[1]
    if MASK in text:
        usable = re.fullmatch(r"[\d*]{5,19}[\dX*]", text)
        return _masked(text) if usable else IdNumber(NumberKind.UNUSABLE)
    if not re.fullmatch(r"\d{13,19}[\dX]", text):
        return IdNumber(
            NumberKind.OTHER if OTHER_NUMBER.fullmatch(text) else NumberKind.UNUSABLE, text
        )
    if len(set(text)) < 4 or len(text) > 19:  # filler such as 111111111111111
        return IdNumber(NumberKind.UNUSABLE)
    if len(text) == 18:
        return _eighteen(text)
    if len(text) == 15 and text.isdigit() and _date_of("19" + text[6:12]):
        return _with_content(NumberKind.FIFTEEN, to_18(text))
    return IdNumber(NumberKind.BAD_CHECK, text)


@lru_cache(maxsize=1 << 16)
def parse_number(raw: str | None, id_type: str = "resident_id") -> IdNumber:
    """What a written number is; never raises, whatever was written."""
    if raw is not None and id_type == "resident_id" and PLAIN.fullmatch(raw):
        return _resident(raw)  # as nearly all are; spares the clean-up
    if raw is None or not (text := cleaned(raw)):
        return IdNumber(NumberKind.MISSING)
    if re.fullmatch(r"[\d.]+E\+?\d+", text):  # 2.20102E+17: what a spreadsheet left of a number
        return IdNumber(NumberKind.UNUSABLE)
    if not text.isascii():
        return IdNumber(NumberKind.UNUSABLE)
    if id_type in ("resident_id", ""):
        number = _resident(text)
        return (
            number
            if number.kind is not NumberKind.OTHER or not text.isdigit()
            else IdNumber(NumberKind.UNUSABLE)
        )
    if id_type == "none" or not OTHER_NUMBER.fullmatch(text):
        return IdNumber(NumberKind.UNUSABLE)
    permit = PERMIT.fullmatch(text)
    return IdNumber(NumberKind.OTHER, permit[1] if permit else text)


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


def _masked_relation(left: IdNumber, right: IdNumber) -> Level:
    if len(left.text) != 18 or len(right.text) != 18:
        return Level.UNUSABLE
    # The check character of a 15-digit number was computed, not written: it cannot be mis-keyed.
    if visible_agreement(left.text, right.text) is not None:
        return Level.MASKED_COMPATIBLE
    off = sum(MASK not in (a, b) and a != b for a, b in zip(left.text, right.text, strict=True))
    return Level.MASKED_NEAR if off == 1 else Level.DIFFERENT


def _comparable(left: IdNumber, right: IdNumber) -> tuple[str, str]:
    """The two texts in a form of one length, as far as there is one."""
    if min(len(left.text), len(right.text)) <= 16:
        return tuple(to_15(n.text) if len(n.text) == 18 else n.text for n in (left, right))  # type: ignore[return-value]  # two in, two out
    if NumberKind.FIFTEEN in (left.kind, right.kind) or (left.is_valid and right.is_valid):
        return left.text[:17], right.text[:17]
    return left.text, right.text


def _equal_15_18(left: IdNumber, right: IdNumber) -> bool:
    """Equal but for the century, which a 15-digit number leaves open for those born before 1900."""
    kinds = {left.kind, right.kind}
    if kinds != {NumberKind.FIFTEEN, NumberKind.FULL}:
        return False
    centuries = {left.text[6:8], right.text[6:8]}
    return centuries <= {"18", "19"} and to_15(left.text) == to_15(right.text)


def relation(left: IdNumber, right: IdNumber) -> Level:
    """How two numbers stand to each other; symmetric."""
    if left.kind is right.kind is NumberKind.FULL:  # nearly always
        return Level.EQUAL if left.text == right.text else _edits(left, right)
    kinds = {left.kind, right.kind}
    if NumberKind.MISSING in kinds:
        return Level.MISSING
    if NumberKind.UNUSABLE in kinds:
        return Level.UNUSABLE
    if NumberKind.OTHER in kinds:
        if len(kinds) > 1:
            return Level.UNUSABLE
        same = left.text == right.text
        return Level.EQUAL if same else Level.DIFFERENT_OTHER
    if NumberKind.MASKED in kinds:
        return _masked_relation(left, right)
    if left.text == right.text:
        return Level.EQUAL if len(kinds) == 1 else Level.EQUAL_15_18
    if _equal_15_18(left, right):
        return Level.EQUAL_15_18
    return _edits(left, right)


def _edits(left: IdNumber, right: IdNumber) -> Level:
    one, other = _comparable(left, right)
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance <= 1:
        if left.kind is right.kind is NumberKind.FULL:
            return Level.NEIGHBOUR  # a slip would have broken the check character
        slip = Levenshtein.distance(one, other)
        return Level.TRANSPOSED if slip == 2 else Level.ONE_EDIT
    if distance == 2 and not (left.is_valid and right.is_valid):
        return Level.TWO_EDITS
    return Level.DIFFERENT
