"""What waits for a person after a conclusion 待复核: items named, brought up to date, closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

import sqlalchemy as sa

from app.domain.decision import ActionKind, Decision, Outcome
from app.domain.evidence import Evidence, Link
from app.domain.profile import Finding, Severity
from app.domain.review import ItemState, WhyClosed
from app.error_rate.actions import kind_of
from app.store.review_items import Gain, ReviewItem, ReviewItems
from app.verification.conclude import Conclusion
from app.verification.due import shipped_rules
from app.verification.questions import open_questions
from app.verification.score.score import groups
from connectors.records import AnyRecord, RegisteredPerson

_REVIEW: Final = "review:"
_STRANGERS_NUMBER: Final = "identity_mismatch"
"""The rule for a right number under another name: whose money it is, only a person can say."""
_LONGEST: Final = 400
_ASKING: Final = frozenset({ActionKind.ASK_SOURCE, ActionKind.ASK_HOUSEHOLD, ActionKind.UNDECLARED})
"""Kinds whose decision stands, though what was asked for is still lacking."""
_PLACES: Final = 6
"""Decimal places of a rate as it is shown: what is less than that is nothing."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Which verification was concluded, where, and when."""

    verification_id: str
    region: str
    now: datetime


def bring_up(
    items: ReviewItems, tx: sa.Connection, concluded: Sequence[tuple[Occasion, Conclusion]]
) -> None:
    """The stored items of each verification are those that its newest conclusion turns on."""
    stored_of = items.of_many(tx, [occasion.verification_id for occasion, _ in concluded])
    new: list[ReviewItem] = []
    changed: list[ReviewItem] = []
    for occasion, conclusion in concluded:
        stored = stored_of.get(occasion.verification_id, ())
        wanted = items_of(conclusion, occasion)
        known = {one.id for one in stored}
        present = {row.id for row in conclusion.evidence}
        new += (one for one in wanted if one.id not in known)
        changed += brought_up(stored, wanted, present, now=occasion.now)
    items.add(tx, new)
    items.change(tx, changed)


def brought_up(
    stored: Sequence[ReviewItem],
    wanted: Iterable[ReviewItem],
    present: Iterable[str],
    *,
    now: datetime,
) -> Iterator[ReviewItem]:
    """The stored items that change; `present` are the ids of the evidence there is."""
    named, there = {one.id: one for one in wanted}, set(present)
    for item in stored:
        new = named.get(item.id)
        after = _unnamed(item, there, now) if new is None else _named(item, new, now)
        if after != item:
            yield after


def _named(item: ReviewItem, new: ReviewItem, now: datetime) -> ReviewItem:
    """Open again where it was closed, or where what was decided is about records that are gone."""
    updated = replace(
        item,
        gains=new.gains,
        needed=new.needed,
        decisive=new.decisive,
        probability=new.probability,
        difference=new.difference,
    )
    match item.state:
        case ItemState.CLOSED:
            return replace(updated.moved(item.resumed, now), due_at=new.due_at)
        case ItemState.DECIDED:
            fresh = replace(updated, first_reviewer=None, second_reviewer=None)
            again = replace(fresh.moved(ItemState.OPEN, now), due_at=new.due_at)
            return updated if item.kind in _ASKING else again
        case ItemState.OPEN | ItemState.ASKED | ItemState.AWAITING_SECOND | ItemState.DISAGREED:
            return updated
        case _:
            assert_never(item.state)


def _unnamed(item: ReviewItem, present: set[str], now: datetime) -> ReviewItem:
    """Closed; but where somebody has spoken of records that are still there, another one must.

    What a reviewer wants to know stays until he or she has it.
    """
    if item.settles is not None and item.state in (ItemState.OPEN, ItemState.ASKED):
        return item
    match item.state:
        case ItemState.DECIDED | ItemState.CLOSED:
            return item
        case ItemState.AWAITING_SECOND | ItemState.DISAGREED if _still_there(item, present):
            return item
        case ItemState.OPEN | ItemState.ASKED | ItemState.AWAITING_SECOND | ItemState.DISAGREED:
            closed = item.moved(ItemState.CLOSED, now)
            return replace(closed, why_closed=WhyClosed.NOT_NAMED)
        case _:
            assert_never(item.state)


def _still_there(item: ReviewItem, present: set[str]) -> bool:
    return item.kind is ActionKind.REVIEW_RECORD and set(item.evidence) <= present


def items_of(conclusion: Conclusion, occasion: Occasion) -> tuple[ReviewItem, ...]:
    """One item a subject of the decisions' actions, and one for whatever must be decided."""
    gains = _gains(conclusion.decisions)
    questions = _questions(conclusion)
    needed = _needed(conclusion) | {subject: questions[subject][1] for subject in conclusion.held}
    rows = {row.id: row for row in conclusion.evidence}
    turning = _turning(conclusion)
    flips = {key for key, (one, _) in questions.items() if one.decisive}
    made = []
    for subject in dict.fromkeys((*gains, *needed, *questions)):
        some = gains.get(subject) or needed.get(subject) or questions[subject][1]
        wanted = subject in needed or subject in questions
        if wanted or round(sum(gain.reduction for gain in some), _PLACES) > 0:
            finding = questions[subject][0] if subject in questions else None
            source, person = _about(subject, rows, finding)
            row = rows.get(subject.removeprefix(_REVIEW).split("|", maxsplit=1)[0])
            kind = kind_of(subject)
            item = ReviewItem(
                verification_id=occasion.verification_id,
                region=occasion.region,
                subject=subject,
                kind=kind,
                person=person,
                source=source,
                gains=tuple(sorted(some, key=lambda gain: (-gain.reduction, gain.programme))),
                needed=subject in needed,
                decisive=subject in flips or not turning.isdisjoint(_parts(subject)),
                probability=None if row is None else row.probability,
                difference=None if row is None else difference_of(row),
                due_at=shipped_rules().due(kind, occasion.now),
                created_at=occasion.now,
                changed_at=occasion.now,
            )
            made.append(item)
    return tuple(made)


def _parts(subject: str) -> tuple[str, ...]:
    """What a decision that misses the subject may name."""
    if not subject.startswith(_REVIEW):
        return (subject,)
    return tuple(f"{_REVIEW}{one}" for one in subject.removeprefix(_REVIEW).split("|"))


def _turning(conclusion: Conclusion) -> frozenset[str]:
    """What the open outcomes wait for: knowing it may settle one."""
    return frozenset(
        item
        for decision in conclusion.decisions
        if decision.outcome is Outcome.UNDETERMINED
        for item in decision.missing
    )


def difference_of(row: Evidence[AnyRecord]) -> str:
    """Which fields differ and how, without any value: `id_number:one_edit name:variant`."""
    same = ("equal", "same", "missing", "unusable")
    parts = sorted(f"{one.field}:{one.level}" for one in row.comparison if one.level not in same)
    return " ".join(parts)[:_LONGEST]


def _gains(decisions: Iterable[Decision]) -> dict[str, list[Gain]]:
    """What each action's subject saves, programme by programme."""
    gains: dict[str, list[Gain]] = {}
    for decision in decisions:
        for action in decision.error.actions:
            gain = Gain(
                programme=decision.programme,
                error_rate=decision.error.rate,
                expected_rate=action.expected_rate,
                reduction=action.reduction,
            )
            gains.setdefault(_ordered(action.subject), []).append(gain)
    return gains


def _ordered(subject: str) -> str:
    """The same records in the same order, whoever named them."""
    if not subject.startswith(_REVIEW):
        return subject
    return review_subject(subject.removeprefix(_REVIEW).split("|"))


def review_subject(evidence: Iterable[str]) -> str:
    """The action of saying whose these records are."""
    return _REVIEW + "|".join(sorted(evidence))


def _questions(conclusion: Conclusion) -> dict[str, tuple[Finding, list[Gain]]]:
    """What a person can settle: of differences from what was declared those that may matter."""
    gains = [nothing_gained(one) for one in conclusion.decisions]
    found = {}
    for one in open_questions(conclusion.profile.findings):
        subject = one.subject or ""
        declared = kind_of(subject) is ActionKind.DECLARED
        matters = one.severity is not Severity.INFO and one.decisive and one.evidence
        if matters or not declared:
            found[subject] = (one, gains)
    return found


def _about(
    subject: str, rows: Mapping[str, Evidence[AnyRecord]], finding: Finding | None
) -> tuple[str | None, str | None]:
    """The source and the person that an action's subject speaks of."""
    kind, named = kind_of(subject), subject.split(":")
    if finding is not None:
        told = {rows[id_].source for id_ in finding.evidence if id_ in rows}
        return told.pop() if len(told) == 1 else None, finding.person
    match kind:
        case ActionKind.REVIEW_RECORD:
            row = rows[subject.removeprefix(_REVIEW).split("|", maxsplit=1)[0]]
            return row.source, row.person
        case ActionKind.ASK_SOURCE:
            return named[1], named[2]
        case ActionKind.ASK_HOUSEHOLD:
            return None, named[2] if len(named) > 2 else None
        case ActionKind.CONFLICT | ActionKind.DECLARED | ActionKind.ANOMALY | ActionKind.UNDECLARED:
            return None, None
        case _:
            assert_never(kind)


def _needed(conclusion: Conclusion) -> dict[str, list[Gain]]:
    """Groups of records without which an outcome cannot stand, and adverse ones in doubt."""
    hanging: dict[str, list[Decision]] = {}
    for decision in conclusion.decisions:
        if decision.outcome is Outcome.UNDETERMINED:
            for item in decision.missing:
                if item.startswith(_REVIEW):
                    hanging.setdefault(item.removeprefix(_REVIEW), []).append(decision)
    found = {}
    rows = {row.id: row for row in conclusion.evidence}
    for group in groups(conclusion.evidence, Link.IN_REVIEW):
        on_it = {one.programme: one for id_ in sorted(group) for one in hanging.get(id_, ())}
        if any(is_adverse(rows[id_]) for id_ in group):
            on_it = {one.programme: one for one in conclusion.decisions}
        if on_it:
            found[review_subject(group)] = [nothing_gained(one) for one in on_it.values()]
    return found


def nothing_gained(decision: Decision) -> Gain:
    """For what must be decided, though it is not expected to make the decision surer."""
    rate = decision.error.rate
    return Gain(programme=decision.programme, error_rate=rate, expected_rate=rate, reduction=0.0)


def is_death(row: Evidence[AnyRecord]) -> bool:
    """A register's word that somebody is dead 死亡记录."""
    record = row.record
    if not isinstance(record, RegisteredPerson) or record.in_household:
        return False
    return record.dead is True


def is_adverse(row: Evidence[AnyRecord]) -> bool:
    """A death, or what a stranger may own: never merged but by a person's word."""
    return is_death(row) or row.rule == _STRANGERS_NUMBER
