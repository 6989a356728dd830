"""What would make a decision surer, and the error rate expected after it: value of information.

Expected value of partial perfect information, e.g. Strong, Oakley & Brennan (2014): an action tells
some of what is uncertain; whoever knows it takes the better outcome. Here the better outcome is
picked by one threshold on what the action tells (all changes, in shares of the limits, added up),
which is the best rule where more of everything makes a household exceed its limits, and an upper
bound of the rate expected after the action where it is not.
"""

from typing import Final

import numpy as np

from app.domain.decision import Action, ActionKind
from app.error_rate.draws import Draws
from app.error_rate.model import Model
from app.error_rate.shape import Array, Flags

_MOST: Final = 8  # actions that are worked out, by how much of the error they bear on
_LEAST: Final = 1e-4  # of the rate: less is no reason to do anything
_KINDS: Final = {
    "source": ActionKind.ASK_SOURCE,
    "review": ActionKind.REVIEW_RECORD,
    "household": ActionKind.ASK_HOUSEHOLD,
    "conflict": ActionKind.CONFLICT,
    "declared": ActionKind.DECLARED,
    "anomaly": ActionKind.ANOMALY,
    "undeclared": ActionKind.UNDECLARED,
}


def next_actions(model: Model, draws: Draws, wrong: Flags, rate: float) -> tuple[Action, ...]:
    """Actions with a use, best first: of equal use, in the order of their names."""
    if rate < _LEAST:
        return ()
    # Where an action tells nothing unusual it leaves the rest as unsure as all such draws are.
    bearing = (draws.told[:, wrong] != 0.0) @ draws.probability[wrong]
    outcomes = (np.where(wrong, draws.probability, 0.0), np.where(wrong, 0.0, draws.probability))
    found = []
    for index in np.argsort(-bearing, kind="stable")[:_MOST]:
        if bearing[index] < _LEAST:
            break
        after = min(rate, _rate_after(draws.told[index], *outcomes))
        if rate - after >= _LEAST:
            found.append(_action(model.actions[index], after, rate - after))
    return tuple(sorted(found, key=lambda one: (-one.reduction, one.subject)))


def kind_of(subject: str) -> ActionKind:
    """The kind of action that a subject names."""
    return _KINDS[subject.split(":", maxsplit=1)[0]]


def _action(subject: str, after: float, reduction: float) -> Action:
    return Action(kind=kind_of(subject), subject=subject, expected_rate=after, reduction=reduction)


def _rate_after(told: Array, bad: Array, good: Array) -> float:
    """The least rate over all thresholds: favoured on one side, the other outcome beyond it.

    `bad` and `good`: each draw's probability where the favoured outcome is wrong, and where right.
    """
    is_usual = told == 0.0
    order = np.flatnonzero(~is_usual)
    order = order[np.argsort(told[order])]
    below = int(np.searchsorted(told[order], 0.0))
    value = _with(told[order], below, 0.0)
    errs_kept = _with(bad[order], below, bad[is_usual].sum())
    errs_changed = _with(good[order], below, good[is_usual].sum())
    ends = np.append(np.flatnonzero(value[1:] != value[:-1]), value.size - 1)
    kept, changed = np.cumsum(errs_kept)[ends], np.cumsum(errs_changed)[ends]
    upwards = kept + (changed[-1] - changed)
    downwards = changed + (kept[-1] - kept)
    return float(max(0.0, min(upwards.min(), downwards.min())))


def _with(values: Array, place: int, one: float) -> Array:
    """As numpy.insert, which takes ten times as long."""
    longer = np.empty(values.size + 1)
    longer[:place], longer[place], longer[place + 1 :] = values[:place], one, values[place:]
    return longer
