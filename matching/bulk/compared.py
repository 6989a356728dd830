"""Pairs compared in columns: at a glance where that is enough, else by the field's own function.

A glance decides only what it is sure of: equal values, and values so far apart that no rule of the
scalar comparison can bring them together. Every other pair of values goes once to that comparison,
so the levels are the same as one pair at a time (a law in the tests).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching import compare as by_field
from matching.bulk.codes import CODES
from matching.bulk.columns import COMPARED, KEYS, Columns
from matching.bulk.encode_numbers import BOOL, I32, KIND_CODE
from matching.bulk.glance import Rows, at, may_be_aligned, may_be_rearranged
from matching.bulk.texts import U8, U64
from matching.idnumber import NumberKind
from matching.levels import Level
from matching.prepared import Prepared

PLACE: Final = {field: place for place, field in enumerate(COMPARED)}
UNDECIDED: Final = 255
FAR: Final = 4  # signs that differ from here on: no slip, no transposition brings them together
MISSING: Final = CODES[Level.MISSING]
SAME: Final = np.uint8(CODES[Level.SAME])
DIFFERENT: Final = np.uint8(CODES[Level.DIFFERENT])
ONE_PART: Final = np.uint8(CODES[Level.ONE_PART])
FULL: Final = KIND_CODE[NumberKind.FULL]
UNUSABLE: Final = KIND_CODE[NumberKind.UNUSABLE]
NO_NUMBER: Final = KIND_CODE[NumberKind.MISSING]
MOST_EDITS: Final = 2
LOW_7: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
TOP_8: Final = np.uint64(0x8080808080808080)
READABLE: Final = np.array(
    [kind in (NumberKind.FULL, NumberKind.FIFTEEN, NumberKind.MASKED) for kind in NumberKind]
)
YEAR: Final = KEYS.index("year")
MONTH_AND_DAY: Final = KEYS.index("month_and_day")
PLACE_KEY: Final = KEYS.index("place")
ALSO_KEY: Final = KEYS.index("also")
# By field: the level where values differ, where they are equal, and where one is missing.
FIRST_LEVELS: Final = {
    "name": (UNDECIDED, CODES[Level.EQUAL]),
    "id_number": (UNDECIDED, CODES[Level.EQUAL]),
    "birth_date": (DIFFERENT, SAME),
    "sex": (DIFFERENT, SAME),
    "address": (UNDECIDED, CODES[Level.EQUAL]),
    "household_number": (DIFFERENT, SAME),
    "phone": (UNDECIDED, SAME),
    "employer": (UNDECIDED, SAME),
}
AT_A_GLANCE: Final = np.array(
    [[*FIRST_LEVELS[field], MISSING, MISSING] for field in COMPARED], dtype=np.uint8
)
OFFSETS: Final = np.arange(len(COMPARED)) * 4
F32 = NDArray[np.float32]
Scalar = Callable[[int, int], tuple[int, float]]
"""Places in the two files → level code, and bits where the level's weight depends on the values."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compared:
    """`levels` pairs × fields; `bits` of names and masked numbers, -log2 of their chance."""

    levels: U8
    name_bits: F32
    number_bits: F32

    def of(self, field: str) -> U8:
        """The levels of one field."""
        return np.asarray(self.levels[:, PLACE[field]])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sides:
    """Two files and which row of the one is compared with which of the other.

    Slices stand for one against all: the arrays are broadcast against each other.
    `one` and `other` give a row with a field in its scalar form.
    """

    left: Columns
    right: Columns
    i: Rows
    j: Rows
    one: Callable[[str, int], Prepared]
    other: Callable[[str, int], Prepared]
    masked_bits: Callable[[str], float]
    """18 signs that both masked numbers show → bits."""
    known: dict[tuple[str, int, int], tuple[int, float]]
    """Field and the keys of two values → what its function said: kept from reply to reply."""

    def row(self, pair: int) -> tuple[int, int]:
        """The two places of a pair."""
        return _row(self.i, pair), _row(self.j, pair)


def _row(rows: Rows, pair: int) -> int:
    if isinstance(rows, slice):
        only = rows.stop is not None and rows.stop - (rows.start or 0) == 1
        return int(rows.start or 0) if only else pair
    return int(rows[pair])


def _settle(
    field: str,
    found: tuple[U8, F32 | None],
    sides: Sides,
    values: tuple[U64, U64],
    scalar: Scalar,
) -> None:
    """Every undecided pair by the scalar function, once for each pair of values."""
    levels, bits = found
    open_pairs = np.flatnonzero(levels == UNDECIDED)
    if not open_pairs.size:
        return
    known = sides.known
    keys = zip(*(at(one, open_pairs).tolist() for one in values), strict=True)
    settled = []
    for pair, (ours, theirs) in zip(open_pairs.tolist(), keys, strict=True):
        key = (field, ours, theirs)
        if key not in known:
            known[key] = scalar(*sides.row(pair))
        settled.append(known[key])
    levels[open_pairs] = [level for level, _ in settled]
    if bits is not None:
        bits[open_pairs] = [one for _, one in settled]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Glance:
    """What the keys of all pairs tell: pairs × `KEYS`, equal or missing; and the levels from it."""

    same: BOOL
    levels: U8


def _glance(left: U64, right: U64) -> _Glance:
    same = left == right
    missing = (left == 0) | (right == 0)
    states = same.view(np.uint8) + (missing.view(np.uint8) << 1)
    levels = AT_A_GLANCE.ravel()[states[:, : len(COMPARED)] + OFFSETS]
    return _Glance(same, levels)


def _signs_apart(ours: U64, theirs: U64) -> U8:
    """How many signs differ of those that both show, in each word."""
    words = (ours[:, :, 0] ^ theirs[:, :, 0]) & ours[:, :, 1] & theirs[:, :, 1]
    return np.asarray(np.bitwise_count((((words & LOW_7) + LOW_7) | words) & TOP_8))


def _names(sides: Sides, levels: U8, same: BOOL) -> F32:
    one, other, i, j = sides.left.names, sides.right.names, sides.i, sides.j
    plain = one.plain[i] & other.plain[j]
    open_ = may_be_aligned(one, i, other, j) | may_be_rearranged(one, i, other, j)
    # Beside a double surname a character is read as a surname's: 葛 and 盖 in 诸葛明, 诸盖明.
    open_ |= (one.doubled[i] != other.doubled[j]) & (one.length[i] == other.length[j])
    open_ |= ~plain | one.has_former[i] | other.has_former[j]
    levels[~open_ & (levels == UNDECIDED)] = DIFFERENT
    levels[~plain & (levels == CODES[Level.EQUAL])] = UNDECIDED
    bits = np.where(same, one.bits[i], np.float32(0))

    def scalar(a: int, b: int) -> tuple[int, float]:
        found = by_field.compare_names(sides.one("name", a), sides.other("name", b))
        return CODES[found.level], found.bits

    _settle("name", (levels, bits), sides, (one.written[i], other.written[j]), scalar)
    return bits


def _numbers(sides: Sides, levels: U8, apart: U8) -> F32:
    """`apart`: how many signs differ in the birth block, and in order and check."""
    one, other, i, j = sides.left.numbers, sides.right.numbers, sides.i, sides.j
    kind, others = one.kind[i], other.kind[j]
    readable = READABLE[kind] & READABLE[others]
    levels[readable & (apart.sum(axis=1) >= FAR) & (levels == UNDECIDED)] = DIFFERENT
    levels[(levels == CODES[Level.EQUAL]) & ~((kind == FULL) & (others == FULL))] = UNDECIDED
    written = levels != MISSING
    levels[written & ((kind == UNUSABLE) | (others == UNUSABLE))] = CODES[Level.UNUSABLE]
    # With one order number the area may be a successor's, the day the one before or after.
    other_order = apart[:, 1] > 1
    rows = np.flatnonzero((levels == UNDECIDED) & one.whole[i] & other.whole[j] & other_order)
    if rows.size:
        # An edit changes the counts of two digits at most: over four changes are over two edits.
        counts = at(one.counts[i], rows).view(np.int8) - at(other.counts[j], rows).view(np.int8)
        edited = np.abs(counts).sum(axis=1, dtype=np.int16) > 2 * MOST_EDITS
        levels[rows[edited]] = DIFFERENT
    bits = np.zeros(len(levels), dtype=np.float32)

    def scalar(a: int, b: int) -> tuple[int, float]:
        mine, its = sides.one("id_number", a), sides.other("id_number", b)
        level = by_field.compare_numbers(mine, its)
        if level is not Level.MASKED_COMPATIBLE:
            return CODES[level], 0.0
        return CODES[level], sides.masked_bits(by_field.shown_digits(mine, its))

    _settle("id_number", (levels, bits), sides, (one.key[i], other.key[j]), scalar)
    return bits


def _dates(sides: Sides, levels: U8, same: BOOL) -> None:
    """Days in one year, or of one month and day, step by step as for one pair of dates."""
    year, both = same[:, YEAR], same[:, MONTH_AND_DAY]
    one, other = sides.left.born[sides.i], sides.right.born[sides.j]
    different = levels == DIFFERENT
    levels[different & both] = ONE_PART
    near = np.flatnonzero(different & year)
    if not near.size:
        return
    month, day = _month_and_day(at(one, near))
    month_2, day_2 = _month_and_day(at(other, near))
    found = np.where(day == day_2, ONE_PART, DIFFERENT)
    found[(month == day_2) & (day == month_2)] = CODES[Level.DAY_MONTH_SWAPPED]
    found[month == month_2] = CODES[Level.YEAR_MONTH]
    found[((month == 1) & (day == 1)) | ((month_2 == 1) & (day_2 == 1))] = CODES[Level.YEAR_ONLY]
    levels[near] = found


def _month_and_day(days: I32) -> tuple[I32, I32]:
    return days // 100 % 100, days % 100


def _addresses(sides: Sides, levels: U8, same: BOOL) -> None:
    one, other, i, j = sides.left.places, sides.right.places, sides.i, sides.j
    crossed = (one.place[i] == other.also[j]) | (one.also[i] == other.place[j])
    somewhere = same[:, PLACE_KEY] | same[:, ALSO_KEY] | crossed
    levels[(levels == UNDECIDED) & ~somewhere] = DIFFERENT
    equal = levels == CODES[Level.EQUAL]
    if equal.any():
        levels[equal] = np.broadcast_to(other.itself[j], levels.shape)[equal]

    def scalar(a: int, b: int) -> tuple[int, float]:
        found = by_field.compare_addresses(sides.one("address", a), sides.other("address", b))
        return CODES[found], 0.0

    _settle("address", (levels, None), sides, (one.key[i], other.key[j]), scalar)


def _phones(sides: Sides, levels: U8, far: U8) -> None:
    plain = (sides.left.shown[sides.i][:, 2, 0] != 0) & (sides.right.shown[sides.j][:, 2, 0] != 0)
    levels[plain & (far >= FAR) & (levels == UNDECIDED)] = DIFFERENT
    levels[~plain & (levels == SAME)] = UNDECIDED

    def scalar(a: int, b: int) -> tuple[int, float]:
        return CODES[by_field.compare_phones(sides.one("phone", a), sides.other("phone", b))], 0.0

    values = sides.left.phone[sides.i], sides.right.phone[sides.j]
    _settle("phone", (levels, None), sides, values, scalar)


def _employers(sides: Sides, levels: U8) -> None:
    def scalar(a: int, b: int) -> tuple[int, float]:
        ours, theirs = sides.one("employer", a), sides.other("employer", b)
        return CODES[by_field.compare_employers(ours, theirs)], 0.0

    values = sides.left.employer[sides.i], sides.right.employer[sides.j]
    _settle("employer", (levels, None), sides, values, scalar)


def contradict(left: Columns, right: Columns, i: NDArray[np.int64], j: NDArray[np.int64]) -> BOOL:
    """Pairs whose whole numbers are two people's, at a glance: no need to compare the rest."""
    one, other = left.numbers, right.numbers
    both = (one.kind[i] == FULL) & (other.kind[j] == FULL)
    apart = _signs_apart(left.shown[i][:, :2], right.shown[j][:, :2]).sum(axis=1, dtype=np.uint8)
    return np.asarray(both & (apart >= FAR))


def compared(sides: Sides) -> Compared:
    """Every field of every pair."""
    seen = _glance(sides.left.keys[sides.i], sides.right.keys[sides.j])
    columns = np.ascontiguousarray(seen.levels.T)
    apart = _signs_apart(sides.left.shown[sides.i], sides.right.shown[sides.j])
    name_bits = _names(sides, columns[PLACE["name"]], seen.same[:, PLACE["name"]])
    number_bits = _numbers(sides, columns[PLACE["id_number"]], apart[:, :2])
    _dates(sides, columns[PLACE["birth_date"]], seen.same)
    _addresses(sides, columns[PLACE["address"]], seen.same)
    _phones(sides, columns[PLACE["phone"]], apart[:, 2])
    _employers(sides, columns[PLACE["employer"]])
    return Compared(columns.T, name_bits, number_bits)
