"""What each possible word on records would change 对结论的影响: concluded anew with it.

A word is adverse where it makes a programme worse off than the other one: its outcome turns to not
confirmed, or a test fails that would not. Such a word, any on a death, and any that overrides an
exact rule of identity needs two persons.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.decision import Decision, Outcome
from app.domain.errors import Conflict
from app.domain.evidence import Evidence, Link
from app.domain.interval import Truth
from app.domain.review import Choice
from app.store.review_decisions import RecordSeen
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.identify import record_key
from app.verification.what_if import with_words
from app.verification.worklist import is_death
from connectors.records import AnyRecord

WORDS: Final[Mapping[Choice, bool]] = {Choice.SAME_PERSON: True, Choice.ANOTHER_PERSON: False}
"""The two words on a record, and whether it is then the person's."""
_OPPOSITE: Final[Mapping[Choice, tuple[Link, frozenset[str]]]] = {
    Choice.SAME_PERSON: (Link.REFUSED, frozenset({"contradicting_number", "two_valid_numbers"})),
    Choice.ANOTHER_PERSON: (Link.ACCEPTED, frozenset({"number_and_name"})),
}
"""By word, the exact rules (matching/policy.py) that have decided the opposite."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One word: the case with it, what is concluded then, whether it needs two persons."""

    case: Case
    conclusion: Conclusion
    adverse: bool
    changes: bool  # some outcome is not what it is now


@dataclass(frozen=True, slots=True)
class Effects:
    """What is concluded now, and with each of the words on these records."""

    now: Conclusion
    records: tuple[Evidence[AnyRecord], ...]
    by_choice: Mapping[Choice, Effect]

    @property
    def decisive(self) -> bool:
        """Whether the answer depends on the word."""
        return any(effect.changes for effect in self.by_choice.values())

    @property
    def seen(self) -> tuple[RecordSeen, ...]:
        return tuple(seen_record(row) for row in self.records)


def effects_of(
    case: Case, knowledge: Knowledge, evidence: Collection[str], reviewer: str
) -> Effects:
    """Of both words on these records by this reviewer. Raises Conflict where one is gone."""
    now = conclude(case, knowledge)
    rows = tuple(row for row in now.evidence if row.id in evidence)
    if len(rows) != len(set(evidence)):
        raise Conflict("these records are not among the evidence any more")
    cases = {
        choice: with_words(case, {record_key(row): same for row in rows}, reviewer)
        for choice, same in WORDS.items()
    }
    conclusions = {choice: conclude(one, knowledge) for choice, one in cases.items()}
    has_death = any(is_death(row) for row in rows)
    return Effects(
        now=now,
        records=rows,
        by_choice={
            choice: Effect(
                case=cases[choice],
                conclusion=conclusions[choice],
                adverse=has_death
                or overrides(rows, choice)
                or is_worse(conclusions[choice], conclusions[_other(choice)]),
                changes=outcomes_of(conclusions[choice]) != outcomes_of(now),
            )
            for choice in WORDS
        },
    )


def overrides(rows: Iterable[Evidence[AnyRecord]], choice: Choice) -> bool:
    """The word goes against what an exact rule of identity says of a record."""
    link, rules = _OPPOSITE[choice]
    return any(row.link is link and row.decided_by == "rule" and row.rule in rules for row in rows)


def _other(choice: Choice) -> Choice:
    (other,) = WORDS.keys() - {choice}
    return other


def outcomes_of(conclusion: Conclusion) -> list[Outcome]:
    return [decision.outcome for decision in conclusion.decisions]


def is_worse(here: Conclusion, there: Conclusion) -> bool:
    """Some programme is refused here and not there, or fails a test that it does not fail there."""
    return any(
        _is_refused(one) > _is_refused(other) or _failed(one) - _failed(other)
        for one, other in zip(here.decisions, there.decisions, strict=True)
    )


def _is_refused(decision: Decision) -> bool:
    return decision.outcome is Outcome.NOT_CONFIRMED


def _failed(decision: Decision) -> set[str]:
    return {test.test for test in decision.tests if test.passed is Truth.NO}


def seen_record(row: Evidence[AnyRecord]) -> RecordSeen:
    return RecordSeen(
        record=record_key(row),
        source=row.source,
        person=row.person,
        log2_odds=row.prior + sum(part.weight for part in row.comparison),
        probability=row.probability,
    )
