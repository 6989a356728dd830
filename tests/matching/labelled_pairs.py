"""Made-up pairs with known truth: log odds as a linkage model gives them, bent on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from matching.calibration.labelled import Flags, Floats, Labelled, labelled
from matching.calibration.maps import LN2

Bent = Callable[[Floats], Floats]  # true log odds → the model's, nats


def calibrated(true: Floats) -> Floats:
    """A model that is right."""
    return true


def overconfident(true: Floats) -> Floats:
    """A model that takes fields for independent that are not, with too low a prior."""
    return 2.4 * true - 2.8


def uneven(true: Floats) -> Floats:
    """A model that is sure too soon, then slows down: no line undoes it."""
    return np.asarray(true + 3 * np.tanh(true / 2) - 1.3, dtype=np.float64)


BENDS: Final = (calibrated, overconfident, uneven)


@dataclass(frozen=True, eq=False)
class Made:
    """Pairs: `true` probability, the model's `raw` log2 odds, and which are one person."""

    true: Floats
    raw: Floats
    same: Flags


def pairs(n: int, bent: Bent, seed: int) -> Made:
    """Candidate pairs as blocking leaves them: most are sure either way, a seventh is not."""
    random = np.random.default_rng(seed)
    kind = random.choice(3, n, p=[0.5, 0.36, 0.14])
    nats = np.choose(
        kind, [random.normal(-10, 3, n), random.normal(9, 3, n), random.normal(0, 2.5, n)]
    )
    true = expit(nats)
    return Made(true, bent(nats) / LN2, random.random(n) < true)


def drawn(made: Made, n: int) -> Labelled:
    """The first `n` pairs, all with one chance to be labelled."""
    return labelled(made.raw[:n], made.same[:n])


def drawn_grey(made: Made, n: int, seed: int) -> Labelled:
    """`n` pairs; those the model is unsure of are labelled up to 21 times as often, and weigh less.

    The pairs must be many more than `n`.
    """
    p = expit(made.raw * LN2 / 2)
    wanted = 0.05 + 4 * p * (1 - p)
    chance = np.minimum(1, wanted * 1.25 * n / wanted.sum())
    # A stream of its own: the one that made the pairs would choose among them by kind.
    random = np.random.default_rng([seed, 1])
    chosen = random.permutation(np.flatnonzero(random.random(len(made.raw)) < chance))[:n]
    return labelled(made.raw[chosen], made.same[chosen], weights=1 / chance[chosen])
