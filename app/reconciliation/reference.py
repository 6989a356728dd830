"""Reference data 参照数据 that a roster names: regions by code, programmes by name."""

from collections.abc import Callable, Mapping
from typing import Final

from rapidfuzz import fuzz

from app.programmes.parameters import REGION_LENGTHS
from app.programmes.words import LEVELS, level_of
from app.reconciliation.candidates import Candidate, Feature
from app.reconciliation.entities import EntityType
from matching.places import area_successors

_SURE: Final = 100.0
_LIKE: Final = 60.0
"""Of a hundred: a name less alike than this is another programme's."""
_SUCCESSOR: Final = 90.0
_COUNTY: Final = 6


def regions(text: str, is_known: Callable[[str], bool]) -> list[Candidate]:
    """The code itself; of a county that was merged or renumbered, the one that came after it."""
    code = text.strip()
    if len(code) not in REGION_LENGTHS or not (code.isascii() and code.isdigit()):
        return []
    successor = area_successors().get(code[:_COUNTY])
    if successor is not None:
        found = successor + code[_COUNTY:] if len(code) == _COUNTY else successor
        return [_region(found, _SUCCESSOR, "successor_area")] if is_known(found) else []
    return [_region(code, _SURE, "code")] if is_known(code) else []


def _region(code: str, score: float, feature: str) -> Candidate:
    english, chinese = LEVELS[level_of(code)]
    return Candidate(
        id=code,
        name=code,
        score=score,
        match=score == _SURE,
        type=EntityType.REGION,
        description=f"{chinese} {english}",
        features=(Feature(id=feature, value=True),),
    )


def programmes(text: str, names: Mapping[str, Mapping[str, str]]) -> list[Candidate]:
    """By key or by name in either language, the likest first; `names` by key and language."""
    wanted = text.strip().lower()
    scored = [(_likeness(wanted, key, own), key) for key, own in names.items()] if wanted else []
    return [
        programme(key, names, score)
        for score, key in sorted(scored, reverse=True)
        if score >= _LIKE
    ]


def _likeness(wanted: str, key: str, names: Mapping[str, str]) -> float:
    return round(max(fuzz.ratio(wanted, one.lower()) for one in (key, *names.values())), 4)


def programme(key: str, names: Mapping[str, Mapping[str, str]], score: float = _SURE) -> Candidate:
    """A programme as a candidate; it is a match where it is written just so."""
    return Candidate(
        id=key,
        name=names[key].get("zh", key),
        score=score,
        match=score == _SURE,
        type=EntityType.PROGRAMME,
        description=names[key].get("en", ""),
        features=(Feature(id="name_likeness", value=score),),
    )
