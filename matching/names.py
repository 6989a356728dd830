"""Names (姓名) in the form they are compared in, and what each character may be read as."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from opencc import OpenCC
from pypinyin import Style, pinyin

from matching import tables

WILDCARD: Final = "?"
SEPARATOR: Final = "·"
# A descriptive character, 王+火 or （王＋火）, stands for one that could not be typed.
DESCRIBED: Final = re.compile(r"[(\[]?[\u3400-\u9fff](?:\s*\+\s*[\u3400-\u9fff])+[)\]]?")
BRACKETED: Final = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
UNNAMED: Final = re.compile(r".{1,6}之[子女]")  # 无名婴儿: registered under the mother
TOKEN: Final = re.compile(r"[A-Z\u00C0-\u024F]+|\?|·|\s+|[^\W\d_]")
SPARE_BLANK: Final = re.compile(r"(?<![A-Z\u00C0-\u024F])\s+|\s+(?![A-Z\u00C0-\u024F])")
INNER_BLANK: Final = re.compile(r"\S\s+\S")
MAX_READINGS: Final = 64  # combinations of readings looked at for one romanised name


@dataclass(frozen=True, slots=True)
class Name:
    """One name, taken apart once.

    `units` are single characters, runs of Latin letters, or `?` for a character that is not shown;
    `gapped` is the same with a blank inside taken as a character not shown, if there is one.
    """

    text: str
    units: tuple[str, ...]
    gapped: tuple[str, ...] | None
    parts: tuple[str, ...]
    surname_length: int
    has_latin: bool
    is_wild: bool

    @property
    def is_long(self) -> bool:
        """A name written by its sound (少数民族姓名), or of two parts."""
        return len(self.units) >= 5 or (len(self.parts) > 1 and len(self.units) >= 4)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1 << 14)
def simplified(character: str) -> str:
    """The simplified, unmarked form of one character (简体、正体)."""
    variants = tables.characters().variants
    character = variants.get(character, character)
    plain = _converter().convert(character) if len(character) == 1 else character
    return variants.get(plain, plain)


@lru_cache(maxsize=1 << 14)
def second_round(character: str) -> str:
    """The form shared by the 1977 short forms: 肖 and 萧 are one here, and two real surnames."""
    simple = simplified(character)
    return tables.characters().second_round.get(simple, simple)


def normal_form(raw: str) -> str:
    """A name for comparison only: one width, one separator, no blanks between characters.

    NFC and explicit tables; NFKC would change characters themselves.
    """
    text = unicodedata.normalize("NFC", raw).translate(tables.characters().translation)
    if "+" in text or BRACKETED.search(text):
        text = BRACKETED.sub("", DESCRIBED.sub(WILDCARD, text))
    text = text.upper()
    return SEPARATOR.join(filter(None, map(_joined, text.split(SEPARATOR))))


def _joined(part: str) -> str:
    """Blanks stay only between Latin words."""
    return SPARE_BLANK.sub("", part.strip())


def _gapped(raw: str) -> tuple[str, ...] | None:
    """The units with every blank inside as one character that is not shown."""
    if not INNER_BLANK.search(raw):
        return None
    text = unicodedata.normalize("NFC", raw).translate(tables.characters().translation)
    text = BRACKETED.sub("", text).upper().strip()
    if not re.search(r"\s", text) or re.search(r"[A-Z]", text):
        return None
    tokens = TOKEN.findall(text)
    return tuple(WILDCARD if token.isspace() else token for token in tokens if token != SEPARATOR)


def _surname_length(units: tuple[str, ...]) -> int:
    compound = tables.characters().compound_surnames
    for length in (4, 2):
        if len(units) > length and "".join(map(simplified, units[:length])) in compound:
            return length
    return 1


@lru_cache(maxsize=1 << 16)
def parse_name(raw: str | None) -> Name | None:
    """The name taken apart, or None where there is none (未取名, blanks, only wildcards)."""
    if raw is None:
        return None
    text = normal_form(raw)
    if text in tables.characters().placeholders or UNNAMED.fullmatch(text):
        return None
    units = tuple(t for t in TOKEN.findall(text) if t != SEPARATOR and not t.isspace())
    if not units or all(unit == WILDCARD for unit in units):
        return None
    return Name(
        text=text,
        units=units,
        gapped=_gapped(raw),
        parts=tuple(text.split(SEPARATOR)),
        surname_length=_surname_length(units),
        has_latin=any(is_latin(unit) for unit in units),
        is_wild=WILDCARD in units,
    )


def is_latin(unit: str) -> bool:
    """The unit is a run of Latin letters, not a character."""
    return "A" <= unit[0] <= "Z" or "\u00c0" <= unit[0] <= "\u024f"


@lru_cache(maxsize=1 << 15)
def readings(unit: str, *, surname: bool) -> tuple[str, ...]:
    """Toneless pinyin of one unit, the likeliest first; empty for `?`; 朴 as a surname is piao."""
    if unit == WILDCARD:
        return ()
    if is_latin(unit):
        bare = unicodedata.normalize("NFD", unit.replace("Ü", "V")).encode("ascii", "ignore")
        return (bare.decode().lower(),)
    table = tables.characters()
    simple = simplified(unit)
    for exact in (unit, simple):
        if surname and exact in table.surname_readings:
            return table.surname_readings[exact]
        if not surname and exact in table.given_readings:
            return table.given_readings[exact]
    return (pinyin(simple, style=Style.NORMAL, errors="default")[0][0].replace("ü", "v"),)


@lru_cache(maxsize=1 << 15)
def korean_readings(unit: str, *, surname: bool) -> tuple[str, ...]:
    """Romanisations of one character as Korean passports have them; () where none is known."""
    simple = simplified(unit)
    table = tables.korean()
    if surname:
        return table.surnames.get(simple, ())
    return table.given.get(simple, ())


@lru_cache(maxsize=1 << 15)
def romanised(name: Name) -> frozenset[str]:
    """Every way the whole name may stand in Latin letters, without blanks: given and surname first.

    Pinyin and Korean readings; of a long list of combinations only the first are kept.
    """
    surname, given = name.units[: name.surname_length], name.units[name.surname_length :]
    spelled: set[str] = set()
    for source in (readings, korean_readings):
        first = ["".join(p) for p in product(*(source(u, surname=True) for u in surname))]
        rest = ["".join(p) for p in product(*(source(u, surname=False) for u in given))]
        for head, tail in list(product(first, rest))[:MAX_READINGS]:
            spelled |= {head + tail, tail + head}
    # ü is V on a keyboard, YU in a passport (since 2012), U where nobody minded.
    return frozenset(
        form for text in spelled for form in {text, text.replace("v", "yu"), text.replace("v", "u")}
    )


@lru_cache(maxsize=1 << 15)
def sound(name: Name) -> str:
    """The likeliest pinyin of the whole name, joined by blanks; `?` where nothing is shown."""
    return " ".join(
        (readings(unit, surname=place < name.surname_length) or (WILDCARD,))[0]
        for place, unit in enumerate(name.units)
    )
