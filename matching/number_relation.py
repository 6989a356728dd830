"""How two identity numbers (公民身份号码) stand to each other: equal, a slip, different."""

from collections.abc import Mapping

from rapidfuzz.distance import OSA, Levenshtein

from matching.idnumber import MASK, IdNumber, NumberKind, to_15, visible_agreement
from matching.levels import Level
from matching.places import area_successors


def _masked_relation(left: IdNumber, right: IdNumber) -> Level:
    if len(left.text) != 18 or len(right.text) != 18:
        return Level.UNUSABLE
    # The check character of a 15-digit number was computed, not written: it cannot be mis-keyed.
    if visible_agreement(left.text, right.text) is not None:
        return Level.MASKED_COMPATIBLE
    off = sum(MASK not in (a, b) and a != b for a, b in zip(left.text, right.text, strict=True))
    return Level.MASKED_NEAR if off == 1 else Level.DIFFERENT


def _is_short(text: str) -> bool:
    """Nearer to a 15-digit number: of 16 signs, one without a century."""
    return len(text) < 16 or (len(text) == 16 and text[6:8] not in ("18", "19", "20"))


def _comparable(left: IdNumber, right: IdNumber) -> tuple[str, str]:
    """The two texts in a form of one length, as far as there is one."""
    one, other = left.text, right.text
    if _is_short(one) or _is_short(other):
        return (
            to_15(one) if len(one) == 18 else one,
            to_15(other) if len(other) == 18 else other,
        )
    if NumberKind.FIFTEEN in (left.kind, right.kind) or (left.is_valid and right.is_valid):
        return left.text[:17], right.text[:17]
    return left.text, right.text


def _equal_15_18(left: IdNumber, right: IdNumber) -> bool:
    """Equal but for the century, which a 15-digit number leaves open for those born before 1900."""
    kinds = {left.kind, right.kind}
    if kinds != {NumberKind.FIFTEEN, NumberKind.FULL}:
        return False
    centuries = {left.text[6:8], right.text[6:8]}
    return centuries <= {"18", "19"} and to_15(left.text) == to_15(right.text)


def present_area(code: str, successors: Mapping[str, str]) -> str:
    """The area code (行政区划代码) that a county has now, after every merger; 6 digits."""
    seen = {code}
    while (code in successors) and successors[code] not in seen:
        code = successors[code]
        seen.add(code)
    return code


def relation(left: IdNumber, right: IdNumber, successors: Mapping[str, str] | None = None) -> Level:
    """How two numbers stand to each other; symmetric.

    Tested in this order: MISSING, UNUSABLE, other papers (EQUAL, DIFFERENT_OTHER), masked
    (MASKED_COMPATIBLE, MASKED_NEAR, DIFFERENT), EQUAL, EQUAL_15_18, SUCCESSOR_AREA, a slip
    (TRANSPOSED, ONE_EDIT; between two valid numbers NEIGHBOUR), two valid numbers (DIFFERENT),
    TRANSPOSED two places apart, TWO_EDITS (also: the day of birth before or after), DIFFERENT.
    `successors` are the merged counties of `data/places.yaml` unless given: old code → new.
    """
    if left.kind is right.kind is NumberKind.FULL:  # nearly always
        return Level.EQUAL if left.text == right.text else _edits(left, right, successors)
    kinds = {left.kind, right.kind}
    if NumberKind.MISSING in kinds:
        return Level.MISSING
    if NumberKind.UNUSABLE in kinds:
        return Level.UNUSABLE
    if NumberKind.OTHER in kinds:
        if len(kinds) > 1:
            return Level.UNUSABLE
        same = left.text == right.text
        return Level.EQUAL if same else Level.DIFFERENT_OTHER
    if NumberKind.MASKED in kinds:
        return _masked_relation(left, right)
    if left.text == right.text:
        return Level.EQUAL if len(kinds) == 1 else Level.EQUAL_15_18
    if _equal_15_18(left, right):
        return Level.EQUAL_15_18
    return _edits(left, right, successors)


def _edits(left: IdNumber, right: IdNumber, successors: Mapping[str, str] | None) -> Level:
    one, other = _comparable(left, right)
    if one[6:17] == other[6:17] and _same_county(one, other, successors):
        return Level.SUCCESSOR_AREA  # the number was keyed anew when its county was merged
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance <= 1:
        if left.kind is right.kind is NumberKind.FULL:
            return Level.NEIGHBOUR  # a slip would have broken the check character
        slip = Levenshtein.distance(one, other)
        return Level.TRANSPOSED if slip == 2 else Level.ONE_EDIT
    if left.is_valid and right.is_valid:
        return Level.DIFFERENT
    if distance == 2:
        return Level.TRANSPOSED if _swapped_apart(one, other) else Level.TWO_EDITS
    return Level.TWO_EDITS if _day_beside(left, right) else Level.DIFFERENT


def _same_county(one: str, other: str, successors: Mapping[str, str] | None) -> bool:
    known = area_successors() if successors is None else successors
    areas = one[:6], other[:6]
    if areas[0] == areas[1] or len(one) != len(other):
        return False
    return present_area(areas[0], known) == present_area(areas[1], known)


def _swapped_apart(one: str, other: str) -> bool:
    """Two digits with one between them changed places."""
    off = [place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]]
    if len(one) != len(other) or len(off) != 2 or off[1] - off[0] != 2:
        return False
    return one[off[0]] == other[off[1]] and one[off[1]] == other[off[0]]


def _day_beside(left: IdNumber, right: IdNumber) -> bool:
    """All but the date of birth is the same, and that is the day before or after."""
    if left.birth_date is None or right.birth_date is None:
        return False
    beside = abs((left.birth_date - right.birth_date).days) == 1
    return beside and left.text[:6] + left.text[14:17] == right.text[:6] + right.text[14:17]
