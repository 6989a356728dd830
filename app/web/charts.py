"""Charts of the review screen as SVG: attributes and classes alone, a sentence as label.

All that a chart shows stands in a table or in words beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 300
_MARGIN: Final = 10.0
_HEAD: Final = 38
_ROW: Final = 30
_TICKS: Final = (1e-6, 1e-4, 0.01, 0.5, 0.99, 0.9999, 0.999999)
_APART: Final = 30.0
_WIDE_FROM: Final = 0x2E80
_LEAST: Final = 1.5
"""So wide is a bar at least, that it can be seen."""


def log2_odds(probability: float) -> float:
    """Of a probability between 0 and 1, both left out."""
    return math.log2(probability) - math.log2(1 - probability)


def probability_of(odds: float) -> float:
    """The probability of log2 odds; exact at both ends."""
    if odds > 0:
        return 1 / (1 + math.exp2(-odds))
    return math.exp2(odds) / (1 + math.exp2(odds))


@dataclass(frozen=True, slots=True)
class Bar:
    """A row's part of the way: from where the row above ended."""

    start: float
    weight: float

    @property
    def end(self) -> float:
        return self.start + self.weight


@dataclass(frozen=True, slots=True)
class Zone:
    """Between which probabilities a person decides."""

    review_from: float
    accept_from: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Bars on one axis of log2 odds: the first begins at even odds, each where the last ended."""

    bars: tuple[Bar, ...]
    zone: Zone

    @classmethod
    def of(cls, weights: Sequence[float], zone: Zone) -> "Waterfall":
        """`weights`: the prior first; rows that do not count weigh 0."""
        bars: list[Bar] = []
        for place, weight in enumerate(weights):
            start = math.fsum(weights[:place])
            bars.append(Bar(start, weight))
        return cls(tuple(bars), zone)

    @property
    def total(self) -> float:
        """All bars together."""
        return math.fsum(bar.weight for bar in self.bars)

    @property
    def _ends(self) -> tuple[float, float]:
        edges = [log2_odds(self.zone.review_from), log2_odds(self.zone.accept_from), 0.0]
        all_of = edges + [end for bar in self.bars for end in (bar.start, bar.end)]
        return min(all_of), max(all_of)

    def x(self, odds: float) -> float:
        """Where on the axis."""
        low, high = self._ends
        return _MARGIN + (WIDTH - 2 * _MARGIN) * (odds - low) / ((high - low) or 1.0)

    def head(self, words: "HeadWords") -> Markup:
        """The axis with probabilities, and the zone's name."""
        review, accept = (
            self.x(log2_odds(p)) for p in (self.zone.review_from, self.zone.accept_from)
        )
        middle = min(max((review + accept) / 2, 40), WIDTH - 40)
        free = middle - _wide(words.zone) / 2 - 16
        title = _text(8, 12, words.title, "start") if _wide(words.title) < free else Markup()
        pieces = [
            _svg(_HEAD, words.label),
            _band(review, accept, 15, _HEAD),
            title,
            _text(middle, 12, words.zone, "middle"),
        ]
        for probability, shown in self._ticks(words):
            at = self.x(log2_odds(probability))
            pieces += [_line("axis", at, 33, _HEAD), _text(at, 30, shown, _anchor(at))]
        return Markup("").join([*pieces, Markup("</svg>")])

    def _ticks(self, words: "HeadWords") -> list[tuple[float, str]]:
        """Even odds and the zone's ends first; others where there is room."""
        low, high = self._ends
        taken: list[float] = []
        ticks = []
        ends = (self.zone.accept_from, self.zone.review_from)
        for probability in (0.5, *ends, *_TICKS):
            odds = log2_odds(probability)
            at = self.x(odds)
            if low <= odds <= high and all(abs(at - other) >= _APART for other in taken):
                taken.append(at)
                ticks.append((probability, words.percents[probability]))
        return ticks

    def row(self, place: int, *, is_last: bool = False) -> Markup:
        """One row's bar, with the line that comes from above and the one that leads on."""
        bar = self.bars[place]
        start, end = self.x(bar.start), self.x(bar.end)
        pieces = [self._ground(_ROW)]
        if place:
            pieces.append(_line("link", start, 0, 9))
        if bar.weight == 0:
            pieces += [
                _line("link", start, 9, _ROW),
                _tag("circle", cx=start, cy=15, r=3, fill="#fff", class_="link"),
            ]
        else:
            kind = "prior" if place == 0 else "for" if bar.weight > 0 else "against"
            pieces.append(_bar(kind, start, end, 9, 12))
            if not is_last:
                pieces.append(_line("link", end, 21, _ROW))
        return Markup("").join([*pieces, Markup("</svg>")])

    def sum_row(self) -> Markup:
        """The total as a solid bar from even odds, with a mark where it ends."""
        at = self.x(self.total)
        mark = Markup('<path class="total" d="M{0:.1f} 4h10l-5 6z"/>').format(at - 5)
        pieces = [
            self._ground(_ROW),
            _line("link", at, 0, 8),
            _bar("total", self.x(0.0), at, 8, 14),
            mark,
        ]
        return Markup("").join([*pieces, Markup("</svg>")])

    def _ground(self, height: int) -> Markup:
        review, accept = (
            self.x(log2_odds(p)) for p in (self.zone.review_from, self.zone.accept_from)
        )
        opened = Markup(
            '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        ).format(WIDTH, height)
        return opened + _band(review, accept, 0, height) + _line("axis", self.x(0.0), 0, height)


@dataclass(frozen=True, slots=True)
class HeadWords:
    """What stands at the axis, in the page's language; `percents`: by probability."""

    title: str
    zone: str
    label: str
    percents: "Percents"


class Percents(dict[float, str]):
    """Ticks of whatever probability, as short as they can be."""

    def __missing__(self, probability: float) -> str:
        return f"{probability * 100:.6g}%"


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """Names of the three zones, and what the scale says."""

    excluded: str
    review: str
    accepted: str
    label: str


def prob_scale(
    probability: float, interval: tuple[float, float], zone: Zone, words: ScaleWords
) -> Markup:
    """Where the probability is between the thresholds, with its interval."""
    left, right = (10 + 400 * one for one in (zone.review_from, zone.accept_from))
    low, high = (10 + 400 * one for one in interval)
    pieces = [
        Markup('<svg viewBox="0 0 420 46" role="img" aria-label="{}">').format(words.label),
        _tag("rect", class_="track", x=10, y=20, width=400, height=8, rx=1),
        _tag("rect", x=left, y=20, width=right - left, height=8, fill="#ecd9a6"),
        _text((left + right) / 2, 41, words.review, "middle"),
        _text(410, 41, words.accepted, "end"),
    ]
    if left > 10:
        pieces.append(_text(10, 41, words.excluded, "start"))
    for at, value in ((left, zone.review_from), (right, zone.accept_from)):
        pieces += [_line("thr", at, 14, 31), _text(at, 11, Percents()[value], _anchor(at, 420))]
    pieces += [
        _tag("line", class_="ci", x1=low, x2=max(high, low + _LEAST), y1=24, y2=24),
        _tag("circle", class_="dot", cx=10 + 400 * probability, cy=24, r=7),
    ]
    return Markup("").join([*pieces, Markup("</svg>")])


def _svg(height: int, label: str) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, height, label
    )


def _tag(name: str, **attributes: object) -> Markup:
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _number(value))
        for key, value in attributes.items()
    )
    return Markup("<{}{}/>").format(name, given)


def _number(value: object) -> object:
    return f"{value:.1f}" if isinstance(value, float) else value


def _line(kind: str, at: float, top: int, bottom: int) -> Markup:
    return _tag("line", class_=kind, x1=at, x2=at, y1=top, y2=bottom)


def _band(left: float, right: float, top: int, bottom: int) -> Markup:
    band = _tag("rect", class_="band", x=left, y=top, width=right - left, height=bottom - top)
    return band + _line("thr", left, top, bottom) + _line("thr", right, top, bottom)


def _bar(kind: str, start: float, end: float, top: int, height: int) -> Markup:
    width = max(abs(end - start), _LEAST)
    return _tag("rect", class_=kind, x=min(start, end), y=top, width=width, height=height)


def _text(x: float, y: int, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
        x, y, anchor, escape(text)
    )


def _wide(text: str) -> int:
    """About how wide a label is."""
    return sum(11 if ord(sign) > _WIDE_FROM else 6 for sign in text)


def _anchor(at: float, width: int = WIDTH) -> str:
    if at < 18:
        return "start"
    return "end" if at > width - 18 else "middle"
