"""What the scalar functions know of single Han characters, in tables that fill as they are met."""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching import tables
from matching.frequency import character_bits
from matching.names import readings, second_round, simplified

FIRST_HAN: Final = 0x3400
LAST_HAN: Final = 0x9FFF
COUNT: Final = LAST_HAN - FIRST_HAN + 1
READINGS: Final = 2  # of a character in a place; those with more are not plain
SPECIAL: Final = "之某"  # 王某之子, 李某某: read by the full parser
VOWELS: Final = "aeiouvü"
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
F32 = NDArray[np.float32]


def syllable_code(syllable: str) -> int:
    """A number of a syllable, the same in every process; never 0."""
    return zlib.crc32(syllable.encode()) | 1


def _joined(groups: Iterable[frozenset[str]]) -> dict[str, str]:
    """Member → the first of all that are confused with it, directly or through others."""
    classes: list[set[str]] = []
    for group in groups:
        touching = [one for one in classes if one & group]
        classes = [one for one in classes if not one & group]
        classes.append(set(group).union(*touching))
    return {member: min(one) for one in classes for member in one}


@lru_cache(maxsize=1)
def _confused() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    near = tables.near_sounds()
    initials = _joined(map(frozenset, near.initials))
    finals = _joined(map(frozenset, near.finals))
    forms = [frozenset(_form(one, initials, finals) for one in pair) for pair in near.syllables]
    return initials, finals, _joined(forms)


def _form(syllable: str, initials: dict[str, str], finals: dict[str, str]) -> str:
    cut = next((at for at, sign in enumerate(syllable) if sign in VOWELS), len(syllable))
    initial, final = syllable[:cut], syllable[cut:]
    return initials.get(initial, initial) + "|" + finals.get(final, final)


@lru_cache(maxsize=1 << 10)
def sound_class(syllable: str) -> int:
    """A 16-bit number that syllables share if they are the same or confused; never 0.

    Two others may share one: what this tells apart is apart, what it does not is looked at again.
    """
    initials, finals, forms = _confused()
    form = _form(syllable, initials, finals)
    return (zlib.crc32(forms.get(form, form).encode()) & 0xFFFF) or 1


class HanTables:
    """By code point - 0x3400: simplified and second-round form, sounds in both kinds of place."""

    def __init__(self) -> None:
        self.usable = np.zeros(COUNT, dtype=bool)
        self.simple: U16 = np.zeros(COUNT, dtype=np.uint16)
        self.second: U16 = np.zeros(COUNT, dtype=np.uint16)
        self.first_sound: U32 = np.zeros((2, COUNT), dtype=np.uint32)
        self.bits: F32 = np.zeros((2, COUNT), dtype=np.float32)
        self.classes: U16 = np.zeros((2, COUNT, READINGS), dtype=np.uint16)
        self._known = np.zeros(COUNT, dtype=bool)

    def meet(self, points: NDArray[np.uint32]) -> None:
        """Fills in the characters among these code points that were not met before."""
        inside = points[(points >= FIRST_HAN) & (points <= LAST_HAN)] - FIRST_HAN
        for place in np.unique(inside[~self._known[inside]]).tolist():
            self._fill(place, chr(place + FIRST_HAN))

    def _fill(self, place: int, unit: str) -> None:
        self._known[place] = True
        simple, second = simplified(unit), second_round(unit)
        fits = len(simple) == len(second) == 1 and max(ord(simple), ord(second)) <= 0xFFFF
        translated = ord(unit) in tables.characters().translation
        usable = fits and not translated and unit not in SPECIAL
        for surname in (0, 1):
            found = readings(unit, surname=bool(surname))
            usable &= 0 < len(found) <= READINGS
            for rank, one in enumerate(found[:READINGS]):
                self.classes[surname, place, rank] = sound_class(one)
            self.bits[surname, place] = character_bits(unit, surname=bool(surname))
            self.first_sound[surname, place] = syllable_code(found[0]) if found else 0
        self.usable[place] = usable
        if fits:
            self.simple[place], self.second[place] = ord(simple), ord(second)


@lru_cache(maxsize=1)
def han_tables() -> HanTables:
    """The tables of this process."""
    return HanTables()
