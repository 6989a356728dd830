"""How two names stand to each other, character by character, and how much that leaves to chance."""

import math
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from matching import tables
from matching.frequency import length_bits, name_bits, sound_bits
from matching.names import WILDCARD, Name
from matching.sounds import syllables_near
from matching.spelling import spelled_alike
from matching.transliteration import transliterated_alike
from matching.units import Unit, unit_bits, unit_relation

__all__ = [
    "NameMatch",
    "NameRelation",
    "Unit",
    "aligned",
    "match_names",
    "name_score",
    "syllables_near",
    "unit_bits",
    "unit_relation",
]

ENOUGH_FOR_TRANSLITERATION: Final = 0.6  # of the bits of an equal long name
DROPPED_BITS: Final = 1.0  # a name of three characters has two that may be left out
FEWEST_SHOWN: Final = 2  # characters that a name cut short still shows


class NameRelation(IntEnum):
    """How two names stand to each other, the closest first."""

    EQUAL = 0
    VARIANT = 1
    HOMOPHONE = 2
    LOOK_ALIKE = 3
    SAME_SYLLABLE = 4
    REORDERED = 5
    ROMANISED = 6
    TRANSLITERATION = 7
    MASKED_COMPATIBLE = 8
    NEAR = 9
    PARTIAL = 10
    DIFFERENT = 11


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`bits`: -log2 of the chance that an unrelated name would stand like this by itself.

    `slip_bits` is the part of them that the places have which are not equal.
    """

    relation: NameRelation
    bits: float
    slip_bits: float = 0.0


DIFFERENT: Final = NameMatch(NameRelation.DIFFERENT, 0.0)


HIDDEN: Final = (WILDCARD, WILDCARD)
OF_UNIT: Final = {
    Unit.EQUAL: NameRelation.EQUAL,
    Unit.VARIANT: NameRelation.VARIANT,
    Unit.HOMOPHONE: NameRelation.HOMOPHONE,
    Unit.LOOK_ALIKE: NameRelation.LOOK_ALIKE,
    Unit.SAME_SYLLABLE: NameRelation.SAME_SYLLABLE,
    Unit.NEAR: NameRelation.NEAR,
    Unit.PINYIN: NameRelation.ROMANISED,
    Unit.HIDDEN: NameRelation.MASKED_COMPATIBLE,
    Unit.DIFFERENT: NameRelation.DIFFERENT,
}


def aligned(left: tuple[str, ...], right: tuple[str, ...], surname: int) -> NameMatch | None:
    """Place by place, if both have as many units and no two of them differ: the worst decides."""
    if len(left) != len(right):
        return None
    kinds = []
    for place, one in enumerate(left):
        kind = unit_relation(one, right[place], surname=place < surname)
        if kind is Unit.DIFFERENT:
            return None
        kinds.append(kind)
    # A name of which nothing but hidden characters agrees says nothing.
    if min(kinds) is Unit.HIDDEN:
        return None
    bits = [
        unit_bits(kind, left[place], right[place], surname=place < surname)
        for place, kind in enumerate(kinds)
    ]
    slips = sum(b for b, kind in zip(bits, kinds, strict=True) if kind > Unit.VARIANT)
    return NameMatch(OF_UNIT[max(kinds)], sum(bits), slips)


def _reordered(left: Name, right: Name) -> bool:
    """Given name first, two given characters turned, or a long name's parts in another order."""
    one, other = left.plain, right.plain
    if len(one) == len(other) > 1 and sorted(one) == sorted(other):
        turned = one[left.surname_length :] + one[: left.surname_length]
        back = other[right.surname_length :] + other[: right.surname_length]
        cut = left.surname_length
        given = one[:cut] == other[:cut] and Counter(one[cut:]) == Counter(other[cut:])
        if turned == other or back == one or (given and len(one) - cut == 2):
            return True
    return len(left.parts) > 1 and sorted(left.parts) == sorted(right.parts)


def _is_subsequence(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(unit in rest for unit in short)


def _partial(left: Name, right: Name) -> bool:
    """One character dropped (but not the surname alone left), or a long name cut short."""
    short, long = sorted((left.plain, right.plain), key=len)
    if len(short) == len(long) or len(short) < FEWEST_SHOWN or left.is_wild or right.is_wild:
        return False
    if len(long) >= 5 and len(short) >= 3 and long[: len(short)] == short:
        return True
    return len(long) - len(short) == 1 and _is_subsequence(short, long)


def _whole(left: Name, right: Name) -> NameMatch:
    """What names that do not agree place by place may still have in common."""
    if _reordered(left, right):
        return NameMatch(NameRelation.REORDERED, min(name_bits(left), name_bits(right)))
    if spelled_alike(left, right):
        bits = min(name_bits(left), name_bits(right))
        return NameMatch(NameRelation.ROMANISED, min(bits, _spoken_bits(left, right)))
    if transliterated_alike(left, right):
        bits = min(name_bits(left), name_bits(right)) * ENOUGH_FOR_TRANSLITERATION
        return NameMatch(NameRelation.TRANSLITERATION, bits)
    if _partial(left, right):
        return NameMatch(NameRelation.PARTIAL, _partial_bits(left, right))
    return DIFFERENT


def _partial_bits(left: Name, right: Name) -> float:
    """By what the shorter name shows."""
    short = min(left, right, key=lambda name: len(name.units))
    length = 0.0 if short.is_long else length_bits(len(short.units) - short.surname_length)
    return max(0.0, name_bits(short) - length - DROPPED_BITS)


def _spoken_bits(left: Name, right: Name) -> float:
    """By sound, of the side written in characters: a spelled name hides which ones."""
    written = [name for name in (left, right) if not name.has_latin] or [left, right]
    return min(
        sum(
            sound_bits(unit, surname=place < name.surname_length)
            for place, unit in enumerate(name.units)
        )
        for name in written
    )


def _shapes(name: Name, length: int) -> tuple[tuple[str, ...], ...]:
    """The units as written; with a blank as a hidden character; with `??` as one.

    A character beyond 16 bits (𬱖) leaves two signs in a register that counts in 16 bits. Where
    only the surname, or only the last character, is shown, the signs do not tell the length: 李某
    is any 李 (名字以“某”替代), *明 any name that ends so.
    """
    units, gapped = name.units, [name.gapped] if name.gapped else []
    if not name.is_wild:
        return (units, *gapped)
    merged = tuple(
        unit for place, unit in enumerate(units) if place == 0 or (unit, units[place - 1]) != HIDDEN
    )
    hidden = (WILDCARD,) * (length - 1)
    if len(merged) == 2 and length > 1:
        gapped.append((units[0], *hidden) if units[0] != WILDCARD else (*hidden, units[-1]))
    return (units, merged, *gapped)


@lru_cache(maxsize=1 << 16)
def match_names(left: Name, right: Name) -> NameMatch:
    """How two names stand to each other; symmetric. A blank inside may hide a character."""
    if left.is_ordinary and right.is_ordinary:
        return _ordinary(left, right)
    surname = max(left.surname_length, right.surname_length)
    shapes = (
        (one, other)
        for one in _shapes(left, len(right.units))
        for other in _shapes(right, len(left.units))
    )
    found = (aligned(one, other, surname) for one, other in shapes)
    matched = next((match for match in found if match is not None), None)
    if matched is None:
        return _whole(left, right)
    bits = min(name_bits(left), name_bits(right))
    if matched.relation <= NameRelation.VARIANT:
        return NameMatch(matched.relation, bits)
    if left.is_long or right.is_long:  # its characters are not those of given names
        return NameMatch(matched.relation, min(matched.bits, bits), matched.slip_bits)
    return matched


def _ordinary(left: Name, right: Name) -> NameMatch:
    """Both of two to four characters that are all shown: the same answer, sooner."""
    further = len(left.units) - len(right.units)
    if further == 0:
        surname = max(left.surname_length, right.surname_length)
        matched = aligned(left.units, right.units, surname)
        if matched is not None and matched.relation > NameRelation.VARIANT:
            return matched
        if matched is not None:
            return NameMatch(matched.relation, min(name_bits(left), name_bits(right)))
        return _whole(left, right) if set(left.plain) == set(right.plain) else DIFFERENT
    short, long = (right, left) if further > 0 else (left, right)
    dropped = abs(further) == 1 and _is_subsequence(short.plain, long.plain)
    return NameMatch(NameRelation.PARTIAL, _partial_bits(left, right)) if dropped else DIFFERENT


# Two names of one family may stand so by more than chance.
OF_KIN: Final = frozenset(
    {
        NameRelation.HOMOPHONE,
        NameRelation.LOOK_ALIKE,
        NameRelation.SAME_SYLLABLE,
        NameRelation.NEAR,
        NameRelation.PARTIAL,
    }
)


@lru_cache(maxsize=1)
def _scores() -> tuple[dict[NameRelation, float], float]:
    """Relation → log2 of how often one person's names stand so; the most that kin counts."""
    table = tables.document("name_score.yaml")
    shares = {NameRelation[kind.upper()]: math.log2(m) for kind, m in table["share"].items()}
    return shares, table["kin_bits"]


def name_score(left: Name, right: Name) -> float:
    """How much the names speak for one person against two, in bits, to rank pairs by.

    Like a Bayes factor for names alone; symmetric. A decision takes the whole record's weights.
    """
    match = match_names(left, right)
    shares, kin_bits = _scores()
    bits = match.bits
    if match.relation in OF_KIN:
        bits = min(bits, kin_bits + match.slip_bits)
    return shares[match.relation] + bits
