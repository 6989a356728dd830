"""Whether two readers agree 一致性, beyond what chance alone would bring: Cohen's kappa."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

from app.review.sampling.errors import InvalidReadings
from app.review.sampling.intervals import LEVEL
from app.review.sampling.readings import Audit

NONE: Final = "none"  # a right to no programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of `n` pairs a share `observed` agrees, `expected` by chance under the readers' own habits.

    `kappa` is (observed − expected)/(1 − expected); None where both readers gave all the same
    answer, which says nothing of them. At few errors a good share can go with a low kappa: look at
    both (Feinstein & Cicchetti 1990).
    """

    n: int
    observed: float
    expected: float
    kappa: float | None
    interval: tuple[float, float] | None


def kappa(pairs: Sequence[tuple[str, str]], *, level: float = LEVEL) -> Agreement:
    """Cohen 1960, with the large-sample variance of Fleiss, Cohen & Everitt 1969.

    Of the pairs as they were read, without weights: it speaks of the readers, not of the frame.
    """
    n = len(pairs)
    if n == 0:
        raise InvalidReadings("nothing was read twice: there is no agreement to measure")
    both = Counter(pairs)
    ours = {word: count / n for word, count in Counter(one for one, _ in pairs).items()}
    theirs = {word: count / n for word, count in Counter(other for _, other in pairs).items()}
    observed = sum(count for (one, other), count in both.items() if one == other) / n
    expected = sum(share * theirs.get(word, 0.0) for word, share in ours.items())
    if expected >= 1.0:
        return Agreement(n=n, observed=observed, expected=expected, kappa=None, interval=None)
    value = (observed - expected) / (1.0 - expected)
    on, off = 0.0, 0.0
    for (one, other), count in both.items():
        if one == other:
            on += count / n * (1.0 - (ours[one] + theirs[one]) * (1.0 - value)) ** 2
        else:
            off += count / n * (theirs.get(one, 0.0) + ours.get(other, 0.0)) ** 2
    off *= (1.0 - value) ** 2
    rest = (value - expected * (1.0 - value)) ** 2
    error = sqrt(max(0.0, on + off - rest) / n) / (1.0 - expected)
    half = NormalDist().inv_cdf((1.0 + level) / 2.0) * error
    interval = (max(-1.0, value - half), min(1.0, value + half))
    return Agreement(n=n, observed=observed, expected=expected, kappa=value, interval=interval)


def answers(audit: Audit) -> tuple[tuple[str, str], ...]:
    """Which programme each reader found a right to, for the decisions read twice."""
    return tuple(
        (one.first.programme or NONE, one.second.programme or NONE)
        for one in audit.units
        if one.first is not None and one.second is not None
    )
