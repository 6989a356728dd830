"""Records under one name and different numbers: the person can hardly be all of them."""

from collections.abc import Iterable, Mapping
from math import fsum
from typing import Final

from app.domain.evidence import Evidence, Link
from connectors.records import AnyRecord

_NAME_ONLY: Final = "name_only"
# Documents other than the resident identity card get a new number when they are renewed; a source
# that already has the new one seldom holds a second entry under the old one.
_SECOND_ENTRY: Final = 0.02
_SUREST: Final = 0.999999


def chances(
    evidence: Iterable[Evidence[AnyRecord]], groups: Iterable[frozenset[str]]
) -> Mapping[frozenset[str], float]:
    """Each group's chance of being the person's, its rivals of the same person and source seen.

    Groups that only the name speaks for exclude each other: with odds o of each alone and k of
    them, each has o/k among 1 + the sum of these; less where the person stands there already.
    """
    rows = {row.id: row for row in evidence}
    there = {(row.person, row.source) for row in rows.values() if row.accepted}
    rivals: dict[tuple[str, str], list[frozenset[str]]] = {}
    found = {}
    for group in groups:
        members = [rows[one] for one in sorted(group)]
        found[group] = fsum(row.probability for row in members) / len(members)
        first = members[0]
        if all(row.rule == _NAME_ONLY and row.link is Link.IN_REVIEW for row in members):
            rivals.setdefault((first.person, first.source), []).append(group)
    for place, together in rivals.items():
        factor = (_SECOND_ENTRY if place in there else 1.0) / len(together)
        odds = {group: factor * _odds(found[group]) for group in together}
        whole = 1.0 + fsum(odds.values())
        found |= {group: one / whole for group, one in odds.items()}
    return found


def _odds(probability: float) -> float:
    sure = min(probability, _SUREST)
    return sure / (1.0 - sure)
