"""How well ways of comparing names tell one person's two names from two people's."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from tests.benchmarks.linkage import normal_forms, ours
from tests.benchmarks.linkage.metrics import Bools, Floats
from tests.benchmarks.linkage.name_pairs import NamePair

PRIOR: Final = 0.1
FALSE_SHARE: Final = 0.01
Score = Callable[[Sequence[tuple[str, str]]], list[float]]


@dataclass(frozen=True, slots=True)
class NameFigures:
    """Area under the curve; best F1 at a prior of .1; recall at a false share of .01; speed.

    `flagged` is the share of each kind of match at the threshold of that F1; `seconds` of a pair.
    """

    auc: float
    f1: float
    recall: float
    seconds: float
    flagged: Mapping[str, float]


def _each(score: Callable[[str, str], float]) -> Score:
    return lambda pairs: [score(one, other) for one, other in pairs]


def _simplified(one: str, other: str) -> float:
    return JaroWinkler.similarity(normal_forms.name(one), normal_forms.name(other))


def _sounds(one: str, other: str) -> float:
    ours_, theirs = normal_forms.name(one), normal_forms.name(other)
    return JaroWinkler.similarity(normal_forms.pinyin(ours_), normal_forms.pinyin(theirs))


METHODS: Final[Mapping[str, Score]] = {
    "rapidfuzz JaroWinkler": _each(JaroWinkler.similarity),
    "rapidfuzz ratio": _each(fuzz.ratio),
    "rapidfuzz WRatio": _each(fuzz.WRatio),
    "simplified + JaroWinkler": _each(_simplified),
    "toneless pinyin + JaroWinkler": _each(_sounds),
    "hedui": ours.name_scores,
}


def auc(score: Floats, true: Bools) -> float:
    """The chance that a match scores above a non-match; a draw counts half."""
    _, ranks, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - (counts - 1) / 2
    hits = int(true.sum())
    total = float(middle[ranks][true].sum()) - hits * (hits + 1) / 2
    return total / (hits * (len(true) - hits))


def best_at_prior(score: Floats, true: Bools) -> tuple[float, float]:
    """The best F1 where one pair in ten is a match, and its threshold."""
    best, at = 0.0, float("inf")
    for threshold in np.unique(score)[::-1].tolist():
        found = score >= threshold
        recall, false = float(found[true].mean()), float(found[~true].mean())
        taken = PRIOR * recall + (1 - PRIOR) * false
        f1 = 2 * PRIOR * recall / (taken + PRIOR) if taken else 0.0
        if f1 > best:
            best, at = f1, threshold
    return best, at


def recall_at(score: Floats, true: Bools, most_false: float) -> float:
    """The highest recall with at most that share of the non-matches."""
    recalls = [
        float((score >= threshold)[true].mean())
        for threshold in np.unique(score).tolist()
        if float((score >= threshold)[~true].mean()) <= most_false
    ]
    return max(recalls, default=0.0)


def figures_of(method: Score, pairs: Sequence[NamePair]) -> NameFigures:
    names = [(pair.one, pair.other) for pair in pairs]
    began = time.perf_counter()
    score = np.array(method(names), dtype=np.float64)
    seconds = (time.perf_counter() - began) / len(pairs)
    true = np.array([pair.match for pair in pairs])
    f1, threshold = best_at_prior(score, true)
    kinds = dict.fromkeys(pair.kind for pair in pairs if pair.match)
    flagged = {
        kind: statistics.mean(
            float(value >= threshold)
            for value, pair in zip(score.tolist(), pairs, strict=True)
            if pair.kind == kind
        )
        for kind in kinds
    }
    return NameFigures(auc(score, true), f1, recall_at(score, true, FALSE_SHARE), seconds, flagged)
