"""Whether two long names (少数民族姓名) are one, whose sound was written twice."""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from matching import tables
from matching.names import Name, readings

ALIKE: Final = 0.78  # similarity of the folded sound from which two parts are one
ALIKE_IN_CONSONANTS: Final = 0.6  # where the consonants are the same and only vowels differ
SKELETON: Final = 2  # consonants that must be there for that
SHORTEST: Final = 3  # characters of a name that may be compared so
# Sounds that Chinese characters do not tell apart in a foreign name, in this order.
FOLDS: Final = tuple(
    (heard, kept)
    for group in (
        "zh j, ch q, sh x, ng n, er r, v u, w u, y i, ii i, uu u",
        "h k, g k, p b, f b, t d, l r, q j, z s, c s, x s",
        "uo o, ou o, ao o, ai e, ei e, ie e, ia a, ua a, ui i, ue e, iu u",
    )
    for heard, kept in (pair.split() for pair in group.split(", "))
)


@lru_cache(maxsize=1)
def _elements() -> re.Pattern[str]:
    """Every listed spelling of an element, the longest first."""
    spellings = sorted(tables.characters().transliterated, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, spellings)))


def one_spelling(text: str) -> str:
    """The text with each element it is made of in the spelling that stands for all."""
    listed = tables.characters().transliterated
    return _elements().sub(lambda found: listed[found[0]], text)


@lru_cache(maxsize=1 << 14)
def folded_sound(text: str) -> str:
    """The likeliest pinyin of the text with sounds folded that foreign names are heard in."""
    spoken = "".join((readings(sign, surname=False) or ("",))[0] for sign in text)
    for heard, kept in FOLDS:
        spoken = spoken.replace(heard, kept)
    return re.sub(r"(.)\1+", r"\1", spoken)


def _one_part(left: str, right: str) -> bool:
    one, other = one_spelling(left), one_spelling(right)
    if one == other:
        return True
    heard = folded_sound(one), folded_sound(other)
    bones = [re.sub("[aeiou]", "", sound) for sound in heard]
    same_bones = bones[0] == bones[1] and len(bones[0]) >= SKELETON
    needed = ALIKE_IN_CONSONANTS if same_bones else ALIKE
    return OSA.normalized_similarity(*heard, score_cutoff=needed) > 0


def transliterated_alike(left: Name, right: Name) -> bool:
    """One name, heard and written twice: every part of it sounds alike; symmetric."""
    long_enough = min(len(left.units), len(right.units)) >= SHORTEST
    if not (left.is_long or right.is_long) or not long_enough or left.has_latin or right.has_latin:
        return False
    if left.is_wild or right.is_wild:
        return False
    if len(left.parts) == len(right.parts):
        return all(_one_part(a, b) for a, b in zip(left.parts, right.parts, strict=True))
    return _one_part("".join(left.parts), "".join(right.parts))
