"""What was observed of sources and households: counts and deviations that parameters learn from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from math import fsum

from app.error_rate.deviations import Deviation
from app.error_rate.holdings import SeenHolding
from app.error_rate.pooling import Count


class Kind(StrEnum):
    """What an observation tells of; what is of persons and households names no source.

    Of a registered member the relation to the head stands in its place.
    """

    MISSED = "missed"  # records that persons have and a complete answer lacks
    FALSE = "false"  # accepted records whose content is wrong for the person
    CHANGED = "changed"  # facts that ended or began unnoticed, in so many months
    AMOUNT = "amount"  # a true amount by the told one
    UNDECLARED_MEMBER = "undeclared_member"
    REGISTERED_MEMBER = "registered_member"  # registered and not declared, and belongs to it
    UNSEEN_INCOME = "unseen_income"  # adults with income that no source and no declaration shows
    DECLARED_UNSEEN = "declared_unseen"  # declared incomes that no source shows and that are there
    NEWCOMER_MEANS = "newcomer_means"  # members left out who have means of their own
    IMPUTED = "imputed"  # a true income by the imputed, or only declared, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """`hits` of `trials`, or the log ratio of an amount, with how it came to be looked at.

    `probability`: with which the decision was drawn for the audit that found it; its inverse is
    the observation's weight, so that a sample of the risky does not make all look risky.
    """

    source: str
    kind: Kind
    hits: int = 0
    trials: int = 0
    months: float | None = None
    log_ratio: float | None = None
    probability: float = 1.0
    observed_on: date

    def __post_init__(self) -> None:
        if not 0.0 < self.probability <= 1.0:
            raise ValueError("a probability of being looked at is above 0 and at most 1")
        if not 0 <= self.hits <= self.trials:
            raise ValueError("hits are from 0 up to as many as the trials")

    @property
    def weight(self) -> float:
        return 1.0 / self.probability

    @property
    def exposure(self) -> float | None:
        """Trials, and of changes the months of them; None where the months were not told."""
        if self.kind is not Kind.CHANGED:
            return float(self.trials)
        return None if self.months is None else self.trials * max(0.0, self.months)

    @property
    def row(self) -> str:
        """The observation as one line; two of one line tell the same."""
        parts = (self.source, self.kind.value, self.hits, self.trials, self.months, self.log_ratio)
        return ",".join(map(repr, (*parts, self.probability, self.observed_on.isoformat())))


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFrom:
    """What a version was learned from: rows, their period, and a digest that names them.

    `effective`: as many rows of equal weight as tell as much.
    """

    rows: int
    effective: float
    first: date | None
    last: date | None
    digest: str


def learned_from(
    observations: Iterable[Observation], held: Iterable[SeenHolding] = ()
) -> LearnedFrom:
    """What was observed, and what was seen to be held, which has no weight and no day."""
    rows, things = list(observations), list(held)
    days = [one.observed_on for one in rows]
    weights = [*(one.weight for one in rows), *(1.0 for _ in things)]
    lines = (*(one.row for one in rows), *(repr(one) for one in things))
    return LearnedFrom(
        rows=len(weights),
        effective=round(effective_number(weights), 2),
        first=min(days, default=None),
        last=max(days, default=None),
        digest=digest_of(lines),
    )


def digest_of(rows: Iterable[str]) -> str:
    """SHA-256 over the rows, whatever their order."""
    return "sha256:" + sha256("\n".join(sorted(rows)).encode()).hexdigest()


def effective_number(weights: Sequence[float]) -> float:
    """As many observations of equal weight as tell as much (Kish); 0 of none."""
    squares = fsum(one * one for one in weights)
    return fsum(weights) ** 2 / squares if squares > 0.0 else 0.0


def counts_of(observations: Iterable[Observation], kind: Kind) -> Mapping[str, Count]:
    """By source: the share of hits by weight (Hájek), of the effective number of trials."""
    by_source: dict[str, list[tuple[float, float, float]]] = {}
    for one in observations:
        if one.kind is kind and one.exposure:
            by_source.setdefault(one.source, []).append((one.weight, one.hits, one.exposure))
    return {source: _count(rows) for source, rows in by_source.items()}


def _count(rows: Sequence[tuple[float, float, float]]) -> Count:
    mass = fsum(weight * trials for weight, _, trials in rows)
    squares = fsum(weight * weight * trials for weight, _, trials in rows)
    share = min(1.0, fsum(weight * hits for weight, hits, _ in rows) / mass)
    trials = mass * mass / squares
    return Count(share * trials, trials)


def deviations_of(
    observations: Iterable[Observation], source: str, kind: Kind = Kind.AMOUNT
) -> tuple[Deviation, ...]:
    """The source's amounts; one whose age was not told counts as fresh."""
    return tuple(
        Deviation(one.log_ratio, one.months or 0.0, one.weight)
        for one in observations
        if one.source == source and one.kind is kind and one.log_ratio is not None
    )
