"""A person and a record side by side, as a screen shows them: masked, and adding up.

Prior, weights and correction add up to the log2 odds of the probability, exactly as shown.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from app.domain.evidence import Difference, Evidence, FieldEvidence
from app.domain.instants import rfc3339
from connectors.records import AnyRecord
from matching.calibration.applied import interval_of
from matching.calibration.band import LEVEL
from matching.explain import Language, field_name
from matching.explain.phrases import phrases
from matching.explain.words import prior_words
from matching.levels import Level
from matching.pair import is_together
from matching.weights import Weights

_ORDER: Final = (
    "name",
    "rarity",
    "id_number",
    "birth_date",
    "sex",
    "address",
    "phone",
    "employer",
)
_NEAR: Final = frozenset({"different", "missing", "unusable", "equal", "same"})
_PLACES: Final = 6
_BRACKETED: Final = re.compile(r"\s*[（(][^（）()]*[）)]$")
_PRIVATE: Final = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFD))
_RARITY: Final = {"zh": "同名程度", "en": "rarity of the name"}
_RARER: Final = {"zh": "比一般姓名少见，加强", "en": "rarer than most names: strengthens"}
_COMMONER: Final = {"zh": "比一般姓名常见，减弱", "en": "commoner than most names: weakens"}
_AVERAGE: Final = {"zh": "一般", "en": "as common as most names"}


def pair_document(row: Evidence[AnyRecord], weights: Weights, *, blind: bool) -> dict[str, Any]:
    """One record against the person; `blind`: without any number that tells how likely it is."""
    of_source = weights.of_source(row.source)
    raw = row.prior + sum(one.weight for one in row.comparison)
    probability = of_source.probability(raw)
    chance = _chances(row.comparison)
    fields = [_field(one, chance) for one in _in_order(_split(row.comparison, of_source))]
    document = {
        "id": row.id,
        "source": row.source,
        "institution": row.institution or None,
        "person": row.person,
        "rule": row.rule,
        "answered_at": rfc3339(row.answered_at),
        "as_of": None if row.data_as_of is None else row.data_as_of.isoformat(),
        "raw_digest": row.raw_digest,
        "problems": list(row.record.problems),
        "prior_words": dict(prior_words(row.prior)),
        "fields": fields,
    }
    if blind:
        return document | {"numbers": None, "fields": [_without_weight(one) for one in fields]}
    low, high = interval_of(of_source, raw)
    corrected = raw if of_source.calibration is None else of_source.calibration(raw)
    numbers = {
        "probability": probability,
        "interval_level": LEVEL,
        "interval": [round(low, _PLACES), round(high, _PLACES)],
        "prior": row.prior,
        "correction": corrected - raw,
        "log2_odds": corrected,
        "review_from": weights.thresholds.review,
        "accept_from": weights.thresholds.accept,
    }
    return document | {"numbers": numbers}


def pattern_of(row: Evidence[AnyRecord]) -> tuple[Any, ...]:
    """The very same difference: of which person, by which source, in which two values."""
    differing = tuple(
        (one.field, one.level, one.differences)
        for one in row.comparison
        if one.level not in ("equal", "same", "missing", "unusable")
    )
    return (row.source, row.person, differing)


def _split(comparison: Iterable[FieldEvidence], weights: Weights) -> Iterator[FieldEvidence]:
    """The name's weight in two: what an ordinary name gives, and what this one's rarity adds."""
    levels = {one.field: one.level for one in comparison}
    for one in comparison:
        if one.field != "name" or one.level in ("missing", "different"):
            yield one
            continue
        together = is_together(
            Level(levels.get("address", "missing")),
            Level(levels.get("household_number", "missing")),
        )
        ordinary = weights.of_name(Level(one.level), weights.name_bits.trusted, together=together)
        rarity = one.weight - ordinary
        words = _AVERAGE if abs(rarity) < 0.05 else _RARER if rarity > 0 else _COMMONER
        yield FieldEvidence(one.field, one.level, ordinary, one.words, one.differences, one.counted)
        yield FieldEvidence("rarity", "rarity", rarity, words)


def _in_order(fields: Iterable[FieldEvidence]) -> list[FieldEvidence]:
    places = {name: place for place, name in enumerate(_ORDER)}
    return sorted(fields, key=lambda one: places.get(one.field, len(_ORDER)))


def _field(one: FieldEvidence, chance: Mapping[str, str]) -> dict[str, Any]:
    return {
        "field": one.field,
        "name": _RARITY if one.field == "rarity" else _names(one.field),
        "level": one.level,
        "sign": _sign(one),
        "weight": one.weight,
        "counted": one.counted,
        "words": {language: _short(text, language) for language, text in one.words.items()},
        "more": {language: _more(text, language) for language, text in one.words.items()},
        "full": dict(one.words),
        "left": _side(one.differences, "left"),
        "right": _side(one.differences, "right"),
        "note": dict(chance) if one.field == "rarity" else {},
        "points": [found for part in one.differences for found in _points(one.field, part)],
    }


def _without_weight(field: Mapping[str, Any]) -> dict[str, Any]:
    """Nor what is said of how rare the name is: it is a weight in words."""
    hidden: dict[str, Any] = {"weight": None, "full": {}, "note": {}, "counted": "in_full"}
    rarity = {"words": {}, "more": {}, "sign": "void"} if field["field"] == "rarity" else {}
    return {**field, **hidden, **rarity}


def _names(field: str) -> dict[str, str]:
    return {one.value: field_name(field, one) for one in Language}


def _short(text: str, language: str) -> str:
    """The sentence of the level alone, without what is said of how it counts."""
    first = text.split(_joined(language))[0]
    return _BRACKETED.sub("", first)


def _more(text: str, language: str) -> str:
    """What differs: not how rare it is, nor how it counts, nor whence a value was read."""
    joined = _joined(language)
    pieces = text.split(joined)[1:]
    return joined.join(one for one in pieces if not _beside(language).fullmatch(one))


def _chances(comparison: Iterable[FieldEvidence]) -> dict[str, str]:
    """By language, what the name's words say of how rare it is."""
    words = next((one.words for one in comparison if one.field == "name"), {})
    return {language: _chance(text, language) for language, text in words.items()}


def _chance(text: str, language: str) -> str:
    """How rarely an unrelated person has the name, where the name's words say it."""
    pieces = text.split(_joined(language))
    template = re.escape(phrases()["notes"]["chance"][language]).replace(r"\{detail\}", ".+")
    return next((one for one in pieces if re.fullmatch(template, one)), "")


def _joined(language: str) -> str:
    joined: str = phrases()["joined"][language]
    return joined


@lru_cache(maxsize=2)
def _beside(language: str) -> re.Pattern[str]:
    notes, counted = phrases()["notes"], phrases()["counted"]
    templates = [notes["chance"], notes["from_number"], *counted.values()]
    texts = [re.escape(re.sub(r"\{\w+\}", "\0", one[language])) for one in templates]
    return re.compile("|".join(one.replace(re.escape("\0"), ".+") for one in texts))


def _sign(one: FieldEvidence) -> str:
    if one.field == "rarity":
        return "void" if abs(one.weight) < 0.05 else "same" if one.weight > 0 else "diff"
    if one.level in ("missing", "unusable"):
        return "void"
    if one.level in _NEAR:
        return "diff" if one.level == "different" else "same"
    return "near" if one.weight >= 0 else "diff"


def _side(parts: Iterable[Difference], side: str) -> list[dict[str, Any]]:
    """What stands there, piece by piece; `differs` where the other side has something else."""
    pieces = []
    for part in parts:
        text = getattr(part, side)
        if text:
            same = part.kind in ("same", "hidden", "not_written")
            pieces.append({"text": _written(text), "differs": not same})
    return pieces


def _written(text: str) -> str:
    """Characters that no font has stand as their code points."""
    return "".join(
        f"〔U+{ord(sign):04X}〕" if any(a <= ord(sign) <= b for a, b in _PRIVATE) else sign
        for sign in text
    )


def _points(field: str, part: Difference) -> Iterator[str]:
    """Both code points of a character that is written otherwise."""
    if field == "name" and part.kind == "variant" and len(part.left) == len(part.right) == 1:
        yield f"U+{ord(part.left):04X} ↔ U+{ord(part.right):04X}"
