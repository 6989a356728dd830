"""What the rate would lose without a cause: exact Shapley shares, made to add up to the rate.

The error probability is known for every set of causes that is left active, with the same draws
throughout (the others are held at the base). A cause's share is its mean contribution over all
orders in which causes can be added. Where a cause works against the error its raw share is
negative; such shares are put to nothing and the others are scaled, so that the parts are never
negative and add up to the rate.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np

from app.domain.decision import Cause
from app.error_rate.amounts import NDInt
from app.error_rate.draws import Draws
from app.error_rate.model import Model
from app.error_rate.shape import SIZE, Array, Flags, Shape, holds

_MOST_CELLS: Final = 32_768  # draws × sets of causes that are gone through
_FEWEST_DRAWS: Final = 128


def decisive_draws(model: Model, draws: Draws, rule: Shape) -> Flags:
    """Draws in which some set of causes changes the outcome."""
    down = model.totals(np.minimum(draws.changes, 0.0))
    up = model.totals(np.maximum(draws.changes, 0.0))
    return np.broadcast_to(can_differ(rule, down, up), draws.probability.shape)


def can_differ(rule: Shape, down: Mapping[str, Array], up: Mapping[str, Array]) -> Flags:
    """Whether totals between `down` and `up` can change the outcome.

    A rule is made of upper limits, each harder to keep with more of a total and fewer members: if
    it holds at the worst corner it holds everywhere, and if it fails at the best one, nowhere.
    """
    worst, best = {**up, SIZE: down[SIZE]}, {**down, SIZE: up[SIZE]}
    return np.not_equal(holds(rule, worst), holds(rule, best))


def shares(model: Model, draws: Draws, rule: Shape, decisive: Flags) -> Mapping[Cause, float]:
    """Each cause's share of the rate; they add up to 1 where some cause changes an outcome."""
    is_moved = (draws.changes[:, decisive] != 0.0).any(axis=1)
    active = sorted({model.rows[row][0] for row in np.flatnonzero(is_moved)})
    if not active:
        return {}
    raw = _shapley(model, draws, rule, decisive, active)
    raw = np.where(raw.max() > 0.0, np.maximum(raw, 0.0), np.abs(raw))
    total = float(raw.sum())
    parts = raw / total if total > 0.0 else np.full(len(raw), 1.0 / len(raw))
    return {model.causes[cause]: float(part) for cause, part in zip(active, parts, strict=True)}


def _shapley(
    model: Model, draws: Draws, rule: Shape, decisive: Flags, active: Sequence[int]
) -> Array:
    """Raw shares of the error probability: positive where a cause makes the outcome another."""
    picked, probability = _picked(draws, decisive, _MOST_CELLS >> len(active))
    masks, mean_gain = _orders(len(active))
    # A cause that is not active changes nothing in these draws: any set will do for it.
    column = {cause: place for place, cause in enumerate(active)}
    is_on = masks.T[[column.get(cause, 0) for cause, _ in model.rows]]
    changes = is_on[:, :, None] * draws.changes[:, None, picked]  # rows × sets × draws
    confirmed = holds(rule, model.totals(changes))
    differs = confirmed != confirmed[0]
    raw: Array = mean_gain @ np.where(differs, probability, 0.0).sum(axis=1)
    return raw


def _picked(draws: Draws, decisive: Flags, most: int) -> tuple[NDInt, Array]:
    """The decisive draws, or where they are too many an even pick of them by probability."""
    indices = np.flatnonzero(decisive)
    probability = draws.probability[indices]
    wanted = max(_FEWEST_DRAWS, most)
    if len(indices) <= wanted:
        return indices, probability
    ladder = np.cumsum(probability)
    steps = (np.arange(wanted) + 0.5) / wanted * ladder[-1]
    even = np.full(wanted, ladder[-1] / wanted)
    return indices[np.minimum(np.searchsorted(ladder, steps), len(indices) - 1)], even


@lru_cache(maxsize=16)
def _orders(count: int) -> tuple[Array, Array]:
    """All sets of that many causes, and the matrix that takes their values to the shares."""
    sets = [chosen for size in range(count + 1) for chosen in combinations(range(count), size)]
    index = {chosen: number for number, chosen in enumerate(sets)}
    masks, gains = np.zeros((len(sets), count)), np.zeros((count, len(sets)))
    for chosen, number in index.items():
        masks[number, list(chosen)] = 1.0
        for cause in set(range(count)) - set(chosen):
            weight = factorial(len(chosen)) * factorial(count - len(chosen) - 1) / factorial(count)
            gains[cause, number] -= weight
            gains[cause, index[tuple(sorted((*chosen, cause)))]] += weight
    return masks, gains
