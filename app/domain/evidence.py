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


class Unasked(StrEnum):
    """Why a source was not asked, or not to the end."""

    NOT_CONFIGURED = "not_configured"  # the county is not connected to it
    NOT_NEEDED = "not_needed"  # no programme of the request rests on it
    SUPPORTER_NOT_SIGNED = "supporter_not_signed"  # who is free not to
    NOT_SIGNED = "not_signed"
    NO_GUARDIAN = "no_guardian"  # the guardian 监护人 who was named has not signed, or may not
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OUT_OF_SCOPE = "out_of_scope"  # source, programme, purpose or months beyond the consent
    LAPSED = "lapsed"  # the consent held no more; in what way is not on record
    CANCELLED = "cancelled"

    @property
    def is_no_consent(self) -> bool:
        """The household could give the consent 授权 that is missing."""
        return self in _NO_CONSENT

    @property
    def is_lost_consent(self) -> bool:
        """There was to be a consent and it did not hold; a supporter may leave it out at all."""
        return self in _NO_CONSENT and self is not Unasked.SUPPORTER_NOT_SIGNED


_NO_CONSENT = frozenset(
    {
        Unasked.SUPPORTER_NOT_SIGNED,
        Unasked.NOT_SIGNED,
        Unasked.NO_GUARDIAN,
        Unasked.NOT_YET_VALID,
        Unasked.EXPIRED,
        Unasked.WITHDRAWN,
        Unasked.OUT_OF_SCOPE,
        Unasked.LAPSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """What came of asking one source about one person.

    `complete` is true only where the source searched all it has: then what it did not return is
    known to be absent. A failed, pending or not asked source is never complete. `reason`: why it
    was not asked, or not of all its institutions; `detail` says it in words. `by_hand`: clerks
    typed what it holds, or some of its institutions do.
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
    reason: Unasked | None = None
    by_hand: bool = False

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
    counted: str = "in_full"  # "as_one_home", "not": another field has said the same


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
    by_hand: bool = False  # typed by the source's clerks

    @property
    def accepted(self) -> bool:
        return self.link is Link.ACCEPTED
