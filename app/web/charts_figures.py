"""Charts of statistics as SVG: classes and presentation attributes alone, and a sentence each.

What a chart shows stands in its table as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from markupsafe import Markup, escape

_WIDTH: Final = 1180
_LABEL: Final = 210
_RIGHT: Final = 900
_ROW: Final = 26
_TOP: Final = 30
_STEPS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS: Final = 6
_SIGNS: Final = 34


@dataclass(frozen=True, slots=True)
class Dot:
    """A row: a share with its interval; without a point, the interval alone."""

    label: str
    point: float | None
    interval: tuple[float, float] | None
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: parts of a whole, by class of colour, and its words."""

    label: str
    parts: Sequence[tuple[str, float]]
    words: str


def interval_dots(
    rows: Sequence[Dot], *, label: str, target: float | None = None, target_word: str = ""
) -> Markup:
    """Dot and line a row on one axis from 0, with the line of what is still tolerated."""
    tops = [max((one.interval or (0.0, 0.0))[1], one.point or 0.0) for one in rows]
    end = min(1.0, max([*tops, (target or 0.0) * 1.25, 0.05]))
    step = _step(end)
    end = min(1.0, ceil(end / step - 1e-9) * step)
    height = _TOP + len(rows) * _ROW + 8

    def at(share: float) -> float:
        return round(_LABEL + share / end * (_RIGHT - _LABEL), 1)

    drawn = [_axis(at, end, step, height)]
    if target is not None:
        x = at(target)
        drawn.append(_line("thr", x, 20, x, height - 6))
        drawn.append(_text(x, 10, target_word, anchor="middle"))
    for number, one in enumerate(rows):
        y = _TOP + number * _ROW + _ROW / 2
        drawn.append(_text(_LABEL - 10, y + 4, _short(one.label), anchor="end"))
        drawn.append(_line("gridline", _LABEL, y, _RIGHT, y))
        if one.interval is not None:
            low, high = at(one.interval[0]), at(one.interval[1])
            drawn.append(_line("ci", low, y, max(high, low + 2), y))
        if one.point is not None:
            drawn.append(_dot(at(one.point), y, 5))
        drawn.append(_text(_RIGHT + 8, y + 4, one.words))
    return _svg(_WIDTH, height, label, drawn)


def bars(rows: Sequence[Bar], *, label: str, whole: float | None = None) -> Markup:
    """Stacked bars on one axis from 0; `whole` is where the axis ends, else the longest bar."""
    end = whole or max((sum(part for _, part in one.parts) for one in rows), default=1.0) or 1.0
    height = _TOP - 20 + len(rows) * _ROW + 8

    def at(value: float) -> float:
        return round(_LABEL + value / end * (_RIGHT - _LABEL), 1)

    drawn = []
    for number, one in enumerate(rows):
        y = _TOP - 20 + number * _ROW + 4
        drawn.append(_text(_LABEL - 10, y + 13, _short(one.label), anchor="end"))
        reached = 0.0
        for kind, part in one.parts:
            x = at(reached)
            reached += part
            width = round(at(reached) - x, 1)
            shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="16"/>')
            drawn.append(shape.format(kind, x, y, width))
        drawn.append(_text(at(reached) + 8, y + 13, one.words))
    drawn.append(_line("axis", _LABEL, 4, _LABEL, height - 4))
    return _svg(_WIDTH, height, label, drawn)


def reliability(
    rows: Sequence[tuple[float, float, tuple[float, float], float]],
    *,
    label: str,
    across: str,
    up: str,
) -> Markup:
    """Found over predicted, a dot a bin with its interval; equal is the dashed line.

    Each row: predicted, found, its interval, and its share of all decisions. Square-root axes
    spread the low rates, where nearly all decisions are.
    """
    left, top, size = 70, 14, 300
    end = min(1.0, 1.05 * max([max(high, predicted) for predicted, _, (_, high), _ in rows] or [1]))

    def part(share: float) -> float:
        return sqrt(min(share, end) / end) * size

    drawn = [_line("thr", left, top + size, left + size, top)]
    for mark in (0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0):
        if mark <= end:
            x, y = round(left + part(mark), 1), round(top + size - part(mark), 1)
            drawn.append(_line("gridline", x, top, x, top + size))
            drawn.append(_line("gridline", left, y, left + size, y))
            drawn.append(_text(x, top + size + 16, f"{mark:.0%}", anchor="middle"))
            drawn.append(_text(left - 8, y + 4, f"{mark:.0%}", anchor="end"))
    for predicted, found, (low, high), mass in rows:
        x = round(left + part(predicted), 1)
        drawn.append(_line("ci", x, top + size - part(low), x, top + size - part(high)))
        y, radius = round(top + size - part(found), 1), round(4 + 8 * sqrt(mass), 1)
        drawn.append(_dot(x, y, radius))
    drawn.append(_text(left + size / 2, top + size + 36, across, anchor="middle"))
    drawn.append(_text(left - 8, top - 2, up))
    return _svg(460, top + size + 44, label, drawn)


def _step(end: float) -> float:
    return next((one for one in _STEPS if end / one <= _MOST_TICKS), _STEPS[-1])


def _axis(at: Callable[[float], float], end: float, step: float, height: float) -> Markup:
    drawn = [_line("axis", _LABEL, height - 4, _RIGHT, height - 4)]
    for number in range(round(end / step) + 1):
        x = at(number * step)
        drawn.append(_line("gridline", x, 24, x, height - 4))
        drawn.append(_text(x, 22, f"{number * step * 100:.3g}%", anchor="middle"))
    return Markup("").join(drawn)


def _short(label: str) -> str:
    return label if len(label) <= _SIGNS else f"{label[: _SIGNS - 1]}…"


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    shape = Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return shape.format(kind, round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1))


def _dot(x: float, y: float, radius: float) -> Markup:
    return Markup('<circle class="dot" cx="{}" cy="{}" r="{}"/>').format(x, y, radius)


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> Markup:
    shape = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    return shape.format(round(x, 1), round(y, 1), anchor, words)


def _svg(width: float, height: float, label: str, drawn: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="figure" viewBox="0 0 {} {}" width="{}" height="{}" role="img" ')
    name = Markup('aria-label="{}">').format(escape(label))
    return (
        head.format(width, height, width, height) + name + Markup("").join(drawn) + Markup("</svg>")
    )
