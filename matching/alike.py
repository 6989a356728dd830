"""How two names stand to each other, character by character, and how much that leaves to chance."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from matching import tables
from matching.frequency import character_bits, name_bits, sound_bits
from matching.names import (
    WILDCARD,
    Name,
    is_latin,
    readings,
    romanised,
    second_round,
    simplified,
    sound,
)

NEAR_CROWD_BITS: Final = 2.0  # about four sounds are near any one
LOOK_ALIKE_BITS: Final = 8.0  # a character has a handful of look-alikes among some thousands
SAME_SOUND: Final = 0.8  # similarity of the spelled sound at which long names are one name


class Unit(IntEnum):
    """How two characters stand to each other, the closest first."""

    EQUAL = 0
    VARIANT = 1
    HOMOPHONE = 2
    LOOK_ALIKE = 3
    NEAR = 4
    PINYIN = 5
    HIDDEN = 6
    DIFFERENT = 7


class NameRelation(IntEnum):
    """How two names stand to each other, the closest first."""

    EQUAL = 0
    VARIANT = 1
    HOMOPHONE = 2
    LOOK_ALIKE = 3
    REORDERED = 4
    ROMANISED = 5
    TRANSLITERATION = 6
    MASKED_COMPATIBLE = 7
    NEAR = 8
    PARTIAL = 9
    DIFFERENT = 10


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`bits`: -log2 of the chance that an unrelated name would stand like this by itself."""

    relation: NameRelation
    bits: float


def _sounds_near(left: str, right: str) -> bool:
    """One of the confused initials or finals apart: zhang and zang, lin and ling."""
    initials, finals = tables.near_sounds()
    for group in initials:
        one, other = sorted(group, key=len, reverse=True)
        for a, b in ((left, right), (right, left)):
            if a.startswith(one) and other + a[len(one) :] == b:
                return True
    for group in finals:
        one, other = sorted(group, key=len, reverse=True)
        for a, b in ((left, right), (right, left)):
            if a.endswith(one) and a[: -len(one)] + other == b:
                return True
    return False


@lru_cache(maxsize=1 << 16)
def unit_relation(left: str, right: str, *, surname: bool) -> Unit:
    """How two units in the same place stand to each other; symmetric."""
    if WILDCARD in (left, right):
        return Unit.HIDDEN
    if left == right:
        return Unit.EQUAL
    if not (is_latin(left) or is_latin(right)) and second_round(left) == second_round(right):
        return Unit.VARIANT
    one, other = readings(left, surname=surname), readings(right, surname=surname)
    if set(one) & set(other):
        return Unit.PINYIN if is_latin(left) or is_latin(right) else Unit.HOMOPHONE
    if simplified(left) + simplified(right) in tables.look_alikes() or (
        left + right in tables.look_alikes()
    ):
        return Unit.LOOK_ALIKE
    near = any(_sounds_near(a, b) for a in one for b in other)
    return Unit.NEAR if near else Unit.DIFFERENT


def _unit_bits(kind: Unit, left: str, right: str, *, surname: bool) -> float:
    """-log2 of the chance of this relation in this place; the commoner of the two decides."""
    match kind:
        case Unit.EQUAL | Unit.VARIANT:
            measure = sound_bits if is_latin(left) else character_bits
            return min(measure(unit, surname=surname) for unit in (left, right))
        case Unit.HOMOPHONE | Unit.PINYIN:
            return min(sound_bits(unit, surname=surname) for unit in (left, right))
        case Unit.LOOK_ALIKE:
            return LOOK_ALIKE_BITS
        case Unit.NEAR:
            bits = min(sound_bits(unit, surname=surname) for unit in (left, right))
            return max(0.0, bits - NEAR_CROWD_BITS)
        case Unit.HIDDEN | Unit.DIFFERENT:
            return 0.0


OF_UNIT: Final = {
    Unit.EQUAL: NameRelation.EQUAL,
    Unit.VARIANT: NameRelation.VARIANT,
    Unit.HOMOPHONE: NameRelation.HOMOPHONE,
    Unit.LOOK_ALIKE: NameRelation.LOOK_ALIKE,
    Unit.NEAR: NameRelation.NEAR,
    Unit.PINYIN: NameRelation.ROMANISED,
    Unit.HIDDEN: NameRelation.MASKED_COMPATIBLE,
    Unit.DIFFERENT: NameRelation.DIFFERENT,
}


def _aligned(left: tuple[str, ...], right: tuple[str, ...], surname: int) -> NameMatch | None:
    """Place by place, if both have as many units and no two of them differ."""
    if len(left) != len(right):
        return None
    kinds = []
    bits = 0.0
    for place, (one, other) in enumerate(zip(left, right, strict=True)):
        kind = unit_relation(one, other, surname=place < surname)
        if kind is Unit.DIFFERENT:
            return None
        kinds.append(kind)
        bits += _unit_bits(kind, one, other, surname=place < surname)
    # A name of which nothing but hidden characters agrees says nothing.
    worst = max(kinds)
    return None if min(kinds) is Unit.HIDDEN else NameMatch(OF_UNIT[worst], bits)


def _reordered(left: Name, right: Name) -> bool:
    """Given name first, or the parts of a long name in another order."""
    one, other = tuple(map(simplified, left.units)), tuple(map(simplified, right.units))
    turned = one[left.surname_length :] + one[: left.surname_length]
    back = other[right.surname_length :] + other[: right.surname_length]
    if len(one) > 1 and (turned == other or back == one):
        return True
    return len(left.parts) > 1 and sorted(left.parts) == sorted(right.parts)


def _is_subsequence(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(unit in rest for unit in short)


def _partial(left: Name, right: Name) -> bool:
    """One character dropped (but not the surname alone left), or a long name cut short."""
    one, other = tuple(map(simplified, left.units)), tuple(map(simplified, right.units))
    short, long = sorted((one, other), key=len)
    if len(short) == len(long) or len(short) < 2 or WILDCARD in short + long:
        return False
    if len(long) >= 5 and len(short) >= 3 and long[: len(short)] == short:
        return True
    return len(long) - len(short) == 1 and _is_subsequence(short, long)


def _romanised(left: Name, right: Name) -> bool:
    """One side is spelled, wholly or in part, as the other sounds."""
    if left.has_latin == right.has_latin and not left.has_latin:
        return False
    for spelled, written in ((left, right), (right, left)):
        if spelled.has_latin and not spelled.is_wild and not written.is_wild:
            if all(is_latin(unit) for unit in spelled.units):
                if "".join(spelled.units).lower() in romanised(written):
                    return True
            elif romanised(spelled) & romanised(written):
                return True
    return False


def _transliterated(left: Name, right: Name) -> bool:
    if not (left.is_long and len(right.units) >= 4) and not (
        right.is_long and len(left.units) >= 4
    ):
        return False
    one, other = sound(left).replace(" ", ""), sound(right).replace(" ", "")
    return OSA.normalized_similarity(one, other, score_cutoff=SAME_SOUND) > 0


def _whole(left: Name, right: Name) -> NameMatch:
    """What names that do not agree place by place may still have in common."""
    bits = min(name_bits(left), name_bits(right))
    if _reordered(left, right):
        return NameMatch(NameRelation.REORDERED, bits)
    if _romanised(left, right):
        return NameMatch(NameRelation.ROMANISED, min(bits, _spoken_bits(left, right)))
    if _transliterated(left, right):
        return NameMatch(NameRelation.TRANSLITERATION, bits * SAME_SOUND)
    if _partial(left, right):
        return NameMatch(NameRelation.PARTIAL, max(0.0, bits - 1.0))
    return NameMatch(NameRelation.DIFFERENT, 0.0)


def _spoken_bits(left: Name, right: Name) -> float:
    """By sound, of the side written in characters: a spelled name hides which ones."""
    written = right if left.has_latin else left
    return sum(
        sound_bits(unit, surname=place < written.surname_length)
        for place, unit in enumerate(written.units)
    )


def _shapes(name: Name) -> tuple[tuple[str, ...], ...]:
    """The units as written; with a blank as a hidden character; with `??` as one.

    A character beyond 16 bits (𬱖) leaves two signs in a register that counts in 16 bits.
    """
    if not name.is_wild:
        return (name.units,) if name.gapped is None else (name.units, name.gapped)
    merged = tuple(
        unit
        for place, unit in enumerate(name.units)
        if place == 0 or (unit, name.units[place - 1]) != (WILDCARD, WILDCARD)
    )
    return (name.units, merged, *([name.gapped] if name.gapped else []))


@lru_cache(maxsize=1 << 16)
def match_names(left: Name, right: Name) -> NameMatch:
    """How two names stand to each other; symmetric. A blank inside may hide a character."""
    surname = max(left.surname_length, right.surname_length)
    shapes = ((one, other) for one in _shapes(left) for other in _shapes(right))
    found = (_aligned(one, other, surname) for one, other in shapes)
    matched = next((match for match in found if match is not None), None)
    if matched is None:
        return _whole(left, right)
    if matched.relation <= NameRelation.VARIANT:
        return NameMatch(matched.relation, min(name_bits(left), name_bits(right)))
    return matched
