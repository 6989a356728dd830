"""Columns of text without an object a row: one run of bytes, code points, hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

MULTIPLIER: Final = 0x9E3779B97F4A7C15  # odd, so that every byte reaches every bit above it
ALL_BITS: Final = (1 << 64) - 1
LONGEST: Final = 4096  # bytes of one text that count in its hash


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Texts:
    """n texts: `blob[ends[i - 1]:ends[i]]` is UTF-8; an empty one is missing."""

    blob: U8
    ends: I64

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str | None:
        start = int(self.ends[place - 1]) if place else 0
        return bytes(self.blob.data[start : int(self.ends[place])]).decode() or None

    @classmethod
    def of(cls, values: Sequence[str | None]) -> "Texts":
        """The values in their order; None and the empty text are both missing."""
        encoded = [value.encode() if value else b"" for value in values]
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), np.cumsum(lengths))

    @classmethod
    def joined(cls, parts: "Sequence[Texts]") -> "Texts":
        """The parts one after the other."""
        blob = np.concatenate([part.blob for part in parts]) if parts else np.empty(0, np.uint8)
        ends, before = [], 0
        for part in parts:
            ends.append(part.ends + before)
            before += part.blob.size
        return cls(blob, np.concatenate(ends) if ends else np.empty(0, np.int64))


def mixed(values: U64) -> U64:
    """Every bit of the result depends on every bit of the value (splitmix64); 0 stays 0."""
    x = values.astype(np.uint64, copy=True)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def mixed_int(x: int) -> int:
    """`mixed` of one number."""
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & ALL_BITS
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & ALL_BITS
    return x ^ x >> 31


def _powers() -> U64:
    powers = np.full(LONGEST, MULTIPLIER, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


POWERS: Final = _powers()


def hashes(values: Sequence[str | None]) -> U64:
    """A 64-bit hash a text, the same on every machine and day; 0 for a missing one."""
    texts = Texts.of(values)
    starts = np.concatenate([np.zeros(1, np.int64), texts.ends[:-1]]) if len(texts) else texts.ends
    lengths = texts.ends - starts
    result = np.zeros(len(texts), dtype=np.uint64)
    if texts.blob.size == 0:
        return result
    within = np.arange(texts.blob.size, dtype=np.int64) - np.repeat(starts, lengths)
    terms = (texts.blob.astype(np.uint64) + np.uint64(1)) * POWERS[within % LONGEST]
    written = lengths > 0
    result[written] = np.add.reduceat(terms, starts[written])
    return mixed(result + lengths.astype(np.uint64) * written)


def code_points(values: Sequence[str | None], width: int) -> tuple[NDArray[np.uint32], I64]:
    """n × width code points, 0 where a text is shorter, and the texts' whole lengths."""
    lengths = np.fromiter(
        (len(value) if value else 0 for value in values), dtype=np.int64, count=len(values)
    )
    packed = np.array([value or "" for value in values], dtype=f"<U{width}")
    return packed.view(np.uint32).reshape(len(values), width), lengths


def combined(tag: int, *parts: U64) -> U64:
    """One key of several hashes under a tag; 0 where any part is missing."""
    result = np.full(parts[0].shape, tag, dtype=np.uint64)
    known = np.ones(parts[0].shape, dtype=bool)
    for part in parts:
        known &= part != 0
        result = mixed(result * np.uint64(MULTIPLIER) + part)
    return np.where(known, result, np.uint64(0))
