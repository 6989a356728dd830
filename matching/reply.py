"""One person against all records of a reply at once: the same levels and weights, in columns."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.bulk.columns import Columns, encode
from matching.bulk.compared import compared
from matching.bulk.rows import sides_of
from matching.bulk.score import F64, cells_of, log_odds, probabilities, table_of
from matching.identity import Identity
from matching.weights import Weights


def columns_of(people: Sequence[Identity]) -> Columns:
    """People in columns: the person asked about once, a reply's records once."""
    return encode(
        {
            "name": [one.name for one in people],
            "former_name": [";".join(one.former_names) or None for one in people],
            "id_type": [one.id_type for one in people],
            "id_number": [one.id_number for one in people],
            "birth_date": [str(one.birth_date) if one.birth_date else None for one in people],
            "sex": [one.sex.value if one.sex else None for one in people],
            "address": [one.address for one in people],
            "household_number": [one.household_number for one in people],
            "phone": [one.phone for one in people],
            "employer": [one.employer for one in people],
        }
    )


class Against:
    """A person, prepared once, and the weights; asked about many replies.

    What was found of a value is kept: ten sources write one person's name in few ways.
    """

    def __init__(self, person: Identity, weights: Weights) -> None:
        self._person = columns_of([person])
        self._weights = weights
        self._table = table_of(weights)
        self._known: dict[tuple[str, int, int], tuple[int, float]] = {}

    def log2_odds(self, records: Columns) -> F64:
        """log2 odds that each record is the person's: what `pair.compare` gives one by one."""
        every = slice(0, len(records))
        sides = sides_of(self._person, records, slice(0, 1), every, self._weights)
        sides = replace(sides, known=self._known)
        found = cells_of(sides, compared(sides), self._weights)
        return log_odds(found, self._weights, self._table)

    def probabilities(self, records: Columns) -> F64:
        """The same as probabilities, corrected where the weights carry a calibration."""
        odds = self.log2_odds(records)
        if self._weights.calibration is not None:
            odds = np.array([self._weights.calibration(float(one)) for one in odds])
        return probabilities(odds)
