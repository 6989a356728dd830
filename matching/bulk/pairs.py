"""Candidate pairs of two files by joins on their keys, in DuckDB: on disk where memory ends."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from matching.bulk.columns import Columns
from matching.bulk.keys import former_keys, home_keys, keys, refinement
from matching.bulk.texts import U64

MOST_PAIRS: Final = 4_000  # a key that gives more pairs is cut by what is rarer in it
MOST_REFINED: Final = 20_000  # and is left out if it still gives more than this
I64 = NDArray[np.int64]


class MemoryLimitError(ValueError):
    """What was given as memory for the joins is no amount."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index:
    """Every key of a file's rows: two equally long arrays."""

    rows: I64
    keys: U64
    cuts: U64


def index_of(columns: Columns, left_out: I64, *, left: bool) -> Index:
    """The keys of the rows that have them, but for the rows left out."""
    found = keys(columns, left=left)
    rows = [np.flatnonzero(key) for key in found]
    values = [key[row] for key, row in zip(found, rows, strict=True)]
    places, extra = former_keys(columns)
    rows.append(places[extra != 0])
    values.append(extra[extra != 0])
    together, keyed = np.concatenate(rows), np.concatenate(values)
    kept = ~np.isin(together, left_out)
    return Index(together[kept], keyed[kept], refinement(columns)[together[kept]])


class Blocks:
    """The joined keys of two files; pairs come out for a range of the left file's rows.

    `within`: both are one file, and each pair of its rows comes out once, no row with itself.
    """

    def __init__(
        self, left: Index, right: Index, *, memory: str, folder: Path | None, within: bool = False
    ) -> None:
        self._within = within
        try:
            self._duck = duckdb.connect(config={"memory_limit": memory, "threads": 2})
        except (duckdb.ParserException, duckdb.InvalidInputException) as error:
            raise MemoryLimitError(f"{memory} is no amount of memory such as 1GB") from error
        if folder is not None:
            self._duck.execute("SET temp_directory = ?", [str(folder)])
        for name, index in (("l", left), ("r", right)):
            columns = {"row": index.rows, "key": index.keys, "cut": index.cuts}
            self._duck.register("given", columns)
            self._duck.execute(f"CREATE TABLE {name} AS SELECT DISTINCT row, key, cut FROM given")  # noqa: S608 - one of two names
            self._duck.unregister("given")
        self._duck.execute(CROWDED, {"most": MOST_PAIRS})
        self._duck.execute(CROWDED_CUTS, {"most": MOST_REFINED})

    def __enter__(self) -> "Blocks":
        return self

    def __exit__(self, *_: object) -> None:
        self._duck.close()

    def pairs(self, start: int, stop: int) -> tuple[I64, I64]:
        """Every candidate pair of the left rows from `start` to before `stop`, in order, once."""
        range_ = {"start": start, "stop": stop, "within": self._within}
        found = self._duck.execute(PAIRS, range_).fetchnumpy()
        return found["i"].astype(np.int64), found["j"].astype(np.int64)


CROWDED: Final = """
CREATE TABLE crowded AS
SELECT l.key FROM (SELECT key, count(*) n FROM l GROUP BY key) l
JOIN (SELECT key, count(*) n FROM r GROUP BY key) r USING (key)
WHERE l.n * r.n > $most
"""
CROWDED_CUTS: Final = """
CREATE TABLE cuts AS
WITH ls AS (SELECT key, cut, count(*) n FROM l SEMI JOIN crowded USING (key) GROUP BY ALL),
rs AS (SELECT key, cut, count(*) n FROM r SEMI JOIN crowded USING (key) GROUP BY ALL)
SELECT key, cut FROM ls JOIN rs USING (key, cut) WHERE ls.n * rs.n <= $most
"""
PAIRS: Final = """
WITH ours AS (SELECT * FROM l WHERE row >= $start AND row < $stop)
SELECT DISTINCT i, j FROM (
    SELECT ours.row i, r.row j FROM ours JOIN r USING (key) ANTI JOIN crowded USING (key)
    UNION ALL
    SELECT ours.row, r.row FROM ours SEMI JOIN cuts USING (key, cut) JOIN r USING (key, cut)
) WHERE NOT $within OR i < j ORDER BY i, j
"""


def home_pairs(left: Columns, right: Columns, *, most: int, seed: int) -> tuple[I64, I64]:
    """Up to about `most` pairs of one home or household number, drawn at random."""
    one, other = home_keys(left), home_keys(right)
    pairs: list[NDArray[np.int64]] = []
    for ours, theirs in zip(one, other, strict=True):
        rows, keyed = np.flatnonzero(ours), np.flatnonzero(theirs)
        order = keyed[np.argsort(theirs[keyed], kind="stable")]
        first = np.searchsorted(theirs[order], ours[rows], side="left")
        last = np.searchsorted(theirs[order], ours[rows], side="right")
        counts = np.minimum(last - first, 20)  # a dormitory is one home too
        i = np.repeat(rows, counts)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        pairs.append(np.stack([i, order[np.repeat(first, counts) + offsets]]))
    both = np.unique(np.concatenate(pairs, axis=1), axis=1)
    chosen = _drawn(both.shape[1], most, seed)
    return both[0][chosen], both[1][chosen]


def random_pairs(left: int, right: int, *, most: int, seed: int) -> tuple[I64, I64]:
    """Pairs of rows drawn at random, the same for the same seed; hardly any is of one person."""
    draw = np.random.default_rng(seed)
    return draw.integers(0, left, most), draw.integers(0, right, most)


def _drawn(count: int, most: int, seed: int) -> I64:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
