"""Readings beside the sample they are of, and what makes a decision wrong."""

import pytest

from app.review.sampling.design import Part, Plan, Sample, draw
from app.review.sampling.errors import InvalidReadings
from app.review.sampling.frame import Decided, Frame
from app.review.sampling.readings import FAULTS, Fault, Reading, audit, is_wrong
from tests.review.sampling.parts import NO_RIGHT, PROGRAMME, RIGHT, a_frame, a_unit

OTHER = Reading(programme="dibao_edge", monthly_fen=20_000)
LESS = Reading(programme=PROGRAMME, monthly_fen=49_000)
OPEN = Reading(programme=PROGRAMME)
ALL = frozenset(Fault)


@pytest.mark.parametrize(
    ("decided", "reading", "faults", "wanted"),
    [
        (Decided.CONFIRMED, RIGHT, ALL, False),
        (Decided.CONFIRMED, NO_RIGHT, {Fault.INCLUSION}, True),
        (Decided.CONFIRMED, NO_RIGHT, {Fault.AMOUNT, Fault.CLASS}, False),
        (Decided.CONFIRMED, OTHER, {Fault.CLASS}, True),
        (Decided.CONFIRMED, OTHER, {Fault.INCLUSION, Fault.AMOUNT}, False),
        (Decided.CONFIRMED, LESS, {Fault.AMOUNT}, True),
        (Decided.CONFIRMED, LESS, {Fault.INCLUSION, Fault.CLASS}, False),
        (Decided.CONFIRMED, OPEN, {Fault.AMOUNT}, None),
        (Decided.CONFIRMED, OPEN, {Fault.INCLUSION}, False),
        (Decided.REFUSED, RIGHT, {Fault.EXCLUSION}, True),
        (Decided.REFUSED, OTHER, {Fault.EXCLUSION}, False),
        (Decided.REFUSED, NO_RIGHT, {Fault.EXCLUSION}, False),
        (Decided.STOPPED, RIGHT, {Fault.WRONGLY_STOPPED}, True),
        (Decided.STOPPED, NO_RIGHT, {Fault.WRONGLY_STOPPED}, False),
        (Decided.STOPPED, None, {Fault.WRONGLY_STOPPED}, None),
    ],
)
def test_what_is_wrong(
    decided: Decided, reading: Reading | None, faults: set[Fault], wanted: bool | None
) -> None:
    assert is_wrong(a_unit(decided=decided), reading, faults) is wanted


@pytest.mark.parametrize(("spared", "wanted"), [(0, True), (999, True), (1000, False)])
def test_small_amounts_are_spared(spared: int, wanted: bool) -> None:
    assert is_wrong(a_unit(), LESS, {Fault.AMOUNT}, spared) is wanted


def test_an_amount_that_was_never_known_cannot_be_judged() -> None:
    assert is_wrong(a_unit(monthly_fen=None), RIGHT, {Fault.AMOUNT}) is None


def test_every_fault_has_one_frame() -> None:
    assert sorted(fault for faults in FAULTS.values() for fault in faults) == sorted(Fault)


@pytest.mark.parametrize(("programme", "fen"), [(None, 1), (PROGRAMME, -1)])
def test_what_is_no_reading(programme: str | None, fen: int) -> None:
    with pytest.raises(InvalidReadings):
        Reading(programme=programme, monthly_fen=fen)


def a_sample() -> tuple[Frame, Sample]:
    frame = a_frame([(PROGRAMME, "229901", 0.01, 50), (PROGRAMME, "229901", 0.3, 20)])
    return frame, draw(frame, Plan(n=30, second_share=0.2, risk=5), seed=3)


def test_the_risk_part_is_left_out_of_the_official_rate() -> None:
    frame, sample = a_sample()
    read = {one.unit: NO_RIGHT for one in sample.units}
    reviewed = audit(sample, frame.units, read)
    assert len(reviewed.units) == 30
    by_risk = {one.unit for one in sample.units if one.part is Part.RISK}
    assert not by_risk & {one.unit.id for one in reviewed.units}
    assert reviewed.strata == sample.strata


def test_what_was_not_read_stays_in_unread() -> None:
    frame, sample = a_sample()
    reviewed = audit(sample, frame.units, {})
    assert len(reviewed.units) == 30
    assert all(one.first is None for one in reviewed.units)


def test_readings_that_do_not_belong() -> None:
    frame, sample = a_sample()
    drawn = {one.unit for one in sample.units}
    stranger = next(unit.id for unit in frame.units if unit.id not in drawn)
    once = next(one.unit for one in sample.units if not one.twice)
    with pytest.raises(InvalidReadings, match=stranger):
        audit(sample, frame.units, {stranger: RIGHT})
    with pytest.raises(InvalidReadings, match=once):
        audit(sample, frame.units, {}, {once: RIGHT})
    with pytest.raises(InvalidReadings, match="not among the units"):
        audit(sample, [], {})
