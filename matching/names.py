"""Names (姓名) in the form they are compared in, and what each character may be read as."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from opencc import OpenCC
from pypinyin import Style, pinyin

from matching import tables

WILDCARD: Final = "?"
SEPARATOR: Final = "·"
# A descriptive character, 王+火 or （王＋火）, stands for one that could not be typed.
DESCRIBED: Final = re.compile(r"[(\[【〔]?[\u3400-\u9fff](?:\s*\+\s*[\u3400-\u9fff])+[)\]】〕]?")
# So does 【由页】, and what leaves no more than a surname outside its brackets: 李（火旁加日）.
PICTURED: Final = re.compile(r"[\[【〔][\u3400-\u9fff]{2,4}[\]】〕]")
LONE: Final = re.compile(r"([\u3400-\u9fff])[(\[【〔][\u3400-\u9fff]{2,8}[)\]】〕]")
NOTE: Final = re.compile(
    r"[(\[【〔](?:已故|死亡|亡|代|男|女|兼|户主|曾用名.*|原名.*|又名.*|别名.*)[)\]】〕]"
)
ROLE: Final = re.compile(r"^\s*(?:户主|申请人|本人|配偶|姓名|产权人|参保人)\s*[::]\s*")
# 唐XX, XX清: crosses for characters that are not shown; beside a Latin word X is a letter.
CROSSED: Final = re.compile(
    r"(?<=[\u3400-\u9fff])[Xx]{1,3}(?![A-Za-z])|^[Xx]{1,3}(?=[\u3400-\u9fff])"
)
BRACKETED: Final = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
REFERENCE: Final = re.compile(r"&#(x[0-9a-f]{2,6}|[0-9]{2,7});?", re.IGNORECASE)
# 无名婴儿: registered under the mother
UNNAMED: Final = re.compile(
    r".{1,8}之(?:[长次三四幼双]?[子女儿婴]|[男女]?婴儿?|宝宝?|[大小][宝毛])"
)
TOKEN: Final = re.compile(r"[A-Z\u00C0-\u024F]+|\?|·|\s+|[^\W\d_]")
SPARE_BLANK: Final = re.compile(r"(?<![A-Z\u00C0-\u024F])\s+|\s+(?![A-Z\u00C0-\u024F])")
INNER_BLANK: Final = re.compile(r"\S\s+\S")
ORDINARY: Final = re.compile(r"[\u4e00-\u9fa5]{2,4}")  # needs no cleaning, if no sign is special
DIGITS: Final = "12345"


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """One name, taken apart once; equal where the text, and a blank in it, are equal.

    `units` are single characters, runs of Latin letters, or `?` for a character that is not shown;
    `plain` are the same in simplified form; `gapped` is `units` with a blank inside taken as a
    character not shown, if there is one. An ordinary name is a Han name of
    two or three characters, or four with a double surname, that are all shown.
    """

    text: str
    gapped: tuple[str, ...] | None
    units: tuple[str, ...] = field(compare=False)
    plain: tuple[str, ...] = field(compare=False)
    parts: tuple[str, ...] = field(compare=False)
    surname_length: int = field(compare=False)
    has_latin: bool = field(compare=False)
    is_wild: bool = field(compare=False)
    is_ordinary: bool = field(compare=False, default=False)

    @property
    def is_long(self) -> bool:
        """A name written by its sound (少数民族姓名): five characters, or four without 欧阳."""
        return len(self.units) >= 5 or (len(self.units) == 4 and self.surname_length == 1)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1 << 16)
def simplified(character: str) -> str:
    """The simplified, unmarked form of one character (简体、正体)."""
    variants = tables.characters().variants
    character = variants.get(character, character)
    plain = _converter().convert(character) if len(character) == 1 else character
    return variants.get(plain, plain)


@lru_cache(maxsize=1 << 16)
def second_round(character: str) -> str:
    """The form shared by the 1977 short forms: 肖 and 萧 are one here, and two real surnames."""
    simple = simplified(character)
    return tables.characters().second_round.get(simple, simple)


def _referred(match: re.Match[str]) -> str:
    """&#19886; and &#x4DAE;: what a page wrote for a character outside its code."""
    digits = match[1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    is_text = 0x3400 <= code <= 0x3FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_text else WILDCARD


def normal_form(raw: str) -> str:
    """A name for comparison only: one width, one separator, no blanks between characters.

    NFC and explicit tables; NFKC would change characters themselves.
    """
    text = CROSSED.sub(lambda found: WILDCARD * len(found[0]), ROLE.sub("", _translated(raw)))
    if "+" in text or BRACKETED.search(text):
        text = NOTE.sub("", DESCRIBED.sub(WILDCARD, text))
        text = LONE.sub(r"\1?", text) if LONE.fullmatch(text.strip()) else text
        text = BRACKETED.sub("", PICTURED.sub(WILDCARD, text))
    text = unicodedata.normalize("NFC", text.upper())
    return SEPARATOR.join(filter(None, map(_joined, text.split(SEPARATOR))))


def _translated(raw: str) -> str:
    text = REFERENCE.sub(_referred, raw) if "&#" in raw else raw
    return unicodedata.normalize("NFC", text).translate(tables.characters().translation)


def _joined(part: str) -> str:
    """Blanks stay only between Latin words."""
    return SPARE_BLANK.sub("", part.strip())


def _gapped(raw: str) -> tuple[str, ...] | None:
    """The units with every blank inside as one character that is not shown."""
    if not INNER_BLANK.search(raw):
        return None
    text = BRACKETED.sub("", _translated(raw)).upper().strip()
    if not re.search(r"\s", text) or re.search(r"[A-Z]", text):
        return None
    tokens = TOKEN.findall(text)
    return tuple(WILDCARD if token.isspace() else token for token in tokens if token != SEPARATOR)


@lru_cache(maxsize=1)
def _special() -> frozenset[str]:
    """Ordinary-looking signs that make a name go through every rule."""
    return frozenset([*map(chr, tables.characters().translation), "之"])


@lru_cache(maxsize=1)
def _compound_starts() -> frozenset[str]:
    return frozenset(surname[0] for surname in tables.characters().compound_surnames)


def _surname_length(plain: tuple[str, ...]) -> int:
    if plain[0] not in _compound_starts():
        return 1
    compound = tables.characters().compound_surnames
    for length in (4, 2):
        if len(plain) > length and "".join(plain[:length]) in compound:
            return length
    return 1


@lru_cache(maxsize=1 << 16)
def parse_name(raw: str | None) -> Name | None:
    """The name taken apart, or None where there is none (未取名, blanks, only wildcards)."""
    if raw is None:
        return None
    if ORDINARY.fullmatch(raw) and _special().isdisjoint(raw):
        return None if raw in tables.characters().placeholders else _ordinary(raw)
    text = normal_form(raw)
    if text in tables.characters().placeholders or UNNAMED.fullmatch(text):
        return None
    units = tuple(t for t in TOKEN.findall(text) if t != SEPARATOR and not t.isspace())
    if not units or all(unit == WILDCARD for unit in units):
        return None
    plain = tuple(map(simplified, units))
    return Name(
        text=text,
        gapped=_gapped(raw),
        units=units,
        plain=plain,
        parts=tuple(text.split(SEPARATOR)),
        surname_length=_surname_length(plain),
        has_latin=any(is_latin(unit) for unit in units),
        is_wild=WILDCARD in units,
    )


def _ordinary(text: str) -> Name:
    """Two to four characters as most names have them: they are their own normal form."""
    plain = tuple(map(simplified, text))
    length = _surname_length(plain)
    return Name(
        text=text,
        gapped=None,
        units=tuple(text),
        plain=plain,
        parts=(text,),
        surname_length=length,
        has_latin=False,
        is_wild=False,
        is_ordinary=len(text) < 4 or length > 1,
    )


def is_latin(unit: str) -> bool:
    """The unit is a run of Latin letters, not a character."""
    return "A" <= unit[0] <= "Z" or "\u00c0" <= unit[0] <= "\u024f"


def latin(unit: str) -> str:
    """A run of Latin letters without marks, in small letters: ü is v, as on a keyboard."""
    bare = unicodedata.normalize("NFD", unit.replace("Ü", "V")).encode("ascii", "ignore")
    return bare.decode().lower()


@lru_cache(maxsize=1 << 16)
def toned(unit: str, *, surname: bool) -> tuple[str, ...]:
    """Pinyin of one unit with its tone (`ming2`), the likeliest first; 朴 as a surname is piao2.

    Empty for `?`; letters, and signs that have no reading, are given back without a tone.
    """
    if unit == WILDCARD:
        return ()
    if is_latin(unit):
        return (latin(unit),)
    table = tables.characters()
    listed = table.surname_readings if surname else table.given_readings
    simple = simplified(unit)
    for exact in (unit, simple):
        if exact in listed:
            return listed[exact]
    found = pinyin(simple, style=Style.TONE3, errors="default", neutral_tone_with_five=True)
    return (found[0][0].replace("ü", "v"),)


@lru_cache(maxsize=1 << 16)
def readings(unit: str, *, surname: bool) -> tuple[str, ...]:
    """Toneless pinyin of one unit, the likeliest first; empty for `?`."""
    return tuple(dict.fromkeys(spoken.rstrip(DIGITS) for spoken in toned(unit, surname=surname)))


@lru_cache(maxsize=1 << 15)
def sound(name: Name) -> str:
    """The likeliest pinyin of the whole name, joined by blanks; `?` where nothing is shown."""
    return " ".join(
        (readings(unit, surname=place < name.surname_length) or (WILDCARD,))[0]
        for place, unit in enumerate(name.units)
    )
