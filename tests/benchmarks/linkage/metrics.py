"""How good scored pairs are: precision, recall and F1, and whether the probabilities hold.

True pairs that were never scored (blocking) count as missed everywhere but in the calibration,
which is of the scored pairs.
"""

import csv
import math
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

STRICT: Final = 0.999
BINS: Final = 15
LEAST: Final = 1e-15
DOUBT: Final = 0.01

Pair = tuple[str, str]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs as a tool scored them; `score` orders them, `probability` may be absent."""

    pairs: tuple[Pair, ...]
    score: Floats
    probability: Floats | None


@dataclass(frozen=True, slots=True)
class At:
    """Precision, recall and F1 at a threshold of the score."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error (equal-mass bins), Brier score, mean log-loss in nats.

    These are of the tool's own pairs, and many easy pairs make them small: `grey` (pairs with a
    probability between .01 and .99; what they say on average, and what is true) are those in doubt.
    """

    ece: float
    brier: float
    log_loss: float
    grey: int
    grey_said: float
    grey_true: float


@dataclass(frozen=True, slots=True)
class Quality:
    """All figures of one tool on one set; None where the tool gives no probability."""

    best: At
    at_half: At | None
    strict_recall: float
    best_without_number: At | None
    calibration: Calibration | None
    blocking_recall: float
    pairs: int


def read_scored(path: Path, *, probabilistic: bool = True) -> Scored:
    """A CSV with left_id, right_id, probability and, where it is known, log2_odds."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        left, right = header.index("left_id"), header.index("right_id")
        probable = header.index("probability")
        scored = header.index("log2_odds") if "log2_odds" in header else probable
        rows = [(row[left], row[right], row[probable], row[scored]) for row in reader]
    probability = np.array([float(row[2]) for row in rows], dtype=np.float64)
    score = np.array([float(row[3]) for row in rows], dtype=np.float64)
    pairs = tuple((row[0], row[1]) for row in rows)
    return Scored(pairs, score, probability if probabilistic else None)


def within_one_file(scored: Scored) -> Scored:
    """Pairs of a file with itself: each once, whichever stands first, and none with itself."""
    seen: dict[Pair, int] = {}
    for at, (one, other) in enumerate(scored.pairs):
        if one != other:
            pair = (min(one, other), max(one, other))
            if pair not in seen or scored.score[at] > scored.score[seen[pair]]:
                seen[pair] = at
    kept = np.fromiter(seen.values(), dtype=np.int64, count=len(seen))
    probability = None if scored.probability is None else scored.probability[kept]
    return Scored(tuple(seen), scored.score[kept], probability)


def read_truth(path: Path) -> frozenset[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return frozenset((row[0], row[1]) for row in reader)


def curve(score: Floats, true: Bools, truths: int) -> list[At]:
    """Precision, recall and F1 at every distinct score, the highest first."""
    if len(score) == 0:
        return []
    order = np.argsort(-score, kind="stable")
    ordered, hits = score[order], np.cumsum(true[order])
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return [_at(float(ordered[end]), int(hits[end]), int(end) + 1, truths) for end in ends.tolist()]


def _at(threshold: float, hits: int, taken: int, truths: int) -> At:
    precision = hits / taken if taken else 1.0
    recall = hits / truths if truths else 0.0
    both = precision + recall
    return At(threshold, precision, recall, 2 * precision * recall / both if both else 0.0)


def best_of(points: Iterable[At]) -> At:
    """The point of the highest F1; nothing is found where there is none."""
    return max(points, key=lambda point: point.f1, default=At(math.inf, 1.0, 0.0, 0.0))


def strict_recall(points: Iterable[At]) -> float:
    """The highest recall at a precision of .999 or more."""
    return max((point.recall for point in points if point.precision >= STRICT), default=0.0)


def calibration(probability: Floats, true: Bools) -> Calibration:
    """Whether what is said to hold with a probability holds as often."""
    y = true.astype(np.float64)
    order = np.argsort(probability, kind="stable")
    bins = [each for each in np.array_split(order, BINS) if len(each)]
    gaps = [abs(probability[each].mean() - y[each].mean()) * len(each) for each in bins]
    p = np.clip(probability, LEAST, 1 - LEAST)
    loss = -(y * np.log(p) + (1 - y) * np.log1p(-p)).mean()
    grey = (probability > DOUBT) & (probability < 1 - DOUBT)
    some = bool(grey.any())
    return Calibration(
        ece=float(sum(gaps) / len(y)),
        brier=float(((probability - y) ** 2).mean()),
        log_loss=float(loss),
        grey=int(grey.sum()),
        grey_said=float(probability[grey].mean()) if some else 0.0,
        grey_true=float(y[grey].mean()) if some else 0.0,
    )


def measure(
    scored: Scored, truth: AbstractSet[Pair], without_number: AbstractSet[str] = frozenset()
) -> Quality:
    """All figures; `without_number` are the right ids whose record has no number."""
    true = np.fromiter((pair in truth for pair in scored.pairs), np.bool_, len(scored.pairs))
    points = curve(scored.score, true, len(truth))
    half = None
    if scored.probability is not None:
        taken = scored.probability >= 0.5
        half = _at(0.5, int(true[taken].sum()), int(taken.sum()), len(truth))
    probability = scored.probability if len(true) else None
    return Quality(
        best=best_of(points),
        at_half=half,
        strict_recall=strict_recall(points),
        best_without_number=_without(scored, true, truth, without_number),
        calibration=None if probability is None else calibration(probability, true),
        blocking_recall=float(true.sum()) / len(truth) if truth else 0.0,
        pairs=len(true),
    )


def _without(
    scored: Scored, true: Bools, truth: AbstractSet[Pair], right: AbstractSet[str]
) -> At | None:
    """The best point among the records that have no number, chosen on them alone."""
    if not right:
        return None
    some = np.fromiter((pair[1] in right for pair in scored.pairs), np.bool_, len(scored.pairs))
    truths = sum(pair[1] in right for pair in truth)
    return best_of(curve(scored.score[some], true[some], truths))
