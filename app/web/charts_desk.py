"""Strips and bars of batches and sources as SVG: classes and attributes alone, with a sentence."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

_CELL: Final = 2
_HEIGHT: Final = 18
_BAR: Final = 600
_BAR_HEIGHT: Final = 16
_LEAST: Final = 2.0
"""So many units wide is the least part that there is."""


def day_strip(cells: Sequence[Sequence[int]], label: str) -> Markup:
    """Cells of ten minutes, the oldest first: replies, and failures among them."""
    most = max((one[0] for one in cells), default=0)
    width = len(cells) * _CELL
    drawn = [
        Markup('<rect class="track" x="0" y="0" width="{}" height="{}"/>').format(width, _HEIGHT)
    ]
    for place, (replies, failures) in enumerate(cells):
        if not replies:
            continue
        height = max(3, round(_HEIGHT * replies / most))
        drawn.append(_cell("m1", place, height))
        if failures:
            drawn.append(_cell("fail", place, max(3, round(height * failures / replies))))
    for hours in range(6, 24, 6):
        drawn.append(_line(width - hours * 6 * _CELL))
    return _svg("strip", (width, _HEIGHT), label, drawn)


def _cell(kind: str, place: int, height: int) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, place * _CELL, _HEIGHT - height, _CELL, height
    )


def _line(x: int) -> Markup:
    return Markup('<path class="hour" d="M{} 0v{}"/>').format(x, _HEIGHT)


def stage_bar(parts: Sequence[tuple[str, int]], label: str) -> Markup:
    """Parts of a whole by class and number, one after the other; what is small stays visible."""
    some = [(kind, number) for kind, number in parts if number > 0]
    widths = shares([number for _, number in some], _BAR, _LEAST)
    x, drawn = 0.0, []
    for (kind, _), width in zip(some, widths, strict=True):
        drawn.append(
            Markup('<rect class="{}" x="{}" y="0" width="{}" height="{}"/>').format(
                kind, f"{x:.1f}", f"{width:.1f}", _BAR_HEIGHT
            )
        )
        x += width
    track = Markup('<rect class="track" x="0" y="0" width="{}" height="{}"/>')
    return _svg("stages", (_BAR, _BAR_HEIGHT), label, [track.format(_BAR, _BAR_HEIGHT), *drawn])


def shares(numbers: Sequence[int], whole: float, least: float) -> list[float]:
    """The whole in parts by the numbers, none below `least`; together they are the whole."""
    total = sum(numbers)
    if not total:
        return []
    least = min(least, whole / len(numbers))
    small = [number * whole / total < least for number in numbers]
    left = whole - least * sum(small)
    rest = sum(number for number, is_small in zip(numbers, small, strict=True) if not is_small)
    return [
        least if is_small else number * left / rest
        for number, is_small in zip(numbers, small, strict=True)
    ]


def _svg(kind: str, size: tuple[int, int], label: str, parts: Sequence[Markup]) -> Markup:
    """The bar of stages is stretched to the width that there is."""
    ratio = Markup(' preserveAspectRatio="none"') if kind == "stages" else ""
    head = Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}"{}>').format(
        kind, *size, label, ratio
    )
    return head + Markup("").join(parts) + Markup("</svg>")
