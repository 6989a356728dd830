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
_EDGE: Final = 3
_NEAR: Final = 25
_CLOSE: Final = 30
"""Percent of a scale's width: its margin, what is near an end, and what is near another."""
_TICKS: Final = (1e-6, 1e-4, 0.01, 0.5, 0.99, 0.9999, 0.999999)
_APART: Final = 34.0
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
        pieces = [self._ground()]
        if place:
            pieces.append(_line("link", start, "0", "50%"))
        if not is_last:
            pieces.append(_line("link", end, "50%", "100%"))
        if bar.weight == 0:
            mark = _tag("circle", cx=start, cy=0, r=3, fill="#fff", class_="link")
        else:
            kind = "prior" if place == 0 else "for" if bar.weight > 0 else "against"
            mark = _bar(kind, start, end, 12)
        return Markup("").join([*pieces, _in_the_middle(mark), Markup("</svg>")])

    def sum_row(self) -> Markup:
        """The total as a solid bar from even odds, with a mark where it ends."""
        at = self.x(self.total)
        mark = Markup('<path class="total" d="M{0:.1f} -11h10l-5 6z"/>').format(at - 5)
        pieces = [
            self._ground(),
            _line("link", at, "0", "50%"),
            _in_the_middle(_bar("total", self.x(0.0), at, 14) + mark),
        ]
        return Markup("").join([*pieces, Markup("</svg>")])

    def _ground(self) -> Markup:
        """As high as the row is: nothing in it is stretched."""
        review, accept = (
            self.x(log2_odds(p)) for p in (self.zone.review_from, self.zone.accept_from)
        )
        opened = Markup('<svg aria-hidden="true">')
        return opened + _band(review, accept, "0", "100%") + _line("axis", self.x(0.0), "0", "100%")


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
    left, right, low, high, at = (
        _EDGE + (100 - 2 * _EDGE) * one
        for one in (zone.review_from, zone.accept_from, *interval, probability)
    )
    pieces = [
        Markup('<svg role="img" aria-label="{}">').format(words.label),
        _tag("rect", class_="track", x=f"{_EDGE}%", y=20, width=f"{100 - 2 * _EDGE}%", height=8),
        _tag("rect", x=_part(left), y=20, width=_part(right - left), height=8, fill="#ecd9a6"),
        _line("thr", _part(left), 14, 31),
        _line("thr", _part(right), 14, 31),
        *_thresholds(left, right, zone),
        _text(_part((left + right) / 2), 42, words.review, _side((left + right) / 2)),
        _text(_part(_EDGE), 57, words.excluded, "start") if left > _EDGE else Markup(),
        _text(_part(100 - _EDGE), 57, words.accepted, "end"),
        _tag("line", class_="ci", x1=_part(low), x2=_part(max(high, low + 0.4)), y1=24, y2=24),
        _tag("circle", class_="dot", cx=_part(at), cy=24, r=7),
    ]
    return Markup("").join([*pieces, Markup("</svg>")])


def _thresholds(left: float, right: float, zone: Zone) -> list[Markup]:
    """Both beside their lines, or as one text where the lines are close."""
    first, second = Percents()[zone.review_from], Percents()[zone.accept_from]
    if right - left < _CLOSE:
        middle = (left + right) / 2
        return [_text(_part(middle), 11, f"{first}–{second}", _side(middle))]
    return [_text(_part(at), 11, text, _side(at)) for at, text in ((left, first), (right, second))]


def _part(percent: float) -> str:
    """Of the width that the page gives: what is drawn so keeps the size of its letters."""
    return f"{percent:.2f}%"


def _side(percent: float) -> str:
    """To which side of its place a text stands, that it is not cut."""
    return "start" if percent < _NEAR else "end" if percent > 100 - _NEAR else "middle"


def _in_the_middle(drawn: Markup) -> Markup:
    return Markup('<svg y="50%" overflow="visible">{}</svg>').format(drawn)


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


def _line(kind: str, at: float | str, top: int | str, bottom: int | str) -> Markup:
    return _tag("line", class_=kind, x1=at, x2=at, y1=top, y2=bottom)


def _band(left: float, right: float, top: int | str, bottom: int | str) -> Markup:
    height = bottom if isinstance(top, str) or isinstance(bottom, str) else bottom - top
    band = _tag("rect", class_="band", x=left, y=top, width=right - left, height=height)
    return band + _line("thr", left, top, bottom) + _line("thr", right, top, bottom)


def _bar(kind: str, start: float, end: float, height: int) -> Markup:
    width = max(abs(end - start), _LEAST)
    top = -height // 2
    return _tag("rect", class_=kind, x=min(start, end), y=top, width=width, height=height)


def _text(x: float | str, y: int, text: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
        _number(x), y, anchor, escape(text)
    )


def _wide(text: str) -> int:
    """About how wide a label is."""
    return sum(12 if ord(sign) > _WIDE_FROM else 7 for sign in text)


def _anchor(at: float) -> str:
    if at < 20:
        return "start"
    return "end" if at > WIDTH - 20 else "middle"
