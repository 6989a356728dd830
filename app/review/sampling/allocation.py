"""How many units each stratum gets 样本分配: whole numbers, exact in sum, never more than it has.

One rule serves all three methods. After `least` units for every stratum (or all it has), the next
unit always goes where a / √(k(k+1)) is greatest, k being what the stratum has. Of all allocations
in whole numbers this one makes Σ a²/n least (Wright 2012, who shows that Neyman's optimum in whole
numbers is Huntington's apportionment). With a = N·S that is the variance of the stratified mean
(Neyman 1934; Cochran 1977, 5.5), with a = N the same under equal spreads, with a = 1 equal numbers.
It also never takes a unit back as the sample grows, so that a larger sample holds the smaller one.
"""

import heapq
from collections.abc import Sequence
from enum import StrEnum
from math import sqrt
from typing import Final, assert_never

from app.review.sampling.errors import InvalidDesign
from app.review.sampling.strata import Stratum

LEAST: Final = 2  # a stratum's variance needs two
_LEAST_RISK: Final = 0.005  # a stratum predicted to be surely right is looked at all the same


class Allocation(StrEnum):
    """By size, by size and predicted spread √(p(1−p)), or the same number for each."""

    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"
    EQUAL = "equal"


def pull(stratum: Stratum, allocation: Allocation) -> float:
    """The stratum's a of the rule above."""
    match allocation:
        case Allocation.PROPORTIONAL:
            return float(len(stratum.units))
        case Allocation.NEYMAN:
            risk = min(max(stratum.risk, _LEAST_RISK), 1.0 - _LEAST_RISK)
            return len(stratum.units) * sqrt(risk * (1.0 - risk))
        case Allocation.EQUAL:
            return 1.0
        case _:
            assert_never(allocation)


def allocate(
    sizes: Sequence[int], n: int, *, pulls: Sequence[float], least: int = LEAST
) -> tuple[int, ...]:
    """A number for each stratum, `n` in all; InvalidDesign where that is too few or too many."""
    taken = [min(least, size) for size in sizes]
    left = n - sum(taken)
    if left < 0:
        raise InvalidDesign(
            f"{n} units are too few for {len(sizes)} strata with {least} each: draw at least "
            f"{sum(taken)}, or join more strata"
        )
    if n > sum(sizes):
        raise InvalidDesign(f"{n} units are more than the {sum(sizes)} there are")
    queue = [
        (-_priority(pulls[place], taken[place]), place)
        for place, size in enumerate(sizes)
        if taken[place] < size
    ]
    heapq.heapify(queue)
    for _ in range(left):
        _, place = queue[0]
        taken[place] += 1
        if taken[place] < sizes[place]:
            heapq.heapreplace(queue, (-_priority(pulls[place], taken[place]), place))
        else:
            heapq.heappop(queue)
    return tuple(taken)


def _priority(pull_of_it: float, has: int) -> float:
    return pull_of_it / sqrt(has * (has + 1)) if has else float("inf")
