"""What a reader of an audited decision finds 抽查结论, and what sources' rates learn from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from app.domain.decision import Cause
from app.domain.evidence import SourceState, SourceStatus

FIRST, SECOND = 1, 2
"""Readings 读案: the first is on every drawn decision, the second on a known share of them."""
READABLE: Final = (SourceState.ANSWERED, SourceState.NO_RECORD)


class TrueOutcome(StrEnum):
    """What the decision should have been, or that it cannot be told."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    CANNOT_TELL = "cannot_tell"


class Procedure(StrEnum):
    """What was wrong with how it was decided 程序差错."""

    NO_CONSENT = "no_consent"
    NO_VISIT = "no_visit"
    NO_PUBLICITY = "no_publicity"
    LATE = "late"
    NO_RECORD = "no_record"


class Learned(StrEnum):
    """What an observation tells: of a source, or of a household or a person alone."""

    MISSED = "missed"  # there was one, and it was not returned
    FALSE = "false"  # it was returned, and there was none
    CHANGED = "changed"  # it was so, and became another in so many months
    AMOUNT = "amount"  # a true amount by the told one
    UNDECLARED_MEMBER = "undeclared_member"  # belongs to it, neither declared nor registered
    REGISTERED_MEMBER = "registered_member"  # registered and not declared, and belongs to it
    NEWCOMER_MEANS = "newcomer_means"  # a member left out who has means of the person's own
    UNSEEN_INCOME = "unseen_income"  # that no source and no declaration shows
    DECLARED_UNSEEN = "declared_unseen"  # declared, shown by no source, and there
    IMPUTED = "imputed"  # a true income by the imputed, or only declared, one


OF_SOURCES: Final = frozenset({Learned.MISSED, Learned.FALSE, Learned.CHANGED, Learned.AMOUNT})
"""Kinds that tell of a source; of a registered member the relation stands in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """`hits` of `trials` of one source about one person; a month or amount only of its kind."""

    source: str
    person: str
    kind: Learned
    hits: int
    trials: int
    months: float | None = None
    log_ratio: float | None = None

    @property
    def key(self) -> tuple[str, str, Learned]:
        return (self.source, self.person, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reader's finding on one decision; `due_monthly` in yuan, None where it was not found."""

    true_outcome: TrueOutcome
    true_programme: str | None = None
    due_monthly: Decimal | None = None
    error_causes: tuple[Cause, ...] = ()
    procedure: tuple[Procedure, ...] = ()
    staff_relation: bool = False
    note: str = field(default="", repr=False)
    observations: tuple[Observation, ...] = ()

    @property
    def tells(self) -> bool:
        return self.true_outcome is not TrueOutcome.CANNOT_TELL


FINDING: Final = TypeAdapter(Finding)
"""A finding to and from its stored JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The newest version of one reading's finding on one decision of one sample.

    `inclusion` is the probability with which the sample drew the decision.
    """

    sample: str
    programme: str
    reading: int
    filed_at: datetime
    inclusion: float
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What the audits of one verification teach: true outcomes by programme, and of its sources.

    Each with the probability with which it came to be looked at, and when it was found.
    """

    outcomes: Mapping[str, Filed]
    observations: Sequence[tuple[Observation, Filed]]


def lessons(filed: Iterable[Filed]) -> Lessons:
    """What holds of one verification: the second reader's word before the first's, then the newest.

    Who cannot tell teaches no outcome, and takes back none that another reader told. One source,
    person and kind counts once, however many programmes and readers looked at it.
    """
    in_order = sorted(filed, key=lambda one: (one.reading, one.filed_at, one.sample, one.programme))
    outcomes = {one.programme: one for one in in_order if one.finding.tells}
    seen: dict[tuple[str, str, Learned], tuple[Sequence[Observation], Filed]] = {}
    for one in in_order:
        for key, group in _grouped(one.finding.observations).items():
            seen[key] = (group, one)
    observations = [(each, one) for group, one in seen.values() for each in group]
    return Lessons(outcomes=outcomes, observations=observations)


def _grouped(
    observations: Iterable[Observation],
) -> dict[tuple[str, str, Learned], list[Observation]]:
    groups: dict[tuple[str, str, Learned], list[Observation]] = {}
    for one in observations:
        groups.setdefault(one.key, []).append(one)
    return groups


def checked(
    sources: Iterable[str], statuses: Sequence[SourceStatus], said: Sequence[Observation]
) -> tuple[Observation, ...]:
    """Trials without hits, of the sources that a reader confirmed to be complete and right.

    For each person for whom the source returned something: one trial of `missed` (there was
    something, and it came) and one of `false`. Where it rightly returned nothing there was
    nothing that it could have missed: the miss rate is of those who have something. What the
    reader said of the same source, person and kind himself stands in their place.
    """
    wanted, told = set(sources), {one.key for one in said}
    found = []
    for status in statuses:
        if status.source not in wanted or status.state is not SourceState.ANSWERED:
            continue
        for kind in (Learned.MISSED, Learned.FALSE):
            if status.records and (status.source, status.person, kind) not in told:
                found.append(
                    Observation(
                        source=status.source, person=status.person, kind=kind, hits=0, trials=1
                    )
                )
    return tuple(found)
