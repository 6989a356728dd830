"""Which characters the report's font can print 生僻字; one that it cannot is named, never a box.

The font's own table of characters is read (OpenType `cmap`, format 12), of the face that prints.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from struct import unpack_from
from typing import Any, Final
from unicodedata import category

import noto_cjk_sans_otc

FAMILY: Final = "Noto Sans CJK SC"
FONTS: Final = Path(noto_cjk_sans_otc.__file__).parent
_FILE: Final = "NotoSansCJK-Regular.ttc"
_SPACES: Final = "\t\n\r\u2028\u2029"
_NAME_ID: Final = 1
_WINDOWS_ENGLISH: Final = (3, 0x409)
_FORMAT: Final = 12


@dataclass(slots=True)
class Printable:
    """Texts as they can be printed; `missing` gathers what had to be named instead."""

    missing: set[str] = field(default_factory=set)

    def text(self, value: str) -> str:
        """`〔U+2A6D7〕` in place of each character that the font does not have."""
        return "".join(self._shown(one) for one in value)

    def all_of(self, value: Any) -> Any:
        """The same of every text in a document; keys are ours."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {key: self.all_of(one) for key, one in value.items()}
            case list() | tuple():
                return [self.all_of(one) for one in value]
            case _:
                return value

    def _shown(self, one: str) -> str:
        if one in _SPACES:
            return " "
        if has_glyph(one):
            return one
        code = f"U+{ord(one):04X}"
        self.missing.add(code)
        return f"〔{code}〕"


@lru_cache(maxsize=8192)
def has_glyph(one: str) -> bool:
    """Whether the font has the character; controls and lone surrogates have no sign anywhere."""
    if category(one) in ("Cc", "Cs", "Cf"):
        return False
    starts, ends = _ranges()
    at = bisect_right(starts, ord(one)) - 1
    return at >= 0 and ord(one) <= ends[at]


@lru_cache(maxsize=1)
def _ranges() -> tuple[list[int], list[int]]:
    """First and last characters of the ranges, in order."""
    data = (FONTS / _FILE).read_bytes()
    for tables in _faces(data):
        if _family(data, tables["name"]) == FAMILY:
            return _characters(data, tables["cmap"])
    raise LookupError(f"{_FILE} has no face {FAMILY}")


def _faces(data: bytes) -> Iterator[dict[str, int]]:
    """Where each face's tables begin, by name."""
    (count,) = unpack_from(">I", data, 8)
    for offset in unpack_from(f">{count}I", data, 12):
        (tables,) = unpack_from(">H", data, offset + 4)
        rows = (unpack_from(">4sIII", data, offset + 12 + 16 * one) for one in range(tables))
        yield {name.decode("ascii"): start for name, _, start, _ in rows}


def _family(data: bytes, table: int) -> str:
    count, texts = unpack_from(">HH", data, table + 2)
    for one in range(count):
        platform, _, language, name, length, start = unpack_from(">6H", data, table + 6 + 12 * one)
        if name == _NAME_ID and (platform, language) == _WINDOWS_ENGLISH:
            begin = table + texts + start
            return data[begin : begin + length].decode("utf-16-be")
    return ""


def _characters(data: bytes, table: int) -> tuple[list[int], list[int]]:
    (count,) = unpack_from(">H", data, table + 2)
    for one in range(count):
        (start,) = unpack_from(">I", data, table + 8 + 8 * one)
        if unpack_from(">H", data, table + start)[0] == _FORMAT:
            (groups,) = unpack_from(">I", data, table + start + 12)
            numbers = unpack_from(f">{3 * groups}I", data, table + start + 16)
            return list(numbers[::3]), list(numbers[1::3])
    raise LookupError("the face has no table of all characters")
