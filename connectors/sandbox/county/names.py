"""Names of made-up people, after their sex, their generation and their ethnic group."""

from random import Random
from typing import Final

from connectors.sandbox.county.lists import Lists

HAN: Final = "01"
MONGOL: Final = "05"
UYGHUR: Final = "09"
KOREAN: Final = "10"
MANCHU: Final = "11"
ETHNIC_GROUPS: Final = (HAN, KOREAN, MANCHU, MONGOL, UYGHUR)

_RARE_SHARE: Final = 0.004
_SHORT_NAME_SHARE: Final = {"old": 0.16, "mid": 0.3, "new": 0.26, "kid": 0.12}


def generation(birth_year: int) -> str:
    """Which fashion of names a year of birth belongs to."""
    if birth_year < 1960:
        return "old"
    if birth_year < 1980:
        return "mid"
    return "new" if birth_year < 2002 else "kid"


def surname(lists: Lists, rng: Random, ethnic: str) -> str:
    """A family's surname; empty for groups that use none."""
    match ethnic:
        case "10":
            return lists.korean.surnames.draw(rng)
        case "11":
            return lists.manchu.draw(rng)
        case "05":
            return lists.mongol.surnames.draw(rng) if rng.random() < 0.5 else ""
        case "09":
            return ""
        case _:
            return lists.han.surnames.draw(rng)


def full_name(lists: Lists, rng: Random, family: str, sex: str, kind: tuple[str, int]) -> str:
    """A name in that family, of `kind` = (ethnic group, year of birth)."""
    ethnic, birth_year = kind
    if ethnic == UYGHUR:
        return f"{rng.choice(lists.uyghur[f'first_{sex}'])}·{rng.choice(lists.uyghur['father'])}"
    if ethnic == MONGOL and (not family or rng.random() < 0.4):
        return family + rng.choice(lists.mongol.single[sex])
    if ethnic == KOREAN:
        return family + rng.choice(lists.korean.first[sex]) + rng.choice(lists.korean.second[sex])
    if rng.random() < _RARE_SHARE:
        return family + rng.choice(lists.rare[sex])
    return family + given_name(lists, rng, sex, birth_year)


def given_name(lists: Lists, rng: Random, sex: str, birth_year: int) -> str:
    """A Han given name of one or two characters."""
    fashion = generation(birth_year)
    key = f"{fashion}_{sex}"
    if rng.random() < _SHORT_NAME_SHARE[fashion]:
        return _early(rng, lists.han.single[key])
    first = _early(rng, lists.han.first[key])
    second = _early(rng, lists.han.second[key])
    while second == first:
        second = rng.choice(lists.han.second[key])
    return first + second


def _early(rng: Random, words: tuple[str, ...]) -> str:
    """A word, the earlier ones of the list more often: names go by fashion."""
    return words[int(len(words) * rng.random() ** 1.3)]


def romanised(lists: Lists, rng: Random, sex: str) -> str:
    """A passport name in Latin letters."""
    family = rng.choice(lists.romanised["surnames"])
    return f"{family} {rng.choice(lists.romanised[f'given_{sex}'])}"
