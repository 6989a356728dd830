"""Normal forms as a careful user of another tool would make them; hedui makes its own."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import opencc
from pypinyin import Style, lazy_pinyin

from tests.benchmarks.linkage.numbers import MARKS, WEIGHTS

_TO_SIMPLIFIED: Final = opencc.OpenCC("t2s")
_CHECKS: Final = tuple(int(weight) for weight in WEIGHTS)
_STREET: Final = re.compile(
    r"(?:^|[省市区县镇乡道\s])([^省市区县镇乡道\s\d]{1,6}?(?:大街|大路|路|街))(\d+)号"
)
_VILLAGE: Final = re.compile(r"(?:^|[省市区县镇乡道\s])([^省市区县镇乡道\s\d]{1,6}[村屯])")
_NUMERAL: Final = re.compile(r"[〇一二三四五六七八九十]+(?=[号组栋幢社单])")
_DIGITS: Final = {one: at for at, one in enumerate("〇一二三四五六七八九")}


@lru_cache(maxsize=2_000_000)
def name(written: str) -> str:
    """NFKC, simplified, without blanks or dots; Latin letters small."""
    text = unicodedata.normalize("NFKC", written)
    return re.sub(r"[\s·.•・,]+", "", _TO_SIMPLIFIED.convert(text)).lower()


@lru_cache(maxsize=2_000_000)
def pinyin(normal: str) -> str:
    """The sound of a normal name, without tones."""
    return "".join(lazy_pinyin(normal, style=Style.NORMAL))


def id_number(written: str) -> str:
    """18 characters; a 15-digit number is completed; empty where it is neither."""
    text = re.sub(r"[\s'-]", "", unicodedata.normalize("NFKC", written)).upper()
    if len(text) == 15 and text.isdecimal():
        body = f"{text[:6]}19{text[6:]}"
        total = sum(int(d) * w for d, w in zip(body, _CHECKS, strict=True))
        return body + MARKS[total % 11]
    return text if len(text) == 18 else ""


def birth_date(written: str, number: str) -> str:
    """As written (ISO), else as it stands in the normal number; empty where neither says it."""
    if written:
        return written
    told = number[6:14]
    return f"{told[:4]}-{told[4:6]}-{told[6:]}" if len(told) == 8 and told.isdecimal() else ""


def sex(written: str, number: str) -> str:
    if written:
        return written
    told = number[16:17]
    return ("女", "男")[int(told) % 2] if told.isdecimal() else ""


def phone(written: str) -> str:
    """Eleven digits; a masked one is left out, as it would agree with many."""
    return written if written.isdecimal() else ""


def _arabic(numeral: re.Match[str]) -> str:
    text = numeral[0]
    if "十" not in text:
        return "".join(str(_DIGITS[one]) for one in text)
    tens, _, ones = text.partition("十")
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))


def address(written: str) -> str:
    """NFKC, simplified, numerals before a unit in digits."""
    text = _TO_SIMPLIFIED.convert(unicodedata.normalize("NFKC", written))
    return _NUMERAL.sub(_arabic, text)


def road_key(normal: str) -> str:
    """Street and house number, or the village; empty where the address names neither."""
    street = _STREET.search(normal)
    if street is not None:
        return f"{street[1]}{street[2]}"
    village = _VILLAGE.search(normal)
    return village[1] if village is not None else ""
