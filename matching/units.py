"""How two characters in one place of two names stand to each other, and by what chance."""

from enum import IntEnum
from functools import lru_cache
from typing import assert_never

from matching import tables
from matching.frequency import (
    character_bits,
    look_alike_bits,
    near_bits,
    sound_bits,
    tone_bits,
)
from matching.names import WILDCARD, is_latin, readings, second_round, simplified, toned
from matching.sounds import near_with_tone, syllables_near


class Unit(IntEnum):
    """How two characters stand to each other, the closest first."""

    EQUAL = 0
    VARIANT = 1
    HOMOPHONE = 2
    LOOK_ALIKE = 3
    SAME_SYLLABLE = 4
    NEAR = 5
    PINYIN = 6
    HIDDEN = 7
    DIFFERENT = 8


@lru_cache(maxsize=1 << 17)
def unit_relation(left: str, right: str, *, surname: bool) -> Unit:
    """How two units in the same place stand to each other; symmetric."""
    if WILDCARD in (left, right):
        return Unit.HIDDEN
    if left == right:
        return Unit.EQUAL
    if is_latin(left) or is_latin(right):
        return _spelled_relation(left, right, surname=surname)
    if second_round(left) == second_round(right):
        return Unit.VARIANT
    one, other = toned(left, surname=surname), toned(right, surname=surname)
    if not set(one).isdisjoint(other):
        return Unit.HOMOPHONE
    if simplified(left) + simplified(right) in tables.look_alikes():
        return Unit.LOOK_ALIKE
    return _heard(left, right, surname=surname)


def _spelled_relation(left: str, right: str, *, surname: bool) -> Unit:
    heard = _heard(left, right, surname=surname)
    return Unit.PINYIN if heard is Unit.SAME_SYLLABLE else heard


def _heard(left: str, right: str, *, surname: bool) -> Unit:
    """By ear, the tone aside."""
    one, other = readings(left, surname=surname), readings(right, surname=surname)
    if not set(one).isdisjoint(other):
        return Unit.SAME_SYLLABLE
    near = any(syllables_near(a, b) for a in one for b in other)
    return Unit.NEAR if near else Unit.DIFFERENT


@lru_cache(maxsize=1 << 16)
def unit_bits(kind: Unit, left: str, right: str, *, surname: bool) -> float:
    """-log2 of the chance of this relation in this place; the commoner of the two decides."""
    pair = (left, right)
    match kind:
        case Unit.EQUAL | Unit.VARIANT:
            measure = sound_bits if is_latin(left) else character_bits
            return min(measure(unit, surname=surname) for unit in pair)
        case Unit.HOMOPHONE:
            return min(tone_bits(unit, surname=surname) for unit in pair)
        case Unit.SAME_SYLLABLE | Unit.PINYIN:
            return min(sound_bits(unit, surname=surname) for unit in pair)
        case Unit.LOOK_ALIKE:
            return min(look_alike_bits(unit, surname=surname) for unit in pair)
        case Unit.NEAR:
            tone = near_with_tone(*(toned(unit, surname=surname) for unit in pair))
            return min(near_bits(unit, surname=surname, tone=tone) for unit in pair)
        case Unit.HIDDEN | Unit.DIFFERENT:
            return 0.0
        case _:
            assert_never(kind)
