"""Charts of a household's profile as SVG: presentation attributes and classes alone.

Each says in one sentence what it shows; the same stands in the table or text beside it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

_BULLET: Final = (178, 18)
_ROOM: Final = Decimal("1.58")
"""Of a bullet's limit: so far the track goes at least."""
_CELL, _STEP, _CELLS_HIGH = 15, 18, 20
_SCALE: Final = (290, 34)
_LEAST_SCALE: Final = 0.16
_BANDS: Final = ("b1", "b2", "b3")
_MARK: Final = Decimal("1.06")
_WIDE_FROM: Final = 0x2E80
_GAP: Final = 2
"""Dots between two labels, at least."""


def _svg(
    size: tuple[int, int], label: str, drawn: Iterable[str], *, stretched: bool = False
) -> Markup:
    width, height = size
    how = Markup(' preserveAspectRatio="none"') if stretched else Markup()
    inner = Markup("").join(Markup(part) for part in drawn)  # noqa: S704 - numbers and classes
    return Markup('<svg viewBox="0 0 {} {}"{} role="img" aria-label="{}">{}</svg>').format(
        width, height, how, label, inner
    )


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:g}" width="{max(width, 0):.1f}" '
        f'height="{height:g}"/>'
    )


def _line(kind: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:g}" y2="{y2:g}"/>'


def _text(words: str, x: float, y: float, anchor: str = "") -> str:
    at = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:g}"{at}>{escape(words)}</text>'


def bullet(bounds: tuple[Decimal, Decimal | None], limit: Decimal, kind: str, label: str) -> Markup:
    """A value against a limit. What is not sure of an interval is hatched; `kind`: ok, bad, open.

    An end that is not known runs to the edge.
    """
    width = _BULLET[0] - 2
    low, high = bounds
    most = max(limit * _ROOM, (high if high is not None else low) * _MARK, Decimal(1))

    def at(value: Decimal) -> float:
        return 1 + float(min(value, most) / most) * width

    drawn = [_rect("track", 1, 5, width, 8), _rect(kind, 1, 5, at(low) - 1, 8)]
    end = 1 + width if high is None else at(high)
    if end > at(low):
        drawn.append(_rect("maybe", at(low), 5, end - at(low), 8))
    drawn.append(_line("limit", at(limit), at(limit), 1, 17))
    return _svg(_BULLET, label, drawn, stretched=True)


def month_cells(states: Sequence[str], label: str, *, is_used: bool) -> Markup:
    """Twelve months: a record, none, or (hatched) nobody knows."""
    kinds = {"record": "m1" if is_used else "m2", "none": "m0", "unknown": "mx"}
    width = max(len(states) * _STEP + 2, _STEP)
    drawn = [
        _rect(kinds[state], 1 + index * _STEP, 5, _CELL, 13) for index, state in enumerate(states)
    ]
    drawn.append(_line("axis", 0, width, 18.5, 18.5))
    return _svg((width, _CELLS_HIGH), label, drawn)


def error_scale(
    rate: tuple[float, float, float],
    cuts: tuple[float, float],
    words: tuple[str, str],
    label: str,
) -> Markup:
    """A rate with its interval over the bands; `words` name the first two, `cuts` part them."""
    value, low, high = rate
    width = _SCALE[0] - 2
    most = min(1.0, max(_LEAST_SCALE, high * 1.05, value * 1.05))

    def at(share: float) -> float:
        return 1 + min(share, most) / most * width

    ends = (0.0, *cuts, most)
    drawn = [
        _rect(kind, at(begin), 8, at(end) - at(begin), 10)
        for kind, begin, end in zip(_BANDS, ends, ends[1:], strict=False)
        if end > begin
    ]
    drawn.append(_line("ci", at(low), at(high), 13, 13))
    drawn += [_line("ci", at(one), at(one), 9, 17) for one in (low, high)]
    drawn.append(f'<circle class="dot" cx="{at(value):.1f}" cy="13" r="4.5"/>')
    first, second = (at(one) for one in cuts)
    drawn += _labels(
        (f"{cuts[1] * 100:g}%", second, ("middle", "end", "start")),
        (f"{cuts[0] * 100:g}%", first, ("middle", "start", "end")),
        ("0", 1, ("start",)),
        (words[0], first / 2, ("middle",)),
        (words[1], (first + second) / 2, ("middle",)),
    )
    return _svg(_SCALE, label, drawn)


def _labels(*wanted: tuple[str, float, Sequence[str]]) -> list[str]:
    """What there is room for, the most needed first: none lies over another or is cut."""
    taken: list[tuple[float, float]] = []
    drawn = []
    for words, x, anchors in wanted:
        width = sum(12 if ord(sign) > _WIDE_FROM or sign == "%" else 7 for sign in words)
        for anchor in anchors:
            left = x - {"start": 0.0, "middle": width / 2, "end": float(width)}[anchor]
            ends = left, left + width
            is_free = all(ends[1] + _GAP < low or ends[0] - _GAP > high for low, high in taken)
            if is_free and ends[0] >= 0 and ends[1] <= _SCALE[0]:
                taken.append(ends)
                drawn.append(_text(words, x, 31, "" if anchor == "start" else anchor))
                break
    return drawn


def swatch(kind: str) -> Markup:
    """A colour's key; the word stands beside it."""
    return Markup('<svg viewBox="0 0 9 9" aria-hidden="true"><rect class="{}" {}/></svg>').format(
        kind, Markup('width="9" height="9"')
    )
