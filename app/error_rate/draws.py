"""Draws of what could be true: which events are rare, and with what amounts.

Few events without amounts are enumerated. Within a stratum (see `patterns`) the amounts are Latin
hypercubes: each amount's distribution is run through evenly.
"""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
from scipy.special import ndtri

from app.error_rate.amounts import Amounts, NDInt
from app.error_rate.model import Model
from app.error_rate.patterns import Patterns, enumerated, stratified
from app.error_rate.shape import Array

_ENUMERATED: Final = 10  # events up to which all their combinations are gone through
_POINTS: Final = 4096
_GOLDEN: Final = 0.6180339887498949
_ONE_THREAD: Final = 400_000  # multiplications
_ALMOST_ONE: Final = 1.0 - 1e-12


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws with their probabilities, which add up to 1; `is_exact`: nothing is left to chance."""

    events: Patterns
    changes: Array  # rows × draws, see model
    is_exact: bool
    told: Array  # actions × draws: what the action would tell, in shares of the limits

    @property
    def probability(self) -> Array:
        return self.events.probability


def draw(model: Model, draws: int, rng: np.random.Generator, *, amounts_matter: bool) -> Draws:
    """About so many draws.

    `amounts_matter`: with all events in their common state, amounts alone can change the outcome;
    where they cannot, one draw stands for that stratum.
    """
    is_exact = model.is_discrete and len(model.rare) <= _ENUMERATED
    events = (
        enumerated(model.rare)
        if is_exact
        else stratified(
            model.rare, draws, rng, none_once=not amounts_matter, each_once=model.is_discrete
        )
    )
    changes = _changed_by_events(model, events)
    told = _told_by_events(model, events)
    if not model.is_discrete:
        _add_hidden((changes, told), events, model, rng)
        _add_amounts((changes, told), events.strata, model, rng)
    return Draws(events, changes, is_exact, told)


def _changed_by_events(model: Model, events: Patterns) -> Array:
    """Rows × draws; most events change nothing but by a hidden amount."""
    moving = np.flatnonzero(model.by_rare.any(axis=0))
    changes = product(model.by_rare[:, moving], events.rare[moving].astype(np.float64))
    changes += model.common[:, None]
    return changes.take(events.of, axis=1)


def _told_by_events(model: Model, events: Patterns) -> Array:
    """What each action would tell of events, whatever cause they have: actions × draws."""
    shares = model.scales @ model.by_rare
    told = np.flatnonzero((model.event_action >= 0) & (shares != 0.0))
    by_action = np.zeros((len(model.actions), told.size))
    by_action[model.event_action[told], np.arange(told.size)] = shares[told]
    return product(by_action, events.rare[told].astype(np.float64)).take(events.of, axis=1)


def product(left: Array, right: Array) -> Array:
    """The matrix product, in parts so small that BLAS does each in one thread.

    Its threads wait in busy loops: where every core has a worker of its own they double the cost.
    """
    width = max(1, _ONE_THREAD // max(1, left.size))
    if right.shape[1] <= width:
        return left @ right
    parts = [left @ right[:, at : at + width] for at in range(0, right.shape[1], width)]
    return np.concatenate(parts, axis=1)


def _add_hidden(
    into: tuple[Array, Array], events: Patterns, model: Model, rng: np.random.Generator
) -> None:
    """Adds to the changes, and to what actions would tell."""
    if model.hidden_event.size == 0:
        return
    is_so = events.rare[model.hidden_event] != model.flipped[model.hidden_event, None]
    hidden_so = is_so.take(events.of, axis=1)
    hidden, draw_index = np.nonzero(hidden_so)
    # The golden ratio's multiples fill (0, 1) evenly over any run of an amount's draws.
    turn = np.arange(len(hidden)) * _GOLDEN + rng.random(len(hidden_so))[hidden]
    swing = model.hidden_sigma[hidden] * _grid(_POINTS)[(turn % 1.0 * _POINTS).astype(np.intp)]
    amounts = model.hidden_median[hidden] * np.exp(swing)
    changes, told = into
    np.add.at(changes, (model.hidden_row[hidden], draw_index), amounts)
    action = model.event_action[model.hidden_event][hidden]
    shares = amounts * model.scales[model.hidden_row][hidden]
    np.add.at(told, (action[action >= 0], draw_index[action >= 0]), shares[action >= 0])


def _add_amounts(
    into: tuple[Array, Array], strata: NDInt, model: Model, rng: np.random.Generator
) -> None:
    """Adds to the changes, and to what actions would tell."""
    changes, told = into
    amounts = model.amounts
    if amounts.rows.size == 0:
        return
    ranks = _ranks(strata, amounts.rows.size, rng)
    points = changes.shape[1]
    grid = _grid(points)
    for index, row in enumerate(amounts.rows):
        rank = ranks[index]
        if amounts.width[index] > 0.0:
            drawn = amounts.low[index] + amounts.width[index] * (rank + 0.5) / points
        else:
            drawn = amounts.low[index] + amounts.median[index] * _swing(amounts, index, grid, rank)
        change = drawn - amounts.base[index]
        changes[row] += change
        if model.amount_action[index] >= 0:
            told[model.amount_action[index]] += change * model.scales[row]


def _swing(amounts: Amounts, index: int, grid: Array, rank: NDInt) -> Array:
    """The lognormal's factors at these places of the grid, or of the part that is drawn from."""
    low, high = amounts.cut_from[index], amounts.cut_to[index]
    off = amounts.off[index]
    if off < 1.0:
        # The middle of the distribution is where the amount is as told; its tails lie beyond.
        tail = (rank + 0.5) / len(grid) - 0.5
        beyond = np.flatnonzero(np.abs(tail) > (1.0 - off) / 2.0)
        far = tail[beyond]
        far = np.clip(0.5 + (far - np.sign(far) * (1.0 - off) / 2.0) / off, 1e-12, _ALMOST_ONE)
        mixed = np.ones(len(rank))
        mixed[beyond] = np.exp(amounts.sigma[index] * ndtri(far))
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
