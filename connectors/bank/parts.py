"""Parts of a reply: which have come, whether they are whole, whose answer is settled (pure).

A reply comes in M parts in any order. Nothing is said about where a person's lines stand, so a
person is settled when nothing more can come: all parts are here, or the lines stand in order and
not at an edge at which a missing part goes on, or the one line says that there is no account.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Final

from connectors.bank.request import ENCODING, md5_of
from connectors.failure import Failure, FailureKind, SourceError

_PART_NAME: Final = re.compile(r"HDRSP_(\d{6}_\d{8}_\d{4})_([1-9]\d{0,2})of([1-9]\d{0,2})\.txt")
_SEQUENCE: Final = re.compile(rb"(\d{1,6})\|(N\|)?")
_TRAILER: Final = re.compile(rb"TR\|(\d{1,9})\|([0-9a-f]{32})(?:\r?\n)?")

MAX_LINES: Final = 500_000
"""Lines of a part that are read at most: ten for each person whom a request may name."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line between header and trailer, without its end; `sequence` None: it has none."""

    sequence: int | None
    body: bytes
    says_nothing_held: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is whole; `made_on` is the date in its header."""

    lines: tuple[Line, ...]
    made_on: date | None


def part_names(request: str, names: Iterable[str]) -> Mapping[int, str]:
    """Names of the parts that answer the request (by P), where their `.ok` is there too.

    Where names disagree on M, the M that is complete counts, else the one with most parts.
    """
    present = frozenset(names)
    numbers = request.removeprefix("HDREQ_")
    found: dict[int, dict[int, str]] = {}
    for name in present:
        match = _PART_NAME.fullmatch(name)
        if match is None or match[1] != numbers or f"{name.removesuffix('.txt')}.ok" not in present:
            continue
        place, of = int(match[2]), int(match[3])
        if place <= of:
            found.setdefault(of, {})[place] = name
    if not found:
        return {}
    of = max(found, key=lambda of: (len(found[of]) == of, len(found[of]), of))
    return dict(sorted(found[of].items()))


def parts_expected(part_name: str) -> int:
    """M of a part's name."""
    match = _PART_NAME.fullmatch(part_name)
    if match is None:
        raise ValueError("not the name of a part")
    return int(match[3])


def read_part(name: str, body: bytes) -> Part:
    """Check a part and take its lines apart; raises as `checked` does."""
    lines, made_on = checked(name, body)
    return Part(tuple(map(_line_of, lines)), made_on)


def checked(name: str, body: bytes) -> tuple[list[bytes], date | None]:
    """The lines between header and trailer, and the header's date, once count and MD5 are right.

    Raises `SourceError`: `MALFORMED` for a damaged part, `MISMATCHED` for another request's,
    `TOO_LARGE`.
    """
    if body.count(b"\n") + body.count(b"\r") > 2 * MAX_LINES:
        raise SourceError.of(FailureKind.TOO_LARGE, f"{name} has more than {MAX_LINES} lines")
    lines = body.splitlines(keepends=True)
    trailer = _TRAILER.fullmatch(lines[-1]) if len(lines) > 1 else None
    if trailer is None:
        raise SourceError.of(FailureKind.MALFORMED, f"{name} has no header or no trailer")
    if int(trailer[1]) != len(lines) - 2:
        raise SourceError.of(FailureKind.MALFORMED, f"{name} has not as many lines as it says")
    if trailer[2].decode(ENCODING) != md5_of(memoryview(body)[: -len(lines[-1])]):
        raise SourceError.of(FailureKind.MALFORMED, f"{name} does not match its MD5")
    return lines[1:-1], _made_on(name, lines[0])


def _made_on(name: str, header: bytes) -> date | None:
    fields = header.decode(ENCODING, errors="replace").rstrip("\r\n").split("|")
    if len(fields) != 4 or fields[0] != "HD":
        raise SourceError.of(FailureKind.MALFORMED, f"{name} has no header as agreed")
    if fields[1] != name.removesuffix(".txt"):
        raise SourceError.of(FailureKind.MISMATCHED, f"{name} holds a file of another name")
    try:
        return datetime.strptime(fields[3], "%Y%m%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None


def _line_of(line: bytes) -> Line:
    body = line.rstrip(b"\r\n")
    match = _SEQUENCE.match(body)
    if match is None:
        return Line(None, body)
    return Line(int(match[1]), body, says_nothing_held=match[2] is not None)


@dataclass(frozen=True)
class Arrived:
    """The parts that have come of M: whole ones and, with the reason, those of no use."""

    of: int
    whole: Mapping[int, Part]
    useless: Mapping[int, Failure]

    @property
    def complete(self) -> bool:
        """All M have come, useful or not."""
        return len(self.whole) + len(self.useless) == self.of

    @property
    def made_on(self) -> date | None:
        """The earliest date in the headers, None where one cannot be read."""
        days = [part.made_on for part in self.whole.values()]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None

    def only(self, places: Set[int]) -> "Arrived":
        """As it was when only these had come."""
        return Arrived(
            self.of,
            {place: part for place, part in self.whole.items() if place in places},
            {place: failure for place, failure in self.useless.items() if place in places},
        )

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines in the order of the parts."""
        return tuple(line for place in sorted(self.whole) for line in self.whole[place].lines)

    @cached_property
    def by_sequence(self) -> Mapping[int, tuple[Line, ...]]:
        """The lines of each sequence number."""
        found: dict[int, list[Line]] = {}
        for line in self.lines:
            if line.sequence is not None:
                found.setdefault(line.sequence, []).append(line)
        return {sequence: tuple(lines) for sequence, lines in found.items()}

    @cached_property
    def settled(self) -> frozenset[int]:
        """Sequence numbers about which nothing more can come."""
        if len(self.whole) == self.of:
            return frozenset(self.by_sequence)
        alone = frozenset(
            sequence
            for sequence, lines in self.by_sequence.items()
            if all(line.says_nothing_held for line in lines)
        )
        numbers = [line.sequence for line in self.lines if line.sequence is not None]
        if any(right < left for left, right in pairwise(numbers)):
            return alone
        return alone | (frozenset(numbers) - self._open_edges())

    def _open_edges(self) -> frozenset[int]:
        """The numbers that stand next to a part that is not here."""
        numbers = {
            place: [line.sequence for line in part.lines if line.sequence is not None]
            for place, part in self.whole.items()
        }
        here = {place for place, found in numbers.items() if found}  # an empty part joins nothing
        edges: set[int] = set()
        for place in here:
            if place > 1 and place - 1 not in here:
                edges.add(numbers[place][0])
            if place < self.of and place + 1 not in here:
                edges.add(numbers[place][-1])
        return frozenset(edges)


def sequence_in(line: bytes) -> int | None:
    """The sequence number with which a line begins."""
    match = _SEQUENCE.match(line)
    return None if match is None else int(match[1])


def beside_strays(sequences: Sequence[int | None], last: int) -> Mapping[int, FailureKind]:
    """Whom lines that belong to nobody (number missing or over `last`) may be about.

    Lines stand in the order of their numbers, so a stray belongs to a neighbour or to one between
    them; where they stand in no order, to anybody.
    """
    places = [_place_of(sequence, last) for sequence in sequences]
    known = [place for place in places if isinstance(place, int)]
    strays = [place for place in places if isinstance(place, FailureKind)]
    if any(right < left for left, right in pairwise(known)) and strays:
        return dict.fromkeys(range(1, last + 1), strays[0])
    found: dict[int, FailureKind] = {}
    before, stray = 1, None
    for place in (*places, last):
        if isinstance(place, FailureKind):
            stray = place
            continue
        if stray is not None:
            found.update(dict.fromkeys(range(before, place + 1), stray))
        before, stray = place, None
    return found


def _place_of(sequence: int | None, last: int) -> int | FailureKind:
    if sequence is None:
        return FailureKind.MALFORMED
    return sequence if 1 <= sequence <= last else FailureKind.MISMATCHED
