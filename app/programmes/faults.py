"""What is wrong in a programme file, and where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from app.domain.errors import InvalidStandard

Steps: TypeAlias = tuple[str, ...]
"""The keys and list positions from the top of a file down to a part of it."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a text; both numbers start at 1."""

    line: int
    column: int


TOP = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault 错误; `place` is None where the file did not come as text."""

    file: str
    place: Place | None
    key: str
    words: str  # what is wrong and what is expected

    def __str__(self) -> str:
        where = "" if self.place is None else f"{self.place.line}:{self.place.column}:"
        return f"{self.file}:{where} {self.key}: {self.words}"

    @property
    def order(self) -> tuple[str, Place]:
        """Faults sort by file and place."""
        return self.file, self.place or TOP


class FaultyStandards(InvalidStandard):
    """Programme files that do not hold what they must; `faults` are all of them, by place.

    The message is the first fault and how many more there are.
    """

    def __init__(self, faults: Sequence[Fault], remedy: str = "") -> None:
        self.faults = in_order(faults)
        more = len(self.faults) - 1
        rest = f" (and {more} more{remedy})" if more else ""
        super().__init__(f"{self.faults[0]}{rest}")


def in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """By file and place.

    A part that is written once and used by several keys (YAML's anchors) has its fault once.
    """
    once: dict[tuple[str, Place | None, str, str], Fault] = {}
    for fault in faults:
        key = fault.key.rsplit(".", 1)[-1] if fault.place else fault.key
        once.setdefault((fault.file, fault.place, key, fault.words), fault)
    return tuple(sorted(once.values(), key=lambda fault: fault.order))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it, as the end of a sentence; empty where none is."""
    found = get_close_matches(name, sorted(known), n=1)
    return f"; is {found[0]} meant?" if found else ""
