"""Pairs of Chinese names alone: one slip each, or two people whose names are close."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from tests.benchmarks.linkage import name_slips, tables
from tests.benchmarks.linkage.people import HAN, KOREAN, TRANSCRIBED, People, make_people

MATCHES: Final = 3750
NON_MATCHES: Final = 2625
KINDS: Final = tuple(kind for kind in name_slips.KINDS if kind != "formatted")
MOST_TRIES: Final = 60_000


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names, what lies between them, and whether they are one person's."""

    one: str
    other: str
    kind: str
    match: bool


class TooFewNames(RuntimeError):  # noqa: N818 - says what it is
    """The made-up people have too few names for a kind of slip."""


Close = Callable[[str, str, Random], str | None]


def _another_surname(name: str, other: str, dice: Random) -> str | None:
    return other[:1] + name[1:]


def _another_given(name: str, other: str, dice: Random) -> str | None:
    return name[:1] + other[1:]


def _one_character(name: str, other: str, dice: Random) -> str | None:
    """A given character is another: of another sound and another look."""
    at = dice.randrange(1, len(name))
    return name[:at] + other[-1] + name[at + 1 :]


def _another_family(name: str, other: str, dice: Random) -> str | None:
    """Another family, and one character of the given name in common."""
    if name[0] == other[0] or len(name) < 3 or len(other) < 3:
        return None
    return other[:2] + name[2:] if dice.random() < 0.5 else other[:1] + name[1] + other[2:]


def _longer(name: str, other: str, dice: Random) -> str | None:
    """A short name and a long one of the same family that do not share their first character."""
    return name[:1] + other[1:] if len(name) != len(other) else None


def _similar_sound(name: str, other: str, dice: Random) -> str | None:
    """The sounds begin alike, but nobody takes the one for the other."""
    at = len(name) - 1
    begins = tables.sound(name[at])[:1]
    return name[:at] + other[-1] if tables.sound(other[-1])[:1] == begins else None


def _same_father(name: str, other: str, dice: Random) -> str | None:
    """Children of one father, of the groups that put his name behind theirs."""
    if "·" not in name or "·" not in other:
        return None
    return f"{other.partition('·')[0]}·{name.partition('·')[2]}"


CLOSE: Final[Mapping[str, Close]] = {
    "another_surname": _another_surname,
    "another_given": _another_given,
    "one_character": _one_character,
    "another_family": _another_family,
    "longer": _longer,
    "similar_sound": _similar_sound,
    "same_father": _same_father,
}


def _audited(one: str, other: str) -> bool:
    """Whether two names are surely two people's: none of the slips leads from one to the other."""
    if one == other or sorted(one) == sorted(other) or set(one) <= set(other):
        return False
    if [tables.sound(each) for each in one] == [tables.sound(each) for each in other]:
        return False
    if set(other) <= set(one):
        return False
    stand_ins = tables.slips()
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    alike = (stand_ins.look_alikes, stand_ins.variants, stand_ins.near_sounds, stand_ins.homophones)
    return len(one) != len(other) or not all(
        any(b in table.get(a, "") for table in alike) for a, b in differing
    )


def _pools(people: People) -> Mapping[int, list[str]]:
    groups = people.group.tolist()
    return {
        group: [name for name, own in zip(people.names, groups, strict=True) if own == group]
        for group in (HAN, KOREAN, TRANSCRIBED)
    }


def _pool_of(kind: str, pools: Mapping[int, list[str]]) -> list[str]:
    rare = tables.read("names")["rare"]
    match kind:
        case "romanised":
            return pools[KOREAN]
        case "transcription" | "same_father":
            return pools[TRANSCRIBED]
        case "rare_glyph":
            return [name for name in pools[HAN] if any(one in rare for one in name)]
        case _:
            return pools[HAN]


def make_name_pairs(seed: int) -> list[NamePair]:
    """3,750 pairs with one slip each and 2,625 of two people, in a fixed order."""
    people = make_people(np.random.default_rng(seed), 9000)
    pools, dice = _pools(people), Random(seed)
    pairs = []
    for at, kind in enumerate(KINDS):
        wanted = MATCHES // len(KINDS) + (at < MATCHES % len(KINDS))
        slip = name_slips.KINDS[kind]
        pairs += _collect(kind, wanted, _pool_of(kind, pools), dice, by_slip=slip)
    for kind, close in CLOSE.items():
        wanted = NON_MATCHES // len(CLOSE)
        pairs += _collect(kind, wanted, _pool_of(kind, pools), dice, by_close=close)
    return pairs


def _collect(
    kind: str,
    wanted: int,
    pool: list[str],
    dice: Random,
    *,
    by_slip: name_slips.Slip | None = None,
    by_close: Close | None = None,
) -> list[NamePair]:
    found: list[NamePair] = []
    for _ in range(wanted + MOST_TRIES):
        if len(found) == wanted:
            return found
        name = dice.choice(pool)
        if by_slip is not None:
            other = by_slip(name, dice)
            fits = other is not None and other != name
        else:
            other = by_close(name, dice.choice(pool), dice) if by_close is not None else None
            fits = other is not None and _audited(name, other)
        if fits and other is not None:
            found.append(NamePair(name, other, kind, by_slip is not None))
    raise TooFewNames(f"{kind}: {len(found)} of {wanted} pairs: make more homes")
