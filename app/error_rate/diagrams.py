"""Diagrams as SVG without script, read aloud by their title and description: what is drawn where.

The templates hold the shapes, `words.yaml` the words of both languages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any, Final

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.error_rate.skill import Bin

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MARKS: Final = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_APART: Final = 34.0  # pixels between two ticks at least
_STEPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


class Language(StrEnum):
    """The languages of the diagrams."""

    ZH = "zh"
    EN = "en"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """The words by language and name."""
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (_TEMPLATES / "words.yaml").read_text("utf-8")
    )
    return found


def percent(rate: float) -> str:
    """A rate for people: `0.34 %`, `12.5 %`."""
    return f"{rate:.2%}" if rate < 0.1 else f"{rate:.1%}"


@dataclass(frozen=True, slots=True)
class _Axis:
    """From rates of 0 up to `end` to pixels; evenly, or by the square root."""

    first: float
    last: float
    end: float
    root: bool = False

    def at(self, rate: float) -> float:
        part = min(rate, self.end) / self.end
        return round(self.first + (sqrt(part) if self.root else part) * (self.last - self.first), 1)


def reliability_diagram(table: Sequence[Bin], language: Language = Language.ZH) -> str:
    """Observed over predicted, a dot a bin with its interval, on square-root axes.

    Those spread the low rates, where nearly all decisions are; equal stays the straight line.
    """
    left, top, right, bottom = 70.0, 44.0, 510.0, 484.0
    said = words()[language]
    end = min(1.0, 1.05 * max((max(one.high, one.predicted) for one in table), default=1.0))
    across, up = _Axis(left, right, end, root=True), _Axis(bottom, top, end, root=True)
    dots = [_dot(one, across, up, said) for one in table]
    rows = said["separator"].join(str(dot["told"]) for dot in dots)
    return _drawn(
        "reliability.svg",
        language,
        frame=(left, top, right, bottom),
        size=(540, 560),
        ticks=_square_root_ticks(across, up),
        dots=dots,
        told=said["bins_told"].format(count=sum(one.count for one in table), rows=rows),
    )


def _dot(one: Bin, across: _Axis, up: _Axis, said: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "x": across.at(one.predicted),
        "y": up.at(one.observed),
        "low": up.at(one.low),
        "high": up.at(one.high),
        "radius": round(3.0 + 12.0 * sqrt(one.mass), 1),
        "told": said["bin_told"].format(
            predicted=percent(one.predicted),
            observed=percent(one.observed),
            low=percent(one.low),
            high=percent(one.high),
            count=one.count,
        ),
    }


def causes_chart(decision: Mapping[str, Any], language: Language = Language.ZH) -> str:
    """One decision's causes, each bar beginning where the last ended, up to the rate.

    `decision` is the interface's document: error_rate, error_rate_interval, error_causes.
    """
    left, top, right, row = 150.0, 44.0, 560.0, 28.0
    said = words()[language]
    rate, (low, high) = float(decision["error_rate"]), map(float, decision["error_rate_interval"])
    across = _Axis(left, right, max(rate, high, _STEPS[0]))
    bars = _bars(decision["error_causes"], across, said, rows=(top, row))
    rows = said["separator"].join(str(bar["told"]) for bar in bars) or said["no_causes"]
    last = top + len(bars) * row + 8.0
    return _drawn(
        "causes.svg",
        language,
        frame=(left, top, right, last + row),
        size=(640, int(last + row) + 56),
        title=said["causes"],
        ticks=_even_ticks(across),
        bars=bars,
        total={
            "y": last,
            "width": round(across.at(rate) - left, 1),
            "low": across.at(low),
            "high": across.at(high),
            "part": percent(rate),
            "interval": f"{percent(low)} – {percent(high)}",
        },
        told=said["causes_told"].format(
            rate=percent(rate), low=percent(low), high=percent(high), rows=rows
        ),
    )


def _bars(
    causes: Mapping[str, float],
    across: _Axis,
    said: Mapping[str, str],
    *,
    rows: tuple[float, float],
) -> Sequence[Mapping[str, Any]]:
    """The largest first; `rows`: where the first begins, and how far apart they are."""
    bars, reached = [], 0.0
    for number, (cause, part) in enumerate(sorted(causes.items(), key=_by_size)):
        name = said.get(cause, cause)
        start = across.at(reached)
        reached += part
        bars.append(
            {
                "name": name,
                "x": start,
                "width": round(across.at(reached) - start, 1),
                "y": rows[0] + number * rows[1],
                "part": percent(part),
                "told": said["cause_told"].format(name=name, part=percent(part)),
            }
        )
    return bars


def _by_size(cause: tuple[str, float]) -> tuple[float, str]:
    return -cause[1], cause[0]


def _drawn(
    template: str,
    language: Language,
    *,
    frame: tuple[float, float, float, float],
    size: tuple[int, int],
    **shown: Any,
) -> str:
    sides = dict(zip(("left", "top", "right", "bottom"), frame, strict=True))
    return (
        _environment()
        .get_template(template)
        .render(
            **sides,
            width=size[0],
            height=size[1],
            language=language.value,
            words=words()[language],
            **shown,
        )
    )


def _square_root_ticks(across: _Axis, up: _Axis) -> Sequence[Mapping[str, Any]]:
    """As many of the marks as stand apart."""
    ticks: list[Mapping[str, Any]] = []
    last = -_APART
    for value in _MARKS:
        place = across.at(value)
        if value <= across.end and place - last >= _APART:
            ticks.append({"x": place, "y": up.at(value), "label": _short(value)})
            last = place
    return ticks


def _even_ticks(across: _Axis) -> Sequence[Mapping[str, Any]]:
    """Marks of the smallest step that makes at most six of them."""
    step = next((one for one in _STEPS if across.end / one <= 6.0), _STEPS[-1])
    count = int(across.end / step + 1e-9)
    marks = [number * step for number in range(count + 1)]
    return [{"x": across.at(one), "label": _short(one)} for one in marks]


def _short(rate: float) -> str:
    return f"{rate * 100.0:.3g}%"
