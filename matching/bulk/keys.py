"""Blocking keys in columns (分块): two people are compared if they share one."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.bulk.codes import CODES
from matching.bulk.columns import Columns
from matching.bulk.encode_names import encode_names
from matching.bulk.texts import U64, combined
from matching.levels import Level
from matching.people import former_names

SELDOM: Final = 4  # people of a file; a name that more have is no key by itself
HOME: Final = 12
HOUSEHOLD: Final = 13
NAME_AND_YEAR: Final = 23
# Tags keep keys of different kinds apart; a stored key must mean the same tomorrow.


def keys(columns: Columns, *, left: bool) -> list[U64]:
    """Each key of every person, 0 where a person has none of it; the files' in the same order.

    A name in Latin letters is compared with everybody born on that day, for every register reads
    it otherwise; a masked number with every number that ends like it.
    """
    names, places = columns.names, columns.places
    born, household = columns.born.astype(np.uint64), columns.household
    month, year = born // np.uint64(100), born // np.uint64(10_000)
    spelled = np.where(names.is_latin, born, np.uint64(0))
    shown = columns.last_signs
    masked = np.where(columns.numbers.is_masked, shown, np.uint64(0))
    rare = np.where(names.bits >= np.log2(len(columns)), _seldom(names.sound), np.uint64(0))
    return [
        combined(11, columns.numbers.core),
        combined(14, columns.serial, names.surname_sound),
        combined(31, columns.serial, year),
        combined(15, masked if left else shown),
        combined(32, shown if left else masked),
        combined(16, names.surname_sound, born),
        combined(17, names.sound, month),
        combined(18, names.given_sound, born),
        combined(19, names.sound, places.place),
        combined(20, born, places.place),
        combined(20, born, places.also),
        combined(21, household, year),
        combined(26, household, names.sound),
        combined(22, columns.phone),
        combined(NAME_AND_YEAR, names.key, year),
        combined(27, names.sound, year),
        combined(24, names.sound, columns.employer),
        combined(28, rare),
        combined(29, spelled if left else born),
        combined(30, born if left else spelled),
    ]


def _seldom(key: U64) -> U64:
    """The key where few have it."""
    _, back, counts = np.unique(key, return_inverse=True, return_counts=True)
    return np.where(counts[back] <= SELDOM, key, np.uint64(0))


def former_keys(columns: Columns) -> tuple[NDArray[np.int64], U64]:
    """Rows and keys of former names (曾用名), alike to the key of a whole name and year."""
    rows: list[int] = []
    raws: list[str] = []
    for row in np.flatnonzero(columns.names.has_former).tolist():
        for raw in former_names(columns.raw("former_name", row) or ""):
            rows.append(row)
            raws.append(raw)
    places = np.array(rows, dtype=np.int64)
    names = encode_names(raws, [None] * len(raws))
    year = columns.born[places].astype(np.uint64) // np.uint64(10_000)
    return places, combined(NAME_AND_YEAR, names.key, year)


def home_keys(columns: Columns) -> list[U64]:
    """Keys of one home and of one household: who shares one lives together."""
    itself = np.where(
        columns.places.itself == CODES[Level.SAME_HOME], columns.places.key, np.uint64(0)
    )
    return [combined(HOME, itself), combined(HOUSEHOLD, columns.household)]


def refinement(columns: Columns) -> U64:
    """What cuts a crowded key: the surname's sound and the year of birth."""
    year = columns.born.astype(np.uint64) // np.uint64(10_000)
    return combined(25, columns.names.surname_sound + np.uint64(1), year + np.uint64(1))
