"""Monitoring: numbers worked out by hand, intervals, groups that are too small or unequal."""

from itertools import product
from math import log
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, chi2_contingency, norm

from app.domain.errors import InvalidFile, TooFewAudits
from app.error_rate.audited import Audited, GroupBy, audited_decisions, size_group
from app.error_rate.audited_file import audited_from_csv
from app.error_rate.monitoring import FEWEST, Share, TooFew, holm, measured, monitor
from app.error_rate.skill import Skill, auc, reliability_table, skill_of
from tests.error_rate.audits import audited, doubled, drawn

SAMPLES: Final = st.lists(
    st.builds(
        Audited,
        predicted=st.floats(0.0, 1.0),
        wrong=st.booleans(),
        weight=st.floats(0.5, 20.0),
    ),
    min_size=1,
    max_size=40,
)


def skill(sample: list[Audited], bins: int = 10) -> Skill:
    columns = audited_decisions(sample)
    return skill_of(columns.predicted, columns.wrong, columns.weights, bins)


def share(sample: list[Audited]) -> Share:
    found = measured(audited_decisions(sample))
    assert isinstance(found, Share)
    return found


def test_the_scores_by_hand() -> None:
    """Two bins: 40 decisions of 5 % with 4 wrong, 10 of 30 % with 2 wrong."""
    sample = [*audited(0.05, 4, 36), *audited(0.3, 2, 8)]
    found = skill(sample, bins=5)
    brier = (4 * 0.95**2 + 36 * 0.05**2 + 2 * 0.7**2 + 8 * 0.3**2) / 50
    assert found.brier == pytest.approx(brier)
    assert found.reliability == pytest.approx(0.8 * 0.05**2 + 0.2 * 0.1**2)
    assert found.resolution == pytest.approx(0.8 * 0.02**2 + 0.2 * 0.08**2)
    assert found.uncertainty == pytest.approx(0.12 * 0.88)
    assert found.within == pytest.approx(0.0)
    assert found.ece == pytest.approx(0.8 * 0.05 + 0.2 * 0.1)
    loss = -(4 * log(0.05) + 36 * log(0.95) + 2 * log(0.3) + 8 * log(0.7)) / 50
    assert found.log_loss == pytest.approx(loss)


@given(SAMPLES)
def test_the_brier_score_is_the_sum_of_its_parts(sample: list[Audited]) -> None:
    found = skill(sample)
    parts = found.reliability - found.resolution + found.uncertainty + found.within
    assert found.brier == pytest.approx(parts)
    assert 0.0 <= found.brier <= 1.0
    assert 0.0 <= found.ece <= 1.0


@given(SAMPLES)
def test_a_weight_is_as_many_decisions(sample: list[Audited]) -> None:
    """Every decision three times, or with three times its weight: the same means."""
    heavier = [
        Audited(predicted=one.predicted, wrong=one.wrong, weight=3.0 * one.weight) for one in sample
    ]
    one, other = skill(heavier), skill(sample * 3)
    assert one.brier == pytest.approx(other.brier)
    assert one.ece == pytest.approx(other.ece)
    assert (one.auc is None) == (other.auc is None)
    if one.auc is not None and other.auc is not None:
        assert one.auc.value == pytest.approx(other.auc.value)


@given(SAMPLES)
def test_the_auc_by_pairs(sample: list[Audited]) -> None:
    bad = [one for one in sample if one.wrong]
    good = [one for one in sample if not one.wrong]
    found = skill(sample).auc
    if not bad or not good:
        assert found is None
        return
    assert found is not None
    mass = total = 0.0
    for one, other in product(bad, good):
        weight = one.weight * other.weight
        above = (one.predicted > other.predicted) + 0.5 * (one.predicted == other.predicted)
        mass, total = mass + weight * above, total + weight
    assert found.value == pytest.approx(mass / total)
    if found.interval is not None:
        assert found.interval[0] <= found.value <= found.interval[1]


def test_the_interval_of_the_auc_holds_the_truth() -> None:
    """Two normals one apart: the area is the normal's at 1 / √2; 19 of 20 intervals, or so."""
    truth, inside = float(norm.cdf(1.0 / np.sqrt(2.0))), 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        scores = np.concatenate([rng.normal(1.0, 1.0, 40), rng.normal(0.0, 1.0, 160)])
        wrong = np.repeat([1.0, 0.0], [40, 160])
        found = auc(norm.cdf(scores), wrong, np.ones(200))
        assert found is not None
        assert found.interval is not None
        inside += found.interval[0] <= truth <= found.interval[1]
    assert inside >= 53


def test_few_wrong_decisions_give_no_interval_of_the_auc() -> None:
    found = skill([*audited(0.3, 4, 0), *audited(0.1, 0, 50), *audited(0.4, 0, 5)]).auc
    assert found is not None
    assert found.interval is None


def test_a_row_of_the_table() -> None:
    sample = audited_decisions([*audited(0.02, 1, 49), *audited(0.2, 5, 15)])
    low, high = reliability_table(sample.predicted, sample.wrong, sample.weights)
    assert (low.count, high.count) == (50, 20)
    assert (low.predicted, low.observed) == pytest.approx((0.02, 0.02))
    assert (low.low, low.high) == pytest.approx(tuple(beta.ppf([0.025, 0.975], 1.5, 49.5)))
    assert low.mass == pytest.approx(50 / 70)
    assert high.effective == pytest.approx(20.0)


def test_shares_within_and_outside_of_what_is_expected() -> None:
    """100 decisions of 10 %: the binomial says from 5 to 16."""
    low, high = binom.ppf([0.025, 0.975], 100, 0.1) / 100
    for wrong, within in ((4, False), (5, True), (16, True), (17, False)):
        found = share(audited(0.1, wrong, 100 - wrong))
        assert found.expected == pytest.approx((low, high))
        assert found.within is within
        assert found.ratio == pytest.approx(wrong / 10)
        assert found.ratio is not None
        assert found.ratio_interval is not None
        assert found.ratio_interval[0] < found.ratio < found.ratio_interval[1]


def test_the_rates_own_doubt_widens_what_is_expected() -> None:
    sure = audited(0.1, 17, 83)
    unsure = [
        Audited(predicted=one.predicted, wrong=one.wrong, interval=(0.05, 0.2)) for one in sure
    ]
    assert not share(sure).within
    assert share(unsure).within
    assert share(unsure).expected == pytest.approx(
        (binom.ppf(0.025, 100, 0.05) / 100, binom.ppf(0.975, 100, 0.2) / 100)
    )


def test_unequal_weights_count_for_fewer() -> None:
    light, heavy = audited(0.1, 2, 30), audited(0.1, 1, 15)
    heavy = [Audited(predicted=0.1, wrong=one.wrong, weight=9.0) for one in heavy]
    found = measured(audited_decisions([*light, *heavy]))
    assert isinstance(found, TooFew)
    assert found.effective == pytest.approx((32 + 9 * 16) ** 2 / (32 + 81 * 16))
    assert (found.count, found.needed) == (48, FEWEST)


def test_groups_that_are_too_small_say_so() -> None:
    sample = [
        *audited(0.05, 5, 95, ethnic_group="01"),
        *audited(0.05, 3, 57, ethnic_group="10"),
        *audited(0.05, 2, 8, ethnic_group="11"),
        *audited(0.05, 1, 19),
    ]
    (found,) = monitor(audited_decisions(sample), [GroupBy.ETHNIC_GROUP]).compared
    assert isinstance(found.groups["01"], Share)
    assert isinstance(found.groups["10"], Share)
    assert found.groups["11"] == TooFew(count=10, effective=10.0)
    assert found.untold == 20
    assert found.equality is not None
    assert found.equality.groups.keys() == {"01", "10"}
    assert found.equality.p_value > 0.5


def test_one_group_is_compared_with_nothing() -> None:
    (found,) = monitor(
        audited_decisions(audited(0.1, 5, 50, area="urban")), [GroupBy.AREA]
    ).compared
    assert found.equality is None


def test_error_that_is_unequal_is_seen_and_level_is_not() -> None:
    """Both areas twice as wrong as predicted: alike. Then the rural one alone."""
    alike = [
        *drawn(900, doubled, seed=1, area="urban"),
        *drawn(900, doubled, seed=2, area="rural"),
    ]
    (found,) = monitor(audited_decisions(alike), [GroupBy.AREA]).compared
    assert found.equality is not None
    assert found.equality.adjusted > 0.05
    unequal = [
        *drawn(900, lambda rates: rates, seed=3, area="urban"),
        *drawn(900, lambda rates: np.minimum(1.0, 2.0 * rates), seed=2, area="rural"),
    ]
    (found,) = monitor(audited_decisions(unequal), [GroupBy.AREA]).compared
    assert found.equality is not None
    assert found.equality.adjusted < 0.001
    assert all(p_value < 0.001 for p_value in found.equality.groups.values())


def test_the_score_test_is_that_of_a_table() -> None:
    """With equal rates it is Pearson's: (9/60 against 3/60), one degree of freedom."""
    sample = [*audited(0.1, 9, 51, area="urban"), *audited(0.1, 3, 57, area="rural")]
    (found,) = monitor(audited_decisions(sample), [GroupBy.AREA]).compared
    assert found.equality is not None
    assert found.equality.freedom == 1
    pearson = chi2_contingency([[9, 51], [3, 57]], correction=False)
    assert found.equality.statistic == pytest.approx(pearson.statistic)
    assert found.equality.p_value == pytest.approx(pearson.pvalue)
    assert found.equality.groups["urban"] == pytest.approx(2.0 * pearson.pvalue)


@given(st.lists(st.booleans(), min_size=64, max_size=64), st.integers(0, 1000))
def test_p_values_of_equal_groups_are_probabilities(wrong: list[bool], seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = [
        Audited(
            predicted=float(rng.uniform(0.01, 0.9)),
            wrong=one,
            groups={GroupBy.AREA: ("urban", "rural")[number % 2]},
        )
        for number, one in enumerate(wrong)
    ]
    (found,) = monitor(audited_decisions(sample), [GroupBy.AREA]).compared
    if found.equality is not None:
        for p_value in (found.equality.p_value, *found.equality.groups.values()):
            assert 0.0 <= p_value <= 1.0


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([]) == ()


def test_nothing_known_is_said() -> None:
    with pytest.raises(TooFewAudits, match="no decision has a known outcome"):
        monitor(audited_decisions([]))


@pytest.mark.parametrize(("size", "group"), [(1, "1"), (4, "4"), (5, "5+"), (11, "5+")])
def test_households_by_size(size: int, group: str) -> None:
    assert size_group(size) == group


def test_a_file_of_audited_decisions() -> None:
    text = (
        "\ufeffpredicted,wrong,weight,low,high,case,region,household_size,ethnic_group\n"
        "0.05,1,20,0.02,0.1,c1,220102003,6,10\n"
        "\n"
        "0.1,no,,,,c1,220102,2,\n"
    )
    found = audited_from_csv(text.encode())
    assert sorted(found.weights) == [1.0, 20.0]
    assert sorted(found.low) == [0.02, 0.1]
    assert list(found.groups[GroupBy.REGION]) == ["220102", "220102"]
    assert set(found.groups[GroupBy.HOUSEHOLD_SIZE]) == {"2", "5+"}
    assert set(found.groups[GroupBy.ETHNIC_GROUP]) == {"10", ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("predicted\n0.1\n", "row 1 must name the column wrong once"),
        ("predicted,wrong,wrong\n0.1,1,1\n", "row 1 must name the column wrong once"),
        ("predicted,wrong\n0.1,1\n0.2\n", "row 3: 1 cells, row 1 has 2"),
        ("predicted,wrong\n0.1,maybe\n", "row 2, column wrong: neither 1"),
        ("predicted,wrong\n1.1,1\n", "row 2, column predicted: a rate lies from 0 to 1"),
        ("predicted,wrong\nnan,1\n", "row 2, column predicted: a rate lies from 0 to 1"),
        ("predicted,wrong,weight\n0.1,1,0\n", "row 2, column weight: a weight lies above 0"),
        ("predicted,wrong,low,high\n0.1,1,0.2,0.3\n", "column predicted: lies between"),
        ("predicted,wrong\n", "no decisions below row 1"),
        ("predicted,wrong\n" + "x,1\n" * 8, "; and 3 more"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_where(text: str, said: str) -> None:
    with pytest.raises(InvalidFile) as raised:
        audited_from_csv(text.encode())
    assert said in str(raised.value)


def test_a_file_in_another_encoding_is_told() -> None:
    with pytest.raises(InvalidFile, match="not UTF-8"):
        audited_from_csv("predicted,wrong\n0.1,是\n".encode("gb18030"))
