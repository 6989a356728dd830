"""Second readings 复读 of a random part correct the first ones: two-phase estimators.

All n drawn units are read once (y₁), m of them again by somebody who does not know the first
result (y₂); the second reading is the truth.

- **Difference**: Σ W(ȳ₁ + mean of y₂ − y₁), unbiased over both draws, of variance
  Σ W²[(1/n − 1/N)S²(y₂) + (1/m − 1/n)S²(y₂ − y₁)] (Cochran 1977, 12.2; Särndal, Swensson & Wretman
  1992, 9.6).
- **Regression** on the first reading, which for yes and no is q·a + (1 − q)·b: the share found
  wrong times the share of those upheld, plus the share found right times what was missed in them
  (Tenenbein 1970). Of variance Σ W²[(1/n − 1/N)S²(fit) + (1/m − 1/N)S²(residual)]. It stays within
  0 and 1 and is the more exact one where the first reader errs both ways; it is the one shipped.

Its interval is that of `intervals.of_share` with the weight of one more error *missed*, 1/m; what
few upheld or overturned findings leave open of a is allowed for by half a finding more each way.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import (
    STANDARD,
    Estimate,
    Lack,
    Precision,
    TooFew,
    check_faults,
    judged,
)
from app.review.sampling.frame import Unit
from app.review.sampling.intervals import of_share
from app.review.sampling.readings import Audit, Fault, Reading, is_wrong
from app.review.sampling.tally import Share

Array: TypeAlias = NDArray[np.float64]
Value: TypeAlias = Callable[[Unit, Reading | None], float | None]
"""What is measured of a unit by a reading; None where that cannot tell."""


@dataclass(frozen=True, slots=True)
class TwoPhase:
    """Values of the units read, in columns; `second` is NaN where there is no second reading.

    `sizes` and `drawn` are the strata's units and drawn units, `stratum` each unit's place.
    """

    sizes: Array
    drawn: Array
    stratum: NDArray[np.intp]
    first: Array
    second: Array

    @property
    def again(self) -> NDArray[np.bool_]:
        """Who was read twice."""
        return ~np.isnan(self.second)

    @property
    def n(self) -> Array:
        return _totals(self.stratum, np.ones(len(self.stratum)), self.sizes)

    @property
    def m(self) -> Array:
        return _totals(self.stratum, self.again.astype(np.float64), self.sizes)

    @property
    def shares(self) -> Array:
        """Each stratum's share W of the frame."""
        return np.asarray(self.sizes / self.sizes.sum())

    @property
    def unread(self) -> float:
        return float(self.shares @ (1.0 - self.n / self.drawn))


def two_phase(audit: Audit, value: Value) -> TwoPhase:
    """Both readings' values of the whole frame."""
    place_of = {stratum.name: place for place, stratum in enumerate(audit.strata)}
    rows = []
    for one in audit.units:
        first, second = value(one.unit, one.first), value(one.unit, one.second)
        if first is not None:
            rows.append((place_of[one.stratum], first, np.nan if second is None else second))
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return TwoPhase(
        sizes=np.array([stratum.size for stratum in audit.strata], dtype=np.float64),
        drawn=np.array([stratum.drawn for stratum in audit.strata], dtype=np.float64),
        stratum=columns[:, 0].astype(np.intp),
        first=columns[:, 1],
        second=columns[:, 2],
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference estimate of a mean per unit of the frame, and its standard error."""

    mean: float
    standard_error: float


def difference(both: TwoPhase) -> Difference:
    """Of any value, amounts too; InvalidReadings where a stratum has no second reading."""
    n, m = both.n, both.m
    if np.any(m == 0.0):
        raise InvalidReadings("a stratum has no second reading: read one of it, or join it")
    again = both.again
    stratum, second = both.stratum[again], both.second[again]
    off = second - both.first[again]
    mean = both.shares @ (_totals(both.stratum, both.first, n) / n + _totals(stratum, off, m) / m)
    of_values = (1.0 / n - 1.0 / both.sizes) * _spread(second, stratum, m)
    of_readers = (1.0 / m - 1.0 / n) * _spread(off, stratum, m)
    variance = both.shares**2 @ (of_values + of_readers)
    return Difference(float(mean), float(variance) ** 0.5)


def _totals(stratum: NDArray[np.intp], values: Array, strata: Array) -> Array:
    """Sum within each of the strata."""
    return np.bincount(stratum, values, len(strata)).astype(np.float64)


def _spread(values: Array, stratum: NDArray[np.intp], numbers: Array) -> Array:
    """Variance within each stratum; where only one was read, that of all."""
    means = _totals(stratum, values, numbers) / numbers
    squares = _totals(stratum, (values - means[stratum]) ** 2, numbers)
    spread = squares / np.maximum(numbers - 1.0, 1.0)
    return np.where(numbers == 1.0, values.var(), spread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The rate as second readings correct it; its `n` and `found` count those.

    `first` is what the first readings alone give. `upheld` of the decisions first found wrong were
    found so again (None where none was read again), `missed` of those first found right were wrong.
    """

    rate: Estimate | TooFew
    first: float
    difference: Difference
    upheld: float | None
    missed: float | None


def corrected(
    audit: Audit,
    faults: Collection[Fault],
    *,
    precision: Precision = STANDARD,
    spared_fen: int = 0,
) -> Corrected | TooFew:
    """The frame's rate of decisions with any of the faults, by both readings.

    TooFew where a stratum has no second reading at all: of it nothing is known.
    """
    check_faults(audit, faults)

    def wrong(unit: Unit, reading: Reading | None) -> float | None:
        found = is_wrong(unit, reading, faults, spared_fen)
        return None if found is None else float(found)

    return corrected_of(two_phase(audit, wrong), precision)


def corrected_of(both: TwoPhase, precision: Precision = STANDARD) -> Corrected | TooFew:
    """The same of columns of 0 and 1."""
    if np.any(both.m == 0.0):
        return _unread(both)
    fit = _fitted(both)
    interval = of_share(*_to_one_side(both, fit), level=precision.level)
    found = int(both.second[both.again].sum())
    counts = (int(both.m.sum()), found, int(both.drawn.sum()) - len(both.first))
    share = Share(
        rate=fit.rate,
        variance=fit.variance,
        one_more=_one_more(both),
        size=float(both.sizes.sum()),
        unread=both.unread,
    )
    bounds = (min(interval[0], fit.rate), max(interval[1], fit.rate))
    return Corrected(
        rate=judged(share, bounds, counts, precision),
        first=fit.first,
        difference=difference(both),
        upheld=fit.upheld,
        missed=fit.missed,
    )


def _unread(both: TwoPhase) -> TooFew:
    n, empty = int(both.m.sum()), int(np.count_nonzero(both.m == 0.0))
    return TooFew(
        n=n,
        needed=n + empty,
        why=Lack.STRATUM_UNREAD,
        interval=(0.0, 1.0),
        worst_case=(0.0, 1.0),
        found=int(np.nansum(both.second)),
        unread=int(both.drawn.sum()) - len(both.first),
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The regression estimate and what it is made of.

    `reread` is the number of decisions found wrong and read again, as many equal weights would
    tell; `open_share` is the share of those found wrong that was not read again.
    """

    rate: float
    variance: float
    first: float
    upheld: float | None
    missed: float | None
    reread: float
    open_share: float


def _fitted(both: TwoPhase) -> _Fitted:
    n, m, again = both.n, both.m, both.again
    first = float(both.shares @ (_totals(both.stratum, both.first, n) / n))
    weights = (both.shares / m)[both.stratum]
    wrong = again & (both.first == 1.0)
    upheld = _mean(both.second, weights, wrong)
    missed = _mean(both.second, weights, again & (both.first == 0.0))
    # Nothing was found wrong, or nothing right, among those read again: the first is believed.
    a, b = 1.0 if upheld is None else upheld, 0.0 if missed is None else missed
    fit = np.where(both.first == 1.0, a, b)
    residual = (both.second - fit)[again]
    squares = both.shares**2
    of_fit = (1.0 / n - 1.0 / both.sizes) * _spread(fit, both.stratum, n)
    of_rest = (1.0 / m - 1.0 / both.sizes) * _spread(residual, both.stratum[again], m)
    total = float(weights[wrong].sum())
    return _Fitted(
        rate=first * a + (1.0 - first) * b,
        variance=float(squares @ (of_fit + of_rest)),
        first=first,
        upheld=upheld,
        missed=missed,
        reread=total**2 / float(weights[wrong] @ weights[wrong]) if total > 0.0 else 0.0,
        open_share=1.0 - float(np.count_nonzero(wrong)) / max(1.0, float(both.first.sum())),
    )


def _mean(values: Array, weights: Array, chosen: NDArray[np.bool_]) -> float | None:
    if not chosen.any():
        return None
    return float(weights[chosen] @ values[chosen] / weights[chosen].sum())


def _to_one_side(both: TwoPhase, fit: _Fitted) -> tuple[float, float, float]:
    """Mean, variance and weight of one more for the interval.

    Of the decisions found wrong and not read again the share upheld is (k + ½)/(m + 1): where all
    of two were upheld, a third need not be. A zero variance would say that it must.
    """
    a = 1.0 if fit.upheld is None else fit.upheld
    reread, part = fit.reread, fit.first * fit.open_share
    half = (a * reread + 0.5) / (reread + 1.0)
    mean = fit.rate + part * (half - a)
    counted = fit.first**2 * fit.open_share
    without = fit.variance - counted * a * (1.0 - a) / max(reread, 1.0)
    wider = max(0.0, without) + counted * half * (1.0 - half) / (reread + 2.0)
    return mean, max(fit.variance, wider), _one_more(both)


def _one_more(both: TwoPhase) -> float:
    """Weight of one more error missed, less what is certain."""
    m = both.m
    weights = both.shares / m * np.sqrt(np.maximum(0.0, 1.0 - m / both.sizes))
    total = float(m @ weights)
    return float(m @ weights**2) / total if total > 0.0 else 0.0
