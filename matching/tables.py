"""Reads the packaged tables of characters, readings and words, each once."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


def _text(name: str) -> str:
    return files("matching").joinpath("data", name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a packaged CSV table, by column name."""
    return list(csv.DictReader(_text(name).splitlines()))


def document(name: str) -> Any:
    """The content of a packaged YAML table."""
    return yaml.safe_load(_text(name))


def raw(name: str) -> bytes:
    """The bytes of a packaged file, such as `weights/default.json`."""
    return files("matching").joinpath("data", *name.split("/")).read_bytes()


@dataclass(frozen=True, eq=False)
class Characters:
    """What is known of single characters: forms that count as one, readings in pinyin with tone."""

    translation: Mapping[int, str]  # for str.translate: private use, width, separators, wildcards
    variants: Mapping[str, str]  # a character → the one its class is compared by
    second_round: Mapping[str, str]  # 1977 short forms → the first of their class
    surname_readings: Mapping[str, tuple[str, ...]]  # such as ("piao2", "pu3")
    given_readings: Mapping[str, tuple[str, ...]]
    compound_surnames: frozenset[str]
    placeholders: frozenset[str]
    transliterated: Mapping[str, str]  # an element of a long name → the spelling it is compared by


@dataclass(frozen=True, eq=False)
class Romanisation:
    """How Korean-Chinese names are written in Latin letters.

    `given` has the Sino-Korean readings of a character as Hangul syllables; the letters of such a
    syllable are romanised by `initials`, `medials` and `finals`, in their order in Unicode.
    """

    surnames: Mapping[str, tuple[str, ...]]
    given: Mapping[str, tuple[str, ...]]
    initials: tuple[tuple[str, ...], ...]
    medials: tuple[tuple[str, ...], ...]
    finals: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class NearSounds:
    """What clerks confuse in toneless pinyin, each a pair: initials, finals, whole syllables."""

    initials: tuple[tuple[str, str], ...]
    finals: tuple[tuple[str, str], ...]
    syllables: frozenset[tuple[str, str]]  # both orders


def _width() -> dict[int, str]:
    """Full-width ASCII to ASCII; an explicit table, because NFKC changes more than width."""
    return {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def _classes(groups: list[str]) -> dict[str, str]:
    return {character: group[0] for group in groups for character in group}


def _words(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(str(value).split()) for key, value in table.items()}


@lru_cache(maxsize=1)
def _character_table() -> Any:
    return document("characters.yaml")


@lru_cache(maxsize=1)
def characters() -> Characters:
    """The table of characters, `data/characters.yaml`."""
    table = _character_table()
    translation = _width()
    translation |= {ord(old): new for old, new in table["private_use"].items()}
    translation |= {ord(old): new for old, new in table["same_character"].items()}
    translation |= {ord(sign): "" for sign in table["invisible"]}
    translation |= {ord(sign): "·" for sign in table["separators"]}
    translation |= {ord(sign): "?" for sign in table["wildcards"]}
    groups = [group.split() for group in table["transliterated"]]
    return Characters(
        translation=translation,
        variants=_classes(table["variants"]),
        second_round=_classes(table["second_round"]),
        surname_readings=_words(table["surname_readings"]),
        given_readings=_words(table["given_readings"]),
        compound_surnames=frozenset(table["compound_surnames"].split()),
        placeholders=frozenset(table["placeholders"].split()),
        transliterated={spelling: group[0] for group in groups for spelling in group},
    )


@lru_cache(maxsize=1)
def near_sounds() -> NearSounds:
    """Initials, finals and syllables that clerks confuse, of `data/characters.yaml`."""
    table = _character_table()
    pairs = [(one, other) for one, other in table["near_syllables"]]
    return NearSounds(
        initials=tuple((one, other) for one, other in table["near_initials"]),
        finals=tuple((one, other) for one, other in table["near_finals"]),
        syllables=frozenset([*pairs, *((other, one) for one, other in pairs)]),
    )


@lru_cache(maxsize=1)
def look_alikes() -> frozenset[str]:
    """Pairs of characters that are taken for each other, both orders, as two-character strings."""
    pairs: set[str] = set()
    for row in rows("look_alike.csv"):
        one = row["character"]
        pairs.update(one + other for other in row["look_alikes"])
        pairs.update(other + one for other in row["look_alikes"])
    return frozenset(pairs)


@lru_cache(maxsize=1)
def korean() -> Romanisation:
    """The table of Korean romanisations, `data/korean.yaml`."""
    table = document("korean.yaml")
    given: dict[str, tuple[str, ...]] = {}
    for syllable, written in table["given"].items():
        for character in written:
            given[character] = (*given.get(character, ()), syllable)
    letters = {
        part: tuple(tuple(sounds.replace("_", "").split()) or ("",) for sounds in table[part])
        for part in ("initials", "medials", "finals")
    }
    return Romanisation(surnames=_words(table["surnames"]), given=given, **letters)


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Field → level → the sentence a reviewer reads, in zh and en."""
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = document("words.yaml")
    return table
