"""Adds up what a simulation found: who changes, what it costs, where, and whom it moves most."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.domain.money import as_text
from app.programmes.vector import NO, NO_BOUND, OPEN, YES, Bounds, Truths, Whole
from app.store.facts import FactChunk

NO_STANDARD: Final = 3
WORDS: Final[Mapping[int, str]] = {
    YES: "confirmed",
    NO: "not_confirmed",
    OPEN: "undetermined",
    NO_STANDARD: "no_standard",
}
"""Outcomes as codes, and where no standard of the programme is in force."""
_CODES: Final = len(WORDS)
_LARGEST: Final = 10
_CENTS: Final = 100
Flags: TypeAlias = NDArray[np.bool_]
SUMS: Final = ("before_low", "before_high", "after_low", "after_high", "least", "most")


@dataclass(slots=True)
class Judged:
    """A chunk's outcomes before and after, and the fen a month that follow from them.

    `least` and `most`: by how much each household's payment changes.
    """

    before: Truths
    after: Truths
    amounts: Mapping[str, Whole]  # by the names of SUMS
    unbounded: Mapping[str, Flags]
    pays: bool = False  # one of the standards pays the gap

    @classmethod
    def nothing(cls, count: int) -> "Judged":
        return cls(
            before=np.full(count, NO_STANDARD, dtype=np.int8),
            after=np.full(count, NO_STANDARD, dtype=np.int8),
            amounts={name: np.zeros(count, dtype=np.int64) for name in SUMS},
            unbounded={name: np.zeros(count, dtype=np.bool_) for name in SUMS},
        )

    def put(self, rows: NDArray[np.intp], paid: "tuple[Bounds, Bounds]", *, alike: bool) -> None:
        """What is paid before and after to these rows.

        `alike`: both fall alike as income rises, so that an end of the one belongs to an end of
        the other; else any may meet any.
        """
        self.pays = True
        (before_low, before_high), (after_low, after_high) = paid
        ends = (after_low - before_low, after_high - before_high)
        if not alike:
            ends = (after_low - before_high, after_high - before_low)
        values = (*paid[0], *paid[1], np.minimum(*ends), np.maximum(*ends))
        before_open, after_open = before_high == NO_BOUND, after_high == NO_BOUND
        either = before_open | after_open
        nowhere = np.zeros(len(rows), dtype=np.bool_)
        is_open = (nowhere, before_open, nowhere, after_open, either, either)
        for name, value, none in zip(SUMS, values, is_open, strict=True):
            self.amounts[name][rows] = np.where(none, 0, value)
            self.unbounded[name][rows] = none


@dataclass(frozen=True, slots=True, order=True)
class Moved:
    """A household whose payment changes; sorted by how much."""

    fen: int
    verification_id: str
    region: str
    before: str
    after: str
    change: int


class Tally:
    """Sums by region at a level, all of whole numbers."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._places: dict[str, int] = {}
        self._outcomes: Counter[tuple[int, int, int]] = Counter()
        self._members: Counter[tuple[int, int, int]] = Counter()
        self._sums: dict[int, Counter[str]] = {}
        self._largest: list[Moved] = []
        self.expected_wrong = 0.0
        self.pays = False

    def add(self, chunk: FactChunk, judged: Judged) -> None:
        self.pays |= judged.pays
        self.expected_wrong += float(chunk.error_rates.sum())
        places = self._codes(chunk)
        codes = (places * _CODES + judged.before) * _CODES + judged.after
        households = np.bincount(codes)
        members = np.zeros(len(households), dtype=np.int64)
        np.add.at(members, codes, chunk.household_sizes)
        for code in np.flatnonzero(households):
            key = (int(code) // _CODES**2, int(code) // _CODES % _CODES, int(code) % _CODES)
            self._outcomes[key] += int(households[code])
            self._members[key] += int(members[code])
        if judged.pays:
            self._add_money(places, judged)
            self._add_largest(chunk, judged)

    def _codes(self, chunk: FactChunk) -> Whole:
        places = self._places
        names = [region[: self._level] for region in chunk.regions]
        return np.array([places.setdefault(one, len(places)) for one in names], dtype=np.int64)

    def _add_money(self, places: Whole, judged: Judged) -> None:
        for name in SUMS:
            sums = np.zeros(len(self._places), dtype=np.int64)
            np.add.at(sums, places, judged.amounts[name])
            for place in np.flatnonzero(sums):
                self._sums.setdefault(int(place), Counter())[name] += int(sums[place])
            for place in np.unique(places[judged.unbounded[name]]):
                self._sums.setdefault(int(place), Counter())[f"{name}_open"] += 1

    def _add_largest(self, chunk: FactChunk, judged: Judged) -> None:
        """By the change that is sure: the end that is nearer to none."""
        least, most = judged.amounts["least"], judged.amounts["most"]
        sure = np.where(least > 0, least, np.where(most < 0, most, 0))
        change = np.where(judged.unbounded["least"], 0, sure)
        size = np.abs(change)
        few = min(_LARGEST, len(size))
        moved = [
            Moved(
                fen=int(size[row]),
                verification_id=chunk.verification_ids[row],
                region=chunk.regions[row],
                before=WORDS[int(judged.before[row])],
                after=WORDS[int(judged.after[row])],
                change=int(change[row]),
            )
            for row in np.argpartition(-size, few - 1)[:few]
            if size[row]
        ]
        self._largest = nlargest(_LARGEST, [*self._largest, *moved])

    def document(self) -> dict[str, Any]:
        """All of it as the command's JSON: money as decimal strings, yuan a month."""
        every = range(len(self._places))
        return {
            **self._part(every),
            "cost": self._cost(every),
            "expected_wrong": round(self.expected_wrong, 6),
            "regions": [
                {"region": name, **self._part((place,)), "cost": self._cost((place,))}
                for name, place in sorted(self._places.items())
            ],
            "largest": [_moved(one) for one in self._largest],
        }

    def _part(self, places: "range | tuple[int, ...]") -> dict[str, Any]:
        wanted = set(places)
        households: Counter[tuple[int, int]] = Counter()
        members: Counter[tuple[int, int]] = Counter()
        for (place, *pair), count in self._outcomes.items():
            if place in wanted:
                households[pair[0], pair[1]] += count
                members[pair[0], pair[1]] += self._members[place, pair[0], pair[1]]
        changed = [pair for pair in households if pair[0] != pair[1]]
        return {
            "households": households.total(),
            "members": members.total(),
            "changed_households": sum(households[pair] for pair in changed),
            "changed_members": sum(members[pair] for pair in changed),
            "outcomes": [
                {
                    "before": WORDS[before],
                    "after": WORDS[after],
                    "households": households[before, after],
                    "members": members[before, after],
                }
                for before, after in sorted(households)
            ],
        }

    def _cost(self, places: "range | tuple[int, ...]") -> dict[str, Any] | None:
        """Yuan a month of the confirmed ones' gaps; None where no gap is paid."""
        if not self.pays:
            return None
        sums: Counter[str] = Counter()
        for place in places:
            sums.update(self._sums.get(place, Counter()))
        return {
            "before": _range(sums, "before_low", "before_high"),
            "after": _range(sums, "after_low", "after_high"),
            "difference": _range(sums, "least", "most"),
        }


def _range(sums: Counter[str], low: str, high: str) -> Any:
    """A decimal string, or {"min", "max"} where some are intervals (null: no bound)."""
    is_open = sums[f"{high}_open"] > 0
    if not is_open and sums[low] == sums[high]:
        return _yuan(sums[low])
    least = None if sums[f"{low}_open"] else _yuan(sums[low])
    return {"min": least, "max": None if is_open else _yuan(sums[high])}


def _yuan(fen: int) -> str:
    return as_text(Decimal(fen) / _CENTS)


def _moved(one: Moved) -> dict[str, Any]:
    return {
        "verification": one.verification_id,
        "region": one.region,
        "before": one.before,
        "after": one.after,
        "change": _yuan(one.change),
    }
