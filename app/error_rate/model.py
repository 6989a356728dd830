"""Compiles the uncertain variables of one decision into arrays: events, amounts, what they move.

An event is either so or not. One of its two states is the rarer one; a draw is told by which events
are in their rare state, so that draws can be spread evenly over how many are. A change of a total
is kept by cause and total; a row is such a pair that something moves, which are about a third of
all pairs. Draws are the last axis everywhere, so that every total is one run of memory.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from app.domain.decision import Cause
from app.error_rate.amounts import FAR_OUT, NEVER, Amounts, NDInt, amounts_of, reaches
from app.error_rate.shape import SIZE, Array, Flags, Shape, scales_of
from app.error_rate.variables import Chance, Event, Heads, Hidden, Presence, Spread, Variable


@dataclass(frozen=True, slots=True)
class Pay:
    """The gap 补差 that a confirmed household is paid: yuan a month and person, share of it."""

    standard: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision to judge: the totals as counted, what is uncertain, the rule, the favoured end.

    `base` has every total that the rule looks at, as the evidence has it; `favours_confirmed` is
    the outcome whose chance of being wrong is wanted, None where the likelier one is.
    """

    base: Mapping[str, float]
    size: int
    variables: Sequence[Variable]
    rule: Shape
    favours_confirmed: bool | None
    pay: Pay | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """The case in arrays; every event and amount in it moves something that the rule looks at."""

    causes: tuple[Cause, ...]
    rows: tuple[tuple[int, str], ...]  # a cause's number and a total, in the order of causes
    base: Mapping[str, float]  # every total that the rule looks at, and the size
    chances: tuple[Chance, ...]  # of each event's being so
    flipped: Flags  # the rare state is "not so"
    rare: Array  # probability of the rare state
    common: Array  # rows: what holds where no event is rare
    by_rare: Array  # rows × events: what changes where that event is rare
    hidden_event: NDInt
    hidden_row: NDInt
    hidden_median: Array
    hidden_sigma: Array
    amounts: Amounts
    actions: tuple[str, ...]  # what would tell of some of it
    event_action: NDInt  # the action that tells whether the event is so; -1: none does
    amount_action: NDInt
    scales: Array  # of the rows: what turns a change into shares of the tests' limits

    @property
    def has_amounts(self) -> bool:
        """Amounts vary even where all events are in their common state."""
        return self.amounts.rows.size > 0 or self._usual.size > 0

    @property
    def is_discrete(self) -> bool:
        return self.amounts.rows.size == 0 and self.hidden_event.size == 0

    @property
    def _usual(self) -> NDInt:
        """The hidden amounts that are likelier there than not."""
        return np.flatnonzero(self.flipped[self.hidden_event])

    def totals(self, changes: Array) -> Mapping[str, Array]:
        """The totals under changes (rows × what follows); one that nothing moves has length 1."""
        moved: dict[str, Array] = {}
        for (_, name), change in zip(self.rows, changes, strict=True):
            moved[name] = moved[name] + change if name in moved else change
        nothing = np.zeros((1,) * (changes.ndim - 1))
        return {name: value + moved.get(name, nothing) for name, value in self.base.items()}

    def farthest(self) -> tuple[Array, Array]:
        """Changes by row with all amounts far down and far up, four joint deviations."""
        down, up = reaches(self.amounts)
        squares = [
            np.bincount(self.amounts.rows, reach**2, minlength=len(self.rows))
            for reach in (down, up)
        ]
        hidden = self.hidden_median * np.exp(FAR_OUT * self.hidden_sigma)
        usual = self._usual
        beyond = np.bincount(self.hidden_row[usual], hidden[usual] ** 2, minlength=len(self.rows))
        squares[1] = squares[1] + beyond
        return -np.sqrt(squares[0]), np.sqrt(squares[1])


def compile_case(case: Case) -> Model:
    """The case in arrays, without what cannot move a total that the rule looks at."""
    scales = scales_of(case.rule, case.size)
    causes = dict.fromkeys(variable.cause for variable in case.variables)
    groups = _grouped(case.variables, scales)
    spreads = [one for one in case.variables if isinstance(one, Spread) and _is_open(one, scales)]
    moved = {place for _, rows, _ in groups for place in rows.places}
    moved |= {(one.cause, one.total) for one in spreads}
    numbers = {cause: number for number, cause in enumerate(causes)}
    names = {name: number for number, name in enumerate(scales)}
    rows = sorted(moved, key=lambda place: (numbers[place[0]], names[place[1]]))
    return _assembled(
        _Frame(
            causes=tuple(causes),
            rows=tuple((numbers[cause], name) for cause, name in rows),
            row_of={place: row for row, place in enumerate(rows)},
            base={name: case.base[name] for name in scales if name != SIZE}
            | {SIZE: float(case.size)},
            scales=np.array([scales[name] for _, name in rows], dtype=np.float64),
        ),
        groups,
        spreads,
    )


_Place = tuple[Cause, str]
"""A cause, and a total that changes by it."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is moved, and how it is numbered."""

    causes: tuple[Cause, ...]
    rows: tuple[tuple[int, str], ...]
    row_of: Mapping[_Place, int]
    base: Mapping[str, float]
    scales: Array


@dataclass(slots=True)
class _EventRows:
    """What an event changes: (place, amount) where it is so, and where it is not."""

    so: list[tuple[_Place, float]]
    not_so: list[tuple[_Place, float]]
    hidden: list[tuple[_Place, Hidden]]

    @property
    def is_empty(self) -> bool:
        return not (self.so or self.not_so or self.hidden)

    @property
    def places(self) -> Iterator[_Place]:
        for changes in (self.so, self.not_so, self.hidden):
            for place, _ in changes:
                yield place


_Group = tuple[Chance, _EventRows, str]
"""What stands or falls together: its chance, what it changes, the action that would tell."""


def _grouped(variables: Sequence[Variable], looked_at: Container[str]) -> list[_Group]:
    """One event for each group and for each variable without one."""
    members: dict[object, list[Event]] = {}
    for index, variable in enumerate(variables):
        if not isinstance(variable, Spread):
            members.setdefault(variable.group or index, []).append(variable)
    groups = []
    for events in members.values():
        rows = _EventRows([], [], [])
        for event in events:
            _note(event, rows, looked_at)
        if not rows.is_empty:
            groups.append((_shared_chance(events), rows, events[0].action))
    return groups


def _shared_chance(events: Sequence[Event]) -> Chance:
    first = events[0].probability
    if len(events) == 1:
        return first
    mean = sum(event.probability.mean for event in events) / len(events)
    return Chance(min(mean, 1.0), first.weight, first.shared)


def _note(event: Event, rows: _EventRows, looked_at: Container[str]) -> None:
    """What the event changes of what the rule looks at."""
    match event:
        case Presence():
            sign, side = (-1.0, rows.not_so) if event.counted else (1.0, rows.so)
            for total, amount in event.effects.items():
                if total in looked_at and amount != 0.0:
                    side.append(((event.cause, total), sign * amount))
        case Hidden():
            place = (event.cause, event.total)
            if event.total in looked_at and event.whole:
                rows.so.append((place, 1.0))
            elif event.total in looked_at:
                rows.hidden.append((place, event))
        case Heads():
            if event.change != 0:
                rows.so.append(((event.cause, SIZE), float(event.change)))
        case _:
            assert_never(event)


def _is_open(spread: Spread, looked_at: Container[str]) -> bool:
    moves = spread.sigma > 0.0 and spread.off > NEVER
    is_certain = spread.low == spread.high and (not moves or spread.base == 0.0)
    return spread.total in looked_at and not is_certain


def _assembled(frame: _Frame, groups: Sequence[_Group], spreads: Sequence[Spread]) -> Model:
    so, not_so = (np.zeros((len(groups), len(frame.rows))) for _ in range(2))
    hidden: list[tuple[int, int, Hidden]] = []
    for index, (_, rows, _) in enumerate(groups):
        for place, amount in rows.so:
            so[index, frame.row_of[place]] += amount
        for place, amount in rows.not_so:
            not_so[index, frame.row_of[place]] += amount
        hidden += [(index, frame.row_of[place], one) for place, one in rows.hidden]
    means = np.array([chance.mean for chance, _, _ in groups], dtype=np.float64)
    flipped = means > 0.5
    rare = np.where(flipped, 1.0 - means, means)
    common = np.where(flipped[:, None], so, not_so)
    by_rare = (np.where(flipped[:, None], not_so, so) - common).T
    told_by = [action for _, _, action in groups], [spread.action for spread in spreads]
    actions = tuple(dict.fromkeys(name for names in told_by for name in names if name))
    number = {name: index for index, name in enumerate(actions)}
    return Model(
        causes=frame.causes,
        rows=frame.rows,
        base=frame.base,
        chances=tuple(chance for chance, _, _ in groups),
        flipped=flipped,
        rare=np.where(rare < NEVER, 0.0, rare),
        common=common.sum(axis=0),
        by_rare=by_rare,
        hidden_event=np.array([event for event, _, _ in hidden], dtype=np.intp),
        hidden_row=np.array([row for _, row, _ in hidden], dtype=np.intp),
        hidden_median=np.array([one.median for _, _, one in hidden], dtype=np.float64),
        hidden_sigma=np.array([one.sigma for _, _, one in hidden], dtype=np.float64),
        amounts=amounts_of(spreads, [frame.row_of[one.cause, one.total] for one in spreads]),
        actions=actions,
        event_action=np.array([number.get(name, -1) for name in told_by[0]], dtype=np.intp),
        amount_action=np.array([number.get(name, -1) for name in told_by[1]], dtype=np.intp),
        scales=frame.scales,
    )
