"""Reads the packaged tables of characters, readings and words, each once."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
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
    """What is known of single characters: forms that count as one, readings in toneless pinyin."""

    translation: Mapping[int, str]  # for str.translate: private use, width, separators, wildcards
    variants: Mapping[str, str]  # a character → the one its class is compared by
    second_round: Mapping[str, str]  # 1977 short forms → the first of their class
    surname_readings: Mapping[str, tuple[str, ...]]
    given_readings: Mapping[str, tuple[str, ...]]
    compound_surnames: frozenset[str]
    placeholders: frozenset[str]


def _width() -> dict[int, str]:
    """Full-width ASCII to ASCII; an explicit table, because NFKC changes more than width."""
    return {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def _classes(groups: list[str]) -> dict[str, str]:
    return {character: group[0] for group in groups for character in group}


@lru_cache(maxsize=1)
def characters() -> Characters:
    """The table of characters, `data/characters.yaml`."""
    table = document("characters.yaml")
    translation = _width()
    translation |= {ord(old): new for old, new in table["private_use"].items()}
    translation |= {ord(old): new for old, new in table["same_character"].items()}
    translation |= {ord(sign): "·" for sign in table["separators"]}
    translation |= {ord(sign): "?" for sign in table["wildcards"]}
    return Characters(
        translation=translation,
        variants=_classes(table["variants"]),
        second_round=_classes(table["second_round"]),
        surname_readings={key: tuple(value) for key, value in table["surname_readings"].items()},
        given_readings={key: tuple(value) for key, value in table["given_readings"].items()},
        compound_surnames=frozenset(table["compound_surnames"].split()),
        placeholders=frozenset(table["placeholders"].split()),
    )


@lru_cache(maxsize=1)
def look_alikes() -> frozenset[str]:
    """Pairs of characters that are taken for each other, both orders, as two-character strings."""
    pairs: set[str] = set()
    for row in rows("look_alike.csv"):
        for group in row["pairs"].split():
            for left, right in combinations(group, 2):
                pairs |= {left + right, right + left}
    return frozenset(pairs)


@dataclass(frozen=True, eq=False)
class Romanisation:
    """How Korean-Chinese names are written in Latin letters, by character."""

    surnames: Mapping[str, tuple[str, ...]]
    given: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def korean() -> Romanisation:
    """The table of Korean romanisations, `data/korean.yaml`."""
    table = document("korean.yaml")
    return Romanisation(
        surnames={key: tuple(str(value).split()) for key, value in table["surnames"].items()},
        given={key: tuple(str(value).split()) for key, value in table["given"].items()},
    )


@lru_cache(maxsize=1)
def near_sounds() -> tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]:
    """Initials and finals that clerks confuse, each a set of two."""
    table = document("characters.yaml")
    return (
        tuple(frozenset(group) for group in table["near_initials"]),
        tuple(frozenset(group) for group in table["near_finals"]),
    )


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Field → level → the sentence a reviewer reads, in zh and en."""
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = document("words.yaml")
    return table
