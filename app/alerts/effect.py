"""What a change does to the outcomes 影响认定结果: decisive or not, the money at stake, its rank.

The arithmetic is on the totals: without the change each is as much less (or more) as the change
added, end by end. Whoever handles an alert judges; nothing here decides of a payment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from math import prod
from typing import Final, TypeAlias

from app.alerts.changes import Change, Delta
from app.alerts.kinds import TRAITS, ChangeKind
from app.domain.interval import Interval, Truth, all_of
from app.domain.money import ZERO
from app.domain.profile import Totals
from app.programmes.conditions import evaluate, monthly_gap
from app.programmes.standard import Standard

_MOST_COMBINATIONS: Final = 128
"""Looked at one by one; where there are more, whatever lies within their reach counts."""
_DECISIVE: Final = 1_000_000
_MOST_MONEY: Final = Decimal(999_998)
_SIZE: Final = "household_size"
_PER_PERSON: Final = "_per_person"
Move: TypeAlias = Mapping[str, Delta]
"""By how much totals are moved from what they are."""
_AS_IT_IS: Final[Move] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A programme as it was judged: its standard, the totals by its rules, and what else counts.

    `held`: whether another programme that suffices is held. `identity`: whether it is sure who the
    members are. `other_rules`: its totals are counted otherwise than the facts tell.
    """

    standard: Standard
    totals: Totals
    held: Truth = Truth.OPEN
    identity: Truth = Truth.YES
    other_rules: bool = False

    def truth(self, totals: Totals) -> Truth:
        """Whether the standard is met with other totals."""
        held = dict.fromkeys(self.standard.holds_one_of, self.held)
        _, truth = evaluate(self.standard, totals, held)
        return all_of(truth, self.identity)

    def tests(self, totals: Totals) -> dict[str, Truth]:
        """Each test's result with other totals."""
        return {one.test: one.passed for one in evaluate(self.standard, totals, {})[0]}

    def pays(self, totals: Totals) -> Decimal:
        """Yuan a month that fill the gap 补差, at least; nothing where the standard is not met."""
        gap = monthly_gap(self.standard, totals)
        if gap is None or self.truth(totals) is not Truth.YES:
            return ZERO
        return gap.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`decisive`: a test's result would be another without it, or once it has lasted.

    `relevant`: alone or together with other changes it can change an outcome. `money`: yuan a
    month at stake for the household.
    """

    decisive: bool
    relevant: bool
    money: Decimal = ZERO

    def rank(self, error_rate: float) -> float:
        """Decisive ones first, then the money at stake, then the error rate; an order, no sum."""
        first = _DECISIVE if self.decisive else 0
        return first + float(min(self.money, _MOST_MONEY)) + min(error_rate, 1.0) / 1000


def effects(changes: Sequence[Change], judged: Sequence[Judged]) -> list[Effect]:
    """The effect of each change, all of them being there together."""
    return [_effect(place, changes, judged) for place in range(len(changes))]


_OF_OUTCOME: Final = frozenset({ChangeKind.OUTCOME_WORSE, ChangeKind.MISSED_RELIEF})


def _effect(place: int, changes: Sequence[Change], judged: Sequence[Judged]) -> Effect:
    change = changes[place]
    if change.kind in _OF_OUTCOME:
        paid = _most(one.pays(one.totals) for one in judged)
        return Effect(decisive=True, relevant=True, money=paid)
    if change.kind is ChangeKind.DATA_INCOMPLETE:
        is_open = any(one.truth(one.totals) is Truth.OPEN for one in judged)
        return Effect(decisive=is_open, relevant=is_open)
    decisive = any(_decides(change, one) for one in judged)
    by_person = not TRAITS[change.kind].arithmetic
    return Effect(
        decisive=decisive,
        relevant=decisive or by_person or any(_can_matter(place, changes, one) for one in judged),
        money=_most(_at_stake(change, one) for one in judged),
    )


def _most(amounts: Iterable[Decimal]) -> Decimal:
    return max(amounts, default=ZERO)


def moves_of(change: Change, judged: Judged) -> tuple[Move, ...]:
    """How the totals could be besides as they are: without the change, or with all of it."""
    found: list[Move] = []
    if change.delta:
        found.append({name: _turned(delta) for name, delta in change.delta.items()})
    if change.coming:
        found.append({name: (value, value) for name, value in change.coming.items()})
    if judged.other_rules and not change.delta:
        found += [
            {name: (value * way, value * way) for name, value in change.may_add.items()}
            for way in (1, -1)
            if change.may_add
        ]
    return tuple(found)


def _turned(delta: Delta) -> Delta:
    return -delta[0], None if delta[1] is None else -delta[1]


def moved(totals: Totals, moves: Iterable[Move]) -> Totals:
    """The totals after all these moves; nothing falls below zero."""
    changed: dict[str, Interval] = {}
    for move in moves:
        for name, delta in move.items():
            now = changed.get(name) or getattr(totals, name)
            changed[name] = _moved(now, delta)
    return replace(totals, **changed) if changed else totals


def _moved(now: Interval, delta: Delta) -> Interval:
    """An upper end that the change took away is looked at as if the rest were exact."""
    low = max(ZERO, now.low + delta[0])
    if delta[1] is None:
        return Interval(low, low if now.high is None else None)
    return Interval(low, None if now.high is None else max(low, now.high + delta[1]))


def _decides(change: Change, judged: Judged) -> bool:
    moves = moves_of(change, judged)
    if not moves:
        return False
    as_it_is = judged.tests(judged.totals)
    return any(judged.tests(moved(judged.totals, (move,))) != as_it_is for move in moves)


def _at_stake(change: Change, judged: Judged) -> Decimal:
    moves = moves_of(change, judged)
    if not moves or not judged.standard.benefits:
        return ZERO
    paid = judged.pays(judged.totals)
    return _most(abs(paid - judged.pays(moved(judged.totals, (move,)))) for move in moves)


def _can_matter(place: int, changes: Sequence[Change], judged: Judged) -> bool:
    """Whether, whatever became of the other changes, the outcome may turn on this one."""
    own = moves_of(changes[place], judged)
    if not own:
        return False
    if _bears_on_open(own, judged):
        return True
    rest = [one for at, one in enumerate(changes) if at != place]
    others = [moves for one in rest if (moves := moves_of(one, judged))]
    return _reachable(own, others, judged)


def _bears_on_open(moves: Sequence[Move], judged: Judged) -> bool:
    """A test that is not settled: what is not known yet may bring it near its limit."""
    totals = {name for move in moves for name in move}
    return any(
        passed is Truth.OPEN and _touches(test, totals)
        for test, passed in judged.tests(judged.totals).items()
    )


def _touches(test: str, totals: set[str]) -> bool:
    per_person = test.endswith(_PER_PERSON)
    return test.removesuffix(_PER_PERSON) in totals or (per_person and _SIZE in totals)


def _reachable(own: Sequence[Move], others: Sequence[Sequence[Move]], judged: Judged) -> bool:
    best, worst = (_furthest((own, *others), judged, way) for way in (-1, 1))
    if judged.truth(best) is judged.truth(worst):
        return False  # a standard is met the more surely the less there is: nor in between
    if prod(len(moves) + 1 for moves in others) > _MOST_COMBINATIONS:
        return True
    for chosen in product(*((_AS_IT_IS, *moves) for moves in others)):
        without = moved(judged.totals, chosen)
        truth = judged.truth(without)
        if any(judged.truth(moved(without, (move,))) is not truth for move in own):
            return True
    return False


def _furthest(every: Iterable[Sequence[Move]], judged: Judged, way: int) -> Totals:
    """The totals where all that can be moved is at its end; more persons are as less of each."""
    ends: dict[str, tuple[Decimal, Decimal, bool]] = {}
    for moves in every:
        for name in {name for move in moves for name in move}:
            deltas = [move[name] for move in moves if name in move]
            side = -way if name == _SIZE else way
            low, high, is_open = ends.get(name, (ZERO, ZERO, False))
            known = [high for _, high in deltas if high is not None]
            ends[name] = (
                low + _end([low for low, _ in deltas], side),
                high + _end(known, side),
                is_open or len(known) < len(deltas),
            )
    return replace(
        judged.totals,
        **{name: _at_end(getattr(judged.totals, name), end, way) for name, end in ends.items()},
    )


def _end(values: Sequence[Decimal], side: int) -> Decimal:
    return max((*values, ZERO)) if side > 0 else min((*values, ZERO))


def _at_end(now: Interval, end: tuple[Decimal, Decimal, bool], way: int) -> Interval:
    low = max(ZERO, now.low + end[0])
    if end[2]:
        return Interval(low, low if way < 0 else None)
    return Interval(low, None if now.high is None else max(low, now.high + end[1]))
