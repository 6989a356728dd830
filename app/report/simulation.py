"""What a draft of a standard would change 政策模拟: stored totals judged anew, no source asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from app.domain.errors import DraftCountsOtherwise, NoStandardInForce, UnknownProgramme
from app.programmes.standard import Counting, Standard, Standards
from app.programmes.vector import YES, Bounds, TotalsArray, Truths, judge, monthly_gap
from app.report.simulation_tally import NO_STANDARD, Judged, Tally
from app.store.chosen_facts import Chosen
from app.store.facts import DecisionFacts, FactChunk
from app.store.packed_totals import totals_of

FINDINGS_ALONE: Final = frozenset(
    {"wage_difference_tolerance", "declared_tolerance", "stale_after_days", "lookback_months"}
)
"""Counting rules that make findings and change no total."""
APPROXIMATED: Final = "local_standard"
"""It changes a total through supporters' payments 赡养费 alone, which stay as they were counted."""
_Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A programme's draft beside what is in force on a day.

    `every_household`: the newest decision of each household is judged, whatever its programme; so
    it is where nobody decides for the programme yet.
    """

    current: Standards
    drafted: Standards
    programme: str
    day: date
    every_household: bool = False

    @property
    def is_new(self) -> bool:
        return self.programme not in self.current.programmes

    def chosen(self, region: str) -> Chosen:
        """The decisions that are judged anew."""
        every = self.every_household or self.is_new
        return Chosen(region, None if every else self.programme, one_a_household=every)

    def rules(self, region: str) -> "Pair":
        """What is in force there, and the draft."""
        before, after = (
            rule_in(standards, self.programme, region, self.day)
            for standards in (self.current, self.drafted)
        )
        return Pair(before, after)


@dataclass(frozen=True, slots=True)
class Rule:
    """A standard in force with those of the categories that it rests on."""

    standard: Standard
    categories: Mapping[str, Standard]

    @property
    def standards(self) -> tuple[Standard, ...]:
        return (self.standard, *self.categories.values())

    @property
    def key(self) -> _Key:
        """What households are judged by: regions of one key are judged together."""
        others = ((name, _own_key(one)) for name, one in sorted(self.categories.items()))
        return (*_own_key(self.standard), self.standard.holds_one_of, *others)


def _own_key(standard: Standard) -> _Key:
    share = standard.benefits.get("gap_share")
    each = None if share is None else standard.counting.local_standard
    return (standard.tests, share, each, bool(standard.left_to_case_system))


def rule_in(standards: Standards, programme: str, region: str, day: date) -> Rule | None:
    """None where no standard of the programme is in force there, or there is no such programme."""
    try:
        standard = standards.in_force(programme, region, day)
        others = {key: standards.in_force(key, region, day) for key in standard.holds_one_of}
    except (NoStandardInForce, UnknownProgramme):
        return None
    return Rule(standard, others)


@dataclass(frozen=True, slots=True)
class Pair:
    """Before and after in one place; None where there is no standard."""

    before: Rule | None
    after: Rule | None


@dataclass
class Simulation:
    """Judges chunk after chunk, and keeps what comes of it."""

    draft: Draft
    tally: Tally
    counted_otherwise: int = 0  # households counted under another version than the one in force
    standard_differs: bool = False  # the local standard, which supporters' payments rest on
    _places: dict[str, int] = field(default_factory=dict)
    _pairs: list[Pair] = field(default_factory=list)
    _by_key: dict[_Key, int] = field(default_factory=dict)
    _compared: dict[tuple[str, str], str] = field(default_factory=dict)

    def run(self, tx: sa.Connection, facts: DecisionFacts, region: str) -> None:
        """All decisions of the region. Raises DraftCountsOtherwise where totals do not suffice."""
        for chunk in facts.stream(tx, self.draft.chosen(region)):
            self.add(chunk)

    def add(self, chunk: FactChunk) -> None:
        places = np.array([self._place(region) for region in chunk.regions], dtype=np.int64)
        for pair in dict.fromkeys(zip(chunk.programmes, chunk.regions, strict=True)):
            if pair not in self._compared:
                self._compared[pair] = self._compare(*pair)
        self.counted_otherwise += sum(
            self._compared[programme, region] != standard
            for programme, region, standard in zip(
                chunk.programmes, chunk.regions, chunk.standards, strict=True
            )
        )
        totals = totals_of(chunk.totals)
        judged = Judged.nothing(len(chunk))
        for place in np.unique(places):
            rows = np.flatnonzero(places == place)
            _judge(self._pairs[int(place)], totals.some(rows), rows, judged)
        self.tally.add(chunk, judged)

    def _place(self, region: str) -> int:
        """The number of the rules of the region: of all regions with the same."""
        if region not in self._places:
            pair = self.draft.rules(region)
            key = tuple(None if rule is None else rule.key for rule in (pair.before, pair.after))
            if key not in self._by_key:
                self._by_key[key] = len(self._pairs)
                self._pairs.append(pair)
            self._places[region] = self._by_key[key]
        return self._places[region]

    def _compare(self, programme: str, region: str) -> str:
        """The id of the standard by which such decisions are counted today."""
        draft = self.draft
        counted = rule_in(draft.current, programme, region, draft.day)
        if counted is None:
            return ""
        ours = counted.standard.counting
        pair = draft.rules(region)
        rules = [rule for rule in (pair.after, pair.before) if rule is not None]
        for standard in (one for rule in rules for one in rule.standards):
            names = differing(ours, standard.counting)
            self.standard_differs |= APPROXIMATED in names
            decisive = [name for name in names if name != APPROXIMATED]
            if decisive:
                raise DraftCountsOtherwise(
                    f"{standard.id} counts otherwise than {counted.standard.id} does: "
                    f"{', '.join(decisive)}; stored totals do not tell, --recount does"
                )
        return counted.standard.id


def differing(one: Counting, other: Counting) -> list[str]:
    """The counting rules in which two differ, less those that change no total."""
    return [
        rule.name
        for rule in fields(Counting)
        if rule.name not in FINDINGS_ALONE and getattr(one, rule.name) != getattr(other, rule.name)
    ]


def _judge(pair: Pair, totals: TotalsArray, rows: NDArray[np.intp], into: Judged) -> None:
    before, after = _outcome(pair.before, totals), _outcome(pair.after, totals)
    into.before[rows], into.after[rows] = before, after
    gaps = (_paid(pair.before, before, totals), _paid(pair.after, after, totals))
    if gaps == (None, None):
        return
    nothing = (np.zeros(len(totals), dtype=np.int64), np.zeros(len(totals), dtype=np.int64))
    shares = {rule.standard.benefits.get("gap_share") for rule in (pair.before, pair.after) if rule}
    paid = (gaps[0] or nothing, gaps[1] or nothing)
    into.put(rows, paid, alike=len(shares - {None}) == 1)


def _outcome(rule: Rule | None, totals: TotalsArray) -> Truths:
    if rule is None:
        return np.full(len(totals), NO_STANDARD, dtype=np.int8)
    return judge(rule.standard, totals, rule.categories)


def _paid(rule: Rule | None, outcome: Truths, totals: TotalsArray) -> Bounds | None:
    """Fen a month to those who are confirmed; None where the programme pays no gap."""
    gap = None if rule is None else monthly_gap(rule.standard, totals)
    if gap is None:
        return None
    low, high = (np.where(outcome == YES, bound, 0) for bound in gap)
    return low, high
