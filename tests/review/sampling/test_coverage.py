"""The intervals hold the truth about as often as they say, in a few hundred made-up audits.

Wide bounds: so many audits tell coverage to about two points. `python -m tests.benchmarks.coverage`
measures it closely.
"""

import pytest

from app.review.sampling.allocation import Allocation
from tests.benchmarks.audited import Design, Readers
from tests.benchmarks.coverage import OURS, Cell, of_money, of_shares, of_two_readers
from tests.benchmarks.rival_intervals import RIVALS

COUNTY = Design(12_000, 4, 456, Allocation.NEYMAN)
CENSUS_NEARLY = Design(1_200, 4, 456, Allocation.PROPORTIONAL)
UNEQUAL = Design(40_000, 8, 1_000, Allocation.EQUAL)


def held(cell: Cell) -> float:
    return cell.intervals[OURS].held


@pytest.mark.parametrize("design", [COUNTY, CENSUS_NEARLY, UNEQUAL], ids=str)
@pytest.mark.parametrize("rate", [0.005, 0.1])
def test_shares(design: Design, rate: float) -> None:
    assert 0.9 <= held(of_shares(design, rate, 200, {})) <= 1.0


@pytest.mark.parametrize("rate", [0.005, 0.1])
def test_money(rate: float) -> None:
    cell = of_money(COUNTY, rate, audits=100, replicates=0)
    assert 0.9 <= held(cell) <= 1.0
    if rate < 0.01:
        # What ours is for: where errors are few, estimate ± z standard errors is far off.
        assert cell.intervals["linearised"].held < 0.9


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_two_readers(rate: float) -> None:
    readers = Readers(missed=0.15, false_alarms=0.005, second_share=0.5)
    assert 0.92 <= held(of_two_readers(COUNTY, rate, 100, readers)) <= 1.0


def test_light_errors_alone_do_not_make_it_sure() -> None:
    """Equal numbers of small risky and large safe strata: what effective sizes get wrong."""
    rival = "Korn–Graubard"
    cell = of_shares(UNEQUAL, 0.005, 200, {rival: RIVALS[rival]})
    assert held(cell) > 0.95 > 0.9 > cell.intervals[rival].held
