"""Places along the model's odds, and what pairs near each of them weigh."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.calibration.labelled import Floats, Integers, Labelled

PLACES: Final[Floats] = np.arange(-60.0, 61.0, 2.0)  # raw log2 odds; beyond, the ends hold
COUNT: Final = len(PLACES)


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """How much of each value stands at each place: `share` at `left` + 1, the rest at `left`.

    As a matrix of shares, a row a value, written as sums: no product of large matrices, which
    would call up every core for a few pairs.
    """

    left: Integers
    share: Floats

    def gathered(self, values: Floats) -> Floats:
        """The values added up at the places (shares' · values)."""
        at_left = np.bincount(self.left, (1 - self.share) * values, COUNT)
        at_right = np.bincount(self.left + 1, self.share * values, COUNT)
        return np.asarray(at_left + at_right, dtype=np.float64)

    def spread(self, at_places: Floats) -> Floats:
        """What the places say, for each value (shares · at_places)."""
        left = at_places[self.left]
        return np.asarray(left + self.share * (at_places[self.left + 1] - left))

    def squared(self, weights: Floats) -> Floats:
        """shares' · diagonal of weights · shares."""
        left, right = 1 - self.share, self.share
        diagonal = np.bincount(self.left, left * left * weights, COUNT)
        diagonal += np.bincount(self.left + 1, right * right * weights, COUNT)
        beside = np.bincount(self.left, left * right * weights, COUNT)[:-1]
        full = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        return np.asarray(full, dtype=np.float64)


def shares_at(raw: Floats) -> Shares:
    """Each value shared straight between the two places next to it."""
    near = np.clip(raw, PLACES[0], PLACES[-1])
    left = np.clip(np.searchsorted(PLACES, near, side="right") - 1, 0, COUNT - 2)
    return Shares(left, (near - PLACES[left]) / (PLACES[left + 1] - PLACES[left]))


def local_weights(pairs: Labelled) -> Floats:
    """Weights relative to those near by, scaled to the effective number of pairs there.

    What pairs of other odds stand for does not matter to what a pair tells about its own place:
    where the odds alone decided who was asked, all pairs weigh 1.
    """
    shares, weights = shares_at(pairs.log2_odds), pairs.weights
    mass, squares = shares.gathered(weights), shares.gathered(weights**2)
    # Kish's number of pairs is mass² / squares; divided by the mass it is what a weight counts for.
    scale = np.divide(mass, squares, out=np.zeros_like(mass), where=squares > 0)
    return weights * shares.spread(scale)
