"""A bank's reply to a request about thousands: an index over its bytes, read by place (pure).

The lines of 50,000 persons are never taken apart at once: beside the bytes as they came stand
three numbers a line. A person is settled as in `parts`, but for one thing: a line that says that
there is no account settles nobody by itself, so that the parts' order changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connectors.bank.parse import Bank, outcome_of
from connectors.bank.parts import beside_strays, checked, parts_expected, sequence_in
from connectors.contract import AskedPerson, SourceReply, Unknown
from connectors.contract_bulk import PlacedReply
from connectors.failure import Failure, FailureKind, SourceError

Numbers: TypeAlias = NDArray[np.int64]

_NONE: Final = -1
"""Stands for the number of a line that has none."""
_LEFT_OUT: Final = Failure(FailureKind.INCOMPLETE, "the reply has no line about the person")


@dataclass(frozen=True, slots=True, eq=False)
class IndexedPart:
    """A whole part: its bytes, and of each line the sequence number, start and end."""

    body: bytes = field(repr=False)
    sequences: Numbers
    starts: Numbers
    ends: Numbers
    made_on: date | None


def indexed(name: str, body: bytes) -> IndexedPart:
    """Check a part and index it; raises `SourceError` for one that is damaged or another's."""
    lines, made_on = checked(name, body)
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    written = np.fromiter((len(line.rstrip(b"\r\n")) for line in lines), np.int64, len(lines))
    numbers = (sequence_in(line) for line in lines)
    sequences = np.fromiter((_NONE if n is None else n for n in numbers), np.int64, len(lines))
    header = _after_first_line(body)
    starts = header + np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))[:-1]
    return IndexedPart(body, sequences, starts, starts + written, made_on)


def _after_first_line(body: bytes) -> int:
    end = next(place for place, sign in enumerate(body) if sign in b"\r\n")
    return end + (2 if body[end : end + 2] == b"\r\n" else 1)


@dataclass(frozen=True, eq=False)
class BankReading:
    """The parts that have come of `of`, and why others are of no use."""

    bank: Bank
    last: int  # the highest sequence number asked about
    of: int
    whole: Mapping[int, IndexedPart]
    useless: Mapping[int, Failure]

    @classmethod
    def over(
        cls, bank: Bank, last: int, names: Mapping[int, str], bodies: Sequence[bytes | Failure]
    ) -> "BankReading":
        """Of the parts by their names, with their bytes or why there are none."""
        whole: dict[int, IndexedPart] = {}
        useless: dict[int, Failure] = {}
        for (place, name), body in zip(names.items(), bodies, strict=True):
            if isinstance(body, Failure):
                useless[place] = body
                continue
            try:
                whole[place] = indexed(name, body)
            except SourceError as error:
                useless[place] = error.failure
        return cls(bank, last, parts_expected(next(iter(names.values()))), whole, useless)

    @property
    def parts(self) -> frozenset[int]:
        """Whole or useless."""
        return frozenset((*self.whole, *self.useless))

    @property
    def complete(self) -> bool:
        """All parts are here, whole or useless."""
        return len(self.whole) + len(self.useless) == self.of

    @property
    def final(self) -> bool:
        """Lines out of order may be about anybody settled before."""
        return self._in_order

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        """All once complete; before, those between whose lines and the gaps stand others'."""
        if self.complete:
            return places
        if not self._in_order:
            return ()
        open_ = self._open_edges
        return [place for place in places if place not in open_ and self._lines_of(place).size]

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        """By the lines under each one's number."""
        return [self._reply(place, person) for place, person in asked.items()]

    def _reply(self, place: int, person: AskedPerson) -> PlacedReply:
        if not self._is_whole(place):
            failure = self._why_unsettled
            unknown = SourceReply(
                person=person.ref, institution=self.bank.name, outcome=Unknown(failure)
            )
            return PlacedReply(place, unknown, failure.repeatable and bool(self.useless))
        found = [self._line(position) for position in self._lines_of(place)]
        lines = [line for line, _ in found]
        outcome = outcome_of(lines, person, self.bank, stray=self._strays.get(place))
        reply = SourceReply(
            person=person.ref,
            institution=self.bank.name,
            outcome=outcome,
            as_of=min((day for _, day in found if day is not None), default=None),
            raw=b"\r\n".join(lines),
        )
        return PlacedReply(place, reply)

    def _is_whole(self, place: int) -> bool:
        """Whether the lines that are here are all the person's lines."""
        if not self._lines_of(place).size:
            return False
        if len(self.whole) == self.of:
            return True
        return self._in_order and place not in self._open_edges

    @cached_property
    def _order(self) -> Sequence[int]:
        return sorted(self.whole)

    @cached_property
    def _sequences(self) -> Numbers:
        """Of all lines, part after part."""
        numbers = [self.whole[place].sequences for place in self._order]
        return np.concatenate(numbers) if numbers else np.zeros(0, np.int64)

    @cached_property
    def _in_order(self) -> bool:
        known = self._sequences[self._sequences != _NONE]
        return bool(np.all(known[:-1] <= known[1:]))

    @cached_property
    def _sorted(self) -> tuple[Numbers, Numbers]:
        """The lines' positions by their numbers, and the numbers in that order."""
        positions = np.argsort(self._sequences, kind="stable")
        return positions, self._sequences[positions]

    def _lines_of(self, place: int) -> Numbers:
        positions, numbers = self._sorted
        first, after = np.searchsorted(numbers, (place, place + 1))
        return positions[first:after]

    @cached_property
    def _begins(self) -> Numbers:
        """The position of each part's first line."""
        sizes = [len(self.whole[place].sequences) for place in self._order]
        return np.cumsum([0, *sizes])

    def _line(self, position: np.int64) -> tuple[bytes, date | None]:
        """A line's bytes and the date of its part."""
        index = int(np.searchsorted(self._begins, position, side="right")) - 1
        part = self.whole[self._order[index]]
        within = position - self._begins[index]
        return part.body[part.starts[within] : part.ends[within]], part.made_on

    @cached_property
    def _open_edges(self) -> frozenset[int]:
        """The numbers that stand next to a part that is not here."""
        known = {
            place: part.sequences[part.sequences != _NONE] for place, part in self.whole.items()
        }
        here = {place: numbers for place, numbers in known.items() if numbers.size}
        edges: set[int] = set()
        for place, numbers in here.items():
            if place > 1 and place - 1 not in here:
                edges.add(int(numbers[0]))
            if place < self.of and place + 1 not in here:
                edges.add(int(numbers[-1]))
        return frozenset(edges)

    @cached_property
    def _strays(self) -> Mapping[int, FailureKind]:
        numbers = self._sequences
        if bool(np.all((numbers >= 1) & (numbers <= self.last))):
            return {}
        listed = [None if number == _NONE else int(number) for number in numbers]
        return beside_strays(listed, self.last)

    @cached_property
    def _why_unsettled(self) -> Failure:
        """A damaged part can be had again; in whole parts the bank left the person out."""
        failures = [self.useless[place] for place in sorted(self.useless)]
        helped = [failure for failure in failures if failure.repeatable]
        return (*helped, *failures, _LEFT_OUT)[0]
