"""Money errors 金额差错 by what is paid: too much and too little, by linearisation and bootstrap.

The rate is Σ error / Σ paid, a ratio of two stratified totals (Cochran 1977, 6.11, the combined
ratio estimator). Its variance is that of the linearised u = (error − R·paid)/Σpaid, stratum by
stratum with finite-population correction (Cochran 1977, 6.12; Lohr 2010, 4.1). Errors are few and
of unequal size, so that neither the normal interval nor the bootstrap's holds its level (measured,
see the README): the interval shipped is the mid-P of a weighted sum, see `intervals`, where one
more error is of the size Σx²/Σx, of what is paid or of the errors found, whichever is more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import (
    STANDARD,
    Estimate,
    Interval,
    Precision,
    TooFew,
    everywhere,
    judged,
)
from app.review.sampling.frame import Decided
from app.review.sampling.intervals import LEVEL, of_amount
from app.review.sampling.readings import Audit, Reviewed
from app.review.sampling.tally import Share, Within

Array: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]

REPLICATES: Final = 1000
_HALF: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Units of a sample in columns: stratum's place, what was paid, what of it was wrong, in fen.

    Units outside the domain pay nothing and have no error. Unread ones are left out; of the money
    drawn, each unit weighed as drawn, `unread_fen` is theirs. `sizes` are the strata's units.
    """

    sizes: NDArray[np.int64]
    stratum: Places
    paid: NDArray[np.int64]
    error: NDArray[np.int64]
    inside: int
    unread: int
    drawn_fen: float
    unread_fen: float

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Read units of each stratum."""
        return np.bincount(self.stratum, minlength=len(self.sizes))

    @property
    def weights(self) -> Array:
        """Units of the frame that each stands for."""
        return (self.sizes / np.maximum(self.numbers, 1))[self.stratum]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRate:
    """A rate of money with its totals a month over the frame or domain, in fen, as estimated."""

    rate: Estimate | TooFew
    error_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyErrors:
    """Paid too much, too little, and the sum of both, each by what is paid."""

    over: MoneyRate
    under: MoneyRate
    total: MoneyRate


def money_errors(
    audit: Audit, *, within: Within = everywhere, precision: Precision = STANDARD
) -> MoneyErrors:
    """Of the confirmed decisions, by the first readings.

    InvalidReadings for another kind, where what is paid is not known of a drawn unit, or where
    nothing is paid in the domain or nothing read in a stratum of it.
    """
    sides: dict[str, Callable[[int, int], int]] = {
        "over": lambda paid, due: max(0, paid - due),
        "under": lambda paid, due: max(0, due - paid),
        "total": lambda paid, due: abs(paid - due),
    }
    rates = {
        side: money_rate(amounts_of(audit, within, error), precision)
        for side, error in sides.items()
    }
    return MoneyErrors(**rates)


def amounts_of(audit: Audit, within: Within, error: Callable[[int, int], int]) -> Amounts:
    """The audit's read units in columns; `error` of what is paid and what is due."""
    if audit.decided is not Decided.CONFIRMED:
        raise InvalidReadings(f"nothing is paid on {audit.decided} decisions: there is no rate")
    place_of = {stratum.name: place for place, stratum in enumerate(audit.strata)}
    rows: list[tuple[int, int, int]] = []
    inside, unread, drawn_fen, unread_fen = 0, 0, 0.0, 0.0
    for one in audit.units:
        if not within(one.unit):
            rows.append((place_of[one.stratum], 0, 0))
            continue
        inside += 1
        paid, due = _paid(one), one.first.due_fen if one.first is not None else None
        stands_for = paid / audit.strata[place_of[one.stratum]].chance
        drawn_fen += stands_for
        if due is None:
            unread += 1
            unread_fen += stands_for
        else:
            rows.append((place_of[one.stratum], paid, error(paid, due)))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Amounts(
        sizes=np.array([stratum.size for stratum in audit.strata], dtype=np.int64),
        stratum=columns[:, 0].astype(np.intp),
        paid=columns[:, 1],
        error=columns[:, 2],
        inside=inside,
        unread=unread,
        drawn_fen=drawn_fen,
        unread_fen=unread_fen,
    )


def _paid(one: Reviewed) -> int:
    if one.unit.monthly_fen is None:
        raise InvalidReadings(f"{one.unit.id}: what is paid a month is not known")
    return one.unit.monthly_fen


def money_rate(amounts: Amounts, precision: Precision = STANDARD) -> MoneyRate:
    """The ratio, its interval, and the totals."""
    of_it, one_more = ratio(amounts)
    found = int(np.count_nonzero(amounts.error))
    interval = of_amount(of_it.rate, of_it.variance, one_more, level=precision.level)
    low, high = min(interval[0], of_it.rate), max(interval[1], of_it.rate)
    counts = (amounts.inside - amounts.unread, found, amounts.unread)
    return MoneyRate(
        rate=judged(of_it, (low, high), counts, precision),
        error_fen=_total(amounts, amounts.error),
        paid_fen=_total(amounts, amounts.paid),
    )


def ratio(amounts: Amounts) -> tuple[Share, float]:
    """Σ error / Σ paid with its variance, and what one more error would add.

    The share's own `one_more` is that of a unit, for planning. An unread unit counts in `unread`
    with what it is paid.
    """
    numbers, weights = amounts.numbers, amounts.weights
    paid = float(weights @ amounts.paid)
    if paid <= 0.0:
        raise InvalidReadings("nothing is paid in the domain: there is no rate by what is paid")
    if np.any(numbers == 0):
        raise InvalidReadings("nothing was read in a stratum: join it to another or read it")
    rate = float(weights @ amounts.error) / paid
    left = np.sqrt(np.maximum(0.0, 1.0 - numbers / amounts.sizes))[amounts.stratum]
    open_to_chance = (weights * left)[amounts.paid > 0]
    total = float(open_to_chance.sum())
    weight = float(open_to_chance @ open_to_chance) / total if total > 0.0 else 0.0
    size = max(_contraharmonic(amounts.paid), _contraharmonic(amounts.error))
    units = float(weights[amounts.paid > 0].sum())
    of_it = Share(
        rate=rate,
        variance=_variance((amounts.error - rate * amounts.paid) / paid, amounts),
        one_more=weight / units,
        size=units,
        unread=amounts.unread_fen / amounts.drawn_fen,
    )
    return of_it, weight * size / paid


def _contraharmonic(fen: NDArray[np.int64]) -> float:
    """Σx²/Σx: the mean size where one fen in all is as likely as the other to be hit."""
    total = float(fen.sum())
    return float(fen.astype(np.float64) @ fen) / total if total > 0.0 else 0.0


def _variance(linearised: Array, amounts: Amounts) -> float:
    """Of Σ weight·u; a stratum of which only one was read borrows the spread of all."""
    numbers, sizes = amounts.numbers, amounts.sizes
    means = np.bincount(amounts.stratum, linearised, len(sizes)) / numbers
    squares = (linearised - means[amounts.stratum]) ** 2
    spread = np.bincount(amounts.stratum, squares, len(sizes)) / np.maximum(numbers - 1, 1)
    lone = (numbers == 1) & (sizes > 1)
    spread[lone] = linearised.var()
    left = 1.0 - numbers / sizes
    return float(np.sum(sizes.astype(np.float64) ** 2 * left * spread / numbers))


def _total(amounts: Amounts, fen: NDArray[np.int64]) -> int:
    """The frame's total in whole fen, without a float on the way."""
    total = Fraction(0)
    for place, (size, n) in enumerate(zip(amounts.sizes, amounts.numbers, strict=True)):
        here = fen[amounts.stratum == place]
        total += Fraction(int(size) * sum(int(each) for each in here), int(n))
    return floor(total + _HALF)


def bootstrap(
    amounts: Amounts, *, seed: int, replicates: int = REPLICATES, level: float = LEVEL
) -> Interval:
    """Percentile interval of the ratio by the rescaling bootstrap of Rao & Wu 1988, with FPC.

    Of each stratum's n units n − 1 are drawn with replacement, and a unit drawn t times weighs
    w·(1 − λ + λ·t·n/(n − 1)), λ = √(1 − n/N). It needs errors enough to draw from: use it beside
    the shipped interval, not in its place.
    """
    rng = np.random.default_rng(seed)
    paid = np.zeros(replicates)
    error = np.zeros(replicates)
    for place, (size, n) in enumerate(zip(amounts.sizes, amounts.numbers, strict=True)):
        here = np.flatnonzero(amounts.stratum == place)
        weights = _resampled(rng, int(n), int(size), replicates)
        paid += weights @ amounts.paid[here]
        error += weights @ amounts.error[here]
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(error / paid, (tail, 1.0 - tail))
    return float(low), float(high)


def _resampled(rng: np.random.Generator, n: int, size: int, replicates: int) -> Array:
    """Weights of a stratum's units, a row for each replicate."""
    even = np.full((replicates, n), size / n)
    if n == 1 or n == size:
        return even
    share = np.sqrt(1.0 - n / size)
    times = rng.multinomial(n - 1, np.full(n, 1.0 / n), size=replicates)
    return np.asarray(even * (1.0 - share + share * times * n / (n - 1)))


def side_by_side(parts: Sequence[Amounts]) -> Amounts:
    """Several audits' amounts as one: their strata stay apart."""
    starts = np.cumsum([0, *(len(part.sizes) for part in parts[:-1])])
    return Amounts(
        sizes=np.concatenate([part.sizes for part in parts]),
        stratum=np.concatenate(
            [part.stratum + start for part, start in zip(parts, starts, strict=True)]
        ),
        paid=np.concatenate([part.paid for part in parts]),
        error=np.concatenate([part.error for part in parts]),
        inside=sum(part.inside for part in parts),
        unread=sum(part.unread for part in parts),
        drawn_fen=sum(part.drawn_fen for part in parts),
        unread_fen=sum(part.unread_fen for part in parts),
    )
