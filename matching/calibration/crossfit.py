"""Predictions for pairs by maps that have not seen them, and the choice of a map by them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.calibration.fit import FITS, Method
from matching.calibration.labelled import CalibrationError, Floats, Integers, Labelled
from matching.calibration.reliability import log_loss

FOLDS: Final = 5
FEW: Final = 500  # labels: below, a line; blocks learned from fewer lose more than they gain

Predict = Callable[[Labelled], Floats]


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen method and the cross-fitted log-loss (nats) of every method; none: no labels."""

    method: Method
    losses: Mapping[Method, float]


@dataclass(frozen=True, slots=True, eq=False)
class CrossFitted:
    """Held-out probabilities by the chosen method, in the order of the pairs."""

    probabilities: Floats
    choice: Choice


def folds_of(pairs: Labelled, folds: int, seed: int) -> Integers:
    """The fold of each pair: pairs of one person share it; raises CalibrationError.

    Persons with a pair that is the same, and the others, are dealt out evenly.
    """
    persons, place = np.unique(pairs.groups, return_inverse=True)
    if len(persons) < 2:
        raise CalibrationError("cross-fitting needs labelled pairs of two persons at least")
    has_same = np.zeros(len(persons), dtype=np.bool_)
    np.logical_or.at(has_same, place, pairs.same > 0)
    shuffled = np.random.default_rng(seed).permutation(len(persons))
    dealt = shuffled[np.argsort(has_same[shuffled], kind="stable")]
    fold = np.empty(len(persons), dtype=np.int64)
    fold[dealt] = np.arange(len(persons)) % min(folds, len(persons))
    return fold[place]


def held_out(
    pairs: Labelled, fit: Callable[[Labelled], Predict], *, folds: int, seed: int
) -> Floats:
    """For each pair the prediction of what `fit` learns from the other folds."""
    fold = folds_of(pairs, folds, seed)
    predicted = np.empty(len(pairs))
    for one in range(int(fold.max()) + 1):
        out = fold == one
        predicted[out] = fit(pairs.where(~out).ordered())(pairs.where(out))
    return predicted


def _by(method: Method) -> Callable[[Labelled], Predict]:
    def fit(pairs: Labelled) -> Predict:
        learned = FITS[method](pairs)
        return lambda others: learned.probabilities(others.log2_odds)

    return fit


def choose(pairs: Labelled, *, folds: int = FOLDS, seed: int = 0) -> Choice:
    """No labels: identity; fewer than 500: Platt; else beta or isotonic, whichever loses less."""
    if not len(pairs):
        return Choice(Method.IDENTITY, {})
    losses, pairs = {}, pairs.ordered()
    for method in Method:
        predicted = held_out(pairs, _by(method), folds=folds, seed=seed)
        losses[method] = log_loss(predicted, pairs.same, pairs.weights)
    if len(pairs) < FEW:
        return Choice(Method.PLATT, losses)
    better = losses[Method.ISOTONIC] < losses[Method.BETA]
    return Choice(Method.ISOTONIC if better else Method.BETA, losses)


def cross_fitted(pairs: Labelled, *, folds: int = FOLDS, seed: int = 0) -> CrossFitted:
    """Chooses a map and predicts every pair without it; raises CalibrationError."""
    choice = choose(pairs, folds=folds, seed=seed)
    if not len(pairs):
        return CrossFitted(np.empty(0), choice)
    predicted = held_out(pairs, _by(choice.method), folds=folds, seed=seed)
    return CrossFitted(predicted, choice)
