"""Second readings: unbiased over both draws, and honest about what few of them tell."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from app.review.sampling.agreement import NONE, answers, kappa
from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import Estimate, Lack, TooFew, measured
from app.review.sampling.readings import Fault, Reading
from app.review.sampling.second_reading import (
    Corrected,
    TwoPhase,
    corrected,
    difference,
    two_phase,
)
from tests.review.sampling.parts import NO_RIGHT, PROGRAMME, RIGHT, an_audit

INCLUSION = frozenset({Fault.INCLUSION})
Pairs = Sequence[tuple[Reading | None, Reading | None]]


def both(strata: Sequence[tuple[int, Sequence[tuple[float, float | None]]]]) -> TwoPhase:
    """Strata by size and by both values of each unit; None where it was read once."""
    rows = [(place, *unit) for place, (_, units) in enumerate(strata) for unit in units]
    return TwoPhase(
        sizes=np.array([size for size, _ in strata], dtype=np.float64),
        drawn=np.array([len(units) for _, units in strata], dtype=np.float64),
        stratum=np.array([place for place, _, _ in rows], dtype=np.intp),
        first=np.array([first for _, first, _ in rows], dtype=np.float64),
        second=np.array([np.nan if two is None else two for _, _, two in rows]),
    )


def phases(
    stratum: Sequence[tuple[float, float]], n: int, m: int
) -> Iterator[list[tuple[float, float | None]]]:
    """Every first sample of n and every second of m in it."""
    for drawn in combinations(stratum, n):
        for again in combinations(range(n), m):
            yield [
                (first, second if place in again else None)
                for place, (first, second) in enumerate(drawn)
            ]


POPULATION = (
    ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (3.0, 2.0)),
    ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 4.0)),
)


def test_over_all_samples_of_both_phases_the_difference_is_unbiased() -> None:
    first, second = phases(POPULATION[0], 3, 2), list(phases(POPULATION[1], 3, 2))
    told = [difference(both([(5, one), (4, two)])) for one, two in product(first, second)]
    means = [one.mean for one in told]
    true = np.mean([value for stratum in POPULATION for _, value in stratum])
    assert np.mean(means) == pytest.approx(true)
    variances = [one.standard_error**2 for one in told]
    assert np.mean(variances) == pytest.approx(np.var(means))


def pairs(both_wrong: int, missed: int, overturned: int, both_right: int) -> Pairs:
    return (
        [(NO_RIGHT, NO_RIGHT)] * both_wrong
        + [(RIGHT, NO_RIGHT)] * missed
        + [(NO_RIGHT, RIGHT)] * overturned
        + [(RIGHT, RIGHT)] * both_right
    )


def once(wrong: int, right: int) -> Pairs:
    return [(NO_RIGHT, None)] * wrong + [(RIGHT, None)] * right


def of(strata: Sequence[tuple[int, Pairs]]) -> Corrected:
    told = corrected(an_audit(strata), INCLUSION)
    assert isinstance(told, Corrected)
    return told


def test_by_hand() -> None:
    """q = 60/500; 8 of 10 upheld, 3 of 90 missed: 0.12·0.8 + 0.88·3/90."""
    told = of([(9000, [*once(50, 350), *pairs(8, 3, 2, 87)])])
    assert told.first == pytest.approx(0.12)
    assert told.upheld == pytest.approx(0.8)
    assert told.missed == pytest.approx(3 / 90)
    assert isinstance(told.rate, Estimate)
    assert told.rate.rate == pytest.approx(0.12 * 0.8 + 0.88 * 3 / 90)
    assert told.difference.mean == pytest.approx(0.12 + (3 - 2) / 100)
    assert (told.rate.n, told.rate.found) == (100, 11)


def test_all_read_twice_is_the_second_readers_rate() -> None:
    strata = [(900, pairs(20, 5, 4, 171)), (300, pairs(3, 2, 0, 95))]
    told = of(strata)
    alone = measured(
        an_audit([(size, [(y, None) for _, y in two]) for size, two in strata]), INCLUSION
    )
    assert isinstance(told.rate, Estimate)
    assert isinstance(alone, Estimate)
    assert told.rate.rate == pytest.approx(alone.rate)
    assert told.difference.mean == pytest.approx(alone.rate)
    assert told.rate.standard_error == pytest.approx(alone.standard_error, rel=0.02)
    assert told.rate.interval == pytest.approx(alone.interval, abs=0.003)


def test_readers_who_agree_still_leave_open_what_was_missed() -> None:
    few = of([(9000, [*once(20, 380), *pairs(5, 0, 0, 95)])])
    many = of([(9000, [*once(5, 95), *pairs(20, 0, 0, 380)])])
    for told in (few, many):
        assert told.rate.interval[0] < 0.05 < told.rate.interval[1]
    width = [told.rate.interval[1] - told.rate.interval[0] for told in (few, many)]
    alone = measured(an_audit([(9000, once(25, 475))]), INCLUSION).interval
    assert width[0] > 1.3 * width[1]
    assert width[1] > alone[1] - alone[0]


def test_findings_that_nobody_read_again_are_not_taken_for_granted() -> None:
    told = of([(9000, [*once(25, 375), *pairs(0, 0, 0, 100)])])
    assert told.upheld is None
    assert isinstance(told.rate, TooFew)
    assert told.rate.interval[0] < 0.02


def test_a_stratum_without_second_readings() -> None:
    strata = [(900, pairs(5, 0, 0, 95)), (900, once(5, 95))]
    told = corrected(an_audit(strata), INCLUSION)
    assert isinstance(told, TooFew)
    assert (told.why, told.interval) == (Lack.STRATUM_UNREAD, (0.0, 1.0))
    with pytest.raises(InvalidReadings, match="no second reading"):
        difference(both([(9, [(1.0, None), (0.0, None)])]))


def test_who_could_not_tell_counts_against_a_limit() -> None:
    told = of([(9000, [*once(20, 370), (None, None), *pairs(5, 0, 0, 95)])])
    assert told.rate.unread == 1
    assert told.rate.worst_case[1] > told.rate.interval[1]


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 6, st.integers(0, 900)), min_size=1, max_size=4))
def test_rate_and_interval_stay_where_a_share_can_be(rows: list[tuple[int, ...]]) -> None:
    strata = []
    for wrong, right, a, b, c, d, more in rows:
        drawn = [*once(wrong, right), *pairs(a, b, c, d), (RIGHT, RIGHT)]
        strata.append((len(drawn) + more, drawn))
    told = of(strata)
    low, high = told.rate.interval
    assert 0.0 <= low <= high <= 1.0
    if isinstance(told.rate, Estimate):
        assert low <= told.rate.rate <= high
    if all(more == 0 and wrong + right == 0 for wrong, right, *_, more in rows):
        assert high - low == pytest.approx(0.0, abs=1e-9)


def test_amounts_are_corrected_too() -> None:
    """Mean overpayment: first 100.00 of 500.00 on one in five, the second finds 200.00."""
    less, least = (Reading(programme=PROGRAMME, monthly_fen=fen) for fen in (40_000, 30_000))
    audit = an_audit([(100, [(less, least)] * 2 + [(RIGHT, RIGHT)] * 8 + [(RIGHT, None)] * 10)])
    values = two_phase(
        audit,
        lambda unit, reading: (
            None
            if reading is None or reading.due_fen is None or unit.monthly_fen is None
            else float(unit.monthly_fen - reading.due_fen)
        ),
    )
    assert difference(values).mean == pytest.approx(1_000 + 2_000)


TABLES = [
    [[20, 5], [10, 15]],
    [[88, 2], [1, 9]],
    [[10, 1, 0], [2, 20, 3], [0, 4, 30]],
    [[0, 5], [5, 0]],
    [[30, 0], [0, 12]],
]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_kappa_is_others_kappa(table: list[list[int]]) -> None:
    read = [
        (str(one), str(other))
        for one, row in enumerate(table)
        for other, count in enumerate(row)
        for _ in range(count)
    ]
    told, wanted = kappa(read), cohens_kappa(np.array(table))
    assert told.kappa == pytest.approx(wanted.kappa)
    assert told.interval == pytest.approx(
        (max(-1.0, wanted.kappa_low), min(1.0, wanted.kappa_upp)), abs=1e-6
    )
    assert told.observed == pytest.approx(np.trace(table) / np.sum(table))


def test_readers_who_always_say_the_same_tell_nothing() -> None:
    told = kappa([("a", "a")] * 9)
    assert (told.kappa, told.interval, told.observed) == (None, None, 1.0)
    with pytest.raises(InvalidReadings, match="nothing was read twice"):
        kappa([])


def test_answers_of_an_audit() -> None:
    audit = an_audit([(90, [(RIGHT, NO_RIGHT), (RIGHT, None), (NO_RIGHT, NO_RIGHT)])])
    assert answers(audit) == ((PROGRAMME, NONE), (NONE, NONE))
