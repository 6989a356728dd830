"""Made-up counties that are audited again and again: strata, truths, and one simulated audit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.review.sampling.allocation import Allocation, allocate
from app.review.sampling.amounts import Amounts
from app.review.sampling.second_reading import TwoPhase
from app.review.sampling.tally import Tally

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

BANDS: Final = (0.8, 0.15, 0.05)  # of a town's households, by predicted risk
RELATIVE_RISK: Final = (1.0, 5.0, 20.0)
_SPREAD: Final = 0.4  # of towns' risks and truths, in logarithms
_LEAST: Final = 10  # units of a stratum
_PAID: Final = 60_000  # fen a month, in the middle
AUDITS_A_COUNTY: Final = 20


@dataclass(frozen=True, slots=True)
class Design:
    """`n` of so many households in `towns` × three bands of risk.

    `foreseen`: errors go with the predicted risk; else they are as frequent everywhere.
    """

    households: int
    towns: int
    n: int
    allocation: Allocation
    foreseen: bool = True

    def __str__(self) -> str:
        words = f"{self.n:,} of {self.households:,}, {self.allocation}, {3 * self.towns} strata"
        return words if self.foreseen else f"{words}, risk tells nothing"


DESIGNS: Final = (
    Design(12_000, 4, 456, Allocation.PROPORTIONAL),
    Design(12_000, 4, 456, Allocation.NEYMAN),
    Design(12_000, 24, 456, Allocation.NEYMAN),
    Design(12_000, 4, 456, Allocation.NEYMAN, foreseen=False),
    Design(1_200, 4, 456, Allocation.PROPORTIONAL),
    Design(3_000, 8, 1_000, Allocation.NEYMAN),
    Design(40_000, 24, 1_000, Allocation.NEYMAN),
    Design(40_000, 8, 1_000, Allocation.EQUAL),
    Design(40_000, 24, 2_400, Allocation.NEYMAN),
    Design(6_000, 24, 2_400, Allocation.PROPORTIONAL),
)
RATES: Final = (0.005, 0.02, 0.10)


@dataclass(frozen=True, slots=True)
class County:
    """Strata with their units, drawn and wrong ones; the rate is what is really wrong in it."""

    sizes: Counts
    numbers: Counts
    chances: Array  # of a unit of the stratum to be wrong

    def wrong(self, rng: np.random.Generator) -> Counts:
        return rng.binomial(self.sizes, self.chances)


def county(design: Design, rate: float, rng: np.random.Generator) -> County:
    """One county whose decisions are wrong with that chance in the mean."""
    share = rng.dirichlet(np.full(design.towns, 3.0))
    units = np.outer(share, BANDS).ravel() * design.households
    sizes = np.maximum(_LEAST, np.round(units)).astype(np.int64)
    relative = np.tile(RELATIVE_RISK, design.towns)
    predicted = relative * _by_town(design, rng)
    true = relative * _by_town(design, rng) if design.foreseen else np.ones(len(sizes))
    risk = np.clip(_with_mean(predicted, sizes, rate), 0.005, 0.6)
    pulls = {
        Allocation.PROPORTIONAL: sizes.astype(float),
        Allocation.NEYMAN: sizes * np.sqrt(risk * (1.0 - risk)),
        Allocation.EQUAL: np.ones(len(sizes)),
    }[design.allocation]
    numbers = allocate([int(size) for size in sizes], design.n, pulls=[float(p) for p in pulls])
    return County(sizes, np.array(numbers), np.clip(_with_mean(true, sizes, rate), 0.0, 0.6))


def _by_town(design: Design, rng: np.random.Generator) -> Array:
    return np.repeat(rng.lognormal(0.0, _SPREAD, design.towns), len(BANDS))


def _with_mean(relative: Array, sizes: Counts, rate: float) -> Array:
    return relative * (rate * float(sizes.sum()) / float(sizes @ relative))


def share_audits(
    design: Design, rate: float, audits: int, rng: np.random.Generator
) -> Iterator[tuple[float, list[Tally]]]:
    """True rate and counts of each audit; a new county every so many."""
    for number in range(audits):
        if number % AUDITS_A_COUNTY == 0:
            here = county(design, rate, rng)
            wrong = here.wrong(rng)
        found = rng.hypergeometric(wrong, here.sizes - wrong, here.numbers)
        yield (
            float(wrong.sum() / here.sizes.sum()),
            [
                Tally(size=int(size), drawn=int(n), inside=int(n), read=int(n), found=int(k))
                for size, n, k in zip(here.sizes, here.numbers, found, strict=True)
            ],
        )


def money_audits(
    design: Design, rate: float, audits: int, rng: np.random.Generator
) -> Iterator[tuple[float, Amounts]]:
    """True money rate and amounts of each audit.

    Of the wrong decisions three in ten pay all for nothing, five a part too much, two too little.
    """
    for number in range(audits):
        if number % AUDITS_A_COUNTY == 0:
            here = county(design, rate, rng)
            stratum = np.repeat(np.arange(len(here.sizes)), here.sizes)
            paid, error = _payments(here.chances[stratum], rng)
            starts = np.cumsum([0, *here.sizes[:-1]])
        drawn = np.concatenate(
            [
                start + rng.choice(size, n, replace=False)
                for start, size, n in zip(starts, here.sizes, here.numbers, strict=True)
            ]
        )
        yield (
            float(error.sum() / paid.sum()),
            Amounts(
                sizes=here.sizes,
                stratum=stratum[drawn].astype(np.intp),
                paid=paid[drawn],
                error=error[drawn],
                inside=len(drawn),
                unread=0,
                drawn_fen=1.0,
                unread_fen=0.0,
            ),
        )


def _payments(chances: Array, rng: np.random.Generator) -> tuple[Counts, Counts]:
    count = len(chances)
    paid = np.round(_PAID * rng.lognormal(0.0, 0.5, count))
    kind = rng.random(count)
    part = np.where(
        kind < 0.8, paid * rng.beta(1.0, 3.0, count), _PAID * rng.lognormal(-1.0, 0.7, count)
    )
    wrong = rng.random(count) < chances
    error = np.where(wrong, np.where(kind < 0.3, paid, np.round(part)), 0.0)
    return paid.astype(np.int64), error.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Readers:
    """Of the first reader: the share of errors missed, and of right decisions found wrong."""

    missed: float
    false_alarms: float
    second_share: float


def double_audits(
    design: Design, rate: float, audits: int, readers: Readers, rng: np.random.Generator
) -> Iterator[tuple[float, TwoPhase]]:
    """True rate and both readings of each audit; the second reader is right."""
    for number in range(audits):
        if number % AUDITS_A_COUNTY == 0:
            here = county(design, rate, rng)
            wrong = here.wrong(rng)
            least = int(np.minimum(2, here.numbers).sum())
            twice = allocate(
                [int(n) for n in here.numbers],
                max(least, round(readers.second_share * design.n)),
                pulls=[float(n) for n in here.numbers],
            )
        found = rng.hypergeometric(wrong, here.sizes - wrong, here.numbers)
        yield (
            float(wrong.sum() / here.sizes.sum()),
            _read(here, found, np.array(twice), readers, rng),
        )


def _read(
    here: County,
    found: Counts,
    twice: Counts,
    readers: Readers,
    rng: np.random.Generator,
) -> TwoPhase:
    """The drawn units of a stratum stand in random order: the first are wrong, any are reread."""
    stratum = np.repeat(np.arange(len(here.sizes)), here.numbers)
    place = np.concatenate([np.arange(n) for n in here.numbers])
    truth = (place < found[stratum]).astype(np.float64)
    chance = np.where(truth == 1.0, 1.0 - readers.missed, readers.false_alarms)
    first = (rng.random(len(truth)) < chance).astype(np.float64)
    rank = np.concatenate([rng.permutation(n) for n in here.numbers])
    return TwoPhase(
        sizes=here.sizes.astype(np.float64),
        drawn=here.numbers.astype(np.float64),
        stratum=stratum.astype(np.intp),
        first=first,
        second=np.where(rank < twice[stratum], truth, np.nan),
    )
