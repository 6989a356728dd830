"""Pairs that people have judged (人工标注), as arrays of one length."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

ANY: Final = "*"  # stands for all sources, and for those without labels of their own


class CalibrationError(ValueError):
    """The labelled pairs, or what was learned from them, do not allow what was asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Labelled pairs, made by `labelled`; the order of the rows has no meaning.

    `log2_odds`: what the model says; `same`: 1 one person, 0 two; `groups`: pairs of one person
    have one number; `sources`: where the record came from, "" if not told; `weights`: 1 over the
    probability that such a pair was given to a reviewer.
    """

    log2_odds: Floats
    same: Floats
    groups: Integers
    sources: NDArray[np.str_]
    weights: Floats

    def __len__(self) -> int:
        return len(self.log2_odds)

    def where(self, chosen: Flags | Integers) -> "Labelled":
        """The pairs a mask or an index chooses."""
        return Labelled(
            self.log2_odds[chosen],
            self.same[chosen],
            self.groups[chosen],
            self.sources[chosen],
            self.weights[chosen],
        )

    def ordered(self) -> "Labelled":
        """The pairs from low to high odds: sums over them do not depend on the order given."""
        keys = (self.groups, self.sources, self.weights, self.same, self.log2_odds)
        return self.where(np.lexsort(keys))

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted rows, without the groups, which may stand for people."""
        rows = zip(self.log2_odds, self.same, self.sources, self.weights, strict=True)
        lines = sorted(f"{x!r},{int(y)},{source},{w!r}" for x, y, source, w in _plain(rows))
        return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _plain(
    rows: Iterable[tuple[np.float64, np.float64, np.str_, np.float64]],
) -> Iterable[tuple[float, float, str, float]]:
    return ((float(x), float(y), str(source), float(w)) for x, y, source, w in rows)


def labelled(
    log2_odds: Sequence[float] | Floats,
    same: Sequence[bool] | Flags,
    *,
    groups: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    weights: Sequence[float] | Floats | None = None,
) -> Labelled:
    """The labelled pairs of columns. Without groups every pair is a person of its own, without
    weights all count alike. Raises CalibrationError for columns of unequal length, odds that are
    no number and weights not above 0."""
    x = np.asarray(log2_odds, dtype=np.float64)
    y = np.asarray(same, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    where = np.full(x.shape, "", dtype=np.str_) if sources is None else np.asarray(sources, np.str_)
    columns = (y, w, where) if groups is None else (y, w, where, groups)
    if any(len(column) != len(x) for column in columns):
        lengths = ", ".join(str(len(column)) for column in (x, *columns))
        raise CalibrationError(f"the columns of labelled pairs differ in length: {lengths}")
    if np.isnan(x).any() or not np.all(np.isfinite(w) & (w > 0)):
        raise CalibrationError("log2 odds must be numbers and weights above 0")
    if groups is None:
        order = np.lexsort((where, w, y, x))
        numbers = np.empty(len(x), dtype=np.int64)
        numbers[order] = np.arange(len(x))
    else:
        numbers = np.unique(np.asarray(groups, np.str_), return_inverse=True)[1].astype(np.int64)
    return Labelled(x, y, numbers, where, w)


def effective(weights: Floats) -> float:
    """As many pairs of equal weight as tell as much (Kish); 0 of none."""
    return float(weights.sum() ** 2 / (weights @ weights)) if weights.size else 0.0


def refuse_one_kind(pairs: Labelled) -> None:
    """Raises CalibrationError where there are no labels or all are alike: nothing is learned."""
    if not len(pairs):
        raise CalibrationError("there are no labelled pairs")
    if pairs.same.min() == pairs.same.max():
        raise CalibrationError("the labelled pairs are all of one kind")
