"""The word lists from which the county is made: names, places, employers, look-alikes."""

from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any, Final

import yaml

_DATA: Final = "connectors.sandbox.county"


@dataclass(frozen=True, slots=True)
class Weighted:
    """Words with their weights, drawn in proportion."""

    words: tuple[str, ...]
    bounds: tuple[float, ...]

    def draw(self, rng: Random) -> str:
        return rng.choices(self.words, cum_weights=self.bounds)[0]


@dataclass(frozen=True, slots=True)
class NameParts:
    """What the names of one ethnic group are made of; keys are `<generation>_<sex>` or `<sex>`."""

    surnames: Weighted
    single: dict[str, tuple[str, ...]]
    first: dict[str, tuple[str, ...]]
    second: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Township:
    """A street office (街道) or township (乡镇) by its 9-digit code."""

    code: str
    name: str
    urban: bool


@dataclass(frozen=True, slots=True)
class EmployerKind:
    """A kind of employer and what it pays, in yuan a month."""

    name: str
    low: int
    high: int
    tax: bool
    fund: float


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists, read once."""

    han: NameParts
    korean: NameParts
    manchu: Weighted
    mongol: NameParts
    uyghur: dict[str, tuple[str, ...]]
    romanised: dict[str, tuple[str, ...]]
    rare: dict[str, tuple[str, ...]]
    towns: tuple[Township, ...]
    countryside: tuple[Township, ...]
    streets: tuple[str, ...]
    villages: tuple[str, ...]
    employer_kinds: tuple[EmployerKind, ...]
    employer_bounds: tuple[float, ...]
    employer_words: tuple[tuple[str, ...], tuple[str, ...]]
    shops: tuple[str, ...]
    companies: tuple[str, ...]
    cooperatives: tuple[str, ...]
    insurers: tuple[str, ...]
    homophones: dict[str, str]
    look_alikes: dict[str, str]


def read_lists() -> Lists:
    """The lists of the data folder."""
    names, places = _read("names.yaml"), _read("places.yaml")
    work, alike = _read("employers.yaml"), _read("look_alikes.yaml")
    townships = [Township(**row) for row in places["townships"]]
    kinds = [
        EmployerKind(row["name"], row["low"], row["high"], row["tax"], row["fund"])
        for row in work["kinds"]
    ]
    return Lists(
        han=_name_parts(names),
        korean=_pairs(names["korean"]),
        manchu=_weighted(names["manchu"]["surnames"]),
        mongol=_mongol(names["mongol"]),
        uyghur={key: _words(text) for key, text in names["uyghur"].items()},
        romanised={key: _words(text) for key, text in names["romanised"].items()},
        rare={"1": _words(names["rare_1"]), "2": _words(names["rare_2"])},
        towns=tuple(town for town in townships if town.urban),
        countryside=tuple(town for town in townships if not town.urban),
        streets=_words(places["streets"]),
        villages=_words(places["villages"]),
        employer_kinds=tuple(kinds),
        employer_bounds=tuple(accumulate(row["weight"] for row in work["kinds"])),
        employer_words=(_words(work["words_first"]), _words(work["words_second"])),
        shops=_words(work["shops"]),
        companies=_words(work["companies"]),
        cooperatives=_words(work["cooperatives"]),
        insurers=_words(work["insurers"]),
        homophones=_groups(alike["homophones"]),
        look_alikes=_groups(alike["look_alikes"]),
    )


def _read(name: str) -> Any:
    text = files(_DATA).joinpath("data", name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _weighted(text: str) -> Weighted:
    parts = text.split()
    return Weighted(tuple(parts[::2]), tuple(accumulate(float(weight) for weight in parts[1::2])))


def _name_parts(names: Any) -> NameParts:
    return NameParts(
        surnames=_weighted(names["surnames"]),
        single={key: _words(text) for key, text in names["single"].items()},
        first={key: _words(text) for key, text in names["first"].items()},
        second={key: _words(text) for key, text in names["second"].items()},
    )


def _pairs(names: Any) -> NameParts:
    return NameParts(
        surnames=_weighted(names["surnames"]),
        single={},
        first={sex: _words(names[f"first_{sex}"]) for sex in ("1", "2")},
        second={sex: _words(names[f"second_{sex}"]) for sex in ("1", "2")},
    )


def _mongol(names: Any) -> NameParts:
    whole = {sex: _words(names[f"whole_{sex}"]) for sex in ("1", "2")}
    return NameParts(surnames=_weighted(names["surnames"]), single=whole, first={}, second={})


def _groups(text: str) -> dict[str, str]:
    """Every character to the characters it is taken for; the first group of a character holds."""
    taken_for: dict[str, str] = {}
    for group in text.split():
        for character in group:
            taken_for.setdefault(character, group.replace(character, ""))
    return taken_for
