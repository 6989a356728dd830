"""Links two files of people, or of other records by a specification (hedui link)."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from matching.bulk.files import read_chunks
from matching.bulk.job import Job, Options, Problem, Progress
from matching.bulk.pairs import Blocks, Index, random_pairs
from matching.bulk.parts import STRANGERS, Linkage, Links, one_to_one, pairs_in
from matching.bulk.plain import PlainFiles, Specification, starting_weights
from matching.bulk.score import F64, Scored, log_odds, probabilities
from matching.bulk.texts import Texts
from matching.bulk.train import Pairs, Settings, trained
from matching.people import PeopleFileError
from matching.weights import Weights

__all__ = ["Linked", "Options", "Problem", "Progress", "link_people", "link_records", "write"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Linked:
    """Every pair looked at, with the rows' ids, the weights used, and rows that were wrong."""

    left: Texts
    right: Texts
    links: Links
    weights: Weights
    problems: Sequence[Problem]
    trained: bool = True
    """The weights were fitted to these files; else they are those that were given."""

    def probabilities(self, *, each_once: bool = False) -> F64:
        """Of every pair; `each_once` where nobody stands twice in a file."""
        return one_to_one(self.links) if each_once else probabilities(self.links.log2_odds)


def link_people(job: Job, start: Weights, *, day: date, progress: Progress) -> Linked:
    """Links the job's two files of people, taking up what its folder already holds.

    `day` is written into trained weights. Raises PeopleFileError, OSError, WorkFolderError.
    """
    job.begin(day)
    job.prepare(progress)
    linkage = Linkage(job, start)
    with linkage.blocks() as blocks:
        weights = linkage.weights(blocks, day)
        linkage.score(blocks, progress)
    parts = list(linkage.links())
    links = Links(
        np.concatenate([part.i for part in parts]),
        np.concatenate([part.j for part in parts]),
        np.concatenate([part.log2_odds for part in parts]),
    )
    return Linked(
        job.ids("left"),
        job.ids("right"),
        links,
        weights,
        job.problems(),
        trained=weights.training != start.training,
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Records:
    ids: list[str]
    fields: dict[str, list[str | None]]
    problems: list[Problem]


def _records(side: str, path: Path, fields: Sequence[str]) -> _Records:
    found = _Records([], {field: [] for field in fields}, [])
    for chunk in read_chunks(path, fields=fields):
        found.ids.extend(chunk.ids)
        for field in fields:
            found.fields[field].extend(chunk.fields[field])
        found.problems.extend(Problem(side, p.row, p.column, p.code) for p in chunk.problems)
    if not found.ids:
        raise PeopleFileError(f"{path.name} holds no row that can be used")
    return found


def link_records(
    left: Path, right: Path, specification: Specification, options: Options, *, day: date
) -> Linked:
    """Links two files of records of any kind, in memory; raises PeopleFileError, OSError."""
    one = _records("left", left, specification.fields)
    other = one if options.within else _records("right", right, specification.fields)
    files = PlainFiles(one.fields, other.fields, specification)
    keys = files.keys()
    with Blocks(
        _index([ours for ours, _ in keys]),
        _index([theirs for _, theirs in keys]),
        memory=options.memory,
        folder=None,
        within=options.within,
    ) as blocks:
        i, j = blocks.pairs(0, len(one.ids))
    blocked = files.scored(i, j)
    strangers = files.scored(*random_pairs(*files.sizes, most=STRANGERS, seed=options.seed))
    count = pairs_in(*files.sizes, within=options.within)
    nobody = Scored(
        blocked.fields, blocked.cells[:0], blocked.name_worth[:0], blocked.number_worth[:0]
    )
    data = Pairs(blocked, 1.0, strangers, nobody, count)
    weights = trained(starting_weights(specification), data, Settings(digest="", day=day))
    odds = log_odds(blocked, weights)
    problems = one.problems + ([] if options.within else other.problems)
    links = Links(i, j, odds)
    return Linked(Texts.of(one.ids), Texts.of(other.ids), links, weights, problems)


def _index(keys: Sequence[np.ndarray]) -> Index:
    rows = [np.flatnonzero(key) for key in keys]
    values = np.concatenate([key[row] for key, row in zip(keys, rows, strict=True)])
    return Index(np.concatenate(rows), values, np.zeros(len(values), dtype=np.uint64))


def _lines(linked: Linked, found: F64, kept: np.ndarray) -> Iterator[tuple[str, str, str, str]]:
    for place in kept.tolist():
        yield (
            linked.left[int(linked.links.i[place])] or "",
            linked.right[int(linked.links.j[place])] or "",
            f"{found[place]:.9f}",
            f"{linked.links.log2_odds[place]:.6f}",
        )


COLUMNS = ("left_id", "right_id", "probability", "log2_odds")


def write(linked: Linked, out: Path, *, threshold: float, each_once: bool = False) -> int:
    """Pairs at or above the threshold as CSV, or Parquet where `out` ends so; returns how many."""
    found = linked.probabilities(each_once=each_once)
    kept = np.flatnonzero(found >= threshold)
    draft = out.with_name(out.name + ".draft")
    if out.suffix == ".parquet":
        _write_parquet(linked, found, kept, draft)
    else:
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(_lines(linked, found, kept))
    draft.replace(out)
    return len(kept)


def _write_parquet(linked: Linked, found: F64, kept: np.ndarray, draft: Path) -> None:
    lefts = np.array([linked.left[row] for row in linked.links.i[kept].tolist()], dtype=object)
    rights = np.array([linked.right[row] for row in linked.links.j[kept].tolist()], dtype=object)
    values = (lefts, rights, found[kept], linked.links.log2_odds[kept])
    with duckdb.connect() as duck:
        duck.register("pairs", dict(zip(COLUMNS, values, strict=True)))
        duck.execute("COPY pairs TO $out (FORMAT parquet)", {"out": str(draft)})
