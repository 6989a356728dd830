"""Two texts laid side by side: spans that are the same, and spans that differ and how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Levenshtein

from matching.idnumber import MASK

SWAPS: Final = (2, 3)  # signs of a swap: neighbours, or those around one that stays


class SpanKind(StrEnum):
    """How two aligned spans stand to each other; each but inserted and deleted is symmetric."""

    SAME = "same"
    REPLACED = "replaced"
    INSERTED = "inserted"  # only the right side has it
    DELETED = "deleted"  # only the left side has it
    NOT_WRITTEN = "not_written"  # a whole part or value that one side does not give
    HIDDEN = "hidden"  # one side masks it (隐去)
    TRANSPOSED = "transposed"
    VARIANT = "variant"
    HOMOPHONE = "homophone"
    SAME_SYLLABLE = "same_syllable"  # the tone differs
    LOOK_ALIKE = "look_alike"
    NEAR = "near"  # an initial or a final that is confused
    SPELLED = "spelled"  # Latin letters against the character that sounds so


MIRRORED: Final = {SpanKind.INSERTED: SpanKind.DELETED, SpanKind.DELETED: SpanKind.INSERTED}
EDITS: Final = frozenset({SpanKind.REPLACED, SpanKind.INSERTED, SpanKind.DELETED})
RUNS: Final = EDITS | {SpanKind.SAME, SpanKind.HIDDEN}


@dataclass(frozen=True, slots=True)
class Span:
    """Aligned texts of both sides; `part` names a part of an address or a date.

    The sounds are pinyin with tones, given where they explain the kind.
    """

    kind: SpanKind
    left: str = field(repr=False)
    right: str = field(repr=False)
    part: str | None = None
    left_sound: str | None = field(default=None, repr=False)
    right_sound: str | None = field(default=None, repr=False)

    @property
    def left_points(self) -> tuple[str, ...]:
        """Code points of a differing left text, such as U+4DAE; none for ASCII."""
        return self._points(self.left)

    @property
    def right_points(self) -> tuple[str, ...]:
        """Code points of a differing right text."""
        return self._points(self.right)

    def _points(self, text: str) -> tuple[str, ...]:
        if self.kind is SpanKind.SAME:
            return ()
        return tuple(code_point(sign) for sign in text if not sign.isascii())

    @property
    def mirrored(self) -> "Span":
        """The same span with its sides exchanged."""
        return replace(
            self,
            kind=MIRRORED.get(self.kind, self.kind),
            left=self.right,
            right=self.left,
            left_sound=self.right_sound,
            right_sound=self.left_sound,
        )


def code_point(sign: str) -> str:
    """`U+4DAE` for one character."""
    return f"U+{ord(sign):04X}"


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours that are one run as one span, where no part is named.

    明 against 小雨 is one replacement, not one and an insertion.
    """
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        kind = None if last is None or last.part or span.part else _run(last.kind, span.kind)
        if last is None or kind is None:
            joined.append(span)
        else:
            joined[-1] = Span(kind, last.left + span.left, last.right + span.right)
    return tuple(joined)


def _run(last: SpanKind, following: SpanKind) -> SpanKind | None:
    """The kind of two neighbours that are one run; None if they are two."""
    if last is following and last in RUNS:
        return last
    return SpanKind.REPLACED if last in EDITS and following in EDITS else None


def whole_spans(left: str | None, right: str | None) -> tuple[Span, ...]:
    """Two words of a code list: one span, the same or replaced."""
    if left is None or right is None or left == right:
        return text_spans(left, right)
    return (Span(SpanKind.REPLACED, left, right),)


def text_spans(left: str | None, right: str | None) -> tuple[Span, ...]:
    """Two texts aligned sign by sign; mirrored if the sides are exchanged. None: not given."""
    one, other = left or "", right or ""
    if one == other:
        return (Span(SpanKind.SAME, one, other),) if one else ()
    if not one or not other:
        return (Span(SpanKind.NOT_WRITTEN, one, other),)
    if other < one:  # several alignments may be shortest: one of them is taken for both orders
        return tuple(span.mirrored for span in _aligned(other, one))
    return _aligned(one, other)


def _aligned(left: str, right: str) -> tuple[Span, ...]:
    if len(left) == len(right):
        placed = merged(_in_place(left, right))
        if MASK in left + right or _cost(placed) <= Levenshtein.distance(left, right):
            return placed
    return merged(_edited(left, right))


def _cost(spans: Iterable[Span]) -> int:
    """Slips that the spans stand for: a swap is one."""
    costs = {SpanKind.SAME: 0, SpanKind.HIDDEN: 0, SpanKind.TRANSPOSED: 1}
    return sum(costs.get(span.kind, len(span.left)) for span in spans)


def _in_place(left: str, right: str) -> Iterator[Span]:
    """Sign under sign; both texts are of one length."""
    place = 0
    while place < len(left):
        width = next((size for size in SWAPS if _is_swap(left, right, place, size)), 1)
        one, other = left[place : place + width], right[place : place + width]
        if width > 1:
            yield Span(SpanKind.TRANSPOSED, one, other)
        elif one == other:
            yield Span(SpanKind.SAME, one, other)
        else:
            hidden = MASK in (one, other)
            yield Span(SpanKind.HIDDEN if hidden else SpanKind.REPLACED, one, other)
        place += width


def _is_swap(left: str, right: str, place: int, size: int) -> bool:
    one, other = left[place : place + size], right[place : place + size]
    return len(one) == size and one[0] != one[-1] and one == other[::-1] and MASK not in one


def _edited(left: str, right: str) -> Iterator[Span]:
    for step in Levenshtein.opcodes(left, right):
        one = left[step.src_start : step.src_end]
        other = right[step.dest_start : step.dest_end]
        if step.tag == "equal":
            yield Span(SpanKind.SAME, one, other)
        elif step.tag == "replace":
            yield from _in_place(one, other)
        elif set(one + other) == {MASK}:
            yield Span(SpanKind.HIDDEN, one, other)
        else:
            yield Span(SpanKind.DELETED if one else SpanKind.INSERTED, one, other)
