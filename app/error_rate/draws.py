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
from scipy.special import ndtri

from app.error_rate.amounts import Amounts, NDInt
from app.error_rate.model import Model
from app.error_rate.shape import Array

_ENUMERATED: Final = 10  # events up to which all their combinations are gone through
_POINTS: Final = 4096
_GOLDEN: Final = 0.6180339887498949
_ONE_THREAD: Final = 400_000  # multiplications
_ALMOST_ONE: Final = 1.0 - 1e-12
_FEWEST: Final = 64  # draws of a stratum that is drawn at all


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws with their probabilities, which add up to 1, and the stratum of each.

    `strata` numbers groups of draws of equal probability; `is_exact` where nothing was left to
    chance.
    """

    rare: Array  # events × draws, 1 where the event is in its rare state
    probability: Array
    changes: Array  # causes × columns × draws
    strata: NDInt
    is_exact: bool
    told: Array  # actions × draws: what the action would tell, in shares of the limits


def draw(model: Model, draws: int, rng: np.random.Generator, *, amounts_matter: bool) -> Draws:
    """At least `_FEWEST` draws a stratum and about `draws` in all.

    `amounts_matter`: with all events in their common state, amounts alone can change the outcome;
    where they cannot, one draw stands for that stratum.
    """
    if model.is_discrete and len(model.rare) <= _ENUMERATED:
        rare, probability = _enumerated(model.rare)
        strata = np.arange(rare.shape[1])
    else:
        lone = max(_FEWEST, draws // 4) if amounts_matter else 1
        rare, probability, strata = _stratified(model, draws, lone, rng)
    changes = model.common[:, None] + product(model.by_rare, rare)
    told = _told_by_events(model, rare)
    if not model.is_discrete:
        _add_hidden((changes, told), rare, model, rng)
        _add_amounts((changes, told), strata, model, rng)
    is_exact = model.is_discrete and len(model.rare) <= _ENUMERATED
    return Draws(rare, probability, model.by_cause(changes), strata, is_exact, told)


def _told_by_events(model: Model, rare: Array) -> Array:
    """What each action would tell of events, whatever cause they have."""
    told = np.flatnonzero(model.event_action >= 0)
    moved = model.by_rare.reshape(len(model.causes), len(model.columns), model.rare.size).sum(
        axis=0
    )
    by_action = np.zeros((len(model.actions), told.size))
    by_action[model.event_action[told], np.arange(told.size)] = model.scales @ moved[:, told]
    return product(by_action, rare[told])


def product(left: Array, right: Array) -> Array:
    """The matrix product, in parts so small that BLAS does each in one thread.

    Its threads wait in busy loops: where every core has a worker of its own they double the cost.
    """
    width = max(1, _ONE_THREAD // max(1, left.size))
    parts = [left @ right[:, at : at + width] for at in range(0, right.shape[1], width)]
    return np.concatenate(parts, axis=1)


def _enumerated(rare: Array) -> tuple[Array, Array]:
    """All combinations, and the probability of each."""
    count = len(rare)
    patterns = (np.arange(2**count) >> np.arange(count)[:, None]) & 1
    chosen = np.where(patterns == 1, rare[:, None], 1.0 - rare[:, None])
    return patterns.astype(np.float64), chosen.prod(axis=0)


def _stratified(
    model: Model, draws: int, lone: int, rng: np.random.Generator
) -> tuple[Array, Array, NDInt]:
    count = len(model.rare)
    table = _tail_table(model.rare)
    none, one = table[0, 0], table[0, 1] if count else 0.0
    each = 0 if one <= 0.0 else max(2, draws // 2 // count) if not model.is_discrete else 1
    rest = max(_FEWEST, draws - lone - each * count) if count > 1 and none + one < 1.0 else 0
    more = _with_two_or_more(model.rare, table, rest, rng)
    each_in_turn = np.repeat(np.eye(count), each, axis=1)
    rare = np.concatenate([np.zeros((count, lone)), each_in_turn, more], axis=1)
    odds = model.rare / (1.0 - model.rare)
    share = odds / odds.sum() if one > 0.0 else odds
    sizes = np.array([lone, *(each for _ in range(count)), rest])
    masses = np.array([none, *(one * share), max(0.0, 1.0 - none - one)])
    strata = np.repeat(np.arange(len(sizes)), sizes)
    probability = np.repeat(masses / np.maximum(sizes, 1), sizes)
    is_possible = probability > 0.0
    probability = probability[is_possible] / probability.sum()
    return rare[:, is_possible], probability, strata[is_possible]


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
    patterns = np.zeros((count, draws))
    if draws == 0:
        return patterns
    ladder = np.cumsum(table[0, 2:])
    left = 2 + np.searchsorted(ladder, (np.arange(draws) + 0.5) / draws * ladder[-1])
    luck = rng.random((count, draws))
    for index in range(count):
        with_it = rare[index] * table[index + 1, np.maximum(left - 1, 0)]
        chosen = (luck[index] * table[index, left] < with_it) & (left > 0)
        patterns[index] = chosen
        left = left - chosen
    return patterns


def _add_hidden(
    into: tuple[Array, Array], rare: Array, model: Model, rng: np.random.Generator
) -> None:
    """Adds to the changes, and to what actions would tell."""
    if model.hidden_event.size == 0:
        return
    hidden_so = (rare[model.hidden_event] > 0.5) != model.flipped[model.hidden_event, None]
    hidden, draw_index = np.nonzero(hidden_so)
    # The golden ratio's multiples fill (0, 1) evenly over any run of an amount's draws.
    turn = np.arange(len(hidden)) * _GOLDEN + rng.random(len(hidden_so))[hidden]
    swing = model.hidden_sigma[hidden] * _grid(_POINTS)[(turn % 1.0 * _POINTS).astype(np.intp)]
    amounts = model.hidden_median[hidden] * np.exp(swing)
    changes, told = into
    np.add.at(changes, (model.hidden_place[hidden], draw_index), amounts)
    action = model.event_action[model.hidden_event][hidden]
    shares = amounts * model.scales[model.hidden_place % len(model.columns)][hidden]
    np.add.at(told, (action[action >= 0], draw_index[action >= 0]), shares[action >= 0])


def _add_amounts(
    into: tuple[Array, Array], strata: NDInt, model: Model, rng: np.random.Generator
) -> None:
    """Adds to the changes, and to what actions would tell."""
    changes, told = into
    amounts = model.amounts
    if amounts.places.size == 0:
        return
    ranks = _ranks(strata, amounts.places.size, rng)
    points = changes.shape[1]
    grid = _grid(points)
    for index, place in enumerate(amounts.places):
        rank = ranks[index]
        if amounts.width[index] > 0.0:
            drawn = amounts.low[index] + amounts.width[index] * (rank + 0.5) / points
        else:
            drawn = amounts.low[index] + amounts.median[index] * _swing(amounts, index, grid, rank)
        change = drawn - amounts.base[index]
        changes[place] += change
        if model.amount_action[index] >= 0:
            told[model.amount_action[index]] += change * model.scales[place % len(model.columns)]


def _swing(amounts: Amounts, index: int, grid: Array, rank: NDInt) -> Array:
    """The lognormal's factors at these places of the grid, or of the part that is drawn from."""
    low, high = amounts.cut_from[index], amounts.cut_to[index]
    off = amounts.off[index]
    if off < 1.0:
        # The middle of the distribution is where the amount is as told; its tails lie beyond.
        tail = (rank + 0.5) / len(grid) - 0.5
        tail = np.clip(0.5 + (tail - np.sign(tail) * (1.0 - off) / 2.0) / off, 1e-12, _ALMOST_ONE)
        beyond = np.abs((rank + 0.5) / len(grid) - 0.5) > (1.0 - off) / 2.0
        mixed: Array = np.exp(amounts.sigma[index] * np.where(beyond, ndtri(tail), 0.0))
        return mixed
    if (low, high) == (0.0, 1.0):
        whole: Array = np.exp(amounts.sigma[index] * grid[rank])
        return whole
    places = low + (high - low) * (rank + 0.5) / len(grid)
    factors: Array = np.exp(amounts.sigma[index] * ndtri(np.minimum(places, _ALMOST_ONE)))
    return factors


def _ranks(strata: NDInt, columns: int, rng: np.random.Generator) -> NDInt:
    """Places of the draws on a grid of their number, evenly within none, one, two and more."""
    part_of = np.where(strata == 0, 0, np.where(strata == strata[-1], 2, 1))
    parts = []
    for part in range(3):
        size = int(np.count_nonzero(part_of == part))
        within = rng.permuted(np.tile(np.arange(size), (columns, 1)), axis=1)
        stretch = len(strata) / max(size, 1)
        parts.append((within + rng.random((columns, size))) * stretch)
    return np.minimum(np.concatenate(parts, axis=1).astype(np.intp), len(strata) - 1)


@lru_cache(maxsize=64)
def _grid(points: int) -> Array:
    """Quantiles of the standard normal at the middles of that many equal parts."""
    normal = NormalDist()
    grid = np.array([normal.inv_cdf((index + 0.5) / points) for index in range(points)])
    grid.setflags(write=False)
    return grid
