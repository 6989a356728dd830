"""Which plain names may be one at all: a glance that never says no to a pair that is alike."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching import tables
from matching.bulk.encode_names import PLACES, Names
from matching.bulk.encode_numbers import BOOL
from matching.bulk.texts import U64

ONE: Final = np.uint64(1)
LOW_15: Final = np.uint64(0x7FFF7FFF7FFF7FFF)
TOP_16: Final = np.uint64(0x8000800080008000)
FILTER_BITS: Final = 22
FILTER_SLOTS: Final = 1 << FILTER_BITS
U16: Final = np.uint16
Rows = NDArray[np.int64] | slice


def at(values: NDArray[Any], pairs: NDArray[np.int64]) -> NDArray[Any]:
    """The values of some pairs; a single row stands for all (and is cheaper so than broadcast)."""
    return np.repeat(values, len(pairs), axis=0) if len(values) == 1 else values[pairs]


@lru_cache(maxsize=1)
def _look_alike_filter() -> NDArray[np.bool_]:
    """True at the slot of every pair of look-alikes, and of a few pairs that are none."""
    table = np.zeros(FILTER_SLOTS, dtype=bool)
    pairs = [(ord(pair[0]), ord(pair[1])) for pair in tables.look_alikes()]
    inside = np.array([pair for pair in pairs if max(pair) <= 0xFFFF], dtype=np.uint16)
    table[_slot(inside[:, 0], inside[:, 1])] = True
    return table


def _slot(one: NDArray[np.uint16], other: NDArray[np.uint16]) -> NDArray[np.uint32]:
    wide = (one.astype(np.uint32) << np.uint32(16)) | other
    slots = (wide * np.uint32(0x9E3779B1)) >> np.uint32(32 - FILTER_BITS)
    return np.asarray(slots, dtype=np.uint32)


def _zero_lanes(words: U64) -> U64:
    """The top bit of each of four 16-bit lanes that is all zero."""
    return np.asarray(~(((words & LOW_15) + LOW_15) | words) & TOP_16)


def may_be_aligned(one: Names, i: Rows, other: Names, j: Rows) -> BOOL:
    """No place holds two characters that neither sound nor look alike; plain names only."""
    # Forms beside forms, sounds beside sounds; a form beside a sound is hardly ever equal.
    words = one.lanes[i].T[:, None] ^ other.lanes[j].T[None]
    common = np.bitwise_or.reduce(_zero_lanes(words.reshape(9, -1)), axis=0)
    possible = one.length[i] == other.length[j]
    rows = np.flatnonzero(possible & (common != TOP_16))
    if not rows.size:
        return np.asarray(possible)
    ours, theirs, common = at(one.simple[i], rows), at(other.simple[j], rows), common[rows]
    alive = np.ones(len(rows), dtype=bool)
    for place in range(PLACES):
        lane = np.flatnonzero(alive & ((common >> np.uint64(16 * place + 15)) & ONE == 0))
        if lane.size:
            shift = np.uint64(16 * place)
            a, b = (ours[lane] >> shift).astype(U16), (theirs[lane] >> shift).astype(U16)
            alive[lane] = _look_alike_filter()[_slot(a, b)]
    possible[rows] = alive
    return np.asarray(possible)


def may_be_rearranged(one: Names, i: Rows, other: Names, j: Rows) -> BOOL:
    """Every character of the one name may stand in the other: turned round, or cut short."""
    ours, theirs = one.signs[i], other.signs[j]
    both = ours & theirs
    return np.asarray((both == ours) | (both == theirs))
