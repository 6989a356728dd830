"""Names in columns: plain names of Han characters through tables, all others one by one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching import tables
from matching.bulk.encode_numbers import BOOL
from matching.bulk.han import FIRST_HAN, LAST_HAN, U16, U32, han_tables, syllable_code
from matching.bulk.texts import (
    ALL_BITS,
    MULTIPLIER,
    U8,
    U64,
    code_points,
    combined,
    hashes,
    mixed_int,
)
from matching.frequency import character_bits, frequencies, length_bits, name_bits
from matching.names import Name, parse_name, readings

PLACES: Final = 4  # a plain name has two to four characters
LATIN: Final = np.array([ord(sign) for sign in ascii_letters], dtype=np.uint32)
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Names:
    """n names. `key` is the whole name's hash (0: missing); the sounds are hashes for blocking.

    `written` is a hash of all that is written, former names too: what a comparison depends on.
    `doubled` names have a double surname.

    `plain` says that the characters stand in `lanes` (n × 3), four of 16 bits in a number: their
    second-round forms, and two readings of each as classes of sounds that are confused with each
    other, directly or through others; likewise their simplified forms in `simple`. `signs` has a
    bit for every character. Of other names only hashes and bits are known here.
    """

    key: U64
    written: U64
    doubled: NDArray[np.bool_]
    plain: NDArray[np.bool_]
    length: U8
    lanes: U64
    simple: U64
    signs: U64
    bits: F32
    sound: U64
    surname_sound: U64
    given_sound: U64
    has_former: NDArray[np.bool_]
    is_latin: NDArray[np.bool_]
    is_wild: NDArray[np.bool_]


def _packed(points: NDArray[np.unsignedinteger]) -> U64:
    """Up to four 16-bit characters in one number."""
    wide = points.astype(np.uint64)
    result = np.zeros(len(points), dtype=np.uint64)
    for place in range(points.shape[1]):
        result |= wide[:, place] << np.uint64(16 * place)
    return result


def _lanes(second: NDArray[np.unsignedinteger], classes: U16) -> U64:
    """Second-round forms and both readings, packed; a single reading stands for both."""
    first, other = classes[:, :, 0], classes[:, :, 1]
    other = np.where(other == 0, first, other)
    return np.stack([_packed(second), _packed(first), _packed(other)], axis=1)


def _signs(simple: U16) -> U64:
    """One of 63 bits for every character of a name."""
    bits = np.uint64(1) << (simple % 63).astype(np.uint64)
    found = np.bitwise_or.reduce(np.where(simple != 0, bits, np.uint64(0)), axis=1)
    return np.asarray(found, dtype=np.uint64)


def _pack(text: str) -> int:
    return sum((ord(sign) & 0xFFFF) << (16 * place) for place, sign in enumerate(text))


@lru_cache(maxsize=1)
def _listed() -> tuple[U64, U64]:
    """Compound surnames and texts that are no name, packed."""
    table = tables.characters()
    compound = [_pack(one) for one in table.compound_surnames if len(one) == 2]
    placeholders = [_pack(one) for one in table.placeholders if len(one) <= PLACES]
    return np.array(sorted(compound), np.uint64), np.array(sorted(placeholders), np.uint64)


def encode_names(values: Sequence[str | None], former: Sequence[str | None]) -> Names:
    """Names as registers write them, and what is written of former names (曾用名)."""
    points, lengths = code_points(values, PLACES)
    table = han_tables()
    table.meet(points)
    inside = (points >= FIRST_HAN) & (points <= LAST_HAN)
    index = np.where(inside, points - FIRST_HAN, 0)
    used = points != 0
    plain = (lengths >= 2) & (lengths <= PLACES) & (~used | (inside & table.usable[index])).all(1)
    compound, placeholders = _listed()
    simple = np.where(used, table.simple[index], 0).astype(np.uint16)
    plain &= ~np.isin(_packed(simple), placeholders)
    doubled = np.isin(_packed(simple[:, :2]), compound) & (lengths > 2)
    # Four characters without a double surname may be a name written by its sound (扎西次仁).
    plain &= (lengths < PLACES) | doubled
    surname = np.arange(PLACES) < np.where(doubled, 2, 1)[:, None]
    place = surname.astype(np.intp)
    classes = table.classes[place, index] * used[:, :, None]
    names = Names(
        key=np.where(plain, combined(1, _packed(points)), 0),
        written=combined(7, hashes(values), hashes(former) + np.uint64(1)),
        doubled=doubled,
        plain=plain,
        length=np.where(plain, lengths, 0).astype(np.uint8),
        lanes=_lanes(np.where(used, table.second[index], 0), classes),
        simple=_packed(simple),
        signs=_signs(simple),
        bits=np.where(plain, _bits_of_plain(index, used, doubled, simple), 0).astype(np.float32),
        sound=np.zeros(len(plain), dtype=np.uint64),
        surname_sound=np.zeros(len(plain), dtype=np.uint64),
        given_sound=np.zeros(len(plain), dtype=np.uint64),
        has_former=np.array([bool(one) for one in former], dtype=bool),
        is_wild=np.zeros(len(plain), dtype=bool),
        is_latin=np.asarray(np.isin(points, LATIN).any(axis=1)),
    )
    _sounds_of_plain(names, table.first_sound[place, index] * used, surname)
    _others(names, values)
    return names


def _sounds_of_plain(names: Names, first: U32, surname: NDArray[np.bool_]) -> None:
    """The likeliest reading, as hashes: of the whole, of the surname, of the given name."""
    plain = names.plain
    names.sound[plain] = _folded(first[plain])
    names.surname_sound[plain] = _folded(np.where(surname, first, 0)[plain])
    names.given_sound[plain] = _folded(np.where(surname, 0, first)[plain])


def _folded(syllables: NDArray[np.unsignedinteger]) -> U64:
    """One hash of the syllables in their order, those left out skipped."""
    codes = syllables.astype(np.uint64)
    result = np.zeros(len(codes), dtype=np.uint64)
    for place in range(codes.shape[1]):
        code = codes[:, place]
        result = np.where(code != 0, result * np.uint64(MULTIPLIER) + code, result)
    return combined(2, result)


def spoken_key(syllables: Sequence[str]) -> int:
    """The same hash for syllables that stand as texts; 0 for none."""
    if not syllables:
        return 0
    folded = 0
    for one in syllables:
        folded = (folded * MULTIPLIER + syllable_code(one)) & ALL_BITS
    return mixed_int((2 * MULTIPLIER + folded) & ALL_BITS)


def _bits_of_plain(index: NDArray[np.uint32], used: BOOL, doubled: BOOL, simple: U16) -> F32:
    """`name_bits` of plain names: of their length, their characters, or the list of whole names."""
    table = han_tables().bits
    bits = np.where(used, table[0][index], 0).astype(np.float64)
    bits[:, 0] = table[1][index[:, 0]]
    for row in np.flatnonzero(doubled).tolist():
        name = chr(int(simple[row, 0])) + chr(int(simple[row, 1]))
        bits[row, :2] = character_bits(name, surname=True), 0.0
    given = used.sum(axis=1) - np.where(doubled, 2, 1)
    lengths = np.array([length_bits(count) for count in range(PLACES + 1)])
    total = bits.sum(axis=1) + lengths[np.maximum(given, 0)]
    packed, shares = _common_names()
    keys = _packed(simple)
    at = np.minimum(np.searchsorted(packed, keys), len(packed) - 1)
    listed = packed[at] == keys
    found = np.where(listed, np.minimum(total, shares[at]), total)
    return np.asarray(found, dtype=np.float32)


@lru_cache(maxsize=1)
def _common_names() -> tuple[U64, NDArray[np.float64]]:
    """Listed whole names, packed and sorted, and their bits."""
    names = {_pack(name): -math.log2(share) for name, share in frequencies().names.items()}
    packed = np.array(sorted(names), dtype=np.uint64)
    return packed, np.array([names[int(key)] for key in packed])


def _others(names: Names, values: Sequence[str | None]) -> None:
    """Long, Latin, hidden or padded names, each different one once."""
    seen: dict[str, tuple[int, float, int, int, int, bool]] = {}
    for row in np.flatnonzero(~names.plain).tolist():
        raw = values[row]
        if not raw:
            continue
        if raw not in seen:
            seen[raw] = _by_itself(parse_name(raw))
        key, bits, sound, surname, given, names.is_wild[row] = seen[raw]
        names.key[row], names.bits[row], names.sound[row] = key, bits, sound
        names.surname_sound[row], names.given_sound[row] = surname, given


def _by_itself(name: Name | None) -> tuple[int, float, int, int, int, bool]:
    if name is None:
        return 0, 0.0, 0, 0, 0, False
    spoken = [
        (readings(unit, surname=place < name.surname_length) or ("?",))[0]
        for place, unit in enumerate(name.units)
    ]
    cut = name.surname_length
    key = int(hashes([name.text])[0])
    if name.is_wild:
        shown = 0 if spoken[0] == "?" else spoken_key(spoken[:cut])
        return key, name_bits(name), 0, shown, 0, True
    return (
        key,
        name_bits(name),
        spoken_key(spoken),
        spoken_key(spoken[:cut]),
        spoken_key(spoken[cut:]),
        False,
    )
