"""Compiles the uncertain variables of one decision into arrays: events, amounts, what they move.

An event is either so or not. One of its two states is the rarer one; a draw is told by which events
are in their rare state, so that draws can be spread evenly over how many are. A change of a total
is kept by cause and total, `causes × columns` places in one axis; the size is the last column.
Draws are the last axis everywhere, so that every total is one run of memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from app.domain.decision import Cause
from app.error_rate.amounts import FAR_OUT, NEVER, Amounts, NDInt, amounts_of, reaches
from app.error_rate.shape import SIZE, Array, Flags, Shape, scale_of, totals_of
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
    columns: tuple[str, ...]
    base: Array
    chances: tuple[Chance, ...]  # of each event's being so
    flipped: Flags  # the rare state is "not so"
    rare: Array  # probability of the rare state
    common: Array  # places: what holds where no event is rare
    by_rare: Array  # places × events: what changes where that event is rare
    hidden_event: NDInt
    hidden_place: NDInt
    hidden_median: Array
    hidden_sigma: Array
    amounts: Amounts
    actions: tuple[str, ...]  # what would tell of some of it
    event_action: NDInt  # the action that tells whether the event is so; -1: none does
    amount_action: NDInt
    scales: Array  # of the columns: what turns a change into shares of the tests' limits

    @property
    def has_amounts(self) -> bool:
        """Amounts vary even where all events are in their common state."""
        return self.amounts.places.size > 0 or self._usual.size > 0

    @property
    def is_discrete(self) -> bool:
        return self.amounts.places.size == 0 and self.hidden_event.size == 0

    @property
    def _usual(self) -> NDInt:
        """The hidden amounts that are likelier there than not."""
        return np.flatnonzero(self.flipped[self.hidden_event])

    def by_cause(self, changes: Array) -> Array:
        """Changes by place as causes × columns × what follows."""
        return changes.reshape(len(self.causes), len(self.columns), *changes.shape[1:])

    def totals(self, changes: Array) -> Mapping[str, Array]:
        """The totals under changes whose first axis is the columns."""
        return {name: self.base[index] + changes[index] for index, name in enumerate(self.columns)}

    def farthest(self) -> tuple[Array, Array]:
        """Changes by place with all amounts far down and far up, four joint deviations."""
        down, up = reaches(self.amounts)
        width = len(self.causes) * len(self.columns)
        places = self.amounts.places
        squares = [np.bincount(places, reach**2, minlength=width) for reach in (down, up)]
        hidden = self.hidden_median * np.exp(FAR_OUT * self.hidden_sigma)
        usual = self._usual
        beyond = np.bincount(self.hidden_place[usual], hidden[usual] ** 2, minlength=width)
        squares[1] = squares[1] + beyond
        return -np.sqrt(squares[0]), np.sqrt(squares[1])


def compile_case(case: Case) -> Model:
    """The case in arrays, without what cannot move a total that the rule looks at."""
    columns = (*(name for name in totals_of(case.rule) if name != SIZE), SIZE)
    causes = tuple(dict.fromkeys(variable.cause for variable in case.variables))
    layout = _Layout(
        {cause: index * len(columns) for index, cause in enumerate(causes)},
        {name: index for index, name in enumerate(columns)},
    )
    groups = _grouped(case.variables, layout)
    spreads = [one for one in case.variables if isinstance(one, Spread) and _is_open(one, layout)]
    base = [float(case.size) if name == SIZE else case.base[name] for name in columns]
    scales = np.array([scale_of(case.rule, name, case.size) for name in columns])
    return _assembled((np.array(base), scales), layout, groups, spreads)


@dataclass(frozen=True, slots=True)
class _Layout:
    cause_start: Mapping[Cause, int]
    column: Mapping[str, int]

    @property
    def width(self) -> int:
        return len(self.cause_start) * len(self.column)

    def place(self, cause: Cause, total: str) -> int | None:
        """Where a change of the total goes; None where the rule does not look at it."""
        column = self.column.get(total)
        return None if column is None else self.cause_start[cause] + column


@dataclass(slots=True)
class _EventRows:
    """What an event changes: (place, amount) where it is so, and where it is not."""

    so: list[tuple[int, float]]
    not_so: list[tuple[int, float]]
    hidden: list[tuple[int, Hidden]]

    @property
    def is_empty(self) -> bool:
        return not (self.so or self.not_so or self.hidden)


_Group = tuple[Chance, _EventRows, str]
"""What stands or falls together: its chance, what it changes, the action that would tell."""


def _grouped(variables: Sequence[Variable], layout: _Layout) -> list[_Group]:
    """One event for each group and for each variable without one."""
    members: dict[object, list[Event]] = {}
    for index, variable in enumerate(variables):
        if not isinstance(variable, Spread):
            members.setdefault(variable.group or index, []).append(variable)
    groups = []
    for events in members.values():
        rows = _EventRows([], [], [])
        for event in events:
            _note(event, rows, layout)
        if not rows.is_empty:
            groups.append((_shared_chance(events), rows, events[0].action))
    return groups


def _shared_chance(events: Sequence[Event]) -> Chance:
    first = events[0].probability
    if len(events) == 1:
        return first
    mean = sum(event.probability.mean for event in events) / len(events)
    return Chance(min(mean, 1.0), first.weight, first.shared)


def _note(event: Event, rows: _EventRows, layout: _Layout) -> None:
    match event:
        case Presence():
            sign, side = (-1.0, rows.not_so) if event.counted else (1.0, rows.so)
            for total, amount in event.effects.items():
                place = layout.place(event.cause, total)
                if place is not None and amount != 0.0:
                    side.append((place, sign * amount))
        case Hidden():
            place = layout.place(event.cause, event.total)
            if place is not None and event.whole:
                rows.so.append((place, 1.0))
            elif place is not None:
                rows.hidden.append((place, event))
        case Heads():
            place = layout.place(event.cause, SIZE)
            if place is not None and event.change != 0:
                rows.so.append((place, float(event.change)))
        case _:
            assert_never(event)


def _is_open(spread: Spread, layout: _Layout) -> bool:
    looked_at = layout.place(spread.cause, spread.total) is not None
    moves = spread.sigma > 0.0 and spread.off > NEVER
    is_certain = spread.low == spread.high and (not moves or spread.base == 0.0)
    return looked_at and not is_certain


def _assembled(
    columns: tuple[Array, Array],
    layout: _Layout,
    groups: Sequence[_Group],
    spreads: Sequence[Spread],
) -> Model:
    so, not_so = (np.zeros((len(groups), layout.width)) for _ in range(2))
    hidden: list[tuple[int, int, Hidden]] = []
    for index, (_, rows, _) in enumerate(groups):
        for place, amount in rows.so:
            so[index, place] += amount
        for place, amount in rows.not_so:
            not_so[index, place] += amount
        hidden += [(index, place, one) for place, one in rows.hidden]
    means = np.array([chance.mean for chance, _, _ in groups], dtype=np.float64)
    flipped = means > 0.5
    rare = np.where(flipped, 1.0 - means, means)
    common = np.where(flipped[:, None], so, not_so)
    by_rare = (np.where(flipped[:, None], not_so, so) - common).T
    told_by = [action for _, _, action in groups], [spread.action for spread in spreads]
    actions = tuple(dict.fromkeys(name for names in told_by for name in names if name))
    number = {name: index for index, name in enumerate(actions)}
    starts = [layout.cause_start[one.cause] + layout.column[one.total] for one in spreads]
    return Model(
        causes=tuple(layout.cause_start),
        columns=tuple(layout.column),
        base=columns[0],
        chances=tuple(chance for chance, _, _ in groups),
        flipped=flipped,
        rare=np.where(rare < NEVER, 0.0, rare),
        common=common.sum(axis=0),
        by_rare=by_rare,
        hidden_event=np.array([event for event, _, _ in hidden], dtype=np.intp),
        hidden_place=np.array([place for _, place, _ in hidden], dtype=np.intp),
        hidden_median=np.array([one.median for _, _, one in hidden], dtype=np.float64),
        hidden_sigma=np.array([one.sigma for _, _, one in hidden], dtype=np.float64),
        amounts=amounts_of(spreads, starts),
        actions=actions,
        event_action=np.array([number.get(name, -1) for name in told_by[0]], dtype=np.intp),
        amount_action=np.array([number.get(name, -1) for name in told_by[1]], dtype=np.intp),
        scales=columns[1],
    )
