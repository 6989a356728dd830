"""Other 95 % intervals of a stratified share, to hold ours against."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Final, TypeAlias

from scipy.stats import beta

from app.review.sampling.intervals import LEVEL
from app.review.sampling.tally import Share, Tally, share

Interval: TypeAlias = tuple[float, float]
Rival: TypeAlias = Callable[[Sequence[Tally]], Interval]

_Z: Final = 1.959963984540054
_TAIL: Final = (1.0 - LEVEL) / 2.0


def wald(strata: Sequence[Tally]) -> Interval:
    """Estimate ± z standard errors."""
    of_it = share(strata)
    half = _Z * sqrt(of_it.variance)
    return of_it.rate - half, of_it.rate + half


def wilson(strata: Sequence[Tally]) -> Interval:
    """Wilson 1927, with the effective sample size."""
    of_it = share(strata)
    return _wilson(of_it.rate, _effective(of_it), _Z)


def jeffreys(strata: Sequence[Tally]) -> Interval:
    """Brown, Cai & DasGupta 2001, with the effective sample size."""
    of_it = share(strata)
    n = _effective(of_it)
    x = n * of_it.rate
    low = float(beta.ppf(_TAIL, x + 0.5, n - x + 0.5)) if x > 0.0 else 0.0
    return low, float(beta.ppf(1.0 - _TAIL, x + 0.5, n - x + 0.5))


def korn_graubard(strata: Sequence[Tally]) -> Interval:
    """Clopper & Pearson with the effective sample size (Korn & Graubard 1998)."""
    of_it = share(strata)
    n = _effective(of_it)
    x = n * of_it.rate
    low = float(beta.ppf(_TAIL, x, n - x + 1.0)) if x > 0.0 else 0.0
    return low, float(beta.ppf(1.0 - _TAIL, x + 1.0, n - x)) if x < n else 1.0


def yan_su(strata: Sequence[Tally]) -> Interval:
    """Stratified Wilson (Yan & Su 2010): strata's intervals at a level that fits them together."""
    total = sum(one.size for one in strata)
    weights = [one.size / total for one in strata]
    spreads = [_spread(one, one.rate * (1.0 - one.rate)) for one in strata]
    if not any(spreads):
        spreads = [_spread(one, 1.0) for one in strata]
    both = list(zip(weights, spreads, strict=True))
    z = _Z * sqrt(sum(w**2 * s for w, s in both)) / sum(w * sqrt(s) for w, s in both)
    ends = [
        _wilson(one.rate, one.drawn / max(1e-12, 1.0 - one.drawn / one.size), z) for one in strata
    ]
    low, high = (
        sum(w * end[side] for w, end in zip(weights, ends, strict=True)) for side in (0, 1)
    )
    return low, high


RIVALS: Final[Mapping[str, Rival]] = {
    "Wald": wald,
    "Wilson": wilson,
    "Jeffreys": jeffreys,
    "Korn–Graubard": korn_graubard,
    "Yan–Su": yan_su,
}


def _effective(of_it: Share) -> float:
    """Equal weights that would have that variance; with none wrong, the drawn weights'."""
    if of_it.variance <= 0.0:
        return 1.0 / of_it.one_more
    return of_it.rate * (1.0 - of_it.rate) / of_it.variance


def _spread(one: Tally, of_unit: float) -> float:
    return (1.0 - one.drawn / one.size) * of_unit / one.drawn


def _wilson(rate: float, n: float, z: float) -> Interval:
    middle = rate + z**2 / (2.0 * n)
    half = z * sqrt(rate * (1.0 - rate) / n + z**2 / (4.0 * n**2))
    return (middle - half) / (1.0 + z**2 / n), (middle + half) / (1.0 + z**2 / n)
