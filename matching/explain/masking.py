"""A masked explanation (脱敏): differences and their neighbours stay, what is equal is starred."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from matching.explain.explanation import Explanation, FieldExplanation, NoteCode, Side
from matching.explain.phrases import phrases
from matching.explain.spans import Span, SpanKind
from matching.explain.words import words_of
from matching.idnumber import MASK

# Shown of every value: the area code of an identity number, the network code of a phone.
HEADS: Final = {"id_number": 6, "phone": 3, "household_number": 0}
SHORTEST_WITH_HEAD: Final = 10
MOST_SIGNS: Final = 4  # more differing signs are no slip: they name two people and explain nothing
MOST_PARTS: Final = 2  # of differing parts of an address or a date, the coarsest
NEIGHBOURS: Final = 1
COARSE: Final = frozenset({"province", "city", "county", "town"})
OPEN: Final = frozenset({"sex", "employer"})
DIFFERING: Final = frozenset(SpanKind) - {SpanKind.SAME, SpanKind.HIDDEN, SpanKind.NOT_WRITTEN}
KEPT_NOTES: Final = frozenset({NoteCode.CHANCE})


def masked(explanation: Explanation) -> Explanation:
    """The same explanation with equal parts starred; weights and levels stay; idempotent."""
    fields = tuple(_field(one) for one in explanation.fields)
    return replace(explanation, fields=fields, is_masked=True)


def _field(explained: FieldExplanation) -> FieldExplanation:
    if explained.field in OPEN:
        return explained
    spans = _masked_spans(explained)
    notes = tuple(
        note if note.code in KEPT_NOTES else replace(note, detail="") for note in explained.notes
    )
    return words_of(
        replace(
            explained,
            spans=spans,
            notes=notes,
            left=_side(explained.left, "".join(span.left for span in spans)),
            right=_side(explained.right, "".join(span.right for span in spans)),
        )
    )


def _side(side: Side, form: str) -> Side:
    """What was written could tell what the form hides."""
    written = None if side.written is None else (form or MASK * len(side.written))
    return Side(written, None if side.form is None else form)


def _masked_spans(explained: FieldExplanation) -> tuple[Span, ...]:
    match explained.field:
        case "name":
            return tuple(_names(explained.spans))
        case "relatives":
            return tuple(_starred(span, head=1) for span in explained.spans)
        case "address" | "birth_date":
            return tuple(_parts(explained.spans))
        case _:
            return tuple(_signs(explained.spans, HEADS.get(explained.field, 0)))


def _names(spans: tuple[Span, ...]) -> Iterator[Span]:
    """The first character and every differing one."""
    for place, span in enumerate(spans):
        if span.kind in DIFFERING:
            yield span
        else:
            yield _starred(span, head=1 if place == 0 else 0)


def _parts(spans: tuple[Span, ...]) -> Iterator[Span]:
    """Province to town, and the coarsest parts that differ: past these the rest says nothing."""
    differing = 0
    for span in spans:
        differing += span.kind in DIFFERING
        if span.part in COARSE or (span.kind in DIFFERING and differing <= MOST_PARTS):
            yield span
        else:
            word = phrases()["parts"].get(span.part, {}).get("suffix", "")
            yield replace(span, left=_part(span.left, word), right=_part(span.right, word))


def _part(text: str, word: str) -> str:
    """`***室`, `****-**-`: what counts or parts stays, what is counted does not."""
    kept = word if word and text.endswith(word) else ""
    return re.sub(r"[^-]", MASK, text.removesuffix(kept)) + kept


def _signs(spans: tuple[Span, ...], head: int) -> Iterator[Span]:
    """The head, a few differing signs and a neighbour on each side of them."""
    differing = [span for span in spans if span.kind in DIFFERING]
    shown = sum(max(len(span.left), len(span.right)) for span in differing) <= MOST_SIGNS
    place = 0
    for index, span in enumerate(spans):
        around = spans[index - 1 : index] if index else (), spans[index + 1 : index + 2]
        before, after = (shown and any(one.kind in DIFFERING for one in side) for side in around)
        if span.kind in DIFFERING and shown:
            yield span
        else:
            short = max(len(span.left), len(span.right)) + place < SHORTEST_WITH_HEAD
            left = 0 if short and len(spans) == 1 else max(0, head - place)
            equal = span.kind is SpanKind.SAME
            yield _starred(
                span,
                head=max(left, NEIGHBOURS if before and equal else 0),
                tail=NEIGHBOURS if after and equal else 0,
            )
        place += len(span.left) or len(span.right)


def _starred(span: Span, *, head: int, tail: int = 0) -> Span:
    """Every sign between head and tail as a star; sounds go with the signs."""
    return replace(
        span,
        left=_stars(span.left, head, tail),
        right=_stars(span.right, head, tail),
        left_sound=None,
        right_sound=None,
    )


def _stars(text: str, head: int, tail: int) -> str:
    hidden = max(0, len(text) - head - tail)
    return text[:head] + MASK * hidden + text[head + hidden :]
