"""Whether Latin letters spell a name in characters: pinyin, or Korean as passports have it."""

from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Final

from matching import tables
from matching.names import WILDCARD, Name, is_latin, latin, readings, simplified

HANGUL: Final = 0xAC00  # the first of the syllables, in order of initial, medial and final
MEDIALS: Final = 21
FINALS: Final = 28
NO_INITIAL: Final = 11  # ㅇ
NASAL: Final = 2  # ㄴ
LIQUID: Final = 5  # ㄹ
BEFORE_I: Final = frozenset({2, 3, 6, 7, 12, 17, 20})  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ
Spoken = Callable[[str, bool], tuple[str, ...]]


@lru_cache(maxsize=1 << 10)
def romanised_syllable(syllable: str) -> tuple[str, ...]:
    """Every way one Hangul syllable may stand in Latin letters; a first ㄹ or ㄴ may fall away."""
    table = tables.korean()
    code = ord(syllable) - HANGUL
    initial, medial = code // (MEDIALS * FINALS), code // FINALS % MEDIALS
    initials = table.initials[initial]
    if initial == LIQUID or (initial == NASAL and medial in BEFORE_I):  # 두음법칙: 룡 is 용
        initials = (*initials, *(("",) if medial in BEFORE_I else ("n",)))
    spelled = product(initials, table.medials[medial], table.finals[code % FINALS])
    return tuple(dict.fromkeys("".join(letters) for letters in spelled))


@lru_cache(maxsize=1 << 14)
def _korean(unit: str, surname: bool) -> tuple[str, ...]:  # noqa: FBT001 - called as a `Spoken`
    """Romanisations of one character as Korean passports have them; () where none is known."""
    simple = simplified(unit)
    table = tables.korean()
    listed = table.surnames.get(simple, ()) if surname else ()
    syllables = table.given.get(simple, ())
    return listed or tuple(form for one in syllables for form in romanised_syllable(one))


@lru_cache(maxsize=1 << 14)
def _pinyin(unit: str, surname: bool) -> tuple[str, ...]:  # noqa: FBT001 - called as a `Spoken`
    """Toneless pinyin; ü is V on a keyboard, YU in a passport (since 2012), U where none minded."""
    forms = readings(unit, surname=surname)
    return tuple(
        form.replace("v", other)
        for form in forms
        for other in (("v", "yu", "u") if "v" in form else ("v",))
    )


def _ends(text: str, start: int, unit: str, *, surname: bool, spoken: Spoken) -> set[int]:
    """Where in the text the unit may end if it starts at `start`."""
    forms = (latin(unit),) if is_latin(unit) else spoken(unit, surname)
    return {start + len(form) for form in forms if form and text.startswith(form, start)}


def _spells(text: str, units: tuple[tuple[str, bool], ...], spoken: Spoken) -> bool:
    """The text is the units' sounds one after the other, with nothing left over."""
    starts = {0}
    for unit, surname in units:
        starts = {
            end for s in starts for end in _ends(text, s, unit, surname=surname, spoken=spoken)
        }
        if not starts:
            return False
    return len(text) in starts


def _orders(name: Name) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """Units with whether they are the surname's: surname first, and given name first."""
    marked = tuple((unit, place < name.surname_length) for place, unit in enumerate(name.units))
    cut = name.surname_length
    compound = "".join(name.plain[:cut])
    whole = (
        ((compound, True), *marked[cut:])
        if cut > 1 and compound in tables.korean().surnames
        else marked
    )
    cut = len(whole) - len(name.units) + cut
    return tuple(dict.fromkeys((marked, whole, whole[cut:] + whole[:cut])))


def _pieces(name: Name) -> str:
    return "".join(latin(unit) for unit in name.units)


def spelled_alike(left: Name, right: Name) -> bool:
    """One side is spelled, wholly or in part, as the other sounds; symmetric.

    Blanks, hyphens and the order of surname and given name do not count.
    """
    if left.is_wild or right.is_wild or not (left.has_latin or right.has_latin):
        return False
    return _reads(left, right) or _reads(right, left)


def _reads(spelled: Name, written: Name) -> bool:
    if not spelled.has_latin:
        return False
    if not all(is_latin(unit) for unit in spelled.units):
        return _reads_in_part(spelled, written)
    text = _pieces(spelled)
    if written.has_latin and all(is_latin(unit) for unit in written.units):
        words = sorted(map(latin, spelled.units)) == sorted(map(latin, written.units))
        return words or text == _pieces(written)
    return any(
        _spells(text, units, spoken) for units in _orders(written) for spoken in (_pinyin, _korean)
    )


def _reads_in_part(spelled: Name, written: Name) -> bool:
    """李yan and 李䶮, 李jianguo and 李建国: characters stand, letters read the rest."""
    starts = {0}
    units = written.units
    for unit in spelled.units:
        found: set[int] = set()
        for start in starts:
            if start < len(units) and not is_latin(unit):
                found |= {start + 1} if simplified(unit) == written.plain[start] else set()
                continue
            for end in range(start + 1, len(units) + 1):
                marked = tuple(
                    (u, start + i < written.surname_length) for i, u in enumerate(units[start:end])
                )
                if is_latin(unit) and WILDCARD not in units[start:end]:
                    found |= {end} if _spells(latin(unit), marked, _pinyin) else set()
        starts = found
    return len(units) in starts
