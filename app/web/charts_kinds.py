"""The strip of an unusual value: where it stands beside the usual range, on a scale of tenfolds."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

_LEFT, _RIGHT = 2, 98
_CLOSE: Final = 40
_NEAR: Final = 20
"""Percent of the width that the page gives, so that letters keep their size: the ends, ends that
are close to each other, and what is near an end."""
_TOP: Final = 20
_LEAST: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class RangeWords:
    """What stands at the strip, and the sentence that says the same."""

    value: str
    low: str
    high: str
    label: str


def usual_range(value: str, usual: tuple[str | None, str | None], words: RangeWords) -> Markup:
    """A range without an upper end runs to the strip's own; values below 0.1 stand at its left."""
    told = max(_LEAST, Decimal(value))
    low = max(_LEAST, Decimal(usual[0] or 0))
    high = None if usual[1] is None else max(_LEAST, Decimal(usual[1]))
    least = min(told, low) / 10 if min(told, low) > _LEAST else _LEAST
    most = max(one for one in (told, low, high) if one is not None) * 10
    span = math.log10(most / least)

    def place(one: Decimal) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * math.log10(one / least) / span, 1)

    ends = place(low), _RIGHT if high is None else place(high)
    at = place(told)
    told_ends = [(ends[0], words.low, "start"), (ends[1], words.high, "end")]
    if ends[1] - ends[0] < _CLOSE:  # one text: two would lie over each other
        told_ends = [(ends[0], f"{words.low} – {words.high}", _side(ends[0]))]
    below = Markup("").join(
        Markup('<text x="{}%" y="50" text-anchor="{}">{}</text>').format(*one[::2], one[1])
        for one in told_ends
    )
    return Markup(
        '<svg class="strip" role="img" aria-label="{label}">'
        '<rect class="track" x="{left}%" y="{top}" width="{whole}%" height="12"/>'
        '<rect class="ok" x="{from_}%" y="{top}" width="{wide}%" height="12"/>'
        '<line class="limit" x1="{at}%" y1="14" x2="{at}%" y2="38"/>'
        '<text class="dark" x="{at}%" y="11" text-anchor="{anchor}">{value}</text>'
        "{below}</svg>"
    ).format(
        label=escape(words.label),
        left=_LEFT,
        top=_TOP,
        whole=_RIGHT - _LEFT,
        from_=ends[0],
        wide=round(max(0.4, ends[1] - ends[0]), 1),
        at=at,
        anchor=_side(at),
        value=words.value,
        below=below,
    )


def _side(percent: float) -> str:
    return "end" if percent > 100 - _NEAR else "start" if percent < _NEAR else "middle"
