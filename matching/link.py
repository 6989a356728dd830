"""Links two files of people: candidate pairs, each with its probability."""

from collections.abc import Iterator, Sequence
from typing import Final

from matching.block import candidates
from matching.levels import Level
from matching.pair import compare
from matching.people import People, Row, RowProblem, read_people_csv
from matching.prepared import prepare
from matching.weights import Weights

__all__ = ["People", "Row", "RowProblem", "link", "read_people_csv"]

OVERLAP: Final = 0.5  # share of the smaller file expected in the larger
MOST_LIKELY: Final = 0.05  # prior of two very small files
CONTRADICTING: Final = frozenset({Level.DIFFERENT, Level.NEIGHBOUR})


def prior_of(left: int, right: int) -> float:
    """The chance that a pair drawn from files of these sizes is one person, before comparing."""
    return min(OVERLAP / max(left, right, 1), MOST_LIKELY)


def link(
    left: Sequence[Row], right: Sequence[Row], weights: Weights, *, threshold: float = 0.5
) -> Iterator[tuple[str, str, float]]:
    """Every pair (left id, right id, probability) at or above the threshold.

    The prior is that of two whole files, not of one looked-up record. A pair whose full numbers
    contradict each other is left out, whatever else agrees.
    """
    ours = weights.with_prior(prior_of(len(left), len(right)))
    ones = [prepare(identity) for _, identity in left]
    others = [prepare(identity) for _, identity in right]
    for one, other in candidates(ones, others):
        found = compare(ones[one], others[other], ours)
        if found.probability >= threshold and found.level("id_number") not in CONTRADICTING:
            yield left[one][0], right[other][0], found.probability
