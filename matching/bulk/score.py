"""Levels in columns → log2 odds: the weights, looked up for all pairs at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.bulk.codes import CODES, LEVELS
from matching.bulk.columns import COMPARED
from matching.bulk.compared import PLACE, Compared, Sides
from matching.levels import Level
from matching.pair import HOME, NUMBER_TELLS
from matching.weights import NameBits, Weights

APART: Final = 0
TOGETHER: Final = 1
TOLD: Final = 2  # the number has said it: weighs nothing
REPEATED: Final = 3  # the same, and both records write it beside the number
CONDITIONS: Final = 4
WIDTH: Final = len(LEVELS)
TELLS: Final = np.array([level in NUMBER_TELLS for level in LEVELS])
SAME: Final = CODES[Level.SAME]
AT_HOME: Final = np.array([level in HOME for level in LEVELS])
SILENT: Final = (CODES[Level.MISSING], CODES[Level.UNUSABLE])
VALUED_NAME: Final = np.array(
    [level not in (Level.MISSING, Level.DIFFERENT, Level.UNUSABLE) for level in LEVELS]
)
STEP: Final = np.array([0 if field == "address" else WIDTH for field in COMPARED], dtype=np.int16)
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scored:
    """Pairs as the weights see them: per pair and field a cell `condition · WIDTH + level`.

    `name_worth` and `number_worth` are what the values add: rare names, digits that masks show.
    """

    fields: tuple[str, ...]
    cells: NDArray[np.int16]
    name_worth: F64
    number_worth: F64

    def __len__(self) -> int:
        return len(self.cells)


def worth_of(bits: NDArray[np.float32], rule: NameBits) -> F64:
    """`NameBits.worth` for an array."""
    wide = bits.astype(np.float64)
    beyond = np.maximum(0.0, wide - rule.trusted) * rule.share_beyond
    return np.minimum(np.minimum(wide, rule.trusted) + beyond, rule.most)


def cells_of(sides: Sides, found: Compared, weights: Weights) -> Scored:
    """Which cell of the weights each level falls into: of strangers, of one home, or told."""
    at_home = AT_HOME[found.of("address")]
    together = at_home | (found.of("household_number") == SAME)
    cells = found.levels.astype(np.int16)
    if together.any():
        conditions = together[:, None] * STEP
        conditions[:, PLACE["household_number"]] = at_home * np.int16(WIDTH)
        cells += conditions
    told = TELLS[found.of("id_number")]
    left, right, i, j = sides.left, sides.right, sides.i, sides.j
    born = left.born_in_number[i] & right.born_in_number[j]
    sexed = left.sex_in_number[i] & right.sex_in_number[j]
    for field, known, written in (
        ("birth_date", born, left.born_written[i] & right.born_written[j]),
        ("sex", sexed, left.sex_written[i] & right.sex_written[j]),
    ):
        rows = np.flatnonzero(told & known)
        twice = np.broadcast_to(written, told.shape)[rows]
        conditions = np.where(twice, np.int16(REPEATED * WIDTH), np.int16(TOLD * WIDTH))
        cells[rows, PLACE[field]] = found.levels[rows, PLACE[field]] + conditions
    worth = worth_of(found.name_bits, weights.name_bits) * VALUED_NAME[found.of("name")]
    return Scored(COMPARED, cells, worth, found.number_bits.astype(np.float64))


def table_of(weights: Weights, fields: tuple[str, ...] = COMPARED) -> F64:
    """Fields × cells: the weight of each in log2; 0 for what says nothing or is told."""
    table = np.zeros((len(fields), CONDITIONS * WIDTH), dtype=np.float64)
    for place, field in enumerate(fields):
        for level, code in CODES.items():
            for condition in (APART, TOGETHER):
                weight = weights.fixed.get((field, level, condition == TOGETHER), 0.0)
                table[place, condition * WIDTH + code] = weight
    return table


def log_odds(scored: Scored, weights: Weights, table: F64 | None = None) -> F64:
    """log2 odds of every pair: the prior, each field's weight, and what the values add."""
    if table is None:
        table = table_of(weights, scored.fields)
    offsets = np.arange(len(scored.fields), dtype=np.intp) * table.shape[1]
    total = table.ravel()[scored.cells + offsets].sum(axis=1)
    total += scored.name_worth + scored.number_worth + weights.prior
    if weights.namesakes:
        total -= _namesakes(scored, weights)
    return np.asarray(total, dtype=np.float64)


def _namesakes(scored: Scored, weights: Weights) -> F64:
    """What `Weights.of_name` and `of_birth_date` take off for namesakes of one birthday."""
    less = np.zeros(len(scored))
    rows = np.flatnonzero(scored.name_worth > 0)
    crowd = weights.namesakes * np.exp2(scored.name_worth[rows])
    less[rows] = np.log2(1 + crowd)
    born = scored.cells[rows, scored.fields.index("birth_date")]
    compared = (born < TOLD * WIDTH) & ~np.isin(born % WIDTH, SILENT)
    less[rows[compared]] = 0.0
    same = compared & (born % WIDTH == SAME)
    share = np.where(born >= WIDTH, weights.same_birthday[True], weights.same_birthday[False])
    less[rows[same]] = np.log2(1 + crowd[same] / share[same])
    return less


def probabilities(log2_odds: F64) -> F64:
    """The probabilities of log2 odds."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(log2_odds, -1000, 1000))), dtype=np.float64)
