"""The snapshot from which the next verification is compared: what is known by now."""

from dataclasses import replace

from app.alerts.changes import Tolerances, delta_of
from app.alerts.compare_values import AMOUNTS, base_moved, is_within, tolerance
from app.alerts.pairs import Pair, pairs_of
from app.alerts.snapshot import Fact, FactKind, Key, Snapshot

_OF_WHOLE: frozenset[FactKind] = frozenset({FactKind.RULE, FactKind.CONFIRMED_FOR})
"""What follows from all answers together: where one is missing it may still be so."""


def accepted(old: Snapshot, new: Snapshot, tolerances: Tolerances) -> Snapshot:
    """The new one, with what its missing answers left as it was.

    A difference below its tolerance is not taken over, so that many of them add up.
    """
    facts: dict[Key, Fact] = {}
    for key, fact in new.facts.items():
        if fact.kind is FactKind.PERSON:
            facts[key] = _person(old.facts.get(key), fact)
    for pair in pairs_of(old, new):
        kept = _kept(pair, (old, new), tolerances)
        if kept is not None:
            facts[kept.key] = kept
    still = frozenset(mark for mark in old.known if mark[0] in new.persons)
    return replace(
        new,
        known=new.known | still,
        outcomes={**old.outcomes, **new.outcomes},
        facts=facts,
    )


def _person(before: Fact | None, after: Fact) -> Fact:
    """What the registry does not tell now is as it told it."""
    return after if before is None else replace(after, values={**before.values, **after.values})


def _kept(pair: Pair, both: tuple[Snapshot, Snapshot], tolerances: Tolerances) -> Fact | None:
    (_, new), one = both, pair.one
    if pair.before is not None and one.kind in AMOUNTS | {FactKind.EXPENSE}:
        return _amount(pair, both, tolerances)
    if one.kind in AMOUNTS:
        return _amount(pair, both, tolerances)
    if pair.after is not None and pair.before is not None:
        return _both(pair.before, pair.after, tolerances)
    if pair.after is not None:
        return pair.after if new.knows_one(pair.after.marks) else None
    return None if pair.before is None else _carried(pair.before, new)


def _both(before: Fact, after: Fact, tolerances: Tolerances) -> Fact:
    """The newer one, under all names it ever had; a base that moved a little stays."""
    kept = after
    if set(before.aliases) - set(after.aliases):
        names = tuple(dict.fromkeys((*after.aliases, *before.aliases)))
        kept = replace(kept, aliases=names)
    moved = base_moved(before, after, tolerances)
    if after.kind is FactKind.JOB and "base" in before.values and not moved:
        kept = replace(kept, values={**after.values, "base": before.values["base"]})
    return kept


def _carried(before: Fact, new: Snapshot) -> Fact | None:
    """What the new one does not show: still so, where those who would show it did not answer."""
    if before.kind in _OF_WHOLE:
        return before if new.missing or new.unconsented else None
    if before.person and before.person not in new.persons:
        return None
    marks = tuple(mark for mark in before.marks if mark[0] in new.persons)
    if not marks or new.knows(marks):
        return None
    return replace(before, marks=marks)


def _amount(pair: Pair, both: tuple[Snapshot, Snapshot], tolerances: Tolerances) -> Fact | None:
    """The sum last known; within the tolerance, the one that was told of last."""
    (old, new), one = both, pair.one
    if one.person not in new.persons:
        return None
    if one.kind is FactKind.EXPENSE:
        return pair.after
    if not new.knows(one.marks):
        return pair.before
    least = tolerance(one.kind, tolerances)
    if old.knows(one.marks) and is_within(delta_of(pair.before, pair.after), least):
        return pair.before
    return pair.after
