"""Identity numbers in columns: right ones of 18 characters at once, all others one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.bulk.texts import U8, U64, code_points, combined, hashes
from matching.idnumber import FACTORS, FIRST_YEAR, LAST_YEAR, IdNumber, NumberKind, parse_number

KINDS: Final = tuple(NumberKind)
KIND_CODE: Final = {kind: np.uint8(code) for code, kind in enumerate(KINDS)}
WIDTH: Final = 18
WHOLE: Final = (NumberKind.FULL, NumberKind.FIFTEEN, NumberKind.BAD_CHECK)
CHECK_CODES: Final = np.frombuffer(b"10X98765432", dtype=np.uint8)
I32 = NDArray[np.int32]
BOOL = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Numbers:
    """n numbers: `signs` n × 18 ASCII (0 where shorter), `core` a hash that 15 and 18 share.

    `born` is yyyymmdd as the number has it, 0 where it has none; `sex` 0 unknown, 1 male, 2 female.
    """

    kind: U8
    signs: U8
    key: U64
    core: U64
    born: I32
    sex: U8
    counts: U8  # n × 10: how often each digit stands in its first 17
    whole: BOOL  # 18 signs, none hidden

    @property
    def is_full(self) -> BOOL:
        """Which numbers are whole and right."""
        return np.asarray(self.kind == KIND_CODE[NumberKind.FULL])

    @property
    def is_masked(self) -> BOOL:
        """Which numbers hide some of their digits."""
        return np.asarray(self.kind == KIND_CODE[NumberKind.MASKED])


def day_code(year: int, month: int, day: int) -> int:
    """A date as the number yyyymmdd."""
    return year * 10_000 + month * 100 + day


def is_day(codes: I32) -> BOOL:
    """Which yyyymmdd are days of the calendar."""
    year, month, day = codes // 10_000, codes // 100 % 100, codes % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)
    known = (month >= 1) & (month <= 12)
    longest = lengths[np.where(known, month, 0)] + ((month == 2) & leap)
    year_known = (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    return np.asarray(known & year_known & (day >= 1) & (day <= longest))


def _number_of(digits: U8, start: int, stop: int) -> NDArray[np.int64]:
    result = np.zeros(len(digits), dtype=np.int64)
    for place in range(start, stop):
        result = result * 10 + digits[:, place]
    return result


def encode_numbers(values: Sequence[str | None], id_types: Sequence[str | None]) -> Numbers:
    """Numbers as registers write them; a missing `id_type` is a resident's number."""
    points, lengths = code_points(values, WIDTH)
    signs = np.where(points < 128, points, 0).astype(np.uint8)
    digits = signs - np.uint8(ord("0"))
    resident = np.array([one in (None, "", "resident_id") for one in id_types], dtype=bool)
    shaped = (lengths == WIDTH) & resident & (digits[:, :17] <= 9).all(axis=1)
    sums = (digits[:, :17].astype(np.int64) * np.array(FACTORS)).sum(axis=1) % 11
    checked = shaped & (CHECK_CODES[sums] == signs[:, 17])
    born = np.where(shaped, _number_of(digits, 6, 14), 0).astype(np.int32)
    varied = np.bitwise_count(np.bitwise_or.reduce(np.uint32(1) << (digits[:, :17] & 15), axis=1))
    full = checked & is_day(born) & (varied >= 4)
    count = len(values)
    numbers = Numbers(
        kind=np.where(full, KIND_CODE[NumberKind.FULL], KIND_CODE[NumberKind.MISSING]),
        signs=np.where(full[:, None], signs, 0).astype(np.uint8),
        key=np.zeros(count, dtype=np.uint64),
        core=np.zeros(count, dtype=np.uint64),
        born=np.where(full, born, 0).astype(np.int32),
        sex=np.where(full, 2 - digits[:, 16] % 2, 0).astype(np.uint8),
        counts=np.zeros((count, 10), dtype=np.uint8),
        whole=np.zeros(count, dtype=bool),
    )
    longer: dict[int, str] = {}
    for row in np.flatnonzero(~full).tolist():
        raw = values[row]
        if raw:
            found = parse_number(raw, id_types[row] or "resident_id")
            _put(numbers, row, found)
            if len(found.text) > WIDTH:
                longer[row] = found.text
    _hash(numbers)
    numbers.key[list(longer)] = hashes(list(longer.values()))
    for digit in range(10):
        numbers.counts[:, digit] = (numbers.signs[:, :17] == ord("0") + digit).sum(axis=1)
    resident = np.isin(numbers.kind, [KIND_CODE[kind] for kind in WHOLE])
    numbers.whole[:] = resident & (numbers.signs[:, 17] != 0) & (lengths <= WIDTH)
    return numbers


def _put(numbers: Numbers, row: int, number: IdNumber) -> None:
    numbers.kind[row] = KIND_CODE[number.kind]
    text = number.text[:WIDTH].encode("ascii", "replace")
    numbers.signs[row, : len(text)] = np.frombuffer(text, dtype=np.uint8)
    if number.birth_date is not None:
        day = number.birth_date
        numbers.born[row] = day_code(day.year, day.month, day.day)
    if number.sex is not None:
        numbers.sex[row] = 1 if number.sex == "male" else 2


def _hash(numbers: Numbers) -> None:
    """`key` tells numbers apart; `core` is of the digits that 15 and 18 have in common."""
    written = numbers.kind != KIND_CODE[NumberKind.MISSING]
    usable = written & (numbers.kind != KIND_CODE[NumberKind.UNUSABLE])
    words = np.zeros((len(numbers.kind), 24), dtype=np.uint8)
    words[:, :WIDTH] = numbers.signs
    parts = words.view(np.uint64)
    key = combined(3, *(parts[:, k] + np.uint64(1) for k in range(3)))
    numbers.key[:] = np.where(written, combined(4, key, numbers.kind.astype(np.uint64) + 1), 0)
    words[:, 17:] = 0
    words[:, 6:15] = numbers.signs[:, 8:17]
    words[:, 15:17] = 0
    # A number of 15 digits is kept in its form of 18, so one cut serves both.
    full = usable & (numbers.signs[:, 17] != 0)
    core = combined(5, *(parts[:, k] + np.uint64(1) for k in range(3)))
    numbers.core[:] = np.where(full, core, np.where(usable, key, 0))


def hashed_signs(signs: U8) -> U64:
    """A hash of a few ASCII signs a row; 0 where any of them is hidden or missing."""
    hidden = ((signs == ord("*")) | (signs == 0)).any(axis=1)
    words = np.zeros((len(signs), 24), dtype=np.uint8)
    words[:, : signs.shape[1]] = signs
    parts = words.view(np.uint64)
    return np.where(hidden, 0, combined(6, *(parts[:, k] + np.uint64(1) for k in range(3))))
