"""Which events are in their rare state, draw by draw: a few patterns stand for all draws.

Strata: none rare, exactly one (every event in turn), two and more. A small probability is thus
weighted exactly instead of being met by luck, and rates of one in a thousand can be told from zero.
Few events without amounts are enumerated. What follows from events alone is worked out once a
pattern: of 2,000 draws about 600 patterns differ.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.error_rate.amounts import NDInt
from app.error_rate.shape import Array, Flags

_FEWEST: Final = 64  # draws of a stratum that is drawn at all


@dataclass(frozen=True, slots=True)
class Patterns:
    """Draws of the events alone, with their probabilities, which add up to 1.

    `rare`: events × patterns; `of` and `strata`: each draw's pattern and stratum. A stratum numbers
    draws of equal probability.
    """

    rare: Flags
    of: NDInt
    strata: NDInt
    probability: Array


def enumerated(rare: Array) -> Patterns:
    """All combinations of events with these probabilities, each drawn once."""
    count = len(rare)
    patterns = (np.arange(2**count) >> np.arange(count)[:, None]) & 1 == 1
    chosen = np.where(patterns, rare[:, None], 1.0 - rare[:, None])
    each = np.arange(2**count)
    return Patterns(patterns, each, each, chosen.prod(axis=0))


def stratified(
    rare: Array, draws: int, rng: np.random.Generator, *, none_once: bool, each_once: bool
) -> Patterns:
    """At least `_FEWEST` draws a stratum and about `draws` in all.

    `none_once`: one draw stands for the stratum in which no event is rare; `each_once`: and one
    for each event that is rare alone.
    """
    count = len(rare)
    table = _tail_table(rare)
    none, one = table[0, 0], table[0, 1] if count else 0.0
    lone = 1 if none_once else max(_FEWEST, draws // 4)
    each = 0 if one <= 0.0 else 1 if each_once else max(2, draws // 2 // count)
    rest = max(_FEWEST, draws - lone - each * count) if count > 1 and none + one < 1.0 else 0
    more = _with_two_or_more(rare, table, rest, rng)
    odds = rare / (1.0 - rare)
    share = odds / odds.sum() if one > 0.0 else odds
    sizes = np.array([lone, *(each for _ in range(count)), rest])
    masses = np.array([none, *(one * share), max(0.0, 1.0 - none - one)])
    strata = np.repeat(np.arange(len(sizes)), sizes)
    probability = np.repeat(masses / np.maximum(sizes, 1), sizes)
    is_possible = probability > 0.0
    last = np.arange(len(strata)) - (len(strata) - rest) + count + 1
    of = np.where(strata <= count, strata, last)
    return Patterns(
        rare=np.concatenate(
            [np.zeros((count, 1), dtype=np.bool_), np.eye(count, dtype=np.bool_), more], axis=1
        ),
        of=of[is_possible],
        strata=strata[is_possible],
        probability=probability[is_possible] / probability.sum(),
    )


def _tail_table(rare: Array) -> Array:
    """`[i, k]`: the probability that exactly k of the events from i on are rare."""
    count = len(rare)
    table = np.zeros((count + 1, count + 2))
    table[count, 0] = 1.0
    for index in range(count - 1, -1, -1):
        table[index] = (1.0 - rare[index]) * table[index + 1]
        table[index, 1:] += rare[index] * table[index + 1, :-1]
    return table


def _with_two_or_more(rare: Array, table: Array, draws: int, rng: np.random.Generator) -> Flags:
    """Events × draws given that two events or more are rare; how many they are runs evenly.

    Events are gone through in order; with k of them still to come, the next one is such with
    probability rare · table[i + 1, k - 1] / table[i, k]. For each k, which are few, all events are
    looked at in one go in the draws that come to it: those that began with so many or more.
    """
    count = len(rare)
    patterns = np.zeros((draws, count), dtype=np.bool_)
    if draws == 0:
        return patterns.T
    ladder = np.cumsum(table[0, 2:])
    begun_with = 2 + np.searchsorted(ladder, (np.arange(draws) + 0.5) / draws * ladder[-1])
    luck = rng.random((count, draws)).T.copy()
    events, every = np.arange(count), np.arange(draws)
    passed = np.zeros(draws, dtype=np.intp)  # how many events each draw has gone through
    for more in range(int(begun_with[-1]), 0, -1):
        first = int(np.searchsorted(begun_with, more))
        is_next = luck[first:] * table[:-1, more] < rare * table[1:, more - 1]
        is_next &= events >= passed[first:, None]
        event = is_next.argmax(axis=1)
        chosen = is_next[every[first:] - first, event]
        patterns[every[first:][chosen], event[chosen]] = True
        passed[first:] = np.where(chosen, event + 1, count)
    return patterns.T
