"""Two snapshots of a household → what changed 变化, and what is accepted from then on.

A source that is unknown in one of the two shows nothing new and nothing gone: that it is unknown
is told once, and what was known before stays accepted until the source answers again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from app.alerts.changes import Change, Tolerances, delta_of, joined
from app.alerts.compare_persons import person_changes
from app.alerts.compare_values import (
    AMOUNTS,
    INCOME,
    amount_change,
    expense_alone,
    tolerance,
    value_changes,
)
from app.alerts.kinds import STATES, ChangeKind
from app.alerts.pairs import Pair, pairs_of
from app.alerts.snapshot import Fact, FactKind, Snapshot
from app.domain.decision import Outcome
from app.domain.money import ZERO

_K = ChangeKind
_Came = tuple[ChangeKind | None, ChangeKind | None]
_CAME_AND_GONE: Final[Mapping[FactKind, _Came]] = {
    FactKind.RELATIVE: (_K.NEW_MEMBER, _K.REGISTERED_MEMBER_GONE),
    FactKind.VEHICLE: (_K.VEHICLE_NEW, _K.VEHICLE_GONE),
    FactKind.VESSEL: (_K.VESSEL_NEW, _K.VESSEL_GONE),
    FactKind.ROLE: (_K.ROLE_NEW, _K.ROLE_GONE),
    FactKind.JOB: (_K.JOB_STARTED, _K.JOB_ENDED),
    FactKind.ACCOUNT: (_K.ACCOUNT_OPENED, _K.ACCOUNT_CLOSED),
    FactKind.POLICY: (_K.POLICY_NEW, _K.POLICY_GONE),
    FactKind.OTHER_CASE: (_K.DUPLICATE_RELIEF, _K.DUPLICATE_RELIEF_ENDED),
    FactKind.RULE: (_K.CUSTOM_RULE, None),
    FactKind.CONFIRMED_FOR: (_K.MISSED_RELIEF, None),
}
_UNEMPLOYMENT: Final = "unemployment"
_CAUSES: Final[Mapping[ChangeKind, tuple[ChangeKind, ...]]] = {
    _K.INCOME_ROSE: (
        _K.JOB_STARTED,
        _K.PENSION_STARTED,
        _K.UNEMPLOYMENT_BENEFIT_STARTED,
        _K.BASE_ROSE,
    ),
    _K.INCOME_FELL: (
        _K.JOB_ENDED,
        _K.PENSION_ENDED,
        _K.UNEMPLOYMENT_BENEFIT_ENDED,
        _K.BASE_FELL,
    ),
}
"""Why a person's income moved: one of these tells it, and the sum is not told besides."""


def compare(old: Snapshot, new: Snapshot, tolerances: Tolerances) -> tuple[Change, ...]:
    """Every change from the one to the other, in a fixed order."""
    if _alike(old, new):
        return ()
    pairs = list(pairs_of(old, new))
    found = [
        *person_changes(old, new),
        *(change for pair in pairs for change in _of_pair(pair, (old, new), tolerances)),
        *_outcomes(old, new),
        *_gaps(old, new),
    ]
    found.sort(key=lambda change: change.order)
    return tuple(sorted(_with_incomes(found, pairs, (old, new), tolerances), key=_order))


def _order(change: Change) -> tuple[str, str, str]:
    return change.order


def _alike(old: Snapshot, new: Snapshot) -> bool:
    """Nothing is other: what most verifications come to."""
    return (
        old.facts == new.facts
        and old.missing.keys() == new.missing.keys()
        and old.unconsented == new.unconsented
        and old.outcomes == new.outcomes
    )


def standing(new: Snapshot, tolerances: Tolerances) -> tuple[Change, ...]:
    """Of a first verification, what speaks of how things are and not of what became of them."""
    nothing = replace(new, facts={}, missing=new.missing, outcomes={})
    pairs = (Pair(None, fact) for fact in new.facts.values() if fact.kind in _SHOWN_AT_FIRST)
    found = (change for pair in pairs for change in _of_pair(pair, (nothing, new), tolerances))
    return tuple(sorted((one for one in found if one.kind in STATES), key=_order))


_SHOWN_AT_FIRST: Final = (FactKind.OTHER_CASE, FactKind.RULE, FactKind.CONFIRMED_FOR)


def _of_pair(
    pair: Pair, both: tuple[Snapshot, Snapshot], tolerances: Tolerances
) -> Iterator[Change]:
    """The changes of one thing; incomes are told in the end, beside what explains them."""
    (old, new), one = both, pair.one
    marks, before, after = one.marks, pair.before, pair.after
    if one.kind in AMOUNTS:
        if one.kind is not FactKind.INCOME and old.knows(marks) and new.knows(marks):
            change = amount_change(before, after, tolerance(one.kind, tolerances))
            yield from () if change is None else (change,)
        return
    told = not marks or any(mark in old.known and mark in new.known for mark in marks)
    if not told:
        return
    if before is not None and after is not None:
        yield from value_changes(before, after, tolerances)
    elif after is not None:
        yield from _alone(after, tolerances, came=True)
    elif before is not None and new.knows(marks):
        yield from _alone(before, tolerances, came=False)


def _alone(fact: Fact, tolerances: Tolerances, *, came: bool) -> Iterator[Change]:
    """What was not there before, or is not any more."""
    if fact.kind is FactKind.EXPENSE:
        yield from expense_alone(fact, tolerances, came=came)
        return
    kinds = _kinds_of(fact)
    kind = kinds[0] if came else kinds[1]
    if kind is None:
        return
    delta = delta_of(None, fact) if came else delta_of(fact, None)
    yield Change(
        kind=kind,
        person=fact.person or fact.values.get("owner", ""),
        thing=fact.thing,
        before={} if came else fact.values,
        after=fact.values if came else {},
        delta=delta,
        coming=_coming(fact, came=came),
        may_add=fact.may_add,
    )


def _kinds_of(fact: Fact) -> _Came:
    if fact.kind is FactKind.BUILDING:
        home = fact.values.get("home") == "true"
        return (_K.HOME_NEW, _K.HOME_GONE) if home else (_K.BUILDING_NEW, _K.BUILDING_GONE)
    if fact.kind is FactKind.BENEFIT:
        if fact.thing == _UNEMPLOYMENT:
            return _K.UNEMPLOYMENT_BENEFIT_STARTED, _K.UNEMPLOYMENT_BENEFIT_ENDED
        return _K.PENSION_STARTED, _K.PENSION_ENDED
    if fact.kind is FactKind.LIMIT:
        over = fact.values["over"] == "true"
        return (_K.DEPOSIT_OVER_LIMIT, _K.DEPOSIT_UNDER_LIMIT) if over else (None, None)
    return _CAME_AND_GONE[fact.kind]


def _coming(fact: Fact, *, came: bool) -> dict[str, Decimal]:
    """Yuan a month that a job or a benefit brings once it has lasted, or takes away."""
    monthly = fact.values.get("monthly") or fact.values.get("base")
    if fact.kind not in (FactKind.JOB, FactKind.BENEFIT) or monthly is None:
        return {}
    return {INCOME: Decimal(monthly) if came else -Decimal(monthly)}


def _outcomes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """A programme's outcome that was determined both times, and differently."""
    for programme, after in new.outcomes.items():
        before = old.outcomes.get(programme)
        if before is not None and before != after:
            better = after == Outcome.CONFIRMED.value
            yield Change(
                kind=_K.MISSED_RELIEF if better else _K.OUTCOME_WORSE,
                thing=programme,
                before={"programme": programme, "outcome": before},
                after={"programme": programme, "outcome": after},
            )


def _gaps(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """What is not known now and was not missing before: told once, until it is known again."""
    for source, refs in new.missing.items():
        if source not in old.missing:
            after = {"source": source, "persons": ",".join(refs)}
            yield Change(kind=_K.DATA_INCOMPLETE, thing=source, after=after)
    for person in new.unconsented:
        if person not in old.unconsented:
            yield Change(kind=_K.CONSENT_MISSING, person=person)


def _with_incomes(
    found: Sequence[Change],
    pairs: Sequence[Pair],
    both: tuple[Snapshot, Snapshot],
    tolerances: Tolerances,
) -> list[Change]:
    """Each person's income as the doing of the job or benefit that explains it, else by itself."""
    changes = list(found)
    for pair in pairs:
        one = pair.one
        if one.kind is not FactKind.INCOME or not all(each.knows(one.marks) for each in both):
            continue
        any_change = amount_change(pair.before, pair.after, ZERO)
        if any_change is None:
            continue
        place = _cause(changes, any_change)
        if place is not None:
            changes[place] = _explained(changes[place], any_change)
        elif amount_change(pair.before, pair.after, tolerances.monthly_income) is not None:
            changes.append(any_change)
    return changes


def _cause(changes: Sequence[Change], income: Change) -> int | None:
    for kind in _CAUSES[income.kind]:
        for place, change in enumerate(changes):
            if change.kind is kind and change.person == income.person:
                return place
    return None


def _explained(cause: Change, income: Change) -> Change:
    """The cause with what it has already added; the rest is still coming."""
    counted = income.delta[INCOME][0]
    whole = cause.coming.get(INCOME, ZERO)
    rest = whole - counted
    same_way = rest == 0 or (rest > 0) == (whole > 0)
    return replace(
        cause,
        before={**cause.before, **income.before},
        after={**cause.after, **income.after},
        delta=joined(cause.delta, income.delta),
        coming={INCOME: rest} if whole and rest and same_way else {},
    )
