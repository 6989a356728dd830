"""What a reader of an audit is given to read, blind to the score, and which reading is due.

A reader sees which decision, and whether somebody read it before him: nothing of the outcome, the
predicted rate, the stratum, or whether the decision was drawn at random or for its risk. Both
parts stand in one random order and both have second readings at the same share, so that neither
place nor reading tells them apart. The screens of a reader must hide the error rate too. Whoever
had a word in a decision is not given it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.errors import Conflict
from app.review.audit_findings import FIRST, SECOND

Key = tuple[str, str]
"""Verification and programme."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who did which reading of a decision."""

    number: int
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn decision as its readers may know it; `second` says that two are to read it."""

    verification: str
    programme: str
    region: str
    position: int
    second: bool

    @property
    def key(self) -> Key:
        return (self.verification, self.programme)


@dataclass(frozen=True, slots=True)
class Task:
    """A reading that is due for a reader."""

    drawn: Drawn
    reading: int


def due(drawn: Drawn, done: Sequence[Reading], reader: str) -> int | None:
    """The reading that this reader may do now; None where there is none for him.

    The second is another person's than the first, and comes after it.
    """
    if any(one.reader == reader for one in done):
        return None
    numbers = {one.number for one in done}
    if FIRST not in numbers:
        return FIRST
    return SECOND if drawn.second and SECOND not in numbers else None


def worklist(
    drawn: Iterable[Drawn], done: Mapping[Key, Sequence[Reading]], reader: str
) -> list[Task]:
    """All that is due for the reader, in the sample's random order."""
    tasks = []
    for one in sorted(drawn, key=lambda one: one.position):
        reading = due(one, done.get(one.key, ()), reader)
        if reading is not None:
            tasks.append(Task(one, reading))
    return tasks


def reading_of(drawn: Drawn, done: Sequence[Reading], reader: str, said: int | None) -> int:
    """Which reading a finding is: the reader's own corrected, or the one that is due.

    `said` is what the reader takes it for. Raises `Conflict` where none is due, or another one is.
    """
    own = next((one.number for one in done if one.reader == reader), None)
    reading = due(drawn, done, reader) if own is None else own
    if reading is None:
        raise Conflict("somebody else has read this decision, and no second reading is due")
    if said not in (None, reading):
        raise Conflict(f"the reading that is due for this reader is {reading}")
    return reading
