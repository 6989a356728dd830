"""Chance that anybody can repeat 可复核的随机: tickets from seed, frame and id by SHA-256.

A unit's ticket is SHA-256 of the lines seed, frame's digest, draw, id. The lowest tickets are a
simple random sample without replacement, whatever order the units come in, and the first n + 1
hold the first n. It takes no random number generator to draw a sample again, and no version of one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.review.sampling.errors import InvalidDesign

_UNIT: Final = 2.0**-53
_BITS: Final = 53  # of a float's fraction


@dataclass(frozen=True, slots=True)
class Lottery:
    """One draw: the seed, the digest of what is drawn from, and the name of the draw."""

    seed: int
    digest: str
    draw: str

    def ticket(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.seed}\n{self.digest}\n{self.draw}\n{name}".encode()).digest()

    def number(self, name: str) -> float:
        """Uniform on [0, 1)."""
        return (int.from_bytes(self.ticket(name)[:8]) >> (64 - _BITS)) * _UNIT

    def lowest(self, names: Sequence[str], n: int) -> tuple[str, ...]:
        """A simple random sample of n without replacement: n lowest tickets, lowest first."""
        return tuple(sorted(names, key=self.ticket)[:n])


def by_size(names: Sequence[str], sizes: Sequence[float], n: int) -> tuple[float, ...]:
    """Inclusion probabilities in proportion to size, at most 1, that add up to n.

    Whoever would have more than 1 is taken for certain, and the rest shared out anew.
    """
    size = np.array(sizes, dtype=np.float64)
    drawable = int(np.count_nonzero(size > 0.0))
    if n > drawable:
        raise InvalidDesign(f"{n} are to be drawn by size, but only {drawable} have a size above 0")
    chances = np.zeros(len(names))
    open_to_chance = size > 0.0
    while n > 0:
        free = n - np.count_nonzero((size > 0.0) & ~open_to_chance)
        chances[open_to_chance] = free * size[open_to_chance] / size[open_to_chance].sum()
        over = open_to_chance & (chances >= 1.0)
        if not over.any():
            break
        chances[over] = 1.0
        open_to_chance &= ~over
        if not open_to_chance.any():
            break
    return tuple(float(chance) for chance in chances)


def systematic(lottery: Lottery, names: Sequence[str], chances: Sequence[float]) -> tuple[str, ...]:
    """As many as the chances add up to, each with exactly its chance (Madow 1949).

    The names are put in random order first (Hartley & Rao 1962), so that no pattern in the list
    meets the step.
    """
    chance_of = dict(zip(names, chances, strict=True))
    order = sorted((name for name in names if chance_of[name] > 0.0), key=lottery.ticket)
    certain = [name for name in order if chance_of[name] >= 1.0]
    drawn = [name for name in order if chance_of[name] < 1.0]
    total = round(sum(chance_of[name] for name in drawn))
    if total == 0:
        return tuple(certain)
    ends = np.cumsum([chance_of[name] for name in drawn])
    ends *= total / ends[-1]
    points = np.arange(total) + lottery.number("start")
    places = np.searchsorted(ends, points, side="right")
    return (*certain, *(drawn[place] for place in places))
