"""Which syllables of pinyin clerks confuse (近音): zhang and zang, lin and ling, ren and yin."""

from functools import lru_cache

from matching import tables
from matching.names import DIGITS


@lru_cache(maxsize=1 << 12)
def neighbours(syllable: str) -> frozenset[str]:
    """The spellings that are one confused initial, final or syllable apart."""
    near = tables.near_sounds()
    found = {other for one, other in near.syllables if one == syllable}
    for one, other in (*near.initials, *(pair[::-1] for pair in near.initials)):
        if syllable.startswith(one):
            found.add(other + syllable[len(one) :])
    for one, other in (*near.finals, *(pair[::-1] for pair in near.finals)):
        if syllable.endswith(one):
            found.add(syllable[: -len(one)] + other)
    return frozenset(found - {syllable})


def syllables_near(left: str, right: str) -> bool:
    """Two toneless syllables, not equal, that are confused by ear; symmetric."""
    return left in neighbours(right)


def near_with_tone(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Some reading of each is near the other's and has its tone."""
    return any(
        one[-1] in DIGITS
        and one[-1] == other[-1]
        and syllables_near(one.rstrip(DIGITS), other.rstrip(DIGITS))
        for one in left
        for other in right
    )
