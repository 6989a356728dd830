"""The words that name a difference concretely, for a reviewer, in zh and en."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from matching.explain.explanation import Counted, FieldExplanation, Note
from matching.explain.phrases import phrases
from matching.explain.spans import Span, SpanKind
from matching.idnumber import MASK
from matching.levels import Level
from matching.weights import probability_of

LANGUAGES: Final = ("zh", "en")
MOST_NAMED: Final = 3  # of many differences the first are named and all are counted
CHARACTERS: Final = frozenset({"name", "employer", "relatives"})
UNIT: Final = re.compile(r"[A-Z\u00C0-\u024F]+|.", re.DOTALL)
SAID_BY_LEVEL: Final = frozenset({"sex"})
SILENT: Final = frozenset({SpanKind.SAME, SpanKind.NOT_WRITTEN})
RARE: Final = 0.1

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A span and the places of its signs, counted from 1 on the side that has it."""

    span: Span
    first: int
    last: int


def words_of(explained: FieldExplanation) -> FieldExplanation:
    """The field with its words: the level's sentence, the differences, the notes."""
    words = {language: _words(explained, language) for language in LANGUAGES}
    return replace(explained, words=words)


def _words(explained: FieldExplanation, language: str) -> str:
    said = [explained.sentence[language]]
    if explained.level is not Level.MISSING and explained.field not in SAID_BY_LEVEL:
        said += _differences(explained, language)
    said += [_note(note, language) for note in explained.notes]
    if explained.share_note is not None and explained.counted is not Counted.NOT:
        said.append(explained.share_note[language])
    joined: str = phrases()["joined"][language]
    return joined.join(said)


def _differences(explained: FieldExplanation, language: str) -> Iterator[str]:
    """What differs, and after it what a side does not write: that is no difference."""
    placed = [one for one in _placed(explained) if one.span.kind not in SILENT]
    for one in placed[:MOST_NAMED]:
        yield _difference(explained.field, one, language)
    if len(placed) > MOST_NAMED:
        yield phrases()["more"][language].format(count=len(placed))
    for absent in ("left", "right"):
        parts = [span.part for span in explained.spans if span.part and _lacks(span, absent)]
        if parts:
            yield phrases()["not_written"][language].format(
                who=phrases()["sides"][absent][language],
                parts=phrases()["listed"][language].join(_part(one, language) for one in parts),
            )


def _placed(explained: FieldExplanation) -> Iterator[_Placed]:
    left = right = 0
    for span in explained.spans:
        one, other = (_size(explained.field, text) for text in (span.left, span.right))
        start, size = (left, one) if one else (right, other)
        yield _Placed(span, start + 1, start + size)
        left, right = left + one, right + other


def _size(field: str, text: str) -> int:
    """Signs of a number; characters of a name, where a run of Latin letters is one."""
    return len(UNIT.findall(text)) if field in CHARACTERS else len(text)


def _difference(field: str, placed: _Placed, language: str) -> str:
    span = placed.span
    text: str = phrases()["kinds"][span.kind][language].format(
        place=_place(field, placed, language),
        s="s" if placed.first == placed.last or span.part else "",
    )
    return text + _values(field, span, language)


def _lacks(span: Span, side: str) -> bool:
    return span.kind is SpanKind.NOT_WRITTEN and not getattr(span, side)


def _part(part: str, language: str) -> str:
    name: str = phrases()["parts"][part][language]
    return name


def _place(field: str, placed: _Placed, language: str) -> str:
    if placed.span.part is not None:
        return _part(placed.span.part, language)
    family = phrases()["places"]["characters" if field in CHARACTERS else "digits"]
    how_many = "one" if placed.first == placed.last else "many"
    text: str = family[how_many][language].format(first=placed.first, last=placed.last)
    return text


def _values(field: str, span: Span, language: str) -> str:
    """What stands there; nothing where it is hidden or starred."""
    if span.kind is SpanKind.HIDDEN or MASK in span.left + span.right:
        return ""
    left = _shown(field, span.left, span.left_sound, span.left_points)
    right = _shown(field, span.right, span.right_sound, span.right_points)
    template = phrases()["values"]["both" if span.left and span.right else "one"]
    text: str = template[language].format(left=left, right=right, only=left or right)
    return text


def _shown(field: str, text: str, sound: str | None, points: tuple[str, ...]) -> str:
    """A character of a name with its sound or, where that explains nothing, its code point."""
    if field != "name":
        return text
    if sound is not None:
        return text if sound == text.lower() else f"{text} {sound}"
    return f"{text} {points[0]}" if len(points) == 1 == len(text) else text


def _note(note: Note, language: str) -> str:
    who = phrases()["sides"][note.side][language]
    template: str = phrases()["notes"][note.code][language]
    text = template.format(who=who, detail=note.detail)
    return f"{text} {note.detail}" if note.detail and "{detail}" not in template else text


def share_note(field: str, counted: Counted) -> Words | None:
    """Which other field has said the same; None where the field counts in full."""
    if counted is Counted.IN_FULL:
        return None
    said_by = phrases()["said_by"].get(field, phrases()["said_by"]["other"])
    template = phrases()["counted"][counted]
    return {one: template[one].format(said_by=said_by[one]) for one in LANGUAGES}


def prior_words(prior: float) -> Words:
    """What held before any field was compared; `prior` in log2 odds."""
    chance = probability_of(prior)
    template = phrases()["prior"]["rare" if chance < RARE else "common"]
    count, percent = f"{round(1 / chance):,}", f"{chance:.0%}"[:-1]
    return {one: template[one].format(count=count, percent=percent) for one in LANGUAGES}
