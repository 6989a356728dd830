"""Fitting a map to labelled pairs: the likelihood, and a prior that the model is right."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
import scipy  # its parts are loaded where they are first used
from scipy.special import expit

from matching.calibration.labelled import (
    Flags,
    Floats,
    Labelled,
    effective,
    labelled,
    refuse_one_kind,
)
from matching.calibration.maps import (
    FARTHEST,
    LN2,
    Beta,
    Identity,
    Isotonic,
    Platt,
    Shared,
    beta_columns,
)
from matching.calibration.near import local_weights

LARGEST_CELL: Final = 50  # pairs for one knot of the isotonic map
LEAST_RISE: Final = 1e-3  # bits a bit: keeps the order inside a flat stretch
PRIOR_LABELS: Final = 1.0  # what the line counts for beside what was seen in a block


class Method(StrEnum):
    """How raw odds are corrected."""

    IDENTITY = "identity"
    PLATT = "platt"
    BETA = "beta"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of what may be wrong with log odds: slope (about 1), offset, bend; nats.

    A bend is what neither slope nor offset tells, alike within `reach` nats or so.
    """

    slope: float
    offset: float
    bend: float
    reach: float = 3.0


# Six untuned models on public and generated registers were off by 0.8 nats (root mean square) in
# the grey zone, and nominal false-link rates of 1 % are known to be 5 % (1.65 nats at 4.6).
MODEL_SPREAD: Final = Spread(slope=0.4, offset=1.0, bend=1.3)
# One source beside the others: another base rate above all, by a factor of 2 (0.7 nats) or so.
SOURCE_SPREAD: Final = Spread(slope=0.15, offset=0.7, bend=0.3)


def nats_of(pairs: Labelled) -> Floats:
    """The model's log odds in nats, within what is taken as a number."""
    return np.clip(pairs.log2_odds, -FARTHEST, FARTHEST) * LN2


def most_likely(
    columns: Floats, pairs: Labelled, centre: Sequence[float], spread: Sequence[float]
) -> Floats:
    """The most likely coefficients of a logistic model under a Gaussian prior.

    One row of `columns` a pair; the last coefficient is free, the others are at least 0. The prior
    keeps the fit finite where few pairs, or separable ones, would let it run away.
    """
    weights, middle = local_weights(pairs), np.asarray(centre)
    stiffness = 1 / np.square(np.asarray(spread))

    def cost(at: Floats) -> tuple[float, Floats]:
        z, off = np.einsum("ij,j->i", columns, at), at - middle
        loss = weights @ (np.logaddexp(0, z) - pairs.same * z) + stiffness @ off**2 / 2
        slope = np.einsum("ij,i->j", columns, weights * (expit(z) - pairs.same))
        return float(loss), slope + stiffness * off

    bounds = [(0.0, None)] * (len(centre) - 1) + [(None, None)]
    # Not L-BFGS-B: it calls a threaded LAPACK for two or three numbers, slow on a busy machine.
    options = {"maxfun": 2000, "ftol": 1e-13}
    found = scipy.optimize.minimize(
        cost, middle, jac=True, method="TNC", bounds=bounds, options=options
    )
    return np.asarray(found.x, dtype=np.float64)


def fit_line(nats: Floats, pairs: Labelled, spread: Spread = MODEL_SPREAD) -> Platt:
    """The line through log odds given in nats; drawn to slope 1, offset 0."""
    columns = np.column_stack([nats, np.ones_like(nats)])
    slope, offset = most_likely(columns, pairs, (1, 0), (spread.slope, spread.offset))
    return Platt(float(slope), float(offset) / LN2)


def fit_platt(log2_odds: Sequence[float] | Floats, labels: Sequence[bool] | Flags) -> Platt:
    """The line that fits labelled pairs; raises CalibrationError if none or all alike."""
    pairs = labelled(log2_odds, labels).ordered()
    refuse_one_kind(pairs)
    return platt(pairs)


def platt(pairs: Labelled) -> Platt:
    """The line that fits the pairs best."""
    return fit_line(nats_of(pairs), pairs)


def beta(pairs: Labelled) -> Beta:
    """The beta map that fits the pairs best."""
    columns, tilt = beta_columns(nats_of(pairs)), MODEL_SPREAD.slope
    a, b, c = most_likely(columns, pairs, (1, 1, 0), (tilt, tilt, MODEL_SPREAD.offset))
    return Beta(float(a), float(b), float(c))


def isotonic(pairs: Labelled) -> Isotonic:
    """The line, moved in every isotonic block by how much more or less was seen than it expects.

    Blocks of one kind are so moved by a finite step (`PRIOR_LABELS`), hence no 0 and no 1. Knots
    stand at the middle of cells of at most `LARGEST_CELL` pairs.
    """
    line = platt(pairs)
    raw, place = np.unique(np.clip(pairs.log2_odds, -FARTHEST, FARTHEST), return_inverse=True)
    mass = np.bincount(place, weights=pairs.weights)
    seen = np.bincount(place, weights=pairs.weights * pairs.same) / mass
    blocks = scipy.optimize.isotonic_regression(seen, weights=mass).blocks
    at: list[float] = []
    moved: list[float] = []
    for start, end in pairwise(blocks):
        here = (place >= start) & (place < end)
        step = _offset(pairs.where(here), line)
        for cell in np.array_split(np.arange(start, end), _cells(int(here.sum()), end - start)):
            at.append(float(np.average(raw[cell], weights=mass[cell])))
            moved.append(line.corrected(at[-1]) + step)
    fitted = scipy.optimize.isotonic_regression(np.asarray(moved)).x + LEAST_RISE * np.asarray(at)
    return Isotonic(tuple(at), tuple(float(one) for one in fitted), max(line.slope, LEAST_RISE))


def _cells(pairs: int, values: int) -> int:
    return max(1, min(values, math.ceil(pairs / LARGEST_CELL)))


def _offset(block: Labelled, line: Platt) -> float:
    """log2 of the odds seen in a block over those the line expects there."""
    n = effective(block.weights)
    share = block.weights / block.weights.sum()
    ones = n * float(share @ block.same)
    expected = n * float(share @ line.probabilities(block.log2_odds))
    more = (ones + PRIOR_LABELS) / (expected + PRIOR_LABELS)
    fewer = (n - ones + PRIOR_LABELS) / (n - expected + PRIOR_LABELS)
    return math.log2(more / fewer)


def identity(_: Labelled) -> Identity:
    """The model's own odds, whatever the pairs say."""
    return Identity()


FITS: Final[Mapping[Method, Callable[[Labelled], Shared]]] = {
    Method.IDENTITY: identity,
    Method.PLATT: platt,
    Method.BETA: beta,
    Method.ISOTONIC: isotonic,
}
