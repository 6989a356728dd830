"""Draws of what could be true: evenly over how many events are in their rare state.

Strata: none rare, exactly one (every event in turn), two and more. A small probability is thus
weighted exactly instead of being met by luck, and rates of one in a thousand can be told from zero.
Few events without amounts are enumerated. Within a stratum the amounts are Latin hypercubes: each
amount's distribution is run through evenly.
"""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np

from app.error_rate.model import Amounts, Model, NDInt
from app.error_rate.shape import Array, Flags

_ENUMERATED: Final = 10  # events up to which all their combinations are gone through
_FEWEST: Final = 64  # draws of a stratum that is drawn at all


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws with their probabilities, which add up to 1, and the stratum of each.

    `strata` numbers groups of draws of equal probability; `is_exact` where nothing was left to
    chance.
    """

    rare: Flags  # draws × events
    probability: Array
    changes: Array  # draws × causes × columns
    strata: NDInt
    is_exact: bool


def draw(model: Model, draws: int, rng: np.random.Generator, *, amounts_matter: bool) -> Draws:
    """At least `_FEWEST` draws a stratum and about `draws` in all.

    `amounts_matter`: with all events in their common state, amounts alone can change the outcome;
    where they cannot, one draw stands for that stratum.
    """
    if model.is_discrete and len(model.rare) <= _ENUMERATED:
        rare, probability = _enumerated(model.rare)
        strata = np.arange(len(rare))
    else:
        rare, probability, strata = _stratified(model, draws, rng, amounts_matter)
    rows = model.common_row + rare @ model.rare_rows
    if not model.is_discrete:
        _add_hidden(rows, rare, model, rng)
        _add_amounts(rows, strata, model.amounts, rng)
    is_exact = model.is_discrete and len(model.rare) <= _ENUMERATED
    return Draws(rare > 0.5, probability, model.by_cause(rows), strata, is_exact)


def _enumerated(rare: Array) -> tuple[Array, Array]:
    """All combinations, and the probability of each."""
    count = len(rare)
    patterns = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    chosen = np.where(patterns == 1, rare, 1.0 - rare)
    return patterns.astype(np.float64), chosen.prod(axis=1)


def _stratified(
    model: Model, draws: int, rng: np.random.Generator, amounts_matter: bool
) -> tuple[Array, Array, NDInt]:
    count = len(model.rare)
    table = _tail_table(model.rare)
    none, one = table[0, 0], table[0, 1] if count else 0.0
    lone = max(_FEWEST, draws // 4) if amounts_matter else 1
    each = 0 if one <= 0.0 else max(2, draws // 2 // count) if not model.is_discrete else 1
    rest = max(_FEWEST, draws - lone - each * count) if count > 1 and none + one < 1.0 else 0
    more = _with_two_or_more(model.rare, table, rest, rng)
    rare = np.concatenate([np.zeros((lone, count)), np.repeat(np.eye(count), each, axis=0), more])
    odds = model.rare / (1.0 - model.rare)
    share = odds / odds.sum() if one > 0.0 else odds
    sizes = np.array([lone, *(each for _ in range(count)), rest])
    masses = np.array([none, *(one * share), max(0.0, 1.0 - none - one)])
    strata = np.repeat(np.arange(len(sizes)), sizes)
    probability = np.repeat(masses / np.maximum(sizes, 1), sizes)
    return rare, probability / probability.sum(), strata


def _tail_table(rare: Array) -> Array:
    """`[i, k]`: the probability that exactly k of the events from i on are rare."""
    count = len(rare)
    table = np.zeros((count + 1, count + 2))
    table[count, 0] = 1.0
    for index in range(count - 1, -1, -1):
        table[index] = (1.0 - rare[index]) * table[index + 1]
        table[index, 1:] += rare[index] * table[index + 1, :-1]
    return table


def _with_two_or_more(rare: Array, table: Array, draws: int, rng: np.random.Generator) -> Array:
    """Patterns given that two events or more are rare; how many they are runs evenly."""
    count = len(rare)
    patterns = np.zeros((draws, count))
    if draws == 0:
        return patterns
    ladder = np.cumsum(table[0, 2:])
    left = 2 + np.searchsorted(ladder, (np.arange(draws) + 0.5) / draws * ladder[-1])
    luck = rng.random((count, draws))
    for index in range(count):
        with_it = rare[index] * table[index + 1, np.maximum(left - 1, 0)]
        chosen = (luck[index] * table[index, left] < with_it) & (left > 0)
        patterns[:, index] = chosen
        left = left - chosen
    return patterns


def _add_hidden(rows: Array, rare: Array, model: Model, rng: np.random.Generator) -> None:
    if model.hidden_event.size == 0:
        return
    there = (rare[:, model.hidden_event] > 0.5) != model.flipped[model.hidden_event]
    draw_index, hidden_index = np.nonzero(there)
    swing = model.hidden_sigma[hidden_index] * rng.standard_normal(len(draw_index))
    amounts = model.hidden_median[hidden_index] * np.exp(swing)
    np.add.at(rows, (draw_index, model.hidden_place[hidden_index]), amounts)


def _add_amounts(rows: Array, strata: NDInt, amounts: Amounts, rng: np.random.Generator) -> None:
    if amounts.places.size == 0:
        return
    ranks = _ranks(strata, amounts.places.size, rng)
    grid = _grid(len(rows))
    for index, place in enumerate(amounts.places):
        rank = ranks[:, index]
        if amounts.width[index] > 0.0:
            drawn = amounts.low[index] + amounts.width[index] * (rank + 0.5) / len(rows)
        else:
            swing = np.exp(amounts.sigma[index] * grid[rank])
            drawn = amounts.low[index] + amounts.median[index] * swing
        rows[:, place] += drawn - amounts.base[index]


def _ranks(strata: NDInt, columns: int, rng: np.random.Generator) -> NDInt:
    """Places of the draws on a grid of their number, evenly within none, one, two and more."""
    part_of = np.where(strata == 0, 0, np.where(strata == strata[-1], 2, 1))
    parts = []
    for part in range(3):
        size = int(np.count_nonzero(part_of == part))
        within = rng.permuted(np.tile(np.arange(size), (columns, 1)), axis=1)
        parts.append(((within + rng.random((columns, size))) * (len(strata) / max(size, 1))).T)
    return np.minimum(np.concatenate(parts).astype(np.intp), len(strata) - 1)


@lru_cache(maxsize=64)
def _grid(points: int) -> Array:
    """Quantiles of the standard normal at the middles of that many equal parts."""
    normal = NormalDist()
    grid = np.array([normal.inv_cdf((index + 0.5) / points) for index in range(points)])
    grid.setflags(write=False)
    return grid
