"""Learned parameters: laws of the learning, its fall-backs, and that every number is explained."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import exp, log
from random import Random
from typing import Any, Final

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import beta

from app.error_rate.deviations import ASSUMED_WEIGHT, Deviation, spreads
from app.error_rate.explained import Explained
from app.error_rate.holdings import AT_A_BANK, SeenHolding
from app.error_rate.learning import SOURCE_TYPES, LearnedParameters, learn, type_of
from app.error_rate.observed import Kind, Observation, counts_of, learned_from
from app.error_rate.parameters import SHIPPED, Parameters
from app.error_rate.pooling import Count, pooled
from app.error_rate.variables import Chance

SHIPPED_CONTENT: Final[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text("utf-8"))
DAY: Final = date(2026, 11, 24)
RATES: Final = {Kind.MISSED: "miss_rate", Kind.FALSE: "false_record_rate"}
SOURCES: Final = sorted(SHIPPED_CONTENT["sources"])


def seen(source: str, kind: Kind, hits: int, trials: int, **more: Any) -> Observation:
    return Observation(source=source, kind=kind, hits=hits, trials=trials, observed_on=DAY, **more)


@st.composite
def some_observations(draw: st.DrawFn) -> Observation:
    kind = draw(st.sampled_from(Kind))
    trials = draw(st.integers(1, 30))
    return Observation(
        source=draw(st.sampled_from(SOURCES)),
        kind=kind,
        hits=draw(st.integers(0, trials)),
        trials=trials,
        months=draw(st.none() | st.floats(0.5, 24.0)),
        log_ratio=draw(st.floats(-2.0, 2.0)) if kind is Kind.AMOUNT else None,
        probability=draw(st.floats(0.01, 1.0)),
        observed_on=DAY,
    )


def explained(learned: LearnedParameters, key: str) -> Explained:
    (found,) = [one for one in learned.explained if one.key == key]
    return found


def test_without_observations_all_is_as_assumed() -> None:
    learned = learn(SHIPPED_CONTENT, [])
    assert learned.document == SHIPPED_CONTENT
    assert all(one.learned == one.assumed == one.expected for one in learned.explained)
    assert all(one.weight == one.assumed_weight for one in learned.explained)
    assert learned.learned_from.rows == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(some_observations(), max_size=25), st.randoms(use_true_random=False))
def test_the_order_means_nothing(rows: list[Observation], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert learn(SHIPPED_CONTENT, shuffled) == learn(SHIPPED_CONTENT, rows)


@settings(max_examples=25, deadline=None)
@given(st.lists(some_observations(), max_size=25))
def test_what_is_learned_can_be_used(rows: list[Observation]) -> None:
    learned = learn(SHIPPED_CONTENT, rows)
    parameters = Parameters.of(learned.document, file="learned")
    for one in learned.explained:
        if one.hits is not None:
            assert 0.0 <= one.learned <= 1.0
            assert one.interval[0] <= one.learned <= one.interval[1]
    assert parameters.sources.keys() == SHIPPED_CONTENT["sources"].keys()


@given(st.floats(0.001, 0.5), st.integers(0, 40), st.integers(1, 40), st.integers(2, 50))
def test_more_of_the_same_is_nearer_to_it_and_weighs_more(
    mean: float, hits: int, others: int, times: int
) -> None:
    """Of one source alone, so that no other has a say."""
    assumed = {"a": Chance(mean, 100.0)}
    trials, share = hits + others, hits / (hits + others)
    few, many = (
        pooled(assumed, {"a": Count(hits * number, trials * number)}).rates["a"]
        for number in (1, times)
    )
    distances = [abs(rate - share) for rate in (many.mean, few.mean, mean)]
    # Who is there already may move by a little: the likeliest factor is no mean.
    assert distances == pytest.approx(sorted(distances), abs=2e-3)
    assert 100.0 < few.weight < many.weight
    assert few.weight == pytest.approx(100.0 + trials)


@settings(max_examples=30)
@given(st.integers(0, 300), st.integers(1, 300))
def test_a_rate_lies_between_what_is_expected_and_what_was_seen(hits: int, others: int) -> None:
    learned = learn(SHIPPED_CONTENT, [seen("tax", Kind.MISSED, hits, hits + others)])
    tax = explained(learned, "sources.tax.miss_rate")
    low, high = sorted((tax.expected, hits / (hits + others)))
    assert low - 1e-12 <= tax.learned <= high + 1e-12


def test_a_source_without_observations_moves_with_its_type() -> None:
    learned = learn(SHIPPED_CONTENT, [seen("bank", Kind.MISSED, 60, 300)])
    bank = explained(learned, "sources.bank.miss_rate")
    insurance = explained(learned, "sources.insurance.miss_rate")
    tax = explained(learned, "sources.tax.miss_rate")
    assert bank.type == insurance.type == "money_holder"
    assert bank.assumed < bank.expected < bank.learned
    assert insurance.assumed < insurance.learned == insurance.expected < bank.learned
    assert insurance.weight == insurance.assumed_weight
    assert tax.learned == tax.assumed


def test_every_source_has_a_type_and_one_only() -> None:
    members = [source for sources in SOURCE_TYPES.values() for source in sources]
    assert sorted(members) == SOURCES
    assert type_of("another") == "another"


def test_sources_that_differ_are_not_held_together() -> None:
    assumed = {name: Chance(0.03, 100.0) for name in ("a", "b")}
    alike = pooled(assumed, {"a": Count(60, 1000), "b": Count(60, 1000)})
    apart = pooled(assumed, {"a": Count(119, 1000), "b": Count(1, 1000)})
    assert alike.firmness > 1.0 > apart.firmness
    assert alike.factor > apart.factor
    for one in (alike, apart):
        assert 0.25 <= one.firmness <= 4.0


def test_too_few_say_nothing_of_how_alike_sources_are() -> None:
    assumed = {name: Chance(0.03, 100.0) for name in ("a", "b")}
    assert pooled(assumed, {"a": Count(6, 99), "b": Count(0, 99)}).firmness == 1.0


def test_a_known_chance_stays() -> None:
    assumed = {"a": Chance(0.1, float("inf"))}
    found = pooled(assumed, {"a": Count(90, 100)})
    assert found.rates["a"].mean == 0.1
    assert found.rates["a"].interval == (0.1, 0.1)


def test_the_posterior_by_hand() -> None:
    """One source, factor given: 3 of 50 beside what is expected."""
    found = pooled({"a": Chance(0.02, 100.0)}, {"a": Count(3, 50)})
    expected = expit(logit(0.02) + log(found.factor))
    rate = found.rates["a"]
    assert rate.mean == pytest.approx((expected * 100 + 3) / 150)
    hits = rate.mean * 150
    assert rate.interval == pytest.approx(tuple(beta.ppf([0.025, 0.975], hits, 150 - hits)))


def test_risk_samples_are_weighted_back() -> None:
    """Of the risky every one was looked at, of the others one in twenty."""
    risky = [seen("tax", Kind.MISSED, 1, 1) for _ in range(10)]
    risky += [seen("tax", Kind.MISSED, 0, 1) for _ in range(10)]
    others = [seen("tax", Kind.MISSED, 0, 1, probability=0.05) for _ in range(19)]
    others += [seen("tax", Kind.MISSED, 1, 1, probability=0.05)]
    count = counts_of([*risky, *others], Kind.MISSED)["tax"]
    assert count.hits / count.trials == pytest.approx((10 + 20) / (20 + 400))
    assert count.trials == pytest.approx(420**2 / (20 + 20 * 400))
    plain = counts_of([replace(one, probability=1.0) for one in (*risky, *others)], Kind.MISSED)
    assert plain["tax"] == Count(11, 40)


def test_changes_count_by_the_months() -> None:
    rows = [
        seen("vehicle", Kind.CHANGED, 1, 2, months=6.0),
        seen("vehicle", Kind.CHANGED, 0, 1, months=12.0),
        seen("vehicle", Kind.CHANGED, 1, 1),
    ]
    learned = explained(learn(SHIPPED_CONTENT, rows), "sources.vehicle.change_per_month")
    assert (learned.hits, learned.trials) == pytest.approx((1.0, 24.0))
    assert learned.note == "1 left out: without months"


def amounts(source: str, ratios: Sequence[float], months: float = 0.0) -> list[Observation]:
    return [
        Observation(
            source=source,
            kind=Kind.AMOUNT,
            log_ratio=float(one),
            months=months,
            observed_on=DAY,
        )
        for one in ratios
    ]


@given(st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=40))
def test_a_fresh_spread_by_hand(ratios: list[float]) -> None:
    """The mode of a scaled inverse chi-square: assumed and seen squares by their weights."""
    found = spreads(0.3, 0.1, [Deviation(one) for one in ratios])
    squares = ASSUMED_WEIGHT * 0.09 + sum(one * one for one in ratios)
    assert found.fresh**2 == pytest.approx(squares / (ASSUMED_WEIGHT + len(ratios)))
    assert found.per_month == 0.1


def test_a_spread_is_found_again() -> None:
    rng = np.random.default_rng(5)
    months = rng.choice([0.0, 1.0, 3.0, 6.0], 3000)
    ratios = rng.normal(0.0, np.hypot(0.08, 0.05 * months))
    found = spreads(
        0.02, 0.15, [Deviation(*one) for one in zip(ratios.tolist(), months, strict=True)]
    )
    assert found.fresh == pytest.approx(0.08, rel=0.1)
    assert found.per_month == pytest.approx(0.05, rel=0.15)
    assert found.bias is not None
    assert found.bias[1] < 0.0 < found.bias[2]


def test_a_wrong_unit_is_no_spread() -> None:
    usual = [0.05, -0.05] * 50
    learned = learn(SHIPPED_CONTENT, amounts("tax", [*usual, log(10_000), -log(10)]))
    without = learn(SHIPPED_CONTENT, amounts("tax", usual))
    key = "sources.tax.amount_sigma"
    assert explained(learned, key).learned == explained(without, key).learned
    assert explained(learned, key).note == "2 too far off for a spread: false records"


def test_a_bias_is_told() -> None:
    learned = learn(SHIPPED_CONTENT, amounts("tax", [log(1.1) + x for x in (0.01, -0.01)] * 20))
    assert explained(learned, "sources.tax.amount_sigma").note == (
        "those off are +10.0% off on average"
    )


def held(source: str, kind: str, *amounts: float | None, without: int = 0) -> list[SeenHolding]:
    """Persons with a thing of that amount each (None: not known), and persons without."""
    having = [SeenHolding(source, kind, True, amount) for amount in amounts]
    return [*having, *(SeenHolding(source, kind, False) for _ in range(without))]


def test_what_applicants_have_is_explained() -> None:
    things = [
        *held("bank", "deposits", *[5000.0] * 60, None, without=39),
        *held("vehicle", "car", *[1.0] * 2, without=98),
        *held("bank", AT_A_BANK, 800.0, 1200.0),
    ]
    learned = learn(SHIPPED_CONTENT, [], things)
    deposits = explained(learned, "sources.bank.has.deposits.probability")
    assert (deposits.hits, deposits.trials) == (61, 100)
    assert 0.61 < deposits.learned < deposits.assumed
    assert deposits.weight == deposits.assumed_weight + 100
    assert deposits.interval[0] < deposits.learned < deposits.interval[1]
    median = explained(learned, "sources.bank.has.deposits.median")
    assert median.assumed < median.learned < 5000.0
    assert (median.hits, median.trials) == (None, 60)
    assert median.interval[0] < median.learned < median.interval[1]
    assert explained(learned, f"{AT_A_BANK}.median").trials == 2
    assert explained(learned, "sources.vehicle.has.car.probability").learned < 0.04
    assert "sources.vehicle.has.car.median" not in {one.key for one in learned.explained}
    assert learned.learned_from.rows == 202
    assert (
        learned.learned_from.digest == learn(SHIPPED_CONTENT, [], things[::-1]).learned_from.digest
    )
    bank = Parameters.of(learned.document, file="learned").sources["bank"]
    assert bank.has["deposits"].median == median.learned
    assert bank.miss_rate.mean == 0.05


def test_members_are_learned_by_their_relation() -> None:
    rows = [
        seen("household_registry", Kind.UNDECLARED_MEMBER, 2, 40),
        seen("tax", Kind.UNDECLARED_MEMBER, 2, 40),
        seen("spouse", Kind.REGISTERED_MEMBER, 1, 30),
    ]
    learned = learn(SHIPPED_CONTENT, rows)
    undeclared = explained(learned, "undeclared_member")
    assert (undeclared.hits, undeclared.trials) == (4.0, 80.0)
    assert undeclared.assumed < undeclared.learned < 0.05
    spouse, child = (explained(learned, f"registered_member.{one}") for one in ("spouse", "child"))
    assert spouse.learned < spouse.assumed
    assert child.learned == child.assumed
    parameters = Parameters.of(learned.document, file="learned")
    assert parameters.registered("spouse").mean == pytest.approx(spouse.learned)
    assert learned.not_used == ()


def test_figures_are_examples_until_they_are_mostly_seen() -> None:
    few = learn(SHIPPED_CONTENT, [seen("tax", Kind.MISSED, 1, 10)])
    assert few.document["example"] is True
    rows = [seen(source, kind, 1, 300) for source in SOURCES for kind in RATES]
    assert learn(SHIPPED_CONTENT, rows).document["example"] is False


def test_a_source_of_which_nothing_is_assumed_is_told() -> None:
    assert learn(SHIPPED_CONTENT, [seen("forestry", Kind.MISSED, 1, 1)]).not_used == ("forestry",)


def test_what_was_learned_from_is_named() -> None:
    rows = [seen("tax", Kind.MISSED, 0, 1), seen("tax", Kind.MISSED, 0, 1, probability=0.5)]
    found = learned_from(rows)
    assert (found.rows, found.first, found.last) == (2, DAY, DAY)
    assert found.effective == pytest.approx(9 / 5)
    assert found.digest == learned_from(rows[::-1]).digest != learned_from(rows[:1]).digest


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.1])
def test_no_probability_of_being_looked_at(probability: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        seen("tax", Kind.MISSED, 0, 1, probability=probability)


def test_rates_of_a_made_up_county_are_found_again() -> None:
    """Counts drawn from odds twice the assumed ones: intervals hold the truth."""
    rng = np.random.default_rng(11)
    rows, truth = [], {}
    for source in SOURCES:
        rate = expit(logit(SHIPPED_CONTENT["sources"][source]["miss_rate"]["mean"]) + log(2.0))
        truth[source] = float(rate)
        rows.append(seen(source, Kind.MISSED, int(rng.binomial(2000, rate)), 2000))
    learned = learn(SHIPPED_CONTENT, rows)
    inside = 0
    for source, rate in truth.items():
        one = explained(learned, f"sources.{source}.miss_rate")
        assert one.learned > one.assumed
        inside += one.interval[0] <= rate <= one.interval[1]
    assert inside >= 9
    assert exp(logit(truth["bank"]) - logit(0.05)) == pytest.approx(2.0)
