"""Two registers of overlapping people with the truth: applicants, and a source's replies.

Where the shipped model learns is the sandbox's county (`connectors/sandbox`): its people, its
shares of names, its tables and kinds of fault. Nothing of it is used here, so that what is
measured is how the model does on people it was not made from:
- names: national counts by decade and sex, whole given names that are in fashion, homes of other
  groups; the sandbox draws from short lists by generation for one region.
- slips: any of 3,755 everyday characters of the same or a nearly same sound, and look-alikes and
  variants from a table of their own; the sandbox swaps within short groups.
- kinds the sandbox lacks: near sounds, dropped and reordered characters, other transcriptions,
  Korean romanisation, titles and remarks in the name, transposed digits and neighbouring keys,
  birthdays by the lunar calendar, day and month swapped, shortened and renumbered addresses,
  moved homes, changed phones.
- kinds it has that are left out here: numbers of a parent or of another person, second numbers.
- strangers: relatives not applied for, twins, namesakes of one birthday, neighbours.
Rates are chosen, not counted. They were set once so that other tools do about as well as on the
registers they had been measured on before (exact normalised number F1 .805, Splink's defaults
about .95).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from matching.people import COLUMNS
from tests.benchmarks.linkage import tables
from tests.benchmarks.linkage.numbers import Ints
from tests.benchmarks.linkage.people import People, make_people
from tests.benchmarks.linkage.records import Writer, namesake_numbers

MATCHED: Final = 0.66
"""Of the left persons, those whose record is on the right."""
NAMESAKES: Final = 0.022
"""Of the right records, those of a namesake born on the same day as someone on the left."""
APPLIED: Final = 0.8
"""Of the members of a household, those applied for."""
RELATIVES: Final = 0.75
"""Of the other right records, those of members not applied for, as far as there are so many."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registers:
    """Rows in the order of COLUMNS, and the pairs of ids (left, right) that are one person."""

    left: list[Row]
    right: list[Row]
    truth: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Who is where: people by their place in the columns."""

    left: Ints
    matched: Ints
    strangers: Ints
    namesakes: Ints


def make_registers(size: int, seed: int) -> Registers:
    """`size` people on either side; the same seed gives the same registers."""
    rng = np.random.default_rng(seed)
    homes = int(size * 0.66) + 60
    people = make_people(rng, homes)
    drawn = _draw(rng, people, size)
    dice = Random(seed * 7919 + 1)
    writer = Writer(people, homes, dice)
    namesakes = namesake_numbers(people, drawn.namesakes, rng)
    left_ids = _ids("A", rng.permutation(size))
    right_ids = _ids("B", rng.permutation(size))
    left = [
        writer.applied(one, row) for one, row in zip(left_ids, drawn.left.tolist(), strict=True)
    ]
    rows = [*drawn.matched.tolist(), *drawn.strangers.tolist()]
    right = [writer.replied(one, row) for one, row in zip(right_ids, rows, strict=False)]
    for one, row, number in zip(
        right_ids[len(rows) :], drawn.namesakes.tolist(), namesakes, strict=True
    ):
        right.append(writer.replied_for_namesake(one, row, number))
    of_person = dict(zip(drawn.left.tolist(), left_ids, strict=True))
    truth = [
        (of_person[row], one) for one, row in zip(right_ids, drawn.matched.tolist(), strict=False)
    ]
    return Registers(sorted(left), sorted(right), sorted(truth))


def _ids(letter: str, numbers: Iterable[int]) -> list[str]:
    return [f"{letter}{number:07d}" for number in numbers]


def _draw(rng: np.random.Generator, people: People, size: int) -> _Drawn:
    """Whole homes apply; on the right are most of their people, and others."""
    homes = int(people.home.max()) + 1
    place = rng.permutation(homes)[people.home]
    order = np.lexsort((rng.random(people.size), place))
    applied = order[rng.random(people.size)[order] < APPLIED]
    left = applied[:size]
    last = place[left[-1]]
    others = np.setdiff1d(order, left)
    matched = np.sort(rng.permutation(left)[: round(size * MATCHED)])
    namesakes = np.sort(rng.permutation(left)[: round(size * NAMESAKES)])
    wanted = size - len(matched) - len(namesakes)
    at_home = place[others] <= last
    relatives = rng.permutation(others[at_home])[: round(wanted * RELATIVES)]
    elsewhere = rng.permutation(others[~at_home])[: wanted - len(relatives)]
    return _Drawn(left, matched, np.concatenate([relatives, elsewhere]), namesakes)


def write_registers(registers: Registers, folder: Path) -> Mapping[str, Path]:
    """left.csv, right.csv and truth.csv in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in ("left", "right", "truth")}
    write_csv(paths["left"], COLUMNS, registers.left)
    write_csv(paths["right"], COLUMNS, registers.right)
    write_csv(paths["truth"], ("left", "right"), registers.truth)
    return paths


def write_csv(path: Path, header: Row, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def districts() -> Mapping[str, str]:
    """The unassigned area codes that the numbers are in, and what they are called."""
    found: Mapping[str, str] = tables.read("places")["districts"]
    return found
