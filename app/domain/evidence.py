"""Answers of sources, and whose record each is."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

R = TypeVar("R", covariant=True)


class SourceState(StrEnum):
    """State of one source for one person, in the interface's words."""

    PENDING = "pending"
    ANSWERED = "answered"
    NO_RECORD = "no_record"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """What came of asking one source about one person.

    `complete` is true only where the source searched all it has: then what it did not return is
    known to be absent. A failed, pending or not asked source is never complete.
    """

    source: str
    person: str
    state: SourceState
    complete: bool
    records: int = 0
    answered_at: datetime | None = None
    attempts: int = 0
    detail: str | None = None
    data_as_of: date | None = None

    @property
    def is_open(self) -> bool:
        """Something may exist that was not returned."""
        return not self.complete


class Link(StrEnum):
    """Whose record it is: the person's, for a reviewer to say, or another's."""

    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Difference:
    """Aligned texts of the person and the record, equal ones starred (脱敏); `kind` says how."""

    kind: str
    left: str = field(repr=False)
    right: str = field(repr=False)
    part: str | None = None


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One field's comparison: level, log2 Bayes factor, words in zh and en.

    Where a person has to judge, the words name the difference and `differences` aligns both sides.
    """

    field: str
    level: str
    weight: float
    words: Mapping[str, str] = dataclasses.field(repr=False)
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Generic[R]):
    """A record that came back for a person, and the judgement whose it is."""

    id: str
    source: str
    person: str
    institution: str
    record: R = field(repr=False)
    link: Link
    probability: float
    decided_by: str  # "rule", "model", or a reviewer
    rule: str | None
    comparison: tuple[FieldEvidence, ...]
    prior: float
    raw_digest: str
    answered_at: datetime
    data_as_of: date | None = None
    subject: int = 0  # which of the record's subjects (co-owners) the person is

    @property
    def accepted(self) -> bool:
        return self.link is Link.ACCEPTED
