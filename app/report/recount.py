"""A draft that counts otherwise: a sample concluded anew from its stored evidence 抽样重算."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import scipy  # its parts are loaded where they are first used

from app.domain.decision import Decision
from app.domain.errors import NoStandardInForce
from app.domain.money import as_text
from app.programmes.standard import Standards
from app.report.simulation import Draft
from app.report.simulation_tally import NO_STANDARD, WORDS
from app.verification.conclude import Case, Knowledge
from app.verification.what_if import Question, what_if

_CENTS: Final = 100
_NORMAL: Final = 1.959963984540054  # both sides of 95 %


@dataclass(frozen=True, slots=True)
class Recounted:
    """One household's outcomes, and fen a month paid: None where that is not exactly known."""

    before: str
    after: str
    before_fen: int | None
    after_fen: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """Drawn without replacement from so many, the same for the same seed."""

    population: int
    ids: tuple[str, ...]
    seed: int

    @classmethod
    def of(cls, ids: Sequence[str], size: int, seed: int) -> "Sample":
        drawn = random.Random(seed).sample(sorted(ids), min(size, len(ids)))  # noqa: S311 - to be drawn again
        return cls(len(ids), tuple(drawn), seed)


def recounted(case: Case, knowledge: Knowledge, draft: Draft) -> Recounted:
    """What is decided by what is in force, and by the draft; months and ages as they were."""
    before = None if draft.is_new else _decided(case, knowledge, draft, draft.current)
    after = _decided(case, knowledge, draft, draft.drafted)
    return Recounted(_outcome(before), _outcome(after), _fen(before), _fen(after))


def _decided(
    case: Case, knowledge: Knowledge, draft: Draft, standards: Standards
) -> Decision | None:
    try:
        answer = what_if(case, knowledge, _question(draft, standards))
    except NoStandardInForce:
        return None
    return answer.decisions[0]


def _question(draft: Draft, standards: Standards) -> Question:
    return Question(programmes=(draft.programme,), standards=standards, day=draft.day)


def _outcome(decision: Decision | None) -> str:
    return WORDS[NO_STANDARD] if decision is None else decision.outcome.value


def _fen(decision: Decision | None) -> int | None:
    """Nothing is paid to who is not confirmed; a confirmed one's amount may not be known."""
    if decision is None or decision.outcome.value != "confirmed":
        return 0
    gap = decision.benefit.get("monthly_gap")
    return None if gap is None else int(Decimal(gap) * _CENTS)


def extrapolated(sample: Sample, found: Sequence[Recounted]) -> dict[str, Any]:
    """The sample's shares and means for all, with 95 % intervals (Wilson 1927; Cochran 1977, 2.5).

    Both corrected for a sample that is a good part of all.
    """
    outcomes = Counter((one.before, one.after) for one in found)
    changed = sum(count for pair, count in outcomes.items() if pair[0] != pair[1])
    return {
        "population": sample.population,
        "sample": len(found),
        "seed": sample.seed,
        "changed": _households(changed, len(found), sample.population),
        "outcomes": [
            {"before": before, "after": after, **_households(count, len(found), sample.population)}
            for (before, after), count in sorted(outcomes.items())
        ],
        "cost": _cost(sample, found),
    }


def _households(count: int, size: int, population: int) -> dict[str, Any]:
    low, high = wilson(count, size, population)
    others = size - count  # which are known not to be of these
    return {
        "sampled": count,
        "households": round(population * count / size) if size else 0,
        "interval": [
            max(count, math.floor(population * low)),
            min(population - others, math.ceil(population * high)),
        ],
    }


def wilson(count: int, size: int, population: int) -> tuple[float, float]:
    """The interval of a share; the whole population, once all were drawn, has none."""
    if size == 0:
        return 0.0, 1.0
    share = count / size
    if size >= population:
        return share, share
    drawn = size * (population - 1) / (population - size)  # as many with replacement tell as much
    squared = _NORMAL**2
    middle = (share + squared / (2 * drawn)) / (1 + squared / drawn)
    spread = math.sqrt(share * (1 - share) / drawn + squared / (4 * drawn**2))
    half = _NORMAL * spread / (1 + squared / drawn)
    return max(0.0, middle - half), min(1.0, middle + half)


def _cost(sample: Sample, found: Sequence[Recounted]) -> dict[str, Any]:
    """By how much the payments of all change, yuan a month; of those whose amounts are known."""
    known = [
        one.after_fen - one.before_fen
        for one in found
        if one.before_fen is not None and one.after_fen is not None
    ]
    size, population = len(known), sample.population
    if size == 0:
        return {"difference": None, "interval": None, "not_exact": len(found)}
    mean = Decimal(sum(known)) / size
    half = Decimal(0)
    if 1 < size < population:
        spread = math.sqrt(float(sum((one - mean) ** 2 for one in known) / (size - 1)))
        error = spread * math.sqrt((1 - size / population) / size)
        half = Decimal(repr(float(scipy.stats.t.ppf(0.975, size - 1)) * error))
    total, wide = mean * population, half * population
    return {
        "difference": as_text(total / _CENTS),
        "interval": [as_text((total - wide) / _CENTS), as_text((total + wide) / _CENTS)],
        "not_exact": len(found) - size,
    }
