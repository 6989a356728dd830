"""The tables of this benchmark, read from `data/`: names, slips and places."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

DATA: Final = Path(__file__).parent / "data"
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Words, each with its share; the shares add up to 1."""

    words: tuple[str, ...]
    shares: Shares


@dataclass(frozen=True, slots=True)
class Fashion:
    """Given names of one sex and decade: share of short names, of whole names from the list."""

    short: float
    whole: float
    characters: Weighted
    names: Weighted


@dataclass(frozen=True, slots=True)
class Slips:
    """What takes the place of a character: the characters that may stand for it."""

    look_alikes: Mapping[str, str]
    variants: Mapping[str, str]
    homophones: Mapping[str, str]
    near_sounds: Mapping[str, str]
    mask_marks: tuple[str, ...]
    unwritable: tuple[str, ...]


@cache
def read(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))


def weighted(words: Sequence[str], counts: Sequence[float]) -> Weighted:
    shares = np.asarray(counts, dtype=np.float64)
    return Weighted(tuple(words), shares / shares.sum())


def by_rank(size: int, known: Mapping[int, float]) -> list[float]:
    """Counts of ranks 1…size from a few known ones, straight lines between logarithms."""
    points = sorted((math.log(rank), math.log(count)) for rank, count in known.items())
    ranks = [math.log(rank) for rank in range(1, size + 1)]
    return list(np.exp(np.interp(ranks, [p[0] for p in points], [p[1] for p in points])))


@cache
def surnames() -> Weighted:
    words = read("names")["surnames"].split()
    return weighted(words[::2], [float(count) for count in words[1::2]])


@cache
def tail() -> str:
    return "".join(read("names")["tail"].split())


@cache
def fashion(decade: int, sex: str) -> Fashion:
    """Given names of the decade (1930 stands for all before 1960) and sex (`m`, `f`)."""
    table = read("names")["decades"][decade]
    of_sex = table[sex]
    common, others = of_sex["characters"], tail()
    first, tenth, fiftieth = of_sex["counts"]
    counts = np.array(by_rank(len(common), {1: first, 10: tenth, 50: fiftieth}))
    rest = np.array(by_rank(len(others), {1: fiftieth, len(others): fiftieth / 12}))
    counts *= (1 - of_sex["tail"]) / counts.sum()
    rest *= of_sex["tail"] / rest.sum()
    names = of_sex["names"].split()
    top = by_rank(len(names), {1: of_sex["top"][0], 25: of_sex["top"][1]})
    return Fashion(
        short=table["short"],
        whole=of_sex["whole"],
        characters=weighted(common + others, [*counts, *rest]),
        names=weighted(names, top),
    )


def _groups(text: str) -> dict[str, str]:
    """Any member of a group stands for any other."""
    found: dict[str, str] = {}
    for group in text.split():
        for one in group:
            others = "".join(other for other in dict.fromkeys(group) if other != one)
            if others:
                found[one] = found.get(one, "") + others
    return found


def _everyday() -> str:
    """The 3,755 everyday characters (GB 2312, first level)."""
    codes = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return "".join(code.decode("gb2312", "ignore") for code in codes)


@cache
def sound(character: str) -> str:
    """Its pinyin without the tone, as the benchmark's clerks type it."""
    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


def _by_sound() -> dict[str, str]:
    """Characters of each sound: those used in names three times, so that they come up more."""
    found: dict[str, str] = {}
    everyday = _everyday()
    name_characters = "".join(
        part[sex]["characters"] for part in read("names")["decades"].values() for sex in "mf"
    )
    for one in dict.fromkeys(everyday + tail() + name_characters):
        times = 3 if one in name_characters or one in tail() else 1
        found[sound(one)] = found.get(sound(one), "") + one * times
    return found


def near(syllable: str) -> list[str]:
    """The syllables that speakers of some region say in the same way."""
    table, found = read("slips"), []
    for one, other in table["near_initials"]:
        for written, meant in ((one, other), (other, one)):
            longer = written + "h"
            if syllable.startswith(written) and not syllable.startswith(longer):
                found.append(meant + syllable[len(written) :])
    for one, other in table["near_finals"]:
        for written, meant in ((one, other), (other, one)):
            if syllable.endswith(written):
                found.append(syllable[: -len(written)] + meant)
    return found


@cache
def slips() -> Slips:
    table = read("slips")
    by_sound = _by_sound()
    homophones: dict[str, str] = {}
    near_sounds: dict[str, str] = {}
    for syllable, characters in by_sound.items():
        close = "".join(by_sound.get(other, "") for other in near(syllable))
        for one in set(characters):
            homophones[one] = characters.replace(one, "")
            near_sounds[one] = close
    return Slips(
        look_alikes=_groups(table["look_alikes"]),
        variants=_groups(table["variants"]),
        homophones=homophones,
        near_sounds=near_sounds,
        mask_marks=tuple(table["mask_marks"]),
        unwritable=tuple(table["unwritable"]),
    )


@cache
def romanised() -> Mapping[str, tuple[str, ...]]:
    """Korean-Chinese characters and the ways they are romanised."""
    lines = read("names")["korean"]["romanised"].replace("\n", "").split("|")
    return {words[0]: tuple(words[1:]) for words in (line.split() for line in lines)}


@cache
def transcriptions() -> Mapping[str, tuple[str, ...]]:
    """A part of a transcribed name and all the ways in which it is written."""
    ways = {}
    for sex in "mf":
        for line in transcribed_parts(sex):
            for one in line:
                ways[one] = tuple(other for other in line if other != one)
    return ways


def transcribed_parts(sex: str) -> list[list[str]]:
    text = read("names")["transcribed"][sex]
    return [part.split() for part in text.split("|")]


def decade_of(year: int) -> int:
    """The key of `fashion`: 1930 (all before 1960), 1960 … 2000 (all after 1999)."""
    starts = (1930, 1960, 1970, 1980, 1990, 2000, 9999)
    return next(start for start, end in pairwise(starts) if year < end)
