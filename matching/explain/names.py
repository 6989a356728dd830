"""Names (姓名) laid side by side character by character, with how each pair is confused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from pypinyin.contrib.tone_convert import to_tone
from rapidfuzz.distance import Levenshtein

from matching.alike import NameRelation, Unit, match_names, unit_relation
from matching.explain.spans import Span, SpanKind, merged, text_spans
from matching.names import DIGITS, WILDCARD, Name, is_latin, readings, toned
from matching.prepared import Prepared

# By the unit's name, so that every kind of unit is looked up and a test sees a new one.
OF_UNIT: Final = {
    "EQUAL": SpanKind.SAME,
    "VARIANT": SpanKind.VARIANT,
    "HOMOPHONE": SpanKind.HOMOPHONE,
    "SAME_SYLLABLE": SpanKind.SAME_SYLLABLE,
    "LOOK_ALIKE": SpanKind.LOOK_ALIKE,
    "NEAR": SpanKind.NEAR,
    "PINYIN": SpanKind.SPELLED,
    "HIDDEN": SpanKind.HIDDEN,
    "DIFFERENT": SpanKind.REPLACED,
}
SOUNDED: Final = frozenset(
    {SpanKind.HOMOPHONE, SpanKind.SAME_SYLLABLE, SpanKind.NEAR, SpanKind.SPELLED}
)
FORMER: Final = (NameRelation.EQUAL, NameRelation.VARIANT)
Units = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class NamePair:
    """The two names that are held against each other; of a former name, which side's it is."""

    left: Name | None
    right: Name | None
    former: str | None = None


def compared_names(left: Prepared, right: Prepared, *, former: bool) -> NamePair:
    """The names as they stand, or, where the level says former, the pair in which one is former."""
    if former:
        for name in right.former:
            if left.name and match_names(left.name, name).relation in FORMER:
                return NamePair(left.name, name, "right")
        for name in left.former:
            if right.name and match_names(name, right.name).relation in FORMER:
                return NamePair(name, right.name, "left")
    return NamePair(left.name, right.name)


def list_spans(left: frozenset[str], right: frozenset[str]) -> tuple[Span, ...]:
    """Several names on each side, each found on the other side or not."""
    if not left or not right or left == right:
        return text_spans(*("、".join(sorted(names)) for names in (left, right)))
    return tuple(_listed(name, name in left, name in right) for name in sorted(left | right))


def _listed(name: str, on_left: bool, on_right: bool) -> Span:  # noqa: FBT001 - a side each
    if on_left and on_right:
        return Span(SpanKind.SAME, name, name, "relative")
    kind = SpanKind.DELETED if on_left else SpanKind.INSERTED
    return Span(kind, name if on_left else "", name if on_right else "", "relative")


def name_spans(left: Name | None, right: Name | None) -> tuple[Span, ...]:
    """One span a character or run of letters; a name in another order or script is one span."""
    if left is None or right is None:
        one, other = ("".join(name.units) if name else None for name in (left, right))
        return text_spans(one, other)
    if "".join(right.units) < "".join(left.units):
        return tuple(span.mirrored for span in _spans(right, left))
    return _spans(left, right)


def _spans(left: Name, right: Name) -> tuple[Span, ...]:
    surname = max(left.surname_length, right.surname_length)
    for one in _shapes(left):
        for other in _shapes(right):
            spans = _in_place(one, other, surname) if len(one) == len(other) else []
            if spans and all(span.kind is not SpanKind.REPLACED for span in spans):
                return merged(spans)
    relation = match_names(left, right).relation
    whole = "".join(left.units), "".join(right.units)
    if whole[0] == whole[1]:
        return (Span(SpanKind.SAME, *whole),)
    if relation is NameRelation.REORDERED:
        return (Span(SpanKind.TRANSPOSED, *whole),)
    if relation is NameRelation.ROMANISED:
        return (Span(SpanKind.SPELLED, *whole, None, _spoken(left), _spoken(right)),)
    aligned = _aligned(left.units, right.units, surname)
    return _absorbed(aligned) if relation is NameRelation.MASKED_COMPATIBLE else aligned


def _shapes(name: Name) -> tuple[Units, ...]:
    """As `match_names` reads a name: as written, `??` as one sign, a blank as a hidden one."""
    single = tuple(
        unit
        for place, unit in enumerate(name.units)
        if place == 0 or (unit, name.units[place - 1]) != (WILDCARD, WILDCARD)
    )
    return (name.units, single, *([name.gapped] if name.gapped else []))


def _in_place(left: Units, right: Units, surname: int) -> list[Span]:
    pairs = zip(left, right, strict=True)
    return [_unit(one, other, surname=place < surname) for place, (one, other) in enumerate(pairs)]


def _unit(left: str, right: str, *, surname: bool) -> Span:
    kind = SpanKind.SAME if left == right else _kind(unit_relation(left, right, surname=surname))
    if kind not in SOUNDED:
        return Span(kind, left, right)
    return Span(kind, left, right, None, *_sounds_of(left, right, surname=surname))


def _sounds_of(left: str, right: str, *, surname: bool) -> tuple[str, str]:
    """The readings by which the two stand so: of several the pair that is nearest."""
    pairs = product(toned(left, surname=surname), toned(right, surname=surname))
    ranked = sorted(pairs, key=lambda pair: (pair[0] != pair[1], _bare(pair[0]) != _bare(pair[1])))
    one, other = ranked[0] if ranked else ("", "")
    return spoken(left, one), spoken(right, other)


def _bare(sound: str) -> str:
    return sound.rstrip(DIGITS)


def _kind(unit: Unit) -> SpanKind:
    return OF_UNIT[unit.name]


def _aligned(left: Units, right: Units, surname: int) -> tuple[Span, ...]:
    """Names that do not agree place by place: aligned by sound where that explains more."""
    one, other = _sounds(left), _sounds(right)
    if len(left) == len(right):
        spans = _in_place(left, right, surname)
        differing = sum(span.kind is SpanKind.REPLACED for span in spans)
        if differing <= Levenshtein.distance(one, other):
            return merged(spans)
    return merged(_edited(left, right, (one, other), surname))


def _absorbed(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """李? against 李天明: a sign for what is hidden stands for as many characters as there are."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and SpanKind.HIDDEN in (last.kind, span.kind) and _loose(last, span):
            texts = last.left + span.left, last.right + span.right
            joined[-1] = Span(SpanKind.HIDDEN, *texts)
        else:
            joined.append(span)
    return tuple(joined)


def _loose(*spans: Span) -> bool:
    return all(
        span.kind in (SpanKind.INSERTED, SpanKind.DELETED, SpanKind.HIDDEN) for span in spans
    )


def _edited(
    left: Units, right: Units, sounds: tuple[Sequence[str], Sequence[str]], surname: int
) -> Iterator[Span]:
    for step in Levenshtein.opcodes(*sounds):
        one = left[step.src_start : step.src_end]
        other = right[step.dest_start : step.dest_end]
        if step.tag in ("equal", "replace"):
            for place, pair in enumerate(zip(one, other, strict=True), start=step.src_start):
                yield _unit(*pair, surname=place < surname)
            continue
        for unit in one or other:
            kind = SpanKind.DELETED if one else SpanKind.INSERTED
            kind = SpanKind.HIDDEN if unit == WILDCARD else kind
            yield Span(kind, unit, "") if one else Span(kind, "", unit)


def _sounds(units: Units) -> list[str]:
    return [
        next(iter(readings(unit, surname=place == 0)), unit) for place, unit in enumerate(units)
    ]


def _spoken(name: Name) -> str:
    """The whole name as it sounds, with tones."""
    sounds = (
        spoken(unit, next(iter(toned(unit, surname=place < name.surname_length)), unit))
        for place, unit in enumerate(name.units)
    )
    return " ".join(sounds)


@lru_cache(maxsize=1 << 12)
def spoken(unit: str, sound: str) -> str:
    """`míng` for `ming2`; letters as they are."""
    if is_latin(unit) or not sound:
        return sound
    written: str = to_tone(sound)
    return written
