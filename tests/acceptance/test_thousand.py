"""The measuring command on a small faulty county, sources failing now and then."""

import asyncio
from typing import Final

import pytest

from tests.acceptance.measures import Tally
from tests.acceptance.thousand import Plan, measured, table_of

pytestmark = pytest.mark.acceptance

PLAN: Final = Plan(
    households=30,
    fault_rate=0.02,
    transport_faults=0.02,
    seed=3,
    at_once=8,
    background=2_000,
)


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    return asyncio.run(measured(PLAN, tmp_path_factory.mktemp("thousand")))


def test_none_is_lost_and_none_hangs(tally: Tally) -> None:
    assert tally.counts["households"] == PLAN.households
    assert tally.counts["lost"] == 0
    assert tally.counts["hanging"] == 0


def test_no_record_of_another_is_taken_in_silence(tally: Tally) -> None:
    assert tally.counts["wrong records in silence"] == 0, tally.wrong


def test_whose_records_are_right(tally: Tally) -> None:
    precision = tally.share("own accepted", "own accepted", "another's accepted")
    recall = tally.share("own accepted", "own accepted", "own in_review", "own refused")
    assert precision is not None
    assert recall is not None
    assert precision >= 0.999
    assert recall >= 0.97


def test_decisions_are_right_more_often_than_not(tally: Tally) -> None:
    right = tally.share("determined right", "determined right", "determined wrong")
    assert right is not None
    assert right >= 0.8
    assert tally.mean_error_rate is not None
    assert tally.mean_error_rate < 0.3


def test_the_table_shows_every_measure(tally: Tally) -> None:
    assert table_of(PLAN, tally).row_count >= 15
