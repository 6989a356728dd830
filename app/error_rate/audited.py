"""Decisions whose truth is known 已核实的认定, as columns: predicted, wrong, weight, groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.error_rate.observed import LearnedFrom, digest_of, effective_number
from matching.calibration.labelled import Flags, Floats, Integers

Words = NDArray[np.str_]
UNKNOWN: Final = ""  # a group that is not told
_LARGE: Final = 5  # households of so many and more are one group


class GroupBy(StrEnum):
    """By what error is compared between groups; the region is the county's 6 digits."""

    PROGRAMME = "programme"
    REGION = "region"
    AREA = "area"
    ETHNIC_GROUP = "ethnic_group"
    HOUSEHOLD_SIZE = "household_size"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One decision: the rate predicted, with its interval where there is one, and if it was wrong.

    `weight`: decisions that it stands for, one over the probability of its being looked at.
    `case` is the same for the decisions of one verification. Groups by their code, "" if not told.
    """

    predicted: float
    wrong: bool
    interval: tuple[float, float] | None = None
    weight: float = 1.0
    case: str = ""
    known_on: date | None = None
    groups: Mapping[GroupBy, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class AuditedDecisions:
    """Audited decisions as columns; made by `audited_decisions`, the order has no meaning.

    Without an interval of its own a decision's `low` and `high` are its predicted rate.
    """

    predicted: Floats
    wrong: Floats
    weights: Floats
    low: Floats
    high: Floats
    cases: Words
    groups: Mapping[GroupBy, Words]
    learned_from: LearnedFrom

    def __len__(self) -> int:
        return len(self.predicted)

    def where(self, chosen: Flags | Integers) -> "AuditedDecisions":
        """The decisions that a mask or an index chooses; what they are from is told of all."""
        return AuditedDecisions(
            self.predicted[chosen],
            self.wrong[chosen],
            self.weights[chosen],
            self.low[chosen],
            self.high[chosen],
            self.cases[chosen],
            {by: words[chosen] for by, words in self.groups.items()},
            self.learned_from,
        )

    @property
    def effective(self) -> float:
        """As many decisions of equal weight as tell as much (Kish)."""
        return effective_number(self.weights.tolist())


def audited_decisions(audited: Sequence[Audited]) -> AuditedDecisions:
    """The decisions in columns. Raises ValueError for what is no rate and no weight."""
    rows = sorted(audited, key=lambda one: (_row(one), one.case))
    table = np.array([_numbers(one) for one in rows], dtype=np.float64).reshape(len(rows), 5)
    rates, weights = table[:, [0, 3, 4]], table[:, 2]
    if not np.all((rates >= 0.0) & (rates <= 1.0)):
        raise ValueError("a rate lies from 0 to 1")
    if not np.all(np.isfinite(weights) & (weights > 0.0)):
        raise ValueError("a weight lies above 0")
    return AuditedDecisions(
        table[:, 0],
        table[:, 1],
        weights,
        table[:, 3],
        table[:, 4],
        np.array([one.case for one in rows], dtype=np.str_),
        {by: _words(rows, by) for by in GroupBy},
        _learned_from(rows),
    )


def size_group(size: int) -> str:
    """The household's size as a group: `1` to `4`, `5+`."""
    return f"{_LARGE}+" if size >= _LARGE else str(size)


def _words(rows: Sequence[Audited], by: GroupBy) -> Words:
    return np.array([one.groups.get(by, UNKNOWN) for one in rows], dtype=np.str_)


def _numbers(one: Audited) -> tuple[float, float, float, float, float]:
    low, high = one.interval or (one.predicted, one.predicted)
    return one.predicted, float(one.wrong), one.weight, low, high


def _row(one: Audited) -> str:
    """The decision as one line, without the case, which may stand for people."""
    groups = [one.groups.get(by, UNKNOWN) for by in GroupBy]
    return ",".join(map(repr, (one.predicted, one.wrong, one.weight, one.interval, *groups)))


def _learned_from(rows: Sequence[Audited]) -> LearnedFrom:
    days = [one.known_on for one in rows if one.known_on is not None]
    return LearnedFrom(
        rows=len(rows),
        effective=round(effective_number([one.weight for one in rows]), 2),
        first=min(days, default=None),
        last=max(days, default=None),
        digest=digest_of(map(_row, rows)),
    )
