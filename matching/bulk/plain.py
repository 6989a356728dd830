"""Files of other kinds of records: fields of text, codes and days named by a specification (YAML).

The same model and training as for people, with general comparisons: for rosters in other languages
and for public test sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from matching.bulk.codes import CODES
from matching.bulk.score import F64, Scored
from matching.bulk.texts import U64, combined, hashes
from matching.levels import Level
from matching.weights import NameBits, Odds, Thresholds, Weights, log_odds

I64 = NDArray[np.int64]
CLOSE: Final = 0.92  # Jaro-Winkler similarity
SIMILAR: Final = 0.80
MOST_WORTH: Final = 18.0  # bits that a rare value may add
CROWD: Final = 30  # candidate pairs a row that one key may give on average
START: Final[Mapping[str, Mapping[Level, Odds]]] = {
    "text": {
        Level.EQUAL: Odds(0.80, None),
        Level.NEAR: Odds(0.10, 0.002),
        Level.SIMILAR: Odds(0.04, 0.01),
        Level.FORMER: Odds(0.01, 0.002),
        Level.DIFFERENT: Odds(0.05, 0.98),
    },
    "code": {
        Level.EQUAL: Odds(0.85, None),
        Level.ONE_EDIT: Odds(0.06, 0.002),
        Level.TRANSPOSED: Odds(0.02, 0.001),
        Level.TWO_EDITS: Odds(0.02, 0.01),
        Level.FORMER: Odds(0.01, 0.002),
        Level.DIFFERENT: Odds(0.05, 0.98),
    },
}
PRIOR: Final = 1e-4
LISTS: Final = ("swapped", "blocking")


class SpecificationError(ValueError):
    """The specification of the fields cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Specification:
    """Field → `text` or `code`; `swapped` are pairs of fields written in each other's place.

    `blocking` are the keys as tuples of fields; where empty they are chosen by the files.
    """

    kinds: Mapping[str, str]
    swapped: tuple[tuple[str, str], ...] = ()
    blocking: tuple[tuple[str, ...], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in their order."""
        return tuple(self.kinds)

    def partner(self, field: str) -> str | None:
        """The field that this one is swapped with."""
        for one, other in self.swapped:
            if field in (one, other):
                return other if field == one else one
        return None


def read_specification(path: Path) -> Specification:
    """`fields: {name: text}`, `swapped: [[a, b]]`, `blocking: [[a, b]]`.

    Raises SpecificationError, OSError.
    """
    try:
        found: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise SpecificationError(f"{path.name} is no YAML in UTF-8: {error}") from error
    kinds = found.get("fields") if isinstance(found, dict) else None
    if not isinstance(kinds, dict) or not kinds:
        raise SpecificationError(f"{path.name}: `fields` must name the fields and their kinds")
    wrong = [name for name, kind in kinds.items() if str(kind) not in START]
    if wrong:
        raise SpecificationError(f"{path.name}: {wrong[0]} must be one of {', '.join(START)}")
    lists = {key: _lists(found.get(key) or [], f"{path.name}: `{key}`") for key in LISTS}
    unknown = {name for some in lists.values() for one in some for name in one} - set(kinds)
    if unknown:
        raise SpecificationError(f"{path.name}: {min(unknown)} is not among `fields`")
    if any(len(pair) != 2 for pair in lists["swapped"]):
        raise SpecificationError(f"{path.name}: `swapped` takes pairs of fields")
    swapped = tuple((one[0], one[1]) for one in lists["swapped"])
    return Specification(kinds, swapped, tuple(lists["blocking"]))


def _lists(given: Any, where: str) -> list[tuple[str, ...]]:
    if not isinstance(given, list) or not all(isinstance(one, list) for one in given):
        raise SpecificationError(f"{where} must be a list of lists of fields")
    return [tuple(map(str, one)) for one in given]


def starting_weights(specification: Specification) -> Weights:
    """What training starts from: general chances of slips."""
    return Weights(
        name="plain",
        version="1",
        date=date(2026, 1, 1),
        prior=log_odds(PRIOR),
        thresholds=Thresholds(accept=0.99, review=0.1),
        name_bits=NameBits(MOST_WORTH, 0.0, MOST_WORTH, MOST_WORTH),
        masked_number={},
        fields={field: START[kind] for field, kind in specification.kinds.items()},
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Values:
    """One field of both files: the different values, their hashes (0: missing) and bits.

    `left` and `right` say which one each row has, -1 where it has none.
    """

    texts: NDArray[np.object_]
    hashed: U64
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    bits: F64

    @property
    def sides(self) -> tuple[U64, U64]:
        """The hash of every row's value."""
        return self.hashed[self.left], self.hashed[self.right]


def _values(left: Sequence[str | None], right: Sequence[str | None]) -> Values:
    every = [(one or "").strip().lower() for one in (*left, *right)]
    texts, back, counts = np.unique(np.array(every), return_inverse=True, return_counts=True)
    # The place after the last stands for none, so that -1 finds its 0.
    hashed = np.append(hashes(texts.tolist()), np.uint64(0))
    rows = np.where(np.char.str_len(texts)[back] > 0, back, -1).astype(np.int32)
    written = max(int((rows >= 0).sum()), 1)
    bits = np.minimum(-np.log2(counts / written), MOST_WORTH)
    return Values(texts.astype(object), hashed, rows[: len(left)], rows[len(left) :], bits)


Columns = Mapping[str, Sequence[str | None]]


class PlainFiles:
    """Two files of records in columns of values."""

    def __init__(self, left: Columns, right: Columns, specification: Specification) -> None:
        self.specification = specification
        self._values = {field: _values(left[field], right[field]) for field in specification.fields}
        self.sizes = tuple(len(next(iter(one.values()))) for one in (left, right))

    def keys(self) -> list[tuple[U64, U64]]:
        """Keys of the left and the right file: those given, or every one or two fields that the
        files hold varied enough not to crowd (at most `CROWD` pairs a row on average)."""
        fields = self.specification.fields
        given = self.specification.blocking
        some = given or (*((one,) for one in fields), *combinations(fields, 2))
        found = []
        for place, names in enumerate(some):
            pair = self._keys(place, names, names)
            if given or _pairs_of(*pair) <= CROWD * max(self.sizes):
                found.append(pair)
        return found + self._swapped_keys(len(some))

    def _keys(self, place: int, ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[U64, U64]:
        """A key of the left file's fields, and of the right file's in their places."""
        left = [self._values[name].sides[0] for name in ours]
        right = [self._values[name].sides[1] for name in theirs]
        return combined(1000 + place, *left), combined(1000 + place, *right)

    def _swapped_keys(self, place: int) -> list[tuple[U64, U64]]:
        swapped = self.specification.swapped
        return [self._keys(place, (one, other), (other, one)) for one, other in swapped]

    def scored(self, i: I64, j: I64) -> Scored:
        """The levels of pairs of rows, and what rare equal values add."""
        cells = np.zeros((len(i), len(self.specification.fields)), dtype=np.int16)
        worth = np.zeros(len(i), dtype=np.float64)
        for place, (field, kind) in enumerate(self.specification.kinds.items()):
            values = self._values[field]
            one, other = values.left[i], values.right[j]
            cells[:, place] = _levels(values.texts, one, other, kind)
            equal = cells[:, place] == CODES[Level.EQUAL]
            worth[equal] += values.bits[one[equal]]
            self._swap(field, cells[:, place], i, j)
        return Scored(self.specification.fields, cells, worth, np.zeros(len(i)))

    def _swap(self, field: str, cells: NDArray[np.int16], i: I64, j: I64) -> None:
        """FORMER where the value stands in the other field of the other record."""
        partner = self.specification.partner(field)
        if partner is None:
            return
        ours, theirs = self._values[field].sides[0], self._values[partner].sides[1]
        crossed = (ours[i] == theirs[j]) & (ours[i] != 0) & (cells == CODES[Level.DIFFERENT])
        cells[crossed] = CODES[Level.FORMER]


def _pairs_of(left: U64, right: U64) -> int:
    """How many pairs a key gives."""
    keys, counts = np.unique(left[left != 0], return_counts=True)
    others, numbers = np.unique(right[right != 0], return_counts=True)
    _, one, other = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
    return int((counts[one].astype(np.int64) * numbers[other]).sum())


def _levels(
    texts: NDArray[np.object_], one: NDArray[np.int32], other: NDArray[np.int32], kind: str
) -> NDArray[np.int16]:
    """Each different pair of values compared once, by rapidfuzz on all cores."""
    levels = np.full(len(one), CODES[Level.MISSING], dtype=np.int16)
    levels[(one == other) & (one >= 0)] = CODES[Level.EQUAL]
    open_pairs = np.flatnonzero((one != other) & (one >= 0) & (other >= 0))
    width = len(texts)
    pairs = one[open_pairs].astype(np.int64) * width + other[open_pairs]
    unique, back = np.unique(pairs, return_inverse=True)
    left, right = texts[unique // width].tolist(), texts[unique % width].tolist()
    found = _of_text(left, right) if kind == "text" else _of_code(left, right)
    levels[open_pairs] = found[back]
    return levels


def _of_text(left: list[str], right: list[str]) -> NDArray[np.int16]:
    found = process.cpdist(left, right, scorer=JaroWinkler.similarity, workers=-1)
    levels = np.full(len(left), CODES[Level.DIFFERENT], dtype=np.int16)
    levels[found >= SIMILAR] = CODES[Level.SIMILAR]
    levels[found >= CLOSE] = CODES[Level.NEAR]
    return levels


def _of_code(left: list[str], right: list[str]) -> NDArray[np.int16]:
    found = process.cpdist(left, right, scorer=OSA.distance, workers=-1)
    levels = np.full(len(left), CODES[Level.DIFFERENT], dtype=np.int16)
    levels[found == 2] = CODES[Level.TWO_EDITS]
    levels[found == 1] = CODES[Level.ONE_EDIT]
    sorted_pairs = zip(left, right, found == 1, strict=True)
    turned = np.array(
        [close and sorted(a) == sorted(b) for a, b, close in sorted_pairs], dtype=bool
    )
    levels[turned] = CODES[Level.TRANSPOSED]
    return levels
