"""How common a name is (重名): agreement on 张伟 says little, on a rare name much."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matching import tables
from matching.names import DIGITS, Name, is_latin, readings, simplified, toned
from matching.sounds import near_with_tone, syllables_near

UNLISTED_SURNAME: Final = 2e-5  # a surname outside the list, as a share of all people
UNLISTED_GIVEN: Final = (
    1e-4  # a character outside the list, as a share of all given-name characters
)
UNKNOWN_LENGTH: Final = 0.01
GIVEN_LENGTHS: Final = {1: 0.18, 2: 0.81}  # share of people by characters of the given name
TRANSLITERATED: Final = 0.12  # a character of a long name written by its sound
# Statistics Korea 2015: 21.5 % are Kim, 14.7 % Lee, 8.4 % Park; a usual given name is one of 250.
FOREIGN_SURNAME: Final = 0.05  # a surname in Latin letters, of those who have one
FOREIGN_GIVEN: Final = 4e-3
NOT_BY_CHANCE: Final = 2e-3  # look-alikes of rare characters: no rarer than this


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares, 0 to 1, of one place of a name: by character, by sound with and without tone."""

    characters: Mapping[str, float]
    sounds: Mapping[str, float]
    toned: Mapping[str, float]
    unlisted: float

    def of(self, unit: str) -> float:
        """The share of people who have this character in this place."""
        return self.characters.get(simplified(unit), self.unlisted)


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Surnames, given-name characters, and whole names that are commoner than their characters."""

    surnames: Mapping[str, float]
    given: Mapping[str, float]
    by_place: Mapping[bool, Shares]  # True: the surname's
    names: Mapping[str, float]


def _shares(shares: Mapping[str, float], *, surname: bool) -> Shares:
    sounds: defaultdict[str, float] = defaultdict(float)
    with_tone: defaultdict[str, float] = defaultdict(float)
    for character, share in shares.items():
        if len(character) == 1:
            spoken = toned(character, surname=surname)[0]
            with_tone[spoken] += share
            sounds[spoken.rstrip(DIGITS)] += share
    unlisted = UNLISTED_SURNAME if surname else UNLISTED_GIVEN
    return Shares(shares, dict(sounds), dict(with_tone), unlisted)


@lru_cache(maxsize=1)
def frequencies() -> Frequencies:
    """The packaged tables; given-name shares are scaled so that nine in ten slots are listed."""
    surnames = {
        name: float(row["percent"]) / 104
        for row in tables.rows("surnames.csv")
        for name in row["surnames"].split()
    }
    weights = {
        character: float(row["percent"])
        for row in tables.rows("given_characters.csv")
        for character in row["characters"].split()
    }
    total = sum(weights.values()) / 0.9
    given = {character: weight / total for character, weight in weights.items()}
    names = {
        name: float(row["per_million"]) / 1e6
        for row in tables.rows("common_names.csv")
        for name in row["names"].split()
    }
    by_place = {True: _shares(surnames, surname=True), False: _shares(given, surname=False)}
    return Frequencies(surnames, given, by_place, names)


def _bits(share: float, floor: float) -> float:
    return -math.log2(max(share, floor))


@lru_cache(maxsize=1 << 16)
def character_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people who have this character in this place."""
    return -math.log2(frequencies().by_place[surname].of(unit))


def _sound_floor(*, surname: bool) -> float:
    """A sound that no listed character has is still heard now and then."""
    return UNLISTED_SURNAME if surname else UNLISTED_GIVEN * 10


@lru_cache(maxsize=1 << 16)
def sound_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people whose character in this place sounds like this, tone aside."""
    shares = frequencies().by_place[surname].sounds
    spoken = readings(unit, surname=surname)
    share = sum(shares.get(sound, 0.0) for sound in spoken)
    return _bits(share, _sound_floor(surname=surname)) if spoken else 0.0


@lru_cache(maxsize=1 << 16)
def tone_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people whose character in this place sounds like this, tone and all."""
    shares = frequencies().by_place[surname].toned
    spoken = toned(unit, surname=surname)
    share = sum(shares.get(sound, 0.0) for sound in spoken)
    return _bits(share, _sound_floor(surname=surname) / 2) if spoken else 0.0


@lru_cache(maxsize=1 << 16)
def near_bits(unit: str, *, surname: bool, tone: bool) -> float:
    """-log2 of the share of people whose character in this place sounds nearly like this.

    With `tone`, of those that have its tone too.
    """
    place = frequencies().by_place[surname]
    spoken = toned(unit, surname=surname)
    if tone:
        share = sum(share for one, share in place.toned.items() if near_with_tone(spoken, (one,)))
    else:
        bare = readings(unit, surname=surname)
        share = sum(
            share
            for one, share in place.sounds.items()
            if any(syllables_near(one, other) for other in bare)
        )
    return _bits(share, _sound_floor(surname=surname)) if spoken else 0.0


@lru_cache(maxsize=1)
def _alike() -> Mapping[str, str]:
    """Character → its look-alikes."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for pair in tables.look_alikes():
        found[pair[0]].append(pair[1])
    return {one: "".join(sorted(others)) for one, others in found.items()}


@lru_cache(maxsize=1 << 16)
def look_alike_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people whose character in this place is a look-alike of this."""
    shares = frequencies().by_place[surname].characters
    others = _alike().get(simplified(unit), "")
    return _bits(sum(shares.get(other, 0.0) for other in others), NOT_BY_CHANCE)


@lru_cache(maxsize=1 << 16)
def name_bits(name: Name) -> float:
    """-log2 of the share of people with just this name, by its characters or the list of names.

    Units that are not shown count nothing; Latin runs count by their sound, and never for rarer
    than names of passports are: no table lists those.
    """
    if name.is_long:
        return -math.log2(TRANSLITERATED) * sum(unit != "?" for unit in name.units)
    listed = frequencies().names.get("".join(name.plain))
    surname, given = name.units[: name.surname_length], name.units[name.surname_length :]
    if len(surname) > 1:
        bits = character_bits("".join(surname), surname=True)
    else:
        bits = _part_bits(surname, foreign=FOREIGN_SURNAME, surname=True)
    # However many syllables it is written in, a given name in Latin letters is one name.
    bits += _part_bits(given, foreign=FOREIGN_GIVEN, surname=False)
    return bits if listed is None else min(bits, -math.log2(listed))


def _part_bits(units: Sequence[str], *, foreign: float, surname: bool) -> float:
    """A surname's, or a given name's with its length; `foreign`: of the usual one in a passport."""
    shown = [unit for unit in units if unit != "?"]
    bits = 0.0 if surname else length_bits(len(units))
    for unit in shown:
        measure = sound_bits if is_latin(unit) else character_bits
        bits += measure(unit, surname=surname)
    is_foreign = bool(shown) and all(map(is_latin, shown))
    return min(bits, -math.log2(foreign)) if is_foreign else bits


def length_bits(given_length: int) -> float:
    """-log2 of the share of people whose given name has so many characters."""
    return -math.log2(GIVEN_LENGTHS.get(given_length, UNKNOWN_LENGTH))
