"""How common a name is (重名): agreement on 张伟 says little, on a rare name much."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matching import tables
from matching.names import Name, is_latin, readings, simplified

UNLISTED_SURNAME: Final = 2e-5  # a surname outside the list, as a share of all people
UNLISTED_GIVEN: Final = (
    1e-4  # a character outside the list, as a share of all given-name characters
)
UNKNOWN_LENGTH: Final = 0.01
GIVEN_LENGTHS: Final = {1: 0.18, 2: 0.81}  # share of people by characters of the given name
TRANSLITERATED: Final = 0.02  # a character of a long name written by its sound


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Shares between 0 and 1: of surnames, given-name characters, their sounds, whole names."""

    surnames: Mapping[str, float]
    given: Mapping[str, float]
    surname_sounds: Mapping[str, float]
    given_sounds: Mapping[str, float]
    names: Mapping[str, float]


def _sounds(shares: Mapping[str, float], *, surname: bool) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for character, share in shares.items():
        if len(character) == 1:
            sums[readings(character, surname=surname)[0]] += share
    return dict(sums)


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
    return Frequencies(
        surnames, given, _sounds(surnames, surname=True), _sounds(given, surname=False), names
    )


@lru_cache(maxsize=1 << 14)
def character_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people who have this character in this place."""
    table = frequencies()
    simple = simplified(unit)
    if surname:
        return -math.log2(table.surnames.get(simple, UNLISTED_SURNAME))
    return -math.log2(table.given.get(simple, UNLISTED_GIVEN))


@lru_cache(maxsize=1 << 14)
def sound_bits(unit: str, *, surname: bool) -> float:
    """-log2 of the share of people whose character in this place sounds like this one."""
    table = frequencies()
    shares = table.surname_sounds if surname else table.given_sounds
    spoken = readings(unit, surname=surname)
    if not spoken:
        return 0.0
    floor = UNLISTED_SURNAME if surname else UNLISTED_GIVEN * 10
    return -math.log2(max(sum(shares.get(sound, 0.0) for sound in spoken), floor))


@lru_cache(maxsize=1 << 15)
def name_bits(name: Name) -> float:
    """-log2 of the share of people with just this name, by its characters or the list of names.

    Units that are not shown count nothing; Latin runs count by their sound.
    """
    if name.is_long:
        return -math.log2(TRANSLITERATED) * sum(unit != "?" for unit in name.units)
    listed = frequencies().names.get("".join(map(simplified, name.units)))
    given_length = len(name.units) - name.surname_length
    bits = -math.log2(GIVEN_LENGTHS.get(given_length, UNKNOWN_LENGTH))
    if name.surname_length > 1:
        bits += character_bits("".join(name.units[: name.surname_length]), surname=True)
    for place, unit in enumerate(name.units):
        if unit == "?" or (place < name.surname_length and name.surname_length > 1):
            continue
        measure = sound_bits if is_latin(unit) else character_bits
        bits += measure(unit, surname=place == 0)
    return bits if listed is None else min(bits, -math.log2(listed))
