"""Telephone numbers (电话号码): the digits by which two are compared, and how they differ.

A mobile number is its 11 digits, a landline its digits with the area code (区号) if it was
written, without an extension (分机); `*` stands for a hidden digit.
"""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from matching.idnumber import MASK, visible_agreement
from matching.levels import Level

WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord(sign): "-" for sign in "‐‑–—－―"
}
HIDING: Final = re.compile(r"[*#?●•·×□xX]")
BETWEEN: Final = re.compile(r"[,，;；/、|或]+")  # several numbers in one field: the first counts
COUNTRY: Final = re.compile(r"^(?:\+|00)?86[-\s]?(?=[01*]|\d{2,3}-)|^0(?=1[3-9][\d*]{9}$)")
ABROAD: Final = re.compile(r"[1-9]\d{1,2}[-\s]\d{7,8}")  # +86-431-85612345: without its 0
EXTENSION: Final = re.compile(r"(?:转|分机|EXT\.?|#)[-:：\s]*\d+$", re.IGNORECASE)
MOBILE: Final = re.compile(r"1[3-9][\d*]{9}")
STRETCHED: Final = re.compile(r"(1[3-9]\d{1,5})\*+(\d{2,4})")  # 139*1234: the run is too short
LANDLINE: Final = re.compile(
    r"\(?(0(?:10|2\d|[3-9]\d{2}))\)?[-\s]*([2-8*][\d*]{6,7})(?:-\d{1,6})?"  # 0431-85612345-801
)
LOCAL: Final = re.compile(r"([2-8*][\d*]{6,7})(?:-\d{1,6})?")
TAIL: Final = re.compile(r"\*+(\d{4})")  # only the last four are shown
MOBILE_LENGTH: Final = 11
FEWEST: Final = 7


def _one(text: str) -> str | None:
    """One written number, hidden digits as `*`."""
    national = COUNTRY.sub("", text)
    text = f"0{national}" if national != text and ABROAD.fullmatch(national) else national
    digits = re.sub(r"[\s.()-]", "", text)
    if MOBILE.fullmatch(digits):
        return digits
    if stretched := STRETCHED.fullmatch(digits):
        head, tail = stretched.groups()
        return head + MASK * (MOBILE_LENGTH - len(head) - len(tail)) + tail
    if tail := TAIL.fullmatch(digits):
        return MASK * (MOBILE_LENGTH - 4) + tail[1]
    if landline := LANDLINE.fullmatch(text):
        return landline[1] + landline[2]
    local = LOCAL.fullmatch(text)
    if local:
        return local[1]
    kept = re.sub(r"[^\d*]", "", digits)
    return kept if len(kept) >= FEWEST else None


def _says_nothing(digits: str) -> bool:
    """Filler such as 13800000000, 11111111: hardly more than one digit."""
    shown = digits.replace(MASK, "")
    return len(shown) < 4 or len(set(shown)) == 1 or re.search(r"(\d)\1{7}", shown) is not None


@lru_cache(maxsize=1 << 14)
def parse_phone(raw: str | None) -> str | None:
    """The digits of a written number, the first of several; None where none can be read."""
    if raw is None:
        return None
    for part in BETWEEN.split(raw.translate(WIDTH).strip()):
        kept = HIDING.sub(MASK, EXTENSION.sub("", part.strip()))
        digits = _one(re.sub(r"[^\d*+()\s.-]", "", kept, flags=re.ASCII).strip())
        if digits is not None and not _says_nothing(digits):
            return digits
    return None


def is_mobile(digits: str) -> bool:
    """A mobile number (手机), as far as it is shown."""
    return len(digits) == MOBILE_LENGTH and digits[0] in "1*"


def _local(digits: str) -> str:
    """A landline without its area code."""
    landline = LANDLINE.fullmatch(digits)
    return landline[2] if landline else digits


def _masked(one: str, other: str) -> Level:
    if len(one) != len(other):
        return Level.MISSING
    agrees = visible_agreement(one, other) is not None
    return Level.MASKED_COMPATIBLE if agrees else Level.DIFFERENT


def phone_relation(one: str, other: str) -> Level:
    """How two parsed numbers stand to each other; symmetric.

    Tested in this order: SAME; a mobile and a landline (MISSING: a person has both); landlines of
    which only one has an area code are compared without; hidden digits (MASKED_COMPATIBLE,
    DIFFERENT, MISSING where the lengths differ); SAME; ONE_EDIT (one digit or two neighbours);
    DIFFERENT.
    """
    if one == other and MASK not in one:
        return Level.SAME
    if is_mobile(one) != is_mobile(other):
        return Level.MISSING
    if len(_local(one)) != len(one) and len(_local(other)) != len(other):
        pass  # both with their area code
    elif not is_mobile(one):
        one, other = _local(one), _local(other)
    if MASK in one + other:
        return _masked(one, other)
    if one == other:
        return Level.SAME
    close = len(one) == len(other) and OSA.distance(one, other, score_cutoff=1) == 1
    return Level.ONE_EDIT if close else Level.DIFFERENT
